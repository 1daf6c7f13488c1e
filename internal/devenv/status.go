package devenv

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// statusTimeout bounds how long a status waits for a server that may hang.
const statusTimeout = 15 * time.Second // an engine may need it for more than one question

// measureWait is how long a status waits for the measurement of a container's memory. Current Docker answers in a few
// ms; Docker 20.10 at its next full second.
const measureWait = 250 * time.Millisecond

// Status returns how the instance is doing. What is wrong is part of the answer; an error means that it could not even
// be looked at.
func (e *Env) Status(ctx context.Context, opt StatusOptions) (*Status, error) {
	st, err := e.status(ctx, nil, opt)
	if err == nil && ctx.Err() != nil { // a question that could not be asked any more is not the server's problem
		return nil, ctx.Err()
	}
	return st, err
}

// StatusOptions says what a status shows.
type StatusOptions struct {
	All bool // naap's own schemas too: the ledger, and what undo keeps
}

// StatusAfter returns the status right after an Up. If that found nothing to change, the database is not compared with
// the Prisma file again.
func (e *Env) StatusAfter(ctx context.Context, up *Up) (*Status, error) {
	t := &up.plan.tables
	var known *schemaplan.Plan
	if t.compared && t.all.Empty() {
		known = &t.all
	}
	st, err := e.status(ctx, known, StatusOptions{})
	if err == nil && st.Migrations != nil && t.way.folder != nil {
		st.Migrations.Way, st.Migrations.Why = t.way.word(), t.way.why // what was done, and not what the next one would do
	}
	return st, err
}

// status looks; known is the drift if that is known already, else nil.
func (e *Env) status(ctx context.Context, known *schemaplan.Plan, opt StatusOptions) (*Status, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	st := e.newStatus()
	e.readAhead()
	clients := e.readClients(ctx)
	defer func() { st.Clients = clients() }()
	eng, reason, err := e.Engine(ctx)
	if err != nil {
		e.problem(st, err)
		st.DatabaseURL = e.Where()
		// What the instance runs in certainly has its data, even while it cannot be asked.
		if kind, rec := e.Kind(), readRecord(e.StateDir()); kind != nil && kind.Name == rec.Engine {
			st.Engine, st.State = rec.Engine, engine.Unhealthy
		}
		e.describeRecorded(ctx, st, known, opt)
		return st, nil
	}
	defer eng.Close()
	if st.EngineReason = reason; e.disagreement() != "" {
		defer func() { st.Warnings = append(st.Warnings, e.disagreement()) }()
	}
	look, err := eng.Look(ctx)
	if err != nil {
		st.Engine, st.State = eng.Kind().Name, engine.Unhealthy
		if ctx.Err() != nil {
			err = e.Explained(ctx, "dev status", err)
		}
		e.problem(st, err)
		e.describeRecorded(ctx, st, known, opt)
		return st, nil
	}
	e.describeEngine(st, eng.Kind().Name, look)
	if look.State != engine.Running {
		return st, nil // a paused or dying server would only be waited for
	}
	// Concurrently with the questions to the database. After an `up` that found nothing to do, only a measurement that is
	// ready by then is used.
	measured := measureMemory(ctx, eng, look)
	defer func() { measured(st, known == nil) }()
	e.describeEndpoint(st, look)
	if look.Paused {
		st.State = engine.Unhealthy
		e.problem(st, engine.Gone(eng, look, postgres.NoAnswer, remedy.Again("dev status")))
		return st, nil
	}
	if err := e.describeDatabase(ctx, st, known, opt); err != nil {
		if stillStarting(look, err, time.Now()) {
			st.State, st.Detail = engine.Starting, "the container runs, and the server in it does not answer yet"
			return st, nil
		}
		st.State = engine.Unhealthy
		if end := postgres.EndOf(err); end != postgres.NoConnection && end != postgres.NoAnswer {
			err = e.Explained(ctx, "dev status", err)
		}
		e.problem(st, password.Refused(e.ws, err))
	}
	return st, nil
}

// describeRecorded describes the database where the last start left it, if it answers there: that its engine does not
// answer is a problem of its own, which st already has.
func (e *Env) describeRecorded(ctx context.Context, st *Status, known *schemaplan.Plan, opt StatusOptions) {
	at, ok := readRecord(e.StateDir()).endpoint()
	if !ok || e.IsExternal() || errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statusTimeout)
	defer cancel()
	if e.probe(ctx, at) != nil {
		return
	}
	e.describeEndpoint(st, engine.Server{Host: at.Host, Port: at.Port})
	if err := e.describeDatabase(ctx, st, known, opt); err == nil {
		st.State = engine.Running
	}
}

// measureMemory begins to measure a container. The returned function records the outcome; if it may not wait, only if
// there is one.
func measureMemory(ctx context.Context, eng engine.Engine, look engine.Server) func(st *Status, wait bool) {
	if look.Container == nil {
		return func(*Status, bool) {}
	}
	ctx, cancel := context.WithTimeout(ctx, measureWait)
	outcome := make(chan int64, 1)
	go func() { outcome <- eng.Memory(ctx, look) }()
	return func(st *Status, wait bool) {
		if !wait {
			cancel()
		}
		st.Container.MemoryBytes = <-outcome
		cancel()
	}
}

// startUp is how long a container may run before its server answers, as on its first boot; after that, no answer means
// that it is unhealthy. A server that says that it is starting, as one in recovery does, may take as long as it needs.
const startUp = time.Minute

// stillStarting reports whether a failure to connect is that of a container whose server has yet to start: until then
// the port is closed, or Docker's proxy accepts the connection and drops it.
func stillStarting(look engine.Server, err error, now time.Time) bool {
	if look.Container == nil {
		return false
	}
	switch remedy.Code(err) {
	case "database.starting":
		return true
	case "database.refused":
	case "database.foreign":
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET) {
			return false // something answered that is not PostgreSQL
		}
	default:
		return false
	}
	return !look.Started.IsZero() && now.Sub(look.Started) < startUp
}

func (e *Env) newStatus() *Status {
	return &Status{
		Version: 1, Instance: e.ws.Settings.Instance, State: engine.Absent,
		Workspace: statusWorkspace{Kind: string(e.ws.Kind), Root: e.ws.Root, SchemaFile: e.ws.SchemaName()},
		Schemas:   []statusSchema{}, Seeds: []statusSeed{},
	}
}

func (e *Env) problem(st *Status, err error) {
	err = e.besideIt(err)
	p := &statusProblem{Code: remedy.Code(err), Message: visible.String(err.Error())}
	if r, ok := remedy.Of(err); ok {
		p.Remedy = strings.Join(e.opt.Target.Lines(r.Fix), "\n")
	}
	st.Problem = p
}

func (e *Env) describeEngine(st *Status, name string, look engine.Server) {
	st.Detail = visible.String(look.Detail)
	st.State, st.Container, st.Process, st.Warnings = look.State, look.Container, look.Process, look.Warnings
	if look.State != engine.Absent {
		st.Engine = name
	}
	if look.State == engine.Unhealthy {
		st.Problem = &statusProblem{Code: "server.unhealthy", Message: "the server does not answer", Remedy: e.opt.Target.Line(remedy.Again("dev up"))}
	}
}

func (e *Env) describeEndpoint(st *Status, look engine.Server) {
	set := &e.ws.Settings
	st.Endpoint = &statusEndpoint{Host: look.Host, Port: look.Port, Database: set.Database}
	if set.IsExternal() {
		st.DatabaseURL = dburl.MaskURL(set.DatabaseURL)
		if t, err := dburl.ParseTarget(set.DatabaseURL); err == nil {
			st.Endpoint.Database = t.Database
		}
		return
	}
	st.DatabaseURL = publicURL(set, look.Port)
}

// publicURL returns the URL that status shows: with the password only if it is the one that everybody knows.
func publicURL(set *workspace.Settings, port int) string {
	url := set.URL("localhost", port)
	if set.Password != "postgres" {
		url = dburl.MaskURL(url)
	}
	return url
}

func (e *Env) describeDatabase(ctx context.Context, st *Status, known *schemaplan.Plan, opt StatusOptions) error {
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	snap, err := e.Snapshot(ctx, postgres.SnapshotOptions{Hidden: opt.All, Brief: true})
	if err != nil {
		return err
	}
	if line := e.unread(); line != "" {
		st.Warnings = append(st.Warnings, line)
	}
	st.ServerVersion = snap.Server.Version.String()
	st.Health = healthOf(&snap.Health)
	drift, wrong := known, error(nil)
	if drift == nil {
		drift, wrong = e.Drift(ctx, db)
	}
	var missing, unknown map[string][]string
	switch {
	case wrong != nil:
		st.Drift = &StatusDrift{Problem: wrong.Error()}
	case drift != nil:
		st.Drift = &StatusDrift{PendingStatements: len(drift.Steps), Destructive: len(drift.Losses())}
		missing, unknown = drift.TablesOf(schemaplan.CreateTable), drift.TablesOf(schemaplan.DropTable)
	}
	st.Migrations = e.describeMigrations(ctx, db, drift)
	for _, s := range snap.Schemas {
		if s.Hidden && !hidden.IsOwn(s.Name) {
			continue // the server's own
		}
		st.Schemas = append(st.Schemas, e.describeSchema(s, missing[s.Name], unknown[s.Name]))
	}
	if st.Seeds, err = e.describeSeeds(ctx, db); remedy.Code(err) == "ledger.newer" {
		e.problem(st, err) // the server runs all the same, and what it has is shown
		return nil
	} else if err != nil {
		return err
	}
	e.describeOwner(ctx, st, db)
	return nil
}

func healthOf(h *postgres.Health) *statusHealth {
	return &statusHealth{
		LatencyMS:     float64(h.Latency.Microseconds()) / 1000,
		Connections:   statusConnections{Used: h.Used, Max: h.Max},
		CacheHitRatio: max(h.CacheHit, 0),
		WaitingLocks:  len(h.Waiting),
	}
}

func (e *Env) describeSchema(s postgres.SchemaInfo, missing, unknown []string) statusSchema {
	out := statusSchema{
		Name: s.Name, Owner: e.ws.OwnerOf(s.Name), Tables: s.TableCount(), Rows: s.Rows.N, RowsExact: s.Rows.Exact,
		Bytes: s.Bytes, EmptyTables: []string{}, MissingTables: orEmpty(missing), UnknownTables: orEmpty(unknown),
	}
	for _, t := range s.Tables {
		if t.Counts() && t.Empty {
			out.EmptyTables = append(out.EmptyTables, t.Name)
		}
	}
	return out
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// describeOwner adds to a status whose the database is, if the role may read it.
func (e *Env) describeOwner(ctx context.Context, st *Status, q postgres.Querier) {
	entry, ours, err := e.recordedOwner(ctx, q)
	if err != nil || entry == nil {
		return
	}
	st.Owner = &statusOwner{Ours: ours, Builtin: entry.Builtin, Root: entry.Root, Host: entry.Host,
		SchemaFile: entry.Schema, Since: entry.At, How: string(entry.How)}
	if !st.Owner.Ours {
		st.Warnings = append(st.Warnings, e.stranger(entry))
	}
}

// describeSeeds returns the state of each seed.
func (e *Env) describeSeeds(ctx context.Context, q postgres.Querier) ([]statusSeed, error) {
	list, err := e.listSeeds(ctx, q)
	if err != nil {
		return nil, err
	}
	return say.Each(list, func(s seeding.Seed) statusSeed { return statusSeed{Name: s.Name, State: string(s.State), Rows: s.Rows} }), nil
}
