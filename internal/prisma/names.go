package prisma

import (
	"cmp"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// MaxName is how many bytes of a name PostgreSQL keeps (NAMEDATALEN - 1); it silently truncates the rest.
const MaxName = 63

// CutName shortens a name to at most n bytes without splitting a character.
func CutName(name string, n int) string {
	return name[:runeStart(name, min(n, len(name)))]
}

// cutRunes shortens a name to at most n characters.
func cutRunes(name string, n int) string {
	for i := range name {
		if n == 0 {
			return name[:i]
		}
		n--
	}
	return name
}

// defaultName returns the name that Prisma gives, made from the database's names of the table and columns and
// truncated, in bytes, so that the suffix always fits.
func defaultName(suffix, table string, columns ...string) string {
	stem := strings.Join(append([]string{table}, columns...), "_")
	return CutName(stem, MaxName-len(suffix)) + suffix
}

// DefaultKeyName returns the name that Prisma gives a table's primary key.
func DefaultKeyName(table string) string { return defaultName("_pkey", table) }

// DefaultIndexName returns the name that Prisma gives an index of columns.
func DefaultIndexName(unique bool, table string, columns []string) string {
	if unique {
		return defaultName("_key", table, columns...)
	}
	return defaultName("_idx", table, columns...)
}

// DefaultForeignKeyName returns the name that Prisma gives a foreign key of columns.
func DefaultForeignKeyName(table string, columns []string) string {
	return defaultName("_fkey", table, columns...)
}

// Columns returns the database's names of the index's fields.
func (i *Index) Columns() []string {
	return say.Each(i.Fields, func(f IndexField) string { return f.Field.DBName })
}

// DBName returns the name in the database of an index of m: map:, or the default.
func (i *Index) DBName(m *Model) string {
	switch {
	case i.Map != "":
		return i.Map
	case i.Kind == PrimaryKey:
		return DefaultKeyName(m.DBName)
	}
	return DefaultIndexName(i.Kind == Unique, m.DBName, i.Columns())
}

// DBName returns the name in the database of a foreign key that m holds: map:, or the default.
func (r *Relation) DBName(m *Model) string {
	if r.Map != "" {
		return r.Map
	}
	return DefaultForeignKeyName(m.DBName, say.Each(r.Fields, func(f *Field) string { return f.DBName }))
}

// JoinTableNames are the names in the database of an implicit many-to-many relation's table and of its parts.
type JoinTableNames struct {
	Table, PrimaryKey, Index string
	Keys                     [2]string // the foreign keys, of column A and of column B
}

// uncutName returns the name of the relation's table as Prisma makes it from the names in the schema, not in the
// database: those of the relation, or of the two models. Prisma truncates it in characters.
func (r *ManyToMany) uncutName() string {
	name := cmp.Or(r.Name, r.A.Model.Name+"To"+r.B.Model.Name)
	return cutRunes("_"+name, MaxName)
}

// Names returns the relation's names. Prisma truncates most of them in characters; PostgreSQL then truncates what is
// still too long in bytes.
func (r *ManyToMany) Names() JoinTableNames {
	name := r.uncutName()
	fit := func(suffix string) string { return CutName(cutRunes(name, MaxName-len(suffix))+suffix, MaxName) }
	return JoinTableNames{
		Table: CutName(name, MaxName), PrimaryKey: fit("_AB_pkey"), Index: fit("_B_index"),
		Keys: [2]string{defaultName("_A_fkey", name), defaultName("_B_fkey", name)},
	}
}
