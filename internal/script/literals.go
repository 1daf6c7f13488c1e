package script

import "strings"

func (l *lexer) number() {
	start := l.pos
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		exponent := (c == '+' || c == '-') && (l.src[l.pos-1]|0x20) == 'e' && l.pos > start && !l.hex(start)
		if !isWordPart(c) && c != '.' && !exponent {
			break
		}
		l.pos++
	}
	l.emit(Number, start)
}

func (l *lexer) hex(start int) bool {
	return start+1 < len(l.src) && l.src[start] == '0' && (l.src[start+1]|0x20) == 'x'
}

// str reads a quoted string. A string that is not closed on its line ends with it, as in an editor's highlighting: the
// rest of the file is read as code.
func (l *lexer) str(quote byte) {
	start := l.pos
	l.pos++
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; c {
		case quote:
			l.pos++
			l.emit(String, start)
			return
		case '\n':
			l.emit(String, start)
			return
		case '\\':
			l.pos++
			if l.pos < len(l.src) && l.src[l.pos] == '\r' && l.at(1) == '\n' {
				l.pos++
			}
			if l.pos < len(l.src) {
				l.pos++
			}
		default:
			l.pos++
		}
	}
	l.emit(String, start)
}

// template reads a template with the code in its substitutions.
func (l *lexer) template() {
	start, kind := l.pos, Template
	l.pos++
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '`':
			l.pos++
			if kind == Middle {
				kind = Tail
			}
			l.emit(kind, start)
			return
		case c == '\\':
			l.pos = min(l.pos+2, len(l.src))
		case c == '$' && l.at(1) == '{' && l.depth < deepest:
			l.pos += 2
			if kind == Template {
				kind = Head
			}
			l.emit(kind, start)
			l.depth++
			closed := l.run(true)
			l.depth--
			if !closed {
				return
			}
			start, kind = l.pos, Middle
			l.pos++
		default:
			l.pos++
		}
	}
	l.emit(kind, start)
}

// slash reads a regular expression or the division sign.
func (l *lexer) slash() {
	if !l.operand {
		if end := regexpEnd(l.src, l.pos); end > 0 {
			start := l.pos
			l.pos = end
			l.emit(Regexp, start)
			return
		}
	}
	l.punct('/')
}

// regexpEnd returns the end of the regular expression that begins at start, flags included, or 0 if it is not closed on
// its line.
func regexpEnd(src []byte, start int) int {
	class := false
	for i := start + 1; i < len(src); i++ {
		switch src[i] {
		case '\n', '\r':
			return 0
		case '\\':
			i++
			if i < len(src) && src[i] == '\n' {
				return 0
			}
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if class {
				continue
			}
			i++
			for i < len(src) && strings.IndexByte(regexpFlags, src[i]) >= 0 {
				i++
			}
			return i
		}
	}
	return 0
}
