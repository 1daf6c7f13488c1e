package devenv

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// UpOptions says what Up does, beside the settings.
type UpOptions struct {
	// Confirm is called before a server that naap did not start is changed. If it is nil, the answer is no.
	Confirm func(question string) bool
	// AllowExternal allows changing such a server without asking.
	AllowExternal bool
	// NoPush and NoSeed leave the tables and the rows alone, as the settings with these names do.
	NoPush, NoSeed bool
	// Adopt makes the database this workspace's, whosever it was; this allows changing its server too.
	Adopt bool
}

// Up is what `naap dev up` found and did.
type Up struct {
	Engine       string
	EngineReason string
	Endpoint     server.Endpoint
	Tables       TablesResult
	Seeds        SeedsResult
	Warnings     []string // for the user, a line each
	Took         time.Duration

	plan UpPlan // what was carried out
}

// Up makes the instance's server run, its schemas and tables exist, and its seeds be applied. What exists is kept: it
// creates and adds, and holds back whatever would destroy. It is safe to run again, even after a kill at any moment.
func (e *Env) Up(ctx context.Context, opt UpOptions, report progress.Report) (*Up, error) {
	began := time.Now()
	report = progress.Clock(report)
	release, err := e.lock(ctx, "up")
	if err != nil {
		return nil, err
	}
	defer release()
	if !opt.Adopt {
		if err := e.sameWorkspace(); err != nil {
			return nil, err
		}
	}

	// The schema file is read and planned while the server starts, which is what takes the time.
	schema := e.readSchema(e.noPush(opt))

	up := &Up{}
	db, err := e.start(ctx, up, report)
	if err != nil {
		return up, err
	}
	unlock, err := e.take(ctx, up, db, opt, report)
	if err != nil {
		return up, err
	}
	if db, unlock, err = e.settlePassword(ctx, up, db, unlock, opt, report); err != nil {
		return up, err
	}
	defer unlock()
	if x := e.exposure(up.Endpoint.RunsAsYou); x.Line != "" {
		up.Warnings = append(up.Warnings, x.InALine(e.opt.Target))
	}
	up.plan.init = e.decideInit(up.plan.owner.whose)
	if err := e.runInit(ctx, db, up.plan.init, report); err != nil {
		return up, err
	}
	if err := e.upTables(ctx, up, db, schema(), report); err != nil {
		return up, err
	}
	if lines, err := e.disagreements(ctx, db, schema()); err == nil {
		up.Warnings = append(up.Warnings, lines...)
	}
	if err := e.upSeeds(ctx, up, db, schema(), opt, report); err != nil {
		return up, err
	}
	up.Warnings = append(up.Warnings, e.leftOut(ctx)...)
	up.Took = time.Since(began)
	return up, nil
}

// take locks the database, makes sure that it is this workspace's, and remembers where it is. A refusal leaves no
// record, which would claim the database for this workspace.
func (e *Env) take(ctx context.Context, up *Up, db *postgres.DB, opt UpOptions, report progress.Report) (unlock func(), err error) {
	unlock, err = e.lockTarget(ctx, db, "up", e.opt.Wait)
	if err != nil {
		return nil, err
	}
	if err := e.takeOwn(ctx, up, db, opt, report); err != nil {
		unlock()
		return nil, err
	}
	if !e.IsExternal() {
		e.remember(up)
	}
	return unlock, nil
}

// takeOwn is the part of take that runs under the lock. Another workspace's tables and rows are kept apart; a server alone may be
// shared.
func (e *Env) takeOwn(ctx context.Context, up *Up, db *postgres.DB, opt UpOptions, report progress.Report) error {
	for again := false; ; again = true {
		s, v, err := e.decideOwner(ctx, db, up.Engine, up.Endpoint, opt)
		if err != nil {
			return err
		}
		up.plan.owner = e.ownerPlan(s, v, opt)
		if q := up.plan.owner.asks; q != "" && !again && (opt.Confirm == nil || !opt.Confirm(q)) {
			return e.unconfirmed("")
		}
		if !opt.Adopt && !e.pours(opt) {
			return nil
		}
		err = e.note(ctx, db, s, v, writing{verb: "up", adopt: opt.Adopt}, report)
		if !errors.Is(err, ledger.ErrChanged) || again {
			return err
		}
	}
}

// start makes the server run and answer, and opens the database.
func (e *Env) start(ctx context.Context, up *Up, report progress.Report) (*postgres.DB, error) {
	report(progress.Step{Name: "engine", Title: "Choose the engine", Status: progress.Running})
	eng, reason, err := e.engine(ctx)
	if err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	if eng, err = e.keepBeforeMaking(ctx, eng); err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	defer eng.Close()
	up.Engine, up.EngineReason = eng.Kind().Name, reason
	up.plan = UpPlan{workspace: e.ws.Describe(), engine: up.Engine, reason: reason, looked: true}
	report(progress.Step{Name: "engine", Title: "Choose the engine", Status: progress.Done, Detail: eng.Kind().Name + ": " + reason})

	if err := e.mayStart(eng.Kind()); err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	up.Endpoint, err = eng.Ensure(ctx, e.probe, report)
	if err != nil {
		return nil, e.ownAuth(err)
	}
	up.Warnings = append(up.Warnings, up.Endpoint.Warnings...)
	report(progress.Step{Name: "server", Title: "Answers SQL", Status: progress.Done, Detail: up.Endpoint.Address()})

	url := e.ws.Settings.DatabaseURL
	if url == "" {
		url = e.dialURL(up.Endpoint.Host, up.Endpoint.Port)
	}
	e.dropPool()
	db, err := e.openDB(ctx, url)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.db, e.reached = db, url
	e.mu.Unlock()
	if err := e.direct(ctx, db); err != nil {
		return nil, err
	}
	if !e.IsExternal() {
		e.ensureReader(ctx, db)
	}
	return db, nil
}

// remember records where the server is. A record that cannot be written only costs time later.
func (e *Env) remember(up *Up) {
	old, at := readRecord(e.stateDir()), up.Endpoint
	_ = writeRecord(e.stateDir(), record{
		Engine: up.Engine, Port: at.Port, Identity: at.Identity, Root: e.ws.Root, Attached: up.plan.owner.whose == anothers,
		Asked: e.ws.Settings.IsPinned("port") || old.Asked && old.Port == at.Port,
	})
}

const initStep, initTitle = "schemas", "Create schemas"

// runInit runs the workspace's init script.
func (e *Env) runInit(ctx context.Context, db *postgres.DB, p initPlan, report progress.Report) error {
	step := progress.Step{Name: initStep, Title: initTitle, Status: progress.Skipped, Detail: p.skip}
	if p.skip != "" {
		if p.held {
			step.Status = progress.Warned
		}
		report(step)
		return nil
	}
	step.Status, step.Detail = progress.Running, p.script
	report(step)
	if err := e.execInit(ctx, db); err != nil {
		return failed(report, initStep, initTitle, e.ws.Withhold(withExtension(ctx, db, e.initFailed(err)), "init-sql", e.ws.Init.Path))
	}
	step.Status = progress.Done
	report(step)
	return nil
}

// execInit runs the script in a session of its own, which ends with it: a role or a search_path that it sets must not
// affect the plan and the seeds.
func (e *Env) execInit(ctx context.Context, db *postgres.DB) error {
	lent, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	c := lent.Hijack()
	defer postgres.Close(c)
	// "schema … already exists, skipping" is the normal case, and not news to anyone.
	if _, err := c.Exec(ctx, "SET client_min_messages = warning"); err != nil {
		return err
	}
	_, err = postgres.ExecScript(ctx, c, e.ws.Init.Text)
	return err
}

func (e *Env) initFailed(err error) error {
	r := remedy.New("init.script", remedy.ExitFailed, "%s failed", e.ws.Init.Name)
	server, ok := postgres.AsServerError(err)
	if !ok {
		return r.Wrap(err)
	}
	if line, column, ok := postgres.Locate(e.ws.Init.Text, server); ok {
		text := strings.TrimSpace(strings.Split(e.ws.Init.Text, "\n")[line-1])
		r.WithSeen(fmt.Sprintf("%s:%d:%d: %s", e.ws.Init.Name, line, column, text))
	}
	return r.WithSeen(postgres.Describe(server)).Behind(server).
		WithHelp(remedy.Line("mend "+e.ws.Init.Path+", then: ", remedy.Again("dev up")))
}

// withExtension adds to a remedy which extension provides what the server says that it lacks, and how to get it.
func withExtension(ctx context.Context, db *postgres.DB, err error) error {
	server, said := postgres.AsServerError(err)
	if r, ok := remedy.Of(err); ok && said {
		r.WithHelp(postgres.LackingWays(ctx, db, server, engine.WithImage)...)
	}
	return err
}

// failed reports a step as failed and returns the error.
func failed(report progress.Report, name, title string, err error) error {
	report(progress.Step{Name: name, Title: title, Status: progress.Failed, Detail: visible.String(err.Error())})
	return err
}
