package migrate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// TestHistoriesComeOutAsPrismas plays random histories of a folder and a database three times: with naap alone, with
// real Prisma's engine alone, and with both in turn. After each step the tools give the same verdict, and in the end the
// three databases have the same rows, but for ids and times, and the same tables.
func TestHistoriesComeOutAsPrismas(t *testing.T) {
	home := sharedtest.Oracle(t)
	first := pgtest.Number(t, "NAAP_TEST_SEED", 1)
	for seed := range pgtest.Number(t, "NAAP_TEST_HISTORIES", 2) {
		t.Run(fmt.Sprint(first+seed), func(t *testing.T) {
			t.Parallel()
			play(t, home, uint64(first+seed))
		})
	}
}

// player is one of the three: a database, and the tool that each step is done with.
type player struct {
	*bench
	name  string
	naap  func() bool
	prism func(verb string, words ...string) string
}

func play(t *testing.T, home string, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	schema := filepath.Join(dir, "schema.prisma")
	must(t, os.WriteFile(schema, []byte("datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n"), 0o644))
	folder := filepath.Join(dir, "migrations")
	must(t, os.Mkdir(folder, 0o755))
	var players []*player
	turn := rand.New(rand.NewPCG(seed, 1))
	for name, naap := range map[string]func() bool{
		"naap": func() bool { return true }, "Prisma": func() bool { return false }, "both": func() bool { return turn.IntN(2) == 0 },
	} {
		b := newBench(t)
		b.dir = folder
		players = append(players, &player{bench: b, name: name, naap: naap, prism: func(verb string, words ...string) string {
			return oracle(t, home, append([]string{verb, schema, b.url, folder}, words...)...)
		}})
	}
	h := &history{t: t, dice: dice, bench: &bench{t: t, dir: folder}, players: players}
	for range 4 + dice.IntN(8) {
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

// oracle asks real Prisma's engine, and returns the code of its refusal, "" for none.
func oracle(t *testing.T, home string, words ...string) string {
	t.Helper()
	code, _ := oracleAnswer(t, home, words...)
	return code
}

func oracleAnswer(t *testing.T, home string, words ...string) (code, answer string) {
	t.Helper()
	cmd := exec.Command("node", append([]string{filepath.Join(home, "oracle.mjs")}, words...)...)
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
	if code := regexp.MustCompile(`P3\d\d\d`).FindString(text); code != "" {
		return code, text
	}
	if strings.Contains(text, "without migrations table") {
		return "P3011", text // the command line says so before it asks the engine
	}
	return "P3018", text // the error of a script comes without its code
}

// history is a random walk.
type history struct {
	t       *testing.T
	dice    *rand.Rand
	bench   *bench
	players []*player
	made    int
	told    []string
	over    bool              // from here on the three may differ
	broken  map[string]string // scripts that fail, and the right ones
}

func (h *history) tell(format string, args ...any) {
	h.told = append(h.told, fmt.Sprintf(format, args...))
}

func (h *history) pick() string {
	names := h.bench.folder().names()
	if len(names) == 0 {
		return "0_none"
	}
	return names[h.dice.IntN(len(names))]
}

func (h *history) step() {
	switch n := h.dice.IntN(20); {
	case n < 6 || h.made == 0:
		h.create()
	case n < 12:
		h.all("mdeploy", "")
	case n < 13:
		name := h.pick()
		h.tell("edit %s", name)
		h.bench.write(name, h.bench.text(name)+"\n-- edited\n")
	case n < 14:
		name := h.pick()
		h.tell("delete %s", name)
		h.bench.remove(name)
	case n < 16:
		h.mend()
	case n < 18:
		h.all("mapplied", h.pick())
	case n < 19:
		h.all("mrolledback", h.pick())
	default:
		h.tell("a table by hand")
		for _, p := range h.players {
			pgtest.Exec(h.t, p.url, "CREATE TABLE IF NOT EXISTS by_hand (id int)")
		}
	}
}

func (b *bench) text(name string) string {
	b.t.Helper()
	m, _ := b.folder().Named(name)
	return m.Script
}

// create adds a migration: usually after the others, sometimes before them; usually right, sometimes not.
func (h *history) create() {
	h.made++
	name := fmt.Sprintf("%d_t%d", 20240100+10*h.made, h.made)
	if h.dice.IntN(8) == 0 {
		name = fmt.Sprintf("%d_t%d", 20230100+10*h.made, h.made)
	}
	table := fmt.Sprintf("CREATE TABLE t%d (id int);\n", h.made)
	scripts := []string{
		table, table + fmt.Sprintf("INSERT INTO t%d VALUES (1);", h.made), strings.ReplaceAll("-- CreateTable\n"+table, "\n", "\r\n"), "",
		"-- This is an empty migration.", "BEGIN;\n" + table + "COMMIT;\n", fmt.Sprintf("DO $$ BEGIN CREATE TABLE t%d (id int); END $$", h.made),
		fmt.Sprintf("CREATE TYPE e%d AS ENUM ('a'); ALTER TYPE e%[1]d ADD VALUE 'b';", h.made),
	}
	right := scripts[h.dice.IntN(len(scripts))]
	script := right
	switch h.dice.IntN(6) {
	case 0:
		script = table + "SELECT 1/0;"
	case 1:
		script = "BEGIN; " + table + "COMMIT; SELECT 1/0;"
		right = "SELECT 1;"
	}
	if h.broken == nil {
		h.broken = map[string]string{}
	}
	if script != right {
		h.broken[name] = right
	}
	h.tell("create %s: %q", name, script)
	h.bench.write(name, script)
	if h.dice.IntN(3) == 0 {
		must(h.t, os.WriteFile(filepath.Join(h.bench.dir, lockName), []byte("# Please do not edit this file manually\nprovider = \"postgresql\"\n"), 0o644))
	}
}

// mend writes the right script in place of a broken one, and lets it run again.
func (h *history) mend() {
	for name, right := range h.broken {
		h.tell("mend %s", name)
		h.bench.write(name, right)
		delete(h.broken, name)
		h.all("mrolledback", name)
		return
	}
}

var prismaCode = regexp.MustCompile(`P3\d\d\d`)

// all has each of the players do a step, and compares their verdicts.
func (h *history) all(verb, name string) {
	verdicts := map[string]string{}
	for _, p := range h.players {
		with := "Prisma"
		if p.naap() {
			with = "naap"
			verdicts[p.name] = p.does(verb, name)
		} else if name == "" {
			verdicts[p.name] = p.prism(verb)
		} else {
			verdicts[p.name] = p.prism(verb, name)
		}
		h.tell("%s: %s %s with %s: %q", p.name, verb, name, with, verdicts[p.name])
	}
	if verb == "mrolledback" && verdicts["naap"] == "P3012" && verdicts["Prisma"] == "" {
		h.over = true // an attempt that was given up before: Prisma says yes, and records nothing
		return
	}
	if verdicts["naap"] != verdicts["Prisma"] || verdicts["both"] != verdicts["Prisma"] {
		h.t.Errorf("%s %s: %v", verb, name, verdicts)
	}
}

func (p *player) does(verb, name string) string {
	var err error
	switch verb {
	case "mdeploy":
		err = p.deploy()
	default:
		err = p.resolve(name, verb == "mapplied")
	}
	if err == nil {
		return ""
	}
	if code := prismaCode.FindString(remedy.Text(err)); code != "" {
		return code
	}
	return err.Error()
}

// same compares the three databases.
func (h *history) same() {
	var want string
	for i, p := range h.players {
		got := p.contents()
		if i == 0 {
			want = got
		}
		if got != want {
			h.t.Errorf("with %s alone:\n%s\nwith %s:\n%s", h.players[0].name, want, p.name, got)
		}
	}
}

func (p *player) contents() string {
	p.t.Helper()
	var lines []string
	ask := func(sql string) {
		list, err := postgres.CollectStrings(p.db.Query(p.t.Context(), sql))
		p.must(err)
		lines = append(lines, list...)
	}
	ask(`SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') || ' ' || coalesce(character_maximum_length, 0)
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`)
	if p.has("_prisma_migrations") {
		ask(`SELECT migration_name || ' ' || checksum || ' ' || (finished_at IS NULL)::text || (rolled_back_at IS NULL)::text || applied_steps_count || CASE WHEN logs = '' THEN ' empty' WHEN logs IS NULL THEN ' none' ELSE ' logs' END
FROM _prisma_migrations ORDER BY started_at`)
	}
	return strings.Join(lines, "\n")
}
