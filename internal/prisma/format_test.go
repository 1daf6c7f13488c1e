package prisma

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// formatWithPrisma has the real formatter (the package @prisma/prisma-schema-wasm, beside the other packages of Prisma)
// format texts, all in one process.
func formatWithPrisma(t *testing.T, texts []string) []string {
	t.Helper()
	dir := os.Getenv("PRISMA_PACKAGES")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Skip("no home folder to look for Prisma's formatter in:", err)
		}
		dir = filepath.Join(home, ".cache", "prisma-packages")
	}
	dir = filepath.Join(dir, "node_modules", "@prisma", "prisma-schema-wasm")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("NAAP_TEST_PRISMA") == "required" {
			t.Fatal("Prisma's formatter is required:", err)
		}
		t.Skip("Prisma's formatter is not set up; PRISMA_PACKAGES names its folder:", err)
	}
	const script = `
const prisma = require(process.argv[1]), texts = JSON.parse(require('fs').readFileSync(0, 'utf8'))
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: m => console.error(m) }
const options = JSON.stringify({ textDocument: { uri: 'file:a.prisma' }, options: { tabSize: 2, insertSpaces: true } })
console.log(JSON.stringify(texts.map(t => JSON.parse(prisma.format(JSON.stringify([['a.prisma', t]]), options))[0]?.[1] ?? 'NOT FORMATTED')))`
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", script, dir)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var formatted []string
	if err := json.Unmarshal(out, &formatted); err != nil {
		t.Fatal(err)
	}
	return formatted
}

// formatted formats a text, which must parse.
func formatted(t *testing.T, name, text string) string {
	t.Helper()
	out, found := Format(Source{Name: name, Text: text})
	if out == "" {
		t.Fatalf("%s does not parse: %v", name, found)
	}
	return out
}

// awkward returns the hand-made files: NAME.prisma, whose form by Prisma is NAME.formatted.
func awkward(t *testing.T) (names, texts []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "format", "*.prisma"))
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return names, texts
}

func TestFormatIsPrismasOfAwkwardFiles(t *testing.T) {
	names, texts := awkward(t)
	for i, name := range names {
		want, err := os.ReadFile(strings.TrimSuffix(name, ".prisma") + ".formatted")
		if err != nil {
			t.Fatal(err)
		}
		got := formatted(t, name, texts[i])
		if got != string(want) {
			t.Errorf("%s: Prisma writes\n%s\nnaap\n%s", name, want, got)
		}
		if again := formatted(t, name, got); again != got && !strings.Contains(name, "tail") { // there Prisma's own changes, too
			t.Errorf("%s: formatted twice, it is\n%s\ninstead of\n%s", name, again, got)
		}
	}
}

// respaced returns a text with blanks, empty lines, comments and line ends that were not there. Prisma takes the blanks before
// a /* */ below another comment for part of its text, and repeats "/*" at each run; naap does not, so no comments are added
// where there are such.
func respaced(text string, random *rand.Rand) string {
	end := "\n"
	if random.IntN(3) == 0 {
		end = "\r\n"
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		b.WriteString(strings.Repeat(" ", random.IntN(3)) + line)
		b.WriteString([...]string{"", "", "", "", " ", "\t", "  "}[random.IntN(7)] + end)
		change := random.IntN(12)
		if change > 1 && strings.Contains(text, "/*") {
			continue
		}
		switch change {
		case 0:
			b.WriteString(end)
		case 1:
			b.WriteString("  \t" + end)
		case 2:
			b.WriteString(" // x" + end)
		case 3:
			b.WriteString(end + "/// x " + end + end)
		case 4:
			b.WriteString("/* x */" + end)
		}
	}
	return b.String()
}

// The files of the collection and of testdata, as they are and with their blanks changed at random.
func TestFormatIsPrismasOfEveryKnownFile(t *testing.T) {
	pgtest.Long(t)
	names, texts := awkward(t)
	corpus, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "prisma/corpus"), "*.prisma"))
	if err != nil || len(corpus) == 0 {
		t.Fatal(corpus, err)
	}
	for _, name := range corpus {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		names, texts = append(names, name), append(texts, string(text))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i, name := range names {
		names, texts = append(names, name+", respaced"), append(texts, respaced(texts[i], random))
	}
	for i, want := range formatWithPrisma(t, texts) {
		if got := formatted(t, names[i], texts[i]); got != want {
			t.Errorf("%s: %s", names[i], firstDifference(want, got))
		}
	}
}

func TestFormatTakesAByteOrderMarkAway(t *testing.T) {
	if got := formatted(t, "a.prisma", "\ufeffenum E {\r\n A\r\n}"); got != "enum E {\n  A\n}\n" {
		t.Errorf("%q", got)
	}
}

func TestFormatRefusesWhatDoesNotParse(t *testing.T) {
	got, found := Format(Source{Name: "a.prisma", Text: "model A {\n  id Int @id(\n}\n"})
	if got != "" || len(found) == 0 || found[0].Span.Start.Line != 2 {
		t.Errorf("%q, %v", got, found)
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return "Prisma writes " + Quote(w[i]) + ", naap " + Quote(g[i])
		}
	}
	return "one goes on where the other ends"
}
