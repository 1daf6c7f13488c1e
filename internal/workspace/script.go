package workspace

import (
	"strings"
	"unicode"
)

// scriptToken is a word, a string or a mark of a JavaScript text.
type scriptToken struct {
	text    string // of a string: what it says
	quoted  bool
	holes   bool // of a template: it has ${…} in it
	word    bool
	newLine bool // the first on its line
}

// scriptTokens splits a script. What it cannot tell, as the beginning of a regular expression, is a mark.
func scriptTokens(text string) []scriptToken {
	var out []scriptToken
	newLine := true
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\n':
			newLine = true
			i++
			continue
		case unicode.IsSpace(rune(c)):
			i++
			continue
		case strings.HasPrefix(text[i:], "//"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return out
			}
			i += end
			continue
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i+2:], "*/")
			if end < 0 {
				return out
			}
			i += end + 4
			continue
		}
		t, size := oneToken(text[i:])
		t.newLine, newLine = newLine, false
		out = append(out, t)
		i += size
	}
	return out
}

func oneToken(text string) (t scriptToken, size int) {
	switch c := text[0]; {
	case c == '"' || c == '\'' || c == '`':
		return quotedToken(text)
	case isWord(c):
		n := 1
		for n < len(text) && isWord(text[n]) {
			n++
		}
		return scriptToken{text: text[:n], word: true}, n
	case strings.HasPrefix(text, "..."):
		return scriptToken{text: "..."}, 3
	default:
		return scriptToken{text: text[:1]}, 1
	}
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// quotedToken reads a string or a template. An escape that is not a plain character makes it one that is not known.
func quotedToken(text string) (t scriptToken, size int) {
	var b strings.Builder
	t.quoted = true
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == text[0]:
			t.text = b.String()
			return t, i + 1
		case c == '\\' && i+1 < len(text):
			i++
			if !strings.ContainsRune("\\'\"`/$", rune(text[i])) {
				t.holes = true
			}
			b.WriteByte(text[i])
		case c == '$' && text[0] == '`' && strings.HasPrefix(text[i:], "${"):
			t.holes = true
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return scriptToken{quoted: true, holes: true}, len(text)
}
