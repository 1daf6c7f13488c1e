package sqltext

// NamedParameter is a parameter that a text gives by name: :name, or psql's :'name', which means the same here. The
// value of either is bound, never pasted into the text.
type NamedParameter struct {
	Name       string
	Start, End int  // from the colon, in bytes
	Identifier bool // psql's :"name", which stands for a name and cannot be bound
}

// NamedParameters returns the parameters of a text, in their order. A colon does not begin one in a cast (::int), in a
// named argument (a := 1), within quotes and comments, and directly behind a value, a name or an opening bracket, where
// it belongs to a slice: a[1:n], a[:n].
func NamedParameters(text string) []NamedParameter {
	var list []NamedParameter
	var last [2]Token // the two tokens before
	for t := range Tokens(text) {
		colon := last[1]
		if colon.End == t.Start && colon.End > 0 && colon.Is(text, ':') && !(last[0].End == colon.Start && endsValue(text, last[0])) {
			if p, ok := named(text, colon, t); ok {
				list = append(list, p)
			}
		}
		last = [2]Token{colon, t}
	}
	return list
}

// endsValue reports whether a colon directly behind a token belongs to it: to a slice, or to a cast.
func endsValue(text string, t Token) bool {
	switch t.Kind {
	case Word, Name, String, Parameter, Number:
		return true
	case Symbol:
		switch text[t.Start] {
		case ':', ')', ']', '[':
			return true
		}
	}
	return false
}

func named(text string, colon, t Token) (p NamedParameter, ok bool) {
	raw := text[t.Start:t.End]
	p = NamedParameter{Name: raw, Start: colon.Start, End: t.End}
	switch {
	case t.Kind == Word:
		return p, true
	case t.Kind == String && raw[0] == '\'', t.Kind == Name && raw[0] == '"':
		p.Name, p.Identifier = raw[1:len(raw)-1], raw[0] == '"'
		return p, len(p.Name) > 0 && isName(p.Name)
	}
	return p, false
}

// isName reports whether a text is one word.
func isName(s string) bool {
	l := Lexer{Text: s}
	t, _ := l.Next()
	return t.Kind == Word && t.End == len(s)
}
