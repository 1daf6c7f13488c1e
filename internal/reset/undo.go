package reset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Undone is what an undo did.
type Undone struct {
	Taken   Entry    `json:"taken"`        // the entry that is gone: its schemas are back
	Back    *Entry   `json:"undo_of_this"` // the entry that undoes the undo
	Effects []Effect `json:"rows_elsewhere,omitempty"`
	Objects []Object `json:"objects,omitempty"`
	// Notes are what else to know about it, such as a sequence that continues where it was.
	Notes []string `json:"warnings,omitempty"`

	leftOver bool
}

// Frees reports whether there is disk space to give back: of an entry whose dropping was interrupted.
func (u *Undone) Frees() bool { return u.leftOver }

// Lines returns what an undo does, for the user, one line each.
func (u *Undone) Lines() []string {
	lines := []string{fmt.Sprintf("undo %d brings back %s: %s", u.Taken.ID, strings.Join(u.Taken.Schemas(), ", "), say.Count(u.Taken.Rows, "row"))}
	if u.Back != nil && u.Back.Rows > 0 {
		lines = append(lines, "written since, and moved aside in turn: "+say.Count(u.Back.Rows, "row"))
	}
	lines = append(lines, say.Each(u.Effects, func(e Effect) string { return "! " + e.String() })...)
	lines = append(lines, say.Each(u.Objects, func(o Object) string { return o.String() })...)
	return append(lines, u.Notes...)
}

// Undo brings the schemas of an entry back (the newest where id is 0), and moves the present ones aside in turn. Its
// errors are remedies: "undo.none", "undo.unknown", "undo.refused" (exit 3), "undo.locked" (exit 4).
func Undo(ctx context.Context, db *postgres.DB, id int, opt Options) (*Undone, error) {
	entry, leftOver, err := findToUndo(ctx, db, id)
	if err != nil {
		return nil, err
	}
	var out *Undone
	err = withLocks(ctx, db, opt, "undo", entry.Schemas(), func(tx postgres.Tx, opt Options) error {
		out, err = undoEntry(ctx, tx, entry, opt)
		if err == nil && opt.DryRun {
			err = errRehearsed
		}
		return err
	})
	if err != nil && !errors.Is(err, errRehearsed) {
		return nil, err
	}
	out.leftOver = leftOver
	return out, nil
}

// UndoAtOnce is Undo in the caller's transaction, which is committed where the error is nil, unless it is a dry run, and
// else rolled back. Where another session is in the way the error is ErrNotAtOnce.
func UndoAtOnce(ctx context.Context, tx postgres.Tx, id int, opt Options) (*Undone, error) {
	entry, leftOver, err := findToUndo(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	opt.LockTimeout = min(opt.lockTimeout(), rehearsalPatience)
	out, err := undoEntry(ctx, tx, entry, opt)
	if err != nil {
		return nil, inTheWay(err)
	}
	out.leftOver = leftOver
	return out, nil
}

func undoEntry(ctx context.Context, tx postgres.Tx, entry *Entry, opt Options) (*Undone, error) {
	s := &swap{tx: tx, opt: opt, undoing: true, cascade: opt.Cascade || entry.detail.Cascade}
	out := &Undone{Taken: *entry, Back: &Entry{Verb: "undo", Exact: true}}
	return out, s.undo(ctx, entry, out)
}

// findToUndo returns the entry with a number, or the newest for 0, and whether the dropping of another was interrupted.
func findToUndo(ctx context.Context, q postgres.Querier, id int) (e *Entry, leftOver bool, err error) {
	entries, err := list(ctx, q, false)
	if err != nil {
		return nil, false, err
	}
	e, err = pick(entries, id)
	return e, slices.ContainsFunc(entries, func(e Entry) bool { return e.Dropping }), err
}

func (e Entry) asides() []string {
	return say.Each(e.Places, func(p Place) string { return p.Aside })
}

func (s *swap) undo(ctx context.Context, e *Entry, out *Undone) (err error) {
	s.opt.report("undo", "Bring back "+strings.Join(e.Schemas(), ", "), progress.Running, "")
	if err := s.begin(ctx); err != nil {
		return err
	}
	// Those of the names that exist now; one may have been dropped since.
	s.schemas, err = postgres.CollectStrings(s.tx.Query(ctx, `SELECT nspname::text FROM pg_namespace WHERE nspname = ANY ($1) ORDER BY nspname COLLATE "C"`, e.Schemas()))
	if err != nil {
		return err
	}
	old := &links{}
	if err := ask(ctx, s.tx, e.asides(), []question{{askTables, reads(&old.Tables)}}); err != nil {
		return err
	}
	read := func(ctx context.Context) (err error) {
		s.links, err = look(ctx, s.tx, s.schemas)
		return err
	}
	if err := s.lookLocked(ctx, read, old.Tables...); err != nil {
		return err
	}
	if err := s.lookForDrawn(ctx); err != nil {
		return err
	}
	s.refuseCrossing()
	if err := s.exchange(ctx, e, out); err != nil {
		return err
	}
	for _, u := range s.links.Unknown {
		s.refuse(false, "%s depends on the schema, and cannot be made again", u)
	}
	out.Effects, out.Objects, out.Notes = s.outcome.Effects, s.outcome.Objects, s.outcome.Warnings
	return refusal("undo", []string{fmt.Sprint(e.ID)}, e.Schemas(), s.outcome.Refused, s.outcome.cascadeHelps)
}

// exchange does the walk of an undo, in a transaction that holds the locks.
func (s *swap) exchange(ctx context.Context, e *Entry, out *Undone) error {
	if err := ledger.Prepare(ctx, s.tx); err != nil {
		return err
	}
	still, err := ledger.CanUndo(ctx, s.tx, e.ID)
	if err != nil {
		return err
	}
	if !still {
		return remedy.New("undo.unknown", remedy.ExitFailed, "undo entry %d is gone", e.ID).WithHelp(remedy.Naap("dev undo", "--list"))
	}
	back := out.Back
	back.detail.Cascade = len(e.detail.Saved) > 0
	if back.detail.Remembered, err = ledger.Remember(ctx, s.tx, e.Schemas()); err != nil {
		return fmt.Errorf("note what is known of the schemas: %w", err)
	}
	if err := back.weigh(ctx, s.tx, s.schemas); err != nil {
		return err
	}
	var open []lost
	for _, step := range []func(context.Context) error{
		s.detach, s.moveAside, func(ctx context.Context) error { return s.renameBack(ctx, e) }, s.moveOver, s.drawOn, s.drawOnOwned,
		func(ctx context.Context) error { return s.retype(ctx, e.detail.Typed) },
		func(ctx context.Context) (err error) { open, err = s.bringBack(ctx, e.detail.Cut); return err },
		s.attachColumns, s.attachDependents,
		func(ctx context.Context) error { return s.bringRest(ctx, append(open, e.detail.Lost...)) },
		func(ctx context.Context) error { return s.putBack(ctx, e.detail.Saved) },
		func(ctx context.Context) error { return s.settle(ctx, s.keysNow(e)) },
		s.verify, s.undisturbed,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.finish(ctx, e, back)
}

func (s *swap) renameBack(ctx context.Context, e *Entry) error {
	sql := say.Each(e.Places, func(p Place) string {
		return "ALTER SCHEMA " + postgres.Ident(p.Aside) + " RENAME TO " + postgres.Ident(p.Schema)
	})
	if err := s.exec(ctx, sql...); err != nil {
		return fmt.Errorf("bring the schemas back: %w", err)
	}
	return nil
}

// retype gives columns of the old schemas back their enums, which are elsewhere.
func (s *swap) retype(ctx context.Context, columns []Column) error {
	for _, c := range columns {
		refusal, err := s.try(ctx, c.renew()...)
		if err != nil {
			return fmt.Errorf("give %s.%s its enum: %w", c.Table, c.Name, err)
		}
		if refusal != nil {
			s.refuse(false, "column %s.%s cannot get its enum %s back: %s", c.Table, c.Name, c.Enum, refusal.Message)
		}
	}
	return nil
}

// bringBack recreates what could not be kept when the schemas were moved aside, last first, repeatedly as long as
// something succeeds: one may need another. It returns what does not succeed.
func (s *swap) bringBack(ctx context.Context, list []lost) ([]lost, error) {
	for again := true; again && len(list) > 0; {
		var open []lost
		for _, l := range slices.Backward(list) {
			refusal, err := s.try(ctx, l.Back...)
			if err != nil {
				return nil, fmt.Errorf("bring back the %s %s: %w", l.Kind, l.Name, err)
			}
			if refusal != nil {
				l.why = refusal.Message
				open = append(open, l)
			}
		}
		slices.Reverse(open)
		list, again = open, len(open) < len(list)
	}
	return list, nil
}

// bringRest brings back what is still missing; what stays missing refuses the undo, unless it may be given up.
func (s *swap) bringRest(ctx context.Context, list []lost) error {
	open, err := s.bringBack(ctx, list)
	if err != nil {
		return err
	}
	for _, l := range open {
		s.outcome.Objects = append(s.outcome.Objects, Object{Kind: l.Kind, Name: l.Name, Why: l.why})
		if !s.opt.Cascade {
			s.refuse(true, "the %s %s cannot be brought back: %s", l.Kind, l.Name, l.why)
		}
	}
	return nil
}

// keysNow returns the foreign keys to create: those that other schemas have now, those that were lost, and the old
// schemas' own.
func (s *swap) keysNow(e *Entry) []Key {
	keys := slices.Clone(s.links.In)
	for _, k := range append(slices.Clone(e.detail.LostKeys), e.detail.Out...) {
		same := func(o Key) bool { return o.Name == k.Name && o.From == k.From }
		if !slices.ContainsFunc(keys, same) {
			k.out = slices.Contains(e.Schemas(), k.From.Schema)
			keys = append(keys, k)
		}
	}
	return keys
}

// finish replaces the undone entry with the one that undoes the undo.
func (s *swap) finish(ctx context.Context, e, back *Entry) error {
	if e.Kept != "" && len(s.outcome.Refused) == 0 {
		if err := s.exec(ctx, "DROP SCHEMA "+postgres.Ident(e.Kept)+" CASCADE"); err != nil {
			return fmt.Errorf("drop the copies: %w", err)
		}
	}
	if err := ledger.Recall(ctx, s.tx, e.Schemas(), e.detail.Remembered); err != nil {
		return fmt.Errorf("recall what was known of the schemas: %w", err)
	}
	if err := ledger.RemoveUndo(ctx, s.tx, e.ID); err != nil {
		return err
	}
	if len(s.schemas) == 0 {
		return nil // the present ones had been dropped: there is nothing to go back to
	}
	return s.note(ctx, back)
}
