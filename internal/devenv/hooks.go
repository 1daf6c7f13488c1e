package devenv

import (
	"context"
	"errors"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

const hooksStep = "after-push"

// HookFailed is the code of the error of a command that failed after a push: what was pushed stays.
const HookFailed = "push.after"

// HookStandings returns the standings of the commands that run after a push.
func (e *Env) HookStandings() []trust.Standing {
	j, _ := e.trustJudge()
	return j.All(say.Each(e.ws.Hooks(), e.ws.HookItem))
}

// heldHooks says which commands do not run after a push, because the user has not allowed them, a line each.
func (e *Env) heldHooks() []string {
	return say.Each(trust.Held(e.HookStandings()), func(s trust.Standing) string {
		return visible.String(s.Text) + " is not run: it was " + e.notAllowed("")
	})
}

// runHooks runs the workspace's commands after a push that changed something, in their order. One that the user has not
// allowed is left out, and said; the first that fails ends it.
func (e *Env) runHooks(ctx context.Context, report progress.Report) error {
	j, _ := e.trustJudge()
	for _, h := range e.ws.Hooks() {
		step := progress.Step{Name: hooksStep + " " + h.Text, Title: "After the push: " + visible.String(h.Text)}
		if !j.Of(e.ws.HookItem(h)).Allowed {
			step.Status, step.Detail = progress.Warned, "not run: it was "+e.notAllowed("") // see heldHooks
			report(step)
			continue
		}
		if err := e.runHook(ctx, h, step, report); err != nil {
			return failed(report, step.Name, step.Title, err)
		}
		step.Status = progress.Done
		report(step)
	}
	return nil
}

// hooksWait adds to the error of what comes before the commands after a push that they were not run because of it.
func (e *Env) hooksWait(err error) error {
	if r, ok := remedy.Of(err); ok {
		r.WithSeen(say.Each(e.ws.Hooks(), func(h workspace.Hook) string { return "not run because of it: " + visible.String(h.Text) })...)
	}
	return err
}

func (e *Env) runHook(ctx context.Context, h workspace.Hook, step progress.Step, report progress.Report) error {
	db, err := e.commandDatabase(ctx)
	if err != nil {
		return err
	}
	err = e.run(ctx, command.Command{Args: h.Args, Dir: h.Dir, Bin: h.Bin}, db, func(line string) {
		step.Status, step.Detail = progress.Running, visible.String(line)
		report(step)
	})
	var failure *command.Failure
	if errors.As(err, &failure) {
		r := remedy.New(HookFailed, remedy.ExitFailed, "the schema was pushed, and the command after it failed: %v", failure.Err).
			WithSeen(visible.String(e.ws.HookItem(h).Where + ": " + h.Text)).WithHelp(e.byHand(h.Text))
		r.Excerpt = failure.Output
		return r
	}
	return err
}

// HookLines says which commands run after a push that changes something, a line each.
func (e *Env) HookLines() []string {
	return say.Each(e.ws.Hooks(), func(h workspace.Hook) string { return "then run: " + visible.String(h.Text) })
}
