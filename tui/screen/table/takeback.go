package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// takeBackScreen stands below the questions about taking a commit back.
type takeBackScreen struct {
	screen.Base
	commit commit
}

// TakeBack takes a commit of rows back, after a question.
func TakeBack(s screen.Root, done *rowedit.Commit) tea.Cmd {
	if !s.Unlocked() {
		s.Hint(":unlock unlocks writes first")
		return nil
	}
	t := &takeBackScreen{Base: screen.NewBase(s)}
	t.commit = commit{Root: s, owner: t.ID(), back: done}
	t.commit.over = func(bool) tea.Cmd { return t.Close(t) }
	t.commit.no = func() tea.Cmd { return t.Close(t) }
	return s.Open(t)
}

func (t *takeBackScreen) Init() tea.Cmd {
	return t.commit.try(rowedit.Plan{Changes: t.commit.back.Back})
}

func (t *takeBackScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (t *takeBackScreen) Update(msg tea.Msg) tea.Cmd { return t.commit.update(msg) }

func (t *takeBackScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " Take a commit back ", Focused: true})
	in.Text(1, 0, "looking at the rows…", draw.Dim)
}
