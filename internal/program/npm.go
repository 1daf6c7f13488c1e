package program

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// RunNpm returns npm, found and ready to run in dir, one of naap's own folders: only the user's and their
// administrator's .npmrc are read, because dir becomes a project of its own, whatever the folders above it contain. npm
// sees those of its settings in the environment that say where the registry is and how to get there, and the variables
// that the user's .npmrc names. No package's scripts are run. The error is one of Find.
func (f Finder) RunNpm(ctx context.Context, dir string, args ...string) (*exec.Cmd, error) {
	cmd, err := f.Command(ctx, Npm, append(args, "--ignore-scripts", "--no-update-notifier")...)
	if err != nil {
		return nil, err
	}
	// npm takes the nearest folder with a package.json for the project, and reads its .npmrc, with ${VARIABLES}.
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{\"private\":true}\n"), 0o600); err != nil {
		return nil, err
	}
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, f.npmSettings()...)
	cmd.Env = append(cmd.Env, f.named(variablesIn(f.npmrc(ctx)))...)
	return cmd, nil
}

// npmMayBeTold are the settings that npm may see in the environment. None of them names a program or code.
var npmMayBeTold = []string{
	"registry", "proxy", "https_proxy", "http_proxy", "noproxy", "no_proxy", "ca", "cafile", "cert", "key", "strict_ssl", "userconfig",
	"cache", "fetch_retries", "fetch_timeout", "offline", "prefer_offline",
}

// npmSettings returns those of npm's settings in the environment that it may see. Where npm itself runs naap, as one of
// the repository's scripts, it has put there what the repository's .npmrc says: then there are none.
func (f Finder) npmSettings() []string {
	if f.Getenv("npm_lifecycle_event") != "" || f.Getenv("npm_command") != "" {
		return nil
	}
	var out []string
	for _, kv := range f.Environ {
		name, value, _ := strings.Cut(kv, "=")
		key, ok := strings.CutPrefix(strings.ToLower(name), "npm_config_")
		if !ok || filepath.IsAbs(value) && f.inside(value) {
			continue
		}
		// A setting for one registry or one scope, such as a token, is sent only to that registry.
		ofRegistry := strings.HasPrefix(key, "//") || strings.HasPrefix(key, "@")
		if ofRegistry || slices.Contains(npmMayBeTold, strings.ReplaceAll(key, "-", "_")) {
			out = append(out, kv)
		}
	}
	return out
}

// npmrc returns the text of the user's own .npmrc, or "" where there is none that can be read.
func (f Finder) npmrc(ctx context.Context) string {
	path := ""
	for _, kv := range f.npmSettings() {
		if name, value, _ := strings.Cut(kv, "="); strings.EqualFold(name, "npm_config_userconfig") {
			path = value
		}
	}
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		path = filepath.Join(home, ".npmrc")
	}
	text, err := files.Read(ctx, path, files.Settings)
	if err != nil {
		return ""
	}
	return string(text)
}

var npmVariable = lazy.Regexp{Text: `\$\{([^}?]+)\??\}`}

// variablesIn returns the variables whose values npm inserts into an .npmrc, as in //host/:_authToken=${NPM_TOKEN}.
func variablesIn(npmrc string) []string {
	var names []string
	for line := range strings.Lines(npmrc) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		for _, m := range npmVariable.Get().FindAllStringSubmatch(line, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// named returns variables of the environment, KEY=VALUE.
func (f Finder) named(names []string) []string {
	var out []string
	for _, kv := range f.Environ {
		if name, _, ok := strings.Cut(kv, "="); ok && slices.Contains(names, name) && !named(name, []string{"NODE_*"}) {
			out = append(out, kv)
		}
	}
	return out
}
