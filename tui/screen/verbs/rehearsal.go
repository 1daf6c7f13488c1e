package verbs

import (
	"context"
	"errors"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// rehearsalScreen runs what is pending on a copy of the database, and shows what each statement did there.
type rehearsalScreen struct {
	screen.Base
	plan  *backend.DeployPlan
	steps dialog.Steps
	out   *migrate.Rehearsal // nil while it is under way
	err   error
	rows  []rehearsedRow
	list  widget.List
	old   bool // files have changed since
}

// rehearsedRow is a statement with the migration that it is of.
type rehearsedRow struct {
	migrate.RehearsedStatement
	of string
}

const rehearseName = "rehearse"

// openRehearsal rehearses what is pending now.
func openRehearsal(s screen.Root) tea.Cmd {
	return look[*backend.DeployPlan]{
		title: "Migrations", says: "looking at what is pending…", doing: planDeploy, limit: planLimit, plan: s.Backend().PlanDeploy,
		next: func(plan *backend.DeployPlan) tea.Cmd {
			return allowed(s, plan, func(plan *backend.DeployPlan) tea.Cmd { return rehearse(s, plan) })
		},
	}.open(s)
}

func rehearse(s screen.Root, plan *backend.DeployPlan) tea.Cmd {
	return s.Open(&rehearsalScreen{Base: screen.NewBase(s), plan: plan})
}

func (r *rehearsalScreen) Title() string { return "rehearsal" }

func (r *rehearsalScreen) Init() tea.Cmd { return r.run(devenv.RehearseOptions{}) }

func (r *rehearsalScreen) run(opt devenv.RehearseOptions) tea.Cmd {
	r.out, r.err, r.rows, r.steps = nil, nil, nil, dialog.Steps{}
	plan, watch, b := r.plan, r.Jobs().Watch, r.Backend()
	return job.Follow(r.Jobs(), r.Slot(rehearseName), false, func(ctx context.Context, emit func(progress.Step) bool) (*migrate.Rehearsal, error) {
		return b.Rehearse(ctx, plan, opt, progress.ClockBy(watch, func(s progress.Step) { emit(s) }))
	})
}

// Working is the rehearsal while it is under way, or "".
func (r *rehearsalScreen) Working() string {
	if r.out != nil || r.err != nil {
		return ""
	}
	return rehearseName
}

func (r *rehearsalScreen) Actions() []keymap.Action {
	if r.Working() != "" {
		return nil
	}
	return []keymap.Action{keymap.Rehearse, keymap.CopyCell, keymap.CopyRow}
}

func (r *rehearsalScreen) Word(a keymap.Action) string {
	return map[keymap.Action]string{keymap.Rehearse: "again", keymap.CopyRow: "copy all"}[a]
}

func (r *rehearsalScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[progress.Step]:
		for _, s := range m.Items {
			r.steps.Report(s, r.Now())
		}
	case job.Answer[*migrate.Rehearsal]:
		return r.ended(m)
	case screen.FilesNews:
		r.old = true
	}
	return nil
}

func (r *rehearsalScreen) ended(m job.Answer[*migrate.Rehearsal]) tea.Cmd {
	r.out, r.err = m.Value, m.Err
	r.Fail(rehearseName, m.Err)
	if r.out != nil {
		for _, of := range r.out.Migrations {
			for _, st := range of.Statements {
				r.rows = append(r.rows, rehearsedRow{st, of.Name})
			}
		}
	}
	if !dialog.InTheWay(m.Err) {
		return nil
	}
	return dialog.AskEnding(r.Root, m.Err, func() tea.Cmd { return r.run(devenv.RehearseOptions{TerminateSessions: true}) })
}

func (r *rehearsalScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Rehearse:
		return tea.Batch(r.Close(r), openRehearsal(r.Root))
	case keymap.CopyCell:
		if r.list.At < len(r.rows) {
			st := r.rows[r.list.At]
			return r.Copy("what the statement did", strings.Join(append([]string{st.SQL}, st.Effects()...), "\n"))
		}
	case keymap.CopyRow:
		return r.Copy("the rehearsal", r.text())
	default:
		if r.Working() != "" {
			r.steps.Move(a)
		} else {
			r.list.Move(a)
		}
	}
	return nil
}

// text is the whole rehearsal, for other programs.
func (r *rehearsalScreen) text() string {
	var lines []string
	for _, st := range r.rows {
		lines = append(lines, st.of+":"+strconv.Itoa(st.Line)+"  "+say.Took(st.Took())+"  "+st.SQL)
		for _, effect := range st.Effects() {
			lines = append(lines, "    "+effect)
		}
	}
	if r.out != nil && r.err == nil {
		lines = append(lines, r.out.Summary()...)
	}
	return strings.Join(lines, "\n")
}

func (r *rehearsalScreen) Draw(a draw.Area) {
	right := ""
	if r.old {
		right = " files changed since: " + r.Label(keymap.Rehearse) + " rehearses again "
	}
	in := a.Box(draw.Frame{Title: " A rehearsal of " + say.Count(len(r.plan.Steps), "migration") + ", on a copy of the database ", Right: right, Focused: true})
	if r.Working() != "" {
		r.steps.Draw(in.Sub(0, 0, in.W, max(1, in.H-1)), r.Now())
		in.Text(1, in.H-1, "the database itself stays as it is; "+r.Label(keymap.Back)+" cancels", draw.Dim)
		return
	}
	y := r.drawHead(in)
	if len(r.rows) > 0 && y < in.H {
		r.drawRows(in.Sub(0, y, in.W, in.H-y))
	}
}

// drawHead writes why the rehearsal failed, or what it comes to, and returns the line below.
func (r *rehearsalScreen) drawHead(in draw.Area) int {
	var lines []draw.Line
	room := in.H
	if errors.Is(r.err, context.Canceled) {
		lines = sentences(" cancelled: the copy is dropped, and the database is as it was", draw.Warn, in.W-2)
	} else if r.err != nil {
		lines = dialog.ErrorLines(r.Root, r.err, in.W)
		if len(r.rows) > 0 {
			room = in.H / 2
		}
	} else {
		for i, text := range r.out.Summary() {
			role := draw.Plain
			switch {
			case i > 0 && len(r.out.Destroys) > 0 && i == 1:
				role = draw.Bad
			case i > 0:
				role = draw.Warn
			}
			lines = append(lines, indented(sentences(text, role, in.W-2))...)
		}
		room = in.H / 3
	}
	lines = lines[:min(len(lines), max(1, room))]
	for y, line := range lines {
		line.Draw(in, 0, y)
	}
	if len(r.rows) > 0 && len(lines) < in.H {
		in.Run(0, len(lines), in.W, in.Look().Glyphs.H, draw.Border)
		return len(lines) + 1
	}
	return len(lines)
}

// drawRows lists the statements, and below them what the chosen one did.
func (r *rehearsalScreen) drawRows(in draw.Area) {
	r.list.Size(len(r.rows))
	st := r.rows[r.list.At]
	var about []draw.Line
	if in.H >= 8 {
		about = sentences(st.of+", line "+strconv.Itoa(st.Line), draw.Strong, in.W-2)
		for _, effect := range st.Effects() {
			about = append(about, sentences(effect, effectRole(effect), in.W-2)...)
		}
		for _, line := range widget.SQLLines(st.SQL) {
			about = append(about, line.Wrap(in.W-2)...)
		}
	}
	below := min(len(about)+1, in.H/2)
	widget.Table{
		Columns: []widget.Column{
			{Title: "LINE", Width: 5, Right: true}, {Title: "TIME", Width: 8, Right: true}, {Title: "ROWS", Width: 6, Right: true, Least: 40},
			{Title: "WRITTEN", Width: 8, Right: true, Least: 50}, {Title: "STATEMENT", Width: 10, Flex: 3}, {Title: "MIGRATION", Width: 10, Flex: 1, Least: 90},
		},
		List: &r.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) { return rehearsedCell(r.rows[line], col) },
	}.Draw(in.Sub(0, 0, in.W, in.H-below))
	if below > 1 {
		in.Run(0, in.H-below, in.W, in.Look().Glyphs.H, draw.Border)
		for y, l := range about[:min(len(about), below-1)] {
			l.Draw(in, 1, in.H-below+1+y)
		}
	}
}

func effectRole(effect string) draw.Role {
	switch word, _, _ := strings.Cut(effect, " "); word {
	case "destroys":
		return draw.Bad
	case "rewrites":
		return draw.Warn
	}
	return draw.Plain
}

func rehearsedCell(st rehearsedRow, col int) (string, draw.Role) {
	switch col {
	case 0:
		return strconv.Itoa(st.Line), draw.Dim
	case 1:
		return say.Took(st.Took()), draw.Plain
	case 2:
		if st.Rows == 0 {
			return "", draw.Dim
		}
		return screen.Count(st.Rows), draw.Plain
	case 3:
		return screen.Size(st.WAL), draw.Dim
	case 4:
		switch {
		case len(st.Destroys) > 0:
			return st.SQL, draw.Bad
		case len(st.Rewritten) > 0:
			return st.SQL, draw.Warn
		}
		return st.SQL, draw.Plain
	}
	return st.of, draw.Dim
}

func (r *rehearsalScreen) Click(x, y int) tea.Cmd {
	return r.list.Click(x, y, func() tea.Cmd { return nil })
}
