package workspace

import (
	"os/user"
	"path/filepath"
	"runtime"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Folders are the program's own folders, outside of every workspace. They need not exist yet.
type Folders struct {
	State string // what must survive: records, logs, the embedded engine's data
	Cache string // what can be downloaded or made again
}

// Instance returns the state folder of one instance.
func (f Folders) Instance(name string) string { return filepath.Join(f.State, "instances", name) }

// PersonalFolders returns the program's folders for an environment as os.Environ returns it, without a workspace.
func PersonalFolders(env []string) (Folders, error) { return foldersFrom(environmentFrom(env)) }

// foldersFrom follows the XDG base directory specification: a variable that is not an absolute path is ignored. Where a
// system has its own convention (macOS, Windows), that is the default; the XDG variables win everywhere.
func foldersFrom(env environment) (Folders, error) {
	home, err := homeFrom(env)
	if err != nil {
		return Folders{}, err
	}
	state, cache := filepath.Join(home, ".local", "state"), filepath.Join(home, ".cache")
	switch runtime.GOOS {
	case "darwin":
		state, cache = filepath.Join(home, "Library", "Application Support"), filepath.Join(home, "Library", "Caches")
	case "windows":
		if local := env["LOCALAPPDATA"]; filepath.IsAbs(local) {
			state, cache = local, filepath.Join(local, "cache")
		}
	}
	if dir := env["XDG_STATE_HOME"]; filepath.IsAbs(dir) {
		state = dir
	}
	if dir := env["XDG_CACHE_HOME"]; filepath.IsAbs(dir) {
		cache = dir
	}
	return Folders{State: filepath.Join(state, "naap"), Cache: filepath.Join(cache, "naap")}, nil
}

func homeFrom(env environment) (string, error) {
	for _, key := range []string{"HOME", "USERPROFILE"} {
		if home := env[key]; filepath.IsAbs(home) {
			return home, nil
		}
	}
	if u, err := user.Current(); err == nil && filepath.IsAbs(u.HomeDir) {
		return u.HomeDir, nil
	}
	return "", remedy.New("workspace.home", remedy.ExitFailed, "no home folder to keep state in").
		WithSeen("HOME is not set to an absolute path, and the user database has none for this user").
		WithFix("export HOME=/path/of/your/home")
}
