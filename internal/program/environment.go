package program

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// toldToAll are the variables that every program sees: who and where the user is, and their language.
var toldToAll = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TERM", "COLORTERM", "TZ", "LANG", "LANGUAGE", "LC_*", "XDG_*",
}

// toldOnWindows are those without which a program on Windows does not start, or does not find the user's folders.
var toldOnWindows = []string{
	"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERNAME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH",
	"APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "COMMONPROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
}

// lists are variables that name folders with code: a program sees only those of the folders that programs may come
// from.
var lists = []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"}

// Env returns the environment that a program sees, KEY=VALUE.
func (f Finder) Env(p Program) []string {
	var out []string
	for _, kv := range f.Environ {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" || !p.isTold(name) {
			continue
		}
		if !p.allowed && named(name, lists) {
			value = strings.Join(f.folders(value), string(os.PathListSeparator))
			if value == "" && !sameName(name, "PATH") {
				continue // an empty list would mean the working directory
			}
		}
		out = append(out, name+"="+value)
	}
	return out
}

func (p Program) isTold(name string) bool {
	if p.whole {
		return !named(name, p.spared)
	}
	if p.bare {
		return named(name, p.told)
	}
	return named(name, toldToAll) || named(name, p.told) || runtime.GOOS == "windows" && named(name, toldOnWindows)
}

// named reports whether a variable is on a list, in which a prefix may be followed by *.
func named(name string, list []string) bool {
	for _, pattern := range list {
		start, open := strings.CutSuffix(pattern, "*")
		if open && len(name) >= len(start) && sameName(name[:len(start)], start) || sameName(name, pattern) {
			return true
		}
	}
	return false
}

// sameName compares the names of variables, which are case-insensitive on Windows.
func sameName(a, b string) bool {
	if runtime.GOOS == "windows" {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// Getenv returns a variable of the finder's environment; the last of several counts, as in a process.
func (f Finder) Getenv(name string) string {
	for i := len(f.Environ) - 1; i >= 0; i-- {
		if key, value, ok := strings.Cut(f.Environ[i], "="); ok && sameName(key, name) {
			return value
		}
	}
	return ""
}

// inside reports whether a path is in a folder that the finder takes nothing from.
func (f Finder) inside(path string) bool {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path
	}
	return slices.ContainsFunc(f.closed, func(r root) bool { return within(path, r.info) || within(real, r.info) })
}

// Last returns an environment in which each variable is there once, as it was last set.
func Last(environ []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, kv := range slices.Backward(environ) {
		name, _, _ := strings.Cut(kv, "=")
		if runtime.GOOS == "windows" {
			name = strings.ToUpper(name)
		}
		if !seen[name] {
			seen[name] = true
			out = append(out, kv)
		}
	}
	slices.Reverse(out)
	return out
}
