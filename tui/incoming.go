package tui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/job"
)

// openIncoming goes to the rows that point at the row under the cursor; it asks which, if several tables may.
func (s *shared) openIncoming(r *rowsView) tea.Cmd {
	if r.list.At >= len(r.cursors) {
		return nil
	}
	ref, at, sort := r.ref, r.cursors[r.list.At], r.sort
	return job.Ask(s.jobs, job.Slot{Owner: r.owner, Name: "who points here"}, recordLimit, func(ctx context.Context) (incomingOf, error) {
		record, err := s.backend.Record(ctx, ref, at, sort)
		if err != nil {
			return incomingOf{}, err
		}
		return incomingOf{record.In}, nil
	})
}

// incomingOf is the links that may point at a row.
type incomingOf struct{ links []devenv.RecordLink }

func (r *rowsView) incoming(m job.Answer[incomingOf]) tea.Cmd {
	links := m.Value.links
	if m.Err == nil {
		r.settled("who points here")
	}
	switch {
	case m.Err != nil:
		r.fail("who points here", m.Err)
		return nil
	case len(links) == 0:
		r.hint("no foreign key points at " + r.ref.String())
		return nil
	case len(links) == 1:
		return r.openRows(links[0].Table, links[0].Where)
	}
	items := make([]menuItem, len(links))
	for i, l := range links {
		items[i] = menuItem{
			text: l.Table.String(), detail: strings.Join(l.ForeignKey.FromColumns, ", "),
			do: func() tea.Cmd { return r.openRows(l.Table, l.Where) },
		}
	}
	return r.shared.open(r.newMenu("Rows that point here", items))
}

// copyWholeRow copies the row under the cursor with all its values, which are cut in the list.
func (s *shared) copyWholeRow(r *rowsView) tea.Cmd {
	ref, at, sort := r.ref, r.cursors[r.list.At], r.sort
	c := s.clip
	return job.Ask(s.jobs, job.Slot{Name: "copy"}, recordLimit, func(ctx context.Context) (copied, error) {
		record, err := s.backend.Record(ctx, ref, at, sort)
		if err != nil {
			return copied{}, err
		}
		way, err := c.Copy(ctx, recordJSON(record))
		return copied{"the row", way}, err
	})
}
