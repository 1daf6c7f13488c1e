package main

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/trust"
)

func TestWhatChangedInATextIsMarkedLineByLine(t *testing.T) {
	many := strings.Repeat("x\n", 500) + "end"
	for _, c := range []struct{ was, now, want string }{
		{"", "a\nb\n", "a|b"},
		{"a\nb\nc", "a\nnew\nb\nc", "  a|+ new|  b|  c"},
		{"a\nb\nc", "c\na\nb", "+ c|  a|  b|- c"},                   // moved
		{"a\nrm x\nb", "a\nrm x\nb\nrm x", "  a|  rm x|  b|+ rm x"}, // a line that is there already
		{"a\nb", "b\nb", "- a|+ b|  b"},
		{"a\nb", "c", "- a|- b|+ c"},
		{"end", many, strings.Repeat("+ x|", 500) + "  end"},
		{"a\n\n", "a", "  a"},
	} {
		if got := strings.Join(changedLines(c.was, c.now), "|"); got != c.want {
			t.Errorf("%.40q, then %.40q: it is shown as %.200q", c.was, c.now, got)
		}
	}
}

// A text can be made so that comparing it would take long. All of it is shown even so.
func TestATextOfTheSameFewLinesIsComparedWhole(t *testing.T) {
	was, now := strings.Repeat("a\nb\na\n", 10_000), strings.Repeat("b\nb\na\na\n", 10_000)
	var before, after strings.Builder
	for _, line := range changedLines(was, now) {
		if line[0] != '+' {
			before.WriteString(line[2:] + "\n")
		}
		if line[0] != '-' {
			after.WriteString(line[2:] + "\n")
		}
	}
	if before.String() != was || after.String() != now {
		t.Error("the lines shown are not those of the two texts")
	}
}

// A script can be so long that its one malicious line is no longer on the screen.
func TestAQuestionAboutMoreThanAScreenSaysSo(t *testing.T) {
	for _, c := range []struct {
		text string
		long bool
	}{
		{"make seed", false},
		{strings.Repeat("echo\n", 20), false},
		{strings.Repeat("echo\n", 10_000), true},
		{"echo hi" + strings.Repeat(" ", 5000) + "; id", true},
	} {
		got := (&app{}).question([]trust.Standing{{Item: trust.Item{Kind: trust.SeedCommand, Text: c.text}}})
		if long := strings.Contains(got, "more than a screen"); long != c.long || !strings.HasSuffix(got, "Allow it?") {
			t.Errorf("%.20q is asked for by %q", c.text, got)
		}
	}
}
