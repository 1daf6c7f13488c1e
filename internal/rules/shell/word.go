package shell

import (
	"bytes"
	"strings"
)

// word reads one word.
func (r *reader) word(end int) Word {
	w := Word{At: Span{Start: r.pos}, Static: true}
	var text strings.Builder
	for r.pos < end {
		c := r.src[r.pos]
		if strings.IndexByte(" \t\r\n;&|<>()", c) >= 0 || c == '`' && r.backquoted {
			break
		}
		switch c {
		case '\'':
			r.single(&text, end)
		case '"':
			r.double(&text, &w, end)
		case '\\':
			r.escaped(&text, end)
		case '$', '`':
			r.expansion(&text, &w, end)
		default:
			text.WriteByte(c)
			r.pos++
		}
	}
	w.At.End = r.pos
	w.Text = text.String()
	return w
}

func (r *reader) single(text *strings.Builder, end int) {
	r.pos++
	stop := end
	if i := bytes.IndexByte(r.src[r.pos:end], '\''); i >= 0 {
		stop = r.pos + i
	}
	text.Write(r.src[r.pos:stop])
	r.pos = min(stop+1, end)
}

func (r *reader) double(text *strings.Builder, w *Word, end int) {
	r.pos++
	for r.pos < end {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.pos++
			return
		case c == '`' && r.backquoted:
			return
		case c == '\\':
			r.escaped(text, end)
		case c == '$' || c == '`':
			r.expansion(text, w, end)
		default:
			text.WriteByte(c)
			r.pos++
		}
	}
}

func (r *reader) escaped(text *strings.Builder, end int) {
	r.pos++
	if r.pos < end {
		if r.src[r.pos] != '\n' {
			text.WriteByte(r.src[r.pos])
		}
		r.pos++
	}
}

// expansion reads $x, ${x…}, $(…), $'…' and `…`. Its text is kept as written; commands in it are read as commands.
func (r *reader) expansion(text *strings.Builder, w *Word, end int) {
	start := r.pos
	switch {
	case r.src[r.pos] == '`':
		r.pos++
		r.nested(end, '`')
	case r.at(1) == '(' && r.at(2) == '(': // arithmetic
		r.pos += 2
		r.skipRound(end)
	case r.at(1) == '(':
		r.pos += 2
		r.nested(end, ')')
	case r.at(1) == '{':
		r.parameter(end)
	case r.at(1) == '\'':
		r.pos++
		r.single(text, end)
		return
	case isNameByte(r.at(1)):
		r.pos++
		for r.pos < end && isNameByte(r.src[r.pos]) {
			r.pos++
		}
	default:
		r.pos++
		if r.pos < end && strings.IndexByte("@*#?$!-", r.src[r.pos]) >= 0 {
			r.pos++
		}
	}
	w.Static = false
	text.Write(r.src[start:min(r.pos, end)])
}

// nested reads the commands of a substitution, past its closing byte.
func (r *reader) nested(end int, closing byte) {
	if r.depth >= deepest {
		r.pos = end
		return
	}
	outer := r.backquoted
	r.backquoted = closing == '`'
	r.depth++
	r.commands(end, closing)
	r.depth--
	r.backquoted = outer
	r.pos = min(r.pos+1, end)
}

func (r *reader) skipRound(end int) {
	depth := 1
	for r.pos < end && depth > 0 {
		switch r.src[r.pos] {
		case '(':
			depth++
		case ')':
			depth--
		}
		r.pos++
	}
	if r.at(0) == ')' && r.pos < end {
		r.pos++
	}
}

// parameter reads ${…} and records its default.
func (r *reader) parameter(end int) {
	r.pos += 2
	name := r.pos
	for r.pos < end && isNameByte(r.src[r.pos]) {
		r.pos++
	}
	d := Default{Name: string(r.src[name:r.pos])}
	if r.at(0) == ':' && (r.at(1) == '-' || r.at(1) == '=') {
		r.pos += 2
	} else if r.at(0) == '-' || r.at(0) == '=' {
		r.pos++
	} else {
		d.Name = ""
	}
	d.At.Start = r.pos
	var value strings.Builder
	var inner Word
	for r.pos < end && r.src[r.pos] != '}' {
		switch c := r.src[r.pos]; {
		case c == '"':
			r.double(&value, &inner, end)
		case c == '\'':
			r.single(&value, end)
		case c == '\\':
			r.escaped(&value, end)
		case (c == '$' || c == '`') && r.depth < deepest:
			r.depth++
			r.expansion(&value, &inner, end)
			r.depth--
		default:
			value.WriteByte(c)
			r.pos++
		}
	}
	d.At.End = r.pos
	d.Value = value.String()
	r.pos = min(r.pos+1, end)
	if d.Name != "" {
		r.out.Defaults = append(r.out.Defaults, d)
	}
}
