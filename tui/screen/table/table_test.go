package table

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

func TestATypedFilterIsReadAsAConditionOnItsColumn(t *testing.T) {
	for text, want := range map[string]string{
		"abc": "c contains abc", "=1": "c = 1", "!=1": "c <> 1", "<>1": "c <> 1", "<= 5": "c <= 5", ">5": "c > 5", "~^a": "c ~ ^a",
		"^ab": "c starts ab", "null": "c is null", "!null": "c not null", "": "", "=": "", "!": "",
		"!it's 5%":    `NOT coalesce("c"::text ILIKE E'%it''s 5\\%%', false)`,
		"where a > 1": "a > 1",
	} {
		cond, raw := condition("c", text)
		var where []postgres.Condition
		if cond != nil {
			where = append(where, *cond)
		}
		if got := whereText(where, raw); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, raw := condition(`a"b`, `!x\y`); raw != `NOT coalesce("a""b"::text ILIKE E'%x\\\\y%', false)` {
		t.Errorf("quoting: %s", raw)
	}
}

func TestIdentifiersThatAreTextAreCutInTheMiddleToo(t *testing.T) {
	r := Grid{Root: bare{}}
	id := "0a1b2c3d-7425-40de-944b-000000000017"
	r.Columns = []postgres.PageColumn{{Name: "teamId", Kind: postgres.TextKind, Key: true}, {Name: "userId", Kind: postgres.TextKind, Key: true}, {Name: "role", Kind: postgres.TextKind}}
	r.Rows = [][]postgres.Cell{{{Text: id}, {Text: id}, {Text: "what people may do"}}}
	r.Measure()
	if got := r.middle(id, r.Widths[0]); got != "0a1b2c3d…0017" {
		t.Errorf("got %q", got)
	}
	seen := r.columnsSeen(78)
	if len(seen) != 3 || seen[2].X != 33 {
		t.Errorf("a key of two columns leaves %v", seen)
	}
}

// bare is an application with nothing but a look and a size.
type bare struct{ screen.Root }

func (bare) Look() *draw.Look { return draw.NewLook("dark", draw.Many, false, false) }

func (bare) Size() (w, h int) { return 80, 24 }

func TestARowsPlaceIsTheSameInEveryOrder(t *testing.T) {
	at := func(texts ...string) postgres.Cursor {
		c := make(postgres.Cursor, len(texts))
		for i, text := range texts {
			c[i].Text = text
		}
		return c
	}
	for want, r := range map[string]Grid{
		"1 2":   {key: []string{"a", "b"}, Cursors: []postgres.Cursor{at("1", "2")}},
		"3 4":   {key: []string{"a", "b"}, Cursors: []postgres.Cursor{at("x", "3", "4")}, sorted: []postgres.SortKey{{Column: "c"}}},
		"5 6":   {key: []string{"a", "b"}, Cursors: []postgres.Cursor{at("6", "x", "5")}, sorted: []postgres.SortKey{{Column: "b"}, {Column: "c"}, {Column: "b", Desc: true}}},
		"(0,1)": {Cursors: []postgres.Cursor{at("x", "(0,1)")}, sorted: []postgres.SortKey{{Column: "c"}}},
	} {
		var got []string
		for _, v := range r.Place(0) {
			got = append(got, v.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

func TestANumberIsWholeWhereThereIsRoom(t *testing.T) {
	long := strings.Repeat("1234567890", 7)
	r := Grid{Root: bare{}, lastWidth: 100}
	r.Columns = []postgres.PageColumn{{Name: "id", Kind: postgres.NumberKind, Key: true}, {Name: "text", Kind: postgres.TextKind}, {Name: "n", Kind: postgres.NumberKind}}
	r.Rows = [][]postgres.Cell{{{Text: "1"}, {Text: strings.Repeat("long ", 20)}, {Text: long}}}
	r.Measure()
	if r.Widths[1] != widestCell || r.Widths[2] != len(long) {
		t.Errorf("the columns are %v wide", r.Widths)
	}
	for col := range 3 {
		r.Col = col
		for _, c := range r.columnsSeen(100) {
			if r.Order[c.at] == 2 && c.w < len(long) {
				t.Errorf("with the cursor on column %d, %d of its %d digits are seen", col, c.w, len(long))
			}
		}
	}
	if seen := r.columnsSeen(100); seen[len(seen)-1].at != 2 {
		t.Errorf("the column of the cursor is not seen: %v", seen)
	}
}

func TestTheNameOfAKeyStandsAtTheLastColumnThatLeadsByIt(t *testing.T) {
	both := &postgres.ColumnReference{Constraint: "both", Key: []postgres.KeyColumn{{From: "team"}, {From: "tenant"}}}
	alone := &postgres.ColumnReference{Constraint: "alone", Key: []postgres.KeyColumn{{From: "tenant"}}}
	for _, c := range []struct {
		tenant *postgres.ColumnReference
		want   string
	}{{both, "tenant"}, {alone, "team tenant"}} {
		r := Grid{Root: bare{}, Columns: []postgres.PageColumn{{Name: "id"}, {Name: "tenant", References: c.tenant}, {Name: "team", References: both}}}
		var got []string
		for _, name := range []string{"id", "team", "tenant"} {
			if endsKey(name, r.references) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("names stand at %v, not at %s", got, c.want)
		}
	}
}

func TestNamesTakeOnlyTheRoomThatNothingElseNeeds(t *testing.T) {
	r := Grid{Root: bare{}, lastWidth: 60}
	r.Columns = []postgres.PageColumn{{Name: "id", Kind: postgres.NumberKind, Key: true}, {Name: "team", Kind: postgres.TextKind,
		References: &postgres.ColumnReference{Constraint: "k", Key: []postgres.KeyColumn{{From: "team"}}}}, {Name: "text", Kind: postgres.TextKind}}
	r.Rows = [][]postgres.Cell{{{Text: "1"}, {Text: "a key"}, {Text: "twenty letters, or so"}}}
	r.names = keyNames{widest: map[string]int{"k": 12}}
	r.Measure()
	values := 1 + r.Widths[0] + 3 + r.Widths[1] + 3 + r.Widths[2] + 1
	for width, want := range map[int]int{values + 40: 15, values + 15: 15, values + 11: 11, values + 10: 0, values: 0, values - 5: 0} {
		seen := r.columnsSeen(width)
		if got := seen[1].name; got != want {
			t.Errorf("in %d cells, of which the values take %d, a name has %d and not %d", width, values, got, want)
		}
		if last := seen[len(seen)-1]; last.X+last.w > width || want > 0 && last.w < r.Widths[2] {
			t.Errorf("in %d cells, the last column is %+v", width, last)
		}
	}
}

func TestTheListOfAKeyBeginsAtWhatIsThere(t *testing.T) {
	value := func(text string) rowedit.Value { return rowedit.Value{Text: text} }
	list := func(tenant, n rowedit.Value) *chooseScreen {
		c := &chooseScreen{key: &rowedit.ForeignKey{Columns: []string{"tenant", "n"}}}
		set := map[string]rowedit.Value{"tenant": tenant, "n": n}
		c.other = func(column string) rowedit.Value { return set[column] }
		c.column.Name, c.now = "tenant", tenant
		c.always = []choice{{text: "NULL", set: map[string]rowedit.Value{"tenant": {Kind: rowedit.Null}, "n": {Kind: rowedit.Null}}}}
		for _, k := range [][2]string{{"t1", "1"}, {"t1", "2"}, {"t2", "1"}} {
			c.all = append(c.all, choice{text: k[0] + ", " + k[1], set: map[string]rowedit.Value{"tenant": value(k[0]), "n": value(k[1])}})
		}
		c.startAt()
		return c
	}
	for _, x := range []struct {
		tenant, n rowedit.Value
		want      string
	}{
		{value("t1"), value("1"), "t1, 1"},
		{value("t1"), value("2"), "t1, 2"},
		{value("t2"), value("1"), "t2, 1"},
		{value("t9"), value("5"), "t9, 5"}, // behind the end of the list
		{rowedit.Value{Kind: rowedit.Null}, rowedit.Value{Kind: rowedit.Null}, "NULL"},
	} {
		c := list(x.tenant, x.n)
		at := c.shown()[c.list.At]
		if at.text != x.want || at.set["tenant"] != x.tenant || at.set["n"] != x.n {
			t.Errorf("%v, %v: the cursor is at %q", x.tenant, x.n, at.text)
		}
	}
}

func TestAChangeThatTheServerDoesNotMakeIsNoRowThatSomebodyChanged(t *testing.T) {
	of := &rowedit.Change{Verb: rowedit.Delete, Row: &rowedit.Row{}}
	for want, list := range map[string][]rowedit.Conflict{
		"1 row is not what was shown when it was changed here.":      {{Change: of}},
		"2 rows are not what was shown when they were changed here.": {{Change: of}, {Change: of}},
		"1 change cannot be made.":                                   {{Change: of, Kept: true}},
		"2 changes cannot be made.":                                  {{Change: of}, {Change: &rowedit.Change{Verb: rowedit.Insert}}},
	} {
		if is := unmade(list); is != want {
			t.Errorf("%q, want %q", is, want)
		}
	}
}
