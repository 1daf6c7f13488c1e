package migrate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// TestHistoriesComeOutAsPrismas plays random histories of a folder and a database three times: with naap alone, with
// real Prisma's engine alone, and with both in turn. After each step the tools give the same verdict, and in the end the
// three databases have the same rows, but for ids and times, and the same catalogue. What is deliberately different is
// said where it is compared: see history.settle, agree and judgeDev.
func TestHistoriesComeOutAsPrismas(t *testing.T) {
	home := sharedtest.Oracle(t)
	first := pgtest.Number(t, "NAAP_TEST_SEED", 1)
	histories := pgtest.Number(t, "NAAP_TEST_HISTORIES", 2)
	var steps tally
	t.Run("seed", func(t *testing.T) {
		for seed := range histories {
			t.Run(fmt.Sprint(first+seed), func(t *testing.T) {
				t.Parallel()
				play(t, home, uint64(first+seed), &steps)
			})
		}
	})
	t.Logf("%d histories from seed %d: %s", histories, first, &steps)
	if missing := steps.missing(); histories >= 100 && len(missing) > 0 {
		t.Errorf("never tried: %s", strings.Join(missing, ", "))
	}
}

// player is one of the three: a database, and the tool that each step is done with.
type player struct {
	*bench
	name string
	naap func() bool
	ask  func(verb string, words ...string) answer // real Prisma
}

func play(t *testing.T, home string, seed uint64, steps *tally) {
	dir := t.TempDir()
	h := &history{t: t, home: home, dice: rand.New(rand.NewPCG(seed, 0)), schema: filepath.Join(dir, "schema.prisma"), models: map[string]string{},
		broken: map[string]string{}, steps: steps}
	folder := filepath.Join(dir, "migrations")
	must(t, os.Mkdir(folder, 0o755))
	h.bench = &bench{t: t, dir: folder}
	h.writeModels()
	turn := rand.New(rand.NewPCG(seed, 1))
	for _, tool := range []struct {
		name string
		naap func() bool
	}{
		{"naap", func() bool { return true }}, {"Prisma", func() bool { return false }}, {"both", func() bool { return turn.IntN(2) == 0 }},
	} {
		b := newBench(t)
		b.dir = folder
		h.players = append(h.players, &player{bench: b, name: tool.name, naap: tool.naap, ask: func(verb string, words ...string) answer {
			code, text := oracleAnswer(t, home, append([]string{verb, h.schema, b.url, folder}, words...)...)
			return answer{code, text}
		}})
	}
	for range 5 + h.dice.IntN(10) {
		h.step()
		if t.Failed() || h.over {
			break
		}
	}
	if !h.over {
		h.same()
	}
	if t.Failed() {
		t.Logf("the steps:\n%s", strings.Join(h.told, "\n"))
	}
}

// answer is what oracleAnswer returns.
type answer struct{ code, text string }

// oracleAnswer asks real Prisma's engine, and returns the code of its refusal, "" for none, and what it prints.
func oracleAnswer(t *testing.T, home string, words ...string) (code, answer string) {
	t.Helper()
	cmd := exec.Command("node", append([]string{"--no-warnings", filepath.Join(home, "oracle.mjs")}, words...)...)
	cmd.Env = append(os.Environ(), "PRISMA_ORACLE="+home, "DATABASE_URL="+words[2])
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	text := out.String()
	if err == nil {
		return "", text
	}
	if !strings.HasPrefix(text, "ERR ") {
		t.Fatalf("Prisma's engine: %v\n%s%s", err, text, errs.String())
	}
	if code := prismaCode.FindString(text); code != "" {
		return code, text
	}
	if strings.Contains(text, "without migrations table") {
		return "P3011", text // the command line says so before it asks the engine
	}
	return "P3018", text // the error of a script comes without its code
}

var prismaCode = regexp.MustCompile(`P3\d\d\d`)

// tally counts what the histories consist of.
type tally struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[what]++
}

func (c *tally) String() string {
	text, _ := json.Marshal(c.n) // in the order of the names
	return string(text)
}

// missing returns what no history had.
func (c *tally) missing() (list []string) {
	for _, what := range kinds() {
		if c.n[what] == 0 {
			list = append(list, what)
		}
	}
	return list
}
