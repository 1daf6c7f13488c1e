package table

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// valueOf is a column that gets a value.
type valueOf struct {
	root   screen.Root
	table  *rowedit.Table
	column rowedit.Column
	was    rowedit.Cell // as it was read
	now    rowedit.Value
	isNew  bool                              // of a row that is to be added: there was nothing
	other  func(column string) rowedit.Value // what another column of the row is to be, or is
	take   func(set map[string]rowedit.Value)
}

// open opens what suits the column: a list, a line, or a text of several lines.
func (v valueOf) open() tea.Cmd {
	switch {
	case !v.was.Whole() && !v.isNew:
		v.root.Hint("the value is too long to be changed here: " + say.Bytes(v.was.Bytes))
		return nil
	case v.table.KeyOf(v.column.Name) != nil:
		return v.openKeys(*v.table.KeyOf(v.column.Name))
	case v.column.Kind == postgres.EnumKind && len(v.column.EnumLabels) > 0:
		return v.openLabels(v.column.EnumLabels)
	case v.column.Kind == postgres.BoolKind:
		return v.openLabels([]string{"true", "false"})
	}
	return v.openText()
}

// set gives the column a value.
func (v valueOf) set(to rowedit.Value) { v.take(map[string]rowedit.Value{v.column.Name: to}) }

// kinds are what the column may be set to.
func (v valueOf) kinds() []rowedit.Kind {
	out := []rowedit.Kind{rowedit.Given}
	if v.column.Nullable() {
		out = append(out, rowedit.Null)
	}
	if v.column.HasDefault() || v.isNew {
		out = append(out, rowedit.Default)
	}
	return out
}

// kindText is what a kind is called.
func (v valueOf) kindText(k rowedit.Kind) string {
	switch k {
	case rowedit.Null:
		return "NULL"
	case rowedit.Default:
		return "DEFAULT " + v.column.DefaultText()
	}
	return "value"
}

// valueScreen is a value that is typed.
type valueScreen struct {
	screen.Base
	valueOf
	kind  rowedit.Kind
	text  edit.Text
	long  bool   // it has several lines
	whole string // the text, where it holds what this editor would lose
	kept  bool   // whole is what is meant
	first string // the text as it was put here, which stands for what is there now
	top   int

	asked  string // the text that the server was last asked about
	known  bool   // its answer is here
	check  rowedit.Checked
	wrong  string
	finish screen.Awaited
}

// longText is how many characters a value of one line may have.
const longText = 60

func (v valueOf) openText() tea.Cmd {
	s := &valueScreen{Base: screen.NewBase(v.root), valueOf: v, kind: v.now.Kind}
	text := v.now.Text
	if v.now.Kind != rowedit.Given {
		text = ""
		if v.isNew {
			s.kind = rowedit.Given
		}
	}
	s.long = v.column.Kind == postgres.JSONKind || strings.ContainsAny(text, "\n\r\t") || len(text) > longText
	s.text.Single = !s.long
	s.first = unfolded(v.column, text)
	s.put(s.first)
	return v.root.Open(s)
}

// unfolded is a text as it is edited. The server keeps jsonb without its blanks, so that these may be any.
func unfolded(c rowedit.Column, text string) string {
	var b bytes.Buffer
	if c.Type != "jsonb" || json.Indent(&b, []byte(text), "", "  ") != nil {
		return text
	}
	return b.String()
}

// put puts a text into the editor. One with tabs or control characters would lose them there: it is shown, and kept as it
// is.
func (s *valueScreen) put(text string) {
	if strings.Contains(text, "\n") {
		s.long, s.text.Single = true, false
	}
	s.text.Set(text)
	s.whole, s.kept = text, s.text.String() != text
	if s.long {
		s.text.MoveTo(0)
	}
}

// value is what is meant.
func (s *valueScreen) value() rowedit.Value {
	switch {
	case s.kind != rowedit.Given:
		return rowedit.Value{Kind: s.kind}
	case s.kept:
		return rowedit.Value{Text: s.whole}
	}
	return rowedit.Value{Text: s.text.String()}
}

func (s *valueScreen) Init() tea.Cmd { return nil }

func (s *valueScreen) Shape() screen.Shape {
	if s.long {
		return screen.Shape{Floats: true, W: 100, H: 30}
	}
	return screen.Shape{Floats: true, W: 76, H: 7}
}

func (s *valueScreen) Hints() [][2]string {
	take := [2]string{"enter", "takes it"}
	if s.long {
		take = [2]string{s.Label(keymap.Pending), "takes it"}
	}
	out := [][2]string{take}
	names := say.Each(s.kinds(), func(k rowedit.Kind) string { return [...]string{"value", "NULL", "DEFAULT"}[k] })
	if len(names) > 1 {
		out = append(out, [2]string{"tab", strings.Join(names, ", ")})
	}
	return append(out, [2]string{s.Label(keymap.External), "in $EDITOR"}, [2]string{"esc", "leaves it as it was"})
}

func (s *valueScreen) Actions() []keymap.Action { return nil }

func (s *valueScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	name := k.String()
	switch {
	case name == "esc":
		return s.Close(s), true
	case s.finish.Holds(k):
		return nil, true
	case s.Keys().Is(name, keymap.Pending), name == "enter" && !s.long:
		return s.done(), true
	case s.Keys().Is(name, keymap.External):
		return s.external(), true
	case name == "tab", name == "shift+tab":
		s.turn()
		return nil, true
	case name == "enter":
		k = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("\n")}
	}
	if s.kept && name != "ctrl+l" {
		if len(name) == 1 || name == "backspace" || name == "delete" {
			s.Hint("it holds tabs or control characters, which would be lost here: " + s.Label(keymap.External) + " edits it, ctrl+l starts over")
			return nil, true
		}
	}
	before := s.text.String()
	if !s.text.Key(k) {
		return nil, !k.Paste && len(name) == 1
	}
	if s.text.String() != before {
		s.kind, s.kept = rowedit.Given, false
		return s.ask(s.Pauses().Typing), true
	}
	return nil, true
}

// turn goes to the next kind.
func (s *valueScreen) turn() {
	kinds := s.kinds()
	for i, k := range kinds {
		if k == s.kind {
			s.kind = kinds[(i+1)%len(kinds)]
			return
		}
	}
	s.kind = kinds[0]
}

// ask has the server look at what is typed.
func (s *valueScreen) ask(wait time.Duration) tea.Cmd {
	text, column, backend := s.value().Text, s.column, s.Backend()
	s.asked, s.known = text, false
	return job.AskQuietly(s.Jobs(), s.Slot("value"), editLimit, func(ctx context.Context) (rowedit.Checked, error) {
		if err := settle(ctx, wait); err != nil {
			return rowedit.Checked{}, err
		}
		return backend.CheckValue(ctx, column, text)
	})
}

// done takes the value, once the server has accepted it.
func (s *valueScreen) done() tea.Cmd {
	v := s.value()
	switch {
	case v.Kind != rowedit.Given:
		return s.taken(v)
	case s.now.Kind == rowedit.Given && v.Text == s.first:
		return s.taken(s.now)
	case !s.isNew && !s.was.Null && v.Text == s.was.Text:
		return s.taken(s.was.Value())
	case !s.known || s.asked != v.Text:
		s.finish.Made = true
		return s.ask(0)
	case s.wrong != "":
		return nil
	case s.column.Type == "jsonb" && !s.was.Null && s.check.Text == s.was.Text: // only its blanks are others
		return s.taken(s.was.Value())
	}
	return s.taken(v)
}

func (s *valueScreen) taken(v rowedit.Value) tea.Cmd {
	closing := s.Close(s)
	s.set(v)
	return tea.Batch(closing, s.finish.Over())
}

func (s *valueScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[rowedit.Checked]:
		s.known, s.check, s.wrong = true, m.Value, ""
		if m.Err != nil {
			s.wrong = m.Err.Error()
		}
		if s.finish.Made {
			cmd := s.done()
			s.finish.Over() // a value that was refused stays, and what was meant for the page behind it is dropped
			return cmd
		}
	case job.Answer[screen.Edited]:
		if m.Err != nil {
			s.Fail("editor", m.Err)
			return nil
		}
		s.Settled("editor")
		s.kind = rowedit.Given
		s.put(m.Value.Text)
		return s.ask(0)
	}
	return nil
}

// external gives the text to the user's own editor.
func (s *valueScreen) external() tea.Cmd {
	end := ".txt"
	if s.column.Kind == postgres.JSONKind {
		end = ".json"
	}
	return s.EditText(s.Slot("editor"), s.value().Text, end, files.Schema)
}

func (s *valueScreen) Draw(a draw.Area) {
	title := " " + s.column.Name + " " + s.column.Type + " "
	if s.column.NotNull {
		title += "NOT NULL "
	}
	in := a.Box(draw.Frame{Title: title, Focused: true})
	in = in.Sub(1, 0, in.W-2, in.H)
	y := 0
	if !s.isNew && !s.long {
		old, _ := ShowValue(s.Look(), shortCell(s.was), postgres.PageColumn{Kind: s.column.Kind})
		in.Pen(0, 0).Text("was  ", draw.Dim).Text(old, draw.Dim)
		y = 1
	}
	foot := 2
	if s.long {
		s.drawText(in.Sub(0, 0, in.W, max(1, in.H-foot)))
	} else if in.H > y {
		p := in.Pen(0, y).Text("now  ", draw.Dim)
		s.drawLine(in, p.X, y)
	}
	if in.H > foot {
		s.drawCheck(in, in.H-2)
		s.drawKinds(in, in.H-1)
	}
}

func (s *valueScreen) drawLine(in draw.Area, x, y int) {
	if s.kind != rowedit.Given {
		in.Text(x, y, s.kindText(s.kind), draw.Null)
		return
	}
	widget.DrawInput(in, x, y, in.W-x, &s.text, true)
}

// drawText draws a text of several lines around its cursor.
func (s *valueScreen) drawText(in draw.Area) {
	if s.kind != rowedit.Given {
		in.Text(0, 0, s.kindText(s.kind), draw.Null)
		return
	}
	at, offset := s.text.Cursor()
	lines := s.text.Lines()
	if s.kept { // with signs for what the editor would lose
		at, lines = -1, strings.Split(s.whole, "\n")
		s.top = 0
	}
	if at >= 0 {
		s.top = max(0, at-in.H+1, min(s.top, at))
	}
	for y := 0; y < in.H && s.top+y < len(lines); y++ {
		line := lines[s.top+y]
		if s.top+y != at {
			in.Text(0, y, line, draw.Input)
			continue
		}
		var one edit.Text
		one.Single = true
		one.Set(line)
		one.MoveTo(offset)
		widget.DrawInput(in, 0, y, in.W, &one, true)
	}
}

// drawCheck says what the server makes of the text.
func (s *valueScreen) drawCheck(in draw.Area, y int) {
	switch {
	case s.kind != rowedit.Given:
	case s.kept:
		in.Text(0, y, "it holds tabs or control characters, shown here as signs: "+s.Label(keymap.External)+" edits it", draw.Warn)
	case !s.known || s.asked != s.text.String():
	case s.wrong != "":
		in.Text(0, y, s.Look().Glyphs.Cross+" "+s.wrong, draw.Bad)
	case s.check.Note != "":
		in.Text(0, y, s.Look().Glyphs.Warn+" "+s.check.Note, draw.Warn)
	case s.check.Text != s.asked && !s.long:
		in.Text(0, y, s.Look().Glyphs.Check+" "+s.check.Text, draw.Good)
	default:
		in.Text(0, y, s.Look().Glyphs.Check, draw.Good)
	}
}

func (s *valueScreen) drawKinds(in draw.Area, y int) {
	if len(s.kinds()) < 2 {
		return
	}
	p := in.Pen(0, y)
	for _, k := range s.kinds() {
		sign, role := "( ) ", draw.Dim
		if k == s.kind {
			sign, role = "(x) ", draw.Strong
		}
		p.Text(sign+s.kindText(k)+"   ", role)
	}
}
