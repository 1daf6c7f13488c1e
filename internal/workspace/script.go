package workspace

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/script"
)

// scriptToken is a word, a string or a mark in a JavaScript text.
type scriptToken struct {
	text    string // of a string: its value
	quoted  bool
	holes   bool // of a template: it contains ${…}
	word    bool
	newLine bool // the first on its line
}

// scriptTokens returns the tokens of a script, with each template and what is in its holes as one.
func scriptTokens(text string) []scriptToken {
	s := script.Read([]byte(text), script.Dialect{})
	var out []scriptToken
	end, open := 0, 0 // of the open templates
	for i, t := range s.Tokens {
		newLine := strings.Contains(text[end:t.Start], "\n")
		end = t.End
		switch inside := open > 0; {
		case t.Kind == script.Head:
			if open++; inside {
				continue
			}
		case t.Kind == script.Tail:
			open--
			continue
		case inside:
			continue
		}
		token := scriptToken{newLine: newLine || i == 0, word: t.Kind == script.Word || t.Kind == script.Number, holes: t.Kind == script.Head}
		if token.text, token.quoted = s.Literal(i); !token.quoted && !token.holes {
			token.text = text[t.Start:t.End]
		}
		token.quoted = token.quoted || token.holes
		out = append(out, token)
	}
	return out
}
