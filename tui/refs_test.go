package tui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

func TestRowsThatPointHereAreCountedInTheListAndTheRecord(t *testing.T) {
	f := fake.New()
	someReferrers(f)
	d := drive(t, f, 160, 45).press(":", "type:User", "enter", "enter", "4")
	d.press("u").shows("Rows that point here", "ROWS TABLE", "3 plugin_community.Post", "0 plugin_dashboard.Board")
	d.shows("1,000+ public.Plugin", "? public.Invoice", "the role may not read it  ownerId", "12 public.ApiKey")
	d.press("g", "j", "enter").shows("> User > Post", "where ownerId = ", "of 3").press("esc").hides("> Post", "Rows that point here")
	d.press("v").shows("used by", "3  plugin_community.Post  ownerId = ").press("/", "type:public.Invoice", "enter").shows("?  public.Invoice  the role may not read it")
	d.press("esc", "/", "type:public.Plugin ", "enter").shows("1,000+  public.Plugin").press("j", "enter").shows("> Plugin", "where ownerId = ")
}

func TestCountingEndsWhenItsListIsLeft(t *testing.T) {
	f := fake.New()
	d, _ := rowsOf(t, f, "User")
	d.press("u").shows("3 plugin_community.Post")
	list := d.app.Top()
	release := f.Stall()
	d.async = true
	d.run(d.app.Tell(screen.ChangedNews{}))
	counts := job.Slot{Owner: list.ID(), Name: "count"}
	if !d.app.jobs.Busy(counts) {
		t.Fatal("nothing counts")
	}
	d.handle(keyMsg("esc"))
	if d.app.Top() == list || d.app.jobs.Busy(counts) {
		t.Error("escape does not leave while it counts, or the count goes on")
	}
	release()
	d.settle()
	d.press("u").shows("3 plugin_community.Post")
	list = d.app.Top()
	release = f.Stall()
	d.run(d.app.Tell(screen.ChangedNews{}))
	d.handle(keyMsg("enter"))
	if d.app.jobs.Awaited(list.ID()) || d.app.Top() == list {
		t.Error("enter does not go on while it counts")
	}
	release()
	d.settle()
}

func TestNamesAreAskedOnceAPageAndAreNoPartOfAnyValue(t *testing.T) {
	var copied string
	f := fake.New()
	d := drive(t, f, 220, 40)
	d.app.clip.Own = func(_ context.Context, s string) error { copied = s; return nil }
	d.press(":", "type:Plugin", "enter", "enter", "4", "l", "l", "l").shows("d76fdfad-7425-40de-944b-000000000000 (Titan Node)", "↵ → public.User  Titan Node")
	asked := f.Named[len(f.Named)-1]
	if len(asked) != 1 || asked[0].Table.Name != "User" || len(asked[0].Key) != 1 {
		t.Fatalf("asked for %+v", asked)
	}
	seen := map[string]bool{}
	for _, key := range asked[0].Values {
		if seen[key[0]] {
			t.Errorf("%s is asked for twice", key[0])
		}
		seen[key[0]] = true
	}
	r := &d.app.Top().(*table.View).Rows
	n := len(f.Named)
	for range 40 {
		d.press("j")
	}
	if len(f.Named) != n {
		t.Error("moving the cursor asks for names")
	}
	for len(r.Rows) < 300 {
		d.press("pgdown")
	}
	all := map[string]bool{}
	for _, reqs := range f.Named[n-1:] {
		for _, key := range reqs[0].Values {
			if all[key[0]] {
				t.Errorf("%s is asked for again on another page", key[0])
			}
			all[key[0]] = true
		}
	}
	if n == len(f.Named) {
		t.Error("no names are asked for of further pages")
	}
	d.press("g").press("y")
	if copied != "d76fdfad-7425-40de-944b-000000000000" {
		t.Errorf("copied %q", copied)
	}
	d.press("f").shows("where ownerId = d76fdfad-7425-40de-944b-000000000000")
	if where, raw := r.Where(); len(where) != 1 || where[0].Value != "d76fdfad-7425-40de-944b-000000000000" || raw != "" {
		t.Errorf("the condition is %v %s", where, raw)
	}
	// A key that is to be changed has no name beside it, and neither has one in a narrow frame, but for the line below.
	d.press("F", "g", "W", "c", "tab", "type:d76fdfad-7425-40de-944b-000000000007", "enter").shows("Pending (1)").hides("0000 (Titan Node", "0007 (long", "User  Titan Node")
	resize(d, 80, 24)
	d.press("j").shows("▸bad37035…0001").hides("…0001 (漢字")
}

func TestNamesAreCancelledWhenThePageChanges(t *testing.T) {
	f := fake.New()
	d, r := rowsOf(t, f, "Plugin")
	r.Jobs().Cancel(namesOf(d))
	release := f.Stall()
	d.async = true
	d.run(d.app.Tell(screen.ChangedNews{})) // the rows and all else are asked again
	d.await("the rows to be asked", func() bool { return d.app.jobs.Busy(rowsSlot(d)) })
	release()
	d.await("the names to be asked", func() bool { return !d.app.jobs.Busy(rowsSlot(d)) })
	d.settle()
	release = f.Stall()
	d.handle(keyMsg("s"))
	if d.app.jobs.Busy(namesOf(d)) {
		t.Error("names of the page before are still asked for")
	}
	d.handle(keyMsg("j")) // no key waits for them
	release()
	d.settle()
}

// glowing counts the lines of the frame on which something is drawn as new.
func glowing(d *driver) (lines int) {
	for _, line := range strings.Split(d.app.View(), "\n") {
		if strings.Contains(line, "48;5;22") {
			lines++
		}
	}
	return lines
}

func TestWhatARefreshBringsIsNewForAMoment(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	quiet := func(what string) {
		t.Helper()
		if n := glowing(d); n != 0 {
			t.Errorf("%s: %d lines are drawn as new", what, n)
		}
	}
	quiet("at first")
	d.press("R")
	quiet("refreshed, and nothing has changed")
	othersChange(d)
	d.press("pgdown", "pgup", "l", "s")
	quiet("sorted")
	d.press("s", "s")
	quiet("sorted again")
	othersChange2 := func(text string) {
		ref := postgres.TableRef{Schema: "public", Name: "Session"}
		row, err := f.EditRow(t.Context(), ref, postgres.Cursor{{Text: "4"}})
		if err != nil {
			t.Fatal(err)
		}
		var p rowedit.Pending
		p.Update(row, map[string]rowedit.Value{"address": {Text: text}})
		if _, err := f.ChangeRows(t.Context(), p.Plan()); err != nil {
			t.Fatal(err)
		}
	}
	othersChange2("changed")
	d.press("R")
	if n := glowing(d); n != 1 {
		t.Errorf("one cell has changed, and %d lines are drawn as new", n)
	}
	if n := d.passes(1900 * time.Millisecond); n != 0 || glowing(d) != 1 {
		t.Errorf("after 1.9 s: %d messages came, %d lines are drawn as new", n, glowing(d))
	}
	if n := d.passes(100 * time.Millisecond); n != 1 {
		t.Errorf("%d messages, and so redraws, at the end", n)
	}
	quiet("after 2 s")
	// A filter: what passes it now is another question's answer.
	othersChange2("changed again")
	d.press("/", "type:changed", "enter").shows("changed again")
	quiet("filtered")
	d.press("esc")
	quiet("no longer filtered")
	// A new row is new as a whole, whether anything was there before or not.
	add := func(ref postgres.TableRef) {
		table, err := f.EditTable(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		var p rowedit.Pending
		p.Insert(table, map[string]rowedit.Value{"id": {Text: "0"}, "address": {Text: "0xnew"}})
		if _, err := f.ChangeRows(t.Context(), p.Plan()); err != nil {
			t.Fatal(err)
		}
	}
	team := postgres.TableRef{Schema: "public", Name: "Team"}
	d.press(":", "type:Team", "enter", "enter", "4").shows("no rows")
	add(team)
	d.press("R").shows("0xnew")
	if n := glowing(d); n != 1 {
		t.Errorf("a new row: %d lines are drawn as new", n)
	}
	d.passes(2 * time.Second)
	quiet("the new row")
	// One beyond the rows that are here is not known to be new.
	d.press("esc", "G")
	add(postgres.TableRef{Schema: "public", Name: "Session"})
	d.press("g", "R")
	quiet("rows that were not here")
}

func TestARowOfAViewIsOpenedAsItIsShown(t *testing.T) {
	f := fake.New()
	f.Unkeyed = true
	d, r := rowsOf(t, f, "Session")
	d.press("l", "l", "/", "type:plain", "enter", "j", "j")
	want := r.Rows[r.List.At]
	if want[2].Text != "plain" || len(r.Rows) < 3 {
		t.Fatalf("the filter shows %v", want)
	}
	d.press("v").shows(want[0].Text, "name      plain").hides("has changed")
	d.press("W", "c").shows("nothing identifies the rows").press("esc")
	// With another row at that place by now, it is said.
	ref := postgres.TableRef{Schema: "public", Name: "Session"}
	row, _ := f.EditRow(t.Context(), ref, postgres.Cursor{{Text: "6"}})
	var p rowedit.Pending
	p.Delete(row)
	if _, err := f.ChangeRows(t.Context(), p.Plan()); err != nil {
		t.Fatal(err)
	}
	d.press("v").shows("another one at its place, has changed since the page was read")
}

func TestARecordIsChangedWithTheKeysOfTheRows(t *testing.T) {
	f := fake.New()
	d, _ := rowsOf(t, f, "Session")
	d.press("v", "j", "j").hides("c change").shows("W unlock").press("c").shows("W unlocks writes first")
	d.press("W").shows("c change", "d delete").press("c").shows("name text", "was  Titan Node").press("tab", "enter").shows("Titan Node → ∅", "Pending (1)", "1 change pending; ctrl+s")
	d.press("g", "c", "tab").shows("(x) DEFAULT").press("enter").shows("→ DEFAULT")
	c := d.app.live.Edits.List()
	if len(c) != 1 || c[0].Set["name"].Kind != rowedit.Null || c[0].Set["id"].Kind != rowedit.Default {
		t.Fatalf("pending: %+v", c)
	}
	d.press("esc").shows("Titan Node → ∅", "Pending (1)").press("v").shows("Titan Node → ∅")
	d.press("g", "c", "ctrl+l", "type:"+c[0].Row.Cell("id").Text, "enter").hides("DEFAULT").press("j", "j", "c").shows("(x) NULL").press("type:Io", "enter").shows("Titan Node → Io")
	d.press("d").shows("1 change pending").press("c").shows("the row is to be deleted; d keeps it").press("d").hides("Pending (1)")
	// What is changed by others is shown as it is, and committed from here.
	d.press("esc", "j", "v", "j", "j")
	othersChange(d)
	d.press("c").shows("the row has changed since it was read").press("esc").shows("name      Thea")
	d.press("c", "ctrl+u", "type:Rhea", "enter").shows("Thea → Rhea").press("ctrl+s", "a", "tab", "enter").shows("committed 1 change").shows("name      Rhea").hides("→ Rhea")
	if !slices.ContainsFunc(f.Changed, func(p rowedit.Plan) bool { return p.Changes[0].Set["name"].Text == "Rhea" }) {
		t.Errorf("%d commits", len(f.Changed))
	}
}

func rowsSlot(d *driver) job.Slot { return job.Slot{Owner: d.app.Top().ID(), Name: "rows"} }

func namesOf(d *driver) job.Slot { return job.Slot{Owner: d.app.Top().ID(), Name: "names"} }
