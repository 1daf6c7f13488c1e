package verbs

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// openAgreement looks whether the migrations make what the Prisma file says.
func openAgreement(s screen.Root) tea.Cmd {
	return scriptsAllowed(s, func() tea.Cmd {
		return look[*backend.Agreement]{
			title: "Migrations and schema.prisma", says: "running all migrations on a shadow database…", doing: "compare the migrations", limit: 10 * planLimit,
			plan: s.Backend().CheckMigrations,
			next: func(found *backend.Agreement) tea.Cmd { return showAgreement(s, found) },
		}.open(s)
	})
}

func showAgreement(s screen.Root, found *backend.Agreement) tea.Cmd {
	n := found.Migrations
	if found.Plan.Empty() {
		text := say.Count(n, "migration") + " " + say.Form(n, "makes", "make") + " what " + screen.AsOf(found.File) + " says"
		s.Say(draw.Good, text)
		return dialog.OpenPage(s, "The migrations agree", text, 90, 3, func(w int) []draw.Line {
			return []draw.Line{{draw.Text(" "+s.Look().Glyphs.Check+" ", draw.Good), draw.Text(text, draw.Plain)}}
		})
	}
	changes := found.Plan.Summary(s.Target())
	return dialog.OpenPage(s, "The migrations differ", strings.Join(changes, "\n"), 110, len(changes)+8, func(w int) []draw.Line {
		out := sentences(say.Count(n, "migration")+" "+say.Form(n, "does", "do")+" not make what "+screen.AsOf(found.File)+" says. A new one would do:", draw.Warn, w-2)
		out = append(indented(out), nil)
		for _, row := range planRows(changes) {
			out = append(out, indented(sentences(row.Value, row.Role, w-2))...)
		}
		return append(out, nil, draw.Line{draw.Text(" "+s.Label(keymap.Create)+" in the list of migrations writes it", draw.Dim)})
	})
}
