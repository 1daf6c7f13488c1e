package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// runSeedFlag adds the flag by which a CI, which cannot be asked, says yes.
func (a *app) runSeedFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.runSeed, "run-seed-commands", false, "run the workspace's seed commands without asking, this time")
}

// given returns what the command line allows.
func (a *app) given() trust.Given {
	if a.runSeed {
		return trust.Give("--run-seed-commands", trust.SeedCommand)
	}
	return trust.Given{}
}

// trustRow is what a file of the workspace would run or reach, in a document.
type trustRow struct {
	Kind    string `json:"kind"`
	Subject string `json:"subject"`
	Where   string `json:"where,omitempty"`
	Text    string `json:"text"`
	State   string `json:"state"` // "allowed", "new", or "changed"
	By      string `json:"by,omitempty"`
	Was     string `json:"was,omitempty"`
	Hash    string `json:"hash"`
}

func trustRows(all []trust.Standing) []trustRow {
	rows := []trustRow{}
	for _, s := range all {
		rows = append(rows, trustRow{string(s.Kind), s.Subject, s.Where, s.Text, s.State(), s.By, s.Was, s.Hash()})
	}
	return rows
}

// ofSeeds returns those for the seed commands and for SQL.
func ofSeeds(all []trust.Standing) []trust.Standing {
	return slices.DeleteFunc(slices.Clone(all), func(s trust.Standing) bool { return s.Kind != trust.SeedCommand && s.Kind != trust.SQL })
}

// canAsk reports whether the user can be asked: an agent or a CI may have a terminal, but nobody is there to answer.
func (a *app) canAsk() bool {
	_, automatic := trust.Automatic(os.Environ())
	return a.interactive() && !automatic
}

// settleTrust asks the user once for all that nothing allows yet, among the given standings. Where nobody can be asked, or
// the answer is no, the verbs leave it out or refuse.
func (a *app) settleTrust(ctx context.Context, env *devenv.Env, of []trust.Standing) error {
	held := trust.Held(of)
	if len(held) == 0 || !a.canAsk() {
		return nil
	}
	a.showStandings(held)
	if !a.confirm(a.question(held)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		a.tell("It is left out. To see it again and allow it: %s", a.target.Line(remedy.Naap("dev trust")))
		return nil
	}
	if err := env.Allow(ctx, trust.Items(held)); err != nil {
		return err
	}
	a.tell("Remembered for this workspace. To take it back: %s", a.target.Line(remedy.Naap("dev trust", "--forget")))
	return nil
}

// settleSeeds is settleTrust for what a run of the seeds would do.
func (a *app) settleSeeds(ctx context.Context, env *devenv.Env, opt devenv.SeedOptions) error {
	if !a.canAsk() {
		return nil
	}
	plan, err := env.PlanSeeds(ctx, opt)
	if err != nil {
		return nil // the verb itself says what is wrong
	}
	return a.settleTrust(ctx, env, plan.Standings)
}

// settleHooks is settleTrust for the commands after a push.
func (a *app) settleHooks(ctx context.Context, env *devenv.Env) error {
	return a.settleTrust(ctx, env, env.HookStandings())
}

// question returns the question about what was shown. Where that is longer than a screen, it says so: what matters may
// have scrolled away.
func (a *app) question(held []trust.Standing) string {
	ask := "Allow all of it?"
	if len(held) == 1 {
		ask = "Allow it?"
	}
	rows := 0
	for _, s := range held {
		for _, line := range changedLines(s.Was, s.Text) {
			rows += 1 + utf8.RuneCountInString(line)/80
		}
	}
	if rows <= screenful {
		return ask
	}
	return fmt.Sprintf("That was more than a screen, about %s (to see it again: %s). %s", say.Count(rows, "row"), a.target.Line(remedy.Naap("dev trust", "--list")), ask)
}

// screenful is the number of rows of the smallest usual terminal.
const screenful = 24

// sayStandings prints a line for each standing.
func (a *app) sayStandings(all []trust.Standing) {
	a.sayEach("", say.Each(all, devenv.StandingLine))
}

// showStandings shows all that is asked about, on the stream that the question goes to.
func (a *app) showStandings(held []trust.Standing) {
	a.tell("The files of this workspace are to do this, which you have not allowed yet:")
	for _, s := range held {
		a.tell("")
		a.tell("  %s, %s", s.Kind.Title(), visible.String(s.Where))
		for _, line := range changedLines(s.Was, s.Text) {
			a.tell("    %s", line)
		}
	}
	a.tell("")
}

// changedLines returns a text's lines, safe to show. Where another text was allowed before, new lines begin with + and
// removed ones with -.
func changedLines(was, now string) []string {
	was, now = visible.Text(was), strings.TrimRight(visible.Text(now), "\n")+"\n"
	if was == "" {
		return strings.Split(strings.TrimSuffix(now, "\n"), "\n")
	}
	was = strings.TrimRight(was, "\n") + "\n"
	all := udiff.Edit{Start: len(was), End: len(was)} // changes nothing, so that equal lines are listed too
	d, err := udiff.ToUnifiedDiff("", "", was, append(udiff.Lines(was, now), all), len(was))
	if err != nil { // cannot happen: the edits are of this text
		panic(err)
	}
	var out []string
	for _, h := range d.Hunks {
		for _, line := range h.Lines {
			sign := map[udiff.OpKind]string{udiff.Delete: "- ", udiff.Insert: "+ ", udiff.Equal: "  "}[line.Kind]
			out = append(out, sign+strings.TrimSuffix(line.Content, "\n"))
		}
	}
	return out
}
