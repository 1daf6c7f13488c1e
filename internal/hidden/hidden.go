// Package hidden knows which schemas of a database are not the developer's: those of the server and those that naap
// makes. Planning, counting, browsing, seeding and copying leave them out.
package hidden

import (
	"fmt"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Ledger is the schema of naap's bookkeeping, which package ledger owns.
const Ledger = "naap_dev"

// Migrations is the table in which Prisma Migrate records migrations: it lies among the developer's, and is none of them.
const Migrations = "_prisma_migrations"

// The names of hidden schemas, as regular expressions that PostgreSQL and Go read alike. They are exact, because a
// developer's own schema may well be called naap_billing.
const (
	// Aside matches the schemas in which reset tables wait for an undo.
	Aside = `^naap_undo_[0-9]{1,9}(_kept)?$`
	// Own matches the schemas that naap makes.
	Own = `^(naap_dev|naap_undo_[0-9]{1,9}(_kept)?)$`
	// Schemas matches every hidden schema. PostgreSQL reserves the prefix pg_.
	Schemas = `^(pg_|(information_schema|naap_dev|naap_undo_[0-9]{1,9}(_kept)?)$)`
)

// DumpPattern matches the same as Aside, as a pattern for pg_dump's --exclude-schema, where "?" stands for one
// character.
const DumpPattern = "naap_undo_[0-9]{1,9}|naap_undo_[0-9]{1,9}_kept"

var own = lazy.Regexp{Text: Own}

// IsOwn reports whether name is that of a schema that naap makes.
func IsOwn(name string) bool { return own.Get().MatchString(name) }

// AsideName returns the name under which a schema waits for an undo.
func AsideName(number int) string { return fmt.Sprintf("naap_undo_%d", number) }

// KeptName returns the name of the schema that holds the copies an undo needs beside it.
func KeptName(number int) string { return AsideName(number) + "_kept" }
