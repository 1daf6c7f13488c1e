package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/screen"
)

// OpenAt opens a table's page at the rows that fulfil conditions, with the cursor in a column, if one is named.
func OpenAt(s screen.Root, ref postgres.TableRef, where []postgres.Condition, column string) tea.Cmd {
	open := openRows(s, ref, where)
	if v, ok := s.Top().(*View); ok {
		v.Rows.aim = column
	}
	return open
}

// aimed puts the cursor into the column that it was to be in, once the columns are known.
func (r *Grid) aimed() {
	if r.aim == "" {
		return
	}
	for at, i := range r.Order {
		if r.Columns[i].Name == r.aim {
			r.Col = at
		}
	}
	r.aim = ""
}
