package ledger

import (
	"errors"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// open opens a new database in which some SQL was run.
func open(t *testing.T, sql ...string) *postgres.DB {
	t.Helper()
	url := pgtest.NewDatabase(t)
	for _, s := range sql {
		pgtest.Exec(t, url, s)
	}
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// note records an entry in a transaction of its own.
func note(t *testing.T, db *postgres.DB, was *Entry, e Entry) error {
	return db.InTx(t.Context(), func(tx postgres.Tx) error { return Note(t.Context(), tx, was, e) })
}

func read(t *testing.T, db *postgres.DB) *Entry {
	t.Helper()
	e, err := Read(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestTheNewestEntryIsTheOwner(t *testing.T) {
	db := open(t)
	if e := read(t, db); e != nil {
		t.Fatalf("an empty database has the owner %+v", e)
	}
	first := Workspace{Schema: "schema.prisma", Remotes: []string{"github.com/a/b"}, Commit: "c", Root: "/a", Machine: "m", Host: "h"}
	if err := note(t, db, nil, Entry{Workspace: first, How: Made, Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	e := read(t, db)
	if e == nil || !e.Equal(first) || e.How != Made || e.Version != "v1" || e.At.IsZero() {
		t.Fatalf("it is read back as %+v", e)
	}
	if err := note(t, db, e, Entry{Workspace: Workspace{Builtin: true}, How: Adopted}); err != nil {
		t.Fatal(err)
	}
	if now := read(t, db); !now.Builtin || now.How != Adopted {
		t.Errorf("after it was adopted the owner is %+v", now)
	}
}

func TestAnEntryThatWasDecidedOnTooEarlyIsRefused(t *testing.T) {
	db := open(t)
	for _, want := range []error{nil, ErrChanged} {
		if err := note(t, db, nil, Entry{How: Made}); !errors.Is(err, want) {
			t.Errorf("the error is %v, want %v", err, want)
		}
	}
}

func TestARefreshedEntryKeepsItsDate(t *testing.T) {
	db := open(t)
	if err := note(t, db, nil, Entry{Workspace: Workspace{Root: "/a"}, How: Made}); err != nil {
		t.Fatal(err)
	}
	was := read(t, db)
	if err := Refresh(t.Context(), db, was, Workspace{Root: "/b", Commit: "c"}); err != nil {
		t.Fatal(err)
	}
	if now := read(t, db); now.Root != "/b" || now.Commit != "c" || !now.At.Equal(was.At) || now.How != Made {
		t.Errorf("it is %+v", now)
	}
}
