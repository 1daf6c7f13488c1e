package reset

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// inTheWay returns a session with an open transaction.
func (h *house) inTheWay(t *testing.T, sql string) *postgres.Conn {
	t.Helper()
	conn, err := postgres.Connect(context.Background(), h.url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	if _, err := postgres.ExecScript(context.Background(), conn, "BEGIN; "+sql); err != nil {
		t.Fatal(err)
	}
	return conn
}

// heldFor is long enough for a session to be seen holding a lock, on a busy machine too. Tests that wait for so long do
// it side by side.
const heldFor = 2 * time.Second

// names makes sure that an error names the blocking session, exactly once.
func names(t *testing.T, err error, code string, conn *postgres.Conn) {
	t.Helper()
	text := remedy.Text(err)
	if remedy.Code(err) != code || remedy.Exit(err) != remedy.ExitBusy || strings.Count(text, fmt.Sprintf("pid %d", postgres.BackendPID(conn))) != 1 {
		t.Errorf("%s, exit %d:\n%s", remedy.Code(err), remedy.Exit(err), text)
	}
}

// deep is a table elsewhere whose rows depend on another table's: a reset learns of it only when it deletes.
const deep = `CREATE SCHEMA other; CREATE TABLE other.visit (id int PRIMARY KEY, u int NOT NULL REFERENCES "User" ON DELETE CASCADE);
	CREATE TABLE other.step (visit int REFERENCES other.visit ON DELETE CASCADE); INSERT INTO other.visit VALUES (1, 1); INSERT INTO other.step VALUES (1)`

func TestASessionInTheWayFartherOffIsNamedAndEnded(t *testing.T) {
	t.Parallel()
	h := newShop(t)
	h.run(t, deep)
	opt := h.options()
	opt.Cascade, opt.LockTimeout = true, heldFor
	p := h.plan(t, opt, "public")
	before := h.snapshot(t)
	conn := h.inTheWay(t, `UPDATE other.step SET visit = 1`)
	_, err := Apply(context.Background(), h.db, p, opt)
	names(t, err, "reset.locked", conn)
	before.same(t, "after the refusal", h.snapshot(t))
	opt.TerminateBlockers = true
	if _, err := Apply(context.Background(), h.db, p, opt); err != nil {
		t.Fatal(remedy.Text(err))
	}

	opt.TerminateBlockers = false
	after := h.snapshot(t)
	conn = h.inTheWay(t, `LOCK TABLE other.step`)
	_, err = Undo(context.Background(), h.db, 0, opt)
	names(t, err, "undo.locked", conn)
	opt.TerminateBlockers = true
	h.undo(t, opt)
	before.same(t, "after the undo", h.snapshot(t))
	h.undo(t, opt)
	after.same(t, "after the second undo", h.snapshot(t))
}

func TestWhatWasNotRehearsedDeletesNothingElsewhere(t *testing.T) {
	t.Parallel()
	h := newShop(t)
	h.run(t, deep)
	opt := h.options()
	opt.Cascade, opt.LockTimeout = true, time.Minute
	conn := h.inTheWay(t, `SELECT FROM "User"`)
	p := h.plan(t, opt, "public")
	if p.Rehearsed || strings.Count(strings.Join(p.Warnings, "\n"), "next dev") != 1 {
		t.Errorf("%v, %q", p.Rehearsed, p.Warnings)
	}
	conn.Close(context.Background())
	before := h.snapshot(t)
	if _, err := Apply(context.Background(), h.db, p, opt); remedy.Code(err) != "reset.stale" {
		t.Errorf("rows elsewhere that the plan does not count: %v", err)
	}
	before.same(t, "after the refusal", h.snapshot(t))

	h.inTheWay(t, `SELECT FROM "User"`)
	opt.TerminateBlockers = true
	if p = h.plan(t, opt, "public"); !p.Rehearsed || len(p.Effects) != 3 {
		t.Errorf("%v, %+v", p.Rehearsed, p.Effects)
	}
}

func TestATableThatIsBeingMadeIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"within":     `CREATE TABLE public.fresh (id int)`,
		"of a type":  `CREATE TABLE third.fresh (s public."Status")`,
		"of a shape": `CREATE TABLE third.rows OF public.shape`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			h.run(t, `CREATE SCHEMA third; CREATE TYPE public.shape AS (a int)`)
			opt := h.options()
			opt.Seed, opt.Cascade, opt.LockTimeout = users, true, 300*time.Millisecond
			p := h.plan(t, opt, "public")
			conn := h.inTheWay(t, sql)
			_, err := Apply(context.Background(), h.db, p, opt)
			names(t, err, "reset.locked", conn)
			if _, err := postgres.ExecScript(context.Background(), conn, "COMMIT"); err != nil {
				t.Fatal(err)
			}
			if _, err := Apply(context.Background(), h.db, p, opt); remedy.Code(err) != "reset.stale" {
				t.Errorf("there is a table that the plan does not know: %v", err)
			}
		})
	}
}

func TestWhatIsMadeMeanwhileIsNotMovedAside(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	opt.Seed = users
	p := h.plan(t, opt, "public")
	before := h.snapshot(t)
	opt.Seed = func(ctx context.Context, tx postgres.Tx) error {
		pgtest.Exec(t, h.url, `CREATE FUNCTION public.late() RETURNS int LANGUAGE sql AS 'SELECT 1'`) // the new schema is not visible to others yet
		return users(ctx, tx)
	}
	if _, err := Apply(context.Background(), h.db, p, opt); remedy.Code(err) != "reset.stale" {
		t.Errorf("%v", err)
	}
	h.run(t, `DROP FUNCTION public.late()`)
	before.same(t, "after the refusal", h.snapshot(t))
}

func TestAResetWaitsForPrismaAndNamesIt(t *testing.T) {
	t.Parallel()
	h := newShop(t)
	opt := h.options()
	opt.Cascade, opt.LockTimeout = true, heldFor
	p := h.plan(t, opt, "public")
	before := h.snapshot(t)
	conn := h.inTheWay(t, `SELECT pg_advisory_lock(72707369)`)
	_, err := Apply(context.Background(), h.db, p, opt)
	names(t, err, "reset.locked", conn)
	before.same(t, "after the refusal", h.snapshot(t))
}
