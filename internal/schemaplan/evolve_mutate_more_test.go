package schemaplan

import (
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// index returns a random index for which ok holds.
func (m *mutator) index(ok func(*prisma.Model, *prisma.Index) bool) (*prisma.Model, *prisma.Index) {
	type found struct {
		model *prisma.Model
		index *prisma.Index
	}
	var all []found
	for _, model := range m.s.Models {
		for _, x := range model.Indexes {
			if ok(model, x) {
				all = append(all, found{model, x})
			}
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	f := pickOne(m, all)
	return f.model, f.index
}

func (m *mutator) addIndex() string { return m.newIndex(prisma.Plain) }

func (m *mutator) addUnique() string { return m.newIndex(prisma.Unique) }

func (m *mutator) newIndex(kind prisma.IndexKind) string {
	f := m.column(func(f *prisma.Field) bool { return f.Arity != prisma.List && sortable(f) })
	if f == nil {
		return ""
	}
	x := &prisma.Index{Kind: kind, Algorithm: "BTree", Fields: []prisma.IndexField{{Field: f}}}
	for _, other := range f.Model.Fields {
		if other != f && other.HasColumn() && sortable(other) && other.Arity != prisma.List && m.chance(30) && len(x.Fields) < 3 {
			x.Fields = append(x.Fields, prisma.IndexField{Field: other, Sort: pickOne(m, []string{"", "", "Desc", "Asc"})})
		}
	}
	if len(x.Fields) == 1 && kind == prisma.Plain {
		x.Algorithm = pickOne(m, []string{"BTree", "BTree", "Hash", "Brin"})
		if x.Algorithm == "Brin" && f.Type == "Boolean" || f.Kind == prisma.EnumValue {
			x.Algorithm = "BTree"
		}
	}
	if m.chance(30) {
		x.Map = m.name("index ")
	}
	if sameAsAnother(f.Model, x) {
		return ""
	}
	f.Model.Indexes = append(f.Model.Indexes, x)
	return fmt.Sprintf("index %s.%s", f.Model.Name, indexArguments(x))
}

// sortable reports whether a btree can hold the field's type.
func sortable(f *prisma.Field) bool {
	if f.Kind == prisma.Unsupported || f.Type == "Json" {
		return false
	}
	return f.Native == nil || f.Native.Name != "Xml" && f.Native.Name != "Json"
}

func sameAsAnother(model *prisma.Model, x *prisma.Index) bool {
	same := func(y *prisma.Index) bool {
		return y != nil && slices.EqualFunc(x.Fields, y.Fields, func(a, b prisma.IndexField) bool { return a.Field == b.Field })
	}
	return same(model.PrimaryKey) || slices.ContainsFunc(model.Indexes, same)
}

// needed reports whether a relation refers to the unique index, or is one-to-one because of it.
func (m *mutator) needed(model *prisma.Model, x *prisma.Index) bool {
	return x.Kind == prisma.Unique && (model.PrimaryKey == nil || slices.ContainsFunc(x.Fields, func(i prisma.IndexField) bool { return m.related(i.Field) }))
}

func (m *mutator) dropIndex() string {
	model, x := m.index(func(model *prisma.Model, x *prisma.Index) bool { return !m.needed(model, x) })
	if x == nil {
		return ""
	}
	model.Indexes = slices.DeleteFunc(model.Indexes, func(y *prisma.Index) bool { return y == x })
	return "drop index " + model.Name + "." + indexArguments(x)
}

func (m *mutator) changeIndex() string {
	model, x := m.index(func(_ *prisma.Model, x *prisma.Index) bool {
		return x.Algorithm == "BTree" && len(x.Fields) > 0 && x.Fields[0].Ops == ""
	})
	if x == nil {
		return ""
	}
	i := m.IntN(len(x.Fields))
	x.Fields[i].Sort = map[string]string{"": "Desc", "Asc": "Desc", "Desc": ""}[x.Fields[i].Sort]
	return "sort index " + model.Name + "." + indexArguments(x)
}

func (m *mutator) mapIndex() string {
	model, x := m.index(func(*prisma.Model, *prisma.Index) bool { return true })
	if x == nil {
		return ""
	}
	x.Map = m.name("mapped_index_")
	return "rename index " + model.Name + "." + indexArguments(x)
}

func (m *mutator) mapKey() string {
	model := pickOne(m, m.s.Models)
	if model.PrimaryKey == nil {
		return ""
	}
	model.PrimaryKey.Map = m.name("mapped_key_")
	return "rename primary key of " + model.Name
}

// changeKey widens a primary key, or narrows a wide one.
func (m *mutator) changeKey() string {
	model := pickOne(m, m.s.Models)
	k := model.PrimaryKey
	if k == nil || m.joined(model) || slices.ContainsFunc(k.Fields, func(i prisma.IndexField) bool { return m.refersTo(i.Field) }) {
		return ""
	}
	if len(k.Fields) > 1 {
		k.Fields = k.Fields[:1]
		return "narrow the primary key of " + model.Name
	}
	for _, f := range model.Fields {
		if f.Kind == prisma.Scalar && f.Arity == prisma.Required && sortable(f) && !covers(k, f) {
			k.Fields = append(k.Fields, prisma.IndexField{Field: f})
			return "widen the primary key of " + model.Name
		}
	}
	return ""
}

func (m *mutator) refersTo(f *prisma.Field) bool {
	for _, model := range m.s.Models {
		for _, r := range model.Fields {
			if r.Relation != nil && slices.Contains(r.Relation.References, f) {
				return true
			}
		}
	}
	return false
}

func (m *mutator) anEnum() *prisma.Enum {
	if len(m.s.Enums) == 0 {
		return nil
	}
	return pickOne(m, m.s.Enums)
}

func (m *mutator) addEnumValue() string {
	e := m.anEnum()
	if e == nil {
		return ""
	}
	v := prisma.EnumMember{Name: m.name("VALUE")}
	v.DBName = v.Name
	if m.chance(20) {
		v.DBName = "value " + v.Name
	}
	e.Values = slices.Insert(e.Values, m.IntN(len(e.Values)+1), v)
	return "add value " + v.Name + " to " + e.Name
}

// fieldsOf returns the fields of an enum.
func (m *mutator) fieldsOf(e *prisma.Enum) []*prisma.Field {
	var out []*prisma.Field
	for _, model := range m.s.Models {
		for _, f := range model.Fields {
			if f.Enum == e {
				out = append(out, f)
			}
		}
	}
	return out
}

func (m *mutator) dropEnumValue() string {
	e := m.anEnum()
	if e == nil || len(e.Values) < 2 {
		return ""
	}
	i := m.IntN(len(e.Values))
	name := e.Values[i].Name
	e.Values = slices.Delete(e.Values, i, i+1)
	for _, f := range m.fieldsOf(e) {
		f.Default = nil
		if m.chance(50) && f.Arity != prisma.List {
			f.Default = rawDefault(e.Values[0].Name)
		}
	}
	return "drop value " + name + " of " + e.Name
}

func (m *mutator) shuffleEnum() string {
	e := m.anEnum()
	if e == nil {
		return ""
	}
	m.Shuffle(len(e.Values), func(i, j int) { e.Values[i], e.Values[j] = e.Values[j], e.Values[i] })
	return "shuffle " + e.Name
}

func (m *mutator) dropEnum() string {
	e := m.anEnum()
	if e == nil {
		return ""
	}
	for _, f := range m.fieldsOf(e) {
		m.dropClasses(f)
		m.give(f, typeForms[0])
		f.Default = nil
	}
	m.s.Enums = slices.DeleteFunc(m.s.Enums, func(x *prisma.Enum) bool { return x == e })
	return "drop enum " + e.Name
}

func (m *mutator) addEnum() string {
	e := &prisma.Enum{Name: m.name("Enum"), Schema: m.someSchema()}
	e.DBName = e.Name
	for range 2 + m.IntN(3) {
		v := m.name("V")
		e.Values = append(e.Values, prisma.EnumMember{Name: v, DBName: v})
	}
	m.s.Enums = append(m.s.Enums, e)
	model := pickOne(m, m.s.Models)
	f := &prisma.Field{Model: model, Name: m.name("enumField"), Kind: prisma.EnumValue, Type: e.Name, Enum: e, Arity: prisma.Optional}
	f.DBName = f.Name
	model.Fields = append(model.Fields, f)
	return "add enum " + e.Name + " and " + model.Name + "." + f.Name
}

// someSchema returns one of the schemas listed, or "" where none are.
func (m *mutator) someSchema() string {
	if m.s.Datasource == nil || len(m.s.Datasource.Schemas) == 0 {
		return ""
	}
	return pickOne(m, m.s.Datasource.Schemas).Value
}

func (m *mutator) moveEnum() string {
	e := m.anEnum()
	if e == nil || e.Schema == "" {
		return ""
	}
	e.Schema = m.someSchema()
	return "move enum " + e.Name + " to " + e.Schema
}

func (m *mutator) moveModel() string {
	model := pickOne(m, m.s.Models)
	if model.Schema == "" {
		return ""
	}
	model.Schema = m.someSchema()
	return "move model " + model.Name + " to " + model.Schema
}

func (m *mutator) mapModel() string {
	model := pickOne(m, m.s.Models)
	model.DBName = m.name("mapped_table_")
	return "rename table of " + model.Name + " to " + model.DBName
}

func (m *mutator) addModel() string {
	model := &prisma.Model{Name: m.name("Model"), Schema: m.someSchema()}
	model.DBName = model.Name
	id := &prisma.Field{Model: model, Name: "id", DBName: "id", Type: "Int"}
	if m.chance(50) {
		id.Default = &prisma.Default{Function: "autoincrement"}
	}
	model.Fields = []*prisma.Field{id}
	model.PrimaryKey = &prisma.Index{Kind: prisma.PrimaryKey, Fields: []prisma.IndexField{{Field: id}}}
	m.s.Models = append(m.s.Models, model)
	return "add model " + model.Name
}

func (m *mutator) dropModel() string {
	if len(m.s.Models) < 2 {
		return ""
	}
	gone := pickOne(m, m.s.Models)
	m.s.Models = slices.DeleteFunc(m.s.Models, func(x *prisma.Model) bool { return x == gone })
	for _, model := range m.s.Models {
		model.Fields = slices.DeleteFunc(model.Fields, func(f *prisma.Field) bool { return f.Relation != nil && f.Relation.To == gone })
	}
	return "drop model " + gone.Name
}

// relationField returns a random relation field that holds a foreign key.
func (m *mutator) relationField() *prisma.Field {
	var all []*prisma.Field
	for _, model := range m.s.Models {
		for _, f := range model.Fields {
			if f.Relation != nil && f.Relation.Holds() {
				all = append(all, f)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return pickOne(m, all)
}

func (m *mutator) changeActions() string {
	f := m.relationField()
	if f == nil {
		return ""
	}
	f.Relation.OnDelete = pickOne(m, []prisma.ReferentialAction{"", prisma.Cascade, prisma.NoAction, prisma.Restrict})
	f.Relation.OnUpdate = pickOne(m, []prisma.ReferentialAction{"", prisma.NoAction, prisma.Restrict})
	return fmt.Sprintf("actions of %s.%s", f.Model.Name, f.Name)
}

func (m *mutator) mapRelation() string {
	f := m.relationField()
	if f == nil {
		return ""
	}
	f.Relation.Map = m.name("mapped_fk_")
	return fmt.Sprintf("rename foreign key of %s.%s", f.Model.Name, f.Name)
}

func (m *mutator) dropRelation() string {
	f := m.relationField()
	if f == nil {
		return ""
	}
	other := f.Relation.Opposite
	f.Model.Fields = slices.DeleteFunc(f.Model.Fields, func(x *prisma.Field) bool { return x == f })
	other.Model.Fields = slices.DeleteFunc(other.Model.Fields, func(x *prisma.Field) bool { return x == other })
	return fmt.Sprintf("drop relation %s.%s", f.Model.Name, f.Name)
}

// addRelation refers to another model from a new field, or from an existing one of its type.
func (m *mutator) addRelation() string {
	from, to := pickOne(m, m.s.Models), pickOne(m, m.s.Models)
	if to.PrimaryKey == nil || len(to.PrimaryKey.Fields) != 1 || to.Ignored || from.Ignored {
		return ""
	}
	id := to.PrimaryKey.Fields[0].Field
	key := &prisma.Field{Model: from, Name: m.name("refId"), Kind: id.Kind, Type: id.Type, Enum: id.Enum, Native: id.Native, Arity: prisma.Optional}
	key.DBName = key.Name
	name := m.name("relation")
	a := &prisma.Field{Model: from, Name: m.name("ref"), Kind: prisma.Object, Type: to.Name, Arity: prisma.Optional}
	b := &prisma.Field{Model: to, Name: m.name("back"), Kind: prisma.Object, Type: from.Name, Arity: prisma.List}
	a.Relation = &prisma.Relation{Name: name, To: to, Opposite: b, Fields: []*prisma.Field{key}, References: []*prisma.Field{id}}
	b.Relation = &prisma.Relation{Name: name, To: from, Opposite: a}
	from.Fields = append(from.Fields, key, a)
	to.Fields = append(to.Fields, b)
	return fmt.Sprintf("add relation %s.%s to %s", from.Name, a.Name, to.Name)
}

func (m *mutator) addManyToMany() string {
	from, to := pickOne(m, m.s.Models), pickOne(m, m.s.Models)
	for _, model := range []*prisma.Model{from, to} {
		if model.PrimaryKey == nil || len(model.PrimaryKey.Fields) != 1 || model.Ignored {
			return ""
		}
	}
	name := m.name("many")
	a := &prisma.Field{Model: from, Name: m.name("many"), Kind: prisma.Object, Type: to.Name, Arity: prisma.List}
	b := &prisma.Field{Model: to, Name: m.name("many"), Kind: prisma.Object, Type: from.Name, Arity: prisma.List}
	a.Relation = &prisma.Relation{Name: name, To: to, Opposite: b}
	b.Relation = &prisma.Relation{Name: name, To: from, Opposite: a}
	from.Fields, to.Fields = append(from.Fields, a), append(to.Fields, b)
	return fmt.Sprintf("add many-to-many %s and %s", from.Name, to.Name)
}
