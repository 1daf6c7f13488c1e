package devenv

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/trust"
)

// TablesResult is what Up did to make the database match the Prisma file.
type TablesResult struct {
	Applied  int    // statements that were run
	Created  int    // tables among what was made
	HeldBack int    // steps held back, because they destroy or cannot run on the data there
	NoModel  string // a sentence saying that the Prisma file has no model; "" where it has one
}

// wanted is the Prisma file's database, or why there is none.
type wanted struct {
	db      *schemaplan.Database
	schemas []string // of the datasource; nil where it lists none
	skip    string   // why there is nothing to do
	err     error
}

// readSchema reads the Prisma file in the background; the returned function waits for it.
func (e *Env) readSchema(skip bool) func() wanted {
	done := make(chan wanted, 1)
	go func() {
		if skip {
			done <- wanted{skip: "asked to leave the tables alone"}
			return
		}
		done <- e.desired()
	}()
	var got *wanted
	return func() wanted {
		if got == nil {
			w := <-done
			got = &w
		}
		return *got
	}
}

// desired returns the database that the workspace's Prisma file means.
func (e *Env) desired() wanted {
	if len(e.ws.SchemaFiles) == 0 {
		return wanted{skip: "the workspace has no Prisma schema"}
	}
	if e.ws.SchemaDoubt != nil {
		return wanted{err: e.ws.SchemaDoubt}
	}
	for _, f := range e.ws.SchemaFiles {
		if e.isHeldSQL(f.Name) {
			return wanted{err: e.mayUse(trust.SQL)}
		}
	}
	return e.meaning.of(e.sources(), schemaplan.External(e.ws.External), e.readDesired)
}

func (e *Env) readDesired(sources []prisma.Source, external schemaplan.External) wanted {
	schema, err := prisma.Parse(sources...)
	if err != nil {
		return wanted{err: e.schemaInvalid(err)}
	}
	w := wanted{}
	if schema.Datasource == nil {
		// An empty file, as an editor leaves for a moment, must not mean an empty database.
		w.err = remedy.New("schema.datasource", remedy.ExitFailed, "%s has no datasource", e.ws.SchemaName()).
			WithFix(`datasource db { provider = "postgresql" … }    (belongs into it, a setting a line)`)
		return w
	}
	for _, s := range schema.Datasource.Schemas {
		w.schemas = append(w.schemas, s.Value)
	}
	w.db, w.err = schemaplan.Desired(schema, external)
	return w
}

func (e *Env) sources() []prisma.Source {
	sources := make([]prisma.Source, len(e.ws.SchemaFiles))
	for i, f := range e.ws.SchemaFiles {
		sources[i] = prisma.Source{Name: f.Name, Text: f.Text}
	}
	return sources
}

// noModel returns a sentence saying that a Prisma file has no model at all, and which files beside it have some; ""
// where it has one.
func (e *Env) noModel(want wanted) string {
	if want.db == nil || len(want.db.Tables) > 0 {
		return ""
	}
	line := e.ws.SchemaName() + " has no model: there are no tables to create"
	if len(e.ws.Beside) == 0 {
		return line
	}
	var beside []string
	for _, file := range e.ws.Beside {
		name, err := filepath.Rel(filepath.Dir(e.ws.SchemaPath), file)
		if err != nil {
			name = file
		}
		beside = append(beside, filepath.ToSlash(name))
	}
	return line + "; " + strings.Join(beside, ", ") + " beside it, with models, is not read, because the file is named as the schema and not its folder"
}

const tablesStep, tablesTitle = "tables", "Create tables"

// upTables is the part of up that makes what the Prisma file has and the database lacks.
func (e *Env) upTables(ctx context.Context, up *Up, db *postgres.DB, want wanted, report progress.Report) (err error) {
	if want.db != nil {
		report(progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Running, Detail: e.ws.SchemaName()})
	}
	if up.plan.tables, err = e.decideTables(ctx, db, want); err == nil {
		up.Tables, err = e.makeTables(ctx, db, up.plan.tables, report)
	}
	if err != nil {
		return failed(report, tablesStep, tablesTitle, err)
	}
	return nil
}

// makeTables carries out what was decided, and counts the steps that it held back.
func (e *Env) makeTables(ctx context.Context, db *postgres.DB, p tablesPlan, report progress.Report) (TablesResult, error) {
	if p.skip != "" {
		report(progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Skipped, Detail: p.skip})
		return TablesResult{}, nil
	}
	out := TablesResult{Created: countKind(&p.adds, schemaplan.CreateTable), HeldBack: p.heldBack(), NoModel: p.noModel}
	if !p.adds.Empty() {
		result, err := schemaplan.Apply(ctx, db, &p.adds, e.applyOptions())
		if err != nil {
			return out, err
		}
		out.Applied = result.Statements
	}
	step := e.tablesDone(tablesStep, tablesTitle, out)
	if out.NoModel != "" {
		step.Status, step.Detail = progress.Warned, out.NoModel
	}
	report(step)
	return out, nil
}

func (e *Env) applyOptions() schemaplan.ApplyOptions {
	return schemaplan.ApplyOptions{LockTimeout: e.ws.Settings.LockTimeout}
}

func (e *Env) tablesDone(name, title string, out TablesResult) progress.Step {
	step := progress.Step{Name: name, Title: title, Status: progress.Done}
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

// drift is how the database differs from the Prisma file.
type drift struct {
	plan             *schemaplan.Plan
	err              error
	missing, unknown map[string][]string // schema → tables
}

// drift compares; a mistake in the Prisma file is part of the answer.
func (e *Env) drift(ctx context.Context, q postgres.Querier) drift {
	want := e.desired()
	if want.err != nil || want.db == nil {
		return drift{err: want.err}
	}
	plan, err := schemaplan.Compute(ctx, q, want.db, schemaplan.ComputeOptions{NoCounts: true, LockTimeout: time.Second, WithImage: engine.WithImage})
	if err != nil {
		return drift{err: err}
	}
	d := drift{plan: plan, missing: map[string][]string{}, unknown: map[string][]string{}}
	for _, s := range plan.Steps {
		t := s.Table()
		switch s.Kind {
		case schemaplan.CreateTable:
			d.missing[t.Schema] = append(d.missing[t.Schema], t.Name)
		case schemaplan.DropTable:
			d.unknown[t.Schema] = append(d.unknown[t.Schema], t.Name)
		}
	}
	return d
}

// status returns the drift for the status document; nil where the workspace has no Prisma file.
func (d drift) status() *StatusDrift {
	if d.err != nil {
		return &StatusDrift{Problem: d.err.Error()}
	}
	if d.plan == nil {
		return nil
	}
	return &StatusDrift{PendingStatements: len(d.plan.Steps), Destructive: len(d.plan.Losses())}
}

func countKind(p *schemaplan.Plan, kind schemaplan.Kind) int {
	n := 0
	for _, s := range p.Steps {
		if s.Kind == kind {
			n++
		}
	}
	return n
}
