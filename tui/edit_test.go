package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/fake"
)

// editing goes to the rows of public.Session with writes unlocked.
func editing(t *testing.T, f *fake.Backend) *driver {
	t.Helper()
	d, _ := rowsOf(t, f, "Session")
	return d.press("W").shows("WRITES UNLOCKED")
}

func TestRowsAreNotChangedUntilUnlocked(t *testing.T) {
	f := fake.New()
	d, _ := rowsOf(t, f, "Session")
	d.hides("c change", "o new row").shows("W unlock")
	for _, key := range []string{"c", "o", "d"} {
		d.press(key).shows("W unlocks writes first")
	}
	d.press("W").shows("c change", "o new row", "d delete").press("c").shows("id uuid NOT NULL")
}

func TestHintsNameWhatCanBeDoneWithTheRows(t *testing.T) {
	footer := func(d *driver) string {
		lines := strings.Split(strings.TrimRight(d.text(), " \n"), "\n")
		return lines[len(lines)-1]
	}
	f := fake.New()
	d, _ := rowsOf(t, f, "User")
	if foot := footer(d); !strings.Contains(foot, "W unlock") || strings.Contains(foot, "c change") {
		t.Errorf("locked: %s", foot)
	}
	if foot := footer(d.press("W")); strings.Contains(foot, "W unlock") || !strings.Contains(foot, "c change  o new row  d delete") {
		t.Errorf("unlocked: %s", foot)
	}
	f = fake.New()
	f.Unkeyed = true
	d, _ = rowsOf(t, f, "User")
	if foot := footer(d.press("W")); strings.Contains(foot, "c change") || strings.Contains(foot, "d delete") {
		t.Errorf("rows that nothing identifies: %s", foot)
	}
}

func TestACellIsChangedCommittedAndTakenBack(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("l", "l", "c").shows("name text", "was  Titan Node", "(x) value   ( ) NULL").press("ctrl+u", "type:Rhea", "enter")
	d.shows("Titan Node → Rhea", "Pending (1)", "1 change pending; ctrl+s shows the SQL and commits")
	d.press("j", "l", "l", "l", "c", "down", "enter") // false
	d.shows("Pending (2)").press("ctrl+s").shows("Pending (2)", "~ public.Session", "name Titan Node → Rhea", `UPDATE "public"."Session"`, `SET "name" = 'Rhea'  -- was Titan Node`)
	d.press("a").shows("Commit?", "2 changes in one transaction", "name Titan Node → Rhea", "▸ Cancel").press("enter").shows("Pending (2)")
	if len(f.Changed) > 0 {
		t.Fatal("it was committed without a yes")
	}
	d.press("a", "tab", "enter").shows("committed 2 changes; U takes it back").hides("Pending").press("0", "l").shows("Rhea").hides("→ Rhea")
	d.press("U").shows("commit", "~ public.Session").press("enter").shows("Commit?", "It takes back what was committed", "name Rhea → Titan Node").press("tab", "enter").shows("taken back: 2 changes")
	d.press("esc").shows("Titan Node").hides("Rhea")
	if len(f.Changed) != 2 {
		t.Errorf("%d commits", len(f.Changed))
	}
}

func TestSomebodyElsesChangeIsShownAndNotOverwritten(t *testing.T) {
	f := fake.New()
	f.Who = []rowedit.Writer{{PID: 4711, Application: "gateway"}}
	d := editing(t, f)
	d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter")
	ref := postgres.TableRef{Schema: "public", Name: "Session"}
	row, _ := f.EditRow(t.Context(), ref, postgres.Cursor{{Text: "0"}})
	var theirs rowedit.Pending
	theirs.Update(row, map[string]rowedit.Value{"name": {Text: "Thea"}})
	if _, err := f.ChangeRows(t.Context(), theirs.Plan()); err != nil {
		t.Fatal(err)
	}
	d.press("R").shows("Titan Node, now Thea → Rhea")
	d.press("ctrl+s", "a").shows("Nothing was changed", "shown any more; changed by gateway", "(session 4711), as it seems", "name: Titan Node was shown, Thea is there; Rhea is pending", "▸ Leave it pending")
	d.press("enter").shows("Pending (1)")
	if n := len(f.Changed); n != 1 {
		t.Fatalf("%d commits", n)
	}
	d.press("a", "tab", "enter").shows("Commit?", "name Thea → Rhea").press("tab", "enter").shows("committed 1 change")
	if now, _ := f.EditRow(t.Context(), ref, postgres.Cursor{{Text: "0"}}); now.Cell("name").Text != "Rhea" {
		t.Errorf("the name is %q", now.Cell("name").Text)
	}
}

func TestWhatSomebodyElseHasDeletedIsNotInTheWayOfTheOtherDeletions(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("m", "m", "d").shows("2 changes pending")
	ref := postgres.TableRef{Schema: "public", Name: "Session"}
	var theirs rowedit.Pending
	for i, at := range []string{"0", "1"} {
		row, err := f.EditRow(t.Context(), ref, postgres.Cursor{{Text: at}})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			theirs.Delete(row)
		} else {
			theirs.Update(row, map[string]rowedit.Value{"name": {Text: "Thea"}})
		}
	}
	if _, err := f.ChangeRows(t.Context(), theirs.Plan()); err != nil {
		t.Fatal(err)
	}
	d.press("ctrl+s", "a").shows("Nothing was changed", "2 rows are not what was shown", "is gone", "Go on from what is there now")
	d.press("tab", "enter").shows("Commit?", "1 change in one transaction").press("tab", "enter").shows("committed 1 change")
}

func TestNULLDefaultAndWrongValuesAreSaid(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("l", "l", "c", "tab").shows("( ) value   (x) NULL", "now  NULL").press("enter").shows("Titan Node → ∅")
	d.press("c").shows("(x) NULL").press("type:Io", "enter").shows("Titan Node → Io")
	d.press("c", "ctrl+u", "type:wrong", "enter").shows("invalid input syntax for type text").press("esc").shows("Titan Node → Io")
	d.press("c", "ctrl+u", "type:Titan Node", "enter").hides("Pending").shows("nothing is pending")
	d.press("0", "c").shows("DEFAULT gen_random_uuid()").hides("( ) NULL").press("tab").shows("(x) DEFAULT").press("enter").shows("→ DEFAULT")
}

func TestWhatIsTypedWhileAValueIsCheckedIsForThePageBehindIt(t *testing.T) {
	d := editing(t, fake.New())
	d.press("o").shows("new row of public.Session").press("j", "enter").shows("address text")
	for _, k := range []string{"0xabc", "enter", "a"} { // with no answer from the server in between
		d.handle(keyMsg(k))
	}
	d.settle()
	d.shows("Pending (1)", "0xabc").hides("0xabca")
	d = editing(t, fake.New())
	d.press("l", "l", "c", "ctrl+u")
	for _, k := range []string{"wrong", "enter", "d"} {
		d.handle(keyMsg(k))
	}
	d.settle()
	d.shows("invalid input syntax", "now  wrong").hides("wrongd", "Delete")
	d = editing(t, fake.New())
	d.press("l", "l", "l", "c").shows("ownerId → public.User", "Titan Node")
	for _, k := range []string{"p", "l", "a", "i", "enter", "h"} { // the list still holds what was found for less
		d.handle(keyMsg(k))
	}
	d.settle()
	d.shows("000000000006", "Pending (1)")
	if at := d.app.live.Edits.List()[0].Set["ownerId"]; !strings.HasSuffix(at.Text, "000000000006") {
		t.Errorf("the owner is %q", at.Text)
	}
}

func TestWhatIsTypedWhileARowIsReadIsForWhatOpensThen(t *testing.T) {
	at := func(d *driver, keys ...string) *driver {
		for _, k := range keys { // with no answer from the server in between
			d.handle(keyMsg(k))
		}
		d.settle()
		return d
	}
	f := fake.New()
	d := at(editing(t, f), "l", "l", "c", "ctrl+u", "d", "W", "2", "enter")
	d.shows("Titan Node → dW2", "Pending (1)", "WRITES UNLOCKED").hides("Delete", "to be deleted")
	at(d, "l", "c", "p", "l", "a", "i", "n", "enter").shows("000000000006", "Pending (1)")
	at(editing(t, f), "d", "j", "d").shows("2 changes pending")
	at(editing(t, f), "c", "esc").hides("(x) value").shows("c change")
	f.Effects = []rowedit.Effect{{Table: postgres.TableRef{Schema: "public", Name: "Audit"}, Deleted: 12}}
	at(editing(t, f), "d", "tab", "enter").shows("Delete 1 row of public.Session?", "▸ Cancel").hides("Pending")
	f.Effects = nil
	d = editing(t, f)
	d.press("enter").shows("┌ public.Session")
	at(d, "j", "c", "d", "enter").shows("d", "Pending (1)").hides("to be deleted")
}

func TestWhatWasDoneLastIsTheFirstToBeTakenBack(t *testing.T) {
	d := editing(t, fake.New())
	d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "ctrl+s", "a", "tab", "enter").press("U", "enter").shows("It takes back what was committed").press("esc", "esc")
	d.app.live.Edits.Commits[0].At = fake.Now.Add(-2 * time.Hour) // before the last reset
	d.press("U", "enter").shows("Undo the reset of plugin_wallet?").press("esc", "j", "enter").shows("It takes back what was committed")
}

func TestWhatTriggersMakeOfARowIsShownBeforeAndSaidOfWhatWasTakenBack(t *testing.T) {
	f := fake.New()
	f.Left = map[string]rowedit.Cell{"name": {Text: "RHEA"}}
	d := editing(t, f)
	d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "ctrl+s", "a").shows("name Titan Node → Rhea", "the server makes it", "name RHEA")
	d.press("tab", "enter").shows("committed 1 change").press("U", "enter", "tab", "enter").shows("taken back: 1 change; the server makes public.Session")
}

func TestAForeignKeyIsChosenFromAListThatIsSearched(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("l", "l", "l", "c").shows("ownerId → public.User", "Titan Node", "plain", "NULL").press("type:plai").shows("plain").hides("0  Titan Node", "NULL")
	d.press("enter").shows("Pending (1)")
	c := d.app.live.Edits.List()[0]
	if v := c.Set["ownerId"]; len(v.Text) != 36 || !strings.HasSuffix(v.Text, "000000000006") {
		t.Errorf("the owner is %q", v.Text)
	}
	d.press("c", "tab").shows("ownerId uuid").press("esc")
}

func TestARowIsAddedWithWhatTheServerGivesIt(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("o").shows("new row of public.Session", "gen_random_uuid()", "address", "needed").hides("amount") // which is generated
	d.press("a").shows("address needs a value").press("enter", "type:0xabc", "enter").shows("0xabc")
	d.press("a").shows("+", "0xabc", "DEFAULT", "Pending (1)")
	d.press("ctrl+s").shows("+ public.Session (new)  address 0xabc", `INSERT INTO "public"."Session" ("address")`, "VALUES ('0xabc')")
	d.press("enter", "j", "d").shows("needed").press("esc").shows("Drop what was typed?").press("tab", "enter").shows("0xabc")
	before := f.Asked()
	d.press("a", "tab", "enter").shows("committed 1 change")
	if len(f.Changed) != 1 || f.Asked() == before {
		t.Errorf("%d commits", len(f.Changed))
	}
}

func TestRowsAreDeletedWithWhatTheyTakeAlong(t *testing.T) {
	f := fake.New()
	f.Effects = []rowedit.Effect{{Table: postgres.TableRef{Schema: "public", Name: "Audit"}, Deleted: 12, Updated: 1}}
	d := editing(t, f)
	d.press("m", "m", "d").shows("Delete 2 rows of public.Session?", "along: public.Audit", "1 row changed, 12 deleted", "▸ Cancel").press("enter").hides("Pending")
	d.press("d", "tab", "enter").shows("2 changes pending", "Pending (2)").hides("2 marked")
	d.press("g").press("c").shows("the row is to be deleted; d keeps it").press("d").shows("1 change pending")
	d.press("ctrl+s").shows("- public.Session", `DELETE FROM "public"."Session"`).press("a").shows("along: public.Audit").press("tab", "enter").shows("committed 1 change")
	d.press("U", "enter", "tab", "enter").shows("taken back")
}

func TestWhatIsPendingIsNotLostUnseen(t *testing.T) {
	f := fake.New()
	d := editing(t, f)
	d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "q").shows("Leave without a commit?", "1 pending change would be lost", "▸ Stay").press("enter")
	if d.quit {
		t.Fatal("it left")
	}
	d.press("esc", "esc", ":", "type:pending", "enter").shows("Pending (1)").press("D").shows("Throw away what is pending?").press("enter").shows("Pending (1)")
	d.press("D", "tab", "enter").shows("1 pending change thrown away").hides("Pending (1)").press("q")
	if !d.quit || len(f.Changed) > 0 {
		t.Error("thrown away, and it does not leave")
	}
}

func TestTheFateOfACommitIsAskedFor(t *testing.T) {
	for _, happened := range []bool{true, false} {
		f := fake.New()
		f.Doubt, f.Happened = "77", happened
		d := editing(t, f)
		d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "ctrl+s", "a", "tab", "enter").shows("not known whether committed")
		d.press("d").shows("it is not known yet whether these were committed")
		d.press("a")
		if happened {
			d.shows("the server says that it had committed 1 change").hides("Pending (1)")
		} else {
			d.shows("nothing was changed, and all is still pending", "Pending (1)").hides("not known")
		}
	}
}

func TestWhyRowsCannotBeChangedIsTold(t *testing.T) {
	f := fake.New()
	f.Refusal = "it is a view; change the tables that it shows"
	d := editing(t, f)
	for _, key := range []string{"c", "o", "d"} {
		d.press(key).shows("it is a view")
	}
	f.Refusal = ""
	f.Denied = remedy.New("rows.denied", remedy.ExitFailed, "the server refuses public.Session, and nothing was changed: duplicate key")
	d.press("l", "l", "c", "ctrl+u", "type:Rhea", "enter", "ctrl+s", "a").shows("duplicate key").press("esc").shows("Pending (1)")
	f.Denied = errors.New("gone")
	d.press("a").shows("gone")
}
