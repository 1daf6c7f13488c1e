package schemaplan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// evolution is one schema, its mutated copy, and the outcome in two equal databases.
type evolution struct {
	seed         uint64
	from, to     string // the schemas' texts
	did          string // what the mutations were
	prisma       answer // what real Prisma said
	plan         *Plan
	err          error // what Apply said
	start        string
	theirs, ours string // the catalogues afterwards
	scratch      string // what real Prisma makes of an empty database, where it failed on the other one
}

// TestEvolvedSchemasBecomeWhatPrismaMakesOfThem pushes each schema, fills it with rows, and lets real Prisma and this
// package push the same mutated copy onto equal databases. NAAP_EVOLUTION_PAIRS says how many pairs (10),
// NAAP_EVOLUTION_SEED where to begin (1).
func TestEvolvedSchemasBecomeWhatPrismaMakesOfThem(t *testing.T) {
	t.Parallel()
	o := askOracle(t)
	bases := evolutionBases(t)
	first := uint64(1)
	if text := os.Getenv("NAAP_EVOLUTION_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("NAAP_EVOLUTION_SEED: %v", err)
		}
		first = n
	}
	tally := map[string]int{}
	for i := range pgtest.Number(t, "NAAP_EVOLUTION_PAIRS", 10) {
		seed := first + uint64(i)
		base := bases[int(seed)%len(bases)]
		t.Run(fmt.Sprintf("%d %s", seed, base.name), func(t *testing.T) {
			e := evolve(t, o, seed, base)
			verdict, problem := e.judge()
			tally[verdict]++
			t.Logf("%s: %s", verdict, e.did)
			if verdict != "equal" {
				first, _, _ := strings.Cut(e.prisma.Error, "\n")
				t.Logf("real Prisma: %s %s", first, strings.Join(e.prisma.Unexecutable, " "))
				if e.err != nil {
					t.Logf("ours: %s", remedy.Text(e.err))
				}
			}
			if problem != "" {
				t.Errorf("%s\nmutations: %s\nours: %v\nreal Prisma: %+v\nour plan:\n%s", problem, e.did, e.err, e.prisma, e.plan.SQL())
				if dir := os.Getenv("NAAP_EVOLUTION_KEEP"); dir != "" {
					os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-from.prisma", seed)), []byte(e.from), 0o600)
					os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-to.prisma", seed)), []byte(e.to), 0o600)
				}
			}
		})
	}
	for verdict, n := range tally {
		t.Logf("%4d  %s", n, verdict)
	}
}

// base is a schema to begin with.
type base struct{ name, text string }

// evolutionBases returns the package's own schemas, and the small ones of the collection where it is available.
func evolutionBases(t *testing.T) []*base {
	var out []*base
	add := func(file string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".prisma")
		out = append(out, &base{name: name, text: string(text)})
	}
	add(filepath.Join("testdata", "features.prisma"))
	add(filepath.Join("testdata", "shop.prisma"))
	t.Run("the collection's", func(t *testing.T) { // skips by itself where the collection is not available
		for _, name := range []string{"spliit", "boxyhq-saas", "x-multischema", "open-saas", "x-rel", "fonoster-identity", "x-m2m", "belgattitude", "x-scalars"} {
			add(sharedtest.Path(t, "prisma/corpus/"+name+".prisma"))
		}
	})
	return out
}

const citext = "CREATE EXTENSION citext"

// evolve makes the pair and pushes it both ways.
func evolve(t *testing.T, o *oracle, seed uint64, b *base) *evolution {
	t.Helper()
	e := &evolution{seed: seed}
	r := rand.New(rand.NewPCG(seed, 20))
	e.from = schemaText(parsed(t, b.text))
	e.to, e.did = mutated(t, r, e.from)

	url, db := database(t, pgtest.With(citext))
	push(t, db, e.from)
	fill(t, db, desired(t, e.from), int(seed))
	e.start = catalogue(t, url)
	db.Close()

	theirURL := pgtest.NewDatabase(t, pgtest.Template(databaseName(url)))
	e.prisma = o.push(t, e.to, theirURL)
	e.theirs = catalogue(t, theirURL)

	db = connect(t, url)
	e.plan = plan(t, db, e.to)
	_, e.err = Apply(ctx, db, e.plan, ApplyOptions{AllowLoss: true})
	e.ours = catalogue(t, url)
	if (e.prisma.Error != "" || len(e.prisma.Unexecutable) > 0) && e.err == nil {
		empty := pgtest.NewDatabase(t, pgtest.With(citext))
		if a := o.push(t, e.to, empty); a.Error != "" {
			t.Fatalf("real Prisma fails on the schema itself: %s\n%s", a.Error, e.to)
		}
		e.scratch = catalogue(t, empty)
	}
	if e.err == nil {
		if again := plan(t, db, e.to); !again.Empty() {
			t.Errorf("the second push is not empty:\n%s\nafter: %s", again.SQL(), e.did)
		}
	}
	return e
}

func parsed(t *testing.T, text string) *prisma.Schema {
	t.Helper()
	s, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return s
}

// mutated returns a changed copy of a schema that is still valid.
func mutated(t *testing.T, r *rand.Rand, text string) (to, did string) {
	t.Helper()
	for range 100 {
		m := &mutator{Rand: r, s: parsed(t, text)}
		m.mutate(1 + r.IntN(4))
		to = schemaText(m.s)
		if _, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: to}); err == nil && to != text {
			return to, m.text()
		}
	}
	t.Fatal("no mutation gave a valid schema")
	return "", ""
}
