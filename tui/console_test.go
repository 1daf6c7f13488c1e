package tui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen/console"
)

func TestAStatementRunsAfterItsSemicolon(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:SELECT 1", "enter", "type:FROM x;", "enter").shows("SELECT 12", "Titan Node")
	if len(f.Ran) != 1 || f.Ran[0] != "SELECT 1\nFROM x;" {
		t.Errorf("ran %q", f.Ran)
	}
}

// placed fails unless the first line of the console's text has its error marked from a column on.
func (d *driver) placed(column int) {
	d.t.Helper()
	term := emulate(d.app.View(), 100, 30)
	for x := 1; x <= column; x++ {
		if marked := term.Cell(1+x, 2).BG != term.Cell(1+1, 2).BG; marked != (x == column) {
			d.t.Errorf("column %d is marked: %v", x, marked)
		}
	}
}

func TestAnErrorIsPlacedInTheText(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("i", "type:SELECT 1;", "ctrl+a", "type:SELECT 2; fooo bar;", "ctrl+r").shows(`syntax error at or near "fooo"`, "Error")
	d.placed(11)
	d.press("type:Z").shows("SELECT 2; Zfooo bar;")
}

func TestWritesAreRefusedUntilUnlockedAndAskedBeforeCommit(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:DELETE FROM x;", "enter").shows("cannot execute DELETE in a read-only transaction")
	d.press("esc", "W").shows("WRITES UNLOCKED")
	d.press("ctrl+r").shows("Commit?", "3 rows written", "▸ Cancel")
	d.press("enter").shows("rolled back")
	if f.Commits != 0 {
		t.Fatal("it was committed without a yes")
	}
	d.press("ctrl+r", "tab", "enter").shows("committed 3 rows")
	if f.Commits != 1 {
		t.Errorf("%d commits", f.Commits)
	}
	d.press("W").shows("read-only")
}

func TestTheHistoryOutlivesTheProgram(t *testing.T) {
	dir := t.TempDir()
	here := func(o *Options) { o.StateDir = dir }
	d := drive(t, fake.New(), 100, 30, here)
	d.press("i", "type:SELECT 1;", "enter", "i", "ctrl+a")
	d.press(slices.Repeat([]string{"delete"}, len("SELECT 1;"))...)
	d.handle(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("SELECT 'two'\n\tFROM x;"), Paste: true})
	d.press("ctrl+r")
	again := drive(t, fake.New(), 100, 30, here)
	again.press("i", "up").shows("SELECT 'two'").press("ctrl+p").shows("SELECT 1;").press("ctrl+n", "ctrl+n").hides("SELECT 1;", "two")
	info, err := os.Stat(filepath.Join(dir, "sql_history.jsonl"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history is for anyone to read: %v, %v", info, err)
	}
}

func TestTabCompletesASingleWordAtOnceAndElseOffers(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("i", `type:SELECT * FROM "UserAdd`, "tab").shows(`FROM "UserAddress"`)
	d.press(`type: WHERE address = "User`, "esc")
	d.press("ctrl+a", `type:SELECT * FROM "Te`).shows(`▸"Team"`).press("down", "enter").shows(`FROM "TeamAddress"`)
}

func TestTheServerFollowsTheModeThatTheScreenShows(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:SELECT 1;", "enter").shows("SELECT 12")
	d.press(":", "type:unlock", "enter").shows("WRITES UNLOCKED")
	d.press("i", "ctrl+a", "type:DELETE FROM x;", "ctrl+r").shows("Commit?").press("enter").shows("rolled back")
	d.press(":", "type:unlock", "enter").shows("read-only again")
	d.press("ctrl+r").shows("cannot execute DELETE in a read-only transaction").hides("Commit?")
}

func TestEveryWayBackFromTheCommitRollsBack(t *testing.T) {
	for _, key := range []string{"esc", "backspace", "n", "q"} {
		f := fake.New()
		d := drive(t, f, 100, 30)
		d.press("i", "esc", "W", "i", "type:DELETE FROM x;", "enter").shows("Commit?")
		d.press(key).hides("Commit?").shows("rolled back")
		if f.Commits != 0 || f.Rollbacks != 1 {
			t.Errorf("%s: %d commits, %d rollbacks", key, f.Commits, f.Rollbacks)
		}
	}
}

func TestEscapeLeavesTheTextWhileSomethingElseRuns(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("2", "enter")
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	d.async = true
	d.run(job.Ask(d.app.jobs, job.Slot{Owner: d.app.Top().ID(), Name: "elsewhere"}, 0, func(context.Context) (struct{}, error) { <-end; return struct{}{}, nil }))
	d.run(console.Open(d.app.shared, d.app.history, "SELECT 1"))
	c := d.app.Top()
	d.handle(keyMsg("esc"))
	if _, typed := c.Raw(keyMsg("x")); d.app.Top() != c || typed {
		t.Error("esc closed the console, or left the keys to its text")
	}
}

func TestTheStatementAtTheCursorIsExplainedAndItsErrorPlaced(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:SELECT 1; SELECT 2", "ctrl+x").shows("Plan", "Seq Scan")
	d.press("i", "ctrl+a", "ctrl+x")
	if len(f.Explained) != 2 || f.Explained[0] != "" || f.Explained[1] != "SELECT 1; SELECT 2" {
		t.Errorf("explained %q", f.Explained)
	}
	d.press("i", "ctrl+a", "type:SELECT 3 FROM nowhere; ", "ctrl+x").shows(`relation "nowhere" does not exist`)
	d.placed(15)
	d.press("type:Z").shows("SELECT 3 FROM Znowhere; ")
}

func TestTheShownResultIsExported(t *testing.T) {
	t.Chdir(t.TempDir())
	d := drive(t, fake.New(), 100, 30)
	d.press("i", "type:SELECT everything;SELECT 2", "ctrl+r").shows("Result 2 of 2")
	d.press("[").shows("12 rows, and there are more: e exports all")
	d.press("e", "enter").shows("exported 1 row")
	if body, err := os.ReadFile("query.csv"); err != nil || string(body) != "SELECT everything" {
		t.Errorf("exported %q, %v", body, err)
	}
	d.press("i", "ctrl+a", "type:foo ", "ctrl+r", "esc", "e").shows("run a query first")
}

func TestWhatACommittedTextMadeIsCompleted(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "esc", "W", "i", "type:INSERT INTO x;", "enter")
	words := job.Slot{Owner: d.app.stack[1].ID(), Name: "words"}
	asked := d.app.jobs.Generation(words)
	d.press("tab", "enter").shows("committed")
	if d.app.jobs.Generation(words) == asked {
		t.Error("the words to complete with were not asked for again")
	}
}

func TestALongPlanScrollsSideways(t *testing.T) {
	d := drive(t, fake.New(), 50, 20)
	d.press("i", "type:SELECT 1", "ctrl+x").hides("width=88").press("$").shows("width=88").press("0").shows("Seq Scan")
}

func TestANamedQueryIsOpenedAskedForItsParametersAndSaved(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press(":", "type:queries", "enter").shows("big-teams", "Teams with many members", "naap/queries/big-teams.sql", ":least").press("enter")
	d.shows("SQL big-teams", "amount > :least")
	if len(f.Ran) != 0 {
		t.Fatalf("opening it ran %q", f.Ran)
	}
	d.press("ctrl+r").shows("Parameters", ":least", "numeric").press("type:12.5", "enter").shows("SELECT 12", "Titan Node")
	if len(f.Ran) != 1 || f.Ran[0] != f.Kept["big-teams"] || *f.Bound[0]["least"] != "12.5" {
		t.Errorf("ran %q with %v", f.Ran, f.Bound)
	}
	// The value is remembered, and may be NULL; esc runs nothing.
	d.press("ctrl+r").shows("12.5").press("esc").hides("Parameters")
	d.press("ctrl+r", "alt+n").shows("∅").press("enter")
	if len(f.Ran) != 2 || f.Bound[1]["least"] != nil {
		t.Errorf("ran %q with %v", f.Ran, f.Bound)
	}
	// It is saved under its name, or another; what another wrote meanwhile is not lost unseen.
	d.press("i", "type:-- more", "ctrl+s").shows("saved naap/queries/big-teams.sql")
	if f.Kept["big-teams"] != "-- Teams with many members\nSELECT * FROM \"Team\" WHERE amount > :least;\n-- more\n" {
		t.Errorf("kept %q", f.Kept["big-teams"])
	}
	f.Kept["big-teams"] = "SELECT 'theirs';\n"
	d.press("type:, and more", "ctrl+s").shows("Replace the query?", "has changed since it was read").press("enter")
	if f.Kept["big-teams"] != "SELECT 'theirs';\n" {
		t.Errorf("kept %q", f.Kept["big-teams"])
	}
	d.press("ctrl+s", "tab", "enter").shows("saved naap/queries/big-teams.sql")
	d.press("esc", ":", "type:save idle", "enter").shows("there is a query idle already").press("esc")
	d.press(":", "type:save a b", "enter").shows(`a query cannot be called "a b"`)
	d.press(":", "type:save mine", "enter").shows("saved naap/queries/mine.sql", "SQL mine")
	d.press("esc", "esc", ":", "type:save x", "enter").shows("the SQL console is not open")
}

func TestAMistakeBesideAParameterIsPlacedBeforeAnythingIsAsked(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:SELECT :a FROM nowhere", "ctrl+r").shows(`relation "nowhere" does not exist`).hides("Parameters")
	d.placed(16)
	if len(f.Ran) != 0 {
		t.Errorf("ran %q", f.Ran)
	}
}

func TestWhatIsTypedBeforeTheFormOfParametersIsThereIsForIt(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press(":", "type:queries", "enter", "enter").shows(":least")
	for _, k := range []string{"ctrl+r", "4", "2"} { // with no answer from the server in between
		d.handle(keyMsg(k))
	}
	d.settle()
	d.shows("Parameters", "42").hides("big-teams*").press("esc")
	for _, k := range []string{"ctrl+r", "7", "enter"} {
		d.handle(keyMsg(k))
	}
	d.settle()
	d.shows("SELECT 12", "Titan Node").hides("big-teams*", "Parameters")
	for _, k := range []string{"ctrl+r", "esc", "1"} {
		d.handle(keyMsg(k))
	}
	d.settle()
	d.hides("Parameters")
}

func TestPagesHaveTheirOwnTextResultAndPlaceInTheHistory(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "type:SELECT 1;", "enter").shows("SELECT 12").press("ctrl+t").shows("> SQL 2/2", "[2]", "nothing was run yet").hides("Titan")
	d.press("type:SELECT 22;", "ctrl+p").shows("SELECT 1;").hides("SELECT 22").press("alt+p").shows("> SQL 1/2", "Titan").press("alt+n", "ctrl+n").shows("SELECT 22;")
	// They are there when the console is opened again.
	d.press("esc", "esc").hides("SQL 2/2").press("i").shows("> SQL 2/2", "SELECT 22;").press("alt+p").shows("SELECT 1;")
	d.press("alt+w").hides("SELECT 1;").shows("SELECT 22;", "> SQL ").press("alt+w").hides("SELECT 22;").shows("SELECT …;")
	for range 10 {
		d.press("ctrl+t")
	}
	d.shows("> SQL 9/9", "there are 9 pages").press("type:SELECT 99;", "ctrl+o", "enter") // a text that is there is not replaced
	d.shows("> SQL 9/9", "SELECT 99;", "there are 9 pages; alt+w closes one").hides("big-teams").press("ctrl+u", "ctrl+o", "enter").shows("[9 big-teams]").hides("SELECT 99;")
}

func TestAPageRunsWhileAnotherIsShown(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("i", "esc", "W", "i", "type:DELETE FROM x;")
	release := f.Stall()
	d.async = true
	d.handle(keyMsg("ctrl+r"))
	d.shows("running…")
	d.handle(keyMsg("ctrl+t"))
	d.shows("1 runs", "[2]").hides("running…")
	d.handle(keyMsg("esc")) // of this page nothing runs: the other's query goes on
	d.shows("1 runs")
	release()
	d.settle()
	d.shows("page 1 waits for an answer", "1 asks").hides("Commit?")
	d.async = false
	d.press("alt+p").shows("Commit?", "3 rows written").press("tab", "enter").shows("committed 3 rows")
	if f.Commits != 1 {
		t.Errorf("%d commits", f.Commits)
	}
}

func TestTheHistoryIsSearchedAndKeepsNoSecret(t *testing.T) {
	dir := t.TempDir()
	here := func(o *Options) { o.StateDir = dir }
	d := drive(t, fake.New(), 100, 30, here)
	for _, text := range []string{"SELECT 'apple';", "SELECT 'pear';", "SELECT 'apple' || 'pie';", "ALTER ROLE a PASSWORD 'hunter2';", " SELECT 'unsaid';", "SELECT 'postgres://u:hunter2@h/d';"} {
		d.press("i", "ctrl+l", "type:"+text, "ctrl+r")
	}
	d.press("i", "ctrl+l", "alt+r").shows("> history", "'apple' || 'pie'", "hunter2")
	d.press("type:apple").hides("pear").press("down", "enter").shows("SELECT 'apple';").hides("history")
	again := drive(t, fake.New(), 100, 30, here)
	again.press("i", "alt+r").shows("SELECT 'apple' || 'pie'").hides("hunter2", "unsaid")
}

func TestWordsAreOfferedAsOneTypes(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("i", "type:sel").shows("▸SELECT").press("tab").shows("SELECT").hides("▸SELECT")
	d.press(`type: * FROM "Te`).shows(`▸"Team"`).press("down", "enter").shows(`FROM "TeamAddress"`)
	d.press(`type: t WHERE t.own`).shows(`▸t."ownerId"`).press("esc").hides(`▸t."ownerId"`).press("type:e").shows(`▸t."ownerId"`).press("backspace", "backspace", "backspace", "backspace").shows("▸t.id")
	// Not within strings, comments, numbers and parameters; enter ends a line where the word is there already.
	d.press("ctrl+l", "type:SELECT 'sel").hides("▸").press("ctrl+l", "type:-- sel").hides("▸").press("ctrl+l", "type::sel").hides("▸").press("ctrl+l", "type:12ab").hides("▸")
	d.press("ctrl+l", "type:SELECT").press("enter", "type:1;").shows("│ SELECT ", "│ 1; ")
}
