package dialog

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// promptScreen asks for one line.
type promptScreen struct {
	screen.Base
	name, label string
	text        edit.Text
	do          func(string) (next tea.Cmd, wrong string)
	Optional    bool   // nothing is an answer too
	wrong       string // what is wrong with the text; the prompt stays
}

// NewPrompt is a prompt that is not yet open. do says what follows on the text, or what is wrong with it.
func NewPrompt(s screen.Root, name, label, value string, do func(string) (tea.Cmd, string)) *promptScreen {
	p := &promptScreen{Base: screen.NewBase(s), name: name, label: label, do: do}
	p.text.Single = true
	p.text.Set(value)
	return p
}

func (p *promptScreen) Hints() [][2]string {
	return [][2]string{{"enter", "goes on"}, {"esc", "cancels"}}
}

func (p *promptScreen) Title() string { return "" }

func (p *promptScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 4} }

func (p *promptScreen) Actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (p *promptScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "enter":
		text := p.text.String()
		if text == "" && !p.Optional {
			return nil, true
		}
		next, wrong := p.do(text)
		if p.wrong = wrong; wrong != "" {
			return nil, true
		}
		// What comes next lies where the prompt was, so that esc leads to what was before it.
		p.Remove(p)
		return next, true
	case "esc":
		return p.Close(p), true
	}
	p.wrong = ""
	return nil, p.text.Key(k)
}

func (p *promptScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + p.name + " ", Focused: true})
	pen := in.Pen(1, 0).Text(p.label+" ", draw.Dim)
	widget.DrawInput(in, pen.X, 0, in.W-pen.X, &p.text, true)
	in.Text(1, 1, p.wrong, draw.Bad)
}
