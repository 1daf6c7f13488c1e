package devenv

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ToolRun is the outcome for the workspace's own seed command.
type ToolRun struct {
	Command string // for the user to type in the workspace's root
	Ran     bool
	Skipped string // why it was not run

	Untrusted bool // because the user has not allowed it
}

// toolState returns the state of the workspace's own seed command in the database, nil where there is none: it is
// changed if the command or a file that it names differs from what ran.
func (e *Env) toolState(ctx context.Context, q postgres.Querier) (*seeding.Seed, error) {
	t := e.ws.SeedTool
	if t == nil {
		return nil, nil
	}
	return seeding.StateOf(ctx, q, t.LedgerName(), t.Hash())
}

const toolStep, toolTitle = "seed-command", "Run the workspace's seed command"

// toolPart is what is done with the workspace's own seed command.
type toolPart struct {
	state  seeding.Seed // under its name in the ledger
	run    ToolRun      // as it is before it has run
	why    string       // why it is not run, or ""
	warned bool         // the reason is worth a warning
}

// decideTool decides whether the workspace's own seed command runs. It returns nil if there is none; q is nil if the
// server does not run. A command that never ran is run. A changed one waits until it is asked for, as files do. One
// whose dependencies are not installed is printed instead: the tables exist without it.
func (e *Env) decideTool(ctx context.Context, q postgres.Querier, asked, force bool) (*toolPart, error) {
	t := e.ws.SeedTool
	if t == nil {
		return nil, nil
	}
	p := &toolPart{run: ToolRun{Command: t.Shown}, warned: true}
	if q != nil {
		state, err := e.toolState(ctx, q)
		if err != nil {
			return nil, err
		}
		p.state = *state
	}
	switch {
	case p.state.State == seeding.Changed && !asked:
		p.run.Skipped = "it has changed since it ran"
		p.why = p.run.Skipped + " (" + e.opt.Target.Line(remedy.Naap("dev seed")) + ")"
	case p.state.State == seeding.Applied && !force:
		p.run.Skipped, p.warned = "it ran already", false
		p.why = p.run.Skipped
	case len(e.held(trust.SeedCommand)) > 0:
		p.run.Skipped, p.run.Untrusted = e.notAllowed("--run-seed-commands"), true
		p.why = "not run: " + visible.String(t.Text) + " was " + p.run.Skipped
	case !t.Installed:
		p.run.Skipped = t.Why
		p.why = "not run: " + t.Why + ". Then run: " + t.Shown
	}
	return p, nil
}

func (p *toolPart) line(looked bool) string {
	line := "run the workspace's seed command: " + p.run.Command
	if !looked {
		line += ", if it never ran"
	}
	return line
}

// askedTool runs the command where it was asked for. If it cannot run, and nothing else was done, that is an error.
func (e *Env) askedTool(ctx context.Context, db *postgres.DB, force, alone bool, report progress.Report) (*ToolRun, error) {
	p, err := e.decideTool(ctx, db, true, force)
	if err != nil || p == nil {
		return nil, err
	}
	run, err := e.seedTool(ctx, db, p, report)
	if err == nil && alone && run.Untrusted {
		return run, e.mayUse(trust.SeedCommand)
	}
	if t := e.ws.SeedTool; err == nil && alone && !t.Installed && (force || p.state.State != seeding.Applied) {
		err = remedy.New("seed.command", remedy.ExitFailed, "the workspace's seed command cannot run").WithSeen(t.Source+": "+t.Command, t.Why).
			WithHelp(remedy.Line("install the dependencies, then: ", remedy.Naap("dev seed")))
	}
	return run, err
}

// seedTool carries out what was decided.
func (e *Env) seedTool(ctx context.Context, db *postgres.DB, p *toolPart, report progress.Report) (*ToolRun, error) {
	t, run := e.ws.SeedTool, &p.run
	if p.why != "" {
		step := progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Skipped, Detail: p.why}
		if p.warned {
			step.Status = progress.Warned
		}
		report(step)
		return run, nil
	}
	began := time.Now()
	err := e.runTool(ctx, func(line string) {
		report(progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Running, Detail: visible.String(line)})
	})
	if err != nil {
		return run, failed(report, toolStep, toolTitle, err)
	}
	run.Ran = true
	err = db.InTx(ctx, func(tx postgres.Tx) error {
		return ledger.NoteCommand(ctx, tx, p.state.Name, p.state.Hash, time.Since(began))
	})
	if err != nil {
		return run, failed(report, toolStep, toolTitle, err)
	}
	report(progress.Step{Name: toolStep, Title: toolTitle, Status: progress.Done, Detail: t.Shown})
	return run, nil
}

// runTool runs the command. What a package manager would run is read again, and must still be the text that was allowed.
func (e *Env) runTool(ctx context.Context, tell func(line string)) error {
	t := e.ws.SeedTool
	if now := e.ws.SeedToolNow(ctx); now == nil || now.Text != t.Text || !slices.Equal(now.Args, t.Args) {
		return remedy.New("seed.changed", remedy.ExitRefused, "the seed command is not run: %s has changed since it was read", visible.String(t.Source)).
			WithHelp(remedy.Again(""))
	}
	db, err := e.commandDatabase(ctx)
	if err != nil {
		return err
	}
	err = command.Run(ctx, e.Programs(), command.Command{Args: t.Args, Dir: t.Dir, Bin: t.Bin}, db, tell)
	var failure *command.Failure
	if errors.As(err, &failure) {
		r := remedy.New("seed.command", remedy.ExitFailed, "the seed command failed: %v", failure.Err).
			WithSeen(t.Source + ": " + t.Command).WithHelp(remedy.Line("see the whole of it: ", remedy.Naap("dev exec", "--", "sh", "-c", t.Shown)))
		r.Excerpt = failure.Output
		return r
	}
	return err
}
