package prisma

import "strings"

// raw returns a span as it was written.
func (f *formatter) raw(s Span) string { return f.src[s.Start.Offset():s.End.Offset()] }

// fieldType returns a type without blanks in it; the text of Unsupported("…") stays as it was written.
func (f *formatter) fieldType(t TypeExpr) string {
	if !t.Unsupported {
		return t.Name + arityMark(t.Arity)
	}
	written := f.raw(t.Span)
	return written[:strings.LastIndexByte(written, ')')+1] + arityMark(t.Arity)
}

func arityMark(a Arity) string { return [...]string{"", "?", "[]"}[a] }

func (f *formatter) attributeList(list []*Attribute, separator string) string {
	var b strings.Builder
	for i, a := range list {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(f.attribute("@", a))
	}
	return b.String()
}

func (f *formatter) attribute(mark string, a *Attribute) string {
	if !a.Parens {
		return mark + a.Name
	}
	return mark + a.Name + "(" + f.args(a.Args) + ")"
}

func (f *formatter) args(args []Arg) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		if a.Name != "" {
			b.WriteString(a.Name + ": ")
		}
		b.WriteString(f.expr(a.Value))
	}
	return b.String()
}

func (f *formatter) expr(e *Expr) string {
	switch {
	case e == nil:
		return ""
	case e.Kind == StringExpr:
		return f.raw(e.Span)
	case e.Kind == CallExpr:
		return e.Text + "(" + f.args(e.Args) + ")"
	case e.Kind == ArrayExpr:
		items := make([]string, len(e.Items))
		for i, item := range e.Items {
			items[i] = f.expr(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case e.Kind == ObjectExpr && len(e.Args) == 0:
		return "{}"
	case e.Kind == ObjectExpr:
		return "{ " + f.args(e.Args) + " }"
	}
	return e.Text
}
