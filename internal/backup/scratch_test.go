package backup

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestACopyForOnePurposeIsDroppedWhateverHappens(t *testing.T) {
	url, s := server(t, "scratch")
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE t AS SELECT generate_series(1, 3)"); err != nil {
		t.Fatal(err)
	}
	again := remedy.Again("migrate deploy", "--rehearse")
	scratch := func(ctx context.Context, opt Options, f func(string) error) error {
		return s.Scratch(ctx, "test", opt, again, func(url string, how Copied) error {
			if how.By != ByServer || how.TookMS <= 0 {
				t.Errorf("copied by %s in %g ms", how.By, how.TookMS)
			}
			return f(url)
		})
	}
	copies := func() int64 {
		return number(t, url, "SELECT count(*) FROM pg_database WHERE datname = '"+databaseName("temp", s.database, "test")+"'")
	}
	never := func(string) error { t.Error("it was copied"); return nil }

	// A session is in the way, and is named.
	err = scratch(t.Context(), Options{}, never)
	if remedy.Code(err) != "snapshot.sessions" || !strings.Contains(said(err), "naap migrate deploy --rehearse --terminate-sessions") {
		t.Errorf("with another session: %s", said(err))
	}
	postgres.Close(conn)

	// The copy has the rows; what is done to it is done to it alone. Two at once are refused.
	wrong := errors.New("oh")
	err = scratch(t.Context(), Options{}, func(copied string) error {
		if n := number(t, copied, "WITH d AS (DELETE FROM t RETURNING 1) SELECT count(*) FROM d"); n != 3 || copied == url {
			t.Errorf("the copy had %d rows", n)
		}
		if err := scratch(t.Context(), Options{}, never); remedy.Code(err) != "scratch.busy" {
			t.Errorf("a second one: %v", err)
		}
		return wrong
	})
	if err != wrong || copies() != 0 || number(t, url, "SELECT count(*) FROM t") != 3 {
		t.Errorf("after a failure (%v) there are %d copies", err, copies())
	}

	// An interrupted one, with a session of its own in the copy, leaves nothing either.
	ctx, cancel := context.WithCancel(t.Context())
	err = scratch(ctx, Options{}, func(copied string) error {
		if conn, err = postgres.Connect(t.Context(), copied, postgres.Options{}); err != nil {
			t.Fatal(err)
		}
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) || copies() != 0 {
		t.Errorf("interrupted (%v), %d copies", err, copies())
	}

	// What a killed one left is dropped by the next.
	if err := s.exec(t.Context(), "CREATE DATABASE "+databaseName("temp", s.database, "test")); err != nil {
		t.Fatal(err)
	}
	err = scratch(t.Context(), Options{}, func(copied string) error {
		if n := number(t, copied, "SELECT count(*) FROM t"); n != 3 {
			t.Errorf("the copy has %d rows", n)
		}
		return nil
	})
	if err != nil || copies() != 0 {
		t.Errorf("after a kill: %v, %d copies", err, copies())
	}
}

func TestARoleThatMayNotCopyIsToldWhatIsPossible(t *testing.T) {
	url, s := server(t, "scratch_denied")
	if err := s.exec(t.Context(), "CREATE ROLE scratch_reader LOGIN PASSWORD 'x'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.exec(context.Background(), "DROP ROLE scratch_reader") })
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	target.User, target.Password = "scratch_reader", "x"
	reader, err := Open(t.Context(), target.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	err = reader.Scratch(t.Context(), "test", Options{}, remedy.Again("migrate deploy", "--rehearse"), func(string, Copied) error { t.Error("it was copied"); return nil })
	if remedy.Code(err) != "scratch.denied" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(said(err), "naap dev backup copy.dump") {
		t.Errorf("%s", said(err))
	}
}

// dumping stands for pg_dump and pg_restore: the first writes statements, the second runs them.
type dumping struct {
	*testing.T
	dump, restore error
	text          string
	url           func(database string) string
}

func (d *dumping) Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error {
	if program == "pg_dump" {
		_, _ = io.WriteString(out, d.text)
		return d.dump
	}
	text, err := io.ReadAll(in)
	if err != nil || d.restore != nil {
		return cmp.Or(d.restore, err)
	}
	conn, err := postgres.Connect(ctx, d.url(database), postgres.Options{})
	if err != nil {
		return err
	}
	defer postgres.Close(conn)
	_, err = postgres.ExecScript(ctx, conn, string(text))
	return err
}

func TestADatabaseInUseIsCopiedByDump(t *testing.T) {
	url, s := server(t, "scratch_dump")
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer postgres.Close(conn)
	tools := &dumping{T: t, text: "CREATE TABLE t AS SELECT 1 AS n", url: func(database string) string {
		at := s.target
		at.Database = database
		return at.URL()
	}}
	scratch := func(f func(string, Copied) error) error {
		return s.Scratch(t.Context(), "test", Options{Tools: tools}, remedy.Again("migrate deploy", "--rehearse"), f)
	}
	err = scratch(func(copied string, how Copied) error {
		if how.By != ByDump || how.TookMS <= 0 || number(t, copied, "SELECT n FROM t") != 1 || number(t, copied, "SELECT reltuples::int FROM pg_class WHERE relname = 't'") != 1 {
			t.Errorf("copied by %s in %g ms", how.By, how.TookMS)
		}
		return nil
	})
	if err != nil {
		t.Error(said(err))
	}
	never := func(string, Copied) error { t.Error("it was copied"); return nil }
	tools.dump = errors.New("no pg_dump\nat all")
	if err := scratch(never); remedy.Code(err) != sessionsCode || !strings.Contains(said(err), "nor can it be copied while they do: no pg_dump") || !strings.Contains(said(err), "next dev") {
		t.Errorf("without pg_dump: %s", said(err))
	}
	tools.dump, tools.restore = nil, errors.New("no room")
	if err := scratch(never); remedy.Code(err) != sessionsCode || !strings.Contains(said(err), "no room") {
		t.Errorf("with a pg_restore that fails: %s", said(err))
	}
	if n := number(t, url, "SELECT count(*) FROM pg_database WHERE datname = '"+databaseName("temp", s.database, "test")+"'"); n != 0 {
		t.Errorf("%d copies are left", n)
	}
}
