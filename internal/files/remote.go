package files

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// MayOpen refuses, with the code file.outside, a path that Windows reads as one of another machine or of a device,
// before anything opens it: Windows logs in to a machine that is named (\\host\share), with a digest of the user's
// password. What the user named is theirs to choose: a share in the working directory, on the command line or in a
// variable.
func MayOpen(path string) error {
	if runtime.GOOS != "windows" {
		return nil
	}
	given := append(slices.Clone(os.Args[1:]), os.Environ()...)
	if dir, err := os.Getwd(); err == nil {
		given = append(given, dir)
	}
	if !leadsOff(path, given) {
		return nil
	}
	return remedy.New("file.outside", remedy.ExitRefused, "%s is on another machine or a device, and is not opened", visible.String(path)).
		WithFix("put a file of this machine in its place, or name it yourself")
}

var (
	share = lazy.Regexp{Text: `^\\\\[^\\]+\\[^\\]+`}
	// reserved are names that mean a device in every folder, with any ending.
	reserved = lazy.Regexp{Text: `(?i)^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ .]*([.:].*)?$`}
)

// leadsOff reports whether a path, as Windows reads it, is one of another machine or of a device, and is not among the
// texts that the user gave.
func leadsOff(path string, given []string) bool {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "/", `\`)) }
	path = plain(path)
	switch {
	case strings.HasPrefix(path, `\??\`):
		return true
	case !strings.HasPrefix(path, `\\`):
		return slices.ContainsFunc(strings.Split(path, `\`), reserved.Get().MatchString)
	case strings.HasPrefix(path, `\\.\`), strings.HasPrefix(path, `\\?\`):
		return !slices.ContainsFunc(given, func(s string) bool { return strings.HasSuffix(plain(s), path) })
	}
	named := share.Get().FindString(path)
	return named == "" || !slices.ContainsFunc(given, func(s string) bool {
		_, rest, found := strings.Cut(plain(s), named)
		return found && (rest == "" || strings.ContainsAny(rest[:1], `\;"' `))
	})
}
