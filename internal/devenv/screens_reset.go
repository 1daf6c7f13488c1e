package devenv

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
)

// chosenReset is a plan with the options and the files that it was made with.
type chosenReset struct {
	plan *reset.Plan
	opt  ResetOptions
	env  *Env
}

// PlanReset is what resetting schemas would do, made for reading. Reset keeps to its options. It ends nobody's session.
func (s *Screens) PlanReset(ctx context.Context, schemas []string, opt ResetOptions) (*ResetPlan, error) {
	opt.AllowExternal = true
	look := opt
	look.TerminateBlockers = false
	env, file, err := s.rowFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanReset(ctx, schemas, look)
	if err != nil {
		return nil, err
	}
	out := &ResetPlan{Schemas: plan.Schemas, Warnings: plan.Warnings, Rows: plan.Rows, Bytes: plan.Bytes, File: file, Token: chosenReset{plan, opt, env}}
	for _, t := range plan.Tables {
		out.Tables = append(out.Tables, ResetTable{Table: t.Ref(), Rows: RowCount{N: t.Rows, Exact: t.Exact}, Bytes: t.Bytes})
	}
	edges := map[string]ForeignKeyEdge{}
	for _, k := range plan.Keys {
		edge := ForeignKeyEdge{Name: k.Name, From: k.From, To: k.To, FromColumns: k.Columns, ToColumns: k.References, OnDelete: k.OnDelete, Valid: k.Valid}
		edges[k.From.String()+" "+k.Name] = edge
		out.Cuts = append(out.Cuts, edge)
	}
	for _, e := range plan.Effects {
		out.Orphans = append(out.Orphans, ResetOrphans{Edge: edges[e.Table.String()+" "+e.Key], Rows: e.Rows, Then: e.Action})
	}
	for _, o := range plan.Objects {
		out.Warnings = append(out.Warnings, o.String())
	}
	for _, e := range plan.Evicts {
		out.Evicts = append(out.Evicts, e.String())
	}
	out.Seeds = append(out.Seeds, env.seedsOf(ctx, plan.Schemas)...)
	if err := plan.Err(); err != nil {
		out.Refused, out.Helps = strings.Join(plan.Refused, "; "), plan.CascadeHelps
		if r, ok := remedy.Of(err); ok && len(r.Fix) > 0 && !plan.CascadeHelps {
			out.Refused += "; on the command line: " + s.env.opt.Target.Line(r.Fix[len(r.Fix)-1])
		}
	}
	return out, nil
}

// rowFiles is the environment with the files that tables and rows are made from, as they are now: the Prisma schema
// and the seeds, which stay what they are for this environment.
func (s *Screens) rowFiles(ctx context.Context) (*Env, FileState, error) {
	read := time.Now()
	env, err := s.reread(ctx)
	if err != nil {
		return nil, FileState{}, err
	}
	if err := env.pinSeeds(ctx); err != nil {
		return nil, FileState{}, err
	}
	file, err := env.withSeeds(ctx, env.fileState(read))
	return env, file, err
}

// seedsOf are the names of seed files of schemas; a folder that cannot be read shows itself when the reset runs.
func (e *Env) seedsOf(ctx context.Context, schemas []string) []string {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		for _, schema := range schemas {
			if f.Schema == schema {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// Reset carries out the plan that it is given, with the tables and seeds of the files that it was made from: where they
// have changed since, nothing is done and the error has the code plan.stale.
func (s *Screens) Reset(ctx context.Context, plan *ResetPlan, report progress.Report) error {
	chosen, ok := plan.Token.(chosenReset)
	if !ok {
		return errors.New("the plan is none that PlanReset made")
	}
	return s.explained(ctx, "dev reset", func(ctx context.Context) error {
		_, now, err := s.rowFiles(ctx)
		if err != nil {
			return fmt.Errorf("nothing was reset: %w", err)
		}
		if err := plan.File.stale(now, "reset"); err != nil {
			return err
		}
		_, err = chosen.env.Reset(ctx, chosen.plan, chosen.opt, report)
		return err
	})
}

// ListUndo are the resets and undos that can be taken back, newest first.
func (s *Screens) ListUndo(ctx context.Context) ([]UndoEntry, error) {
	list, err := s.env.ListUndo(ctx)
	if err != nil {
		return nil, err
	}
	var out []UndoEntry
	for _, e := range list {
		u := UndoEntry{ID: strconv.Itoa(e.ID), Verb: e.Verb, Schemas: e.Schemas(), At: e.At, Rows: e.Rows, Bytes: e.Bytes}
		if e.Dropping {
			u.Note = "expired: its space is being given back"
		}
		out = append(out, u)
	}
	return out, nil
}

// Undo takes an entry back.
func (s *Screens) Undo(ctx context.Context, id string, opt UndoOptions, report progress.Report) error {
	return s.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := s.undo(ctx, id, opt, report)
		return err
	})
}

// PlanUndo is what taking an entry back would do, a line each: the undo is run and rolled back. Its error is the refusal.
func (s *Screens) PlanUndo(ctx context.Context, id string, opt UndoOptions) ([]string, error) {
	opt.DryRun, opt.TerminateBlockers = true, false
	undone, err := s.undo(ctx, id, opt, progress.Discard)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("brings back %s: %s", strings.Join(undone.Taken.Schemas(), ", "), plural(int(undone.Taken.Rows), "row"))}
	if undone.Back != nil && undone.Back.Rows > 0 {
		lines = append(lines, plural(int(undone.Back.Rows), "row")+" written since go aside in turn")
	}
	for _, e := range undone.Effects {
		lines = append(lines, e.String())
	}
	for _, o := range undone.Objects {
		lines = append(lines, o.String())
	}
	return append(lines, undone.Notes...), nil
}

// DropUndo gives an entry up for good.
func (s *Screens) DropUndo(ctx context.Context, id string, report progress.Report) error {
	n, err := strconv.Atoi(id)
	if err != nil {
		return fmt.Errorf("undo entry %q is no number", id)
	}
	return s.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := s.env.DropUndo(ctx, n, true, report)
		return err
	})
}

func (s *Screens) undo(ctx context.Context, id string, opt UndoOptions, report progress.Report) (*reset.Undone, error) {
	n, err := strconv.Atoi(id)
	if err != nil {
		return nil, fmt.Errorf("undo entry %q is no number", id)
	}
	env, err := s.reread(ctx) // for how much undo may keep
	if err != nil {
		return nil, err
	}
	opt.AllowExternal = true
	return env.Undo(ctx, n, opt, report)
}
