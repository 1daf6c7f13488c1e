package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
)

// scene is a way to a screen, for the tests that look at every screen.
type scene struct {
	name string
	keys []string
	boot bool
	set  func(*fake.Backend)
	then func(*driver)
	all  bool // drawn in further sizes
}

// scenes are all screens and dialogs.
var scenes = []scene{
	{name: "boot-failed", boot: true, set: func(f *fake.Backend) { f.BootFail = fake.BootError() }},
	{name: "boot-running", boot: true, then: func(d *driver) {
		b := newBoot(d.app.shared, d.app.started)
		d.app.stack[0] = b
		b.began = d.now
		var first progress.Step
		_ = d.fake.Boot(d.t.Context(), func(s progress.Step) {
			if b.report(s); first.Name == "" || s.Name == first.Name {
				first = s
			}
		})
		first.Status, first.Done, first.Total, first.Unit = "running", 40<<20, 148<<20, "bytes"
		b.steps.Report(first, d.now)
	}},
	{name: "dashboard", keys: []string{"G", "k", "2", "j", "j"}},
	{name: "dashboard-filter", keys: []string{"/", "type:plug", "enter", "j", "2", "/", "type:conn"}},
	{name: "dashboard-health", keys: []string{"3", "j"}},
	{name: "dashboard-activity", keys: []string{"4"}},
	{name: "dashboard-migrations", keys: []string{"3", "G"}, set: failedTeams},
	{name: "dashboard-zoom", keys: []string{"G", "2", "+"}},
	{name: "dashboard-lost", then: func(d *driver) {
		d.fake.Fail(remedy.New("server.gone", remedy.ExitNoServer, "connection refused").WithFix("naap dev up"))
		d.press("R")
	}},
	{name: "nothing-known", set: func(f *fake.Backend) { f.Fail(errors.New("connection refused")) }},
	{name: "table-columns", keys: []string{"G", "2", "j", "enter", "1"}},
	{name: "table-indexes", keys: []string{"G", "2", "enter", "2"}},
	{name: "table-keys", keys: []string{"G", "2", "enter", "3", "j"}},
	{name: "table-rows", keys: []string{"G", "2", "j", "j", "enter", "4", "j", "j", "l", "l"}},
	{name: "table-rows-marked", keys: []string{"G", "2", "j", "j", "enter", "4", "m", "j", "m", "j", "j", "V", "k"}, all: true},
	{name: "copy-rows", keys: []string{"G", "2", "j", "j", "enter", "4", "m", "m", "Y", "j"}, all: true},
	{name: "table-rows-sorted", keys: []string{"G", "2", "j", "j", "enter", "l", "l", "s", "h", "S", "S"}, all: true},
	{name: "table-rows-pinned", keys: []string{"G", "2", "j", "j", "enter", "l", "l", "z", "$", ".", "0"}, all: true},
	{name: "conditions", keys: []string{"G", "2", "j", "j", "enter", "l", "/", "type:^0x", "enter", "&", "type:!9", "enter", "h", "f", "w"}, all: true},
	{name: "table-rows-filter", keys: []string{"G", "2", "j", "j", "enter", "4", "l", "l", "/", "type:node"}},
	{name: "table-rows-right", keys: []string{"G", "2", "j", "j", "j", "j", "j", "j", "j", "j", "enter", "4", "$", "G"}},
	{name: "table-rows-error", keys: []string{"G", "2", "enter", "4", "/", "type:where syntax"}},
	{name: "table-ddl", keys: []string{"G", "2", "j", "enter", "5"}},
	{name: "table-stats", keys: []string{"G", "2", "enter", "6", "j"}},
	{name: "table-rows-names", keys: []string{"G", "2", "j", "j", "enter", "l", "l", "l", "j", "j"}, all: true},
	{name: "table-rows-fresh", keys: sessions("l", "l"), all: true, then: func(d *driver) {
		othersChange(d)
		d.press("R")
	}},
	{name: "record", keys: []string{"G", "2", "j", "j", "j", "j", "j", "j", "j", "j", "enter", "4", "j", "j", "v"}, all: true},
	{name: "record-used-by", keys: []string{"G", "2", "enter", "4", "v", "G"}, set: someReferrers, all: true},
	{name: "record-pending", keys: sessions("j", "v", "j", "j", "c", "tab", "enter", "j", "c", "ctrl+u", "type:12", "enter", "k"), all: true},
	{name: "followed", keys: []string{"G", "2", "j", "j", "enter", "4", "l", "l", "l", "enter"}},
	{name: "incoming", keys: []string{"G", "2", "enter", "4", "u"}, set: someReferrers, all: true},
	{name: "sql-empty", keys: []string{"i"}},
	{name: "sql-completion", keys: []string{"i", `type:SELECT * FROM "Us`}, all: true},
	{name: "sql-result", keys: []string{"i", "type:SELECT * FROM x;", "enter", "j", "l"}},
	{name: "sql-powers", keys: []string{"i", "type:SELECT * FROM x;", "enter"}, set: func(f *fake.Backend) { f.Powers = "postgres is a superuser" }},
	{name: "sql-error", keys: []string{"i", "type:SELECT 1;", "ctrl+a", "type:foo bar;", "ctrl+r"}},
	{name: "sql-plan", keys: []string{"i", "type:SELECT 1", "ctrl+x"}},
	{name: "sql-commit", keys: []string{"i", "esc", "W", "i", "type:DELETE FROM x;", "enter"}},
	{name: "sql-parameters", keys: []string{"i", "type:SELECT * FROM x WHERE a > :least AND b = :name", "ctrl+r", "type:12", "tab", "alt+n"}, all: true},
	{name: "sql-pages", keys: []string{"i", "type:SELECT 1", "ctrl+t", "ctrl+o", "enter", "ctrl+r", "type:1", "enter"}, all: true},
	{name: "sql-queries", keys: []string{"i", "ctrl+o"}, all: true},
	{name: "sql-history", keys: []string{"i", "type:SELECT 1;", "enter", "i", "type: SELECT 2", "ctrl+r", "alt+r", "type:sel"}, all: true},
	{name: "palette", keys: []string{":", "type:wal"}},
	{name: "help", keys: []string{"?"}},
	{name: "last-error", keys: []string{"R", "!"}, then: func(d *driver) {
		d.app.Fail("query", fake.BootError())
		d.press("!")
	}},
	{name: "doctor", keys: []string{"D", "j"}},
	{name: "rules", keys: []string{":", "type:rules", "enter"}},
	{name: "sessions", keys: []string{":", "type:sessions", "enter", "j"}, all: true},
	{name: "find", keys: []string{":", "type:find node", "enter", "j"}, all: true},
	{name: "find-running", then: searching, all: true},
	{name: "find-stopped", all: true, then: func(d *driver) {
		searching(d)
		d.press("esc")
	}},
	{name: "find-uuid", keys: []string{":", "type:find 971393eb-7425-40de-944b-000000000000", "enter"}, all: true},
	{name: "instances", keys: []string{":", "type:instance", "enter", "j", "j"}, all: true},
	{name: "instance-start", keys: []string{":", "type:instance", "enter", "G", "enter"}},
	{name: "session-end", keys: []string{"3", "enter", "K"}, all: true},
	{name: "session-cancel", keys: []string{"3", "enter", "j", "C"}, all: true},
	{name: "logs", keys: []string{"o"}},
	{name: "drift", keys: []string{"P", "j", "j"}},
	{name: "push", keys: []string{"P", "a"}},
	{name: "push-done", keys: []string{"P", "a", "type:destroy", "enter"}},
	{name: "reset", keys: []string{"G", "k", "X"}},
	{name: "reset-done", keys: []string{"X", "type:plugin_capacity", "enter"}},
	{name: "undo", keys: []string{"U", "j"}},
	{name: "undo-asked", keys: []string{"U", "enter"}},
	{name: "snapshots", keys: []string{":", "type:snap", "enter"}},
	{name: "snapshot-new", keys: []string{":", "type:snap", "enter", "c", "type:demo 2"}},
	{name: "reset-refused", keys: []string{":", "type:reset plugin_gateway", "enter"}},
	{name: "reset-blocked", keys: []string{"X", "type:plugin_capacity", "enter"}, set: func(f *fake.Backend) { f.Blocked = true }},
	{name: "restore-file", keys: []string{":", "type:restore old.dump", "enter"}},
	{name: "seeds", keys: []string{"S", "j"}},
	{name: "fake-data", keys: []string{"G", "2", "S", "m"}},
	{name: "migrations-empty", keys: []string{"m"}},
	{name: "migrations-none", keys: []string{"m"}, set: func(f *fake.Backend) { f.Unfiled = true }},
	{name: "migrations-applied", keys: []string{"m"}, set: func(f *fake.Backend) {
		f.Teams()
		f.History = f.History[:2]
	}},
	{name: "migrations-pending", keys: []string{"m"}, set: (*fake.Backend).Teams},
	{name: "migrations-failed", keys: []string{"m"}, set: failedTeams},
	{name: "migration-open", keys: []string{"m", "enter"}, set: (*fake.Backend).Teams},
	{name: "deploy", keys: []string{"m", "a"}, set: (*fake.Backend).Teams},
	{name: "deploy-asked", keys: []string{"m", "a", "a"}, set: (*fake.Backend).Teams},
	{name: "rehearsal", keys: []string{"m", "t"}, set: (*fake.Backend).Teams},
	{name: "migration-new", keys: []string{"m", "c", "type:badges", "enter"}, set: (*fake.Backend).Teams},
	{name: "migration-drift", keys: []string{"m", "c", "type:badges", "enter"}, set: func(f *fake.Backend) {
		f.Teams()
		f.Drifted = true
	}},
	{name: "relations", keys: []string{"r", "j"}},
	{name: "neighbours", keys: []string{"G", "2", "enter", "r"}},
	{name: "edit-text", keys: sessions("l", "l", "j", "j", "c"), all: true},
	{name: "edit-json", keys: sessions("$", "h", "h", "h", "h", "h", "c"), all: true},
	{name: "edit-enum", keys: sessions("$", "c", "down"), all: true},
	{name: "edit-key", keys: sessions("l", "l", "l", "c", "type:o"), all: true},
	{name: "new-row", keys: sessions("o", "j", "enter", "type:0xabc", "enter"), all: true},
	{name: "rows-pending", keys: somePending, all: true},
	{name: "pending", keys: append(somePending, "ctrl+s"), all: true},
	{name: "pending-commit", keys: append(somePending, "ctrl+s"), all: true, then: func(d *driver) {
		takeAlong(d.fake)
		d.press("a")
	}},
	{name: "pending-conflict", keys: append(somePending, "ctrl+s"), all: true, then: func(d *driver) {
		d.fake.Who = []rowedit.Writer{{PID: 4711, Application: d.fake.Poisoned("gateway")}}
		all := d.app.live.Edits.List()
		if len(all) == 0 { // the table's name is not what was typed
			return
		}
		theirs := all[0]
		row, _ := d.fake.EditRow(d.t.Context(), theirs.Table.TableRef, theirs.Row.At)
		var p rowedit.Pending
		p.Update(row, map[string]rowedit.Value{row.Table.Columns[2].Name: {Text: "Thea"}})
		_, _ = d.fake.ChangeRows(d.t.Context(), p.Plan())
		d.press("a")
	}},
	{name: "committed", keys: committed, all: true},
	{name: "undo-commit", keys: append(committed, "U"), all: true},
	{name: "take-back", keys: append(committed, "U", "enter"), all: true},
	{name: "take-back-conflict", keys: append(committed, "U"), all: true, then: func(d *driver) {
		d.fake.Who = []rowedit.Writer{{PID: 4711, Application: d.fake.Poisoned("gateway")}}
		ref := postgres.TableRef{Schema: "public", Name: "Session"}
		row, err := d.fake.EditRow(d.t.Context(), ref, postgres.Cursor{{Text: "0"}})
		if err != nil {
			return
		}
		var p rowedit.Pending
		p.Update(row, map[string]rowedit.Value{row.Table.Columns[2].Name: {Text: "Thea"}})
		_, _ = d.fake.ChangeRows(d.t.Context(), p.Plan())
		d.press("enter")
	}},
	{name: "delete-rows", keys: sessions("m", "m", "d"), all: true, set: takeAlong},
	{name: "export", keys: []string{"G", "2", "e", "tab"}},
	{name: "stop", keys: []string{"Q"}},
}

// failedTeams has a migration that failed.
func failedTeams(f *fake.Backend) {
	f.Teams()
	f.FailMigration()
}

// sessions goes to the rows of public.Session, with writes unlocked, and on from there.
func sessions(keys ...string) []string {
	return append([]string{":", "type:Session", "enter", "enter", "4", "W"}, keys...)
}

// searching has a search under way that has found something already.
func searching(d *driver) {
	release := d.fake.Stall()
	d.t.Cleanup(release)
	d.async = true
	for _, k := range []string{":", "f", "i", "n", "d", "space", "n", "o", "d", "e", "enter"} {
		d.handle(keyMsg(k))
	}
	to := job.Slot{Owner: d.app.Top().ID(), Name: "find"}
	table := postgres.TableRef{Schema: "public", Name: d.fake.Poisoned("User")}
	d.handle(job.Batch[postgres.FindNews]{Slot: to, Generation: d.app.jobs.Generation(to), Items: []postgres.FindNews{
		{Step: 3, Steps: 112, Table: table, Way: postgres.FindWay{Inside: true}, Found: []postgres.Found{
			{Table: table, Column: "name", Type: "text", Piece: d.fake.Poisoned("a node"), Keyed: true, Where: []postgres.Condition{{Column: "id", Value: "7"}}},
		}},
	}})
}

// committed has a changed row committed.
var committed = slices.Clip(sessions("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "ctrl+s", "a", "tab", "enter"))

// somePending has a change of each kind.
var somePending = slices.Clip(sessions("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "j", "d", "o", "j", "enter", "type:0xabc", "enter", "a"))

// someReferrers has tables of public with more rows than are counted, and with reasons why none are.
func someReferrers(f *fake.Backend) {
	f.Referrers = map[string]postgres.LinkCount{
		"Audit":       {Rows: postgres.RowCount{N: postgres.LinksCountedTo + 1, Capped: true}},
		"Invoice":     {Problem: "the role may not read it"},
		"Plugin":      {Rows: postgres.RowCount{N: postgres.LinksCountedTo + 1, Capped: true}},
		"UserAddress": {Problem: "takes too long"},
		"ApiKey":      {Rows: postgres.RowCount{N: 12, Exact: true}},
	}
}

// othersChange has somebody else change two rows of public.Session, and delete one.
func othersChange(d *driver) {
	ref := postgres.TableRef{Schema: d.fake.Poisoned("public"), Name: d.fake.Poisoned("Session")}
	var p rowedit.Pending
	for n, column := range map[string]int{"1": 2, "3": 1} {
		row, err := d.fake.EditRow(d.t.Context(), ref, postgres.Cursor{{Text: n}})
		if err != nil {
			d.t.Fatal(err)
		}
		p.Update(row, map[string]rowedit.Value{row.Table.Columns[column].Name: {Text: "Thea"}})
	}
	row, _ := d.fake.EditRow(d.t.Context(), ref, postgres.Cursor{{Text: "2"}})
	p.Delete(row)
	if _, err := d.fake.ChangeRows(d.t.Context(), p.Plan()); err != nil {
		d.t.Fatal(err)
	}
}

func takeAlong(f *fake.Backend) {
	f.Effects = []rowedit.Effect{{Table: postgres.TableRef{Schema: "public", Name: "Audit"}, Deleted: 12, Updated: 1}}
}

// play goes to a scene.
func (s scene) play(t testing.TB, w, h int, change ...func(*Options)) *driver {
	t.Helper()
	f := fake.New()
	if s.set != nil {
		s.set(f)
	}
	d := drive(t, f, w, h, append(change, func(o *Options) { o.Boot = s.boot })...)
	d.press(s.keys...)
	if s.then != nil {
		s.then(d)
	}
	return d
}

func resize(d *driver, w, h int) {
	d.handle(tea.WindowSizeMsg{Width: w, Height: h})
}

// TestEnterTypedAheadOpensTheEntryOnceTheListIsThere presses enter while the list is still asked for.
func TestEnterTypedAheadOpensTheEntryOnceTheListIsThere(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.handle(keyMsg("U"))
	d.handle(keyMsg("enter"))
	d.settle()
	d.shows("Undo the reset of", "Cancel")
}

func TestTheFooterSaysWhatEnterDoes(t *testing.T) {
	for key, word := range map[string]string{"U": "↵ undo", "S": "↵ apply", "D": "↵ open"} {
		drive(t, fake.New(), 100, 30).press(key).shows(word)
	}
	drive(t, fake.New(), 100, 30).press(":", "type:snap", "enter").shows("↵ restore").press("enter").shows("kept as (replaced 3)", "(replaced 1) is dropped for it", "[ ] drop what earlier restores replaced")
}

func TestRefreshByItsNameDoesWhatItsKeyDoes(t *testing.T) {
	for _, keys := range [][]string{{"R"}, {":", "type:refresh", "enter"}} {
		d := drive(t, fake.New(), 100, 30).press("U")
		list := job.Slot{Owner: d.app.Top().ID(), Name: "undo"}
		asked := d.app.jobs.Generation(list)
		if d.press(keys...); d.app.jobs.Generation(list) == asked {
			t.Errorf("%q leaves the list as it is", keys)
		}
	}
}

func TestTheDatabaseGoesToAFileAndComesBack(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press(":", "type:backup", "enter").shows("file naap-2025-03-14-140207.dump").press("enter").shows("Write naap-2025-03-14-140207.dump", "done in").press("esc")
	d.press(":", "type:backup My dump", "enter").shows("done in").press("esc")
	d.press(":", "type:backup taken", "enter").shows("Replace taken?", "1229 kB, written at").press("tab", "enter").shows("done in").press("esc")
	d.press(":", "type:restore /tmp/old.dump", "enter").shows("Restore old.dump?", "table public.Later goes, with 12 rows", "kept as (replaced 3)", "Type old.dump to go on").press("tab", "enter")
	if len(f.Files) != 3 {
		t.Fatalf("restored without the name: %q", f.Files)
	}
	d.press("esc", ":", "type:restore /tmp/old.dump", "enter", "tab", "tab", " ").shows("[x] let go what the file does not hold").press("type:old.dump", "enter").shows("Read /tmp/old.dump")
	if got := strings.Join(f.Files, "|"); got != "backup naap-2025-03-14-140207.dump|backup My dump|backup taken forced|restore /tmp/old.dump lose true drop false end false" {
		t.Errorf("got %q", got)
	}
}

func TestAFindingLeadsToItsRemedy(t *testing.T) {
	var got string
	d := drive(t, fake.New(), 100, 30)
	d.app.clip.Own = func(_ context.Context, s string) error { got = s; return nil }
	d.press("D", "x").shows("copied the command")
	if got != "docker system prune" {
		t.Errorf("copied %q", got)
	}
	d.press("j", "x").shows("> doctor > seeds")
}

func TestTheLogStandsStillWhereItIsRead(t *testing.T) {
	d := drive(t, fake.New(), 100, 20).press("o")
	var lines []string
	for i := range logKept {
		lines = append(lines, fmt.Sprintf("line %04d", i))
	}
	d.app.live.Log, d.app.live.LogMarks, d.app.live.LogTotal = nil, nil, logKept-len(lines)
	d.app.logged(lines)
	d.text()
	d.press("k", "k", "k").shows("▸line 1996")
	before := strings.Split(d.text(), "\n")
	for i := range 500 {
		d.app.logged([]string{fmt.Sprintf("later %d", i)})
	}
	d.shows("▸line 1996")
	if now := strings.Split(d.text(), "\n"); now[5] != before[5] {
		t.Errorf("the lines moved: %q was %q", now[5], before[5])
	}
	d.press("/", "type:later", "enter").shows("▸later 0")
}

func TestTheHeaderNamesWhatWasStarted(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 160, 45)
	d.app.live.Identity = devenv.Identity{}
	d.app.stack[0] = newBoot(d.app.shared, d.app.started)
	d.run(d.app.stack[0].Init())
	d.settle()
	d.shows("127.0.0.1:5432/naap")
}
