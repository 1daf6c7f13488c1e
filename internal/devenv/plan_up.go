package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// PlanUp says what Up would do, a line each, and does nothing. Where the server does not run, what it would do to the
// tables is known only for a database that is empty.
func (e *Env) PlanUp(ctx context.Context) ([]string, error) {
	if err := e.sameWorkspace(); err != nil {
		return nil, err
	}
	lines := []string{e.ws.Describe()}
	eng, reason, err := e.engine(ctx)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	lines = append(lines, "engine "+eng.Name()+": "+reason)
	plan, err := eng.Plan(ctx)
	if err != nil {
		return nil, err
	}
	lines = append(lines, strings.Split(strings.TrimRight(plan, "\n"), "\n")...)
	if e.ws.Init != nil {
		lines = append(lines, "run "+e.ws.Init.Name)
	}
	state, err := eng.Look(ctx)
	if err != nil {
		return nil, err
	}
	if state.State == Running {
		return e.planRunning(ctx, lines)
	}
	want := e.desired()
	if want.err != nil {
		return nil, want.err
	}
	if none := e.noModel(want); none != "" {
		lines = append(lines, none)
	} else if want.db != nil {
		lines = append(lines, fmt.Sprintf("create what is missing of %d tables of %s", len(want.db.Tables), e.ws.SchemaName()))
	}
	return append(lines, "apply the seeds that were never applied"), nil
}

func (e *Env) planRunning(ctx context.Context, lines []string) ([]string, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.keepsApart(ctx, db); err != nil {
		return nil, err
	}
	want := e.desired()
	if want.err != nil {
		return nil, want.err
	}
	if want.db != nil {
		plan, err := schemaplan.Compute(ctx, db, want.db, schemaplan.ComputeOptions{})
		if err != nil {
			return nil, err
		}
		lines = append(lines, plan.Additive().Summary(e.opt.Target)...)
		if none := e.noModel(want); none != "" {
			lines = append(lines, none)
		}
	}
	return e.planRunningSeeds(ctx, db, lines)
}

func (e *Env) planRunningSeeds(ctx context.Context, q postgres.Querier, lines []string) ([]string, error) {
	files, err := e.seedFiles()
	if err != nil {
		return nil, err
	}
	plan, err := seeding.Decide(ctx, q, files, seeding.Options{})
	if err != nil {
		return nil, err
	}
	if text := strings.TrimRight(plan.String(), "\n"); text != "" {
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return lines, nil
}
