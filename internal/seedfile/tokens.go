package seedfile

import "strings"

// Letters are those of ASCII, the underscore, and every byte of a longer UTF-8 character, as in psqlscan.l.
func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isWordPart(c byte) bool { return isWordStart(c) || c >= '0' && c <= '9' || c == '$' }

// keptWords are enough to tell ROLLBACK from ROLLBACK WORK TO SAVEPOINT a, and CREATE OR REPLACE FUNCTION from others.
const keptWords = 5

// word reads a name or key word, and the string after it where it is E'…'.
func (s *splitter) word() error {
	from := s.pos
	for s.pos < len(s.text) && isWordPart(s.text[s.pos]) {
		s.pos++
	}
	word := s.text[from:s.pos]
	if s.pos < len(s.text) && s.text[s.pos] == '\'' && (word == "E" || word == "e") {
		return s.quoted('\'', true)
	}
	upper := strings.ToUpper(word)
	s.found(s.target.word(word, upper))
	if len(s.words) == 0 {
		s.command = upper
	}
	if len(s.words) < keptWords {
		s.words = append(s.words, upper)
	}
	if s.command == "CREATE" && len(s.words) <= 4 && (upper == "FUNCTION" || upper == "PROCEDURE") {
		s.routine = true
	}
	if len(s.paren) == 0 {
		s.stdin = s.stdin || s.from && upper == "STDIN"
		s.from = upper == "FROM"
		s.block(upper)
	}
	return nil
}

// block counts the BEGIN ATOMIC … END of a function's body, in which semicolons end no statement of the script.
func (s *splitter) block(upper string) {
	switch {
	case !s.routine:
	case upper == "BEGIN", upper == "CASE" && s.blocks > 0:
		s.blocks++
	case upper == "END" && s.blocks > 0:
		s.blocks--
	}
}

// quoted reads a string or quoted name from its opening quote on; a doubled quote stands for one. With escapes a
// backslash takes the next character with it.
func (s *splitter) quoted(quote byte, escapes bool) error {
	open := s.pos
	for i := s.pos + 1; i < len(s.text); i++ {
		switch {
		case escapes && s.text[i] == '\\':
			i++
		case s.text[i] == quote && i+1 < len(s.text) && s.text[i+1] == quote:
			i++
		case s.text[i] == quote:
			if next := s.continued(i + 1); escapes && next > 0 {
				i = next
				continue
			}
			s.pos = i + 1
			if quote == '\'' {
				s.found(s.target.other(quote))
			}
			return nil
		}
	}
	return s.fail(open, "this %c is never closed", quote)
}

// continued is where the string that has just closed goes on: at a quote on a later line, with nothing but blanks and
// comments before it. It is 0 where it does not. Such a part has the escapes of the first.
func (s *splitter) continued(at int) int {
	lines := 0
	for at < len(s.text) {
		switch c := s.text[at]; {
		case c == '\n' || c == '\r':
			lines++
			at++
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			at++
		case strings.HasPrefix(s.text[at:], "--"):
			at = s.lineEnd(at)
		case c == '\'' && lines > 0:
			return at
		default:
			return 0
		}
	}
	return 0
}

// dollar reads a dollar-quoted string: $$…$$ or $tag$…$tag$. A dollar that opens none is a parameter such as $1.
func (s *splitter) dollar() error {
	open, i := s.pos, s.pos+1
	for i < len(s.text) && isWordPart(s.text[i]) && s.text[i] != '$' {
		i++
	}
	digits := i > open+1 && !isWordStart(s.text[open+1])
	if i >= len(s.text) || s.text[i] != '$' || digits {
		s.pos++
		return nil
	}
	tag := s.text[open : i+1]
	length := strings.Index(s.text[i+1:], tag)
	if length < 0 {
		return s.fail(open, "the string that %s opens here is never closed", tag)
	}
	s.pos = i + 1 + length + len(tag)
	return nil
}

// comment reads a /* … */, which may hold others.
func (s *splitter) comment() error {
	open, depth := s.pos, 0
	for i := s.pos; i+1 < len(s.text); {
		switch s.text[i : i+2] {
		case "/*":
			depth++
			i += 2
		case "*/":
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			s.pos = i
			return nil
		}
	}
	return s.fail(open, "this comment is never closed")
}

// targetFinder finds the tables that a statement puts rows into: those after INSERT INTO, MERGE INTO and COPY.
type targetFinder struct {
	schema string // of names without one
	before string // the key word before, in capitals
	parts  []string
	dot    bool // a dot was read after the last part
	taking bool // the name is being read
}

// word takes a word without quotes, which folds to lower case as a name.
func (t *targetFinder) word(word, upper string) (Table, bool) {
	if t.taking {
		if len(t.parts) == 0 || t.dot {
			if upper == "ONLY" && len(t.parts) == 0 {
				return Table{}, false
			}
			return t.name(strings.ToLower(word))
		}
		return t.end(upper)
	}
	t.taking = upper == "INTO" && (t.before == "INSERT" || t.before == "MERGE") || upper == "COPY" && t.before == ""
	t.before = upper
	return Table{}, false
}

// name takes a name.
func (t *targetFinder) name(name string) (Table, bool) {
	if !t.taking {
		t.before = name
		return Table{}, false
	}
	if len(t.parts) > 0 && !t.dot {
		return t.end("")
	}
	t.parts, t.dot = append(t.parts, name), false
	return Table{}, false
}

// other takes any other token.
func (t *targetFinder) other(c byte) (Table, bool) {
	if t.taking && c == '.' && len(t.parts) > 0 {
		t.dot = true
		return Table{}, false
	}
	if t.taking {
		return t.end("")
	}
	return Table{}, false
}

// end gives what was read of a name.
func (t *targetFinder) end(before string) (Table, bool) {
	parts := t.parts
	t.parts, t.taking, t.dot, t.before = nil, false, false, before
	switch len(parts) {
	case 0:
		return Table{}, false
	case 1:
		return Table{t.schema, parts[0]}, true
	default:
		return Table{parts[len(parts)-2], parts[len(parts)-1]}, true
	}
}
