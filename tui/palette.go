package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// paletteScreen takes a command, or the name of a table or schema to jump to, and offers what fits as one types.
type paletteScreen struct {
	screen.Base
	commands []command
	jump     func(postgres.TableRef) tea.Cmd
	text     edit.Text
	items    []paletteItem
	list     widget.List
}

type paletteItem struct {
	text, detail string
	do           func() tea.Cmd
	fill         string // what tab makes of the text; the item itself where empty
}

const paletteOffers = 12

// command is what the palette knows by name.
type command struct {
	name, arg, help string
	do              func(arg string) tea.Cmd
}

func openPalette(r screen.Root, commands []command, jump func(postgres.TableRef) tea.Cmd) tea.Cmd {
	p := &paletteScreen{Base: screen.NewBase(r), commands: commands, jump: jump}
	p.text.Single = true
	p.offer()
	return r.Open(p)
}

func (p *paletteScreen) Hints() [][2]string {
	return [][2]string{{"↑↓", "choose"}, {"tab", "fills in"}, {"enter", "goes"}, {"esc", "closes"}}
}

func (p *paletteScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 72, H: paletteOffers + 4}
}
func (p *paletteScreen) Actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (p *paletteScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc":
		return p.Close(p), true
	case "enter":
		return p.enter(), true
	case "up", "ctrl+p", "shift+tab":
		p.list.Move(keymap.Up)
		return nil, true
	case "down", "ctrl+n":
		p.list.Move(keymap.Down)
		return nil, true
	case "pgup", "pgdown":
		return nil, false
	case "tab":
		if p.list.At < len(p.items) {
			item := p.items[p.list.At]
			if item.fill == "" {
				item.fill = item.text
			}
			p.text.Set(item.fill)
			p.offer()
		}
		return nil, true
	case "backspace":
		if p.text.String() == "" {
			return p.Close(p), true
		}
	}
	if p.text.Key(k) {
		p.offer()
		return nil, true
	}
	return nil, false
}

func (p *paletteScreen) Act(a keymap.Action) tea.Cmd {
	p.list.Move(a)
	return nil
}

func (p *paletteScreen) enter() tea.Cmd {
	text := strings.TrimSpace(p.text.String())
	closing := p.Close(p)
	if len(p.items) == 0 {
		if text != "" {
			p.Hint("there is no command, schema or table like " + text)
		}
		return closing
	}
	return tea.Batch(closing, p.items[p.list.At].do())
}

// offer lists the commands whose name begins with what is typed, then schemas and tables whose name holds it. One whose
// whole name it is stands before the commands that only begin with it: the table Session before :sessions.
func (p *paletteScreen) offer() {
	text := strings.TrimSpace(strings.TrimPrefix(p.text.String(), ":"))
	word, rest, _ := strings.Cut(text, " ")
	p.items = p.items[:0]
	var whole, others []paletteItem
	if rest == "" && word != "" {
		whole, others = p.places(strings.ToLower(word))
	}
	if !slices.ContainsFunc(p.commands, func(c command) bool { return c.name == strings.ToLower(word) }) {
		p.items, whole = append(p.items, whole...), nil
	}
	for _, c := range p.commands {
		if strings.HasPrefix(c.name, strings.ToLower(word)) && (rest == "" || c.arg != "") {
			detail := c.help
			if c.arg != "" {
				detail = c.arg + "  " + detail
			}
			p.items = append(p.items, paletteItem{text: c.name, detail: detail, do: func() tea.Cmd { return c.do(strings.TrimSpace(rest)) }})
		}
	}
	if rest == "" && word != "" {
		p.items = append(append(p.items, whole...), others...)
		if len(p.items) == 0 {
			p.items = p.meant(strings.ToLower(word))
		}
	}
	p.list = widget.List{}
	p.list.Size(len(p.items))
}

// places are the schemas and tables whose whole name a word is, and those whose names hold it, the best first.
func (p *paletteScreen) places(word string) (whole, others []paletteItem) {
	snap := p.Live().Snap
	if snap == nil {
		return nil, nil
	}
	var ranked [notFound][]paletteItem
	add := func(rank int, ref postgres.TableRef, name string, detail func() string) {
		if rank < notFound && len(ranked[rank]) < 200 {
			ranked[rank] = append(ranked[rank], paletteItem{text: name, detail: detail(), do: func() tea.Cmd { return p.jump(ref) }})
		}
	}
	for _, s := range snap.Schemas {
		rank := min(rankOf(s.Name, word), rankOf(shortSchema(s.Name), word))
		add(rank, postgres.TableRef{Schema: s.Name}, s.Name, func() string { return say.Count(s.TableCount(), "table") })
	}
	dotted := strings.Contains(word, ".")
	for i := range snap.Schemas {
		s := &snap.Schemas[i]
		for j := range s.Tables {
			t := &s.Tables[j] // a copy of each of thousands is what takes the time
			rank := rankOf(t.Name, word)
			if dotted { // as it is written in SQL
				rank = min(rank, rankOf(s.Name+"."+t.Name, word))
			}
			if rank < notFound {
				add(rank, t.Ref(), t.Name, func() string { return s.Name + "  " + screen.WithNoun(t.Rows) })
			}
		}
	}
	return ranked[0], append(ranked[1], ranked[2]...)
}

// meant is the command, schema or table that a misspelt word was to be.
func (p *paletteScreen) meant(word string) []paletteItem {
	const asks = "is this meant?"
	names, refs := say.Each(p.commands, func(c command) string { return c.name }), map[string]postgres.TableRef{}
	if i := slices.Index(names, say.Nearest(word, names)); i >= 0 {
		return []paletteItem{{text: p.commands[i].name, detail: asks, do: func() tea.Cmd { return p.commands[i].do("") }}}
	}
	names = nil
	if p.Live().Snap == nil {
		return nil
	}
	add := func(name string, ref postgres.TableRef) {
		if _, taken := refs[name]; !taken {
			names, refs[name] = append(names, name), ref
		}
	}
	for _, s := range p.Live().Snap.Schemas {
		add(s.Name, postgres.TableRef{Schema: s.Name})
		add(shortSchema(s.Name), postgres.TableRef{Schema: s.Name})
	}
	for _, s := range p.Live().Snap.Schemas {
		for _, t := range s.Tables {
			add(t.Name, t.Ref())
		}
	}
	near := say.Nearest(word, names)
	if near == "" {
		return nil
	}
	ref := refs[near]
	return []paletteItem{{text: cmp.Or(ref.Name, ref.Schema), detail: asks, do: func() tea.Cmd { return p.jump(ref) }}}
}

const notFound = 3

// rankOf is how well a name fits a word in lower case: 0 whole, 1 from its beginning, 2 inside.
func rankOf(name, word string) int {
	name = strings.ToLower(name)
	switch {
	case name == word:
		return 0
	case strings.HasPrefix(name, word):
		return 1
	case strings.Contains(name, word):
		return 2
	}
	return notFound
}

// shortSchema is a schema's name as people say it: without the prefix that all plugins' schemas have.
func shortSchema(name string) string { return strings.TrimPrefix(name, "plugin_") }

func (p *paletteScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " Command, or the name of a schema or table ", Focused: true})
	pen := in.Pen(0, 0).Text(":", draw.Key)
	widget.DrawInput(in, pen.X, 0, in.W-pen.X, &p.text, true)
	body := in.Sub(0, 2, in.W, in.H-2)
	p.list.Size(len(p.items))
	p.list.Draw(body, true, draw.Chosen, func(i, y int) {
		x := body.Cut(2, y, body.W*2/5, p.items[i].text, draw.Plain)
		body.Text(max(x+2, body.W*2/5), y, p.items[i].detail, draw.Dim)
	})
}

// Click chooses an offer.
func (p *paletteScreen) Click(x, y int) tea.Cmd {
	line, ok := p.list.Under(x, y)
	if !ok {
		return nil
	}
	p.list.At = line
	return p.enter()
}
