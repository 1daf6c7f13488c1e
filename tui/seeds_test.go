package tui

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/tui/fake"
)

func TestSeedsAreAppliedAndAppliedAgainAfterAYes(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 30)
	d.press("S").shows("public.sql", "applied", "plugin_wallet.sql", "changed", "pending")
	d.press("enter").shows("Apply public.sql again?", "▸ Cancel")
	if len(f.Applied) != 0 {
		t.Fatal("it was applied before the yes")
	}
	d.press("y", "enter").shows("Seed public.sql")
	if len(f.Applied) != 1 || len(f.Applied[0]) != 1 || f.Applied[0][0] != "public.sql" {
		t.Errorf("applied: %q", f.Applied)
	}
}

// TestThePlanOfChangedSeedsIsShownBeforeRowsGo applies all: one of them has changed, and rows that it brought would go.
func TestThePlanOfChangedSeedsIsShownBeforeRowsGo(t *testing.T) {
	for _, width := range []int{120, 60} {
		f := fake.New()
		d := drive(t, f, width, 30)
		d.press("S", "a").shows("Apply the seeds?", "plugin_wallet.Wallet: 1,500 rows", "1 row was")
		if len(f.Applied) != 0 {
			t.Fatal("they were applied before the yes")
		}
		d.press("esc").hides("Apply the seeds?")
		if d.press("S", "a", "y", "enter"); len(f.Applied) != 1 || f.Applied[0] != nil {
			t.Errorf("applied: %q", f.Applied)
		}
	}
}

func TestASeedThatIsPendingIsAppliedAtOnce(t *testing.T) {
	f := fake.New()
	if drive(t, f, 120, 30).press("S", "down", "down", "enter").shows("Seed plugin_capacity.sql"); len(f.Applied) != 1 {
		t.Errorf("applied: %q", f.Applied)
	}
}

// A command that nothing chose does not run: it says how to choose it.
func TestASeedCommandThatWasFoundSaysHowItIsChosen(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		f := fake.New()
		d := drive(t, f, size[0], size[1])
		d.press("S").shows("command: apps/web/package.json prisma.seed", "found")
		d.press("G", "enter").shows("apps/web/package.json:3, and nothing chooses it", "in naap.toml", "[[seed.command]]", `dir = "apps/web"`)
		if len(f.Applied) != 0 {
			t.Errorf("applied: %q", f.Applied)
		}
	}
}

// What nothing chose is no seed that is missing.
func TestSeedsAreCountedWithoutWhatNothingChose(t *testing.T) {
	drive(t, fake.New(), 160, 45).shows("1 of 3 applied")
}

func TestRowsAreMadeUpAsAsked(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 30)
	d.press("G", "2", "S", "m").shows("public.User", "every table of every schema")
	d.press("down", "enter").shows("rows a table")
	d.press("ctrl+u", "type:250", "enter").shows("are not touched", "get more, with extremes")
	d.press("down", "enter").shows("Make up rows")
	var want devenv.FakeOptions
	want.Schemas, want.Rows, want.Seed, want.Append = []string{"public"}, 250, 1, true
	if len(f.Faked) != 1 || f.Faked[0].Rows != want.Rows || !f.Faked[0].Append || f.Faked[0].Edge || len(f.Faked[0].Schemas) != 1 || f.Faked[0].Schemas[0] != "public" {
		t.Errorf("asked for %+v, want %+v", f.Faked, want)
	}
}

func TestABadNumberOfRowsKeepsTheQuestion(t *testing.T) {
	d := drive(t, fake.New(), 120, 30)
	d.press("S", "m", "enter").shows("rows a table")
	d.press("ctrl+u", "type:many", "enter").shows("that is not a number of rows", "rows a table many")
	d.press("ctrl+u").hides("that is no number").press("type:5", "enter").shows("Tables that have rows").hides("rows a table")
}

// What the repository's files would run is shown whole, with the cursor on Cancel; after a yes it goes on by itself.
func TestWhatTheRepositoryWouldRunIsAskedForFirst(t *testing.T) {
	for _, size := range [][2]int{{120, 30}, {80, 24}} {
		f := fake.New()
		asks := trust.Standing{Was: "tsx prisma/seed.ts"}
		asks.Kind, asks.Where, asks.Text = "seed-command", "package.json:4", "tsx prisma/seed.ts --all"
		f.Asks = []trust.Standing{asks}
		d := drive(t, f, size[0], size[1])
		d.press("S", "a").shows("Allow what the repository's files do?", "seed command, package.json:4", "tsx prisma/seed.ts --all", "allowed before:", "▸ Cancel")
		d.press("enter").hides("Allow what the repository's")
		if len(f.Applied) != 0 || f.Asks == nil {
			t.Fatal("Cancel allowed it")
		}
		d.press("a", "y", "enter").shows("Apply the seeds?")
		if d.press("y", "enter"); len(f.Applied) != 1 || f.Asks != nil {
			t.Errorf("applied: %q, asked still: %v", f.Applied, f.Asks)
		}
	}
}

// A blank in a question is not the app's own key, which stops its questions to the server.
func TestABlankInAQuestionDoesNotPauseTheApp(t *testing.T) {
	f := fake.New()
	asks := trust.Standing{}
	asks.Kind, asks.Where, asks.Text = "seed-command", "package.json:4", "tsx prisma/seed.ts"
	f.Asks = []trust.Standing{asks}
	drive(t, f, 120, 30).press("S", "a", "space").shows("Allow what the repository's files do?").hides("paused")
}
