package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/fakehints"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// FakeOptions says what rows are made up for, and how.
type FakeOptions struct {
	fakedata.Options
	Continue      bool // go on with the interrupted run, whose options hold
	Clean         bool // first remove the rows that were made up before
	AllowExternal bool
}

// PlanFake returns what Fake would do. With Clean, the rows that were made up before still exist and count as made up.
func (e *Env) PlanFake(ctx context.Context, opt FakeOptions) (*fakedata.Plan, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return e.planFake(ctx, db, opt)
}

func (e *Env) planFake(ctx context.Context, db *postgres.DB, opt FakeOptions) (*fakedata.Plan, error) {
	hints := e.fakeHints(ctx)
	if opt.Continue {
		return fakedata.Continue(ctx, db, hints)
	}
	opt.Options.Hints = hints
	opt.Options.Rules = say.Each(e.ws.Settings.Fake, func(r workspace.FakeRule) fakedata.Rule { return fakedata.Rule(r) })
	return fakedata.Decide(ctx, db, opt.Options)
}

// Fake makes up rows. However it ends, each table has either all its rows or none.
func (e *Env) Fake(ctx context.Context, opt FakeOptions, report progress.Report) (*fakedata.Plan, fakedata.Result, error) {
	const name, title = "fake", "Make up rows"
	var none fakedata.Result
	report = progress.Clock(report)
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal}); err != nil {
		return nil, none, err
	}
	db, release, err := e.lockAndConnect(ctx, "seed")
	if err != nil {
		return nil, none, err
	}
	defer release()
	if opt.Clean {
		if err := cleanFake(ctx, db, report); err != nil {
			return nil, none, err
		}
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Running, Detail: "reading the catalogue"})
	plan, err := e.planFake(ctx, db, opt)
	if err != nil {
		return nil, none, failed(report, name, title, err)
	}
	result, err := fakedata.Apply(ctx, db, plan, report)
	if err != nil && ctx.Err() != nil {
		report(progress.Step{Name: name, Title: title, Status: progress.Failed, Detail: fmt.Sprintf(
			"broken off after %d of %s; the others have none of these rows. To go on: %s", result.Tables, say.Count(len(plan.Tables), "table"), e.opt.Target.Line(remedy.Naap("dev seed", "--continue")))})
		return plan, result, err
	}
	if err != nil {
		return plan, result, failed(report, name, title, err)
	}
	report(fakeDone(name, title, plan, result))
	return plan, result, nil
}

func fakeDone(name, title string, plan *fakedata.Plan, result fakedata.Result) progress.Step {
	step := progress.Step{Name: name, Title: title, Status: progress.Done, Done: result.Rows, Total: result.Rows, Unit: "rows",
		Detail: fmt.Sprintf("%s in %s, %s", say.Count(result.Rows, "row"), say.Count(result.Tables, "table"), say.Took(result.Took))}
	if n := len(plan.Refused); n > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; %s cannot be filled", say.Count(n, "table"))
	}
	odd := 0
	for _, t := range plan.Tables {
		if len(t.Conflicts) > 0 {
			odd++
		}
	}
	if odd > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; rules of naap.toml are at odds with constraints of %s", say.Count(odd, "table"))
	}
	if n := len(result.Short); n > 0 {
		step.Status = progress.Warned
		step.Detail += fmt.Sprintf("; fewer rows than planned in %s", say.Count(n, "table"))
	}
	return step
}

func cleanFake(ctx context.Context, db *postgres.DB, report progress.Report) error {
	const name, title = "clean", "Remove the rows made up before"
	report(progress.Step{Name: name, Title: title, Status: progress.Running})
	rows, err := fakedata.Clean(ctx, db)
	if err != nil {
		return failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: say.Count(rows, "row")})
	return nil
}

// fakeHints returns what the Prisma file and the seed files say beyond the database. Files with mistakes are ignored:
// the catalogue is enough to fill tables.
func (e *Env) fakeHints(ctx context.Context) fakedata.Hints {
	schema, _ := prisma.Parse(e.sources()...)
	files, _ := e.seedFiles(ctx)
	return fakehints.Of(schema, files)
}
