package rowedit

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// compare notes what the server made of a change's row beyond what the change says.
func (a *attempt) compare(ctx context.Context, c *Change, now *Row) error {
	l := Left{Change: c}
	for i, col := range now.Table.Columns {
		same, err := a.asSaid(ctx, c, col, now.Cells[i])
		if err != nil {
			return err
		}
		if !same {
			l.Names, l.Cells = append(l.Names, col.Name), append(l.Cells, now.Cells[i])
		}
	}
	if len(l.Names) > 0 {
		a.result.Left = append([]Left{l}, a.result.Left...) // the changes come from the last to the first
	}
	return nil
}

// asSaid reports whether a column is what a change says, or was before where it says nothing.
func (a *attempt) asSaid(ctx context.Context, c *Change, col Column, now Cell) (bool, error) {
	v, given := c.Set[col.Name]
	switch {
	case col.Generated != "", given && v.Kind == Default:
		return true, nil
	case !given:
		return c.Row == nil || c.Row.Cell(col.Name).same(now), nil
	case v.Kind == Null || now.Null:
		return v.Kind == Null && now.Null, nil
	case !now.Whole() || v.Text == now.Text:
		return true, nil
	}
	// The same value may be written in several ways.
	rows, err := postgres.Texts(ctx, a.tx, fmt.Sprintf("SELECT pg_catalog.format('%%s', v::%s) FROM (SELECT $1::%s AS v) t", col.SQLType, col.Cast), &v.Text)
	if err != nil {
		return false, err
	}
	return orNone(rows[0][0]) == now.Text, nil
}
