package devenv

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// UpPlan is what an up does, part by part, in its order. Up decides each part when it comes to it, since it depends on
// what the parts before it made, and then carries out exactly that. A dry run decides all of them and carries out none.
type UpPlan struct {
	workspace      string
	engine, reason string
	server         []string // what the engine does until its server answers, a line each
	looked         bool     // whether the database was read; if the server does not run, only the files are known
	reader         bool     // whether the role that only reads is created
	owner          ownerPlan
	password       string // the role that gets a random password, or ""
	init           initPlan
	tables         tablesPlan
	seeds          seedsPart
	commands       []*commandPart // none where the rows are left alone
	idle           bool           // nothing is done in the database, and all of this was decided beforehand; see decideIdle
}

// ownerPlan is what is done about the record of the database's owner.
type ownerPlan struct {
	whose owner
	asks  string     // the question to ask first, because naap did not start the server, or ""
	note  ledger.How // "" where nothing is recorded
	was   string     // the recorded owner until then, or ""
}

// initPlan is the run of the workspace's init script.
type initPlan struct {
	script string // its name
	skip   string // why it is not run, or ""
	held   bool   // because the user has not allowed it
}

// tablesPlan is what is made of what the Prisma file has and the database lacks.
type tablesPlan struct {
	skip     string          // why the tables are left alone, or ""
	file     string          // the Prisma file
	wanted   int             // how many tables it has
	noModel  string          // a sentence saying that it has no model, or ""
	compared bool            // whether it was compared with the database: all and adds are the outcome
	all      schemaplan.Plan // all differences
	adds     schemaplan.Plan // the part of it that is carried out
	hooks    []string        // what is run once anything was made, a line each
	way      course          // whether it is carried out at all, or migrations are run
	migrates bool            // migrate.use is "migrate"
}

// PlanUp returns what Up would do. It changes nothing. If the server does not run, what Up would do in the database is
// known only as far as the files and the settings say.
func (e *Env) PlanUp(ctx context.Context, opt UpOptions) (*UpPlan, error) {
	if !opt.Adopt {
		if err := e.sameWorkspace(); err != nil {
			return nil, err
		}
	}
	eng, reason, err := e.engineToStart(ctx)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	p := &UpPlan{workspace: e.ws.Describe(), engine: eng.Kind().Name, reason: reason, password: password.Asked(e.ws)}
	does, err := eng.Plan(ctx)
	if err != nil {
		return nil, e.besideIt(err)
	}
	p.server = lines(does)
	state, err := eng.Look(ctx)
	if err != nil {
		return nil, err
	}
	if state.State != engine.Running {
		p.reader = e.lacksReader(ctx, nil)
		return p, e.planDatabase(ctx, p, nil, nil, opt)
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	p.looked = true
	p.reader = e.lacksReader(ctx, db)
	s, v, err := e.decideOwner(ctx, db, p.engine, server.Endpoint{Host: state.Host, Port: state.Port, Identity: state.Identity}, opt)
	if err != nil {
		return nil, err
	}
	p.owner = e.ownerPlan(s, v, opt)
	if v.note == "" || s.entry == nil {
		return p, e.planDatabase(ctx, p, db, db, opt)
	}
	// Which seeds are this workspace's is known once it owns the database, so a transaction records that and is rolled
	// back.
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer postgres.Rollback(ctx, tx)
	if err := ledger.HandOver(ctx, tx, s.entry, s.here); err != nil {
		return nil, err
	}
	return p, e.planDatabase(ctx, p, db, tx, opt)
}

// planDatabase decides what is done in the database. db is nil if the server does not run; known knows the seeds.
func (e *Env) planDatabase(ctx context.Context, p *UpPlan, db *postgres.DB, known postgres.Querier, opt UpOptions) (err error) {
	if db == nil && opt.Adopt {
		p.owner = ownerPlan{whose: ours, note: ledger.Adopted}
	}
	p.init = e.decideInit(p.owner.whose)
	want := e.readSchema(e.noPush(opt))()
	if p.tables, err = e.decideTables(ctx, db, nil, want); err != nil {
		return err
	}
	if err := e.decideWay(ctx, db, &p.tables, want, e.proved(db, want, MigrateOptions{AllowExternal: opt.AllowExternal, Adopt: opt.Adopt})); err != nil {
		return err
	}
	if p.init.skip == "" && e.ws.Init != nil {
		made := createdSchemas(e.ws.Init.Text) // before the tables are compared
		p.tables.adds.Steps = slices.DeleteFunc(p.tables.adds.Steps, func(s *schemaplan.Step) bool {
			return s.Kind == schemaplan.CreateSchema && slices.Contains(made, s.Object)
		})
	}
	p.seeds, p.commands, err = e.decideUpSeeds(ctx, known, want, opt)
	return err
}

// decideOwner returns the workspace's relation to the database and what an up makes of it, or why it may not change it.
func (e *Env) decideOwner(ctx context.Context, q postgres.Querier, engine string, at server.Endpoint, opt UpOptions) (*standing, verdict, error) {
	rec := readRecord(e.StateDir())
	if at.Identity == "" || rec.Engine != engine {
		rec = record{} // it says nothing about another server
	}
	s, err := e.stand(ctx, q, rec)
	if err != nil {
		return nil, verdict{}, err
	}
	v := e.judge(s, writing{verb: "up", adopt: opt.Adopt, at: at.Address()})
	if v.err != nil && e.pours(opt) {
		return nil, verdict{}, v.err
	}
	if !opt.Adopt && !e.pours(opt) {
		v.note = "" // nothing is put into it that would have an owner
	}
	return s, v, nil
}

func (e *Env) ownerPlan(s *standing, v verdict, opt UpOptions) ownerPlan {
	p := ownerPlan{whose: v.owner, note: v.note}
	if s.entry != nil {
		p.was = s.entry.String()
	}
	if e.IsExternal() && !opt.Adopt && !opt.AllowExternal {
		p.asks = "Create what is missing in " + visible.String(e.Where()) + "?"
	}
	return p
}

// decideInit decides on the workspace's init script, which runs on every up: the image runs it only on an empty volume,
// so that a schema added to it later would be missing. Beside another workspace's tables it is not run.
func (e *Env) decideInit(whose owner) initPlan {
	switch {
	case e.ws.Init == nil:
		return initPlan{skip: "the workspace has no init script"}
	case whose == anothers:
		return initPlan{script: e.ws.Init.Name, skip: "the tables there are another workspace's"}
	case e.isHeldSQL(e.ws.Init.Name):
		return initPlan{script: e.ws.Init.Name, held: true,
			skip: e.ws.Init.Name + " reaches out of the database: not run, what it does was " + e.notAllowed("")}
	}
	return initPlan{script: e.ws.Init.Name}
}

// decideTables compares the database with what the Prisma file means; db is nil if the server does not run. It looks
// within a transaction if one is given.
func (e *Env) decideTables(ctx context.Context, db *postgres.DB, within postgres.Tx, want wanted) (tablesPlan, error) {
	p := tablesPlan{skip: want.skip, file: e.ws.SchemaName(), noModel: e.noModel(want), hooks: e.HookLines(), migrates: e.ws.Settings.Migrate.Use == "migrate"}
	if want.err != nil || want.db == nil {
		return p, want.err
	}
	p.wanted = len(want.db.Tables)
	if db == nil {
		return p, nil
	}
	var q postgres.Querier = db
	if within != nil {
		q = within
	}
	plan, err := schemaplan.Compute(ctx, q, want.db, schemaplan.ComputeOptions{LockTimeout: e.ws.Settings.LockTimeout, WithImage: e.withImage, Watch: db})
	if err != nil {
		return p, err
	}
	p.compared, p.all, p.adds = true, *plan, *plan.Additive()
	return p, nil
}

// decideWay decides whether what adds is pushed, or migrations are run, or both; q is nil if the server does not run, and
// then it is only known that there are some.
func (e *Env) decideWay(ctx context.Context, q postgres.Querier, p *tablesPlan, want wanted, prove prover) (err error) {
	if p.skip != "" || want.db == nil {
		return nil
	}
	if !p.compared {
		p.way.folder, err = e.ownFolder(ctx)
		if e.ws.Settings.Migrate.Use == "auto" {
			err = nil // said when the server runs
		}
		return err
	}
	p.way, err = e.chooseWay(ctx, q, &p.all, prove)
	if !p.way.push {
		p.adds = schemaplan.Plan{}
	}
	return err
}

// decideUpSeeds decides which seeds an up applies: those that were never applied. Changed ones wait until they are
// asked for.
func (e *Env) decideUpSeeds(ctx context.Context, q postgres.Querier, want wanted, opt UpOptions) (seedsPart, []*commandPart, error) {
	if opt.NoSeed || e.ws.Settings.NoSeed {
		return seedsPart{skip: "asked to leave the rows alone"}, nil, nil
	}
	seeds, err := e.decideSeeds(ctx, q, seeding.Options{Coming: comingKeys(want.db)})
	if err != nil {
		return seeds, nil, err
	}
	commands, err := e.decideCommands(ctx, q, commandsAsked{coming: want.db})
	return seeds, commands, err
}

// comingKeys returns the foreign keys in the Prisma file: before the tables exist, they say which seeds come first.
func comingKeys(db *schemaplan.Database) (keys []seeding.Edge) {
	if db == nil {
		return nil
	}
	for _, t := range db.Tables {
		from := postgres.TableRef{Schema: t.Schema, Name: t.Name}
		for _, k := range t.ForeignKeys {
			if to := postgres.TableRef(k.References); to != from {
				keys = append(keys, seeding.Edge{From: from, To: to})
			}
		}
	}
	return keys
}

// Lines returns the plan for the user, in the order in which it is carried out.
func (p *UpPlan) Lines(target remedy.Target) []string {
	return slices.Concat([]string{p.workspace, "engine " + p.engine + ": " + p.reason}, p.server, p.databaseLines(target))
}

func (p *UpPlan) databaseLines(target remedy.Target) []string {
	var out []string
	if p.reader {
		out = append(out, "create the role that only reads, for the console and dev sql")
	}
	out = append(out, p.owner.lines()...)
	if p.password != "" {
		out = append(out, "give the role "+p.password+" a random password")
	}
	out = append(out, does(initTitle, p.init.skip, "run "+p.init.script)...)
	out = append(out, does(tablesTitle, p.tables.skip, p.tables.lines(target)...)...)
	out = append(out, does(seedsTitle, p.seeds.skip, p.seeds.lines()...)...)
	for _, c := range p.commands {
		out = append(out, does(c.title, c.why, c.line())...)
	}
	return out
}

// does returns what a step does, or that it is skipped and why.
func does(title, skip string, does ...string) []string {
	if skip == "" {
		return does
	}
	return []string{"do not " + strings.ToLower(title[:1]) + title[1:] + ": " + skip}
}

func (p ownerPlan) lines() (out []string) {
	if p.asks != "" {
		out = append(out, "ask first: "+p.asks)
	}
	switch {
	case p.note == "":
	case p.was != "":
		out = append(out, "note that the database is this workspace's: it was that of "+p.was)
	default:
		out = append(out, "note that the database is this workspace's")
	}
	return out
}

func (p tablesPlan) lines(target remedy.Target) []string {
	if p.noModel != "" {
		return []string{p.noModel}
	}
	if !p.compared && p.way.folder != nil {
		return append(p.unseen(), p.hooks...)
	}
	if !p.compared {
		return append([]string{fmt.Sprintf("create what is missing of %s of %s", say.Count(p.wanted, "table"), p.file)}, p.hooks...)
	}
	out := p.wayLines()
	if !p.way.deploy || p.way.history == nil || p.way.history.Table {
		out = append(out, p.adds.Summary(target)...)
	} else if p.way.push {
		out = append(out, "create what they do not make: "+say.Count(p.way.apart.Steps, "step")) // it is seen once they have run
	}
	if !p.adds.Empty() || p.way.pending() > 0 {
		out = append(out, p.hooks...)
	}
	if len(p.all.Steps) == 0 && p.way.pending() == 0 {
		out = append(out, "create tables: nothing to do")
	}
	if n := p.heldBack(); n > 0 && p.way.push {
		out = append(out, "hold back "+say.Count(n, "step")+" ("+target.Line(remedy.Naap("dev diff"))+")")
	}
	return out
}

// unseen says what is done in a database that is not there yet, by a workspace with migrations.
func (p tablesPlan) unseen() []string {
	run := "run " + say.Count(len(p.way.folder.Migrations), "migration") + " of " + visible.String(p.way.folder.Name)
	if p.migrates {
		return []string{run}
	}
	return []string{fmt.Sprintf("%s if they make what %s says, and otherwise create what is missing of %s", run, p.file, say.Count(p.wanted, "table"))}
}

// wayLines say which way it is, and what is run.
func (p tablesPlan) wayLines() (out []string) {
	if line := p.way.line(); line != "" {
		out = append(out, line)
	}
	if p.way.pending() > 0 {
		out = append(out, say.Each(p.way.plan.Steps, func(s migrate.Step) string { return "run " + visible.String(s.Path) })...)
	}
	return out
}

// heldBack returns how many steps are held back, because they destroy or cannot run on the data there.
func (p tablesPlan) heldBack() int { return len(p.all.Steps) - len(p.all.Additive().Steps) }

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

// pours reports whether an up puts tables or rows into the database.
func (e *Env) pours(opt UpOptions) bool {
	return !e.noPush(opt) || !(opt.NoSeed || e.ws.Settings.NoSeed)
}

// noPush reports whether an up leaves the tables alone.
func (e *Env) noPush(opt UpOptions) bool { return opt.NoPush || e.ws.Settings.NoPush }

const initStep, initTitle = "schemas", "Create schemas"

const tablesStep, tablesTitle = "tables", "Create tables"
