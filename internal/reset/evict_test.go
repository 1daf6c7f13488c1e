package reset

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

func TestEntriesOfOneSchemaCostNoOtherItsRows(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	of := func(id int, rows, size int64, schemas ...string) Entry {
		e := Entry{ID: id, Verb: "reset", At: now.Add(time.Duration(id-10) * time.Hour), Rows: rows, Exact: true, Bytes: size}
		for _, s := range schemas {
			e.Places = append(e.Places, Place{Schema: s})
		}
		return e
	}
	days := Limits{MaxAge: 6 * time.Hour}
	for _, c := range []struct {
		name   string
		limits Limits
		next   Entry
		list   []Entry // newest first
		gone   string  // numbers, newest first
	}{
		{"three empty resets of another", Limits{Keep: 3}, of(0, 0, 0, "b"), []Entry{of(4, 0, 0, "b"), of(3, 0, 0, "b"), of(2, 0, 0, "b"), of(1, 5700, 9, "a")}, "2"},
		{"three full resets of another", Limits{Keep: 3}, of(0, 1, 0, "b"), []Entry{of(4, 1, 0, "b"), of(3, 1, 0, "b"), of(1, 5700, 9, "a")}, ""},
		{"one too many of its own", Limits{Keep: 3}, of(0, 1, 0, "a"), []Entry{of(4, 1, 0, "a"), of(3, 1, 0, "a"), of(1, 5700, 9, "a")}, "1"},
		{"empty ones of its own", Limits{Keep: 3}, of(0, 0, 0, "a"), []Entry{of(4, 0, 0, "a"), of(3, 0, 0, "a"), of(2, 5700, 9, "a"), of(1, 0, 0, "a")}, "1"},
		{"an entry of two schemas stays for the one", Limits{Keep: 1}, of(0, 1, 0, "a"), []Entry{of(1, 2, 0, "a", "b")}, ""},
		{"no limit", Limits{}, of(0, 1, 0, "a"), []Entry{of(1, 2, 0, "a")}, ""},
		{"age", days, of(0, 1, 0, "b"), []Entry{of(6, 2, 0, "a"), of(3, 2, 0, "a")}, "3"},
		{"space: what a newer one stands for goes first", Limits{MaxSize: 25}, of(0, 1, 10, "b"), []Entry{of(4, 1, 10, "b"), of(3, 1, 10, "a")}, "4"},
		{"space: then the oldest", Limits{MaxSize: 15}, of(0, 1, 10, "b"), []Entry{of(4, 1, 10, "b"), of(3, 1, 10, "a")}, "4 3"},
		{"space: the newest stays", Limits{MaxSize: 5}, of(0, 1, 10, "b"), nil, ""},
		{"space: nothing is added", Limits{MaxSize: 15}, of(0, 0, 0, "b"), []Entry{of(3, 1, 10, "a")}, ""},
		{"copies of rows elsewhere count as rows", Limits{Keep: 1}, of(0, 0, 0, "a"), []Entry{{ID: 1, At: now, Exact: true, Kept: "k", Places: []Place{{Schema: "a"}}}}, ""},
	} {
		var gone []string
		for _, e := range evictions(c.list, c.next, c.limits, now) {
			gone = append(gone, strconv.Itoa(e.ID))
		}
		if got := strings.Join(gone, " "); got != c.gone {
			t.Errorf("%s: %q goes, want %q", c.name, got, c.gone)
		}
	}
}

func TestTheLimitThatAnEntryGoesForIsWrittenAsItIsSet(t *testing.T) {
	entry := func(id int) Entry {
		return Entry{ID: id, Rows: 1, Exact: true, Bytes: 3 << 30, Places: []Place{{Schema: "a"}}}
	}
	gone := evictions([]Entry{entry(1)}, entry(0), Limits{MaxSize: 5 << 30}, time.Now())
	if len(gone) != 1 || gone[0].Why != "undo.max-size is 5GB" {
		t.Errorf("%+v", gone)
	}
}

func TestAPlanNamesTheEntriesThatGoForIt(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	opt.Limits = Limits{Keep: 1}
	h.run(t, `INSERT INTO "Plugin ""x""; --"."Order" (id, "userId") SELECT 100 + i, NULL FROM generate_series(1, 564) i`)
	h.reset(t, opt, plugin)
	h.run(t, `INSERT INTO "Plugin ""x""; --"."Order" (id) VALUES (1)`)
	p := h.plan(t, opt, plugin)
	if len(p.Evicts) != 1 || p.Evicts[0].ID != 1 || p.Evicts[0].Rows != 570 || p.Evicts[0].Bytes == 0 {
		t.Fatalf("%+v", p.Evicts)
	}
	if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "! undo entry 1 (reset of "+plugin) || !strings.Contains(text, "570 rows") {
		t.Errorf("%s", text)
	}
}

// TestRowsThatCameAfterThePlanAreTheEntrys adds a row between the plan of an empty schema and its reset.
func TestRowsThatCameAfterThePlanAreTheEntrys(t *testing.T) {
	h := newShop(t)
	h.run(t, `DELETE FROM "Plugin ""x""; --"."Line"; DELETE FROM "Plugin ""x""; --"."Order"`)
	p := h.plan(t, h.options(), plugin)
	if p.Rows != 0 || !p.RowsExact {
		t.Fatalf("%+v", p)
	}
	h.run(t, `INSERT INTO "Plugin ""x""; --"."Order" (id, "userId") VALUES (1, NULL)`)
	e, err := Apply(context.Background(), h.db, p, h.options())
	if err != nil || e.Rows != 1 || e.empty() {
		t.Errorf("%+v, %v", e, err)
	}
}

// TestARandomWalkLosesNoRowUnnamed resets, undoes, writes and deletes at random, with narrow limits, and gives up only
// what the plans name: after each step every row that was written and not removed is in its schema, kept aside, or was
// in an entry that a plan had named.
func TestARandomWalkLosesNoRowUnnamed(t *testing.T) {
	steps, seed := pgtest.Number(t, "NAAP_TEST_STEPS", 30), pgtest.Number(t, "NAAP_TEST_SEED", 1)
	w := newWalk(t, uint64(seed))
	for i := range steps {
		what := w.step()
		if lost := w.lost(); len(lost) > 0 {
			t.Fatalf("seed %d, step %d, %s: the rows %v are gone", seed, i, what, lost)
		}
	}
	if w.evicted == 0 || w.undone == 0 {
		t.Errorf("seed %d: %d entries were given up and %d taken back: the walk is no test", seed, w.evicted, w.undone)
	}
	t.Logf("seed %d, %d steps: %d entries given up, %d taken back, %d rows written", seed, steps, w.evicted, w.undone, w.next)
}

// walk is a database of three schemas in which each row has a number of its own.
type walk struct {
	t               *testing.T
	h               *house
	r               *rand.Rand
	next            int
	kept            map[int]bool // rows that were written and neither removed nor given up
	evicted, undone int
}

var walkSchemas = []string{"a", "b", "c"}

func newWalk(t *testing.T, seed uint64) *walk {
	text := head
	for _, s := range walkSchemas {
		text += fmt.Sprintf("model T%s {\n  id Int @id\n  @@map(\"t\")\n  @@schema(%q)\n}\n", s, s)
	}
	text = strings.Replace(text, "  url ", "  schemas = [\"a\", \"b\", \"c\"]\n  url ", 1)
	return &walk{t: t, h: newHouse(t, pgtest.NewDatabase(t), text), r: rand.New(rand.NewPCG(seed, 0)), kept: map[int]bool{}}
}

func (w *walk) step() string {
	schema := walkSchemas[w.r.IntN(len(walkSchemas))]
	switch n := w.r.IntN(10); {
	case n < 3:
		count := 1 + w.r.IntN(5)
		w.h.run(w.t, fmt.Sprintf(`INSERT INTO %s.t SELECT %d + i FROM generate_series(1, %d) i`, schema, w.next, count))
		for range count {
			w.next++
			w.kept[w.next] = true
		}
		return "write to " + schema
	case n < 4:
		for id := range w.rows(schema) {
			delete(w.kept, id)
		}
		w.h.run(w.t, `DELETE FROM `+schema+`.t`)
		return "empty " + schema
	case n < 6:
		return w.undo()
	}
	return w.reset(schema)
}

func (w *walk) reset(schema string) string {
	schemas := []string{schema}
	if w.r.IntN(4) == 0 {
		schemas = walkSchemas[:2]
	}
	opt := w.h.options()
	opt.Limits = Limits{Keep: 1 + w.r.IntN(2)}
	if w.r.IntN(5) == 0 {
		opt.Limits.MaxSize = int64(1+w.r.IntN(8)) << 14
	}
	p := w.h.plan(w.t, opt, schemas...)
	for _, e := range p.Evicts {
		held := map[int]bool{}
		for _, aside := range w.asides(e.ID) {
			maps.Copy(held, w.rows(aside))
		}
		if int64(len(held)) != e.Rows {
			w.t.Fatalf("entry %d holds %d rows, and the plan says %d", e.ID, len(held), e.Rows)
		}
		for id := range held {
			delete(w.kept, id)
		}
		w.evicted++
	}
	if _, err := Apply(context.Background(), w.h.db, p, opt); err != nil {
		w.t.Fatal(err)
	}
	if _, err := Evict(context.Background(), w.h.db, p.EvictedIDs()); err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprintf("reset %v with %+v", schemas, opt.Limits)
}

func (w *walk) undo() string {
	list, err := List(context.Background(), w.h.db)
	if err != nil || len(list) == 0 {
		return fmt.Sprint("nothing to undo: ", err)
	}
	id := list[w.r.IntN(len(list))].ID
	if _, err := Undo(context.Background(), w.h.db, id, w.h.options()); err != nil {
		w.t.Fatal(err)
	}
	w.undone++
	return fmt.Sprint("undo ", id)
}

func (w *walk) asides(id int) []string {
	e, err := find(context.Background(), w.h.db, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return e.asides()
}

func (w *walk) rows(schema string) map[int]bool {
	rows, err := w.h.db.Query(context.Background(), `SELECT id FROM `+schema+`.t`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	out := map[int]bool{}
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		out[id] = true
	}
	return out
}

// lost returns the rows that are neither in a schema nor in an undo entry.
func (w *walk) lost() []int {
	there := map[int]bool{}
	places := slices.Clone(walkSchemas)
	list, err := List(context.Background(), w.h.db)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range list {
		places = append(places, e.asides()...)
	}
	for _, s := range places {
		maps.Copy(there, w.rows(s))
	}
	var out []int
	for id := range w.kept {
		if !there[id] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
