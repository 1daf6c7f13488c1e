package devenv

import (
	"context"
	"errors"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/server"
)

// Up is what `naap dev up` found and did.
type Up struct {
	Engine       string
	EngineReason string
	Endpoint     server.Endpoint
	Tables       TablesResult
	Seeds        SeedsResult
	Warnings     []string // for the user, a line each
	Took         time.Duration

	plan  UpPlan // what was carried out
	where string // see engine.Engine
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
	if err := e.mustBePostgreSQL(schema); err != nil {
		return nil, err
	}
	db, err := e.start(ctx, up, report)
	if err != nil {
		return up, err
	}
	if e.decideIdle(ctx, &up.plan, up.Endpoint, db, schema, opt) {
		e.remember(up)
	} else {
		var unlock func()
		if db, unlock, err = e.takeForGood(ctx, up, db, opt, report); err != nil {
			return up, err
		}
		defer unlock()
	}
	if x := e.exposure(up.Endpoint.RunsAsYou); x.Line != "" {
		up.Warnings = append(up.Warnings, x.InALine(e.opt.Target))
	}
	if err := e.upDatabase(ctx, up, db, schema(), opt, report); err != nil {
		return up, err
	}
	up.Warnings = append(up.Warnings, e.leftOut(ctx)...)
	up.Took = time.Since(began)
	return up, nil
}

// upDatabase is the part of up that runs in the database, under its lock unless there is nothing to do.
func (e *Env) upDatabase(ctx context.Context, up *Up, db *postgres.DB, want wanted, opt UpOptions, report progress.Report) error {
	if !up.plan.idle {
		up.plan.init = e.decideInit(up.plan.owner.whose)
	}
	if err := e.runInit(ctx, db, up.plan.init, up.plan.idle, report); err != nil {
		return err
	}
	if err := e.upTables(ctx, up, db, want, report); err != nil {
		return err
	}
	up.Warnings = append(up.Warnings, say.Each(up.plan.tables.all.Lacking, schemaplan.Lack.String)...)
	if lines, err := e.disagreements(ctx, db, want); err == nil {
		up.Warnings = append(up.Warnings, lines...)
	}
	return e.upSeeds(ctx, up, db, want, opt, report)
}

// takeForGood makes what does not lie in the database, the roles, as it should be, and takes the database as take does.
func (e *Env) takeForGood(ctx context.Context, up *Up, db *postgres.DB, opt UpOptions, report progress.Report) (*postgres.DB, func(), error) {
	if up.plan.reader = e.lacksReader(ctx, db); up.plan.reader {
		e.makeReader(ctx, db)
	}
	unlock, err := e.take(ctx, up, db, opt, report)
	if err != nil {
		return nil, nil, err
	}
	return e.settlePassword(ctx, up, db, unlock, opt, report)
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

// keepBeforeMaking creates the random password that the settings ask for before the server exists, so that the server
// never has another. It returns an engine that knows it.
func (e *Env) keepBeforeMaking(ctx context.Context, eng engine.Engine) (engine.Engine, error) {
	if password.Asked(e.ws) == "" {
		return eng, nil
	}
	state, err := eng.Look(ctx)
	if err != nil || state.State != engine.Absent {
		return eng, nil // the existing server has a password; see settlePassword
	}
	made, err := password.Make(e.ws)
	if err != nil || !made {
		return eng, err
	}
	eng.Close()
	again, _, err := e.engineToStart(ctx)
	return again, err
}

// start makes the server run and answer, and opens the database.
func (e *Env) start(ctx context.Context, up *Up, report progress.Report) (*postgres.DB, error) {
	report(progress.Step{Name: "engine", Title: "Choose the engine", Status: progress.Running})
	eng, reason, err := e.engineToStart(ctx)
	if err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	if eng, err = e.keepBeforeMaking(ctx, eng); err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	defer eng.Close()
	up.Engine, up.EngineReason, up.where = eng.Kind().Name, reason, eng.Where()
	up.plan = UpPlan{workspace: e.ws.Describe(), engine: up.Engine, reason: reason, looked: true}
	report(progress.Step{Name: "engine", Title: "Choose the engine", Status: progress.Done, Detail: eng.Kind().Name + ": " + reason})

	if err := e.mayStart(eng.Kind()); err != nil {
		return nil, failed(report, "engine", "Choose the engine", err)
	}
	up.Endpoint, err = eng.Ensure(ctx, e.greet, report)
	if err != nil {
		return nil, password.Refused(e.ws, e.besideIt(err))
	}
	up.Warnings = append(up.Warnings, up.Endpoint.Warnings...)
	if line := engine.OtherMajor(ctx, eng.Kind(), e.ws); line != "" {
		up.Warnings = append(up.Warnings, line)
	}
	report(progress.Step{Name: "server", Title: "Answers SQL", Status: progress.Done, Detail: up.Endpoint.Address()})

	return e.openStarted(ctx)
}

// openStarted returns the database of the server that was made to run: greet has opened it, except that of a server that
// naap did not start.
func (e *Env) openStarted(ctx context.Context) (*postgres.DB, error) {
	e.mu.Lock()
	e.began = time.Now() // a server that was started for this is not one that was restarted meanwhile
	e.mu.Unlock()
	if !e.IsExternal() {
		return e.Connect(ctx)
	}
	e.dropPool()
	db, err := e.openDB(ctx, e.ws.Settings.DatabaseURL)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.db, e.reached = db, e.ws.Settings.DatabaseURL
	e.mu.Unlock()
	return db, e.direct(ctx, db)
}

// remember records where the server is. A record that cannot be written only costs time later.
func (e *Env) remember(up *Up) {
	old, at := readRecord(e.StateDir()), up.Endpoint
	_ = writeRecord(e.StateDir(), record{
		Engine: up.Engine, Port: at.Port, Identity: at.Identity, Root: e.ws.Root, Attached: up.plan.owner.whose == anothers,
		Where: up.where, Asked: e.ws.Settings.IsPinned("port") || old.Asked && old.Port == at.Port,
	})
}

// upTables is the part of up that makes what the Prisma file has and the database lacks: by migrations, by a push, or both.
func (e *Env) upTables(ctx context.Context, up *Up, db *postgres.DB, want wanted, report progress.Report) (err error) {
	if want.db != nil {
		report(progress.Step{Name: tablesStep, Title: tablesTitle, Status: progress.Running, Detail: e.ws.SchemaName()})
	}
	p := &up.plan.tables
	prove := e.proved(db, want, MigrateOptions{AllowExternal: true}) // what has to be allowed was asked for before
	if !up.plan.idle {
		if *p, err = e.decideTables(ctx, db, nil, want); err == nil {
			err = e.decideWay(ctx, db, p, want, prove)
		}
	}
	if err != nil {
		return failed(report, tablesStep, tablesTitle, err)
	}
	ran, err := e.runWay(ctx, db, p, want, report)
	if err == nil {
		err = p.way.settleApart(ctx, &p.all, prove)
	}
	if err != nil {
		return err
	}
	if up.Tables, err = e.makeTables(ctx, db, *p, report); err != nil {
		return failed(report, tablesStep, tablesTitle, err)
	}
	if up.Tables.Migrated = ran; ran > 0 || up.Tables.Applied > 0 {
		return e.runHooks(ctx, report) // before the seeds, which may use what they make, such as a client
	}
	return nil
}

// upSeeds is the part of up that applies seeds that were never applied.
func (e *Env) upSeeds(ctx context.Context, up *Up, db *postgres.DB, want wanted, opt UpOptions, report progress.Report) (err error) {
	if !up.plan.idle {
		up.plan.seeds, up.plan.commands, err = e.decideUpSeeds(ctx, db, want, opt)
	}
	if err != nil {
		return failed(report, seedsStep, seedsTitle, err)
	}
	if up.Seeds, err = e.applySeeds(ctx, db, up.plan.seeds, report); err == nil {
		up.Seeds.Commands, err = e.runCommands(ctx, db, up.plan.commands, report)
	}
	return err
}

// settlePassword is the part of up that makes the password what the settings ask for. It runs under the database's
// lock, which it takes again: the pool that holds it was opened with the former password.
func (e *Env) settlePassword(ctx context.Context, up *Up, db *postgres.DB, unlock func(), opt UpOptions, report progress.Report) (*postgres.DB, func(), error) {
	set := &e.ws.Settings
	if e.IsExternal() {
		return db, unlock, nil
	}
	err := password.Finish(e.ws)
	up.plan.password = password.Asked(e.ws)
	if err == nil && up.plan.password == "" {
		return db, unlock, nil
	}
	if err == nil {
		err = e.mustAsk(ctx, db, true)
	}
	if err == nil {
		err = password.Change(ctx, e.ws, db, true)
	}
	unlock()
	if err != nil {
		return nil, nil, failed(report, "password", "Password", err)
	}
	report(progress.Step{Name: "password", Title: "Password", Status: progress.Done, Detail: "role " + set.User + " has a random one now"})
	e.dropPool()
	if db, err = e.Connect(ctx); err != nil {
		return nil, nil, err
	}
	decided := up.plan.owner
	unlock, err = e.take(ctx, up, db, opt, report)
	up.plan.owner = decided
	return db, unlock, err
}
