package sharedtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// Schema is a Prisma file of the collection.
type Schema struct{ Name, Text string }

// Corpus returns the collection's Prisma files; like Dir, it skips where they are missing. What PostgreSQL would truncate in
// them, a table's name of more than 63 bytes, is truncated: real Prisma drops and recreates such a table on every push.
func Corpus(t testing.TB) []Schema {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(Path(t, "prisma/corpus"), "*.prisma"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the collection has no schemas: %v", err)
	}
	list := make([]Schema, len(names))
	for i, file := range names {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".prisma")
		list[i] = Schema{name, string(text)}
		if edit := edits[name]; edit != nil {
			list[i].Text = edit(string(text))
		}
	}
	return list
}

var edits = map[string]func(string) string{
	"x-auto": func(text string) string {
		long := regexp.MustCompile(`model (ThisIsAVeryLong\w+) \{\n`)
		return long.ReplaceAllString(text, "model Long {\n  @@map(\""+truncated(long.FindStringSubmatch(text)[1])+"\")\n")
	},
	"x-names": func(text string) string {
		return regexp.MustCompile(`"ünïcödé_[^"]*"`).ReplaceAllStringFunc(text, func(s string) string { return `"` + truncated(s[1:len(s)-1]) + `"` })
	},
}

// truncated returns a name as the server keeps it.
func truncated(name string) string {
	for len(name) > 63 {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// Beforehand creates what the collection's databases had before the push: extensions, and a type in the place of that of an
// extension which few servers have; it takes one number in parentheses.
const Beforehand = `CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin; CREATE EXTENSION btree_gist;
	CREATE EXTENSION pgcrypto; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION hstore;
	CREATE TYPE vector;
	CREATE FUNCTION vector_in(cstring, oid, integer) RETURNS vector LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
	CREATE FUNCTION vector_out(vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
	CREATE FUNCTION vector_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodin';
	CREATE FUNCTION vector_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodout';
	CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out, TYPMOD_IN = vector_typmod_in, TYPMOD_OUT = vector_typmod_out);`
