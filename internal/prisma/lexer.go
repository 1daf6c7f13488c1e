package prisma

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexer cuts a file into tokens. It never fails: what is not a token becomes a badToken with a diagnostic.
type lexer struct {
	file      fileNumber
	src       string
	off       int
	line, col int
	tokens    []token
	report    func(Diagnostic)
}

// maxFile bounds a file, in bytes: a thousand times the largest known schemas.
const maxFile = 256 << 20

// lex appends the file's tokens to the buffer; the last is always an endToken.
func lex(source Source, buffer []token, report func(Diagnostic)) []token {
	if len(source.Text) > maxFile {
		start := Pos{file: numberOf(source.Name), Line: 1, Column: 1}
		report(Diagnostic{Severity: Error, Code: codeSyntax, Span: Span{start, start}, Message: "This file is too large to be a schema."})
		source.Text = ""
	}
	l := &lexer{file: numberOf(source.Name), src: source.Text, line: 1, col: 1, report: report}
	l.tokens = buffer
	if need := len(source.Text)/5 + 8; cap(buffer) < need {
		l.tokens = make([]token, 0, need)
	}
	if strings.HasPrefix(l.src, "\ufeff") {
		// Prisma refuses a byte order mark with a cryptic message; editors on Windows write one.
		l.off = len("\ufeff")
	}
	if !utf8.ValidString(l.src) {
		l.notUTF8()
	}
	for l.off < len(l.src) {
		l.next()
	}
	l.add(endToken, l.off)
	return l.tokens
}

// notUTF8 reports the first byte that is not UTF-8.
func (l *lexer) notUTF8() {
	at, line, begin := 0, 1, 0
	for i, r := range l.src {
		if r == utf8.RuneError && !strings.HasPrefix(l.src[i:], "\ufffd") {
			at = i
			break
		}
		if r == '\n' || r == '\r' && !strings.HasPrefix(l.src[i:], "\r\n") {
			line, begin = line+1, i+1
		}
	}
	start := Pos{file: l.file, Line: int32(line), Column: int32(1 + runes(strings.TrimPrefix(l.src[begin:at], "\ufeff"))), offset: int32(at)}
	end := start
	end.Column, end.offset = end.Column+1, start.offset+1
	l.report(Diagnostic{Severity: Error, Code: codeSyntax, Span: Span{start, end}, Message: "This byte is not UTF-8.", Help: "Save the file as UTF-8."})
}

// next lexes one token, or skips one blank.
func (l *lexer) next() {
	start := l.off
	switch c := l.src[start]; {
	case c == ' ' || c == '\t':
		l.off++
		l.col++
	case c == '\n':
		l.newline(1)
	case c == '\r' && strings.HasPrefix(l.src[start:], "\r\n"):
		l.newline(2)
	case c == '\r':
		l.newline(1)
	case c == '/':
		l.slash()
	case c == '"':
		l.text()
	case isDigit(c), c == '-' && start+1 < len(l.src) && isDigit(l.src[start+1]):
		l.number()
	case isLetter(c) || c == '_':
		l.word()
	case c == '@':
		n := 1
		if strings.HasPrefix(l.src[start:], "@@") {
			n = 2
		}
		l.add([...]tokenKind{atToken, doubleAtToken}[n-1], start+n)
	case punctuation[c] != 0:
		l.add(punctuation[c], start+1)
	default:
		l.other()
	}
}

// add appends the token from the current place to end, which is on the same line.
func (l *lexer) add(kind tokenKind, end int) {
	columns := runes(l.src[l.off:end])
	l.tokens = append(l.tokens, token{kind: kind, off: int32(l.off), end: int32(end),
		line: int32(l.line), col: int32(l.col), endLine: int32(l.line), endCol: int32(l.col + columns)})
	l.off = end
	l.col += columns
}

func (l *lexer) newline(n int) {
	l.tokens = append(l.tokens, token{kind: newlineToken, off: int32(l.off), end: int32(l.off + n),
		line: int32(l.line), col: int32(l.col), endLine: int32(l.line), endCol: int32(l.col + 1)})
	l.off += n
	l.line++
	l.col = 1
}

// slash lexes a comment. Prisma knows //, /// and, from 6 on, /* */.
func (l *lexer) slash() {
	rest := l.src[l.off:]
	switch {
	case strings.HasPrefix(rest, "//"):
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		l.add(commentToken, l.off+end)
	case strings.HasPrefix(rest, "/*"):
		l.blockComment(rest)
	default:
		l.bad(1, "A single / begins nothing.", "A comment begins with // and a documentation comment with ///.")
	}
}

func (l *lexer) blockComment(rest string) {
	end := strings.Index(rest[2:], "*/")
	if end < 0 {
		end = strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		l.bad(end, "This comment has no end.", "Close it with */.")
		return
	}
	t := token{kind: blockCommentToken, off: int32(l.off), end: int32(l.off + end + 4), line: int32(l.line), col: int32(l.col)}
	body := rest[:end+4]
	if lines := countLines(body); lines > 0 {
		l.line += lines
		l.col = 1 + runes(body[strings.LastIndexAny(body, "\r\n")+1:])
	} else {
		l.col += runes(body)
	}
	t.endLine, t.endCol = int32(l.line), int32(l.col)
	l.off = int(t.end)
	l.tokens = append(l.tokens, t)
}

// countLines counts the line ends of s: a line feed, a carriage return, or both together.
func countLines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// text lexes a string. Its escapes are resolved by the parser.
func (l *lexer) text() {
	i := l.off + 1
	for i < len(l.src) {
		switch c := l.src[i]; {
		case c == '"':
			l.add(stringToken, i+1)
			return
		case c == '\\' && i+1 < len(l.src) && l.src[i+1] >= ' ':
			i += 2
			continue
		case c < ' ' && c != '\n' && c != '\r':
			// The string goes on; only this character is wrong.
			l.reportAt(i, i+1, "A control character cannot stand in a string as it is.", "Write "+escapeOf(c)+" instead.")
		case c == '\n' || c == '\r':
			l.bad(i-l.off, "This string has no end on its line.", "Close it with \"; a line break inside is written \\n.")
			return
		}
		i++
	}
	l.bad(min(i, len(l.src))-l.off, "This string has no end.", "Close it with \".")
}

func escapeOf(c byte) string {
	if short, ok := map[byte]string{'\t': `\t`, '\b': `\b`, '\f': `\f`}[c]; ok {
		return short
	}
	return fmt.Sprintf(`\u%04x`, c)
}

// number lexes digits with an optional fraction. Digits that run into letters are a word: names are lexed that way too,
// and refused as names later.
func (l *lexer) number() {
	i := l.off
	if l.src[i] == '-' {
		i++
	}
	for i < len(l.src) && isDigit(l.src[i]) {
		i++
	}
	if i+1 < len(l.src) && l.src[i] == '.' && isDigit(l.src[i+1]) {
		for i++; i < len(l.src) && isDigit(l.src[i]); {
			i++
		}
	} else if l.src[l.off] != '-' && l.wordAt(i) > i {
		l.word()
		return
	}
	l.add(numberToken, i)
}

func (l *lexer) word() { l.add(wordToken, l.wordAt(l.off)) }

// wordAt returns the end of the word characters that begin at i.
func (l *lexer) wordAt(i int) int {
	for i < len(l.src) {
		if c := l.src[i]; c < utf8.RuneSelf {
			if !isLetter(c) && !isDigit(c) && c != '_' && c != '-' {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(l.src[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		i += n
	}
	return i
}

// other lexes what begins with neither an ASCII letter, a digit nor punctuation.
func (l *lexer) other() {
	r, n := utf8.DecodeRuneInString(l.src[l.off:])
	switch {
	case r == utf8.RuneError && n == 1:
		l.add(badToken, l.off+1) // the first was reported
	case unicode.Is(unicode.Zs, r):
		l.off += n
		l.col++
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		l.word()
	case r == '\'' || r == '`' || r == '“' || r == '”' || r == '‘' || r == '’':
		l.bad(n, "A string stands between double quotes.", "Write \"…\".")
	default:
		l.bad(n, "This character has no meaning here.", "")
	}
}

func (l *lexer) bad(n int, message, help string) {
	l.reportAt(l.off, l.off+n, message, help)
	l.add(badToken, l.off+n)
}

// reportAt reports part of the current line, at or after the current position.
func (l *lexer) reportAt(from, to int, message, help string) {
	col := l.col + runes(l.src[l.off:from])
	start := Pos{file: l.file, Line: int32(l.line), Column: int32(col), offset: int32(from)}
	end := Pos{file: l.file, Line: int32(l.line), Column: int32(col + runes(l.src[from:to])), offset: int32(to)}
	l.report(Diagnostic{Severity: Error, Code: codeSyntax, Span: Span{start, end}, Message: message, Help: help})
}

// runes counts the characters of s; a byte that is not UTF-8 is one.
func runes(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i + utf8.RuneCountInString(s[i:])
		}
	}
	return len(s)
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
