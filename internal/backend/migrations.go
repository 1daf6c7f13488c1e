package backend

import (
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/trust"
)

// Migrations is the folder of migrations beside the database's record of them.
type Migrations struct {
	*migrate.History
	Scripts map[string]Script     // of the folder, by the migrations' names
	Lint    []migrate.LintFinding // of what is pending, and of what was edited since
	None    error                 // why there can be no migrations; nil otherwise
}

// Script is the text of a migration.
type Script struct {
	Path, SQL  string
	Statements int
}

// DeployPlan is what a deploy would run, with the files that it was made from.
type DeployPlan struct {
	*devenv.MigratePlan
	Lint  []migrate.LintFinding
	Notes []string // what to know about the database
	File  FileState
	env   *devenv.Env
}

// Destroys returns what lint says of rows and values that the scripts remove.
func (p *DeployPlan) Destroys() (list []migrate.LintFinding) {
	for _, f := range p.Lint {
		if f.Destroys() {
			list = append(list, f)
		}
	}
	return list
}

// MigrationPlan is what a new migration would be, with the options and the files that it was made with.
type MigrationPlan struct {
	*devenv.NewMigration
	Options devenv.NewMigrationOptions
	File    FileState
	env     *devenv.Env
}

// Agreement is how the migrations and the Prisma file agree.
type Agreement struct {
	*devenv.Agreement
	File FileState
}

// ScriptsPlan is what the scripts of all migrations would reach, where a shadow database is to run them.
type ScriptsPlan struct {
	Standings []trust.Standing
	Held      []devenv.Asked // what the user has not allowed yet
}

// Asks returns what the user has not allowed yet.
func (p *ScriptsPlan) Asks() []devenv.Asked { return p.Held }
