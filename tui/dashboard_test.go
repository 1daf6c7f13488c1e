package tui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

func TestTheFilterNarrowsAsOneTypesAndInverts(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("/", "type:wal").shows("plugin_wallet").hides("plugin_gateway")
	d.press("esc", "/", "type:!plugin").shows("public").hides("plugin_wallet")
	d.press("enter", "esc").shows("plugin_wallet")
	d.press("/", "type:zzz").shows("no schema fits the filter")
}

func TestTheCursorStaysOnItsTableWhenTheListChanges(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("G", "2", "j", "j", "j").shows("▸ApiKey")
	d.press("s").shows("▸ApiKey", "ROWS↓")
	d.press("1", "k", "j", "2").shows("▸ApiKey")
}

func TestThePaletteJumpsToTablesAndRunsCommands(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press(":", "type:stakeconn", "enter").shows("▸StakeConnection", "plugin_wallet")
	d.press(":", "type:gateway", "enter")
	if dash := d.app.stack[0].(*dashboard.Screen); dash.Table.Name != "Gateway" {
		t.Errorf("jumped to %v", dash.Table)
	}
	d.press(":", "type:reset wallet", "enter").shows("Reset plugin_wallet?").press("esc")
	d.press(":", "type:theme light", "enter")
	if d.app.look.Name != "light" {
		t.Errorf("the theme is %s", d.app.look.Name)
	}
	d.press(":", "type:nothing like it", "enter").shows("there is no command")
	d.press(":", "type:q", "enter")
	if !d.quit {
		t.Error(":q does not detach")
	}
}

func TestKeysThatComeAtOnceAreSingleKeys(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.handle(keyMsg("G2jjj"))
	d.settle()
	d.shows("▸ApiKey")
	d.handle(keyMsg(":reset wallet"))
	d.press("enter").shows("Reset plugin_wallet?")
}

func TestTheHelpListsEveryKeyThatDoesSomething(t *testing.T) {
	d := drive(t, fake.New(), 100, 200)
	d.press("?")
	frame := d.text()
	for _, b := range d.app.keys.All() {
		if slices.Contains(d.app.stack[0].Actions(), b.Action) && !strings.Contains(frame, b.Help) {
			t.Errorf("the help lacks %q", b.Help)
		}
	}
	d.press("/", "type:reset").shows("reset this schema").hides("half a page")
}

func TestRemappedKeysWorkAndAreShown(t *testing.T) {
	d := drive(t, fake.New(), 100, 30, func(o *Options) { o.Keys = map[string][]string{"help": {"f1", "H"}, "columns-left": {"ctrl+left"}} })
	d.shows("f1 help")
	d.press("H").shows(" Keys ")
}

func TestTheTerminalsAnswerAboutItsBackgroundIsNoKey(t *testing.T) {
	d := drive(t, fake.New(), 100, 30, func(o *Options) { o.Theme = "auto" })
	d.handle(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("]"), Alt: true})
	d.handle(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("11;rgb:ffff/ffff/f0f0")})
	d.handle(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("\\"), Alt: true})
	if d.app.look.Name != "light" || len(d.app.stack) != 1 {
		t.Errorf("theme %s, %d screens", d.app.look.Name, len(d.app.stack))
	}
	for text, want := range map[string]string{"11;rgb:0000/0000/0000": "dark", "11;rgb:1e/1e/2e": "dark", "11;rgb:ff/ff/ff": "light", "11;rgb:x": "", "": ""} {
		if got := background(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	d.press("?").shows(" Keys ")
}

func TestTheMouseChoosesAndOpens(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	click := func(x, y int) {
		d.text()
		d.handle(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		d.settle()
	}
	click(5, 5)
	d.shows("▸  plugin_daydream")
	click(57, 4)
	d.shows("▸DreamAddress")
	click(57, 4)
	d.shows("> DreamAddress")
	d.press("esc").shows("DreamAddress")
	d.handle(tea.MouseMsg{X: 5, Y: 8, Button: tea.MouseButtonWheelDown})
	d.settle()
	d.shows("▸  plugin_gateway")
}

func TestWhoBlocksWhomIsShown(t *testing.T) {
	d := drive(t, fake.New(), 160, 45)
	h := &d.app.live.Snap.Health
	h.Waiting = []postgres.LockWait{{
		Blocked: postgres.Activity{PID: 71, Application: "api"}, Mode: "AccessShareLock", Target: "public.User", Waits: 3 * time.Second,
		Blockers: []postgres.Activity{{PID: 64, Application: "psql\x1b[2J", State: "idle in transaction", InTx: time.Minute, Query: "LOCK TABLE \"User\""}},
	}}
	d.press("3", "+").shows("1 session waiting", "71 api waits 3.0 s for AccessShareLock on public.User", "held by 64 psql␛[2J (idle in transaction, in tx 1m): LOCK TABLE", "locks waiting")
}

func TestAnEstimateIsCountedOnDemand(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press(":", "type:WalletSetting", "enter").shows("~1.2M")
	d.press("#").shows("plugin_wallet.WalletSetting has 1,234,567 rows").hides("WalletSetting                        ~1.2M")
}

func TestTheIndexUnderTheCursorIsCopiedFromAFilteredList(t *testing.T) {
	var got string
	d := drive(t, fake.New(), 100, 30)
	d.app.clip.Own = func(_ context.Context, s string) error { got = s; return nil }
	d.press("G", "2", "enter", "2", "/", "type:address", "enter", "y").shows("copied the index's definition")
	if got != "CREATE INDEX …" {
		t.Errorf("copied %q", got)
	}
}

func TestLongLinesOfATableScrollSideways(t *testing.T) {
	d := drive(t, fake.New(), 60, 24)
	d.press("G", "2", "enter", "6").shows("written").hides("deleted 0")
	d.press("l", "l").shows("deleted 0").hides("written").press("h", "h").shows("written")
}

func TestLeftLeavesTheTablesPaneWhereNothingIsToTheLeft(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	dash := d.app.stack[0].(*dashboard.Screen)
	for tab, want := range map[string]int{"Columns": 1, "DDL": 1, "Rows": 5} {
		for d.press("5"); !strings.Contains(d.text(), "["+tab+"]"); {
			d.press("]")
		}
		if d.press("h"); int(dash.Focus) != want {
			t.Errorf("left in tab %s goes to pane %d, want %d", tab, dash.Focus, want)
		}
	}
}

// click presses the left button on the first place that shows a text, in the part of the frame from a column on.
func (d *driver) click(from int, text string) *driver {
	d.t.Helper()
	for y, line := range strings.Split(d.text(), "\n") {
		runes := []rune(line)
		if len(runes) <= from {
			continue
		}
		if i := strings.Index(string(runes[from:]), text); i >= 0 {
			x := from + len([]rune(string(runes[from:])[:i]))
			d.handle(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			d.settle()
			return d
		}
	}
	d.t.Fatalf("there is no %q to click on:\n%s", text, d.text())
	return d
}

func TestTheMouseReachesEveryPane(t *testing.T) {
	d := drive(t, fake.New(), 160, 45)
	dash := d.app.stack[0].(*dashboard.Screen)
	if d.click(0, "latency"); dash.Focus != 3 || dash.Health.At != 1 {
		t.Errorf("health: pane %d, line %d", dash.Focus, dash.Health.At)
	}
	if d.click(0, "counted 112"); dash.Focus != 4 {
		t.Errorf("activity: pane %d", dash.Focus)
	}
	for _, text := range []string{"Columns", "Keys", "Stats", "DDL"} {
		if d.click(57, text).shows("[" + text + "]"); dash.Focus != 5 {
			t.Errorf("%s: pane %d", text, dash.Focus)
		}
	}
	d.click(57, "Rows").click(57, "漢字")
	if r := dash.View.Rows; r.List.At != 1 || r.Columns[r.Order[r.Col]].Name != "name" {
		t.Errorf("rows: line %d, column %d", r.List.At, r.Col)
	}
	d.click(57, "Columns").click(57, "address")
	if dash.View.Lists[table.ColumnTab].At != 1 {
		t.Errorf("columns: line %d", dash.View.Lists[table.ColumnTab].At)
	}
	d.click(57, "address").shows("> Capacity")
	d.click(0, "Indexes").shows("Capacity_pkey").click(0, "Capacity_address_idx")
	if v := d.app.Top().(*table.View); v.Lists[v.Tab].At != 1 {
		t.Errorf("the page's indexes: line %d", v.Lists[v.Tab].At)
	}
}

func TestTheMouseAnswersDialogs(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("Q").click(0, "Cancel").hides("Stop the database?")
	d.press(":", "type:theme").click(0, "change the colours")
	if d.app.look.Name != "light" {
		t.Error("the palette's offer was not taken")
	}
	d.press("S", "m").click(0, "every table of every schema").shows("rows a table").press("esc", "esc")
	d.press("Q").click(0, "Stop it")
	if !f.Stopped {
		t.Error("yes was not taken")
	}
}

func TestOnlyAnAnswerOfTheTerminalIsSwallowed(t *testing.T) {
	alt := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("]"), Alt: true}
	d := drive(t, fake.New(), 100, 30)
	dash := d.app.stack[0].(*dashboard.Screen)
	d.handle(alt)
	if d.press("down"); dash.Schemas.At != 1 {
		t.Error("right after the start, alt+] swallowed an arrow")
	}
	d.now = d.now.Add(5 * time.Second)
	d.handle(alt)
	if d.press("1", "down"); dash.Schemas.At != 2 {
		t.Error("alt+] swallowed keys")
	}
	d.handle(alt)
	if d.press("2"); dash.Focus != 2 {
		t.Error("alt+] swallowed a letter")
	}
	d.handle(alt)
	d.handle(keyMsg("11;rgb:ffff/ffff/f0f0"))
	d.handle(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("\\"), Alt: true})
	if len(d.app.stack) != 1 || d.app.looks.found != "light" {
		t.Errorf("a late answer acted as keys: %d screens, found %q", len(d.app.stack), d.app.looks.found)
	}
}

func TestAPluginsNameLeadsToItsSchema(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press(":", "type:wallet").shows("▸ plugin_wallet").press("enter")
	if dash := d.app.stack[0].(*dashboard.Screen); dash.Schema != "plugin_wallet" || dash.Focus != 1 {
		t.Errorf("it went to %s, pane %d", dash.Schema, dash.Focus)
	}
	d.press(":", "type:reset webhook", "enter").hides("Reset ").shows("there is no schema like webhook")
	d.press(":", "type:reset gateway", "enter").shows("Reset plugin_gateway?")
}

func TestEveryTabOfATableHasANumber(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press("2", "enter", "6").shows("[Stats]", "sequential").press("1").shows("[Columns]")
}

// A schema whose client is stale names the models and the whole command, which is no use in part.
func TestAStaleClientIsNamedWithTheWholeCommand(t *testing.T) {
	for _, size := range [][3]int{{80, 24, 33}, {160, 45, 56}} { // and where the list of schemas ends
		f := fake.New()
		f.OldClient = map[string][]string{"public": {"User"}}
		d := drive(t, f, size[0], size[1]).press("G")
		var words []string
		for line := range strings.Lines(d.text()) {
			words = append(words, strings.Fields(strings.Trim(string([]rune(line)[:size[2]]), "│"))...)
		}
		if !strings.Contains(strings.Join(words, " "), "client stale: User (cd packages/database && npx prisma generate)") {
			t.Errorf("%d columns:\n%s", size[0], d.text())
		}
	}
}
