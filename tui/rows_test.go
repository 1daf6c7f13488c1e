package tui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

// rowsOf goes to the rows of a table of public.
func rowsOf(t *testing.T, f *fake.Backend, name string) (*driver, *table.Grid) {
	t.Helper()
	d := drive(t, f, 120, 30)
	d.press(":", "type:"+name, "enter", "enter")
	d.press("4")
	return d, &d.app.Top().(*table.View).Rows
}

func TestRowsArePagedInBothDirections(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "StakeConnection")
	d.shows("rows 1–", "of 928")
	for range 60 {
		d.press("pgdown")
	}
	if r.HasNext || r.First+int64(r.List.At) != 927 {
		t.Fatalf("paging on ended at row %d of 928", r.First+int64(r.List.At)+1)
	}
	if len(r.Rows) > table.RowsKept {
		t.Errorf("%d rows are kept", len(r.Rows))
	}
	for range 60 {
		d.press("pgup")
	}
	if r.HasPrev || r.First != 0 || r.List.At != 0 {
		t.Fatalf("paging back ended at row %d", r.First+int64(r.List.At)+1)
	}
	d.press("G").shows("–928 of 928")
	d.press("g").shows("rows 1–")
}

func TestEveryRowIsSeenOnceOnTheWay(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "StakeConnection")
	seen := map[string]bool{}
	for i := range int64(928) {
		id := r.Rows[r.List.At][0].Text
		if seen[id] || r.First+int64(r.List.At) != i {
			t.Fatalf("row %d: at %d, seen before: %v", i, r.First+int64(r.List.At), seen[id])
		}
		seen[id] = true
		d.press("j")
	}
}

func TestColumnsScrollAndTheKeyStays(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	d.press("$").shows("status", "id ").hides("address")
	if r.Columns[r.Order[r.Col]].Name != "status" {
		t.Errorf("the cursor is on %s", r.Columns[r.Order[r.Col]].Name)
	}
	d.press("0").shows("address")
	d.press("L").press("H").shows("address")
}

func TestTheOrderTurnsWithEachPress(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	for _, want := range []string{"id ↑", "id ↓", "id "} {
		d.press("s").shows(want)
	}
	if r.Sort != nil {
		t.Error("the third press does not drop the order")
	}
}

func TestRowsAreFilteredByTheCellAndByTyping(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	d.press("l", "l", "f").shows("where name = Titan Node")
	all := len(r.Rows)
	d.press("f").hides("where")
	if len(r.Rows) <= all {
		t.Error("the second press does not drop the filter")
	}
	d.press("/", "type:plain").shows("name / plain")
	for _, row := range r.Rows {
		if row[2].Text != "plain" {
			t.Fatalf("%q passes the filter", row[2].Text)
		}
	}
	d.press("enter").shows("where name contains plain").press("esc").hides("where")
}

func TestFiltersOfSeveralColumnsLiveSideBySide(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	d.press("l", "l", "/", "type:plain", "enter").shows("where name contains plain")
	d.press("h", "/").shows("where name contains plain and address / ").press("type:0x0", "enter").shows("where name contains plain and address contains 0x0")
	d.press("l", "/").shows("where address contains 0x0 and name / plain").press("ctrl+u", "type:!node", "enter")
	d.press("h", "h", "/").shows("id / ").press("type:!zz", "enter").shows("where address contains 0x0 and name !node and id !zz")
	where, raw := r.Where()
	if len(where) != 1 || where[0].Column != "address" || !strings.Contains(raw, `"name"`) || !strings.Contains(raw, `"id"`) {
		t.Errorf("the conditions are %v and %s", where, raw)
	}
	// What was typed about a column is there when one comes back to it, and cancelling takes it alone.
	d.press("l", "/").shows("name !node and id !zz and address / 0x0").press("esc").shows("where name !node and id !zz").hides("address contains")
	// esc lets go of the one that was typed last, w of any.
	d.press("/", "type:^0x", "enter").shows("where name !node and id !zz and address starts 0x")
	d.press("w", "d").shows("where id !zz and address starts 0x").press("esc").press("esc").shows("where id !zz").press("esc").hides("where")
	if where, raw := r.Where(); len(where) > 0 || raw != "" {
		t.Errorf("the conditions %v and %q are left", where, raw)
	}
	d.press("l", "/", "type:>=", "enter").hides("where").press("h", "/", "type:0x", "enter", "l", "/", "type:plain", "enter").shows("address contains 0x and name contains plain")
	d.press("F").hides("where")
}

func TestAFilterIsAndedToTheKeyThatWasFollowed(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	r.Given = []postgres.Condition{{Column: "name", Op: postgres.NotEqual, Value: "plain"}}
	d.press("l", "l", "/", "type:node", "enter").shows("where name <> plain and name contains node")
	d.press("esc").shows("where name <> plain").hides("contains")
}

func TestTheCursorStaysOnItsRowWhenTheRowsAreAskedForAgain(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "StakeConnection")
	for range 20 {
		d.press("pgdown")
	}
	d.press("k", "k", "k")
	row, first, page := r.Cursors[r.List.At][0], r.First+int64(r.List.At), d.text()
	stays := func(what string) {
		t.Helper()
		if now := r.Cursors[r.List.At][0]; now != row || r.First+int64(r.List.At) != first {
			t.Errorf("after %s the cursor is on row %v, at %d; it was on %v, at %d", what, now, r.First+int64(r.List.At), row, first)
		}
		was, is := strings.Split(page, "\n"), strings.Split(d.text(), "\n")
		if was[10] != is[10] {
			t.Errorf("after %s the rows moved: %q was %q", what, is[10], was[10])
		}
	}
	d.press("R")
	stays("R")
	d.handle(tea.FocusMsg{})
	d.settle()
	stays("the focus came back")
	d.run(d.app.Tell(screen.ChangedNews{}))
	d.settle()
	stays("a verb")
	d.press("#")
	stays("a count")
	d.press("5", "R", "4")
	stays("another tab")
	d.press("G", "R").shows("–928 of 928")
}

func TestValuesThatAreNoTextLookDifferent(t *testing.T) {
	d, _ := rowsOf(t, fake.New(), "Session")
	d.shows("∅", `""`, "evil␛]0;pwn␇")
	d.press("$").shows(`\x00ff1b5d (4096 bytes)`)
}

func TestARowAndACellAreCopiedSoThatTheyCanBePasted(t *testing.T) {
	var got string
	d, r := rowsOf(t, fake.New(), "Session")
	d.app.clip.Own = func(_ context.Context, s string) error { got = s; return nil }
	d.press("j", "j", "l", "l", "y").shows("copied name")
	if want, _ := visible.Paste(fake.Hostile); got != want || strings.ContainsAny(got, "\x1b\a") {
		t.Errorf("copied %q", got)
	}
	// Y asks for a form, and takes the row under the cursor or those that are marked, from the server and whole.
	id := r.Rows[2][0].Text
	d.press("Y").shows("Copy the row as", "Markdown").press("enter").shows("copied 1 row as JSON")
	if want := "jsonl public.Session " + id; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
	d.press("k", "m", "j", "m", "Y").shows("Copy 2 rows as").press("j", "enter").shows("copied 2 rows as INSERT")
	if want := "insert public.Session " + r.Rows[1][0].Text + "\ninsert public.Session " + r.Rows[3][0].Text; got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
}

func TestResultsOfTheConsoleAreMarkedAndCopied(t *testing.T) {
	var got string
	d := drive(t, fake.New(), 120, 40)
	d.app.clip.Own = func(_ context.Context, s string) error { got = s; return nil }
	d.press("i", "type:SELECT * FROM x;", "enter", "m", "j", "m", "Y").shows("Copy 2 rows as", "CSV").hides("INSERT")
	d.press("j", "enter").shows("copied 2 rows as CSV")
	if strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "csv ") {
		t.Errorf("copied %q", got)
	}
}

func TestAnExportIsWholeOrNotThere(t *testing.T) {
	t.Chdir(t.TempDir())
	d := drive(t, fake.New(), 100, 30)
	d.press("2", "e").shows("Export plugin_capacity.Capacity").press("tab", "tab").shows("plugin_capacity.Capacity.json")
	d.press("enter").shows("exported 3 rows")
	body, err := os.ReadFile("plugin_capacity.Capacity.json")
	if err != nil || strings.Count(string(body), "\n") != 3 {
		t.Fatalf("the file holds %q, %v", body, err)
	}
	d.press("e", "tab", "tab", "enter").shows("Replace the file?", "▸ Cancel").press("enter", "esc")
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	d.press("e", "ctrl+u", "type:folder", "enter").shows("folder is a folder: name a file in it").hides("Replace").press("esc")
	if err := os.Remove("folder"); err != nil {
		t.Fatal(err)
	}
	d.fake.Fail(os.ErrDeadlineExceeded)
	d.press("e", "type:2", "enter")
	left, _ := filepath.Glob("*")
	hidden, _ := filepath.Glob(".naap-export-*")
	if len(left) != 1 || len(hidden) != 0 {
		t.Errorf("left behind: %v %v", left, hidden)
	}
}

func TestMarksStayWithTheirRows(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "StakeConnection")
	marked := func() (rows []string) {
		for _, m := range r.Marked() {
			rows = append(rows, m.At[0].Text)
		}
		return rows
	}
	d.press("m", "m", "j", "m").shows("3 marked", "◆")
	want := []string{"0", "1", "3"}
	for range 40 { // the rows that are marked are no longer here
		d.press("pgdown")
	}
	d.press("g", "l", "l", "s", "s").shows("name ↓")
	if got := marked(); !slices.Equal(got, want) {
		t.Errorf("marked are %q, want %q", got, want)
	}
	d.press("F", "g").shows("3 marked")
	if !strings.Contains(strings.Split(d.text(), "\n")[4], "◈") {
		t.Errorf("the mark is not where its row is:\n%s", d.text())
	}
	// m unmarks, V marks up to here, * all that are here.
	d.press("m").shows("2 marked").press("j", "j", "j", "j", "j", "V").shows("7 marked").press("*").shows("marked, those that are here: there are more")
	if n := len(r.Marked()); n != len(r.Rows) {
		t.Errorf("%d of %d rows are marked", n, len(r.Rows))
	}
	d.press("*").hides("◆").press("m").shows("1 marked").press("alt+m").hides("◆", "1 marked")
	d.press("m", "esc").hides("◆").shows("rows 1–")
}

func TestAColumnMayHaveSeveralConditions(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	d.press("l", "/", "type:^0x", "enter", "&").shows("where address starts 0x and address / ").press("type:!0x001", "enter").shows("where address starts 0x and address !0x001")
	d.press("l", "f").shows("where name = Titan Node and address starts 0x and address !0x001")
	where, raw := r.Where()
	if len(where) != 2 || !strings.Contains(raw, `"address"`) {
		t.Errorf("the conditions are %v and %s", where, raw)
	}
	// The list of them: one is dropped, one changed, the same value taken back.
	d.press("w").shows("Rows where all of this holds", "▸ name = Titan Node").press("enter").shows("d drops it").press("j", "enter").hides("Rows where").shows("address / ^0x")
	d.press("type:00", "enter").shows("address starts 0x00 and address !0x001").press("w", "j", "j", "d").shows("address starts 0x00").hides("!0x001")
	d.press("esc", "f").shows("where address starts 0x00").hides("Titan Node and").press("w", "d").hides("where", "Rows where")
	d.press("w").shows("there is no condition")
}

func TestRowsAreSortedBySeveralColumns(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	d.press("l", "l", "s").shows("name ↑").press("h", "S").shows("name 1↑", "address 2↑").press("S").shows("address 2↓")
	if want := []postgres.SortKey{{Column: "name"}, {Column: "address", Desc: true}}; !slices.Equal(r.Sort, want) {
		t.Errorf("sorted by %v", r.Sort)
	}
	if len(r.Cursors[0]) != 3 || r.Place(0)[0] != r.Cursors[0][2] {
		t.Errorf("the cursor is %v, the place %v", r.Cursors[0], r.Place(0))
	}
	d.press("S").shows("name ↑").hides("1↑").press("s").shows("address ↑").hides("name ↑").press("F").hides("↑")
}

func TestColumnsAreHiddenAndPinned(t *testing.T) {
	d, r := rowsOf(t, fake.New(), "Session")
	names := func() (list []string) {
		for _, i := range r.Order {
			list = append(list, r.Columns[i].Name)
		}
		return list
	}
	all := names()
	d.press("l", "z").hides("address").shows("1 hidden").press("l", "l", ".")
	if got := names(); !slices.Equal(got[:3], []string{"id", all[4], all[2]}) || len(got) != len(all)-1 || r.Columns[r.Order[r.Col]].Name != all[4] {
		t.Errorf("the columns are %v, and the cursor is on %s", got, r.Columns[r.Order[r.Col]].Name)
	}
	d.press("$").shows(all[4]).press("0", "l", ".")
	if got := names(); got[1] != all[2] {
		t.Errorf("not pinned any more: %v", got)
	}
	d.press("R").hides("address").press("Z", "0").shows("address").hides("hidden")
	if got := names(); !slices.Equal(got, all) {
		t.Errorf("the columns are %v, not %v", got, all)
	}
	for range len(all) + 3 {
		d.press("z")
	}
	d.shows("the last column stays")
}

func TestEnterOpensTheSameAtEverySize(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {160, 45}, {220, 60}} {
		d := drive(t, fake.New(), size[0], size[1]).press("2", "enter").shows("[Rows]")
		d.press("esc", "5", "]", "enter")
		if v, ok := d.app.Top().(*table.View); !ok || v.Tab == table.RowTab {
			t.Errorf("%v: a tab that was chosen is not the page's", size)
		}
	}
}
