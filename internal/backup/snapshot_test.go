package backup

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// server returns a separate server: all databases of a server share the names of snapshots.
func server(t *testing.T, database string) (string, *Server) {
	t.Helper()
	url := pgtest.NewDatabase(t, pgtest.Named(database))
	s, err := Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		labels, _, err := s.labelled(context.Background())
		if err != nil {
			t.Error(err)
		}
		for name := range labels {
			if err := s.drop(context.Background(), name); err != nil {
				t.Error(err)
			}
		}
		s.Close()
	})
	return url, s
}

func number(t *testing.T, url, sql string) (n int64) {
	t.Helper()
	conn, err := postgres.Connect(context.Background(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestASnapshotBringsTheDatabaseBack(t *testing.T) {
	const database = `Shop "x"; --`
	url, s := server(t, database)
	ctx := context.Background()
	pgtest.Exec(t, url, `CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t SELECT FROM generate_series(1, 10);
		ALTER DATABASE "Shop ""x""; --" SET search_path TO "$user", public, other; ALTER DATABASE "Shop ""x""; --" SET work_mem TO '7MB';
		REVOKE CONNECT ON DATABASE "Shop ""x""; --" FROM PUBLIC`)
	name := `before 'it' "all" ✓ ` + strings.Repeat("long ", 30)
	saved, err := s.Save(ctx, name, Options{Note: "a note"})
	if err != nil {
		t.Fatal(said(err))
	}
	if saved.Bytes < 1<<20 || saved.Hash == "" || saved.Note != "a note" || time.Since(saved.At) > time.Minute {
		t.Errorf("%+v", saved)
	}
	if _, err := s.Save(ctx, name, Options{}); remedy.Code(err) != "snapshot.exists" {
		t.Errorf("a taken name: %v", err)
	}
	pgtest.Exec(t, url, `DROP TABLE t; CREATE TABLE later (id int)`)
	if err := s.bring(name, Options{}); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT count(*) + nextval('t_id_seq') FROM t`); n != 10+11 {
		t.Errorf("%d, want 21", n)
	}
	if n := number(t, url, `SELECT (current_setting('search_path') = '"$user", public, other')::int + (current_setting('work_mem') = '7MB')::int
		+ (NOT has_database_privilege('pg_monitor', current_database(), 'CONNECT'))::int`); n != 3 {
		t.Errorf("settings or privileges of the database are not as before: %d of 3", n)
	}
	list, err := s.List(ctx)
	if err != nil || len(list) != 2 || !list[0].Replaced {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := s.bring(lastReplaced, Options{}); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT count(*) FROM later`); n != 0 {
		t.Errorf("%d", n)
	}
	if err := s.Delete(ctx, name); err != nil {
		t.Error(err)
	}
	if err := s.Delete(ctx, name); remedy.Code(err) != "snapshot.unknown" {
		t.Errorf("%v", err)
	}
}

func TestOtherSessionsAreNamedAndEndedOnlyWhenAsked(t *testing.T) {
	url, s := server(t, "snapshot_sessions")
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	own, err := postgres.Connect(ctx, url, postgres.Options{Application: "naap"})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close(ctx)
	_, err = s.Save(ctx, "a", Options{})
	if remedy.Code(err) != "snapshot.sessions" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(said(err), "next dev") {
		t.Errorf("%s", said(err))
	}
	if err := conn.Ping(ctx); err != nil {
		t.Errorf("the session was ended: %v", err)
	}
	if _, err := s.Save(ctx, "a", Options{TerminateSessions: true}); err != nil {
		t.Fatal(said(err))
	}
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(ctx)
	pgtest.Exec(t, url, `CREATE TABLE here ()`)
	if err := s.bring("a", Options{}); remedy.Code(err) != "snapshot.sessions" {
		t.Errorf("%v", err)
	}
	if n := number(t, url, `SELECT count(*) FROM here`); n != 0 {
		t.Error("the refused restore has replaced the database")
	}
	if err := s.bring("a", Options{TerminateSessions: true}); err != nil {
		t.Fatal(said(err))
	}
}

func TestWhatAnInterruptedCommandLeftIsCleared(t *testing.T) {
	url, s := server(t, "snapshot_interrupted")
	ctx := context.Background()
	pgtest.Exec(t, url, `CREATE TABLE t ()`)
	if err := s.clone(ctx, databaseName("temp", s.database, ""), "template0"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Save(ctx, "a", Options{}); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, pgtest.URL(t), `SELECT count(*) FROM pg_database WHERE datname = '`+databaseName("temp", s.database, "")+`'`); n != 0 {
		t.Error("it is still there")
	}
}

// said returns an error with everything that it says, or that there is none.
func said(err error) string {
	if err == nil {
		return "no error"
	}
	return remedy.Text(err)
}

func TestASessionOfNaapsOwnThatReadsIsWaitedFor(t *testing.T) {
	url, s := server(t, "snapshot_reading")
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{Application: "naap"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	read := make(chan error, 1)
	go func() {
		_, err := conn.Exec(t.Context(), `SELECT pg_sleep(1)`)
		read <- err
	}()
	for number(t, url, `SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(1)' AND state = 'active'`) == 0 {
	}
	if _, err := s.Save(t.Context(), "a", Options{}); err != nil {
		t.Error(said(err))
	}
	if err := <-read; err != nil {
		t.Errorf("it was ended: %v", err)
	}
}
