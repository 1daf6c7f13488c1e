package workspace

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
)

// Repository is the git repository that a folder is in: what is the same in all of its checkouts.
type Repository struct {
	Root    string   // the checkout's topmost folder
	Remotes []string // its addresses, such as "github.com/livepeer/naap", in order; without folders of a machine
}

// RepositoryOf finds the repository that a folder is in; ok is false where it is in none. It reads git's files, so it
// needs no git, and does not check who owns them.
func RepositoryOf(dir string) (r Repository, ok bool) {
	for {
		if info, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			git := filepath.Join(dir, ".git")
			if !info.IsDir() {
				git = linkedGitDir(dir)
			}
			return Repository{Root: dir, Remotes: remotesIn(git)}, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return Repository{}, false
		}
		dir = parent
	}
}

// linkedGitDir returns the folder with the configuration of a worktree or a submodule, where .git is a file.
func linkedGitDir(dir string) string {
	text, err := files.ReadNow(filepath.Join(dir, ".git"), files.Small)
	if err != nil {
		return ""
	}
	git := within(dir, strings.TrimSpace(strings.TrimPrefix(string(text), "gitdir:")))
	if common, err := files.ReadNow(filepath.Join(git, "commondir"), files.Small); err == nil {
		git = within(git, strings.TrimSpace(string(common)))
	}
	return git
}

func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// remotesIn reads the addresses of the remotes from a repository's configuration.
func remotesIn(git string) []string {
	text, err := files.ReadNow(filepath.Join(git, "config"), files.Settings)
	if err != nil {
		return nil
	}
	var remotes []string
	inRemote := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inRemote = strings.HasPrefix(strings.ToLower(line), "[remote ")
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		if !inRemote || strings.ToLower(strings.TrimSpace(key)) != "url" {
			continue
		}
		if remote := remoteAddress(strings.Trim(strings.TrimSpace(value), `"`)); remote != "" {
			remotes = append(remotes, remote)
		}
	}
	slices.Sort(remotes)
	return slices.Compact(remotes)
}

// remoteAddress returns host/path of a remote's URL, whatever its form and login, or "" for a folder of this machine.
func remoteAddress(raw string) string {
	host, path := "", ""
	if strings.Contains(raw, "://") {
		u, err := url.Parse(raw)
		if err != nil || u.Scheme == "file" {
			return ""
		}
		host, path = u.Hostname(), u.Path
	} else { // scp's form: [user@]host:path
		before, after, ok := strings.Cut(raw, ":")
		if !ok || strings.ContainsAny(before, `/\`) || len(before) == 1 { // a single letter is a drive
			return ""
		}
		host, path = before[strings.LastIndexByte(before, '@')+1:], after
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if host == "" || path == "" {
		return ""
	}
	return strings.ToLower(host + "/" + path)
}

// FirstCommit returns the hash of the repository's first commit, which all its checkouts have in common. It returns ""
// where there is none, where git is missing, in another user's repository, which git does not read, and in a shallow
// clone, which does not contain it. It walks the whole history: half a second for 100,000 commits.
func (r Repository) FirstCommit(ctx context.Context) string {
	git := func(args ...string) string {
		out, err := program.Here(r.Root).Git(ctx, r.Root, args...)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	if r.Root == "" || git("rev-parse", "--is-shallow-repository") != "false" {
		return ""
	}
	all := strings.Fields(git("rev-list", "--max-parents=0", "HEAD"))
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1] // of several, the oldest
}
