// Package hidden knows which schemas of a database are not the developer's: the server's own, and those that naap makes.
// Planning, counting, browsing, seeding and copying leave them out.
package hidden

import (
	"fmt"
	"regexp"
)

// Ledger is the schema of naap's bookkeeping, which package ledger owns.
const Ledger = "naap_dev"

// The names of hidden schemas, as regular expressions that PostgreSQL and Go understand alike. They are exact, because a
// developer's own schema may well be called naap_billing.
const (
	// Aside matches the schemas in which something waits for an undo.
	Aside = `^naap_undo_[0-9]{1,9}(_kept)?$`
	// Own matches the schemas that naap makes.
	Own = `^(naap_dev|naap_undo_[0-9]{1,9}(_kept)?)$`
	// Schemas matches every hidden schema. The server keeps the prefix pg_ for itself.
	Schemas = `^(pg_|(information_schema|naap_dev|naap_undo_[0-9]{1,9}(_kept)?)$)`
)

// DumpPattern matches what Aside does, in the language of pg_dump's --exclude-schema, where "?" stands for a character.
const DumpPattern = "naap_undo_[0-9]{1,9}|naap_undo_[0-9]{1,9}_kept"

var own = regexp.MustCompile(Own)

// IsOwn reports whether naap makes schemas of this name.
func IsOwn(name string) bool { return own.MatchString(name) }

// AsideName is the name under which a schema waits for an undo.
func AsideName(number int) string { return fmt.Sprintf("naap_undo_%d", number) }

// KeptName is the schema of the copies that an undo needs beside it.
func KeptName(number int) string { return AsideName(number) + "_kept" }
