package table

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// choice is one of the values to choose from.
type choice struct {
	text, detail string
	set          map[string]rowedit.Value
	none         bool // NULL or DEFAULT
}

// chooseScreen is a list of values that is searched as one types.
type chooseScreen struct {
	screen.Base
	valueOf
	title  string
	search edit.Text
	all    []choice // those that came, or the only ones there are
	always []choice // NULL and DEFAULT
	key    *rowedit.ForeignKey
	more   bool
	loaded bool
	looked string // what was searched for when all came
	finish screen.Awaited
	err    error
	list   widget.List
}

// openLabels opens the list of an enum's labels, or of true and false.
func (v valueOf) openLabels(labels []string) tea.Cmd {
	c := v.chooser(v.column.Name + " " + v.column.Type)
	c.loaded = true
	for _, l := range labels {
		c.all = append(c.all, choice{text: rowedit.Value{Text: l}.String(), set: map[string]rowedit.Value{v.column.Name: {Text: asStored(l, v)}}})
	}
	c.startAt()
	return v.root.Open(c)
}

// asStored is a label as the server writes it: t and f.
func asStored(label string, v valueOf) string {
	if len(v.column.EnumLabels) == 0 && (label == "true" || label == "false") {
		return label[:1]
	}
	return label
}

// openKeys opens the list of rows that a foreign key may refer to.
func (v valueOf) openKeys(key rowedit.ForeignKey) tea.Cmd {
	c := v.chooser(strings.Join(key.Columns, ", ") + " " + v.root.Look().Glyphs.Right + " " + key.Table.String())
	c.key = &key
	return v.root.Open(c)
}

func (v valueOf) chooser(title string) *chooseScreen {
	c := &chooseScreen{Base: screen.NewBase(v.root), valueOf: v, title: title}
	c.search.Single = true
	for _, k := range v.kinds()[1:] {
		set := map[string]rowedit.Value{v.column.Name: {Kind: k}}
		if key := v.table.KeyOf(v.column.Name); key != nil && k == rowedit.Null {
			set = v.without(*key)
		}
		c.always = append(c.always, choice{text: v.kindText(k), set: set, none: true})
	}
	return c
}

// without sets those columns of a foreign key to NULL that may be.
func (v valueOf) without(key rowedit.ForeignKey) map[string]rowedit.Value {
	set := map[string]rowedit.Value{}
	for _, name := range key.Columns {
		if i := v.table.Find(name); i >= 0 && v.table.Columns[i].Nullable() && v.table.Fixed(v.table.Columns[i], v.isNew) == "" {
			set[name] = rowedit.Value{Kind: rowedit.Null}
		}
	}
	return set
}

// startAt puts the cursor on what is there. Where the list ends before it, it comes first.
func (c *chooseScreen) startAt() {
	i := slices.IndexFunc(c.shown(), c.isNow)
	if i < 0 && c.key != nil && c.now.Kind == rowedit.Given && c.search.String() == "" {
		now := choice{detail: "as it is", set: map[string]rowedit.Value{}}
		for _, name := range c.key.Columns {
			now.set[name] = c.other(name)
		}
		now.text = say.Join(c.key.Columns, ", ", func(name string) string { return now.set[name].String() })
		c.always, i = slices.Insert(c.always, 0, now), 0
	}
	c.list.Size(len(c.shown()))
	c.list.At = max(i, 0)
}

// isNow reports whether a choice is what is there, in all columns that it sets.
func (c *chooseScreen) isNow(ch choice) bool {
	for name, v := range ch.set {
		if c.other(name) != v {
			return false
		}
	}
	return len(ch.set) > 0
}

func (c *chooseScreen) Init() tea.Cmd {
	if c.key == nil {
		return nil
	}
	return c.ask(0)
}

// found are the rows that hold what was searched for.
type found struct {
	search string
	rows   []rowedit.Choice
}

// ask looks for rows that hold what is typed.
func (c *chooseScreen) ask(wait time.Duration) tea.Cmd {
	backend, key, search := c.Backend(), *c.key, c.search.String()
	return job.AskQuietly(c.Jobs(), c.Slot("choices"), editLimit, func(ctx context.Context) (found, error) {
		if err := settle(ctx, wait); err != nil {
			return found{search: search}, err
		}
		rows, err := backend.KeyChoices(ctx, key, search)
		return found{search, rows}, err
	})
}

func (c *chooseScreen) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[found])
	if !ok {
		return nil
	}
	first := !c.loaded
	c.loaded, c.err, c.all, c.looked = true, m.Err, nil, m.Value.search
	c.more = len(m.Value.rows) >= rowedit.MostChoices
	for _, row := range m.Value.rows {
		set := map[string]rowedit.Value{}
		for i, name := range c.key.Columns {
			set[name] = rowedit.Value{Text: row.Key[i]}
		}
		c.all = append(c.all, choice{text: strings.Join(row.Key, ", "), detail: row.Name, set: set})
	}
	if first {
		c.startAt()
	}
	c.list.Size(len(c.shown()))
	if c.finish.Made {
		cmd := c.done()
		c.finish.Over() // where nothing was found
		return cmd
	}
	return nil
}

// shown are the choices that hold what is typed. NULL and DEFAULT come last, and first before a list that may be long.
func (c *chooseScreen) shown() []choice {
	search := strings.ToLower(c.search.String())
	if c.key != nil { // the server has looked
		if search == "" {
			return slices.Concat(c.always, c.all)
		}
		return c.all
	}
	var out []choice
	for _, ch := range slices.Concat(c.all, c.always) {
		if strings.Contains(strings.ToLower(ch.text), search) {
			out = append(out, ch)
		}
	}
	return out
}

func (c *chooseScreen) Shape() screen.Shape {
	if c.key != nil {
		return screen.Shape{Floats: true, W: 90, H: 24}
	}
	return screen.Shape{Floats: true, W: 60, H: min(len(c.all)+len(c.always), 18) + 4}
}

func (c *chooseScreen) Hints() [][2]string {
	out := [][2]string{{"↑↓", "choose"}, {"enter", "takes it"}, {"text", "searches"}}
	if c.key != nil {
		out = append(out, [2]string{"tab", "types a value"})
	}
	return append(out, [2]string{"esc", "leaves it as it was"})
}

func (c *chooseScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return c.Close(c), true
	}
	if c.finish.Holds(k) {
		return nil, true
	}
	switch k.String() {
	case "enter":
		if c.key == nil || c.loaded && c.looked == c.search.String() {
			return c.done(), true
		}
		// What is shown was found for something else. The best of what comes is meant, if something was searched for.
		c.list.At, c.finish.Made = 0, c.search.String() != ""
		return c.ask(0), true
	case "tab":
		if c.key == nil {
			return nil, true
		}
		return tea.Batch(c.Close(c), c.openText()), true
	case "up", "down", "pgup", "pgdown", "home", "end":
		return nil, false
	}
	before := c.search.String()
	if !c.search.Key(k) {
		return nil, len(k.String()) == 1
	}
	if c.search.String() == before {
		return nil, true
	}
	c.list.At = 0
	if c.key != nil {
		return c.ask(c.Pauses().Typing), true
	}
	c.list.Size(len(c.shown()))
	return nil, true
}

func (c *chooseScreen) Act(a keymap.Action) tea.Cmd {
	c.list.Move(a)
	return nil
}

func (c *chooseScreen) done() tea.Cmd {
	shown := c.shown()
	if c.list.At >= len(shown) || c.err != nil {
		return nil
	}
	set := shown[c.list.At].set
	closing := c.Close(c)
	c.take(set)
	return tea.Batch(closing, c.finish.Over())
}

func (c *chooseScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + c.title + " ", Focused: true})
	p := in.Pen(1, 0).Text("/", draw.Key)
	widget.DrawInput(in, p.X, 0, in.W-p.X, &c.search, true)
	body := in.Sub(0, 1, in.W, in.H-1)
	if c.err != nil {
		for y, l := range dialog.ErrorLines(c.Root, c.err, body.W) {
			l.Draw(body, 0, y)
		}
		return
	}
	shown := c.shown()
	if len(shown) == 0 {
		text := "nothing holds that"
		if !c.loaded {
			text = "asking…"
		}
		body.Text(1, 0, text, draw.Dim)
		return
	}
	if c.more && body.H > 3 {
		body.Text(1, body.H-1, "more than are shown: type a part of the key or the name", draw.Dim)
		body = body.Sub(0, 0, body.W, body.H-1)
	}
	c.drawChoices(body, shown)
}

func (c *chooseScreen) drawChoices(body draw.Area, shown []choice) {
	widest := 0
	for _, ch := range shown {
		widest = max(widest, draw.Width(ch.text))
	}
	widest = min(widest, max(8, body.W*3/5))
	c.list.Size(len(shown))
	c.list.Draw(body, true, draw.Chosen, func(i, y int) {
		role := draw.Plain
		if shown[i].none {
			role = draw.Null
		}
		body.Cut(2, y, widest, shown[i].text, role)
		body.Text(2+widest+2, y, shown[i].detail, draw.Dim)
	})
}

// Click chooses a value.
func (c *chooseScreen) Click(x, y int) tea.Cmd {
	return c.list.Click(x, y, c.done)
}
