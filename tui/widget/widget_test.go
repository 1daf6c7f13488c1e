package widget

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/draw"
)

func TestSQLIsColouredByItsWords(t *testing.T) {
	var got []string
	for _, l := range SQLLines("SELECT 'it''s', 12 -- no SELECT\nFROM \"select\" /* a\n b */ x") {
		for _, p := range l {
			if p.Role != draw.Plain {
				got = append(got, p.Text)
			}
		}
		got = append(got, "/")
	}
	if s := strings.Join(got, "|"); s != "SELECT|'it''s'|12|-- no SELECT|/|FROM|/* a|/| b */|/" {
		t.Errorf("got %s", s)
	}
}

func TestTheBodyOfAFunctionIsColouredAsSQL(t *testing.T) {
	var got []string
	for _, l := range SQLLines("DO $x$ BEGIN PERFORM 'a\nb'; -- c\nEND $x$; SELECT E'\\'', 1e5, U&\"a\" /* /* */\nx */ FROM $$ IF") {
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

func TestJSONIsUnfolded(t *testing.T) {
	lines, ok := JSONLines(`{"a":[1,{"b":"x: \"y\""}],"c":null}`)
	if !ok || len(lines) != 9 || lines[4].String() != `      "b": "x: \"y\""` {
		t.Errorf("got %v", lines)
	}
	if _, ok := JSONLines("{broken"); ok {
		t.Error("what is no JSON was unfolded")
	}
}
