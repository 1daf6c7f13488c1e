package devenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// owner says whose the tables of a database are.
type owner int

const (
	ours     owner = iota // this workspace's
	unowned               // there are no tables
	anothers              // another workspace's, or nothing says that naap made them
)

// writing describes what a verb is about to do to a database.
type writing struct {
	verb  string
	wait  bool   // for another naap, as Options.Wait does
	adopt bool   // the user said that the database is this workspace's from now on
	look  bool   // it writes nothing after all: a dry run
	at    string // the server's address, where the message should give it
	// known is set where the database must already be this workspace's; otherwise one without an owner becomes its own.
	known bool
}

// standing is the relation of this workspace to a database.
type standing struct {
	here     ledger.Here
	entry    *ledger.Entry // the recorded owner, or nil
	same     bool          // whether that is this workspace
	recorded recorded      // what this home remembers, where the database has no record
	theirs   string        // the workspace that this home remembers, where it is another one

	database               string
	marked                 bool // an older naap has worked on it
	tables, shared, wanted int  // the user's tables; those of them that this workspace has too; those in its Prisma file
}

// recorded is what the state folder says about the owner of an instance's database.
type recorded int

const (
	unrecorded recorded = iota
	recordedOurs
	recordedAnothers
)

// verdict says whose a database is, and what a verb that writes to it must do first.
type verdict struct {
	owner owner
	note  ledger.How // what is to be recorded, or ""
	err   error      // why it may not write, or nil
}

// stand finds this workspace's relation to a database; rec is what this home knows of the server.
func (e *Env) stand(ctx context.Context, q postgres.Querier, rec record) (*standing, error) {
	here := e.hereMeanwhile(ctx)
	entry, err := ledger.Read(ctx, q)
	s := &standing{here: here(), entry: entry}
	if err != nil {
		return nil, unreadableLedger(err)
	}
	if s.entry != nil {
		s.same = s.here.Is(s.entry.Workspace)
		return s, nil
	}
	if s.recorded, s.theirs = e.remembered(ctx, s.here, rec); s.recorded != unrecorded {
		return s, nil
	}
	return s, e.compareTables(ctx, q, s)
}

// recordedOwner returns what the database's ledger says of its owner, nil where it says nothing, and whether that is this
// workspace.
func (e *Env) recordedOwner(ctx context.Context, q postgres.Querier) (entry *ledger.Entry, ours bool, err error) {
	here := e.hereMeanwhile(ctx)
	entry, err = ledger.Read(ctx, q)
	us := here()
	return entry, entry != nil && us.Is(entry.Workspace), err
}

// compareTables counts the tables of a database without a ledger, and those of them that the Prisma file has too.
func (e *Env) compareTables(ctx context.Context, q postgres.Querier, s *standing) error {
	err := q.QueryRow(ctx, `SELECT current_database(), to_regnamespace('`+hidden.Ledger+`') IS NOT NULL`).Scan(&s.database, &s.marked)
	if err != nil {
		return fmt.Errorf("find out whose the tables are: %w", err)
	}
	// Tables of an extension, and Prisma's own list of migrations, are not evidence of an owner.
	found, err := postgres.CollectStrings(q.Query(ctx, `SELECT n.nspname || chr(1) || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '`+hidden.Schemas+`'
	AND c.relname <> '_prisma_migrations'
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`))
	if err != nil {
		return fmt.Errorf("find out whose the tables are: %w", err)
	}
	s.tables = len(found)
	want := e.desired()
	if want.db == nil {
		return nil
	}
	s.wanted = len(want.db.Tables)
	names := map[string]bool{}
	for _, t := range want.db.Tables {
		names[t.Schema+"\x01"+t.Name] = true
	}
	for _, f := range found {
		if names[f] {
			s.shared++
		}
	}
	return nil
}

// remembered returns what this home's record says of the database: whether it was made for this workspace or another.
func (e *Env) remembered(ctx context.Context, here ledger.Here, rec record) (recorded, string) {
	if rec.Engine == "" || rec.Attached || e.IsExternal() {
		return unrecorded, ""
	}
	if rec.Root == e.ws.Root {
		return recordedOurs, ""
	}
	if rec.Root == "" || e.ws.Root == "" {
		return unrecorded, "" // sameWorkspace has already decided that
	}
	if _, err := os.Stat(rec.Root); err != nil {
		return unrecorded, "" // moved or deleted
	}
	other, err := workspace.Find(ctx, rec.Root, workspace.Options{Env: environ()})
	if err != nil || other.Root == "" {
		return unrecorded, ""
	}
	their := identityOf(ctx, other)
	their.Commit = their.FirstCommit()
	if here.Is(their.Workspace) {
		return recordedOurs, ""
	}
	return recordedAnothers, their.String()
}

// fits reports whether the tables of a database without a ledger are this workspace's by their names: half of them, or
// half of those in the Prisma file. A few names in common, such as User, mean nothing.
func (s *standing) fits() bool {
	return s.shared > 0 && 2*s.shared >= min(s.tables, s.wanted)
}

// judge decides whose the database is, for a verb that writes to it.
func (e *Env) judge(s *standing, w writing) verdict {
	switch {
	case s.entry != nil && s.same:
		return verdict{owner: ours}
	case w.adopt:
		return verdict{owner: ours, note: ledger.Adopted}
	case s.entry != nil:
		return verdict{anothers, "", e.anotherWorkspace(s)}
	case s.recorded == recordedOurs:
		return verdict{owner: ours, note: ledger.TakenOver}
	case s.recorded == recordedAnothers:
		return verdict{anothers, "", e.anotherWorkspace(s)}
	case w.known:
		return verdict{anothers, "", e.neverMade(s)}
	case s.tables == 0:
		return verdict{owner: unowned, note: ledger.Made}
	case s.fits() && (s.marked || !e.ws.IsBuiltin()):
		return verdict{owner: ours, note: ledger.TakenOver}
	case e.ws.IsBuiltin():
		return verdict{anothers, "", e.anothersTables(s, w.at)}
	case !s.marked && (e.IsExternal() || s.wanted == 0):
		// The user gave the URL and confirmed it, or the files describe only the server: this is the database they mean.
		return verdict{owner: ours, note: ledger.Adopted}
	}
	return verdict{anothers, "", e.anothersTables(s, w.at)}
}

// own makes sure that the database is this workspace's before a verb writes to it, and records it there.
func (e *Env) own(ctx context.Context, db *postgres.DB, w writing, report progress.Report) error {
	rec := readRecord(e.StateDir())
	for again := false; ; again = true {
		s, err := e.stand(ctx, db, rec)
		if err != nil {
			return err
		}
		v := e.judge(s, w)
		if v.err != nil || w.look {
			return v.err
		}
		err = e.note(ctx, db, s, v, w, report)
		if !errors.Is(err, ledger.ErrChanged) || again {
			return err
		}
	}
}

// note records what was decided, or updates what is recorded. A role that may not create naap's schema can still change
// its own tables.
func (e *Env) note(ctx context.Context, db *postgres.DB, s *standing, v verdict, w writing, report progress.Report) error {
	var err error
	switch {
	case v.note != "":
		now := s.here.Workspace
		now.Commit = s.here.FirstCommit()
		err = db.InTx(ctx, func(tx postgres.Tx) error {
			if err := ledger.Note(ctx, tx, s.entry, ledger.Entry{Workspace: now, How: v.note, Version: e.opt.Version}); err != nil || s.entry == nil {
				return err
			}
			return ledger.HandOver(ctx, tx, s.entry, s.here)
		})
	case s.entry != nil:
		if now := s.renewed(); !now.Equal(s.entry.Workspace) {
			err = ledger.Refresh(ctx, db, s.entry, now)
		}
	}
	const readOnly = "25006"
	if !w.adopt && (postgres.HasCode(err, postgres.Forbidden) || postgres.HasCode(err, readOnly)) {
		report(progress.Step{Name: "owner", Title: "Note whose the database is", Status: progress.Warned, Detail: err.Error()})
		return nil
	}
	return err
}

// renewed returns what the record of this workspace's database should say of it now.
func (s *standing) renewed() ledger.Workspace {
	if s.entry.Commit == "" {
		s.here.Commit = s.here.FirstCommit()
	}
	return s.here.Merged(s.entry.Workspace)
}

// mayWrite refuses what own refuses, but records nothing: for plans.
func (e *Env) mayWrite(ctx context.Context, q postgres.Querier, w writing) error {
	s, err := e.stand(ctx, q, readRecord(e.StateDir()))
	if err != nil {
		return err
	}
	return e.judge(s, w).err
}

// keep makes a database that a restore has just put in place this workspace's: it replaced one that was, and what was
// restored may be a copy of another workspace's, or older than the ledger.
func (e *Env) keep(ctx context.Context, report progress.Report) error {
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	s := &standing{here: e.here(ctx)}
	if s.entry, err = ledger.Read(ctx, db); err != nil {
		return err
	}
	if s.entry != nil && s.here.Is(s.entry.Workspace) {
		return nil
	}
	if err := e.note(ctx, db, s, verdict{note: ledger.Restored}, writing{}, report); err != nil || s.entry == nil {
		return err
	}
	report(progress.Step{Name: "owner", Title: "Keep whose the database is", Status: progress.Warned,
		Detail: fmt.Sprintf("the copy is of the database of %s; it is this workspace's from now on", s.entry)})
	return nil
}

// Stranger returns a sentence for the user where the database is another workspace's, which this one may only read; ""
// where it is this one's, or has no recorded owner.
func (e *Env) Stranger(ctx context.Context) (string, error) {
	entry, err := e.strangersEntry(ctx)
	if err != nil || entry == nil {
		return "", err
	}
	return e.stranger(entry), nil
}

// StrangerToPsql is like Stranger, for a program whose statements naap does not see.
func (e *Env) StrangerToPsql(ctx context.Context) (string, error) { return e.strangerTo(ctx, "psql") }

func (e *Env) strangerTo(ctx context.Context, program string) (string, error) {
	entry, err := e.strangersEntry(ctx)
	if err != nil || entry == nil || e.lostSchema(entry) {
		return "", err
	}
	return anothersDatabase(entry) + ". What " + program + " writes is written there", nil
}

// strangersEntry returns the entry of the database's owner, if that is another workspace.
func (e *Env) strangersEntry(ctx context.Context) (*ledger.Entry, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	entry, ours, err := e.recordedOwner(ctx, db)
	if err != nil || ours {
		return nil, err
	}
	return entry, nil
}

// lostSchema reports whether a database is recorded as this very folder's, from when it had a Prisma file.
func (e *Env) lostSchema(noted *ledger.Entry) bool {
	if !e.ws.IsBuiltin() || e.ws.Root == "" {
		return false
	}
	_, machine := thisMachine()
	return noted.Root == resolved(e.ws.Root) && noted.Machine == machine
}

func (e *Env) stranger(entry *ledger.Entry) string {
	if e.lostSchema(entry) {
		return visible.String(fmt.Sprintf("the database was made from %s, which is not there any more; what is shown here is the built-in schema", entry.Schema))
	}
	return anothersDatabase(entry) + ". From here it is only read"
}

func anothersDatabase(entry *ledger.Entry) string {
	return visible.String(fmt.Sprintf("the database is another workspace's: %s, since %s", entry, day(entry)))
}

func day(e *ledger.Entry) string { return e.At.Local().Format("2006-01-02 15:04") }

// unreadableLedger returns the error for a role that may not read the ledger.
func unreadableLedger(err error) error {
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != postgres.Forbidden {
		return err
	}
	return remedy.New("workspace.ledger", remedy.ExitRefused, "it cannot be read whose the database is, and nothing was changed").
		WithSeen(said.Message).
		WithFix("as the role that made it: GRANT USAGE ON SCHEMA naap_dev TO the role; GRANT SELECT ON naap_dev.workspace TO the role").Behind(err)
}

// anotherWorkspace returns the error for writing to a database that is recorded, or remembered, as another workspace's.
func (e *Env) anotherWorkspace(s *standing) error {
	whose := s.theirs
	if s.entry != nil {
		whose = fmt.Sprintf("%s, since %s (%s, by naap %s)", s.entry, day(s.entry), s.entry.How, s.entry.Version)
	}
	if n := s.entry; n != nil && e.lostSchema(n) {
		return remedy.New("workspace.other", remedy.ExitRefused, "%s was made from a Prisma schema that is not there any more, and the built-in one would take its place", e.theDatabase()).
			WithSeen("it is that of "+whose, "this is "+e.ws.Describe()).
			WithFix("put " + visible.String(n.Schema) + " back, or name where it is: schema = \"…\"    (a line for naap.toml)").
			WithHelp(remedy.Again("dev push", "--adopt").Note("if the built-in schema is what you want"))
	}
	r := remedy.New("workspace.other", remedy.ExitRefused, "%s is another workspace's", e.theDatabase()).
		WithSeen("it is that of "+whose, "this is "+s.here.String())
	if n := s.entry; n != nil && !n.Builtin && n.Machine == s.here.Machine {
		if _, err := os.Stat(n.Root); err == nil {
			r.WithHelp(e.runIn(n.Root))
		}
	}
	return e.waysOut(r)
}

// runIn returns the command that works on this database from the folder of its own workspace.
func (e *Env) runIn(root string) remedy.Advice {
	switch {
	case !e.IsExternal():
		return remedy.Naap("dev up", e.named()...).In(root)
	case e.ws.Settings.Origin("database-url").Layer == workspace.FromFile: // which the other folder does not have
		return remedy.Line("run it in that workspace, with --database-url: cd ", remedy.ShellWord(root))
	}
	return remedy.Naap("dev up").From(root)
}

// anothersTables returns the error for writing to tables that have no ledger and do not match the Prisma file.
func (e *Env) anothersTables(s *standing, at string) error {
	with, how := "this workspace", fmt.Sprintf("%d of them in %s", s.shared, e.ws.SchemaName())
	if e.ws.IsBuiltin() {
		with = "the built-in workspace"
	}
	if !s.marked {
		how = "and no schema naap_dev"
	}
	if at != "" {
		at = " on " + at
	}
	r := remedy.New("workspace.other", remedy.ExitRefused, "the database has tables that naap did not make, and %s would be mixed with them", with).
		WithSeen(fmt.Sprintf("database %s%s: %s, %s", s.database, at, say.Count(s.tables, "table"), how), "this is "+with+": "+e.ws.Describe())
	if e.IsExternal() {
		return e.waysOut(r.WithFix("run it in the checkout that they belong to, or with -C DIR",
			"or leave the tables and rows alone, with --no-push --no-seed"))
	}
	r.WithHelp(remedy.Line("in the checkout that they belong to: ", remedy.Naap("dev up", e.named()...).In("DIR")),
		remedy.Naap("dev up", "--no-push", "--no-seed").Note("leaves the tables and rows alone"))
	return e.waysOut(r)
}

// neverMade returns the error for writing to a database that this workspace has not made or adopted.
func (e *Env) neverMade(s *standing) error {
	return remedy.New("workspace.other", remedy.ExitRefused, "%s was not made for this workspace", e.theDatabase()).
		WithSeen(fmt.Sprintf("database %s: nothing there says whose it is", s.database), "this is "+s.here.String()).
		WithHelp(remedy.Naap("dev up"))
}

func (e *Env) theDatabase() string {
	if e.IsExternal() {
		return "the database"
	}
	return fmt.Sprintf("the database of instance %q", e.ws.Settings.Instance)
}

// second returns the words for starting a second instance, which cannot have this one's port.
func (e *Env) second() []string {
	words := []string{"--name", "NAME"}
	if free := loopback.Free(e.ws.Settings.Port+1, loopback.MayListen); free != 0 {
		words = append(words, "--port", strconv.Itoa(free))
	}
	return words
}

// waysOut adds the remedies that always help where a database is another workspace's.
func (e *Env) waysOut(r *remedy.Error) error { return r.WithHelp(e.others()...) }

func (e *Env) others() []remedy.Advice {
	adopt := remedy.Naap("dev up", "--adopt").Note("what is there is this workspace's from then on")
	if e.IsExternal() {
		return []remedy.Advice{adopt}
	}
	return []remedy.Advice{
		remedy.Naap("dev up", e.second()...).Note("a database of its own for this workspace"),
		remedy.Naap("dev down", "--delete-data").Note("deletes it; then up makes it for this workspace"),
		adopt,
	}
}
