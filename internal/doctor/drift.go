package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// driftCheck compares the database with the Prisma file.
var driftCheck = check{database, func(ctx context.Context, l *look) {
	plan, err := l.Drift(ctx, l.db)
	switch {
	case err != nil:
		l.failed("drift", "The Prisma file can't be compared", err)
	case plan == nil:
	case plan.Empty():
		l.fine("drift", "The database is what the Prisma file says")
	default:
		seen := say.First(plan.Summary(l.Target()), 9)
		l.add("drift", remedy.Warning, "The database differs from the Prisma file: "+say.Count(len(plan.Steps), "step"), seen, remedy.Naap("dev diff"), remedy.Again("dev push"))
	}
}}

// schemasCheck compares the lists of schemas with each other.
var schemasCheck = check{database, func(ctx context.Context, l *look) {
	lines, err := l.Disagreements(ctx)
	if err != nil {
		l.failed("schemas", "The schemas can't be listed", err)
	}
	for _, line := range lines {
		l.add("schemas", remedy.Warning, "The files and the database disagree", []string{line}, remedy.Naap("check"))
	}
}}
