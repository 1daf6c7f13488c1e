package table

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// countLinksLimit is more than the server takes, which has limits of its own for this.
const countLinksLimit = 10 * time.Second

// linkCounts is how many rows lead to a row by its links, as far as that is known yet.
type linkCounts struct {
	of  []postgres.LinkCount // nil until they are counted
	err error
}

// linksCounted is the answer of counting.
type linksCounted struct{ of []postgres.LinkCount }

// countLinks counts the rows of a record's links. Nobody asked for it, so that esc leaves the screen, which ends it.
func countLinks(s screen.Root, to job.Slot, links []postgres.RecordLink) tea.Cmd {
	if len(links) == 0 {
		return nil
	}
	backend := s.Backend()
	return job.AskQuietly(s.Jobs(), to, countLinksLimit, func(ctx context.Context) (linksCounted, error) {
		of, err := backend.CountLinks(ctx, links)
		return linksCounted{of}, err
	})
}

// take takes the answer.
func (c *linkCounts) take(s screen.Root, m job.Answer[linksCounted]) {
	const doing = "count what refers to the row"
	c.of, c.err = m.Value.of, m.Err
	switch {
	case m.Err == nil:
		s.Settled(doing)
	case !errors.Is(m.Err, context.Canceled):
		s.Fail(doing, m.Err)
	}
}

// text is how many rows a link has, or why that is not known.
func (c linkCounts) text(look *draw.Look, i int) (number, why string, role draw.Role) {
	switch {
	case c.err != nil:
		return "?", "", draw.Dim
	case i >= len(c.of):
		return look.Glyphs.Ellipsis, "", draw.Info
	case c.of[i].Problem != "":
		return "?", c.of[i].Problem, draw.Warn
	case c.of[i].Rows.Capped:
		return say.Number(c.of[i].Rows.N-1) + "+", "", draw.Number
	case c.of[i].Rows.N == 0:
		return "0", "", draw.Dim
	}
	return say.Number(c.of[i].Rows.N), "", draw.Number
}
