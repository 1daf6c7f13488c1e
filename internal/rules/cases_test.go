package rules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// A case is an archive below testdata/ruleN, laid over testdata/base.txtar. Its comment holds directives, a line each:
//
//	want FILE:LINE RULE…     findings where the file's language has no comments
//	schema PATH, port N, live NAMES…, prefix SCHEMA PREFIX…, allow FILE RULE GLOB REASON…
//	accepted N               how many findings an exception covers
//	unused FILE:LINE         an exception that covers nothing
//
// In the files, "want RULE…" at the end of a line expects a finding of each rule on that line, "want-next" on the next.
type testCase struct {
	options  Options
	want     []string // "file:line rule", sorted
	accepted int
	unused   []string
}

var (
	wantMark     = regexp.MustCompile(`\bwant((?: \d+)+)(?: \*/.*)?$`)
	wantNextMark = regexp.MustCompile(`\bwant-next((?: \d+)+)$`)
)

func readCase(t *testing.T, file string) testCase {
	t.Helper()
	c := testCase{options: Options{Root: t.TempDir(), Prefixes: map[string][]string{}}}
	base, err := txtar.ParseFile("testdata/base.txtar")
	if err != nil {
		t.Fatal(err)
	}
	own, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c.directives(t, string(own.Comment))
	files := map[string][]byte{}
	for _, f := range append(base.Files, own.Files...) {
		files[f.Name] = f.Data
	}
	if c.options.SchemaFile != "" && !slices.ContainsFunc(own.Files, func(f txtar.File) bool { return f.Name == defaultSchemaFile }) {
		delete(files, defaultSchemaFile)
	}
	for name, data := range files {
		c.marks(name, string(data))
		path := filepath.Join(c.options.Root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(c.want)
	return c
}

func (c *testCase) directives(t *testing.T, comment string) {
	t.Helper()
	for n, line := range strings.Split(comment, "\n") {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "want":
			for _, rule := range words[2:] {
				c.want = append(c.want, words[1]+" "+rule)
			}
		case "schema":
			c.options.SchemaFile = words[1]
		case "port":
			c.options.Port, _ = strconv.Atoi(words[1])
		case "live":
			c.options.LiveSchemas = words[1:]
		case "prefix":
			c.options.Prefixes[words[1]] = words[2:]
		case "allow":
			c.options.Allow = append(c.options.Allow, Allow{
				File: words[1], Rule: words[2], Path: words[3], Reason: strings.Join(words[4:], " "), Line: n + 1,
			})
		case "accepted":
			c.accepted, _ = strconv.Atoi(words[1])
		case "unused":
			c.unused = append(c.unused, words[1])
		}
	}
}

func (c *testCase) marks(name, text string) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		at, m := i+1, wantMark.FindStringSubmatch(line)
		if next := wantNextMark.FindStringSubmatch(line); next != nil {
			at, m = i+2, next
		}
		if m == nil {
			continue
		}
		for rule := range strings.FieldsSeq(m[1]) {
			c.want = append(c.want, fmt.Sprintf("%s:%d %s", name, at, rule))
		}
	}
}

func TestEachRuleFindsWhatBreaksItAndNothingElse(t *testing.T) {
	files, err := filepath.Glob("testdata/rule*/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, "testdata/"), func(t *testing.T) {
			c := readCase(t, file)
			report, err := Check(context.Background(), c.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, fmt.Sprintf("%s:%d %d", f.Place.Path, f.Place.Line, f.Rule.Number))
				checkFinding(t, c.options.Root, f)
			}
			slices.Sort(got)
			for _, w := range only(c.want, got) {
				t.Errorf("not found: %s", w)
			}
			for _, g := range only(got, c.want) {
				t.Errorf("found and not wanted: %s", g)
			}
			if len(report.Accepted) != c.accepted {
				t.Errorf("%d accepted, want %d: %v", len(report.Accepted), c.accepted, report.Accepted)
			}
			var unused []string
			for _, n := range report.Notes {
				unused = append(unused, fmt.Sprintf("%s:%d", n.Place.Path, n.Place.Line))
			}
			if !slices.Equal(unused, c.unused) {
				t.Errorf("unused exceptions %q, want %q", unused, c.unused)
			}
		})
	}
}

// checkFinding checks what holds for any finding: its place is in the file, and its text is that line.
func checkFinding(t *testing.T, root string, f Finding) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(f.Place.Path)))
	if err != nil {
		if f.Rule != ruleExceptions {
			t.Errorf("%s: %v", f.Place.Path, err)
		}
		return
	}
	lines := strings.Split(string(data), "\n")
	if f.Place.Line < 1 || f.Place.Line > len(lines) {
		t.Fatalf("line %d of %d", f.Place.Line, len(lines))
	}
	line := []rune(lines[f.Place.Line-1])
	if f.Place.Column < 1 || f.Place.EndColumn <= f.Place.Column || f.Place.EndColumn > len(line)+2 {
		t.Errorf("%s:%d: columns %d to %d of %d", f.Place.Path, f.Place.Line, f.Place.Column, f.Place.EndColumn, len(line))
	}
	if f.Message == "" || f.Rule.Why == "" {
		t.Errorf("a finding without a message or a reason: %+v", f)
	}
	if strings.Contains(f.Text+f.Message, "S3cr3t") || f.Fix != nil && strings.Contains(f.Fix.Diff, "S3cr3t") {
		t.Errorf("a password is shown: %s: %s", f.Text, f.Message)
	}
}

// only returns the elements of a that b lacks, each as often as it is missing.
func only(a, b []string) []string {
	left := map[string]int{}
	for _, s := range b {
		left[s]++
	}
	var out []string
	for _, s := range a {
		if left[s]--; left[s] < 0 {
			out = append(out, s)
		}
	}
	return out
}
