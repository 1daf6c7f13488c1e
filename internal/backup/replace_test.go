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

// replacedOnce is a database that a restore has replaced: it holds 1, and what was replaced holds 2.
func replacedOnce(t *testing.T, database string) (string, *Server) {
	t.Helper()
	url, s := server(t, database)
	pgtest.Exec(t, url, `CREATE TABLE t (n int); INSERT INTO t VALUES (1)`)
	if _, err := s.Save(context.Background(), "a", Options{}); err != nil {
		t.Fatal(remedy.Text(err))
	}
	pgtest.Exec(t, url, `UPDATE t SET n = 2`)
	restore(t, s, "a")
	return url, s
}

func restore(t *testing.T, s *Server, name string) {
	t.Helper()
	if _, err := s.Restore(context.Background(), name, Options{}); err != nil {
		t.Fatal(remedy.Text(err))
	}
}

func (s *Server) run(t *testing.T, sql ...string) {
	t.Helper()
	for _, q := range sql {
		if _, err := s.db.Exec(context.Background(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// holds is what a database's table says.
func holds(t *testing.T, url string, want int64) {
	t.Helper()
	if n := number(t, url, `SELECT n FROM t`); n != want {
		t.Errorf("it holds %d, want %d", n, want)
	}
}

func TestAFailedRestoreKeepsWhatWasReplacedBefore(t *testing.T) {
	url, s := replacedOnce(t, "replace_failed")
	ctx := context.Background()
	// As if naap had ended right after the exchange was committed.
	s.run(t, "ALTER DATABASE "+postgres.Ident(s.previous())+" RENAME TO "+postgres.Ident(s.parked()))
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore(ctx, "a", Options{}); remedy.Code(err) != "snapshot.sessions" {
		t.Errorf("%v", err)
	}
	other.Close(ctx)
	restore(t, s, replacedName)
	holds(t, url, 2)
}

func TestAnInterruptedExchangeIsFinished(t *testing.T) {
	url, s := replacedOnce(t, "replace_interrupted")
	s.run(t, "ALTER DATABASE "+postgres.Ident(s.previous())+" RENAME TO "+postgres.Ident(s.parked()),
		"CREATE DATABASE "+postgres.Ident(s.previous()), label{Naap: "replaced", Of: s.database, At: time.Unix(1, 0)}.comment(s.previous()))
	list, err := s.List(context.Background())
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v: there is one that was replaced, and the snapshot", list, err)
	}
	restore(t, s, replacedName)
	holds(t, url, 2)
	if n := number(t, pgtest.URL(t), `SELECT count(*) FROM pg_database WHERE datname IN ('`+s.parked()+`', '`+hidden("temp", s.database, "")+`')`); n != 0 {
		t.Errorf("%d databases are left over", n)
	}
}

func TestARestoreKeepsTheDatabasesOwnerAndComment(t *testing.T) {
	url, s := server(t, "replace_owner")
	role := fmt.Sprint("owner_", time.Now().UnixNano())
	pgtest.Exec(t, url, `CREATE ROLE `+role+`; ALTER DATABASE replace_owner OWNER TO `+role+`; GRANT TEMPORARY ON DATABASE replace_owner TO `+role+`; COMMENT ON DATABASE replace_owner IS 'it''s ours'`)
	if _, err := s.Save(context.Background(), "a", Options{}); err != nil {
		t.Fatal(remedy.Text(err))
	}
	before := ofDatabase(t)
	restore(t, s, "a")
	if after := ofDatabase(t); after != before || !strings.Contains(after, role) || !strings.Contains(after, "it's ours") {
		t.Errorf("it is %s and was %s", after, before)
	}
	t.Cleanup(func() {
		pgtest.Exec(t, pgtest.URL(t), `ALTER DATABASE replace_owner OWNER TO CURRENT_USER`)
		for name := range map[string]bool{s.previous(): true, hidden("snap", s.database, "a"): true} {
			pgtest.Exec(t, pgtest.URL(t), `DROP DATABASE IF EXISTS `+name)
		}
		pgtest.Exec(t, pgtest.URL(t), `DROP ROLE `+role)
	})
}

// ofDatabase is what the server says of the database replace_owner.
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
	_, err = s.Restore(ctx, "a", Options{Report: func(step progress.Step) { t.Errorf("it has begun: %+v", step) }})
	if remedy.Code(err) != "snapshot.sessions" || !strings.Contains(remedy.Text(err), "next dev") {
		t.Errorf("%s", remedy.Text(err))
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
	if remedy.Code(err) != "snapshot.sessions" || !strings.Contains(remedy.Text(err), "half done") {
		t.Errorf("%s", remedy.Text(err))
	}
	pgtest.Exec(t, url, `ROLLBACK PREPARED 'half done'`)
}
