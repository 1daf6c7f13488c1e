package dotenv

import (
	"slices"
	"strings"
)

// Last returns the entry of a name that counts: of several, the last one.
func Last(entries []Entry, name string) (Entry, bool) {
	for _, e := range slices.Backward(entries) {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

const (
	mostExpanded  = 64 << 10 // bytes of a value with everything substituted
	deepestExpand = 10       // variables that refer to each other
)

// Expand returns a value with ${NAME}, ${NAME:-default} and $NAME substituted as dotenv-expand does, in single quotes too, from
// the entry that find returns for a name. What stands for a name that find does not know is left, and the name is in unknown.
func (e Entry) Expand(find func(name string) (Entry, bool)) (value string, unknown []string) {
	x := expander{find: find}
	return x.value(e), x.unknown
}

type expander struct {
	find    func(string) (Entry, bool)
	open    []string // the names that are being substituted
	unknown []string
	size    int
}

func (x *expander) value(e Entry) string { return x.text(e.Value) }

// text makes the substitutions in a text.
func (x *expander) text(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		if i > 0 && s[i-1] == '\\' {
			b.WriteString(s[:i-1] + "$")
			s = s[i+1:]
			continue
		}
		b.WriteString(s[:i])
		whole, name, fallback, has := variableAt(s[i:])
		if name == "" {
			b.WriteByte('$')
		} else {
			b.WriteString(x.substitute(whole, name, fallback, has))
		}
		s = s[i+max(len(whole), 1):]
	}
}

// substitute returns what stands for a variable, which is written as whole.
func (x *expander) substitute(whole, name, fallback string, has bool) string {
	from, ok := x.find(name)
	fall := has && (!ok || from.Value == "")
	deep := !fall && slices.Contains(x.open, name) || len(x.open) >= deepestExpand || x.size > mostExpanded
	if !ok && !has || deep {
		if !slices.Contains(x.unknown, name) {
			x.unknown = append(x.unknown, name)
		}
		return whole
	}
	opened := name
	if fall {
		opened = "" // a default may have the same name in it
	}
	x.open = append(x.open, opened)
	defer func() { x.open = x.open[:len(x.open)-1] }()
	text := ""
	if fall {
		text = x.text(fallback)
	} else {
		text = x.value(from)
	}
	x.size += len(text)
	return text
}

// variableAt splits $NAME, ${NAME} or ${NAME:-default} off the beginning of s. name is "" where it is none.
func variableAt(s string) (whole, name, fallback string, has bool) {
	rest, braces := strings.CutPrefix(s, "${")
	if !braces {
		rest = s[1:]
	}
	n := 0
	for n < len(rest) && (rest[n] == '_' || rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z' || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
		n++
	}
	name = rest[:n]
	switch {
	case braces && name == "":
		return "", "", "", false
	case !braces:
		return s[:len(s)-len(rest)+n], name, "", false
	}
	end := closing(rest[n:])
	if end < 0 {
		return "", "", "", false
	}
	inner := rest[n : n+end]
	if inner != "" {
		inner = strings.TrimPrefix(inner, ":")
		if fallback, has = strings.CutPrefix(inner, "-"); !has {
			return "", "", "", false
		}
	}
	return s[:len("${")+n+end+1], name, fallback, has
}

// closing returns where the brace is that closes one before s, or -1.
func closing(s string) int {
	open := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			open++
		case '}':
			if open == 0 {
				return i
			}
			open--
		}
	}
	return -1
}
