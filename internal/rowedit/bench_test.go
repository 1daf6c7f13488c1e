package rowedit

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// bench is a database with tables to change rows of.
type bench struct {
	*testing.T
	url string
	db  *postgres.DB
	Pending
}

func newBench(t *testing.T, sql string) *bench {
	t.Helper()
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, sql)
	return &bench{T: t, url: url, db: opened(t, url)}
}

func opened(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func (b *bench) exec(sql string) {
	b.Helper()
	pgtest.Exec(b.T, b.url, sql)
}

// rows returns a query's rows, the columns of each joined by |.
func (b *bench) rows(query string) []string {
	b.Helper()
	rows, err := postgres.CollectStrings(b.db.Query(b.Context(), query))
	if err != nil {
		b.Fatal(query, err)
	}
	return rows
}

// holds compares a query's rows, which are one text each.
func (b *bench) holds(query string, want ...string) {
	b.Helper()
	if got := b.rows(query); !slices.Equal(got, want) {
		b.Errorf("%s\ngot  %q\nwant %q", query, got, want)
	}
}

func (b *bench) table(schema, name string) *Table {
	b.Helper()
	t, err := Load(b.Context(), b.db, postgres.TableRef{Schema: schema, Name: name})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// place is a key as a page's cursor has it.
func place(key ...string) postgres.Cursor {
	at := make(postgres.Cursor, len(key))
	for i, k := range key {
		at[i].Text = k
	}
	return at
}

func (b *bench) row(t *Table, key ...string) *Row {
	b.Helper()
	r, err := Read(b.Context(), b.db, t, place(key...))
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func text(s string) Value { return Value{Text: s} }

// set changes one column.
func (b *bench) set(r *Row, column, to string) { b.Update(r, map[string]Value{column: text(to)}) }

// commit carries out what is pending, which must go well.
func (b *bench) commit() *Result {
	b.Helper()
	res, err := Apply(b.Context(), b.db, b.Plan(), true)
	if err != nil {
		b.Fatal(remedy.Text(err))
	}
	if len(res.Conflicts) > 0 || res.Commit == nil {
		b.Fatalf("conflicts: %v", res.Conflicts)
	}
	b.Clear()
	return res
}

// back takes a commit back.
func (b *bench) back(c *Commit) *Result {
	b.Helper()
	if c.Why != "" {
		b.Fatal("it cannot be taken back: ", c.Why)
	}
	res, err := Apply(b.Context(), b.db, Plan{Changes: c.Back}, true)
	if err != nil {
		b.Fatal(remedy.Text(err))
	}
	return res
}

// fails carries out what is pending, and expects an error with a code and a text.
func (b *bench) fails(code, text string) {
	b.Helper()
	_, err := Apply(b.Context(), b.db, b.Plan(), true)
	if remedy.Code(err) != code || !strings.Contains(remedy.Text(err), text) {
		b.Errorf("the error is %s with the code %q, want %q with %q", remedy.Text(err), remedy.Code(err), code, text)
	}
}

// session is another connection, of an application.
func (b *bench) session(application string) *postgres.Conn {
	b.Helper()
	c, err := postgres.Connect(b.Context(), b.url, postgres.Options{Application: application})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { postgres.Close(c) })
	return c
}

func do(t *testing.T, c *postgres.Conn, sql string) {
	t.Helper()
	if _, err := postgres.ExecScript(context.WithoutCancel(t.Context()), c, sql); err != nil {
		t.Fatal(sql, err)
	}
}
