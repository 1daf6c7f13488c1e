package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// TablesResult is what Up did to make the database match the Prisma file.
type TablesResult struct {
	Applied  int    // statements that were run
	Created  int    // tables among what was made
	Migrated int    // migrations that were run
	HeldBack int    // steps held back, because they destroy or cannot run on the data there, or belong to a migration
	NoModel  string // a sentence saying that the Prisma file has no model; "" where it has one
}

// runWay says which way it is, and runs the migrations that are part of it. It returns how many were run; what is left for
// a push is decided after them.
func (e *Env) runWay(ctx context.Context, db *postgres.DB, p *tablesPlan, want wanted, report progress.Report) (int, error) {
	if p.way.folder == nil || p.skip != "" {
		return 0, nil
	}
	step := progress.Step{Name: wayStep, Title: wayTitle, Status: progress.Done, Detail: p.way.line()}
	if p.way.warned {
		step.Status = progress.Warned
	}
	report(step)
	if p.way.plan == nil {
		return 0, nil
	}
	result, err := e.runMigrations(ctx, db, p.way.plan, report)
	if err != nil || len(result.Applied) == 0 {
		return 0, err
	}
	chosen := p.way
	if *p, err = e.decideTables(ctx, db, nil, want); err != nil {
		return 0, failed(report, tablesStep, tablesTitle, err)
	}
	if p.way = chosen; !p.way.push {
		p.adds = schemaplan.Plan{}
	}
	return len(result.Applied), nil
}

// makeTables carries out what was decided, and counts the steps that it held back.
func (e *Env) makeTables(ctx context.Context, db *postgres.DB, p tablesPlan, report progress.Report) (TablesResult, error) {
	if p.skip != "" {
		report(progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Skipped, Detail: p.skip})
		return TablesResult{}, nil
	}
	out := TablesResult{HeldBack: p.heldBack(), NoModel: p.noModel}
	for _, names := range p.adds.TablesOf(schemaplan.CreateTable) {
		out.Created += len(names)
	}
	if !p.adds.Empty() {
		result, err := schemaplan.Apply(ctx, db, &p.adds, e.applyOptions())
		if err != nil {
			return out, err
		}
		out.Applied = result.Statements
	}
	step := e.tablesDone(out)
	if !p.way.push {
		step = e.leftToMigrations(p)
	}
	if out.NoModel != "" {
		step.Status, step.Detail = progress.Warned, out.NoModel
	}
	report(step)
	return out, nil
}

// leftToMigrations is the last step where nothing is pushed: it says what the Prisma file has and the database lacks.
func (e *Env) leftToMigrations(p tablesPlan) progress.Step {
	step := progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Done, Detail: "nothing to do"}
	n := len(p.all.Steps)
	switch {
	case n == 0:
	case p.way.apart.known && p.way.apart.Steps > 0 && p.way.apart.Covers():
		step.Detail = fmt.Sprintf("%s has %s less than the migrations make (%s)", p.file, say.Count(p.way.apart.Steps, "step"), e.opt.Target.Line(remedy.Naap("migrate diff")))
	case p.way.apart.Steps > 0:
		step.Status = progress.Warned
		step.Detail = fmt.Sprintf("%s of %s %s in no migration, and not made (%s)", say.Count(p.way.apart.Steps, "step"), p.file, say.Form(p.way.apart.Steps, "is", "are"), e.opt.Target.Line(makeMigration()))
	case p.way.apart.known:
		step.Status = progress.Warned
		step.Detail = fmt.Sprintf("the database is not what its migrations make, %s away from %s (%s)", say.Count(n, "step"), p.file, e.opt.Target.Line(remedy.Naap("dev diff")))
	default:
		step.Status = progress.Warned
		step.Detail = fmt.Sprintf("%s of %s not made (%s)", say.Count(n, "step"), p.file, e.opt.Target.Line(remedy.Naap("dev diff")))
	}
	return step
}

func (e *Env) tablesDone(out TablesResult) progress.Step {
	step := progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Done}
	switch {
	case out.Applied == 0 && out.HeldBack == 0:
		step.Detail = "nothing to do"
	case out.Applied == 0:
		step.Detail = "nothing to add"
	default:
		step.Detail = say.Count(out.Created, "table") + ", " + say.Count(out.Applied, "statement")
	}
	if out.HeldBack > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; %s held back (%s)", say.Count(out.HeldBack, "step"), e.opt.Target.Line(remedy.Naap("dev diff")))
	}
	return step
}
