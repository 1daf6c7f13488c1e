package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// statements returns the relation's DDL, in an order in which it can be run.
func (d *TableDetail) statements() string {
	var b strings.Builder
	d.writeCreate(&b)
	d.writeComments(&b)
	for _, x := range d.Indexes {
		if !x.Constraint {
			b.WriteString("\n" + x.Definition + ";\n")
		}
		if x.Comment != "" && !x.Constraint {
			comment(&b, "INDEX "+Ident(d.Schema, x.Name), x.Comment)
		}
	}
	d.writeForeignKeys(&b)
	for _, t := range d.Triggers {
		b.WriteString("\n" + t.Definition + ";\n")
		if !t.Enabled {
			fmt.Fprintf(&b, "ALTER TABLE %s DISABLE TRIGGER %s;\n", d.Ref().Quoted(), Ident(t.Name))
		}
	}
	d.writePolicies(&b)
	return b.String()
}

func (d *TableDetail) writeCreate(b *strings.Builder) {
	name := d.Ref().Quoted()
	switch d.Kind {
	case KindView, kindMatView:
		fmt.Fprintf(b, "CREATE %s %s AS\n%s\n", strings.ToUpper(string(d.Kind)), name, indented(d.ViewQuery))
		return
	case kindForeign:
		fmt.Fprintf(b, "CREATE FOREIGN TABLE %s (\n    %s\n);\n", name, strings.Join(d.lines(), ",\n    "))
		return
	}
	unlogged := ""
	if d.Unlogged {
		unlogged = "UNLOGGED "
	}
	fmt.Fprintf(b, "CREATE %sTABLE %s", unlogged, name)
	if p := d.Partitioning.Parent; p != nil {
		fmt.Fprintf(b, " PARTITION OF %s\n    %s", p.Quoted(), d.Partitioning.Bound)
	} else {
		b.WriteString(" (\n    " + strings.Join(d.lines(), ",\n    ") + "\n)")
	}
	if d.Partitioning.Key != "" {
		b.WriteString(" PARTITION BY " + d.Partitioning.Key)
	}
	if d.Stats.Options != "" {
		b.WriteString(" WITH (" + d.Stats.Options + ")")
	}
	b.WriteString(";\n")
}

// lines returns the columns, and the constraints that are written inside CREATE TABLE; foreign keys follow separately,
// since the tables that they refer to may come later.
func (d *TableDetail) lines() []string {
	out := say.Each(d.Columns, func(c Column) string { return c.declaration() })
	for _, x := range d.Indexes {
		if x.Constraint {
			out = append(out, "CONSTRAINT "+Ident(x.Name)+" "+x.ConstraintDefinition)
		}
	}
	for _, k := range d.Checks {
		isIndex := slices.ContainsFunc(d.Indexes, func(x Index) bool { return x.Constraint && x.Name == k.Name })
		if !isIndex && k.Valid {
			out = append(out, "CONSTRAINT "+Ident(k.Name)+" "+k.Definition)
		}
	}
	return out
}

func (c Column) declaration() string {
	s := Ident(c.Name) + " " + c.SQLType
	if c.Collation != "" {
		s += " COLLATE " + c.Collation
	}
	switch {
	case c.Identity != "":
		s += " GENERATED " + c.Identity + " AS IDENTITY"
	case c.Generated != "":
		s += " GENERATED ALWAYS AS (" + c.Generated + ") STORED"
	case c.Default != "":
		s += " DEFAULT " + c.Default
	}
	if c.NotNull {
		s += " NOT NULL"
	}
	return s
}

func (d *TableDetail) writeComments(b *strings.Builder) {
	if d.Comment != "" {
		comment(b, strings.ToUpper(string(d.kindToAlter()))+" "+d.Ref().Quoted(), d.Comment)
	}
	for _, c := range d.Columns {
		if c.Comment != "" {
			comment(b, "COLUMN "+Ident(d.Schema, d.Name, c.Name), c.Comment)
		}
	}
}

func (d *TableDetail) kindToAlter() RelationKind {
	if d.Kind == kindPartitioned {
		return KindTable
	}
	return d.Kind
}

func (d *TableDetail) writeForeignKeys(b *strings.Builder) {
	name := d.Ref().Quoted()
	for _, k := range d.Checks {
		if !k.Valid {
			fmt.Fprintf(b, "\nALTER TABLE %s ADD CONSTRAINT %s %s;\n", name, Ident(k.Name), k.Definition)
		}
	}
	for _, k := range d.Out {
		fmt.Fprintf(b, "\nALTER TABLE %s\n    ADD CONSTRAINT %s %s;\n", name, Ident(k.Name), k.Definition)
	}
}

func (d *TableDetail) writePolicies(b *strings.Builder) {
	name := d.Ref().Quoted()
	if d.RowSecurity {
		fmt.Fprintf(b, "\nALTER TABLE %s ENABLE ROW LEVEL SECURITY;\n", name)
	}
	if d.ForcedRowSecurity {
		fmt.Fprintf(b, "ALTER TABLE %s FORCE ROW LEVEL SECURITY;\n", name)
	}
	for _, p := range d.Policies {
		fmt.Fprintf(b, "CREATE POLICY %s ON %s", Ident(p.Name), name)
		if !p.Permissive {
			b.WriteString(" AS RESTRICTIVE")
		}
		var roles []string
		for _, r := range p.Roles {
			if r != "PUBLIC" {
				r = Ident(r)
			}
			roles = append(roles, r)
		}
		fmt.Fprintf(b, " FOR %s TO %s", p.Command, strings.Join(roles, ", "))
		if p.Using != "" {
			b.WriteString(" USING (" + p.Using + ")")
		}
		if p.WithCheck != "" {
			b.WriteString(" WITH CHECK (" + p.WithCheck + ")")
		}
		b.WriteString(";\n")
	}
}

func comment(b *strings.Builder, what, text string) {
	fmt.Fprintf(b, "COMMENT ON %s IS %s;\n", what, strings.TrimSpace(Literal(text)))
}

func indented(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n    ")
}
