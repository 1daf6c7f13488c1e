package devenv

import (
	"context"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// checkSchema compares the database with the Prisma file, and the lists of schemas with each other.
func (d *doctor) checkSchema(ctx context.Context, db *postgres.DB) {
	drift := d.env.drift(ctx, db)
	switch {
	case drift.err != nil:
		d.failed("drift", "The Prisma file can't be compared", drift.err)
	case drift.plan == nil:
	case drift.plan.Empty():
		d.fine("drift", "The database is what the Prisma file says")
	default:
		seen := drift.plan.Summary(d.env.opt.Target)
		if len(seen) > 8 {
			seen = append(seen[:8], fmt.Sprintf("… and %d more", len(seen)-8))
		}
		d.add("drift", Warning, fmt.Sprintf("The database differs from the Prisma file: %s", plural(len(drift.plan.Steps), "step")), seen, remedy.Naap("dev diff"), remedy.Again("dev push"))
	}
	lines, err := d.env.Disagreements(ctx)
	if err != nil {
		d.failed("schemas", "The schemas can't be listed", err)
	}
	for _, line := range lines {
		d.add("schemas", Warning, "The files and the database disagree", []string{line}, remedy.Naap("check"))
	}
	var undo int64
	if d.ask(ctx, db, "undo", `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname ~ '`+hidden.Aside+`'`, &undo) && undo > 0 {
		d.add("undo", Notable, "Undo holds "+bytesText(undo), []string{"schemas that were reset and can be brought back"}, remedy.Naap("dev undo", "--list"))
	}
	var databases int
	var kept int64
	if d.ask(ctx, db, "snapshots", `SELECT count(*), coalesce(sum(pg_database_size(oid)), 0)::bigint FROM pg_catalog.pg_database
WHERE datname ~ '^naap_(snap|prev|temp)_[0-9a-f]{16}$'`, &databases, &kept) && databases > 0 {
		d.add("snapshots", Notable, "Snapshots hold "+bytesText(kept), []string{plural(databases, "database")}, remedy.Naap("dev snapshot list"))
	}
}

func (d *doctor) checkSeeds(ctx context.Context, db *postgres.DB) {
	list, err := d.env.listSeeds(ctx, db)
	if err != nil {
		d.failed("seeds", "The seeds can't be listed", err)
		return
	}
	open := slices.DeleteFunc(slices.Clone(list), func(s seeding.Seed) bool { return s.State == seeding.Applied })
	if len(open) == 0 {
		d.fine("seeds", fmt.Sprintf("%s applied", plural(len(list), "seed")))
		return
	}
	for _, s := range open {
		if s.State == seeding.Missing {
			d.add("seeds", Notable, "Seed "+s.Name+" is missing", []string{"it was applied, and its file is gone"}, remedy.Words("nothing needs to be done: its rows stay"))
			continue
		}
		d.add("seeds", Notable, "Seed "+s.Name+" is "+string(s.State), []string{s.Detail()}, remedy.Naap("dev seed", s.Schema))
	}
}
