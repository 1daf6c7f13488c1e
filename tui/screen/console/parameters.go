package console

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// described is the answer of asking for the parameters of a text, and what is to be done with their values.
type described struct {
	session backend.Session
	list    []postgres.Parameter
	at      *postgres.Position
	do      func(postgres.Arguments) tea.Cmd
}

// describe asks the server which parameters a text has.
func (c *page) describe(text string, do func(postgres.Arguments) tea.Cmd) tea.Cmd {
	closing := c.renew()
	c.form = screen.Awaited{Made: true}
	b, session, write := c.Backend(), c.session, c.writing
	return tea.Batch(closing, job.Ask(c.Jobs(), c.Slot("query"), time.Minute, func(ctx context.Context) (d described, err error) {
		d.do = do
		d.session, d.list, err = connected(ctx, b, session, write, func(s backend.Session) (list []postgres.Parameter, err error) {
			list, d.at, err = s.Parameters(ctx, text)
			return list, err
		})
		return d, err
	}))
}

// holds keeps what is typed while the server is asked which parameters there are: it is for the form, and not for the text.
func (c *page) holds(k tea.KeyMsg) bool {
	switch name := k.String(); {
	case name == "esc", name == "enter", name == "tab", name == "backspace":
	case k.Alt || len(k.Runes) == 0: // a key of the console's own
		return false
	}
	return c.form.HoldsWhile(c.Jobs().Busy(c.Slot("query")), k)
}

// described opens the form for the values, or shows the text's mistake.
func (c *page) described(m job.Answer[described]) tea.Cmd {
	form := c.form
	c.form = screen.Awaited{}
	if m.Value.session != nil {
		c.session = m.Value.session
	}
	c.err = m.Err
	if m.Err != nil {
		c.Fail("query", m.Err)
		c.plan, c.outcome = nil, nil
		c.mark(m.Value.at)
		return nil
	}
	return form.Opened(c.Root, func() tea.Cmd {
		return c.ask(func() tea.Cmd { return openForm(c.Root, c.of.history, m.Value) })
	})
}

// formScreen asks for the values of parameters.
type formScreen struct {
	screen.Base
	history *History
	d       described
	lines   []edit.Text
	null    []bool
	at, top int
}

// formLines is how many values are seen at once.
const formLines = 12

func openForm(s screen.Root, h *History, d described) tea.Cmd {
	f := &formScreen{Base: screen.NewBase(s), history: h, d: d, lines: make([]edit.Text, len(d.list)), null: make([]bool, len(d.list))}
	for i, p := range d.list {
		f.lines[i].Single = p.Kind != postgres.TextKind && p.Kind != postgres.JSONKind
		if v, known := h.values[p]; known {
			if f.null[i] = v == nil; v != nil {
				f.lines[i].Set(*v)
			}
		}
	}
	return s.Open(f)
}

func (f *formScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 76, H: min(len(f.lines), formLines) + 3}
}

func (f *formScreen) Hints() [][2]string {
	return [][2]string{{"enter", "goes on"}, {"tab", "next"}, {"alt+n", "NULL"}, {"esc", "cancels"}}
}

func (f *formScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	n := len(f.lines)
	switch k.String() {
	case "enter":
		return f.done(), true
	case "esc":
		return f.Close(f), true
	case "tab", "down":
		f.at = (f.at + 1) % n
	case "shift+tab", "up":
		f.at = (f.at + n - 1) % n
	case "alt+n":
		f.null[f.at] = !f.null[f.at]
	default:
		was := f.lines[f.at].String()
		done := f.lines[f.at].Key(k)
		if f.lines[f.at].String() != was {
			f.null[f.at] = false
		}
		return nil, done
	}
	return nil, true
}

// done goes on with the values, and remembers them for the next time in this run of the program; they are in no file.
func (f *formScreen) done() tea.Cmd {
	args := postgres.Arguments{}
	if f.history.values == nil {
		f.history.values = map[postgres.Parameter]*string{}
	}
	for i, p := range f.d.list {
		var value *string
		if text := f.lines[i].String(); !f.null[i] {
			value = &text
		}
		args[p.Name], f.history.values[p] = value, value
	}
	return tea.Batch(f.Close(f), f.d.do(args))
}

// Actions are none: keys are typed.
func (f *formScreen) Actions() []keymap.Action { return nil }

func (f *formScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " Parameters ", Focused: true})
	name, typ := 4, 4
	for _, p := range f.d.list {
		name, typ = max(name, draw.Width(p.Name)+1), max(typ, draw.Width(typeName(p)))
	}
	name, typ = min(name, in.W/3), min(typ, in.W*2/5)
	rows := max(1, in.H-1)
	f.top = max(0, min(f.top, f.at), f.at-rows+1)
	for i := f.top; i < len(f.lines) && i-f.top < rows; i++ {
		p, y := f.d.list[i], i-f.top
		role := draw.Word
		if i == f.at {
			role = draw.Accent
			in.Text(0, y, in.Look().Glyphs.Pick, draw.Accent)
		}
		in.Cut(1, y, name, ":"+p.Name, role)
		in.Cut(name+2, y, typ, typeName(p), draw.Dim)
		x := name + typ + 4
		if f.null[i] {
			in.Text(x, y, in.Look().Glyphs.Null, draw.Null)
			continue
		}
		widget.DrawInput(in, x, y, in.W-x, &f.lines[i], i == f.at)
	}
	in.Text(1, in.H-1, "They are bound as values, and never become part of the text.", draw.Dim)
}

// typeName is a parameter's type, where the server says which.
func typeName(p postgres.Parameter) string {
	if p.Type == "" {
		return "?"
	}
	return p.Type
}
