package verbs

import (
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// sentences are a text in lines of at most w cells.
func sentences(text string, role draw.Role, w int) (out []draw.Line) {
	for _, line := range draw.Wrap(text, max(8, w)) {
		out = append(out, draw.Line{draw.Text(line, role)})
	}
	return out
}

// indented are lines with a blank before each.
func indented(lines []draw.Line) (out []draw.Line) {
	for _, line := range lines {
		out = append(out, append(draw.Line{draw.Text(" ", draw.Plain)}, line...))
	}
	return out
}

// scriptLines are the first lines of a script, coloured and with their numbers, wrapped to w cells.
func scriptLines(sql string, w, most int) (out []draw.Line) {
	sql = strings.NewReplacer("\r\n", "\n", "\t", "    ").Replace(strings.TrimRight(sql, "\r\n"))
	cut := sql
	for i, n := 0, 0; i < len(sql) && cut == sql; i++ { // what is not shown is not coloured
		if sql[i] == '\n' {
			if n++; n == most {
				cut = sql[:i]
			}
		}
	}
	lines := widget.SQLLines(cut)
	gutter := len(strconv.Itoa(len(lines)))
	for i, line := range lines {
		number := strconv.Itoa(i + 1)
		number = strings.Repeat(" ", gutter-len(number)) + number + " "
		for _, part := range line.Wrap(max(8, w-len(number))) {
			out = append(out, append(draw.Line{draw.Text(number, draw.Dim)}, part...))
			number = strings.Repeat(" ", len(number))
		}
	}
	return out
}

// lintLines are findings about a script; with help, also what to write instead.
func lintLines(s screen.Root, findings []migrate.LintFinding, w int, help bool) (out []draw.Line) {
	g := s.Look().Glyphs
	for _, f := range findings {
		sign, role := g.Middle, draw.Info
		switch f.Severity {
		case remedy.Broken:
			sign, role = g.Cross, draw.Bad
		case remedy.Warning:
			sign, role = g.Warn, draw.Warn
		}
		prefix := sign + " "
		for _, line := range draw.Wrap("line "+strconv.Itoa(f.Line)+": "+f.Message, max(8, w-2)) {
			out = append(out, draw.Line{draw.Text(prefix, role), draw.Text(line, draw.Plain)})
			prefix = "  "
		}
		if !help {
			continue
		}
		for _, line := range f.Help {
			out = append(out, draw.Line{draw.Text("    "+line, draw.Good)})
		}
	}
	return out
}
