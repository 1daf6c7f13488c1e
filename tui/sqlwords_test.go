package tui

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen/console"
	"github.com/livepeer/naap-dev/tui/widget"
)

func TestStatementsAreSplitAsElsewhere(t *testing.T) {
	for text, want := range sharedStatements(t) {
		at := 0
		for _, statement := range want {
			at += strings.Index(text[at:], statement)
			if got := console.StatementAt(text, at); !strings.Contains(got, statement) || len(want) > 1 && strings.Contains(got, want[0]) != (statement == want[0]) {
				t.Errorf("%q: at %d is %q, want %q", text, at, got, statement)
			}
			at += len(statement)
		}
	}
}

func TestTheBodyOfAFunctionIsColouredAsSQL(t *testing.T) {
	var got []string
	for _, l := range widget.SQLLines("DO $x$ BEGIN PERFORM 'a\nb'; -- c\nEND $x$; SELECT E'\\'', 1e5, U&\"a\" /* /* */\nx */ FROM $$ IF") {
		for _, p := range l {
			if p.Role != draw.Plain {
				got = append(got, p.Text)
			}
		}
		got = append(got, "/")
	}
	if s := strings.Join(got, "|"); s != "DO|BEGIN|'a|/|b'|-- c|/|END|SELECT|E'\\''|1e5|/* /* */|/|x */|FROM|IF|/" {
		t.Errorf("got %s", s)
	}
}

// sharedStatements are texts with their statements, which all who read SQL split alike.
func sharedStatements(t *testing.T) (list map[string][]string) {
	t.Helper()
	data, err := os.ReadFile("../internal/sqltext/testdata/statements.json")
	if err := errors.Join(err, json.Unmarshal(data, &list)); err != nil {
		t.Fatal(err)
	}
	return list
}
