package verbs

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenUndo lists what can be taken back.
func OpenUndo(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[undoable]{
		Name: "undo", Open: "undo", Empty: "nothing to undo: no schema was reset, and no row was changed",
		Begin: func() func(context.Context) ([]undoable, error) {
			commits := slices.Clone(s.Live().Edits.Commits)
			return func(ctx context.Context) ([]undoable, error) { return undoables(ctx, s, commits) }
		},
		Columns: []widget.Column{
			{Title: "WHEN", Width: 12}, {Title: "WHAT", Width: 8}, {Title: "SCHEMAS", Width: 14, Flex: 3},
			{Title: "ROWS", Width: 7, Right: true}, {Title: "SIZE", Width: 7, Right: true, Least: 50}, {Title: "", Width: 15, Flex: 2, Least: 70},
		},
		Cell: func(u undoable, col int) (string, draw.Role) { return u.cell(s, col) },
		Words: func(u undoable) string {
			what, _ := u.cell(s, 2)
			verb, _ := u.cell(s, 1)
			return verb + " " + what
		},
		Actions: []keymap.Action{keymap.Delete},
		Can:     func(_ keymap.Action, all []undoable, at int) bool { return at >= 0 && all[at].commit == nil },
		Do:      func(a keymap.Action, u undoable, ok bool) tea.Cmd { return actUndo(s, a, u, ok) },
	})
}

func actUndo(s screen.Root, a keymap.Action, u undoable, ok bool) tea.Cmd {
	switch {
	case !ok:
		return nil
	case a == keymap.Delete:
		return dropUndo(s, u.entry)
	case a != keymap.Open:
		return nil
	case u.entry.Dropping:
		s.Hint(undoNote(u.entry))
		return nil
	}
	return u.open(s)
}

// undoable is something that can be taken back: a reset, or a commit of rows.
type undoable struct {
	entry  reset.Entry
	commit *rowedit.Commit // nil for a reset
}

// undoables lists what can be taken back, the commits of this program and the resets: what was done last comes first.
func undoables(ctx context.Context, s screen.Root, commits []*rowedit.Commit) (out []undoable, err error) {
	for _, c := range slices.Backward(commits) {
		out = append(out, undoable{commit: c})
	}
	entries, err := s.Backend().ListUndo(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		out = append(out, undoable{entry: e})
	}
	slices.SortStableFunc(out, func(x, y undoable) int { return y.at().Compare(x.at()) })
	return out, nil
}

// at is when it was done.
func (u undoable) at() time.Time {
	if u.commit != nil {
		return u.commit.At
	}
	return u.entry.At
}

func (u undoable) cell(s screen.Root, col int) (string, draw.Role) {
	if u.commit == nil {
		return undoCell(s, u.entry, col)
	}
	return []string{screen.When(u.commit.At, s.Now()), "commit", u.commit.What(), say.Number(len(u.commit.Changes)), "", "until naap ends"}[col], draw.Plain
}

// open takes it back, after a question.
func (u undoable) open(s screen.Root) tea.Cmd {
	if u.commit != nil {
		return table.TakeBack(s, u.commit)
	}
	return undoing{Root: s, entry: u.entry}.open()
}
