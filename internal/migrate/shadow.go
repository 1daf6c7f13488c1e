package migrate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Shadow makes the end states of migrations, in databases beside the one that they are for. Each end state stays as a
// database of its own, so that only what is new has to be run: on a copy of the longest beginning that is known. A few
// are kept, and the one that was used longest ago goes.
type Shadow struct {
	target dburl.Target
	schema string // of the connection URL
	opt    postgres.Options
	admin  *postgres.DB
	base   string // what end states depend on besides the scripts
	note   string // why it is on another server than the database; "" where it is not
	after  func() // what is done when it is closed, or nil
	init   []Migration
	lacks  string // what it may lack; "" where that is nothing

	mu sync.Mutex // one at a time makes an end state: another would wait for the lock with a connection that this one needs
}

const (
	shadowsKept = 3
	shadowWait  = 30 * time.Second // for another naap that makes an end state of the same database
)

// OpenShadow connects to the server of a database. schema is where scripts make what they do not qualify.
func OpenShadow(ctx context.Context, url, schema string, opt postgres.Options) (*Shadow, error) {
	t, err := dburl.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	opt.Application, opt.MaxConns, opt.Pooled = "naap shadow", 2, false
	admin, err := postgres.OpenMaintenance(ctx, t, opt)
	if err != nil {
		return nil, err
	}
	s := &Shadow{target: t, schema: schema, opt: opt, admin: admin}
	if err := admin.QueryRow(ctx, askBase).Scan(&s.base); err != nil {
		s.Close()
		return nil, fmt.Errorf("look at the server: %w", err)
	}
	s.base += " " + schema
	return s, nil
}

// askBase returns what end states depend on besides the scripts.
const askBase = `SELECT pg_catalog.concat_ws(' ', current_user, current_setting('server_version_num'), d.encoding, d.datcollate, d.datctype,
	current_setting('TimeZone'), current_setting('DateStyle'), current_setting('IntervalStyle'), current_setting('standard_conforming_strings'))
FROM pg_catalog.pg_database d WHERE datname = 'template1'`

// Close closes the connections. The end states stay.
func (s *Shadow) Close() {
	s.admin.Close()
	if s.after != nil {
		s.after()
	}
}

// Instead says that the shadow is on another server than the database, with the reason, and what is to be done when it is
// closed.
func (s *Shadow) Instead(note string, after func()) { s.note, s.after = note, after }

// Begin says what is run before all migrations, and what failures may come from: "" for nothing.
func (s *Shadow) Begin(with []Migration, lacks string) { s.init, s.lacks = with, lacks }

// End makes the end state of migrations, as a deploy of all of them to an empty database would, and opens it. It is
// for looking at: whoever changes something there takes it back. A script that fails is the error "migrate.shadow"
// (Prisma's P3006).
func (s *Shadow) End(ctx context.Context, list []Migration) (*postgres.DB, error) {
	return s.end(ctx, "", list)
}

// end makes the end state by a run of its own, where run is not "".
func (s *Shadow) end(ctx context.Context, run string, list []Migration) (*postgres.DB, error) {
	chain, err := s.chain(run, list)
	if err != nil {
		return nil, err
	}
	name := s.database(chain[len(chain)-1].key)
	err = s.alone(ctx, func() error { return s.ensure(ctx, name, chain) })
	if err != nil {
		return nil, err
	}
	return postgres.Open(ctx, s.at(name), s.opt)
}

// link is the end state after one of several migrations, or before the first.
type link struct {
	Step
	key string // the same for two chains exactly if the same scripts ran in the same order
	// settled says that what follows does not depend on the session that the scripts ran in.
	settled bool
}

func (s *Shadow) chain(run string, list []Migration) ([]link, error) {
	chain := []link{{key: digest(s.base + run), settled: true}}
	for _, m := range slices.Concat(s.init, list) {
		step, err := newStep(m)
		if err != nil {
			return nil, err
		}
		last := chain[len(chain)-1]
		chain = append(chain, link{Step: step, key: digest(last.key + step.Checksum), settled: last.settled && !step.script.setsSession()})
	}
	return chain, nil
}

func (s *Shadow) at(database string) string {
	t := s.target
	t.Database = database
	return t.URL()
}

// database returns the name of the database with an end state, or with "" of the one that is being made.
func (s *Shadow) database(key string) string { return shadowName(s.target.Database, key) }

func shadowName(of, key string) string { return "naap_shadow_" + digest(of + "\x00" + key)[:16] }

// alone runs f while no other naap makes end states for this database. The lock ends with its connection, so that what
// is unfinished is left over from one that died.
func (s *Shadow) alone(ctx context.Context, f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.admin.WithConn(ctx, func(c *postgres.Conn) error {
		ask := fmt.Sprintf("SET lock_timeout = %d; SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtext('naap shadow'), pg_catalog.hashtext(%s))",
			shadowWait.Milliseconds(), postgres.Literal(s.target.Database))
		if _, err := postgres.ExecScript(ctx, c, ask); postgres.HasCode(err, lockNotAvailable) {
			return remedy.New("migrate.shadow-busy", remedy.ExitBusy, "another naap is running the migrations of %s on its shadow database", visible.String(s.target.Database)).
				WithFix("let it finish, then run the same again")
		} else if err != nil {
			return fmt.Errorf("lock out other shadows: %w", err)
		}
		defer func() {
			ctx, cancel := postgres.Ending(ctx)
			defer cancel()
			_, _ = postgres.ExecScript(ctx, c, "RESET lock_timeout; SELECT pg_catalog.pg_advisory_unlock_all()")
		}()
		return f()
	})
}

// shadowLabel is the comment on an end state's database.
type shadowLabel struct {
	Naap string    `json:"naap"` // "shadow"
	Of   string    `json:"of"`   // the database that the migrations are for
	At   time.Time `json:"at"`   // when it was last used
	Key  string    `json:"key"`
	Last string    `json:"last,omitempty"` // the last migration in it

	Proofs []proof `json:"proofs,omitempty"` // newest first
}

func (l shadowLabel) comment(database string) string {
	text, err := json.Marshal(l) // plain values: cannot fail
	if err != nil {
		panic(err)
	}
	return "COMMENT ON DATABASE " + postgres.Ident(database) + " IS " + postgres.Literal(string(text))
}

// known returns the labels of the end states of this database, by the names of their databases.
func (s *Shadow) known(ctx context.Context) (map[string]shadowLabel, error) {
	known := map[string]shadowLabel{}
	err := postgres.Each(ctx, s.admin, func(row postgres.Rows) error {
		var name, text string
		err := row.Scan(&name, &text)
		var l shadowLabel
		if json.Unmarshal([]byte(text), &l) == nil && l.Naap == "shadow" && l.Of == s.target.Database && name == s.database(l.Key) {
			known[name] = l
		}
		return err
	}, `SELECT datname::text, coalesce(pg_catalog.shobj_description(oid, 'pg_database'), '') FROM pg_catalog.pg_database WHERE datname ~ '^naap_shadow_[0-9a-f]{16}$'`)
	if err != nil {
		return nil, fmt.Errorf("look for shadow databases: %w", err)
	}
	return known, nil
}

// ensure makes the database of the end of a chain, unless there is one.
func (s *Shadow) ensure(ctx context.Context, name string, chain []link) error {
	known, err := s.known(ctx)
	if err != nil {
		return err
	}
	end := chain[len(chain)-1]
	label := shadowLabel{Naap: "shadow", Of: s.target.Database, At: time.Now().UTC(), Key: end.key, Last: end.Name}
	if was, ok := known[name]; ok {
		label.Proofs = was.Proofs
		_, err := s.admin.Exec(ctx, label.comment(name))
		return err
	}
	scratch := s.database("")
	defer func() {
		ctx, cancel := postgres.Ending(ctx)
		defer cancel()
		_ = s.drop(ctx, scratch)
	}()
	if err := s.make(ctx, scratch, known, chain); err != nil {
		return err
	}
	err = s.admin.InTx(ctx, func(tx postgres.Tx) error {
		return postgres.ExecAll(ctx, tx, "ALTER DATABASE "+postgres.Ident(scratch)+" RENAME TO "+postgres.Ident(name), label.comment(name))
	})
	if err != nil {
		return fmt.Errorf("keep the shadow database: %w", err)
	}
	known[name] = label
	s.forget(ctx, known)
	return nil
}

// make runs a chain's scripts in a database: those that are new, where a beginning is known.
func (s *Shadow) make(ctx context.Context, scratch string, known map[string]shadowLabel, chain []link) error {
	if from, ok := s.spent(known, chain); ok {
		done, err := s.takeOn(ctx, scratch, known, chain, from)
		if done || err != nil {
			return err
		}
	}
	for from := len(chain) - 1; from >= 0; from-- {
		template := s.database(chain[from].key)
		if _, ok := known[template]; from > 0 && (!ok || !chain[from].settled) {
			continue
		}
		create := "CREATE DATABASE " + postgres.Ident(scratch)
		if from > 0 {
			create += " TEMPLATE " + postgres.Ident(template) // by the server's log, which takes no checkpoints; it has no rows to speak of
		}
		if err := s.drop(ctx, scratch); err != nil {
			return err
		}
		_, err := s.admin.Exec(ctx, create)
		switch {
		case from > 0 && (postgres.HasCode(err, "55006") || postgres.HasCode(err, "3D000")): // it is in use, or gone
			continue
		case postgres.HasCode(err, postgres.Forbidden):
			return s.denied(err)
		case err != nil:
			return fmt.Errorf("make a shadow database: %w", err)
		}
		return s.replay(ctx, scratch, chain[from+1:])
	}
	return nil
}

// fewScripts is how many scripts are rather run again than a database copied and another dropped, for which the server
// writes out all that it has changed.
const fewScripts = 10

// spent returns a link whose end state would be forgotten for the new one, which is a few scripts further.
func (s *Shadow) spent(known map[string]shadowLabel, chain []link) (from int, ok bool) {
	names := byUse(known)
	if len(names) < shadowsKept {
		return 0, false
	}
	for from := len(chain) - 2; from > 0 && from >= len(chain)-1-fewScripts; from-- {
		if chain[from].settled && slices.Contains(names[shadowsKept-1:], s.database(chain[from].key)) {
			return from, true
		}
	}
	return 0, false
}

// takeOn makes the new end state of one that is spent. It reports false where that is in use, or gone.
func (s *Shadow) takeOn(ctx context.Context, scratch string, known map[string]shadowLabel, chain []link, from int) (done bool, err error) {
	if err := s.drop(ctx, scratch); err != nil {
		return false, err
	}
	old := s.database(chain[from].key)
	_, err = s.admin.Exec(ctx, "ALTER DATABASE "+postgres.Ident(old)+" RENAME TO "+postgres.Ident(scratch))
	switch {
	case postgres.HasCode(err, "55006") || postgres.HasCode(err, "3D000"):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("make a shadow database: %w", err)
	}
	delete(known, old)
	return true, s.replay(ctx, scratch, chain[from+1:])
}

func (s *Shadow) denied(err error) error {
	server, _ := postgres.AsServerError(err)
	return remedy.New("migrate.shadow-denied", remedy.ExitRefused, "the migrations have to be run on a shadow database, and %s may not create databases on %s", visible.String(s.target.User), s.target.Endpoint()).
		WithSeen("server: "+visible.String(postgres.Describe(server))).Behind(server).
		WithFix("ALTER ROLE "+postgres.Ident(s.target.User)+" CREATEDB    (as a superuser of that server)",
			"leave --database-url out: the instance's own server always can")
}

// replay runs scripts one after the other on one session, as a deploy does.
func (s *Shadow) replay(ctx context.Context, database string, chain []link) error {
	db, err := postgres.Open(ctx, s.at(database), s.opt)
	if err != nil {
		return err
	}
	defer db.Close()
	pooled, err := db.Acquire(ctx)
	if err != nil {
		return postgres.Diagnose(err, s.at(database))
	}
	defer pooled.Release()
	c := pooled.Conn()
	if s.schema != "public" {
		if _, err := c.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+postgres.Ident(s.schema)); err != nil {
			return fmt.Errorf("make the URL's schema on the shadow database: %w", err)
		}
	}
	if err := prepare(ctx, c, s.schema, shadowWait); err != nil {
		return err
	}
	// What is lost with the server is made again: the database counts only once it has its name, which waits for the disk.
	if _, err := c.Exec(ctx, "SET synchronous_commit = off"); err != nil {
		return fmt.Errorf("prepare the session of the migrations: %w", err)
	}
	for _, l := range chain {
		if done, err := l.exec(ctx, c); err != nil {
			if ctx.Err() != nil {
				return err
			}
			return s.told(l.shadowFailure(done, err))
		}
	}
	return nil
}

// told adds to a failure what else may be behind it.
func (s *Shadow) told(r *remedy.Error) error {
	for _, note := range []string{s.note, s.lacks} {
		if note != "" {
			r.WithSeen(visible.String(note))
		}
	}
	return r
}

// shadowFailure returns the error for a script that does not run on what its predecessors made.
func (s Step) shadowFailure(done int, err error) *remedy.Error {
	place, number := s.place(done, err)
	r := remedy.New("migrate.shadow", remedy.ExitFailed, "%s: the migration does not run on an empty database after those before it (Prisma's P3006)", place)
	s.explain(r, number, err)
	return r.WithSeen("it ran on a shadow database, which is gone: yours is as it was").
		WithFix("fix the script: every new database gets it, also where this one has it already")
}

// forget drops the end states that were used longest ago. One that is in use stays, for now.
func (s *Shadow) forget(ctx context.Context, known map[string]shadowLabel) {
	names := byUse(known)
	for _, name := range names[min(len(names), shadowsKept):] {
		_, _ = s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+postgres.Ident(name))
	}
}

// byUse returns the names of end states, the one that was used last first.
func byUse(known map[string]shadowLabel) []string {
	return slices.SortedFunc(maps.Keys(known), func(a, b string) int { return cmp.Or(known[b].At.Compare(known[a].At), cmp.Compare(a, b)) })
}

func (s *Shadow) drop(ctx context.Context, name string) error {
	if _, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+postgres.Ident(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the database %q: %w", name, err)
	}
	return nil
}

// MayCreateDatabases reports whether a shadow can be made on a server by the role of the connection.
func MayCreateDatabases(ctx context.Context, q postgres.Querier) (may bool, err error) {
	err = q.QueryRow(ctx, "SELECT rolsuper OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user").Scan(&may)
	if err != nil {
		err = fmt.Errorf("look at the role's rights: %w", err)
	}
	return may, err
}

// Fits reports, as an error, why a server cannot stand in for one of a version: because it is of another major version, or
// because the role may not create databases there either.
func (s *Shadow) Fits(ctx context.Context, version postgres.Version) error {
	is, err := postgres.ServerVersion(ctx, s.admin)
	if err != nil {
		return err
	}
	may, err := MayCreateDatabases(ctx, s.admin)
	switch {
	case err != nil:
		return err
	case is.Major() != version.Major():
		return fmt.Errorf("its server is PostgreSQL %d, and the database's is %d", is.Major(), version.Major())
	case !may:
		return fmt.Errorf("its role may not create databases there")
	}
	return nil
}

// Roles makes the roles of a database's server on the shadow's, without a right to anything, so that scripts can name
// them.
func (s *Shadow) Roles(ctx context.Context, of postgres.Querier) error {
	const roles = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname LIMIT 1000"
	theirs, err := postgres.CollectStrings(of.Query(ctx, roles))
	if err != nil {
		return fmt.Errorf("look for roles: %w", err)
	}
	ours, err := postgres.CollectStrings(s.admin.Query(ctx, roles))
	if err != nil {
		return fmt.Errorf("look for roles on the shadow's server: %w", err)
	}
	for _, name := range theirs {
		if slices.Contains(ours, name) {
			continue
		}
		if _, err := s.admin.Exec(ctx, "CREATE ROLE "+postgres.Ident(name)); err != nil {
			return fmt.Errorf("make the role %q on the shadow's server: %w", name, err)
		}
	}
	return nil
}
