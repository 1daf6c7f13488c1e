package schemaplan

import (
	"strings"
	"unicode/utf8"
)

// maxName is how many bytes of a name PostgreSQL keeps (NAMEDATALEN - 1).
const maxName = 63

// cutBytes shortens a name to at most n bytes without splitting a character.
func cutBytes(name string, n int) string {
	if len(name) <= n {
		return name
	}
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n]
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

// The default names below are Prisma's: of the database's names of table and columns, the stem cut in bytes so that
// the suffix always fits.

func primaryKeyName(table string) string {
	return cutBytes(table, maxName-len("_pkey")) + "_pkey"
}

func uniqueName(table string, columns []string) string {
	return cutBytes(stem(table, columns), maxName-len("_key")) + "_key"
}

func indexName(table string, columns []string) string {
	return cutBytes(stem(table, columns), maxName-len("_idx")) + "_idx"
}

func foreignKeyName(table string, columns []string) string {
	return cutBytes(stem(table, columns), maxName-len("_fkey")) + "_fkey"
}

func stem(table string, columns []string) string {
	return table + "_" + strings.Join(columns, "_")
}

// joinTableNames are the names of an implicit many-to-many relation's table and what belongs to it. Prisma cuts most of
// them in characters; PostgreSQL then cuts what is still too long in bytes.
type joinTableNames struct {
	table, primaryKey, index, keyA, keyB string
}

// namesOfJoinTable takes the schema's own names, not the database's: of the relation, or of the two models.
func namesOfJoinTable(relation, modelA, modelB string) joinTableNames {
	name := relation
	if name == "" {
		name = modelA + "To" + modelB
	}
	name = cutRunes("_"+name, maxName)
	fit := func(suffix string) string {
		return cutBytes(cutRunes(name, maxName-len(suffix))+suffix, maxName)
	}
	return joinTableNames{
		table:      cutBytes(name, maxName),
		primaryKey: fit("_AB_pkey"),
		index:      fit("_B_index"),
		keyA:       cutBytes(name, maxName-len("_A_fkey")) + "_A_fkey",
		keyB:       cutBytes(name, maxName-len("_B_fkey")) + "_B_fkey",
	}
}

// sequenceName is the name that Prisma gives to the sequence of a column that becomes an autoincrement.
func sequenceName(table, column string) string {
	return cutBytes(strings.ToLower(table+"_"+column+"_seq"), maxName)
}
