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
	Prompt
	text  edit.Text
	wrong string // what is wrong with the text; the prompt stays
}

// Prompt is a line that is asked for.
type Prompt struct {
	Name, Label string
	Text        string // that is there to begin with
	Optional    bool   // an empty line is an answer too
	Do          func(text string) tea.Cmd
	Wrong       func(text string) string // what is wrong with a text, or ""; may be nil
}

// Ask opens the prompt.
func (q Prompt) Ask(s screen.Root) tea.Cmd {
	p := &promptScreen{Base: screen.NewBase(s), Prompt: q}
	p.text.Single = true
	p.text.Set(q.Text)
	return s.Open(p)
}

func (p *promptScreen) Hints() [][2]string {
	return [][2]string{{"enter", "goes on"}, {"esc", "cancels"}}
}

func (p *promptScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 4} }

func (p *promptScreen) Actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (p *promptScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "enter":
		text := p.text.String()
		if text == "" && !p.Optional {
			return nil, true
		}
		if p.Wrong != nil {
			if p.wrong = p.Wrong(text); p.wrong != "" {
				return nil, true
			}
		}
		p.Close(p) // what comes next lies where the prompt was, so that esc leads to what was before it
		return p.Do(text), true
	case "esc":
		return p.Close(p), true
	}
	p.wrong = ""
	return nil, p.text.Key(k)
}

func (p *promptScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + p.Name + " ", Focused: true})
	pen := in.Pen(1, 0).Text(p.Label+" ", draw.Dim)
	widget.DrawInput(in, pen.X, 0, in.W-pen.X, &p.text, true)
	in.Text(1, 1, p.wrong, draw.Bad)
}
