package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).watchCommand) }

type watchEvent struct {
	Version  int          `json:"version"`
	At       time.Time    `json:"at"`
	Applied  int          `json:"applied"`
	TookMS   float64      `json:"took_ms"`
	Steps    []string     `json:"steps"` // those that were carried out
	HeldBack []heldStep   `json:"held_back"`
	Error    *failureBody `json:"error,omitempty"`
	Hint     string       `json:"migrations,omitempty"`
	LeftOut  []string     `json:"left_out,omitempty"` // commands after the push that were not allowed
	// Clients are the generated clients, where the file could be read; Generate is the command that generated them.
	Clients       []devenv.StatusClient `json:"clients,omitempty"`
	Generate      string                `json:"generate,omitempty"`
	GenerateError *failureBody          `json:"generate_error,omitempty"`
}

// heldStep is a step that is held back, with the reason and the ways out.
type heldStep struct {
	Summary string   `json:"summary"`
	Why     string   `json:"why"`
	Ways    []string `json:"ways_out"`
}

func (a *app) watchCommand() *cobra.Command {
	var opt devenv.WatchOptions
	c := &cobra.Command{
		Use:   "watch",
		Short: "Push what adds, each time the Prisma file is saved",
		Long: "Watches the Prisma file. On each save it is checked, compared with the database, and what only adds\n" +
			"is pushed. Mistakes are shown with their lines; what would destroy something is held back and shown.\n" +
			"With --json each save is one line of JSON. ctrl+c ends it.",
		Example: "  naap dev watch\n" +
			"  naap dev watch --generate    and have the client generated after each push",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			tell := func(w devenv.Watched) {
				if w.Err != nil && ctx.Err() != nil {
					return // ended from outside, which is not a failure
				}
				w.Err, w.After = env.Explained(ctx, "dev watch", w.Err), env.Explained(ctx, "dev watch", w.After)
				if ctx.Err() != nil {
					w.GenerateErr, w.After = nil, nil
				}
				a.tellWatched(w)
			}
			if err := a.settleHooks(ctx, env); err != nil {
				return err
			}
			if !a.json {
				a.say("watching %s (ctrl+c ends)", visible.String(env.Workspace().SchemaName()))
			}
			return endless(ctx, env.Watch(ctx, opt, tell, progress.Discard))
		}),
	}
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "change a server that naap did not start")
	c.Flags().BoolVar(&opt.Generate, "generate", false, "after a save, run the workspace's own Prisma where its client is stale")
	return c
}

func (a *app) tellWatched(w devenv.Watched) {
	if a.json {
		a.encode(a.watchDocument(w))
		return
	}
	at := w.At.Format("15:04:05")
	switch {
	case w.Err != nil:
		a.say("%s ✗ %s", at, visible.Text(a.target.Text(w.Err)))
	case w.Applied == 0 && len(w.Plan.HeldBack) == 0:
		a.say("%s · nothing to do", at)
	default:
		a.say("%s ✓ %s in %s", at, say.Count(w.Applied, "statement"), say.Took(w.Took))
	}
	if w.Plan != nil && w.Err == nil { // otherwise nothing of the plan was done
		a.sayEach("    ", w.Plan.Summary(a.target))
	}
	if w.Hint != "" && w.Err == nil {
		a.say("    ! %s", visible.String(w.Hint))
	}
	a.sayEach("    ! ", w.LeftOut)
	if w.After != nil {
		a.say("    ✗ %s", visible.Text(a.target.Text(w.After)))
	}
	a.tellClients(w)
}

// tellClients says what became of the generated clients, where there is something to say.
func (a *app) tellClients(w devenv.Watched) {
	switch {
	case w.GenerateErr != nil:
		a.say("    ✗ %s", visible.Text(a.target.Text(w.GenerateErr)))
	case w.Generated != "":
		a.say("    ✓ client generated (%s)", visible.String(w.Generated))
	default:
		if line := devenv.StaleLine(w.Clients); line != "" {
			a.say("    %s", line)
		}
	}
}

func (a *app) watchDocument(w devenv.Watched) watchEvent {
	ev := watchEvent{Version: 1, At: w.At, Applied: w.Applied, TookMS: float64(w.Took.Microseconds()) / 1000,
		Steps: []string{}, HeldBack: []heldStep{}}
	if err := cmp.Or(w.Err, w.After); err != nil {
		body := a.failure(err).Error
		ev.Error = &body
	}
	ev.LeftOut, ev.Hint = w.LeftOut, w.Hint
	ev.Clients, ev.Generate = w.Clients, w.Generated
	if w.GenerateErr != nil {
		body := a.failure(w.GenerateErr).Error
		ev.GenerateError = &body
	}
	if w.Plan == nil {
		return ev
	}
	for _, s := range w.Plan.HeldBack {
		ev.HeldBack = append(ev.HeldBack, heldStep{s.Summary, s.Held.Why, a.target.Lines(s.Held.Ways)})
	}
	if w.Err == nil {
		ev.Steps = say.Each(w.Plan.Steps, func(s *schemaplan.Step) string { return s.Summary })
	}
	return ev
}
