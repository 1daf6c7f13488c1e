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
	HeldBack int    // steps held back, because they destroy or cannot run on the data there
	NoModel  string // a sentence saying that the Prisma file has no model; "" where it has one
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
	if out.NoModel != "" {
		step.Status, step.Detail = progress.Warned, out.NoModel
	}
	report(step)
	return out, nil
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
