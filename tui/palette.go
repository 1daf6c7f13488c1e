package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/console"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
	"github.com/livepeer/naap-dev/tui/screen/panes"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/screen/verbs"
	"github.com/livepeer/naap-dev/tui/widget"
)

// paletteScreen takes a command, or the name of a table or schema to jump to, and offers what fits as one types.
type paletteScreen struct {
	screen.Base
	app   *app
	text  edit.Text
	items []paletteItem
	list  widget.List
}

type paletteItem struct {
	text, detail string
	do           func() tea.Cmd
	fill         string // what tab makes of the text; the item itself where empty
}

const paletteOffers = 12

func (a *app) openPalette(text string) tea.Cmd {
	p := &paletteScreen{Base: screen.NewBase(a.shared), app: a}
	p.text.Single = true
	p.text.Set(text)
	p.offer()
	return a.Open(p)
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

// offer lists the commands whose name begins with what is typed, then schemas and tables whose name holds it.
func (p *paletteScreen) offer() {
	text := strings.TrimSpace(strings.TrimPrefix(p.text.String(), ":"))
	word, rest, _ := strings.Cut(text, " ")
	p.items = p.items[:0]
	for _, c := range commands {
		if strings.HasPrefix(c.name, strings.ToLower(word)) && (rest == "" || c.arg != "") {
			detail := c.help
			if c.arg != "" {
				detail = c.arg + "  " + detail
			}
			p.items = append(p.items, paletteItem{text: c.name, detail: detail, do: func() tea.Cmd { return c.do(p.app, strings.TrimSpace(rest)) }})
		}
	}
	if rest == "" && word != "" {
		p.items = append(p.items, p.places(strings.ToLower(word))...)
		if len(p.items) == 0 {
			p.items = p.meant(strings.ToLower(word))
		}
	}
	p.list = widget.List{}
	p.list.Size(len(p.items))
}

// places are the schemas and tables whose names hold a word, the best first.
func (p *paletteScreen) places(word string) []paletteItem {
	snap := p.Live().Snap
	if snap == nil {
		return nil
	}
	var ranked [notFound][]paletteItem
	add := func(ref devenv.TableRef, name, detail string) {
		rank := rankOf(name, word)
		if ref.Name == "" {
			rank = min(rank, rankOf(shortSchema(name), word))
		}
		if rank == notFound {
			return
		}
		if len(ranked[rank]) < 200 {
			ranked[rank] = append(ranked[rank], paletteItem{text: name, detail: detail, do: func() tea.Cmd { return p.app.jump(ref) }})
		}
	}
	for _, s := range snap.Schemas {
		add(devenv.TableRef{Schema: s.Name}, s.Name, say.Count(s.TableCount(), "table"))
	}
	for _, s := range snap.Schemas {
		for _, t := range s.Tables {
			add(t.Ref(), t.Name, s.Name+"  "+screen.WithNoun(t.Rows))
		}
	}
	return append(append(ranked[0], ranked[1]...), ranked[2]...)
}

// meant is the command, schema or table that a misspelt word was to be.
func (p *paletteScreen) meant(word string) []paletteItem {
	const asks = "is this meant?"
	names, refs := []string{}, map[string]devenv.TableRef{}
	for _, c := range commands {
		names = append(names, c.name)
	}
	if i := slices.Index(names, say.Nearest(word, names)); i >= 0 {
		return []paletteItem{{text: commands[i].name, detail: asks, do: func() tea.Cmd { return commands[i].do(p.app, "") }}}
	}
	names = nil
	if p.Live().Snap == nil {
		return nil
	}
	add := func(name string, ref devenv.TableRef) {
		if _, taken := refs[name]; !taken {
			names, refs[name] = append(names, name), ref
		}
	}
	for _, s := range p.Live().Snap.Schemas {
		add(s.Name, devenv.TableRef{Schema: s.Name})
		add(shortSchema(s.Name), devenv.TableRef{Schema: s.Name})
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
	return []paletteItem{{text: cmp.Or(ref.Name, ref.Schema), detail: asks, do: func() tea.Cmd { return p.app.jump(ref) }}}
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
	from, to := p.list.In(body)
	for y, item := range p.items[from:to] {
		x := body.Cut(2, y, body.W*2/5, item.text, draw.Plain)
		body.Text(max(x+2, body.W*2/5), y, item.detail, draw.Dim)
		if from+y == p.list.At {
			body.Mark(0, y, body.W, draw.Chosen)
			body.Text(0, y, in.Look().Glyphs.Pick, draw.Accent)
		}
	}
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

func (p *paletteScreen) Wheel(_, _, by int) tea.Cmd { p.list.Wheel(by); return nil }

// command is what the palette knows by name.
type command struct {
	name, arg, help string
	do              func(a *app, arg string) tea.Cmd
}

var commands = []command{
	{"sql", "[TEXT]", "SQL console", func(a *app, arg string) tea.Cmd { return console.Open(a.shared, a.history, arg) }},
	{"doctor", "", "what is wrong, and what helps", func(a *app, _ string) tea.Cmd { return panes.OpenDoctor(a.shared) }},
	{"rules", "", "where the workspace breaks the mandatory rules", func(a *app, _ string) tea.Cmd { return panes.OpenCheck(a.shared) }},
	{"check", "", "the same as rules", func(a *app, _ string) tea.Cmd { return panes.OpenCheck(a.shared) }},
	{"logs", "", "the server's log", func(a *app, _ string) tea.Cmd { return panes.OpenLogs(a.shared) }},
	{"drift", "", "what a push would do", func(a *app, _ string) tea.Cmd { return verbs.OpenPush(a.shared) }},
	{"push", "", "push schema.prisma, after showing the plan", func(a *app, _ string) tea.Cmd { return verbs.OpenPush(a.shared) }},
	{"reset", "SCHEMA", "empty a schema and seed it again", func(a *app, arg string) tea.Cmd { return a.resetNamed(arg) }},
	{"undo", "", "take a reset back", func(a *app, _ string) tea.Cmd { return verbs.OpenUndo(a.shared) }},
	{"snapshots", "", "copies of the database under names", func(a *app, _ string) tea.Cmd { return verbs.OpenSnapshots(a.shared) }},
	{"backup", "[FILE]", "write the whole database to a file", func(a *app, arg string) tea.Cmd { return verbs.OpenBackup(a.shared, arg) }},
	{"restore", "[FILE]", "make the database be what a backup file holds", func(a *app, arg string) tea.Cmd { return verbs.OpenRestoreFile(a.shared, arg) }},
	{"seeds", "", "seed files and made-up rows", func(a *app, _ string) tea.Cmd { return verbs.OpenSeeds(a.shared) }},
	{"relations", "", "which schema points at which", func(a *app, _ string) tea.Cmd {
		schema, ref := a.Before()
		return table.OpenRelations(a.shared, schema, ref)
	}},
	{"export", "", "export the table to a file", func(a *app, _ string) tea.Cmd {
		_, ref := a.Before()
		return table.OpenExport(a.shared, devenv.ExportRequest{Table: ref})
	}},
	{"psql", "", "psql in this terminal", func(a *app, _ string) tea.Cmd { return a.askPsql() }},
	{"unlock", "", "allow writes in the SQL console, or forbid them again", func(a *app, _ string) tea.Cmd {
		a.SetUnlock(!a.unlock)
		return nil
	}},
	{"theme", "[dark|light|auto]", "change the colours", func(a *app, arg string) tea.Cmd { a.nextTheme(&a.looks, arg); return nil }},
	{"ascii", "", "draw with ASCII signs, or no longer", func(a *app, _ string) tea.Cmd {
		a.looks.ascii = !a.looks.ascii
		a.applyLook()
		return nil
	}},
	{"mouse", "", "mouse on and off", func(a *app, _ string) tea.Cmd { return a.toggleMouse() }},
	{"pause", "", "stop asking the server, and go on", func(a *app, _ string) tea.Cmd { return a.togglePause() }},
	{"refresh", "", "ask the server again, now", func(a *app, _ string) tea.Cmd { return a.refresh(true) }},
	{"error", "", "the last error in full", func(a *app, _ string) tea.Cmd { return dialog.OpenError(a.shared) }},
	{"help", "", "the keys", func(a *app, _ string) tea.Cmd { return a.openHelp() }},
	{"stop", "", "stop the database (asks)", func(a *app, _ string) tea.Cmd { return a.askStop() }},
	{"quit", "", "detach; the database stays up", func(*app, string) tea.Cmd { return tea.Quit }},
}

// jump goes to a schema or table in the dashboard.
func (a *app) jump(ref devenv.TableRef) tea.Cmd {
	d, ok := a.stack[0].(*dashboard.Screen)
	if !ok {
		return nil
	}
	var closing tea.Cmd
	if len(a.stack) > 1 {
		closing = a.Close(a.stack[1])
	}
	return tea.Batch(closing, d.GoTo(ref))
}

func (a *app) resetNamed(name string) tea.Cmd {
	if name == "" {
		schema, _ := a.Before()
		return verbs.OpenReset(a.shared, schema)
	}
	if schema, ok := bestSchema(a.live.Snap, name); ok {
		return verbs.OpenReset(a.shared, schema)
	}
	var names []string
	if a.live.Snap != nil {
		for _, s := range a.live.Snap.Schemas {
			names = append(names, s.Name, shortSchema(s.Name))
		}
	}
	if near := say.Nearest(strings.ToLower(name), names); near != "" {
		a.Hint("there is no schema like " + name + "; did you mean " + near + "?")
		return nil
	}
	a.Hint("there is no schema like " + name)
	return nil
}

// bestSchema is the schema that a word names best. A table's name is none: a reset is no place for guesses.
func bestSchema(snap *devenv.Snapshot, word string) (string, bool) {
	best, rank := "", notFound
	if snap == nil {
		return "", false
	}
	word = strings.ToLower(word)
	for _, s := range snap.Schemas {
		if r := min(rankOf(s.Name, word), rankOf(shortSchema(s.Name), word)); r < rank {
			best, rank = s.Name, r
		}
	}
	return best, rank < notFound
}
