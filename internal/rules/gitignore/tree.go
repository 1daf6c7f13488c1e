package gitignore

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// Folder holds the rules that reach into one folder of the working tree. It is immutable: the folders below share it.
type Folder struct {
	parent   *Folder
	path     string // from the top of the working tree, with slashes; "" for the top
	patterns []pattern
}

// Top finds the working tree that folder lies in and reads the rules that hold for the folder: the user's own file, the
// repository's info/exclude and the .gitignore files from the top of the working tree down to folder. Outside of a
// repository, only the folder's own .gitignore holds, and git's user file does not.
func Top(ctx context.Context, folder string) *Folder {
	top, gitDir := find(ctx, folder)
	if gitDir == "" {
		return (&Folder{}).read(ctx, filepath.Join(folder, ".gitignore"))
	}
	f := &Folder{patterns: parse(readText(ctx, userFile(ctx, gitDir)))}
	f = &Folder{parent: f, patterns: parse(readText(ctx, filepath.Join(gitDir, "info", "exclude")))}
	f = f.read(ctx, filepath.Join(top, ".gitignore"))
	rel, err := filepath.Rel(top, folder)
	if err != nil || rel == "." {
		return f
	}
	at := top
	for name := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
		at = filepath.Join(at, name)
		f = f.Below(name).read(ctx, filepath.Join(at, ".gitignore"))
	}
	return f
}

// Below is the rules for the folder called name, without those of its own .gitignore.
func (f *Folder) Below(name string) *Folder {
	path := name
	if f.path != "" {
		path = f.path + "/" + name
	}
	return &Folder{parent: f, path: path}
}

// With adds the text of the folder's own .gitignore.
func (f *Folder) With(text string) *Folder {
	if patterns := parse(text); len(patterns) > 0 {
		return &Folder{parent: f, path: f.path, patterns: patterns}
	}
	return f
}

func (f *Folder) read(ctx context.Context, file string) *Folder { return f.With(readText(ctx, file)) }

// Ignores tells whether the entry called name in the folder is ignored. What lies in an ignored folder is ignored too:
// the caller does not go into it, and nothing in it can be taken back.
func (f *Folder) Ignores(name string, dir bool) bool {
	full := name
	if f.path != "" {
		full = f.path + "/" + name
	}
	for at := f; at != nil; at = at.parent {
		rel := full
		if at.path != "" {
			rel = full[len(at.path)+1:]
		}
		for i := len(at.patterns) - 1; i >= 0; i-- {
			if p := &at.patterns[i]; p.matches(rel, name, dir) {
				return !p.negated
			}
		}
	}
	return false
}

// find goes up from folder to the top of its working tree.
func find(ctx context.Context, folder string) (top, gitDir string) {
	for at := folder; ; at = filepath.Dir(at) {
		dot := filepath.Join(at, ".git")
		if info, err := os.Stat(dot); err == nil {
			if info.IsDir() {
				return at, dot
			}
			return at, linked(ctx, at, dot)
		}
		if filepath.Dir(at) == at {
			return "", ""
		}
	}
}

// linked follows a .git file, as a linked working tree and a submodule have it, to the folder with info/exclude.
func linked(ctx context.Context, top, file string) string {
	dir, ok := strings.CutPrefix(strings.TrimSpace(readText(ctx, file)), "gitdir: ")
	if !ok {
		return ""
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(top, dir)
	}
	common := strings.TrimSpace(readText(ctx, filepath.Join(dir, "commondir")))
	switch {
	case common == "":
		return dir
	case filepath.IsAbs(common):
		return common
	}
	return filepath.Join(dir, common)
}

// userFile is core.excludesFile as the repository or the user sets it, or git's default for it.
func userFile(ctx context.Context, gitDir string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(home, ".config")
	}
	for _, file := range []string{
		filepath.Join(gitDir, "config"), filepath.Join(home, ".gitconfig"), filepath.Join(config, "git", "config"),
	} {
		if name := excludesFile(readText(ctx, file)); name != "" {
			if rest, ok := strings.CutPrefix(name, "~/"); ok {
				name = filepath.Join(home, rest)
			}
			return name
		}
	}
	return filepath.Join(config, "git", "ignore")
}

// excludesFile reads core.excludesFile from a git configuration.
func excludesFile(config string) string {
	section, value := "", ""
	for line := range strings.SplitSeq(config, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.ToLower(strings.Trim(line, "[] \t"))
			continue
		}
		key, val, ok := strings.Cut(line, "=")
		if ok && section == "core" && strings.EqualFold(strings.TrimSpace(key), "excludesfile") {
			value = strings.Trim(strings.TrimSpace(val), `"`)
		}
	}
	return value
}

func readText(ctx context.Context, file string) string {
	b, err := files.Read(ctx, file, files.Settings)
	if err != nil {
		return ""
	}
	return string(b)
}
