package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// runInit runs the workspace's init script, unless all that it makes is there already.
func (e *Env) runInit(ctx context.Context, db *postgres.DB, p initPlan, made bool, report progress.Report) error {
	step := progress.Step{Name: initStep, Title: initTitle, Status: progress.Skipped, Detail: p.skip}
	if p.skip != "" {
		if p.held {
			step.Status = progress.Warned
		}
		report(step)
		return nil
	}
	step.Status, step.Detail = progress.Running, p.script
	report(step)
	if made {
		step.Status = progress.Done
		report(step)
		return nil
	}
	if err := e.execInit(ctx, db); err != nil {
		return failed(report, initStep, initTitle, e.ws.Withhold(e.withExtension(ctx, db, e.initFailed(err)), "init-sql", e.ws.Init.Path))
	}
	step.Status = progress.Done
	report(step)
	return nil
}

// execInit runs the script in a session of its own, which ends with it: a role or a search_path that it sets must not
// affect the plan and the seeds.
func (e *Env) execInit(ctx context.Context, db *postgres.DB) error {
	lent, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	c := lent.Hijack()
	defer postgres.Close(c)
	// "schema … already exists, skipping" is the normal case, and not news to anyone.
	if _, err := c.Exec(ctx, "SET client_min_messages = warning"); err != nil {
		return err
	}
	_, err = postgres.ExecScript(ctx, c, e.ws.Init.Text)
	return err
}

func (e *Env) initFailed(err error) error {
	r := remedy.New("init.script", remedy.ExitFailed, "%s failed", e.ws.Init.Name)
	server, ok := postgres.AsServerError(err)
	if !ok {
		return r.Wrap(err)
	}
	if line, column, ok := postgres.Locate(e.ws.Init.Text, server); ok {
		text := strings.TrimSpace(strings.Split(e.ws.Init.Text, "\n")[line-1])
		r.WithSeen(fmt.Sprintf("%s:%d:%d: %s", e.ws.Init.Name, line, column, text))
	}
	return r.WithSeen(postgres.Describe(server)).Behind(server).
		WithHelp(remedy.Line("fix "+e.ws.Init.Path+", then: ", remedy.Again("dev up")))
}
