package prisma

// predicate reads where:, either raw("SQL") or an object of comparisons that must all hold.
func (c *checker) predicate(m *modelInfo, e *Expr) *Predicate {
	const help = `Write raw("deleted_at IS NULL") or { deletedAt: null, kind: "a", n: { not: 0 } }.`
	p := &Predicate{Span: e.Span}
	switch {
	case e.Kind == CallExpr && e.Text == "raw":
		if p.Raw, _ = e.onlyString(); p.Raw == "" {
			c.fail(codeIndex, e.Span, help, "`raw` takes the condition as SQL in quotes, and it is not empty.")
			return nil
		}
	case e.Kind == ObjectExpr && len(e.Args) > 0:
		for _, a := range e.Args {
			t, ok := c.predicateTerm(m, a)
			if !ok {
				return nil
			}
			p.Terms = append(p.Terms, t)
		}
	default:
		c.fail(codeIndex, e.Span, help, "`where` is raw(…) or an object with at least one field, not %s.", e.describe())
		return nil
	}
	return p
}

// predicateTerm reads field: value or field: { not: value }.
func (c *checker) predicateTerm(m *modelInfo, a Arg) (PredicateTerm, bool) {
	fail := func(span Span, help, format string, args ...any) (PredicateTerm, bool) {
		c.fail(codeIndex, span, help, format, args...)
		return PredicateTerm{}, false
	}
	f, e := m.byName[a.Name], a.Value
	switch {
	case a.Name == "" || e == nil:
		return fail(a.Span, "Write { field: value }.", "This names no field.")
	case f == nil:
		c.noField(m, a.Name, a.NameAt)
		return PredicateTerm{}, false
	case f.bad:
		return PredicateTerm{}, false
	case f.Kind == Object:
		return fail(a.NameAt, "Name the fields of its foreign key instead.", "The field `%s` is a relation and has no column.", f.Name)
	}
	t := PredicateTerm{Field: f.Field}
	if e.Kind == ObjectExpr {
		if len(e.Args) != 1 || e.Args[0].Name != "not" || e.Args[0].Value == nil {
			return fail(e.Span, "Write { not: null } or { not: value }.", "A comparison is a value or `not` with a value.")
		}
		t.Not, e = true, e.Args[0].Value
	}
	switch {
	case e.Kind == WordExpr && e.Text == "null":
		t.Null = true
	case !fitsPredicate(f.Field, e):
		return fail(e.Span, "", "The field `%s`, which is %s, cannot be compared with %s.", f.Name, f.Field.describe(), e.describe())
	}
	t.Value = e.value()
	return t, true
}

// fitsPredicate reports whether a literal can be compared with a field; for other types there is raw(…).
func fitsPredicate(f *Field, e *Expr) bool {
	switch {
	case f.Kind == EnumValue:
		return e.Kind == StringExpr
	case f.Kind != Scalar:
		return false
	}
	switch f.Type {
	case "String", "DateTime":
		return e.Kind == StringExpr
	case "Int", "BigInt", "Float", "Decimal":
		return e.Kind == NumberExpr
	case "Boolean":
		return e.Kind == WordExpr && (e.Text == "true" || e.Text == "false")
	}
	return false
}
