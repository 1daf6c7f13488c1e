package schemaplan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// mutator changes a schema at random, one thing at a time, as developers do. The same seed makes the same changes.
type mutator struct {
	*rand.Rand
	s     *prisma.Schema
	fresh int
	did   []string
}

// mutation is one kind of change; it returns what it did, or "" where it found nothing to change.
type mutation func(m *mutator) string

var mutations = []mutation{
	(*mutator).addField, (*mutator).addField, (*mutator).dropField, (*mutator).dropField, (*mutator).renameField,
	(*mutator).mapField, (*mutator).retypeField, (*mutator).retypeField, (*mutator).retypeField, (*mutator).toggleNull,
	(*mutator).toggleNull, (*mutator).toggleList, (*mutator).changeDefault, (*mutator).changeDefault,
	(*mutator).dropDefault, (*mutator).addIndex, (*mutator).dropIndex, (*mutator).changeIndex, (*mutator).mapIndex,
	(*mutator).addUnique, (*mutator).addEnumValue, (*mutator).dropEnumValue, (*mutator).shuffleEnum, (*mutator).dropEnum,
	(*mutator).addEnum, (*mutator).moveEnum, (*mutator).changeActions, (*mutator).mapRelation, (*mutator).dropRelation,
	(*mutator).addRelation, (*mutator).addManyToMany, (*mutator).dropModel, (*mutator).addModel, (*mutator).mapModel,
	(*mutator).moveModel, (*mutator).toggleAutoIncrement, (*mutator).changeKey, (*mutator).mapKey,
}

// mutate makes n changes.
func (m *mutator) mutate(n int) {
	for tries := 0; n > 0 && tries < 200; tries++ {
		if what := pickOne(m, mutations)(m); what != "" {
			m.did = append(m.did, what)
			n--
		}
	}
}

func pickOne[T any](m *mutator, list []T) T { return list[m.IntN(len(list))] }

func (m *mutator) name(prefix string) string {
	m.fresh++
	return fmt.Sprintf("%s%d", prefix, m.fresh)
}

func (m *mutator) chance(percent int) bool { return m.IntN(100) < percent }

// column returns a random field for which ok holds, with its model.
func (m *mutator) column(ok func(*prisma.Field) bool) *prisma.Field {
	var found []*prisma.Field
	for _, model := range m.s.Models {
		for _, f := range model.Fields {
			if f.HasColumn() && ok(f) {
				found = append(found, f)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return pickOne(m, found)
}

func inKey(f *prisma.Field) bool { return f.Model.PrimaryKey != nil && covers(f.Model.PrimaryKey, f) }

func covers(x *prisma.Index, f *prisma.Field) bool {
	return slices.ContainsFunc(x.Fields, func(i prisma.IndexField) bool { return i.Field == f })
}

func indexed(f *prisma.Field) bool {
	return slices.ContainsFunc(f.Model.Indexes, func(x *prisma.Index) bool { return covers(x, f) })
}

// related reports whether a relation depends on the field, from either side.
func (m *mutator) related(f *prisma.Field) bool {
	for _, model := range m.s.Models {
		for _, r := range model.Fields {
			if r.Relation != nil && (slices.Contains(r.Relation.Fields, f) || slices.Contains(r.Relation.References, f)) {
				return true
			}
		}
	}
	return false
}

func (m *mutator) free(f *prisma.Field) bool { return !inKey(f) && !m.related(f) }

// typeForm is a type to give a field, with suitable default values.
type typeForm struct {
	typ, native string
	args        []string
	defaults    []string
}

var typeForms = []typeForm{
	{"String", "", nil, []string{`"x"`, `"it's"`, `""`}}, {"String", "VarChar", []string{"40"}, []string{`"v"`}},
	{"String", "VarChar", []string{"7"}, []string{`"seven"`}}, {"String", "Char", []string{"3"}, []string{`"abc"`}},
	{"String", "Uuid", nil, []string{`dbgenerated("gen_random_uuid()")`}}, {"Int", "", nil, []string{"0", "-5", "42"}},
	{"Int", "SmallInt", nil, []string{"7"}}, {"BigInt", "", nil, []string{"9007199254740993", "1"}},
	{"Float", "", nil, []string{"1.5", "2", "0.10"}}, {"Float", "Real", nil, []string{"0.5"}},
	{"Decimal", "", nil, []string{"3.1400", "1"}}, {"Decimal", "Decimal", []string{"10", "2"}, []string{"9.99"}},
	{"Boolean", "", nil, []string{"true", "false"}}, {"DateTime", "", nil, []string{"now()"}},
	{"DateTime", "Timestamptz", []string{"6"}, []string{"now()"}}, {"DateTime", "Timestamptz", []string{"3"}, []string{"now()"}},
	{"DateTime", "Date", nil, []string{"now()"}}, {"DateTime", "Time", []string{"6"}, []string{"now()"}},
	{"Json", "", nil, []string{`"{}"`, `"[1, 2]"`}}, {"Json", "Json", nil, []string{`"{\"k\": 1}"`}}, {"Bytes", "", nil, []string{`"AQID"`}},
	{"DateTime", "Timestamp", []string{"0"}, []string{"now()"}}, {"DateTime", "Timestamp", nil, nil}, {"DateTime", "Timetz", []string{"3"}, nil},
	{"DateTime", "", nil, []string{`"2022-03-04T05:06:07.800Z"`}}, {"Int", "Oid", nil, []string{"3"}}, {"Decimal", "Decimal", []string{"8", "4"}, []string{"1.5"}},
	{"String", "Citext", nil, []string{`"Ci"`}}, {"Decimal", "Money", nil, nil}, {"String", "Text", nil, []string{`"long"`}}, {"String", "VarChar", nil, nil},
	{"String", "Inet", nil, nil}, {"String", "Xml", nil, nil}, {"String", "Bit", []string{"4"}, nil}, {"String", "VarBit", []string{"9"}, nil},
}

func (m *mutator) give(f *prisma.Field, form typeForm) {
	f.Kind, f.Type, f.Enum, f.Native, f.UpdatedAt = prisma.Scalar, form.typ, nil, nil, false
	if form.native != "" {
		f.Native = &prisma.NativeType{Name: form.native, Args: form.args}
	}
	f.Default = nil
	if len(form.defaults) > 0 && f.Arity != prisma.List && m.chance(40) {
		f.Default = rawDefault(pickOne(m, form.defaults))
	}
}

// rawDefault returns a default whose text is written as it is.
func rawDefault(text string) *prisma.Default {
	return &prisma.Default{Value: prisma.Value{Kind: prisma.NumberValue, Text: text}}
}

func (m *mutator) addField() string {
	model := pickOne(m, m.s.Models)
	f := &prisma.Field{Model: model, Name: m.name("added")}
	f.DBName = f.Name
	f.Arity = pickOne(m, []prisma.Arity{prisma.Required, prisma.Optional, prisma.Optional, prisma.List})
	m.give(f, pickOne(m, typeForms))
	if len(m.s.Enums) > 0 && m.chance(25) {
		e := pickOne(m, m.s.Enums)
		f.Kind, f.Type, f.Enum, f.Native, f.Default = prisma.EnumValue, e.Name, e, nil, nil
		if m.chance(50) && f.Arity != prisma.List {
			f.Default = rawDefault(pickOne(m, e.Values).Name)
		}
	}
	model.Fields = append(model.Fields, f)
	return "add field " + model.Name + "." + f.Name
}

func (m *mutator) removeField(f *prisma.Field) {
	model := f.Model
	model.Fields = slices.DeleteFunc(model.Fields, func(x *prisma.Field) bool { return x == f })
	model.Indexes = slices.DeleteFunc(model.Indexes, func(x *prisma.Index) bool { return covers(x, f) })
}

func (m *mutator) dropField() string {
	f := m.column(m.free)
	if f == nil || len(f.Model.Fields) < 3 || f.Model.PrimaryKey == nil {
		return ""
	}
	m.removeField(f)
	return "drop field " + f.Model.Name + "." + f.Name
}

func (m *mutator) renameField() string {
	f := m.column(func(*prisma.Field) bool { return true })
	old := f.Name
	f.Name = m.name("renamed")
	f.DBName = f.Name
	return fmt.Sprintf("rename field %s.%s to %s", f.Model.Name, old, f.Name)
}

func (m *mutator) mapField() string {
	f := m.column(func(*prisma.Field) bool { return true })
	f.DBName = m.name("mapped col ")
	return fmt.Sprintf("map field %s.%s to %q", f.Model.Name, f.Name, f.DBName)
}

func (m *mutator) retypeField() string {
	f := m.column(func(f *prisma.Field) bool {
		return !m.related(f) && (!inKey(f) || f.Kind == prisma.Scalar) && !m.joined(f.Model)
	})
	if f == nil {
		return ""
	}
	old := f.Type
	m.dropClasses(f)
	form := pickOne(m, typeForms)
	if inKey(f) || indexed(f) {
		form = pickOne(m, typeForms[:9])
	}
	m.give(f, form)
	return fmt.Sprintf("retype field %s.%s from %s to %s %s", f.Model.Name, f.Name, old, form.typ, form.native)
}

// dropClasses removes from the indexes what suits only the field's old type.
func (m *mutator) dropClasses(f *prisma.Field) {
	f.Model.Indexes = slices.DeleteFunc(f.Model.Indexes, func(x *prisma.Index) bool {
		return covers(x, f) && (x.Algorithm != "BTree" && x.Algorithm != "" || slices.ContainsFunc(x.Fields, func(i prisma.IndexField) bool { return i.Ops != "" }))
	})
}

// joined reports whether the model's id is part of an implicit many-to-many relation.
func (m *mutator) joined(model *prisma.Model) bool {
	return slices.ContainsFunc(model.Fields, func(f *prisma.Field) bool {
		return f.Kind == prisma.Object && f.Arity == prisma.List && f.Relation != nil && f.Relation.Opposite != nil && f.Relation.Opposite.Arity == prisma.List
	})
}

func (m *mutator) toggleNull() string {
	f := m.column(func(f *prisma.Field) bool {
		return m.free(f) && f.Arity != prisma.List && !(f.Default != nil && f.Default.Function == "autoincrement")
	})
	if f == nil {
		return ""
	}
	if f.Arity == prisma.Optional {
		f.Arity = prisma.Required
		return "require " + f.Model.Name + "." + f.Name
	}
	f.Arity = prisma.Optional
	return "make optional " + f.Model.Name + "." + f.Name
}

func (m *mutator) toggleList() string {
	if m.chance(50) {
		return ""
	}
	f := m.column(func(f *prisma.Field) bool { return m.free(f) && !indexed(f) && !f.UpdatedAt })
	if f == nil {
		return ""
	}
	f.Default = nil
	if f.Arity == prisma.List {
		f.Arity = prisma.Optional
		return "make single " + f.Model.Name + "." + f.Name
	}
	f.Arity = prisma.List
	return "make a list of " + f.Model.Name + "." + f.Name
}

func (m *mutator) changeDefault() string {
	f := m.column(func(f *prisma.Field) bool {
		return f.Arity != prisma.List && !m.joined(f.Model) && (f.Kind == prisma.EnumValue || f.Kind == prisma.Scalar) && !(f.Default != nil && f.Default.Function == "autoincrement")
	})
	if f == nil {
		return ""
	}
	if f.Enum != nil {
		f.Default = rawDefault(pickOne(m, f.Enum.Values).Name)
		return "change default of " + f.Model.Name + "." + f.Name + " to " + f.Default.Value.Text
	}
	native := ""
	if f.Native != nil {
		native = f.Native.Name
	}
	for _, form := range typeForms {
		if form.typ == f.Type && form.native == native && len(form.defaults) > 0 {
			f.Default = rawDefault(pickOne(m, form.defaults))
			return "change default of " + f.Model.Name + "." + f.Name + " to " + f.Default.Value.Text
		}
	}
	return ""
}

func (m *mutator) dropDefault() string {
	f := m.column(func(f *prisma.Field) bool {
		return f.Default != nil && f.Default.Function != "autoincrement"
	})
	if f == nil {
		return ""
	}
	f.Default = nil
	return "drop default of " + f.Model.Name + "." + f.Name
}

func (m *mutator) toggleAutoIncrement() string {
	f := m.column(func(f *prisma.Field) bool {
		return (f.Type == "Int" || f.Type == "BigInt") && f.Arity == prisma.Required && (f.Native == nil || f.Native.Name == "SmallInt")
	})
	if f == nil {
		return ""
	}
	if f.Default != nil && f.Default.Function == "autoincrement" {
		f.Default = nil
		return "no autoincrement on " + f.Model.Name + "." + f.Name
	}
	f.Default = &prisma.Default{Function: "autoincrement"}
	return "autoincrement on " + f.Model.Name + "." + f.Name
}

func (m *mutator) text() string { return strings.Join(m.did, "; ") }
