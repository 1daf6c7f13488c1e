package shell

import (
	"bytes"
	"strings"
)

// Read reads a script. It never fails: a quote that is not closed ends with the file.
func Read(src []byte) *Script {
	s := &Script{}
	r := reader{src: src, out: s}
	if bytes.HasPrefix(src, []byte("#!")) {
		r.line()
	}
	r.commands(len(src), 0)
	return s
}

// deepest is how many nested substitutions are read.
const deepest = 50

type reader struct {
	src   []byte
	pos   int
	depth int
	out   *Script
	// backquoted reports whether a backquote ends what is being read instead of beginning a substitution.
	backquoted bool
	docs       []document // here-documents that begin after this line
}

type document struct {
	*Document
	delimiter string
	tabs      bool // <<-: leading tabs are not part of it
}

// commands reads up to end, or up to the closing byte of a substitution, which it does not consume.
func (r *reader) commands(end int, closing byte) {
	var c Command
	parens := 0
	flush := func() {
		r.finish(c)
		c = Command{}
	}
	for r.pos < end {
		switch b := r.src[r.pos]; {
		case b == closing && parens == 0 && closing != 0:
			flush()
			return
		case b == ' ' || b == '\t' || b == '\r':
			r.pos++
		case b == '\\' && r.at(1) == '\n':
			r.pos += 2
		case b == '\\' && r.at(1) == '\r' && r.at(2) == '\n':
			r.pos += 3
		case b == '\n':
			flush()
			r.pos++
			r.documents()
		case b == '#':
			r.line()
		case b == '(':
			flush()
			parens++
			r.pos++
		case b == ')':
			flush()
			parens = max(parens-1, 0)
			r.pos++
		case b == ';' || b == '&' && r.at(1) != '>' || b == '|':
			flush()
			r.pos++
		case b == '<' || b == '>' || b == '&':
			r.redirection(&c, end)
		default:
			r.element(&c, end)
		}
	}
	flush()
}

func (r *reader) at(n int) byte {
	if r.pos+n < len(r.src) {
		return r.src[r.pos+n]
	}
	return 0
}

func (r *reader) line() {
	if i := bytes.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		r.pos += i
	} else {
		r.pos = len(r.src)
	}
}

// element reads a word or an assignment into c.
func (r *reader) element(c *Command, end int) {
	start := r.pos
	if name := r.assignmentName(); name != "" && (len(c.Words) == 0 || declares(c.Words)) {
		a := Assignment{Name: name, Append: r.src[start+len(name)] == '+'}
		if r.at(0) == '(' {
			r.pos++
			a.IsList = true
			a.List = r.list(end)
		} else {
			a.Value = r.word(end)
		}
		a.At = Span{start, r.pos}
		c.Assignments = append(c.Assignments, a)
		r.extend(c, start)
		return
	}
	r.pos = start
	w := r.word(end)
	if r.pos == start { // a byte that cannot begin a word
		r.pos++
		return
	}
	if b := r.at(0); (b == '<' || b == '>') && len(w.Text) == 1 && w.Text[0] >= '0' && w.Text[0] <= '9' {
		return // the descriptor of a redirection
	}
	c.Words = append(c.Words, w)
	r.extend(c, start)
}

func (r *reader) extend(c *Command, start int) {
	if len(c.Words)+len(c.Assignments) == 1 {
		c.At.Start = start
	}
	c.At.End = r.pos
}

// declaring are the commands whose arguments are assignments, and the words that may come before a command.
var declaring = map[string]bool{
	"export": true, "local": true, "declare": true, "readonly": true, "typeset": true, "env": true, "cross-env": true,
}

// declares reports whether an assignment may follow the words so far.
func declares(words []Word) bool {
	for _, w := range words {
		if !declaring[w.Text] && !reserved[w.Text] && !strings.HasPrefix(w.Text, "-") {
			return false
		}
	}
	return true
}

// reserved are the words that come before a command without being one.
var reserved = map[string]bool{
	"if": true, "then": true, "else": true, "elif": true, "do": true, "while": true, "until": true, "time": true,
	"!": true, "{": true, "}": true, "fi": true, "done": true, "esac": true, "in": true,
}

// finish adds a command, without its reserved words.
func (r *reader) finish(c Command) {
	for len(c.Words) > 0 && c.Words[0].Static && reserved[c.Words[0].Text] {
		c.Words = c.Words[1:]
	}
	if w := c.Words; len(w) > 2 && w[0].Text == "for" && w[2].Text == "in" {
		loop := Loop{Name: w[1].Text, List: w[3:]}
		if len(loop.List) > 0 {
			loop.At = Span{loop.List[0].At.Start, loop.List[len(loop.List)-1].At.End}
		}
		r.out.Loops = append(r.out.Loops, loop)
		return
	}
	if len(c.Words)+len(c.Assignments) > 0 {
		r.out.Commands = append(r.out.Commands, c)
	}
}

// assignmentName reads NAME=, NAME+= or NAME[…]= and returns the name, or "".
func (r *reader) assignmentName() string {
	start := r.pos
	i := start
	for i < len(r.src) && (isNameByte(r.src[i]) && (i > start || r.src[i] < '0' || r.src[i] > '9')) {
		i++
	}
	name := string(r.src[start:i])
	if name == "" || i >= len(r.src) {
		return ""
	}
	if r.src[i] == '+' {
		i++
	}
	if i >= len(r.src) || r.src[i] != '=' {
		return ""
	}
	r.pos = i + 1
	return name
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= '0' && c <= '9'
}

// list reads the words of NAME=( … ) past its closing parenthesis. There may be comments and line ends between them.
func (r *reader) list(end int) []Word {
	var words []Word
	for r.pos < end {
		switch b := r.src[r.pos]; {
		case b == ')':
			r.pos++
			return words
		case b == ' ' || b == '\t' || b == '\n' || b == '\r':
			r.pos++
		case b == '\\' && r.at(1) == '\n':
			r.pos += 2
		case b == '#':
			r.line()
		default:
			start := r.pos
			if w := r.word(end); r.pos > start {
				words = append(words, w)
			} else {
				r.pos++
			}
		}
	}
	return words
}

// redirection reads an operator with its word.
func (r *reader) redirection(c *Command, end int) {
	if r.at(0) == '<' && r.at(1) == '<' && r.at(2) != '<' {
		r.pos += 2
		tabs := r.at(0) == '-'
		if tabs {
			r.pos++
		}
		for r.at(0) == ' ' || r.at(0) == '\t' {
			r.pos++
		}
		if w := r.word(end); w.Text != "" {
			d := &Document{}
			c.Documents = append(c.Documents, d)
			r.docs = append(r.docs, document{d, w.Text, tabs})
		}
		return
	}
	writes := false
	for r.pos < end && strings.IndexByte("<>&|-", r.src[r.pos]) >= 0 {
		writes = writes || r.src[r.pos] == '>'
		r.pos++
	}
	for r.at(0) == ' ' || r.at(0) == '\t' {
		r.pos++
	}
	if r.at(0) == '(' && r.src[r.pos-1] != ' ' {
		return // <(command): the parenthesis begins its commands
	}
	if w := r.word(end); writes && w.At.End > w.At.Start {
		c.Targets = append(c.Targets, w)
	}
}

// documents reads the here-documents that begin on this line.
func (r *reader) documents() {
	for _, d := range r.docs {
		d.At = Span{r.pos, r.pos}
		for r.pos < len(r.src) {
			start := r.pos
			r.line()
			text := strings.TrimSuffix(string(r.src[start:r.pos]), "\r")
			r.pos = min(r.pos+1, len(r.src))
			if d.tabs {
				text = strings.TrimLeft(text, "\t")
			}
			if text == d.delimiter {
				break
			}
			d.At.End = r.pos
		}
		d.Text = string(r.src[d.At.Start:d.At.End])
	}
	r.docs = nil
}
