package draw

import (
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Role is what a text is, not how it looks; a Look gives each role its style.
type Role uint8

const (
	Plain     Role = iota
	Dim            // said quietly: units, hints, what is switched off
	Strong         // said loudly
	Border         // frame of a pane
	focusRole      // frame of the pane that has the keys
	titleRole      // a pane's name
	Head           // a column's name
	Good           // as it should be
	Warn           // the user should look
	Bad            // broken, or about to be destroyed
	Info           // neither: counts, estimates, running work
	Accent         // what the eye should find first: breadcrumbs, active tab
	Key            // a key's name in the footer
	Null           // NULL, empty, binary: values that aren't text
	Number         // numeric values
	Quote          // strings of JSON and SQL
	Word           // keywords of SQL, names in JSON
	Match          // what the filter found
	barRole        // the header line
	Error          // a place in a text that is wrong
	Input          // text that is being typed
	Cursor         // where the next letter goes
	numRoles       // how many there are
)

// Look is a theme in the colours of one kind of terminal, with its glyphs.
type Look struct {
	Name   string
	Glyphs *Glyphs
	Strict bool // the terminal takes nothing but ASCII: other characters are drawn as ?
	sgr    [marks][numRoles]string
}

const reset = "\x1b[0m"

// pen is a style: colours of the 256-colour palette plus one, 0 is the terminal's own.
type pen struct {
	fg, bg                   int
	bold, under, rev, italic bool
}

// Colours is how many colours a terminal has.
type Colours int

const (
	Mono    Colours = 0 // NO_COLOR: bold, underline and reverse remain
	Sixteen Colours = 16
	Many    Colours = 256
)

// NewLook makes the look "dark" or "light" for a terminal with that many colours.
func NewLook(name string, colours Colours, ascii, strict bool) *Look {
	look := &Look{Name: name, Glyphs: unicodeGlyphs, Strict: strict}
	if ascii || strict {
		look.Glyphs = asciiGlyphs
	}
	styles, chosen, aside, fresh := palette(name, colours)
	for role := range numRoles {
		look.sgr[Unmarked][role] = styles[role].sgr()
		look.sgr[Chosen][role] = over(styles[role], chosen).sgr()
		look.sgr[ChosenAside][role] = over(styles[role], aside).sgr()
		look.sgr[Fresh][role] = over(styles[role], fresh).sgr()
		look.sgr[OnBar][role] = onBar(styles[role], styles[barRole]).sgr()
	}
	return look
}

// over lays a selection over a style: the selection's colours win, a missing foreground keeps the style's own.
func over(p, selection pen) pen {
	if selection.fg != 0 {
		p.fg = selection.fg
	}
	if selection.bg != 0 {
		p.bg = selection.bg
	}
	p.bold = p.bold || selection.bold
	p.rev = p.rev != selection.rev
	p.under = p.under || selection.under
	return p
}

// onBar lays a style on the header line: the style's own foreground on the line's background.
func onBar(p, bar pen) pen {
	if p.fg == 0 {
		p.fg = bar.fg
	}
	p.bg, p.rev = bar.bg, bar.rev
	return p
}

// pens makes styles for a terminal of 256 colours, whatever this process's own is: a Look has chosen its colours.
var pens = lazy.Value[*lipgloss.Renderer]{Make: func() *lipgloss.Renderer {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(termenv.ANSI256)
	return r
}}

// sgr is the sequence that sets the style and nothing of the one before.
func (p pen) sgr() string {
	if p == (pen{}) {
		return ""
	}
	style := pens.Get().NewStyle().Bold(p.bold).Italic(p.italic).Underline(p.under).Reverse(p.rev)
	if p.fg != 0 {
		style = style.Foreground(paint(p.fg))
	}
	if p.bg != 0 {
		style = style.Background(paint(p.bg))
	}
	// Lines are composed of cells, each with the role that it has, so that only the sequence before a text is needed.
	set, _, _ := strings.Cut(style.Render("x"), "x")
	return "\x1b[0;" + strings.TrimPrefix(set, "\x1b[")
}

// paint is a colour of the palette: the first sixteen are written in the way that every terminal knows.
func paint(n int) lipgloss.Color { return lipgloss.Color(strconv.Itoa(n - 1)) }
