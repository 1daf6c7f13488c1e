package devenv

import (
	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
)

// What the verbs plan and report, under their own names: each type is documented where it is defined.
type (
	RestorePlan   = backup.Plan
	SavedSnapshot = backup.Snapshot
	BackupFile    = backup.File
	BackupChange  = backup.Change
	BackupObject  = backup.Object
	UndoEntry     = reset.Entry
	UndoPlace     = reset.Place
	Undone        = reset.Undone
	ResetChanges  = reset.Plan
	ResetTable    = reset.Table
	ResetKey      = reset.Key
	ResetEffect   = reset.Effect
	ResetObject   = reset.Object
	Eviction      = reset.Eviction
	Seed          = seeding.Seed
	SeedStep      = seeding.Step
	SeedRows      = seeding.TableRows
	SeedFile      = seedfile.File
	Standing      = trust.Standing
	Plan          = schemaplan.Plan
	PlanStep      = schemaplan.Step
	PlanClass     = schemaplan.Class
	Loss          = schemaplan.Loss
	Rename        = schemaplan.Rename
	Wipe          = schemaplan.Wipe
)

// The constants of these types that screens name.
const (
	Adds     = schemaplan.Adds
	Changes  = schemaplan.Changes
	Destroys = schemaplan.Destroys
)
