package tui

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
)

func TestThePaletteOffersWhatAMisspeltWordMeans(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.press(":", "type:gatewya").shows("plugin_gateway", "is this meant?").press("esc")
	d.press(":", "type:stakeconection").shows("StakeConnection", "is this meant?").press("enter")
	if dash := d.app.stack[0].(*dashboard.Screen); dash.Table.Name != "StakeConnection" {
		t.Errorf("jumped to %v", dash.Table)
	}
	d.press(":", "type:Wallet.stakec").shows("▸ StakeConnection", "plugin_wallet  ").hides("is this meant?").press("esc")
	d.press(":", "type:plugin_wallet.nowhere").hides("is this meant?").press("esc")
	d.press(":", "type:snapshtos").shows("snapshots", "is this meant?").press("esc")
	d.press(":", "type:reset walet", "enter").shows("did you mean wallet?")
	d.press(":", "type:qqqqqqqq").hides("is this meant?").press("enter").shows("there is no command, schema or table like qqqqqqqq")
}

// Again is the verb's whole name here: no command line failed.
func TestTheAppsRemediesNameWhatItWasStartedOn(t *testing.T) {
	d := drive(t, fake.New(), 140, 30, func(o *Options) {
		o.Target = remedy.Target{Dir: "a b", Verb: "dev", Settings: []remedy.Setting{{Flag: "name", Env: "NAAP_INSTANCE", Value: "two"}}}
	})
	d.app.Fail("push", remedy.New("push.destroys", remedy.ExitRefused, "it would destroy data").
		WithHelp(remedy.Again("dev push", "--accept-data-loss"), remedy.Line("or look: ", remedy.Naap("dev diff"))))
	d.press("!").shows("try naap -C 'a b' dev push --name two --accept-data-loss", "or look: naap -C 'a b' dev diff --name two")
}

// What is wrong in a Prisma file is in the excerpt: an error without it says "1 mistake", and not which.
func TestAnErrorAtLengthShowsThePlaceThatItIsAbout(t *testing.T) {
	d := drive(t, fake.New(), 80, 24)
	broken := remedy.New("schema.invalid", remedy.ExitFailed, "1 mistake in schema.prisma")
	broken.Excerpt = "schema.prisma:41:21: error: The `}` of a block stands on a line of its own.\n  41 |  @@id([a]) }\x1b\n     |            ^\n"
	d.app.Fail("plan the push", broken)
	d.press("!").shows("schema.prisma:41:21: error: The `}` of a block", " 41 |  @@id([a]) }", "    |            ^", "code schema.invalid")
}
