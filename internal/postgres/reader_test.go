package postgres

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

var updateReadOnly = flag.Bool("update-read-only", false, "write the tables of docs/read-only.md")

// world is a server with all targets of the attempts.
type world struct {
	server  *pgtest.Instance
	db      *DB
	url     string
	reader  Reader
	dir     string // where programs and files would leave a trace
	victim  *Conn
	heard   *pgx.Conn
	told    []string
	program string
	file    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{server: pgtest.Server(t, pgtest.Setting("wal_level", "logical"), pgtest.Setting("max_prepared_transactions", "5"))}
	w.url = w.server.NewDatabase(t)
	dir, err := os.MkdirTemp("/tmp", "naap-reader-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // so that the server's user could write there, if anything lets it
		t.Fatal(err)
	}
	w.dir, w.program, w.file = dir, filepath.Join(dir, "program"), filepath.Join(dir, "file")
	pgtest.Exec(t, w.url, `
		CREATE TABLE t (id int PRIMARY KEY, n int, words text[]); INSERT INTO t SELECT i, i FROM generate_series(1, 5) i;
		CREATE INDEX t_gin ON t USING gin (words); CREATE INDEX t_brin ON t USING brin (n);
		CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;
		CREATE SEQUENCE s;
		CREATE SCHEMA open_to_all; GRANT ALL ON SCHEMA open_to_all TO PUBLIC; GRANT ALL ON SCHEMA public TO PUBLIC;
		SELECT lo_from_bytea(0, 'precious');
		CREATE FOREIGN DATA WRAPPER none;
		CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
		CREATE FUNCTION runs() RETURNS int LANGUAGE plpgsql AS $$ BEGIN COPY (SELECT 1) TO PROGRAM 'cat > `+w.program+`'; RETURN 1; END $$;
		CREATE VIEW v_runs AS SELECT runs();
		CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END';
		CREATE FUNCTION wipe_definer() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM t; RETURN 1; END';
		CREATE VIEW v_wipe AS SELECT wipe_definer();
		CREATE FUNCTION unlock_definer() RETURNS int LANGUAGE plpgsql SECURITY DEFINER
			AS $$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM t; RETURN 1; END $$;
		CREATE FUNCTION runs_definer(mark text DEFAULT '') RETURNS int LANGUAGE plpgsql SECURITY DEFINER
			AS $$ BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > `+w.program+`' || mark); RETURN 1; END $$;
		CREATE VIEW v_runs_definer AS SELECT runs_definer('-view');
		CREATE FUNCTION reloads() RETURNS bool LANGUAGE internal VOLATILE AS 'pg_reload_conf';
		CREATE EXTENSION dblink;
		CREATE FUNCTION next_definer() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT nextval('s') $$;
		CREATE PROCEDURE wipe_tx() LANGUAGE plpgsql AS 'BEGIN COMMIT; DELETE FROM t; COMMIT; END';
		CREATE FUNCTION at_planning(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 1; END';
		CREATE TABLE planned (a int); CREATE INDEX ON planned ((a + at_planning(1)));
		CREATE OR REPLACE FUNCTION at_planning(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM runs(); RETURN 1; END $$;`)
	if w.db, err = Open(t.Context(), w.url, Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.db.Close)
	w.reader = Reader{Role: ReaderPrefix + "test", Password: "made up", Owner: "postgres"}
	if err := w.reader.Make(t.Context(), w.db); err != nil {
		t.Fatal(err)
	}
	w.victim = w.connect(t)
	cfg, err := pgx.ParseConfig(w.url)
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) { w.told = append(w.told, n.Payload) }
	if w.heard, err = pgx.ConnectConfig(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(w.heard) })
	if _, err := w.heard.Exec(t.Context(), "LISTEN heard"); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) connect(t *testing.T) *Conn {
	t.Helper()
	c, err := Connect(t.Context(), w.url, Options{Application: "somebody else"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(c) })
	return c
}

// session opens a locked session: the reader's, or the owner's.
func (w *world) session(t *testing.T, owner bool) *Session {
	t.Helper()
	url, err := w.reader.URL(w.url)
	if err != nil {
		t.Fatal(err)
	}
	if owner {
		url = w.url
	}
	s, err := OpenSession(t.Context(), url, Options{Reader: !owner})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

func (w *world) text(a attempt) string {
	return strings.NewReplacer("$PROGRAM", w.program, "$FILE", w.file, "$VICTIM", fmt.Sprint(w.victim.PgConn().PID()), "$OWNER", strings.ReplaceAll(w.url, "'", "''")).Replace(a.text)
}

// state returns everything that an attempt could have changed, as text.
func (w *world) state(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, sql := range []string{
		"SELECT string_agg(t::text, ' ' ORDER BY id) FROM t",
		"SELECT concat(last_value, is_called) FROM s",
		"SELECT string_agg(concat(n.nspname, '.', c.relname), ' ' ORDER BY c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_toast'",
		"SELECT concat(count(*), max(oid::bigint)) FROM pg_proc",
		"SELECT string_agg(a::text, ' ' ORDER BY a.oid) FROM pg_authid a",
		"SELECT string_agg(concat(roleid, member), ' ' ORDER BY roleid, member) FROM pg_auth_members",
		"SELECT string_agg(concat(setdatabase, setrole, setconfig), ' ' ORDER BY setrole) FROM pg_db_role_setting",
		"SELECT count(*)::text FROM pg_collation",
		"SELECT concat((SELECT count(*) FROM pg_description), (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_foreign_server))",
		"SELECT string_agg(concat(loid, data), ' ' ORDER BY loid) FROM pg_largeobject",
		"SELECT concat((SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_replication_origin), (SELECT count(*) FROM pg_prepared_xacts), (SELECT count(*) FROM pg_database))",
		"SELECT concat(pg_read_file('postgresql.auto.conf'), pg_conf_load_time())",
		"SELECT concat(stats_reset, (SELECT stats_reset FROM pg_stat_bgwriter)) FROM pg_stat_database WHERE datname = current_database()",
		"SELECT pg_walfile_name(pg_current_wal_lsn())",
		"SELECT count(*)::text FROM pg_locks WHERE locktype = 'advisory' OR mode = 'AccessExclusiveLock'",
	} {
		var v *string
		if err := w.db.QueryRow(t.Context(), sql).Scan(&v); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if v != nil {
			out.WriteString(*v)
		}
		out.WriteString("\n")
	}
	files, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		fmt.Fprintln(&out, "file", f.Name())
	}
	if _, err := w.victim.Exec(t.Context(), "SELECT 1"); err != nil {
		fmt.Fprintln(&out, "the other session:", err)
	}
	if _, err := w.heard.Exec(t.Context(), "SELECT 1"); err != nil { // earlier notifications come with the answer
		t.Fatal(err)
	}
	fmt.Fprintln(&out, "told", w.told)
	return out.String()
}

func TestALockedSessionOfTheReaderChangesNothing(t *testing.T) {
	w := newWorld(t)
	s := w.session(t, false)
	before := w.state(t)
	for _, a := range attempts {
		if a.does != "" {
			s = w.session(t, false) // the one before has set its role to another
		}
		out, err := s.Run(t.Context(), w.text(a), RunOptions{})
		if err == nil {
			err = out.Err()
		}
		switch {
		case a.want == "" && err != nil:
			t.Errorf("%s: %v", a.text, err)
		case a.want != "" && !HasCode(err, a.want) && remedy.Code(err) != a.want:
			t.Errorf("%s: %v, want %s", a.text, err, a.want)
		}
		after := w.state(t)
		switch {
		case a.does == "" && after != before:
			t.Fatalf("%s changed something:\n%s", a.text, changedLines(before, after))
		case a.does != "" && !w.changes(t, before):
			t.Errorf("%s changed nothing: it is prevented now, which the documentation has to say", a.text)
		case a.does != "":
			before = w.state(t)
		}
	}
	// The same with pages, counts and exports, which run what views and conditions call.
	w.browse(t)
	if after := w.state(t); after != before {
		t.Errorf("browsing changed something:\n%s", changedLines(before, after))
	}
}

// changes reports whether the state changes: the server is told by a signal to read its configuration.
func (w *world) changes(t *testing.T, before string) bool {
	t.Helper()
	for range 200 {
		if w.state(t) != before {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// browse reads everything that runs something, as the screens do.
func (w *world) browse(t *testing.T) {
	t.Helper()
	url, err := w.reader.URL(w.url)
	if err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), url, Options{Reader: true, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range []string{"v_runs", "v_wipe", "planned"} {
		if _, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", name}}); err == nil {
			t.Errorf("%s: a page was read", name)
		}
	}
	if _, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", "t"}, Raw: "runs() = 1"}); !HasCode(err, "42501") {
		t.Errorf("a condition that runs a program: %v", err)
	}
	if _, err := db.Count(t.Context(), TableRef{"public", "planned"}); !HasCode(err, "42501") {
		t.Errorf("a count that runs a program: %v", err)
	}
	if _, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", "t"}, Raw: "pg_advisory_lock(42) IS NOT NULL"}); err != nil {
		t.Errorf("a condition that takes a lock: %v", err)
	}
	snap, err := w.db.Snapshot(t.Context(), SnapshotOptions{CountIn: func(context.Context) (*DB, error) { return db, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := snap.Table(TableRef{"public", "t"}); n.Rows != (RowCount{N: 5, Exact: true}) {
		t.Errorf("the table has %+v rows", n.Rows)
	}
	for _, query := range []string{"SELECT runs()", "SELECT * FROM v_wipe", "DELETE FROM t RETURNING *"} {
		if _, err := db.Export(t.Context(), discard{}, ExportRequest{Query: query, Format: ExportCSV}, nil); err == nil {
			t.Errorf("%s was exported", query)
		}
	}
	if _, err := db.Export(t.Context(), discard{}, ExportRequest{Query: "SELECT pg_advisory_lock(42), pg_notify('heard', 'z')", Format: ExportJSON}, nil); err != nil {
		t.Error(err)
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// This shows that the attempts are effective: a superuser's READ ONLY session lets them through.
func TestALockedSessionOfASuperuserIsNotEnough(t *testing.T) {
	w := newWorld(t)
	for _, a := range attempts {
		if !a.superuser {
			continue
		}
		out, err := w.session(t, true).Run(t.Context(), w.text(a), RunOptions{})
		if err == nil {
			err = out.Err()
		}
		if err != nil {
			t.Errorf("%s: %v", a.text, err)
		}
		if w.victim.IsClosed() || strings.Contains(a.text, "terminate") {
			w.victim = w.connect(t)
		}
	}
	if _, err := os.Stat(w.program); err != nil {
		t.Errorf("no program ran: %v", err)
	}
}

func changedLines(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var out []string
	for i, line := range b {
		if i >= len(a) || a[i] != line {
			was := ""
			if i < len(a) {
				was = a[i]
			}
			out = append(out, fmt.Sprintf("-%.300s\n+%.300s", was, line))
		}
	}
	return strings.Join(out, "\n")
}

// The tables of docs/read-only.md are the attempts; -update-read-only writes them.
func TestWhatIsWrittenOfReadOnlyIsWhatWasTried(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "read-only.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, part := range []struct{ name, table string }{
		{"refused", tableOf("| What | Tried | Refused with |", func(a attempt) string { return a.want })},
		{"let through", tableOf("| What | Tried | What is left of it |", func(a attempt) string { return a.left })},
		{"not prevented", tableOf("| What | Tried | What it does |", func(a attempt) string { return a.does })},
	} {
		begin, end := "<!-- "+part.name+": made by go test ./internal/postgres -run ReadOnly -update-read-only -->\n", "<!-- end of "+part.name+" -->"
		head, rest, ok := strings.Cut(text, begin)
		old, tail, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for what is %s", path, part.name)
		}
		if old != part.table && !*updateReadOnly {
			t.Errorf("%s: what is %s is not what was tried; -update-read-only writes it", path, part.name)
		}
		text = head + begin + part.table + end + tail
	}
	if *updateReadOnly {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func tableOf(head string, last func(attempt) string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n| --- | --- | --- |\n", head)
	group := ""
	for _, a := range attempts {
		if last(a) == "" {
			continue
		}
		shown := ""
		if a.group != group {
			shown, group = a.group, a.group
		}
		text := strings.NewReplacer("$PROGRAM", "…", "$FILE", "…", "$VICTIM", "…", "$OWNER", "…", "|", `\|`).Replace(a.text)
		fmt.Fprintf(&out, "| %s | %s: `%s` | %s |\n", shown, a.what, text, last(a))
	}
	return out.String()
}

func TestTheReaderIsMadeAgainWhatItHasToBe(t *testing.T) {
	server := pgtest.Server(t)
	url := server.NewDatabase(t)
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r := Reader{Role: ReaderPrefix + `odd"name`, Password: `it's \ "made" up`, Owner: "postgres"}
	logsIn := func() error {
		readers, err := r.URL(url)
		if err != nil {
			return err
		}
		conn, err := Connect(t.Context(), readers, Options{Reader: true})
		if err != nil {
			return err
		}
		defer Close(conn)
		_, fits, err := r.Check(t.Context(), conn)
		if err == nil && !fits {
			err = errors.New("it does not fit")
		}
		return err
	}
	role := Ident(r.Role)
	pgtest.Exec(t, url, `CREATE SCHEMA postgres; ALTER ROLE postgres SET statement_timeout = 12345`)
	for _, change := range []string{
		"", "DROP OWNED BY " + role + "; DROP ROLE " + role, "ALTER ROLE " + role + " PASSWORD 'another'", "ALTER ROLE " + role + " PASSWORD NULL",
		"ALTER ROLE " + role + " SUPERUSER", "ALTER ROLE " + role + " CREATEROLE", "ALTER ROLE " + role + " NOBYPASSRLS", "ALTER ROLE " + role + " NOLOGIN",
		"ALTER ROLE " + role + " VALID UNTIL '2001-01-01'", "ALTER ROLE " + role + " CONNECTION LIMIT 0",
		"GRANT pg_execute_server_program TO " + role, "REVOKE pg_read_all_data FROM " + role,
		"ALTER ROLE " + role + " SET default_transaction_read_only = off", "ALTER ROLE " + role + " IN DATABASE postgres SET work_mem = '1MB'",
		"COMMENT ON ROLE " + role + " IS 'mine'",
		"ALTER ROLE postgres SET search_path = \"$user\", public, \"odd, one\"", `ALTER ROLE postgres SET "app.tenant" = 'a, b'`,
		"DO $$ BEGIN EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$",
	} {
		if change != "" {
			pgtest.Exec(t, url, change)
		}
		if err := logsIn(); err == nil {
			t.Errorf("%s: it still fits", change)
		}
		if err := r.Make(t.Context(), db); err != nil {
			t.Fatalf("%s: %v", change, err)
		}
		if err := logsIn(); err != nil {
			t.Errorf("%s: made again, and %v", change, err)
		}
	}
	// The reader's sessions begin with the same settings as the owner's.
	readers, _ := r.URL(url)
	conn, err := Connect(t.Context(), readers, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer Close(conn)
	var got []string
	for _, name := range []string{"search_path", "statement_timeout", "app.tenant", "TimeZone", "default_transaction_read_only"} {
		var v string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if want := []string{`postgres, public, "odd, one"`, "12345ms", "a, b", "Asia/Tokyo", "on"}; !slices.Equal(got, want) {
		t.Errorf("its sessions begin with %q, want %q", got, want)
	}
	// The password is not in the log, and the server accepts the verifier.
	if strings.Contains(server.Log(), "made") {
		t.Error("the password is in the log")
	}
}

func TestTheReaderSeesWhatTheOwnerSees(t *testing.T) {
	w := newWorld(t)
	pgtest.Exec(t, w.url, `
		CREATE ROLE other; CREATE SCHEMA closed AUTHORIZATION other; CREATE TABLE closed.t (a int); ALTER TABLE closed.t OWNER TO other;
		INSERT INTO closed.t VALUES (1), (2); REVOKE ALL ON SCHEMA closed FROM PUBLIC; REVOKE ALL ON closed.t FROM PUBLIC;
		CREATE TABLE secured (a int); INSERT INTO secured VALUES (1), (2), (3); ALTER TABLE secured ENABLE ROW LEVEL SECURITY; ALTER TABLE secured FORCE ROW LEVEL SECURITY;
		CREATE POLICY none ON secured USING (wipe_definer() = 0);
		CREATE VIEW invoker WITH (security_invoker) AS SELECT * FROM secured; CREATE VIEW closed.v AS SELECT * FROM closed.t;
		CREATE TABLE parted (a int) PARTITION BY LIST (a); CREATE TABLE closed.part PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted VALUES (1);
		CREATE DOMAIN closed.d AS int; CREATE TYPE closed.e AS ENUM ('x'); CREATE TABLE typed (a closed.d, b closed.e); INSERT INTO typed VALUES (1, 'x');
		REVOKE USAGE ON TYPE closed.d FROM PUBLIC`)
	url, _ := w.reader.URL(w.url)
	db, err := Open(t.Context(), url, Options{Reader: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, want := range map[TableRef]int64{
		{"closed", "t"}: 2, {"public", "secured"}: 3, {"public", "invoker"}: 3, {"closed", "v"}: 2, {"public", "parted"}: 1, {"closed", "part"}: 1, {"public", "typed"}: 1,
		{"public", "m"}: 1, {"pg_catalog", "pg_authid"}: 17, {"pg_catalog", "pg_statistic"}: -1,
	} {
		page, err := db.Page(t.Context(), PageRequest{Table: name})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if n, err := db.Count(t.Context(), name); err != nil || n.N != int64(len(page.Rows)) && want >= 0 || want >= 0 && name.Schema != "pg_catalog" && n.N != want {
			t.Errorf("%s: %d rows are counted, %v, and %d shown", name, n.N, err, len(page.Rows))
		}
		if _, err := db.Detail(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	owners, err := w.db.Completion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	readers, err := db.Completion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(owners.Tables) != len(readers.Tables) || len(owners.Settings) < len(readers.Settings) {
		t.Errorf("the owner completes %d tables, the reader %d", len(owners.Tables), len(readers.Tables))
	}
}
