package main

import (
	"strings"
	"testing"
)

func TestWhatChangedInATextIsMarkedLineByLine(t *testing.T) {
	many := strings.Repeat("x\n", mostCompared) + "end"
	for _, c := range []struct{ was, now, want string }{
		{"", "a\nb\n", "a|b"},
		{"a\nb\nc", "a\nnew\nb\nc", "  a|+ new|  b|  c"},
		{"a\nb\nc", "c\na\nb", "+ c|  a|  b|- c"},                   // moved
		{"a\nrm x\nb", "a\nrm x\nb\nrm x", "  a|  rm x|  b|+ rm x"}, // a line that stands there already
		{"a\nb", "b\nb", "- a|  b|+ b"},
		{"a\nb", "c", "- a|- b|+ c"},
		{"end", many, "- end|+ " + strings.ReplaceAll(many, "\n", "|+ ")},
	} {
		if got := strings.Join(changedLines(c.was, c.now), "|"); got != c.want {
			t.Errorf("%.40q, then %.40q: it is shown as %.200q", c.was, c.now, got)
		}
	}
}
