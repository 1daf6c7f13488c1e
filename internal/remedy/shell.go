package remedy

import "strings"

// ShellWord returns a word as a POSIX shell reads it, for a command that the user will paste: unchanged if it is one
// word, else in single quotes, inside which nothing is expanded.
func ShellWord(s string) string {
	if s != "" && strings.IndexFunc(s, needsQuotes) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func needsQuotes(r rune) bool {
	switch {
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
		return false
	}
	return !strings.ContainsRune("-_./:@=,+%", r)
}
