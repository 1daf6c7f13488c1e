package reset

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// rowsATable is the number of rows in each table of the real schema file.
const rowsATable = 200

// seedOf generates rows with the same keys as those that fill inserts, so that what other schemas refer to exists
// again.
func (h *house) seedOf(t testing.TB, rows int, schemas ...string) func(context.Context, postgres.Tx) error {
	t.Helper()
	sql := readFiller(t, h.db).inserts(rows, schemas)
	return func(ctx context.Context, tx postgres.Tx) error {
		all := append([]string{"SET LOCAL session_replication_role = replica"}, sql...)
		_, err := postgres.ExecStatements(ctx, postgres.TxConn(tx), append(all, "SET LOCAL session_replication_role = origin"))
		return err
	}
}

func TestEachSchemaOfTheMonorepoIsResetAndBroughtBack(t *testing.T) {
	h := monorepo(t)
	schemas := h.want.Scope
	if len(schemas) != 10 {
		t.Fatalf("%d schemas", len(schemas))
	}
	h.fill(t, rowsATable, schemas...)
	want := golden(t)
	before := h.snapshot(t)
	for _, name := range schemas[max(0, len(schemas)-pgtest.Number(t, "NAAP_RESET_ROUNDS", 4)):] { // the last is public, which the others refer to
		opt := h.options()
		opt.Seed = h.seedOf(t, rowsATable+10, name)
		entry := h.reset(t, opt, name)
		if d := differences(want, h.catalogue(t)); d != "" {
			t.Fatalf("after the reset of %s, the catalogue is not the golden one:\n%s", name, d)
		}
		after := h.contents(t)
		sameContents(t, "after the reset of "+name, before.contents, after, name)
		for table, sum := range after {
			if strings.HasPrefix(table, name+".") && !strings.HasPrefix(sum, "210 ") {
				t.Errorf("after the reset of %s, %s holds %s and not its seed", name, table, sum)
			}
		}
		if entry.Rows < rowsATable || !entry.Exact {
			t.Errorf("the entry of %s has %d rows", name, entry.Rows)
		}
		h.undo(t, opt)
		before.same(t, "after the undo of "+name, h.snapshot(t))
	}
}

func TestRandomSetsOfSchemasAreResetAndBroughtBack(t *testing.T) {
	h := monorepo(t)
	h.fill(t, rowsATable, h.want.Scope...)
	before := h.snapshot(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	t.Logf("random seed %d", seed)
	for range pgtest.Number(t, "NAAP_RESET_ROUNDS", 1) {
		set := slices.Clone(h.want.Scope)
		random.Shuffle(len(set), func(i, j int) { set[i], set[j] = set[j], set[i] })
		set = set[:1+random.IntN(len(set))]
		opt := h.options()
		opt.Seed = h.seedOf(t, rowsATable, set...)
		h.reset(t, opt, set...)
		sameContents(t, fmt.Sprint("after the reset of ", set), before.contents, h.contents(t), set...)
		h.undo(t, opt)
		before.same(t, fmt.Sprint("after the undo of ", set), h.snapshot(t))
		if random.IntN(2) == 0 { // and an undo can be undone, and that too
			h.undo(t, opt)
			h.undo(t, opt)
			before.same(t, fmt.Sprint("after three undos of ", set), h.snapshot(t))
		}
		if t.Failed() {
			t.Fatalf("stopped at %v", set)
		}
	}
}

func TestCascadeDoesWhatThePlanCountsAndUndoRestoresAll(t *testing.T) {
	h := monorepo(t)
	h.fill(t, rowsATable, h.want.Scope...)
	before := h.snapshot(t)
	inward := map[string]bool{}
	for _, k := range h.allKeys(t) {
		if k.To.Schema == "public" && k.From.Schema != "public" {
			inward[k.From.String()] = true
		}
	}
	if len(inward) != 3 {
		t.Fatalf("%d tables refer to public: %v", len(inward), inward)
	}

	refused := h.plan(t, h.options(), "public")
	if len(refused.Effects) == 0 || !refused.CascadeHelps || remedy.Code(refused.Err()) != "reset.refused" || remedy.Exit(refused.Err()) != remedy.ExitRefused {
		t.Fatalf("without cascade it is not refused: %v\n%s", refused.Err(), strings.Join(refused.Lines(), "\n"))
	}
	for _, e := range refused.Effects {
		if e.Rows != rowsATable {
			t.Errorf("%+v, want %d rows", e, rowsATable)
		}
	}
	before.same(t, "after the plans", h.snapshot(t))

	opt := h.options()
	opt.Cascade = true
	plan := h.plan(t, opt, "public")
	t.Log("\n" + strings.Join(plan.Lines(), "\n"))
	counted := map[string]int64{}
	for _, e := range plan.Effects {
		if e.Action == "deleted" {
			counted[e.Table.String()] += e.Rows
		}
	}
	if _, err := Apply(context.Background(), h.db, plan, opt); err != nil {
		t.Fatal(err)
	}
	after := h.contents(t)
	for name, sum := range before.contents {
		if strings.HasPrefix(name, "public.") || after[name] == "" {
			continue
		}
		var had, has int64
		fmt.Sscan(sum, &had)
		fmt.Sscan(after[name], &has)
		if had-has != counted[name] && !strings.Contains(name, "_seq") {
			t.Errorf("%s lost %d rows, the plan says %d", name, had-has, counted[name])
		}
	}
	for name := range inward {
		if after[name] == before.contents[name] {
			t.Errorf("%s is as before", name)
		}
	}
	reset := h.snapshot(t)
	h.undo(t, h.options())
	before.same(t, "after the undo", h.snapshot(t))
	h.undo(t, h.options())
	reset.same(t, "after the undo of the undo", h.snapshot(t))
	h.undo(t, h.options())
	before.same(t, "after the third undo", h.snapshot(t))
}
