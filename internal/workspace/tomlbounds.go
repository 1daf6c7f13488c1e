package workspace

import (
	"cmp"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Limits on a settings file. The TOML library takes time that grows with the square of these, or worse: a key of ten
// thousand dots took it 24 seconds and 3 GB.
const (
	mostDots  = 32    // in one key
	mostDepth = 32    // of nested arrays and inline tables
	mostKeys  = 5_000 // including headers of tables
)

// tooDeep returns the error for a text that nobody wrote as settings, or nil. It scans the text as the library would:
// strings and comments are skipped, and what is not TOML at all is left to the library.
func (f *settingsFile) tooDeep() error {
	line, depth, dots, keys := 1, 0, 0, 0
	refuse := func(what string, most int) error {
		return remedy.New("settings.file", remedy.ExitUsage, "%s:%d: %s, and naap reads at most %d", visible.String(f.path), line, what, most).
			WithHelp(remedy.Naap("config", "--help").Note("shows every setting's name"))
	}
	for at := 0; at < len(f.text); {
		n := skipped(f.text[at:])
		line += strings.Count(f.text[at:at+n], "\n")
		c := f.text[at]
		at += n
		if n > 1 {
			continue
		}
		switch c {
		case '\n', ',':
			dots = 0
		case '.':
			dots++
		case '=':
			dots, keys = 0, keys+1
		case '[', '{':
			dots, depth, keys = 0, depth+1, keys+1
		case ']', '}':
			dots, depth = 0, max(0, depth-1)
		}
		switch {
		case dots > mostDots:
			return refuse("the key has more parts than any setting", mostDots)
		case depth > mostDepth:
			return refuse("the value is nested more deeply than any setting's", mostDepth)
		case keys > mostKeys:
			return refuse("the file has too many settings", mostKeys)
		}
	}
	return nil
}

// skipped returns the length of the string or comment that a text begins with, or 1 for any other byte.
func skipped(text string) int {
	for _, mark := range []string{`"""`, `'''`, `"`, `'`, "#"} {
		if !strings.HasPrefix(text, mark) {
			continue
		}
		end := cmp.Or(map[string]string{"#": "\n"}[mark], mark)
		for i := len(mark); i < len(text); i++ {
			switch {
			case text[i] == '\\' && mark[0] == '"':
				i++
			case strings.HasPrefix(text[i:], end) && end != "\n":
				return i + len(end)
			case text[i] == '\n' && len(mark) == 1: // the end of a comment, or of an unterminated string
				return i
			}
		}
		return len(text)
	}
	return 1
}
