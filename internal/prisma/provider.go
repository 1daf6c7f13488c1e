package prisma

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// otherProviders are Prisma's other databases, by the names that people know.
var otherProviders = map[string]string{
	"mysql": "MySQL", "sqlite": "SQLite", "sqlserver": "SQL Server", "mongodb": "MongoDB", "cockroachdb": "CockroachDB",
}

// MayBeForeign reports whether a text may be a schema for another database than PostgreSQL, without parsing it.
func MayBeForeign(text string) bool {
	for provider := range otherProviders {
		if strings.Contains(text, strconv.Quote(provider)) {
			return true
		}
	}
	return false
}

// Foreign returns the name of the other database that the schema is for, if that is the one finding, or "".
func (d *Diagnostics) Foreign() string { return d.foreign }

// foreignProvider returns the finding about a datasource whose provider is not PostgreSQL, or nil. It is reported
// alone: a file written for another database breaks PostgreSQL's rules on every second line, and none of that is a
// mistake in it.
func foreignProvider(files []*File) (found *Diagnostic, provider string) {
	for _, f := range files {
		for _, b := range f.Blocks {
			if b.Kind == DatasourceBlock {
				return providerOf(b)
			}
		}
	}
	return nil, ""
}

func providerOf(b *Block) (found *Diagnostic, provider string) {
	for _, m := range b.Members {
		if m.Name.Value != "provider" {
			continue
		}
		e := m.Value
		if e == nil || e.Kind != StringExpr || e.Text == "postgresql" || e.Text == "postgres" {
			return nil, ""
		}
		help := `Write provider = "postgresql".`
		if name, known := otherProviders[e.Text]; known {
			help = fmt.Sprintf("This schema is for %s: nothing of it can be used with PostgreSQL as it stands.", name)
		}
		return &Diagnostic{Error, codeConfig, e.Span, fmt.Sprintf("The provider is %q, and only PostgreSQL is known here.", e.Text), help}, cmp.Or(otherProviders[e.Text], e.Text)
	}
	return nil, ""
}
