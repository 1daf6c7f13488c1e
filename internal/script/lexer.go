package script

import (
	"bytes"
	"slices"
	"strings"
)

// Read splits src into tokens. It never fails: what is not JavaScript yields tokens all the same, and a bracket or a
// string that is not closed ends with the file or, for a string, with its line.
func Read(src []byte, d Dialect) *Source {
	l := &lexer{src: src, jsx: d.JSX}
	l.out.Text = src
	l.out.Tokens = make([]Token, 0, len(src)/6+16)
	if bytes.HasPrefix(src, []byte("#!")) {
		l.pos = lineEnd(src, 0)
	}
	l.run(false)
	return &l.out
}

// Limits that only a hostile file reaches. Beyond them, reading goes on without the finer distinctions.
const (
	deepest     = 200 // nested templates, braces in JSX and elements
	mostNotJSX  = 64  // places that looked like an element and are not
	regexpFlags = "dgimsuvy"
)

type lexer struct {
	src   []byte
	pos   int
	out   Source
	jsx   bool
	depth int
	// operand reports whether the last token ends an operand: then a slash divides and a "<" compares.
	operand bool

	brackets []bracket
	floor    int          // brackets below it belong to the code around the substitution being read
	notJSX   map[int]bool // offsets of a "<" that was tried as an element and is not one
}

// bracket is an open bracket: what follows its close depends on what it was.
type bracket struct {
	open byte
	// operand reports whether the closing bracket ends an operand, after which a slash divides.
	operand bool
}

// run reads until the end of the source or, if inBraces, past the "}" that closes what the caller opened. It reports
// whether that was found.
func (l *lexer) run(inBraces bool) bool {
	outer := l.floor
	l.floor = len(l.brackets)
	l.operand = false
	defer func() {
		l.brackets = l.brackets[:l.floor]
		l.floor = outer
	}()
	for {
		l.blank()
		if l.pos >= len(l.src) {
			return !inBraces
		}
		c := l.src[l.pos]
		if inBraces && c == '}' && !l.braceOpen() {
			return true
		}
		l.token(c)
	}
}

// braceOpen reports whether a brace was opened inside the substitution. Parentheses and square brackets that were left
// open do not count: the closing brace closes them too.
func (l *lexer) braceOpen() bool {
	return slices.ContainsFunc(l.brackets[l.floor:], func(b bracket) bool { return b.open == '{' })
}

func (l *lexer) token(c byte) {
	switch {
	case isWordStart(c):
		l.word()
	case c == '"' || c == '\'':
		l.str(c)
	case c == '`':
		l.template()
	case isDigit(c) || c == '.' && l.pos+1 < len(l.src) && isDigit(l.src[l.pos+1]):
		l.number()
	case c == '/':
		l.slash()
	case c == '<' && l.jsx && !l.operand && l.element():
	default:
		l.punct(c)
	}
}

func (l *lexer) emit(k Kind, start int) {
	l.out.Tokens = append(l.out.Tokens, Token{k, start, l.pos})
	l.operand = k != Head && k != Middle && k != Punct
}

// blank skips white space and comments, and records the comments.
func (l *lexer) blank() {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			l.pos++
		case c == 0xC2 && l.at(1) == 0xA0: // no-break space
			l.pos += 2
		case c == 0xEF && l.at(1) == 0xBB && l.at(2) == 0xBF: // byte order mark
			l.pos += 3
		case c == '/' && l.at(1) == '/':
			l.comment(lineEnd(l.src, l.pos))
		case c == '/' && l.at(1) == '*':
			end := len(l.src)
			if i := bytes.Index(l.src[l.pos+2:], []byte("*/")); i >= 0 {
				end = l.pos + 2 + i + 2
			}
			l.comment(end)
		default:
			return
		}
	}
}

func (l *lexer) comment(end int) {
	l.out.Comments = append(l.out.Comments, Span{l.pos, end})
	l.pos = end
}

func (l *lexer) at(n int) byte {
	if l.pos+n < len(l.src) {
		return l.src[l.pos+n]
	}
	return 0
}

func (l *lexer) word() {
	start := l.pos
	l.pos++ // the "#" of a private name can only be its first character
	for l.pos < len(l.src) && isWordPart(l.src[l.pos]) {
		l.pos++
	}
	property := l.out.Is(len(l.out.Tokens)-1, ".") || l.out.Is(len(l.out.Tokens)-1, "?.")
	l.emit(Word, start)
	l.operand = property || !beforeExpression[string(l.src[start:l.pos])]
}

// beforeExpression are the keywords that an expression follows.
var beforeExpression = map[string]bool{
	"return": true, "typeof": true, "instanceof": true, "in": true, "of": true, "new": true, "delete": true,
	"void": true, "throw": true, "case": true, "do": true, "else": true, "yield": true, "await": true,
	"extends": true, "default": true,
}

// long are the operators of more than one byte that the scanner needs, or that decide what a slash is, longest first.
var long = []string{"...", "??=", "||=", "=>", "?.", "??", "||", "&&", "++", "--", "==", "!=", "<=", ">="}

// operatorStart returns where to begin in long: past its end for brackets and commas, which most operators are.
func operatorStart(c byte) int {
	if strings.IndexByte("(){}[],;:", c) >= 0 {
		return len(long)
	}
	return 0
}

func (l *lexer) punct(c byte) {
	start := l.pos
	n := 1
	for _, op := range long[operatorStart(c):] {
		if op[0] == c && bytes.HasPrefix(l.src[start:], []byte(op)) {
			n = len(op)
			break
		}
	}
	if n == 2 && l.src[start] == '?' && l.src[start+1] == '.' && isDigit(l.at(2)) {
		n = 1 // a ? .5 : 1
	}
	operand := false
	switch c {
	case '(', '[', '{':
		l.brackets = append(l.brackets, bracket{c, l.closesOperand(c)})
	case ')', ']', '}':
		operand = l.close(c)
	case '!', '+', '-':
		// "a!" and "a++" still end an operand; "!a" and "++a" never began one.
		operand = l.operand && (n == 2 && c != '!' || n == 1 && c == '!')
	}
	l.pos += n
	l.emit(Punct, start)
	l.operand = operand
}

// closesOperand reports whether what the bracket c opens is an operand once it is closed: an object is, a block is not.
func (l *lexer) closesOperand(c byte) bool {
	last := len(l.out.Tokens) - 1
	switch c {
	case '[':
		return true
	case '(':
		return !l.out.Is(last, "if") && !l.out.Is(last, "while") && !l.out.Is(last, "for") && !l.out.Is(last, "with")
	}
	if last < 0 || l.operand {
		return false
	}
	switch l.out.Kind(last) {
	case Word: // "return {" is an object, "do {" and "else {" are blocks
		return !l.out.Is(last, "do") && !l.out.Is(last, "else")
	case Punct:
		switch t := l.out.text(last); string(t) {
		case ";", "{", "}", ")", "=>":
			return false
		}
	}
	return true
}

// close removes the matching bracket, with those left open inside it, and reports whether it ended an operand.
func (l *lexer) close(c byte) bool {
	open := c - 2 // "[" and "]", "{" and "}" are two apart
	if c == ')' {
		open = '('
	}
	for i := len(l.brackets) - 1; i >= l.floor; i-- {
		if b := l.brackets[i]; b.open == open {
			l.brackets = l.brackets[:i]
			return b.operand
		} else if b.open == '{' {
			break // a stray bracket does not close a block
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || c >= 0x80 || c == '\\' || c == '#'
}

func isWordPart(c byte) bool { return isWordStart(c) && c != '#' || isDigit(c) }

func lineEnd(src []byte, from int) int {
	if i := bytes.IndexByte(src[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(src)
}
