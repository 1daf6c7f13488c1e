package devenv

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
)

// PlanReset is what resetting schemas would do, made for reading.
func (s *Screens) PlanReset(ctx context.Context, schemas []string) (*ResetPlan, error) {
	plan, err := s.env.PlanReset(ctx, schemas, ResetOptions{})
	if err != nil {
		return nil, err
	}
	out := &ResetPlan{Schemas: plan.Schemas, Warnings: plan.Warnings, Rows: plan.Rows, Bytes: plan.Bytes, Token: plan}
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
		text := o.Kind + " " + o.Name + " is made again"
		if !o.Kept {
			text = o.Kind + " " + o.Name + " goes: " + o.Why
		}
		out.Warnings = append(out.Warnings, text)
	}
	out.Seeds = append(out.Seeds, s.seedsOf(plan.Schemas)...)
	if err := plan.Err(); err != nil {
		out.Refused = strings.Join(plan.Refused, "; ")
		if r, ok := remedy.Of(err); ok && len(r.Fix) > 0 {
			out.Refused += "; on the command line: " + r.Fix[len(r.Fix)-1]
		}
	}
	return out, nil
}

// seedsOf are the names of seed files of schemas; a folder that cannot be read shows itself when the reset runs.
func (s *Screens) seedsOf(schemas []string) []string {
	files, err := s.env.seedFiles()
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

// Reset carries out the plan that it is given.
func (s *Screens) Reset(ctx context.Context, plan *ResetPlan, report progress.Report) error {
	p, ok := plan.Token.(*reset.Plan)
	if !ok {
		return errors.New("the plan is none that PlanReset made")
	}
	_, err := s.env.Reset(ctx, p, ResetOptions{AllowExternal: true}, report)
	return err
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
func (s *Screens) Undo(ctx context.Context, id string, report progress.Report) error {
	n, err := strconv.Atoi(id)
	if err != nil {
		return fmt.Errorf("undo entry %q is no number", id)
	}
	_, err = s.env.Undo(ctx, n, UndoOptions{AllowExternal: true}, report)
	return err
}
