package console

import (
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

// consoleScreen is the SQL console: its pages, one of which is shown and is the screen.
type consoleScreen struct {
	*page
	pages   []*page
	history *History
	words   *postgres.Completion
}

// pageActions are what every page can do, whether the keys go to its text or not.
var pageActions = []keymap.Action{
	keymap.History, keymap.SaveQuery, keymap.Queries, keymap.Editor, keymap.NewPage, keymap.NextPage, keymap.PrevPage, keymap.ClosePage,
}

// mostPages is how many there are at most: each may hold a connection.
const mostPages = 9

// Open opens the console, with a text or with those that were left in it.
func Open(s screen.Root, h *History, text string) tea.Cmd {
	c := &consoleScreen{history: h}
	for _, d := range h.drafts {
		c.add(s, d)
	}
	switch {
	case len(c.pages) == 0:
		c.add(s, draft{text: text})
	case text != "":
		c.put(s, draft{text: text})
	default:
		c.page = c.pages[min(h.shown, len(c.pages)-1)]
	}
	return s.Open(c)
}

// draft is what a page keeps while the console is closed.
type draft struct {
	text  string
	query *queries.Query
}

// add makes another page and shows it.
func (c *consoleScreen) add(s screen.Root, d draft) {
	p := &page{Base: screen.NewBase(s), of: c, editing: true, at: -1, query: d.query}
	p.text.Tabs = true
	p.text.Set(d.text)
	p.grid = table.Grid{Root: s, Owner: p.ID()}
	c.pages = append(c.pages, p)
	c.page = p
}

// put shows a text: in the page that is shown if its text is empty, otherwise in another, as long as there may be one.
func (c *consoleScreen) put(s screen.Root, d draft) {
	if c.page.text.String() == "" {
		c.page.text.Set(d.text)
		c.page.query, c.page.at, c.page.editing, c.page.place = d.query, -1, true, nil
		return
	}
	if d.query != nil {
		for _, p := range c.pages {
			if p.query != nil && p.query.Name == d.query.Name && p.text.String() == d.text {
				c.page = p
				return
			}
		}
	}
	if c.full() {
		return
	}
	c.add(s, d)
}

// full reports whether no further page may be made, and says so.
func (c *consoleScreen) full() bool {
	if len(c.pages) < mostPages {
		return false
	}
	c.Hint("there are " + strconv.Itoa(len(c.pages)) + " pages; " + c.Label(keymap.ClosePage) + " closes one")
	return true
}

// Part is the page with an identity: what was asked by one that is not shown is answered to it.
func (c *consoleScreen) Part(id int) (screen.Screen, bool) {
	i := slices.IndexFunc(c.pages, func(p *page) bool { return p.ID() == id })
	if i < 0 {
		return nil, false
	}
	return c.pages[i], true
}

// Title names the page.
func (c *consoleScreen) Title() string {
	if len(c.pages) == 1 {
		return "SQL"
	}
	return "SQL " + strconv.Itoa(c.number()) + "/" + strconv.Itoa(len(c.pages))
}

// number is that of the page that is shown, from 1.
func (c *consoleScreen) number() int { return slices.Index(c.pages, c.page) + 1 }

// turn goes to another page, makes one, or closes the one that is shown.
func (c *consoleScreen) turn(a keymap.Action) tea.Cmd {
	at, n := c.number()-1, len(c.pages)
	switch a {
	case keymap.NewPage:
		if c.full() {
			return nil
		}
		c.add(c.page.Root, draft{})
		return c.Init()
	case keymap.ClosePage:
		return c.closePage(at)
	case keymap.NextPage:
		at++
	case keymap.PrevPage:
		at += n - 1
	}
	if n == 1 {
		c.Hint("there is one page; " + c.Label(keymap.NewPage) + " makes another")
	}
	c.page = c.pages[at%n]
	return c.asked()
}

// closePage closes a page with what runs in it. The last one is emptied.
func (c *consoleScreen) closePage(at int) tea.Cmd {
	gone := c.pages[at]
	c.Jobs().CloseOwner(gone.ID())
	closing := gone.drop()
	c.pages = slices.Delete(c.pages, at, at+1)
	if len(c.pages) == 0 {
		c.add(gone.Root, draft{})
		return tea.Batch(closing, c.Init())
	}
	c.page = c.pages[min(at, len(c.pages)-1)]
	return tea.Batch(closing, c.asked())
}

// asked asks what came up while the page was not shown.
func (c *consoleScreen) asked() tea.Cmd {
	later := c.page.later
	c.page.later = nil
	if later == nil {
		return nil
	}
	return later()
}

// ask asks something about a page: now, or as soon as it is shown.
func (c *page) ask(question func() tea.Cmd) tea.Cmd {
	if c.of.page == c {
		return question()
	}
	c.later = question
	c.Hint("page " + strconv.Itoa(slices.Index(c.of.pages, c)+1) + " waits for an answer")
	return nil
}

// Leave keeps the texts and closes the sessions.
func (c *consoleScreen) Leave() tea.Cmd {
	c.history.drafts, c.history.shown = nil, c.number()-1
	var cmds []tea.Cmd
	for _, p := range c.pages {
		c.history.drafts = append(c.history.drafts, draft{p.text.String(), p.query})
		c.Jobs().CloseOwner(p.ID())
		cmds = append(cmds, p.drop())
	}
	return tea.Batch(cmds...)
}

// Update passes on news to the page that is shown, whose answers come to it as well.
func (c *consoleScreen) Update(msg tea.Msg) tea.Cmd { return c.page.Update(msg) }

// label is a page's place in the title: its number and the name of its query, with what it does out of sight.
func (c *consoleScreen) label(i int) string {
	p := c.pages[i]
	text := strconv.Itoa(i + 1)
	if p.query != nil {
		text += " " + p.query.Name
		if p.text.String() != p.query.Text {
			text += "*"
		}
	}
	switch {
	case p.later != nil:
		text += " asks"
	case p != c.page && c.Jobs().Busy(p.Slot("query")):
		text += " runs"
	}
	return text
}

// title is the pages, the one that is shown in brackets where there are others.
func (c *consoleScreen) title() string {
	if len(c.pages) == 1 {
		if q := c.page.query; q != nil {
			return " SQL " + c.label(0)[2:] + " "
		}
		return " SQL "
	}
	text := " SQL "
	for i, p := range c.pages {
		if p == c.page {
			text += " [" + c.label(i) + "]"
		} else {
			text += " " + c.label(i)
		}
	}
	return text + " "
}

// Init asks for the names to complete with.
func (c *page) Init() tea.Cmd {
	return job.AskQuietly(c.Jobs(), c.Slot("words"), table.DetailLimit, c.Backend().Completion)
}
