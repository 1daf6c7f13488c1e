package tui

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen/find"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

func TestAValueIsFoundAndItsRowOpened(t *testing.T) {
	d := drive(t, fake.New(), 160, 45).press(":", "type:find NODE", "enter")
	d.shows("find NODE", "inside of texts, in any case", "values in", "1 table not looked in to the end", "Titan Node").press("j")
	d.press("enter").shows("find > CapacityAddress", "where id = e96caa89-7425-40de-944b-000000000000")
	if c, _, ok := d.app.Top().(*table.View).Rows.Cell(); !ok || c.Name != "name" {
		t.Errorf("the cursor is in %q", c.Name)
	}
	d.press("esc").shows("▸plugin_capacity.CapacityAddress")
	d.press("/", "type:wallet", "enter").hides("CapacityAddress ").press("esc").shows("CapacityAddress")
	d.press("w").shows("inside of texts, JSON, XML and arrays", `"kind": "node"`).press("w").hides(`"kind"`)
	d.press("esc", ":", "type:find", "enter").shows("Find a value everywhere").press("type:971393eb-7425-40de-944b-000000000000", "enter")
	d.shows("equal, in uuid and text columns", "plugin_capacity.Capacity ").press("G").shows("not looked in to its end: it takes longer than 10 s")
	d.press("enter").shows("> WalletSetting").hides("where")
	drive(t, fake.New(), 100, 30).press(":", "type:find nothing like this", "enter").shows("nothing, after")
}

func TestASearchIsStoppedAtOnceAndKeepsWhatItFound(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40)
	release := f.Stall()
	defer release()
	d.async = true
	d.handle(keyMsg(":"))
	for _, r := range "find node" {
		d.handle(keyMsg(map[bool]string{true: "space", false: string(r)}[r == ' ']))
	}
	d.handle(keyMsg("enter"))
	d.shows("asking which tables there are", "esc stop")
	top := d.app.Top()
	news := postgres.FindNews{Step: 3, Steps: 12, Table: postgres.TableRef{Schema: "public", Name: "User"}, Way: postgres.FindWay{Inside: true},
		Found: []postgres.Found{{Table: postgres.TableRef{Schema: "public", Name: "User"}, Column: "name", Piece: "a node", Keyed: true, Where: []postgres.Condition{{Column: "id", Value: "7"}}}}}
	to := job.Slot{Owner: top.ID(), Name: "find"}
	top.Update(job.Batch[postgres.FindNews]{Slot: to, Generation: d.app.jobs.Generation(to), Items: []postgres.FindNews{news}})
	d.shows("1 value in 1 table so far; table 3 of 12: public.User", "a node")
	d.press("esc").shows("1 value in 1 table, then it was stopped at table 3 of 12", "a node", "esc back")
	if d.press("esc"); d.app.Top() == top {
		t.Error("escape does not leave a search that is over")
	}
}

func TestASearchThatFailsSaysWhy(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.run(find.Open(d.app.shared, "a\x00b"))
	d.settle()
	d.shows("nothing, then it failed", "no text of PostgreSQL has a NUL character")
}
