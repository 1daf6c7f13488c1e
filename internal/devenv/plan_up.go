package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// PlanUp says what Up would do, a line each, and does nothing. Where the server does not run, what it would do to the
// tables is known only for a database that is empty.
func (e *Env) PlanUp(ctx context.Context, opt UpOptions) ([]string, error) {
	if !opt.Adopt {
		if err := e.sameWorkspace(); err != nil {
			return nil, err
		}
	}
	lines := []string{e.ws.Describe()}
	eng, reason, err := e.engine(ctx)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	lines = append(lines, "engine "+eng.Kind().Name+": "+reason)
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
		return e.planRunning(ctx, opt, lines)
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

func (e *Env) planRunning(ctx context.Context, opt UpOptions, lines []string) ([]string, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	s, v, err := e.planOwner(ctx, db, opt)
	if err != nil {
		return nil, err
	}
	if line := v.line(s); line != "" {
		lines = append(lines, line)
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
	if v.note == "" || s.entry == nil {
		return e.planRunningSeeds(ctx, db, lines)
	}
	// Which seeds are this workspace's is known once the database is: in a transaction that is rolled back.
	tx, err := db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer postgres.Rollback(ctx, tx)
	if err := s.handOver(ctx, tx); err != nil {
		return nil, err
	}
	return e.planRunningSeeds(ctx, tx, lines)
}

func (e *Env) planRunningSeeds(ctx context.Context, q postgres.Querier, lines []string) ([]string, error) {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := seeding.Decide(ctx, q, files, seeding.Options{Held: e.heldSeeds(files)})
	if err != nil {
		return nil, err
	}
	if text := strings.TrimRight(plan.String(), "\n"); text != "" {
		lines = append(lines, strings.Split(text, "\n")...)
	}
	return lines, nil
}

// planOwner is how the workspace stands to the database and what an up would make of that, or why it may not change it.
func (e *Env) planOwner(ctx context.Context, q postgres.Querier, opt UpOptions) (*standing, verdict, error) {
	s, err := e.stand(ctx, q, readRecord(e.stateDir()))
	if err != nil {
		return nil, verdict{}, err
	}
	v := e.judge(s, writing{verb: "up", adopt: opt.Adopt})
	if v.err != nil && e.pours(opt) {
		return nil, verdict{}, v.err
	}
	return s, v, nil
}

// line is what a plan says of a verdict, "" where that is no news.
func (v verdict) line(s *standing) string {
	switch {
	case v.note == ledger.Adopted && s.entry != nil:
		return "note that the database is this workspace's: it was that of " + s.entry.String()
	case v.note == ledger.Adopted || v.note == ledger.TakenOver:
		return "note that the database is this workspace's"
	}
	return ""
}
