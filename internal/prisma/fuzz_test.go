package prisma

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// addSeeds adds the cases, and the collection where it is available: all but its largest file, which slows the search
// down.
func addSeeds(f *testing.F) {
	for _, file := range caseFiles(f) {
		for _, c := range readCases(f, file) {
			f.Add(c.text)
		}
	}
	if dir, ok := os.LookupEnv("NAAP_SHARED"); ok && dir != "" {
		for _, file := range corpus(f) {
			if text, err := os.ReadFile(file); err == nil && len(text) < 1<<17 {
				f.Add(string(text))
			}
		}
	}
}

// FuzzParse parses anything: it must not panic, every position must be in the text, and what is shown must be safe.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Add("\xff\xfe")
	f.Add("model A {\n  a Int @default([[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")
	f.Fuzz(func(t *testing.T, text string) {
		source := Source{Name: "a.prisma", Text: text}
		s, err := Parse(source)
		var found []Diagnostic
		var d *Diagnostics
		switch {
		case err == nil:
			found = s.Warnings
		case errors.As(err, &d):
			found = d.List
		default:
			t.Fatal(err)
		}
		for _, x := range found {
			checkPlace(t, text, x)
		}
		rendered := render(found, []Source{source}, false)
		if !utf8.ValidString(rendered) || strings.ContainsAny(rendered, "\x1b\x07\r\t") {
			t.Fatalf("not safe to show: %q", rendered)
		}
	})
}

func checkPlace(t *testing.T, text string, d Diagnostic) {
	t.Helper()
	a, b := d.Span.Start, d.Span.End
	if a.offset < 0 || b.offset < a.offset || b.Offset() > len(text) || a.Line < 1 || a.Column < 1 || a.File() == "" {
		t.Fatalf("%s: the place is not in the text: %+v", d.Message, d.Span)
	}
	before := text[:a.offset]
	if line := 1 + countLines(before); line != int(a.Line) {
		t.Fatalf("%s: line %d is said to be %d", d.Message, line, a.Line)
	}
	from := strings.LastIndexAny(before, "\r\n") + 1
	if column := 1 + runes(strings.TrimPrefix(before[from:], "\ufeff")); column != int(a.Column) {
		t.Fatalf("%s: column %d is said to be %d", d.Message, column, a.Column)
	}
}

// FuzzPrintParse prints what can be parsed: parsing that gives the same tree.
func FuzzPrintParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		if problem := checkPrints(text); problem != "" {
			t.Fatal(problem)
		}
	})
}
