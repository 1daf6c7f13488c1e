package table

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// openIncoming goes to the rows that point at the row under the cursor; it asks which, if several tables may.
func openIncoming(s screen.Root, r *Grid) tea.Cmd {
	if r.List.At >= len(r.Cursors) {
		return nil
	}
	ref, at, sort := r.ref, r.Cursors[r.List.At], r.sorted
	return job.Ask(s.Jobs(), job.Slot{Owner: r.Owner, Name: "who points here"}, recordLimit, func(ctx context.Context) (incomingOf, error) {
		record, err := s.Backend().Record(ctx, ref, at, sort)
		if err != nil {
			return incomingOf{}, err
		}
		return incomingOf{record.In}, nil
	})
}

// incomingOf is the links that may point at a row.
type incomingOf struct{ links []postgres.RecordLink }

func (r *Grid) incoming(m job.Answer[incomingOf]) tea.Cmd {
	links := m.Value.links
	if m.Err == nil {
		r.Settled("who points here")
	}
	switch {
	case m.Err != nil:
		r.Fail("who points here", m.Err)
		return nil
	case len(links) == 0:
		r.Hint("no foreign key points at " + r.ref.String())
		return nil
	case len(links) == 1:
		return openRows(r.Root, links[0].Table, links[0].Where)
	}
	items := make([]dialog.MenuItem, len(links))
	for i, l := range links {
		items[i] = dialog.MenuItem{
			Text: l.Table.String(), Detail: strings.Join(l.ForeignKey.FromColumns, ", "),
			Do: func() tea.Cmd { return openRows(r.Root, l.Table, l.Where) },
		}
	}
	return dialog.OpenMenu(r.Root, "Rows that point here", items)
}
