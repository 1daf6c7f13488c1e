package script

import "bytes"

// element reads the JSX element that begins here. If there is none, as in the generic arrow function <T,>(x: T) => x,
// it leaves everything unchanged and returns false.
//
// Text between tags may contain neither ">" nor "}" (TypeScript's errors 1382 and 1381), so that what is not an element
// is noticed within a few characters, and not at the end of the file.
func (l *lexer) element() bool {
	if !l.jsx || l.depth >= deepest || l.notJSX[l.pos] {
		return false
	}
	start, tokens, comments, brackets := l.pos, len(l.out.Tokens), len(l.out.Comments), len(l.brackets)
	l.depth++
	ok := l.tag()
	l.depth--
	if ok {
		l.operand = true
		return true
	}
	l.pos, l.operand = start, false
	l.out.Tokens, l.out.Comments = l.out.Tokens[:tokens], l.out.Comments[:comments]
	l.brackets = l.brackets[:brackets]
	if l.notJSX == nil {
		l.notJSX = map[int]bool{}
	}
	l.notJSX[start] = true
	if len(l.notJSX) >= mostNotJSX {
		l.jsx = false
	}
	return false
}

// tag reads an element from its "<" on.
func (l *lexer) tag() bool {
	start := l.pos
	l.pos++
	l.emit(Punct, start)
	name := l.tagName()
	if len(name) == 0 {
		if l.at(0) != '>' {
			return false
		}
		l.pos++
		return l.children(nil)
	}
	if l.at(0) == '<' && !l.typeArguments() {
		return false
	}
	for {
		l.blank()
		switch c := l.at(0); {
		case c == '/' && l.at(1) == '>':
			l.pos += 2
			return true
		case c == '>':
			l.pos++
			return l.children(name)
		case c == '{':
			if !l.braces() {
				return false
			}
		case isTagStart(c):
			if l.tagName(); !l.attributeValue() {
				return false
			}
		default:
			return false
		}
	}
}

// tagName reads the name of a tag or an attribute: a.b, a-b and a:b are one name.
func (l *lexer) tagName() []byte {
	start := l.pos
	if !isTagStart(l.at(0)) {
		return nil
	}
	for c := l.at(0); isWordPart(c) || c == '-' || c == '.' || c == ':'; c = l.at(0) {
		l.pos++
	}
	return l.src[start:l.pos]
}

func (l *lexer) typeArguments() bool {
	open := 0
	for ; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case '<':
			open++
		case '>':
			if open--; open == 0 {
				l.pos++
				return true
			}
		case '(', ')', ';', '{', '}':
			return false
		}
	}
	return false
}

func (l *lexer) attributeValue() bool {
	l.blank()
	if l.at(0) != '=' {
		return true
	}
	l.pos++
	l.blank()
	switch c := l.at(0); c {
	case '"', '\'': // it has no escapes, and may span several lines
		i := bytes.IndexByte(l.src[l.pos+1:], c)
		if i < 0 {
			return false
		}
		l.pos += i + 2
		return true
	case '{':
		return l.braces()
	case '<':
		return l.element()
	}
	return false
}

// braces reads { code }.
func (l *lexer) braces() bool {
	l.pos++
	if !l.run(true) {
		return false
	}
	l.pos++
	return true
}

// children reads the content of an element and its closing tag.
func (l *lexer) children(name []byte) bool {
	for l.pos < len(l.src) {
		start := l.pos
		i := bytes.IndexAny(l.src[start:], "<{}>")
		if i < 0 {
			return false
		}
		if l.pos += i; i > 0 {
			l.emit(JSXText, start)
		}
		switch c := l.at(0); {
		case c == '{':
			if !l.braces() {
				return false
			}
		case c == '<' && l.at(1) == '/':
			return l.closingTag(name)
		case c != '<' || !l.element():
			return false
		}
	}
	return false
}

func (l *lexer) closingTag(name []byte) bool {
	l.pos += 2
	l.blank()
	if !bytes.Equal(l.tagName(), name) {
		return false
	}
	l.blank()
	if l.at(0) != '>' {
		return false
	}
	l.pos++
	return true
}

func isTagStart(c byte) bool { return isWordStart(c) && c != '#' && c != '\\' }
