package devenv

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// UpOptions choose what Up does. Settings say the rest.
type UpOptions struct {
	// Confirm is asked before a server that naap did not start is changed. It may be nil: then the answer is no.
	Confirm func(question string) bool
	// NoPush and NoSeed leave the tables and the rows alone, as the settings of these names do.
	NoPush, NoSeed bool
	// Adopt makes the database this workspace's, whosever it was; that is leave to change its server too.
	Adopt bool
}

// Up is what `naap dev up` found and did.
type Up struct {
	Engine       string
	EngineReason string
	Endpoint     engine.Endpoint
	Tables       TablesResult
	Seeds        SeedsResult
	Warnings     []string // what a person should read, a line each
	Took         time.Duration

	owner owner // whose the tables are that were there
}

// Up makes the instance's server run, its schemas and tables exist, and its seeds be there. What exists is kept: it
// creates and adds, and holds back whatever would destroy. It is safe to run again, also after a kill at any moment.
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
	schema := e.readSchema(opt.NoPush || e.ws.Settings.NoPush)

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
	if x := e.exposure(up.Endpoint.RunsAsYou); x.line != "" {
		up.Warnings = append(up.Warnings, x.inALine(e.opt.Target))
	}
	if err := e.runInit(ctx, db, up.owner, report); err != nil {
		return up, err
	}
	if up.Tables, err = e.makeTables(ctx, db, schema, report); err != nil {
		return up, err
	}
	if lines, err := e.disagreements(ctx, db, schema()); err == nil {
		up.Warnings = append(up.Warnings, lines...)
	}
	if up.Seeds, err = e.upSeeds(ctx, db, opt.NoSeed || e.ws.Settings.NoSeed, report); err != nil {
		return up, err
	}
	up.Warnings = append(up.Warnings, e.leftOut(ctx)...)
	up.Took = time.Since(began)
	return up, nil
}

// take locks the database, makes sure that it is this workspace's, and remembers where it is. What is refused leaves no
// record: it would claim the database for this workspace.
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

// takeOwn is take below the lock. Another workspace's tables and rows are kept apart; a server alone may be shared.
func (e *Env) takeOwn(ctx context.Context, up *Up, db *postgres.DB, opt UpOptions, report progress.Report) (err error) {
	rec := readRecord(e.stateDir())
	if up.Endpoint.Identity == "" || rec.Engine != up.Engine {
		rec = record{}
	}
	notes := opt.Adopt || e.pours(opt) // else nothing gets in that would have an owner
	asks := e.IsExternal() && !opt.Adopt
	w := writing{verb: "up", adopt: opt.Adopt, at: up.Endpoint.Address(), look: !notes || asks}
	up.owner, err = e.own(ctx, db, rec, w, report)
	if err != nil && (notes || remedy.Code(err) != "workspace.other") {
		return err
	}
	if !asks {
		return nil
	}
	if err := e.mayChange(up, opt); err != nil || !notes {
		return err
	}
	w.look = false
	_, err = e.own(ctx, db, rec, w, report)
	return err
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

// remember notes where the server is. A record that can't be written costs time later, and nothing else.
func (e *Env) remember(up *Up) {
	old, at := readRecord(e.stateDir()), up.Endpoint
	_ = writeRecord(e.stateDir(), record{
		Engine: up.Engine, Port: at.Port, Identity: at.Identity, Root: e.ws.Root, Attached: up.owner == anothers,
		Asked: e.ws.Settings.IsPinned("port") || old.Asked && old.Port == at.Port,
	})
}

// mayChange asks before a server that naap did not start is changed.
func (e *Env) mayChange(up *Up, opt UpOptions) error {
	if !e.IsExternal() {
		return nil
	}
	if opt.Confirm != nil && opt.Confirm("Create what is missing in "+visible.String(e.Where())+"?") {
		return nil
	}
	return e.unconfirmed()
}

// runInit runs the workspace's init script, on every start: the image runs it on an empty volume only, so that a
// schema added to it later would be missing. Beside another workspace's tables it makes nothing.
func (e *Env) runInit(ctx context.Context, db *postgres.DB, owner owner, report progress.Report) error {
	const name, title = "schemas", "Create schemas"
	if e.ws.Init == nil {
		report(progress.Step{Name: name, Title: title, Status: progress.Skipped, Detail: "the workspace has no init script"})
		return nil
	}
	if owner == anothers {
		report(progress.Step{Name: name, Title: title, Status: progress.Skipped, Detail: "the tables there are another workspace's"})
		return nil
	}
	if e.isHeldSQL(e.ws.Init.Name) {
		report(progress.Step{Name: name, Title: title, Status: progress.Warned,
			Detail: e.ws.Init.Name + " reaches out of the database: not run, what it does was " + e.notAllowed("")})
		return nil
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Running, Detail: e.ws.Init.Name})
	if err := e.execInit(ctx, db); err != nil {
		return failed(report, name, title, e.ws.Withhold(withExtension(ctx, db, e.initFailed(err)), "init-sql", e.ws.Init.Path))
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: e.ws.Init.Name})
	return nil
}

// execInit runs the script in a session of its own, which ends with it: a role or a search_path that it sets is not to
// reach the plan and the seeds.
func (e *Env) execInit(ctx context.Context, db *postgres.DB) error {
	lent, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	c := lent.Hijack()
	defer postgres.Close(c)
	// "schema … already exists, skipping" is the normal case and nobody's news.
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

// withExtension adds to a remedy which extension makes what the server says that it lacks, and how to have it.
func withExtension(ctx context.Context, db *postgres.DB, err error) error {
	server, said := postgres.AsServerError(err)
	if r, ok := remedy.Of(err); ok && said {
		r.WithHelp(postgres.LackingWays(ctx, db, server)...)
	}
	return err
}

// failed reports a step as failed and hands the error on.
func failed(report progress.Report, name, title string, err error) error {
	report(progress.Step{Name: name, Title: title, Status: progress.Failed, Detail: visible.String(err.Error())})
	return err
}
