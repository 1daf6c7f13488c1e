package devenv

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// PushOptions says what a push may do.
type PushOptions struct {
	Schemas        []string // only these; all of the Prisma file if empty
	Renames        []string // keys of those Plan.Renames that are to be carried out as renames
	AcceptDataLoss bool
	AllowExternal  bool       // change a server that naap did not start
	Adopt          bool       // the database is this workspace's from now on, whosever it was; this allows changing it too
	Generator      *Generator // generates the clients after the push, before the commands of push.after
	Beside         bool       // push also where the migrations alone make the tables
	wait           bool       // wait for another naap, as Options.Wait does
}

// Diff returns what a push would do now. It changes nothing.
func (e *Env) Diff(ctx context.Context, opt PushOptions) (*schemaplan.Plan, error) {
	want, db, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return nil, err
	}
	if err := knownSchemas(ctx, db, want.db, opt.Schemas); err != nil {
		return nil, err
	}
	return schemaplan.Compute(ctx, db, want.db, schemaplan.ComputeOptions{
		Schemas: opt.Schemas, Renames: opt.Renames, LockTimeout: e.ws.Settings.LockTimeout, WithImage: e.withImage,
	})
}

// desiredAndDatabase reads the Prisma file while it connects. A mistake in the file comes before one in the connection.
func (e *Env) desiredAndDatabase(ctx context.Context) (wanted, *postgres.DB, error) {
	schema := e.readSchema(false)
	db, err := e.Connect(ctx)
	switch want := schema(); {
	case want.err != nil:
		return want, nil, want.err
	case want.db == nil:
		return want, nil, remedy.New("schema.none", remedy.ExitFailed, "%s", want.skip).WithHelp(remedy.Naap("config").Note("schema says where it is looked for"))
	default:
		return want, db, err
	}
}

// knownSchemas refuses a choice of schemas that neither the Prisma file nor the database has: nothing would be
// compared, and nothing would be said.
func knownSchemas(ctx context.Context, q postgres.Querier, want *schemaplan.Database, chosen []string) error {
	if len(chosen) == 0 {
		return nil
	}
	there, err := schemaNames(ctx, q)
	if err != nil {
		return err
	}
	there = append(there, want.Scope...)
	slices.Sort(there)
	there = slices.Compact(there)
	for _, name := range chosen {
		if !slices.Contains(there, name) {
			near := say.Nearest(name, there)
			return remedy.New("push.schema", remedy.ExitUsage, "neither the Prisma file nor the database has a schema %q", name).
				WithSeen("schemas: " + strings.Join(there, ", ")).WithHelp(remedy.Meant("", name, near, "--schema", near)...)
		}
	}
	return nil
}

// Push carries out a plan that Diff made: all of it, or nothing if it destroys and that was not accepted, or if a step
// cannot run on the data that is there. Then it generates the clients, if that is asked for, and runs the workspace's
// commands after a push. The error of one of these says that the plan was carried out.
func (e *Env) Push(ctx context.Context, plan *schemaplan.Plan, opt PushOptions, report progress.Report) (*schemaplan.Result, error) {
	report = progress.Clock(report)
	if err := e.mayPush(opt); err != nil && !plan.Empty() {
		return nil, err
	}
	if err := e.mayPushBeside(ctx, opt.Beside || plan.Empty()); err != nil {
		return nil, err
	}
	const name, title = "push", "Push the schema"
	// Where nothing changes there is nothing to ask, and other sessions are not in the way.
	if plan.Empty() && !opt.Adopt {
		report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: "nothing to do"})
		return &schemaplan.Result{}, e.generateAsked(ctx, opt.Generator, report)
	}
	result, err := e.lockedPush(ctx, plan, opt, report)
	if err != nil {
		return result, err
	}
	return result, e.afterPush(ctx, result, opt.Generator, report)
}

// afterPush does what comes after a push: first the clients are generated, which the workspace's commands may need.
func (e *Env) afterPush(ctx context.Context, result *schemaplan.Result, g *Generator, report progress.Report) error {
	err := e.generateAsked(ctx, g, report)
	if result.Statements == 0 {
		return err
	}
	if err != nil {
		err = e.hooksWait(err)
	} else {
		err = e.runHooks(ctx, report)
	}
	if r, ok := remedy.Of(err); ok {
		r.WithSeen("the push is done: " + say.Count(result.Statements, "statement"))
	}
	return err
}

func (e *Env) generateAsked(ctx context.Context, g *Generator, report progress.Report) error {
	if g == nil {
		return nil
	}
	return e.Generate(ctx, g, report)
}

// lockedPush is the part of Push that runs under the database's lock, which the commands after it may take themselves.
func (e *Env) lockedPush(ctx context.Context, plan *schemaplan.Plan, opt PushOptions, report progress.Report) (*schemaplan.Result, error) {
	db, release, err := e.begin(ctx, writing{verb: "push", wait: opt.wait, adopt: opt.Adopt}, report)
	if err != nil {
		return nil, failed(report, "push", "Push the schema", err)
	}
	defer release()
	return e.push(ctx, db, plan, opt, report)
}

func (e *Env) push(ctx context.Context, db *postgres.DB, plan *schemaplan.Plan, opt PushOptions, report progress.Report) (*schemaplan.Result, error) {
	const name, title = "push", "Push the schema"
	report(progress.Step{Name: name, Title: title, Status: progress.Running, Total: int64(len(plan.Steps)), Unit: "steps"})
	apply := e.applyOptions()
	apply.AllowLoss = opt.AcceptDataLoss
	apply.Report = report
	result, err := schemaplan.Apply(ctx, db, plan, apply)
	if r, ok := remedy.Of(err); ok && len(plan.Wipes) > 0 {
		if none := e.NoModel(); none != "" {
			r.WithSeen(none)
		}
	}
	if err != nil {
		return &result, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: say.Count(result.Statements, "statement")})
	return &result, nil
}

func (e *Env) mayPush(opt PushOptions) error {
	if opt.Adopt {
		return nil
	}
	if err := e.mayTouch("", opt.AllowExternal); err != nil {
		return err
	}
	return e.sameWorkspace()
}

func (e *Env) applyOptions() schemaplan.ApplyOptions {
	return schemaplan.ApplyOptions{LockTimeout: e.ws.Settings.LockTimeout}
}
