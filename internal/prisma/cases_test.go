package prisma

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of testdata/cases again")

// testCase is one small schema of testdata/cases: a file holds many, each below a line `-- its name --`. One without a
// datasource gets a plain one at its end, so that lines keep their numbers.
type testCase struct {
	name, text string
	// differs is the reason why real Prisma judges otherwise, from a comment `// differs: …` in the schema.
	differs string
	// seven reports that only Prisma 7 knows what the case is about, from a comment `// Prisma 7`.
	seven bool
}

var (
	caseLine    = regexp.MustCompile(`(?m)^-- (.*) --\n`)
	differsLine = regexp.MustCompile(`(?m)^ *// differs: (.*)$`)
)

const plainDatasource = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n"

func readCases(t testing.TB, file string) []testCase {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	seen := map[string]bool{}
	at := caseLine.FindAllSubmatchIndex(text, -1)
	for i, m := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		c := testCase{name: string(text[m[2]:m[3]]), text: string(text[m[1]:end])}
		if seen[c.name] {
			t.Fatalf("%s: two cases are called %q", file, c.name)
		}
		seen[c.name] = true
		if d := differsLine.FindStringSubmatch(c.text); d != nil {
			c.differs = d[1]
		}
		c.seven = strings.Contains(c.text, "// Prisma 7")
		if !strings.Contains(c.text, "datasource") {
			c.text += plainDatasource
		}
		cases = append(cases, c)
	}
	return cases
}

func caseFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return files
}

// judge returns what we find in a schema: the rendered findings, or nothing where there are none.
func judge(c testCase) (rendered string, valid bool) {
	s, err := Parse(Source{Name: "schema.prisma", Text: c.text})
	var d *Diagnostics
	switch {
	case err == nil:
		return render(s.Warnings, s.Sources, false), true
	case errors.As(err, &d):
		return d.Render(false), false
	}
	return err.Error(), false
}

func TestEachCaseFindsWhatItsGoldenFileSays(t *testing.T) {
	for _, file := range caseFiles(t) {
		var got bytes.Buffer
		for _, c := range readCases(t, file) {
			rendered, valid := judge(c)
			fmt.Fprintf(&got, "-- %s --\n", c.name)
			if valid {
				got.WriteString("valid\n")
			}
			got.WriteString(rendered)
		}
		golden := strings.TrimSuffix(file, ".txt") + ".golden"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		compareCases(t, file, string(want), got.String())
	}
}

func compareCases(t *testing.T, file, want, got string) {
	t.Helper()
	split := func(s string) map[string]string {
		m := map[string]string{}
		at := caseLine.FindAllStringSubmatchIndex(s, -1)
		for i, x := range at {
			end := len(s)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			m[s[x[2]:x[3]]] = s[x[1]:end]
		}
		return m
	}
	w, g := split(want), split(got)
	for name, text := range g {
		if w[name] != text {
			t.Errorf("%s: %s:\ngot\n%s\nwant\n%s", file, name, text, w[name])
		}
	}
	for name := range w {
		if _, ok := g[name]; !ok {
			t.Errorf("%s: the golden file has a case %q that is gone", file, name)
		}
	}
}
