package visible

import (
	"strings"
	"testing"
)

func TestACodeSpanIsItsTextWhateverThatIs(t *testing.T) {
	for text, want := range map[string]string{
		"public.User":             "`public.User`",
		"a|b <b>@you</b> [x](y)":  "`a|b <b>@you</b> [x](y)`",
		"a`b":                     "``a`b``",
		"```":                     "```` ``` ````",
		"`a":                      "`` `a ``",
		" a":                      "`  a `",
		"":                        "`  `",
		"a\nb\x1b[2J":             "`a⏎b␛[2J`",
		"<!-- naap dev diff -->`": "`` <!-- naap dev diff -->` ``",
	} {
		if got := CodeSpan(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestACodeBlockEndsWhereItsTextDoes(t *testing.T) {
	const text = "+ a\n````\n## not a heading @you\n"
	got := CodeBlock("diff", text)
	if want := "`````diff\n" + text + "`````\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := CodeBlock("", "a"); got != "```\na\n```\n" {
		t.Errorf("%q", got)
	}
}

func TestAnAnnotationIsOneCommand(t *testing.T) {
	a := Annotation{Level: "error", File: "a,b:c\n::warning::x", Line: 3, Column: 2, EndColumn: 4, Title: "100% ::", Message: "one\r\ntwo % ::error::\x1b"}
	got := a.String()
	if strings.ContainsAny(got, "\r\n\x1b") {
		t.Errorf("more than one line: %q", got)
	}
	if want := "::error file=a%2Cb%3Ac⏎%3A%3Awarning%3A%3Ax,line=3,col=2,endColumn=4,title=100%25 %3A%3A::one"; !strings.HasPrefix(got, want) {
		t.Errorf("%s\nwant %s…", got, want)
	}
	if got := (Annotation{Level: "notice", Message: "m"}).String(); got != "::notice::m" {
		t.Error(got)
	}
}
