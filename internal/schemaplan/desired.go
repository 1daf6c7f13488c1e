package schemaplan

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Desired returns the database that a checked schema describes. It fails, with the code "schema.unplannable", only
// where a schema cannot be a PostgreSQL database: a name of more than 63 bytes, a default of the wrong form.
func Desired(schema *prisma.Schema, external External) (*Database, error) {
	d := &desirer{
		schema: schema,
		out:    &Database{texts: make(map[string]string, len(schema.Sources)), partial: saysPartialIndexes(schema)},
	}
	for _, s := range schema.Sources {
		d.out.texts[s.Name] = s.Text
	}
	d.scope()
	for _, e := range schema.Enums {
		d.enum(e)
	}
	for _, m := range schema.Models {
		d.model(m)
	}
	for _, r := range schema.ManyToMany {
		d.joinTable(r)
	}
	d.foreignKeys()
	d.out.leaveOut(external)
	d.namespaces()
	if len(d.problems) > 0 {
		return nil, remedy.New("schema.unplannable", remedy.ExitFailed, "the schema cannot be a PostgreSQL database").
			WithSeen(d.problems...)
	}
	return d.out, nil
}

// saysPartialIndexes reports whether the file uses, or has enabled, Prisma's partial indexes. Without that, it leaves
// those in the database alone.
func saysPartialIndexes(s *prisma.Schema) bool {
	for _, g := range s.Generators {
		if slices.ContainsFunc(g.PreviewFeatures, func(n prisma.Name) bool { return n.Value == "partialIndexes" }) {
			return true
		}
	}
	return slices.ContainsFunc(s.Models, func(m *prisma.Model) bool {
		return slices.ContainsFunc(m.Indexes, func(x *prisma.Index) bool { return x.Where != nil })
	})
}

type desirer struct {
	schema   *prisma.Schema
	out      *Database
	problems []string
}

func (d *desirer) problem(at prisma.Pos, format string, args ...any) {
	d.problems = append(d.problems, at.String()+": "+fmt.Sprintf(format, args...))
}

// short refuses a name that the server would truncate: Prisma does not recognize the truncated table and recreates it
// each time.
func (d *desirer) short(at prisma.Pos, what, name string) {
	if len(name) > prisma.MaxName {
		d.problem(at, "%s %q has %d bytes; PostgreSQL keeps %d", what, name, len(name), prisma.MaxName)
	}
}

func schemaOf(name string) string {
	return cmp.Or(name, "public")
}

func (d *desirer) scope() {
	if d.schema.Datasource == nil {
		d.out.Scope = []string{"public"}
		return
	}
	d.out.Scope = say.Each(d.schema.Datasource.Schemas, func(s prisma.Name) string { return s.Value })
	if len(d.out.Scope) == 0 {
		d.out.Scope = []string{"public"}
	}
	for _, e := range d.schema.Datasource.Extensions {
		d.out.Extensions = append(d.out.Extensions,
			extensionInfo{Name: e.DBName, Schema: e.Schema, Version: e.Version, Pos: e.Span.Start})
	}
}

// namespaces adds the schemas that something is in, in byte order; one that is listed but empty is not created.
func (d *desirer) namespaces() {
	seen := map[string]bool{}
	add := func(name string, pos prisma.Pos) {
		if !seen[name] {
			seen[name] = true
			d.out.Schemas = append(d.out.Schemas, schema{Name: name, Pos: pos})
		}
	}
	if src := d.schema.Datasource; src == nil || len(src.Schemas) == 0 {
		add("public", prisma.Pos{})
	}
	for _, e := range d.out.Enums {
		add(e.Schema, e.Pos)
	}
	for _, t := range d.out.Tables {
		add(t.Schema, t.Pos)
	}
	sort.Slice(d.out.Schemas, func(i, j int) bool { return d.out.Schemas[i].Name < d.out.Schemas[j].Name })
}

func (d *desirer) enum(e *prisma.Enum) {
	at := e.NameAt.Start
	d.short(at, "enum", e.DBName)
	out := &enum{qName: qName{schemaOf(e.Schema), e.DBName}, Pos: at}
	for _, v := range e.Values {
		d.short(v.Span.Start, "enum value", v.DBName)
		out.Values = append(out.Values, v.DBName)
	}
	d.out.addEnum(out)
}

func (d *desirer) model(m *prisma.Model) {
	d.short(m.NameAt.Start, "table", m.DBName)
	t := &Table{qName: qName{schemaOf(m.Schema), m.DBName}, Pos: m.NameAt.Start}
	for _, f := range m.Fields {
		if f.HasColumn() {
			t.Columns = append(t.Columns, d.column(f))
		}
	}
	if m.PrimaryKey != nil {
		t.PrimaryKey = &key{Name: m.PrimaryKey.DBName(m), Columns: m.PrimaryKey.Columns(), Pos: m.PrimaryKey.Span.Start}
		d.short(t.PrimaryKey.Pos, "primary key", t.PrimaryKey.Name)
	}
	for _, x := range m.Indexes {
		t.Indexes = append(t.Indexes, d.index(m, x))
	}
	d.out.addTable(t)
}

func (d *desirer) column(f *prisma.Field) *column {
	at := f.NameAt.Start
	d.short(at, "column", f.DBName)
	c := &column{Name: f.DBName, Pos: at, NotNull: f.Arity == prisma.Required, Optional: f.Arity != prisma.Required}
	var err error
	if c.Type, err = typeOf(f); err == nil {
		err = setDefault(c, f)
	}
	if err != nil {
		d.problems = append(d.problems, err.Error())
	}
	return c
}

func (d *desirer) index(m *prisma.Model, x *prisma.Index) *index {
	out := &index{Name: x.DBName(m), Pos: x.Span.Start, Unique: x.Kind == prisma.Unique, Method: strings.ToLower(cmp.Or(x.Algorithm, "btree"))}
	d.short(out.Pos, "index", out.Name)
	for _, f := range x.Fields {
		c := indexColumn{Name: f.Field.DBName, Desc: f.Sort == "Desc", Asc: f.Sort == "Asc", Class: f.Ops}
		if f.Ops != "" && !f.OpsRaw {
			c.Class = operatorClass(f.Ops)
		}
		out.Columns = append(out.Columns, c)
	}
	if x.Where != nil {
		out.Predicate = d.predicate(x.Where)
	}
	return out
}

// joinTable adds the table of an implicit many-to-many relation, in the schema of its A side.
func (d *desirer) joinTable(r *prisma.ManyToMany) {
	modelA, modelB := r.A.Model, r.B.Model
	names := r.Names()
	t := &Table{qName: qName{schemaOf(modelA.Schema), names.Table}, Pos: r.A.NameAt.Start}
	for i, m := range []*prisma.Model{modelA, modelB} {
		side := []string{"A", "B"}[i]
		if m.PrimaryKey == nil || len(m.PrimaryKey.Fields) != 1 {
			d.problem(r.A.NameAt.Start, "an implicit many-to-many relation needs a single @id field in %s", m.Name)
			return
		}
		id := m.PrimaryKey.Fields[0].Field
		typ, err := typeOf(id)
		if err != nil {
			d.problems = append(d.problems, err.Error())
		}
		t.Columns = append(t.Columns, &column{Name: side, Pos: t.Pos, Type: typ, NotNull: true})
		if !d.relationModePrisma() {
			t.ForeignKeys = append(t.ForeignKeys, &foreignKey{
				Name: names.Keys[i], Pos: t.Pos, Columns: []string{side}, References: qName{schemaOf(m.Schema), m.DBName},
				RefColumns: []string{id.DBName}, OnDelete: "CASCADE", OnUpdate: "CASCADE",
			})
		}
	}
	t.PrimaryKey = &key{Name: names.PrimaryKey, Columns: []string{"A", "B"}, Pos: t.Pos}
	t.Indexes = []*index{{Name: names.Index, Pos: t.Pos, Method: "btree", Columns: []indexColumn{{Name: "B"}}}}
	d.out.addTable(t)
}

func (d *desirer) relationModePrisma() bool {
	return d.schema.Datasource != nil && d.schema.Datasource.RelationMode == "prisma"
}

func (d *desirer) foreignKeys() {
	if d.relationModePrisma() {
		return
	}
	for _, m := range d.schema.Models {
		t := d.out.table(qName{schemaOf(m.Schema), m.DBName})
		for _, f := range m.Fields {
			if f.Relation != nil && f.Relation.Holds() && !f.Relation.To.View {
				t.ForeignKeys = append(t.ForeignKeys, d.foreignKey(f))
			}
		}
	}
}

// actions are the referential actions as statements spell them.
var actions = map[prisma.ReferentialAction]string{
	prisma.Cascade: "CASCADE", prisma.Restrict: "RESTRICT", prisma.NoAction: "NO ACTION",
	prisma.SetNull: "SET NULL", prisma.SetDefault: "SET DEFAULT",
}

func (d *desirer) foreignKey(f *prisma.Field) *foreignKey {
	r := f.Relation
	k := &foreignKey{
		Name: r.DBName(f.Model), Pos: r.Span.Start, References: qName{schemaOf(r.To.Schema), r.To.DBName},
		OnDelete: actions[r.OnDelete], OnUpdate: cmp.Or(actions[r.OnUpdate], "CASCADE"),
	}
	optional := true
	for _, c := range r.Fields {
		k.Columns = append(k.Columns, c.DBName)
		optional = optional && c.Arity == prisma.Optional
	}
	k.RefColumns = say.Each(r.References, func(c *prisma.Field) string { return c.DBName })
	switch {
	case k.OnDelete != "":
	case optional:
		k.OnDelete = "SET NULL"
	default:
		k.OnDelete = "RESTRICT"
	}
	d.short(k.Pos, "foreign key", k.Name)
	return k
}

// operatorClass turns Prisma's name of an operator class into the server's: JsonbPathOps is jsonb_path_ops. Some words
// are written together in the server's names.
func operatorClass(name string) string {
	var words []string
	start := 0
	for i := 1; i < len(name); i++ {
		if name[i] >= 'A' && name[i] <= 'Z' {
			words = append(words, name[start:i])
			start = i
		}
	}
	words = append(words, name[start:])
	joined := strings.ToLower(strings.Join(words, "_"))
	return strings.NewReplacer("min_max", "minmax", "timestamp_tz", "timestamptz", "time_tz", "timetz",
		"var_bit", "varbit", "mac_addr", "macaddr").Replace(joined)
}

// predicate returns a partial index's condition.
func (d *desirer) predicate(p *prisma.Predicate) string {
	if p.Raw != "" {
		return p.Raw
	}
	return say.Join(p.Terms, " AND ", d.term)
}

func (d *desirer) term(t prisma.PredicateTerm) string {
	column := postgres.Ident(t.Field.DBName)
	switch {
	case t.Null && t.Not:
		return column + " IS NOT NULL"
	case t.Null:
		return column + " IS NULL"
	}
	value, err := scalarDefault(t.Field, t.Value)
	if err != nil {
		d.problem(t.Value.Span.Start, "%v", err)
		return ""
	}
	if t.Not {
		return column + " <> " + value.SQL
	}
	return column + " = " + value.SQL
}
