package backup

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// replacedOnce returns a database that a restore has replaced: it contains 1, and the replaced one contains 2.
func replacedOnce(t *testing.T, database string) (string, *Server) {
	t.Helper()
	url, s := server(t, database)
	pgtest.Exec(t, url, `CREATE TABLE t (n int); INSERT INTO t VALUES (1)`)
	if _, err := s.Save(context.Background(), "a", Options{}); err != nil {
		t.Fatal(said(err))
	}
	pgtest.Exec(t, url, `UPDATE t SET n = 2`)
	restore(t, s, "a")
	return url, s
}

func restore(t *testing.T, s *Server, name string) {
	t.Helper()
	if err := s.bring(name, Options{}); err != nil {
		t.Fatal(said(err))
	}
}

// bring plans a snapshot's restore and carries it out with what opt allows.
func (s *Server) bring(name string, opt Options) error {
	p, err := s.PlanSnapshot(context.Background(), name, Limits{})
	if err != nil {
		return err
	}
	return s.Restore(context.Background(), nil, p, opt)
}

func (s *Server) run(t *testing.T, sql ...string) {
	t.Helper()
	for _, q := range sql {
		if _, err := s.db.Exec(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// holds compares what a database's table contains.
func holds(t *testing.T, url string, want int64) {
	t.Helper()
	if n := number(t, url, `SELECT n FROM t`); n != want {
		t.Errorf("it holds %d, want %d", n, want)
	}
}

func TestASecondRestoreKeepsWhatTheFirstReplaced(t *testing.T) {
	url, s := replacedOnce(t, "replace_second")
	pgtest.Exec(t, url, `UPDATE t SET n = 3`)
	restore(t, s, "a")
	for name, want := range map[string]int64{"(replaced 1)": 2, "(replaced 2)": 3} {
		restore(t, s, name)
		holds(t, url, want)
	}
}

func TestAFailedRestoreKeepsWhatWasReplacedBefore(t *testing.T) {
	url, s := replacedOnce(t, "replace_failed")
	ctx := context.Background()
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.bring("a", Options{}); remedy.Code(err) != "snapshot.sessions" {
		t.Errorf("%v", err)
	}
	other.Close(ctx)
	restore(t, s, lastReplaced)
	holds(t, url, 2)
}

// TestWhatAnEarlierVersionKeptIsThere restores databases by the names that they had when only one was kept: the second
// is one whose exchange was interrupted.
func TestWhatAnEarlierVersionKeptIsThere(t *testing.T) {
	url, s := replacedOnce(t, "replace_earlier")
	old := databaseName("prev", s.database, "being replaced")
	s.run(t, "ALTER DATABASE "+postgres.Ident(databaseName("prev", s.database, "1"))+" RENAME TO "+postgres.Ident(old),
		label{Naap: "replaced", Of: s.database, At: time.Unix(1, 0)}.comment(old))
	restore(t, s, replacedName(old, 0))
	holds(t, url, 2)
}

func TestAPlanSaysWhatTheLimitsDropAndAsks(t *testing.T) {
	url, s := replacedOnce(t, "replace_limits")
	ctx := context.Background()
	pgtest.Exec(t, url, `INSERT INTO t SELECT generate_series(2, 40)`)
	restore(t, s, "a") // (replaced 2) has 40 rows
	p, err := s.PlanSnapshot(ctx, "a", Limits{Keep: 2})
	if err != nil {
		t.Fatal(said(err))
	}
	if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "kept as (replaced 3): 1 row") || !strings.Contains(text, "(replaced 1) is dropped for it: 1 row, ") || strings.Contains(text, "(replaced 2)") {
		t.Errorf("%s", text)
	}
	err = s.Restore(ctx, nil, p, Options{})
	if remedy.Code(err) != "restore.replaced" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(said(err), "--drop-replaced") {
		t.Errorf("%s", said(err))
	}
	if list, err := s.List(ctx); err != nil || len(list) != 3 {
		t.Errorf("%+v, %v: the refused restore has dropped one", list, err)
	}
	if err := s.Restore(ctx, nil, p, Options{DropReplaced: true}); err != nil {
		t.Fatal(said(err))
	}
	list, err := s.List(ctx)
	if err != nil || len(list) != 3 || list[0].Name != "(replaced 3)" && list[1].Name != "(replaced 3)" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, x := range list {
		if x.Name == "(replaced 2)" && x.Rows != 40 {
			t.Errorf("%+v: its rows were counted when it was replaced", x)
		}
	}
}

func TestTheLimitsLeaveWhatIsRestoredAndDropTheEmptyFirst(t *testing.T) {
	at := func(minute int) time.Time { return time.Unix(int64(minute)*60, 0) }
	list := []Snapshot{
		{Name: "s", Bytes: 100, At: at(9)},
		{Name: "4", Bytes: 10, Rows: 9, At: at(4), Replaced: true, number: 4, database: "four"},
		{Name: "3", Bytes: 10, Rows: 0, At: at(3), Replaced: true, number: 3, database: "three"},
		{Name: "2", Bytes: 10, Rows: 9, At: at(2), Replaced: true, number: 2, database: "two"},
		{Name: "1", Bytes: 10, Rows: 9, At: at(1), Replaced: true, number: 1, database: "one"},
	}
	for _, c := range []struct {
		limits   Limits
		restored string
		want     string
	}{
		{Limits{}, "", ""},
		{Limits{Keep: 5}, "", ""},
		{Limits{Keep: 4}, "", "3"},
		{Limits{Keep: 3}, "", "31"},
		{Limits{Keep: 3}, "one", "32"},
		{Limits{Keep: 1}, "", "3124"},
		{Limits{MaxSize: 45}, "", "3"},
		{Limits{MaxSize: 1}, "four", "312"},
	} {
		got := ""
		for _, x := range expired(list, c.limits, 10, c.restored) {
			got += x.Name
		}
		if got != c.want {
			t.Errorf("%+v, restoring %q: drops %q, want %q", c.limits, c.restored, got, c.want)
		}
	}
}

func TestARestoreKeepsTheDatabasesOwnerAndComment(t *testing.T) {
	url, s := server(t, "replace_owner")
	role := fmt.Sprint("owner_", time.Now().UnixNano())
	pgtest.Exec(t, url, `CREATE ROLE `+role+`; ALTER DATABASE replace_owner OWNER TO `+role+`; GRANT TEMPORARY ON DATABASE replace_owner TO `+role+`; COMMENT ON DATABASE replace_owner IS 'it''s ours'`)
	if _, err := s.Save(context.Background(), "a", Options{}); err != nil {
		t.Fatal(said(err))
	}
	before := ofDatabase(t)
	restore(t, s, "a")
	if after := ofDatabase(t); after != before || !strings.Contains(after, role) || !strings.Contains(after, "it's ours") {
		t.Errorf("it is %s and was %s", after, before)
	}
	t.Cleanup(func() {
		pgtest.Exec(t, pgtest.URL(t), `ALTER DATABASE replace_owner OWNER TO CURRENT_USER`)
		for name := range map[string]bool{databaseName("prev", s.database, "1"): true, databaseName("snap", s.database, "a"): true} {
			pgtest.Exec(t, pgtest.URL(t), `DROP DATABASE IF EXISTS `+name)
		}
		pgtest.Exec(t, pgtest.URL(t), `DROP ROLE `+role)
	})
}

// ofDatabase returns what the server says about the database replace_owner.
func ofDatabase(t *testing.T) (text string) {
	t.Helper()
	conn, err := postgres.Connect(context.Background(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(context.Background(), `SELECT concat_ws(' | ', pg_get_userbyid(datdba), datacl::text, shobj_description(oid, 'pg_database')) FROM pg_database WHERE datname = 'replace_owner'`).Scan(&text)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSessionsRefuseARestoreBeforeAnythingIsCopied(t *testing.T) {
	url, s := replacedOnce(t, "replace_early")
	ctx := context.Background()
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx)
	err = s.bring("a", Options{Report: func(step progress.Step) { t.Errorf("it has begun: %+v", step) }})
	if remedy.Code(err) != "snapshot.sessions" || !strings.Contains(said(err), "next dev") {
		t.Errorf("%s", said(err))
	}
}

func TestTwoAtOnceDoNotMix(t *testing.T) {
	url, s := replacedOnce(t, "replace_twice")
	ctx := context.Background()
	other, err := Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = other.exclusive(ctx, func() error {
		_, err := s.Save(ctx, "b", Options{})
		return err
	})
	if remedy.Code(err) != "snapshot.busy" || remedy.Exit(err) != remedy.ExitBusy {
		t.Errorf("%v", err)
	}
	restore(t, s, "a")
}

func TestAPreparedTransactionIsNamed(t *testing.T) {
	own := pgtest.Server(t, pgtest.Setting("max_prepared_transactions", "1"))
	ctx := context.Background()
	url := own.NewDatabase(t)
	s, err := Open(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pgtest.Exec(t, url, `BEGIN; CREATE TABLE u (); PREPARE TRANSACTION 'half done'`)
	_, err = s.Save(ctx, "a", Options{TerminateSessions: true})
	if remedy.Code(err) != "snapshot.sessions" || !strings.Contains(said(err), "half done") {
		t.Errorf("%s", said(err))
	}
	pgtest.Exec(t, url, `ROLLBACK PREPARED 'half done'`)
}
