package rules

import (
	"path"
	"strings"
)

// ruleMigrations: the folder of migrations and the Prisma file agree. What is wrong with it is in Options.Migrations, since
// it takes a server to find out.
var ruleMigrations = &Rule{
	ID: "naap/0-migrations", Number: 0,
	Title: "The migrations make what the Prisma file says",
	Why:   "Production is made by the migrations: what they do not make is missing there, however well it works here.",
}

// Migrations is what was found about the folder of migrations.
type Migrations struct {
	Path     string // relative to the root
	Severity Severity
	Message  string
}

func checkMigrations(r *run) {
	for _, m := range r.options.Migrations {
		r.report(ruleMigrations, m.Severity, &file{path: m.Path}, 0, 0, m.Message, nil)
	}
}

// causesMigrations reports whether a changed file may have led to a finding about migrations.
func (o Options) causesMigrations(f Finding, changed string) bool {
	return o.isUnified(changed) || strings.Contains(changed, "/migrations/") || inFolder(path.Dir(f.Place.Path), changed)
}
