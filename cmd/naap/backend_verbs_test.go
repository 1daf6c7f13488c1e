//go:build unix

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// The contract's part about verbs that change something; see TestTheTestsBackendAnswersAsTheRealOnesDo.

func seedsHold(t *testing.T, b subject) {
	ctx := t.Context()
	list, err := b.Seeds(ctx)
	ok(t, err)
	i := slices.IndexFunc(list, func(s seeding.Seed) bool { return s.State == "applied" })
	if i < 0 || list[i].Name == "" || list[i].Schema == "" || list[i].AppliedAt.IsZero() || list[i].Rows == 0 {
		t.Fatalf("%+v", list)
	}
	plan := func() *backend.SeedsPlan {
		p, err := b.PlanSeeds(ctx, []string{list[i].Name}, true)
		if ok(t, err); !p.Replaces() || len(p.Steps) != 1 || !strings.HasPrefix(p.String(), "replace the rows of ") || len(p.Asks()) > 0 || p.File.ID == "" {
			t.Errorf("%+v: %s", p, p)
		}
		ok(t, b.AllowSeeds(ctx, p))
		return p
	}
	old := plan()
	b.edit(t)
	refused(t, b.ApplySeeds(ctx, old, progress.Discard), "plan.stale")
	b.settle()
	goes(t, "seed", func(r progress.Report) error { return b.ApplySeeds(ctx, plan(), r) })
}

func pushHolds(t *testing.T, b subject) {
	ctx := t.Context()
	b.edit(t)
	b.settle()
	plan := func() *backend.PushPlan {
		p, err := b.PlanPush(ctx)
		if ok(t, err); !p.Destructive() || len(p.Losses()) != 1 || !strings.HasPrefix(p.Losses()[0].Note(), "loses ") || p.Losses()[0].Lost() == 0 || p.Empty() || p.File.ID == "" {
			t.Fatalf("%+v", p)
		}
		for _, s := range p.Steps {
			if len(s.Statements) == 0 || s.Object == "" || (s.Class == schemaplan.Destroys) != (s.Destroys != nil) {
				t.Errorf("%+v", s)
			}
		}
		return p
	}
	old := plan()
	ok(t, b.CheckPush(ctx, old))
	refused(t, b.Push(ctx, old, false, progress.Discard), "push.destroys")
	b.edit(t)
	refused(t, b.CheckPush(ctx, old), "plan.stale")
	refused(t, b.Push(ctx, old, true, progress.Discard), "plan.stale")
	b.settle()
	now := plan()
	ok(t, b.AllowHooks(ctx, now)) // none
	goes(t, "push", func(r progress.Report) error { return b.Push(ctx, now, true, r) })
}

func resetHolds(t *testing.T, b subject) {
	ctx := t.Context()
	plan := func(opt devenv.ResetOptions) *backend.ResetPlan {
		p, err := b.PlanReset(ctx, []string{b.child.Schema}, opt)
		ok(t, err)
		sum := int64(0)
		for _, table := range p.Tables {
			sum += table.Rows
		}
		if len(p.Refused) > 0 || p.Rows == 0 || sum != p.Rows || p.Bytes == 0 || len(p.Seeds) != 1 || p.File.ID == "" || !slices.Equal(p.Schemas, []string{b.child.Schema}) {
			t.Fatalf("%+v", p.Plan)
		}
		return p
	}
	old := plan(devenv.ResetOptions{})
	b.edit(t)
	refused(t, b.Reset(ctx, old, progress.Discard), "plan.stale")
	b.settle()
	now := plan(devenv.ResetOptions{})
	release := b.block(t)
	refused(t, b.Reset(ctx, now, progress.Discard), "reset.locked")
	goes(t, "reset", func(r progress.Report) error {
		return b.Reset(ctx, plan(devenv.ResetOptions{TerminateBlockers: true}), r)
	})
	release()
	goes(t, "reset", func(r progress.Report) error { return b.Reset(ctx, plan(devenv.ResetOptions{}), r) })
}

func undoHolds(t *testing.T, b subject) {
	ctx := t.Context()
	list, err := b.ListUndo(ctx)
	if ok(t, err); len(list) < 2 || !slices.IsSortedFunc(list, func(x, y reset.Entry) int { return y.At.Compare(x.At) }) {
		t.Fatalf("%+v", list)
	}
	first := list[0]
	undo, err := b.PlanUndo(ctx, first.ID, devenv.UndoOptions{})
	if ok(t, err); undo.Taken.ID != first.ID || !slices.Equal(undo.Taken.Schemas(), []string{b.child.Schema}) || !strings.Contains(undo.Lines()[0], "brings back "+b.child.Schema) {
		t.Errorf("%+v", undo)
	}
	_, err = b.PlanUndo(ctx, 99, devenv.UndoOptions{})
	refused(t, err, "undo.unknown")
	goes(t, "undo", func(r progress.Report) error { return b.Undo(ctx, first.ID, devenv.UndoOptions{}, r) })
	list, err = b.ListUndo(ctx)
	ok(t, err)
	ok(t, b.DropUndo(ctx, list[0].ID, progress.Discard))
}

func copiesHold(t *testing.T, b subject) {
	ctx := t.Context()
	named := func(name string) int {
		list, err := b.Snapshots(ctx)
		ok(t, err)
		return slices.IndexFunc(list, func(x backup.Snapshot) bool { return x.Name == name && x.Bytes > 0 && !x.At.IsZero() })
	}
	release := b.block(t)
	refused(t, b.SaveSnapshot(ctx, "mine", devenv.CopyOptions{}, progress.Discard), "snapshot.sessions")
	release()
	goes(t, "save", func(r progress.Report) error {
		return b.SaveSnapshot(ctx, "mine", devenv.CopyOptions{Note: "a note"}, r)
	})
	if named("mine") != 0 {
		t.Error("the new snapshot is not the first of the list")
	}
	plan, err := b.PlanRestoreSnapshot(ctx, "mine")
	if ok(t, err); plan.Snapshot.Name != "mine" || plan.Loses() || plan.Keeps == "" || !strings.HasPrefix(plan.Lines()[0], "restore mine: ") {
		t.Errorf("%+v", plan)
	}
	_, err = b.PlanRestoreSnapshot(ctx, "nobody's")
	refused(t, err, "snapshot.unknown")
	goes(t, "restore", func(r progress.Report) error { return b.Restore(ctx, plan, devenv.CopyOptions{DropReplaced: true}, r) })
	ok(t, b.DeleteSnapshot(ctx, "mine"))
	if named("mine") >= 0 {
		t.Error("the snapshot is still there")
	}
	refused(t, b.DeleteSnapshot(ctx, "mine"), "snapshot.unknown")
}

func backupHolds(t *testing.T, b subject) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a.dump")
	err := b.Backup(ctx, path, false, progress.Discard)
	if remedy.Code(err) == "backup.tools" {
		t.Skip(remedy.Text(err)) // a server in a container brings the tools along
	}
	ok(t, err)
	refused(t, b.Backup(ctx, path, false, progress.Discard), "backup.exists")
	goes(t, "backup", func(r progress.Report) error { return b.Backup(ctx, path, true, r) })
	plan, err := b.PlanRestoreFile(ctx, path)
	if ok(t, err); plan.File.Path != path || plan.File.Tables == 0 || plan.Keeps == "" || !strings.HasPrefix(plan.Lines()[0], "restore a.dump (custom, ") {
		t.Errorf("%+v", plan)
	}
	goes(t, "restore", func(r progress.Report) error {
		return b.Restore(ctx, plan, devenv.CopyOptions{AcceptDataLoss: true, DropReplaced: true}, r)
	})
}
