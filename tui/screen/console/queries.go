package console

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenQueries lists the workspace's named queries. One that is chosen is shown in the console; it runs with a key there.
func OpenQueries(s screen.Root, h *History) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[queries.Query]{
		Name: "queries", Fetch: s.Backend().Queries, Open: "open",
		Columns: []widget.Column{{Title: "NAME", Width: 16, Flex: 1}, {Title: "WHAT IT IS FOR", Width: 20, Flex: 3}},
		Cell: func(q queries.Query, col int) (string, draw.Role) {
			switch {
			case col == 0:
				return q.Name, draw.Strong
			case q.Err != nil:
				return q.Err.Error(), draw.Bad
			}
			return q.Description, draw.Plain
		},
		Words: func(q queries.Query) string { return q.Name + " " + q.Description + " " + q.Text },
		About: func(q queries.Query, w int) []draw.Line {
			if q.Err != nil {
				return dialog.ErrorLines(s, q.Err, w)
			}
			return append([]draw.Line{{draw.Text(q.File, draw.Dim)}}, widget.SQLLines(strings.TrimRight(q.Text, "\n"))...)
		},
		Empty: "No query is kept here yet: " + s.Label(keymap.SaveQuery) + " in the SQL console keeps its text as naap/queries/NAME.sql, which your repository can share.",
		Do: func(a keymap.Action, q queries.Query, ok bool) tea.Cmd {
			if a != keymap.Open || !ok {
				return nil
			}
			if q.Err != nil {
				s.Fail("query "+q.Name, q.Err)
				return nil
			}
			return show(s, h, draft{q.Text, &q})
		},
	})
}

// show puts a text into the console below the list that is on top, or opens one.
func show(s screen.Root, h *History, d draft) tea.Cmd {
	closing := s.Close(s.Top())
	if c, ok := s.Top().(*consoleScreen); ok {
		c.put(c.page.Root, d)
		return tea.Batch(closing, c.Init())
	}
	if len(h.drafts) == 1 && h.drafts[0].text == "" {
		h.drafts = nil
	}
	opening := Open(s, h, "")
	c := s.Top().(*consoleScreen)
	c.put(s, d)
	return tea.Batch(closing, opening)
}

// saved is the answer of saving a query.
type saved struct {
	query queries.Query
	name  string
	text  string
}

// Save saves the text of the console that is on top under a name, or the one that it has.
func Save(s screen.Root, name string) tea.Cmd {
	c, ok := s.Top().(*consoleScreen)
	if !ok {
		s.Hint("the SQL console is not open: " + s.Label(keymap.SQL) + " opens it")
		return nil
	}
	return c.save(name)
}

// save asks for a name where there is none, and saves the text.
func (c *page) save(name string) tea.Cmd {
	text := c.text.String()
	if strings.TrimSpace(text) == "" {
		c.Hint("write a query first")
		return nil
	}
	if name == "" && c.query != nil {
		name = c.query.Name
	}
	if name == "" {
		return dialog.Prompt{
			Name: "Save the query", Label: "naap/queries/", Do: func(name string) tea.Cmd { return c.save(name) },
		}.Ask(c.Root)
	}
	var was *string
	if c.query != nil && c.query.Name == strings.TrimSuffix(name, ".sql") {
		was = &c.query.Text
	}
	return c.write(name, text, was)
}

func (c *page) write(name, text string, was *string) tea.Cmd {
	b := c.Backend()
	return job.Ask(c.Jobs(), c.Slot("save"), time.Minute, func(ctx context.Context) (saved, error) {
		q, err := b.SaveQuery(ctx, name, text, was)
		return saved{q, name, text}, err
	})
}

func (c *page) saved(m job.Answer[saved]) tea.Cmd {
	switch code := remedy.Code(m.Err); {
	case m.Err == nil:
		c.Settled("save")
		q := m.Value.query
		c.query = &q
		if c.text.String() == m.Value.text { // the file ends with a line feed
			at := c.text.At()
			c.text.Set(q.Text)
			c.text.MoveTo(at)
		}
		c.Say(draw.Good, "saved "+q.File)
		return nil
	case code == "query.exists" || code == "query.changed":
		return c.ask(func() tea.Cmd { return c.askReplace(m.Value, m.Err) })
	}
	c.Fail("save", m.Err)
	return nil
}

// askReplace asks before another text is lost: what the file holds by now is read first, and replaced only if it is still
// that.
func (c *page) askReplace(s saved, err error) tea.Cmd {
	return dialog.Ask(c.Root, dialog.Confirmation{
		Title: "Replace the query?", Text: []string{err.Error() + "."}, Yes: "Replace it",
		Do: func() tea.Cmd {
			b := c.Backend()
			return job.Ask(c.Jobs(), c.Slot("save"), time.Minute, func(ctx context.Context) (saved, error) {
				list, err := b.Queries(ctx)
				if err != nil {
					return s, err
				}
				var was *string
				for _, q := range list {
					if q.Name == strings.TrimSuffix(s.name, ".sql") {
						was = &q.Text
					}
				}
				q, err := b.SaveQuery(ctx, s.name, s.text, was)
				return saved{q, s.name, s.text}, err
			})
		},
	})
}

// edit opens the text in the user's editor.
func (c *page) edit() tea.Cmd {
	return c.EditText(c.Slot("editor"), c.text.String(), ".sql", files.Settings)
}

// edited takes the text as the editor left it. Where the editor failed it stays as it was.
func (c *page) edited(m job.Answer[screen.Edited]) tea.Cmd {
	switch {
	case m.Err != nil:
		c.Fail("editor", m.Err)
		return nil
	case m.Value.Text == c.text.String():
		c.Hint("the editor left the text as it was")
		return nil
	}
	c.Settled("editor")
	c.text.Set(m.Value.Text)
	c.place, c.editing, c.popup.open = nil, true, false
	if c.text.String() != strings.ReplaceAll(m.Value.Text, "\r\n", "\n") {
		c.Say(draw.Warn, "the text is the editor's, without its control characters")
		return nil
	}
	c.Say(draw.Good, "the text is the editor's")
	return nil
}
