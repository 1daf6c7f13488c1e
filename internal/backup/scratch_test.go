package backup

import (
	"context"
	"errors"
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
		return s.Scratch(ctx, "test", opt, again, f)
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
	err = reader.Scratch(t.Context(), "test", Options{}, remedy.Again("migrate deploy", "--rehearse"), func(string) error { t.Error("it was copied"); return nil })
	if remedy.Code(err) != "scratch.denied" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(said(err), "naap dev backup copy.dump") {
		t.Errorf("%s", said(err))
	}
}
