package panes

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenSessions shows who is connected to the server, what they do, and who waits for whom.
func OpenSessions(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[sessionLine]{
		Name: "sessions", Empty: "nobody is connected", Open: "whole",
		Fetch: func(ctx context.Context) ([]sessionLine, error) {
			all, err := s.Backend().Sessions(ctx)
			return linesOf(all), err
		},
		Columns: []widget.Column{
			{Title: "PID", Width: 7, Right: true}, {Title: "APPLICATION", Width: 14, Flex: 3}, {Title: "USER", Width: 10, Flex: 1, Least: 110},
			{Title: "DATABASE", Width: 10, Flex: 1, Least: 130}, {Title: "STATE", Width: 10}, {Title: "FOR", Width: 5, Right: true},
			{Title: "TX", Width: 5, Right: true}, {Title: "WAITS FOR", Width: 14, Flex: 2, Least: 100}, {Title: "QUERY", Width: 12, Flex: 6},
		},
		Cell: func(l sessionLine, col int) (string, draw.Role) { return sessionCell(s.Look().Glyphs, l, col) },
		Words: func(l sessionLine) string {
			return strings.Join([]string{strconv.Itoa(l.PID), l.Application, l.User, l.Database, stateOf(l.ServerSession), l.Target, l.Query}, " ")
		},
		About:   func(l sessionLine, w int) []draw.Line { return aboutSession(l, w, sessionLinesBelow) },
		Sum:     sumSessions,
		Actions: []keymap.Action{keymap.CancelQuery, keymap.EndSession},
		Do:      func(a keymap.Action, l sessionLine, ok bool) tea.Cmd { return actSession(s, a, l, ok) },
		Took:    func(msg tea.Msg) tea.Cmd { return sessionStopped(s, msg) },
		Live:    true, ID: func(l sessionLine) string { return fmt.Sprint(l.ID) }, Orders: sessionOrders, Arrange: arrangeSessions,
	})
}

// sessionLinesBelow is how many lines of a query are shown below the list.
const sessionLinesBelow = 4

// stateOf is what a session does, in a word or two.
func stateOf(s postgres.ServerSession) string {
	switch {
	case s.Unseen:
		return "not shown"
	case s.WaitEvent != "" && len(s.Blockers) > 0:
		return "waits"
	case s.State == "idle in transaction":
		return "idle in tx"
	case s.State == "idle in transaction (aborted)":
		return "failed tx"
	case s.State == "fastpath function call":
		return "active"
	}
	return s.State
}

func stateRole(s postgres.ServerSession) draw.Role {
	switch {
	case len(s.Blockers) > 0:
		return draw.Bad
	case strings.HasPrefix(s.State, "idle in transaction"):
		return draw.Warn
	case s.Active():
		return draw.Good
	}
	return draw.Dim
}

// nameOf is a session's application, as it gives it.
func nameOf(s postgres.ServerSession) string {
	switch {
	case s.Application != "":
		return s.Application
	case s.PID == 0:
		return "a prepared transaction"
	case s.Kind != "" && s.Kind != "client backend":
		return s.Kind
	}
	return "(unnamed)"
}

func sessionCell(g *draw.Glyphs, l sessionLine, col int) (string, draw.Role) {
	plain := draw.Plain
	if l.Own {
		plain = draw.Dim
	}
	switch col {
	case 0:
		return strconv.Itoa(l.PID), plain
	case 1:
		name := l.branch(g) + nameOf(l.ServerSession)
		if l.Own {
			name += " (naap)"
		}
		return name, plain
	case 2:
		return l.User, draw.Dim
	case 3:
		return l.Database, draw.Dim
	case 4:
		return stateOf(l.ServerSession), stateRole(l.ServerSession)
	case 5:
		return age(l.InQuery), draw.Dim
	case 6:
		if strings.HasPrefix(l.State, "idle in transaction") {
			return age(l.InTx), draw.Warn
		}
		return age(l.InTx), draw.Dim
	case 7:
		return waitsFor(l), stateRole(l.ServerSession)
	}
	return strings.Join(strings.Fields(l.Query), " "), plain
}

// age is how long something has lasted; nothing where it does not.
func age(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return say.Age(d)
}

// waitsFor is what a session waits for: a lock, or something of the server's.
func waitsFor(l sessionLine) string {
	if len(l.blockers) > 0 {
		return l.Target
	}
	if l.Active() {
		return l.WaitEvent
	}
	return ""
}

// aboutSession says all about a session, and so many lines of its query.
func aboutSession(l sessionLine, w, most int) []draw.Line {
	var out []draw.Line
	add := func(text string, role draw.Role) {
		for _, t := range draw.Wrap(text, max(8, w)) {
			out = append(out, draw.Line{draw.Text(t, role)})
		}
	}
	add(sessionHead(l.ServerSession), draw.Strong)
	add(sessionAges(l.ServerSession), draw.Dim)
	for _, b := range l.blockers {
		add("waits for "+sessionShort(b)+": "+l.Mode+" on "+l.Target, draw.Bad)
	}
	for _, b := range l.blocked {
		add("holds up "+sessionShort(b)+", for "+say.Age(b.Waits), draw.Warn)
	}
	if l.Unseen {
		add("the role of this instance may not see what it does (pg_read_all_stats)", draw.Dim)
	}
	query := draw.Wrap(l.Query, max(8, w))
	for _, t := range query[:min(most, len(query))] {
		out = append(out, draw.Line{draw.Text(t, draw.Plain)})
	}
	return out
}

// sessionShort names a session in a sentence.
func sessionShort(s postgres.ServerSession) string {
	if s.PID == 0 {
		return "a prepared transaction (pg_prepared_xacts has it)"
	}
	return fmt.Sprintf("%d %s", s.PID, nameOf(s))
}

// sessionHead names a session with where it comes from.
func sessionHead(s postgres.ServerSession) string {
	text := sessionShort(s)
	if s.User != "" {
		text += ", " + s.User
	}
	if s.Database != "" {
		text += " in " + s.Database
	}
	if s.Client != "" {
		text += " from " + s.Client
	}
	if s.Own {
		text += "; naap's own"
	}
	return text
}

// sessionAges says how long what a session does has lasted.
func sessionAges(s postgres.ServerSession) string {
	parts := []string{stateOf(s)}
	if s.State != "" {
		parts[0] = s.State
	}
	if s.InQuery > 0 {
		parts[0] += " for " + say.Age(s.InQuery)
	}
	if s.InTx > 0 {
		parts = append(parts, "transaction for "+say.Age(s.InTx))
	}
	if s.QueryAge > 0 {
		parts = append(parts, "query begun "+say.Age(s.QueryAge)+" ago")
	}
	if s.WaitEvent != "" {
		parts = append(parts, "waits: "+s.WaitEvent)
	}
	return strings.Join(parts, ", ")
}

func sumSessions(all []sessionLine) string {
	waiting, open := 0, 0
	for _, l := range all {
		if len(l.blockers) > 0 {
			waiting++
		}
		if strings.HasPrefix(l.State, "idle in transaction") {
			open++
		}
	}
	text := say.Count(len(all), "session")
	if open > 0 {
		text += fmt.Sprintf(", %d idle in tx", open)
	}
	if waiting > 0 {
		text += fmt.Sprintf(", %d waiting", waiting)
	}
	return text
}

func actSession(s screen.Root, a keymap.Action, l sessionLine, ok bool) tea.Cmd {
	switch {
	case !ok:
		return nil
	case a == keymap.Open:
		return dialog.OpenPage(s, "session "+strconv.Itoa(l.PID), l.Query, 100, 24, func(w int) []draw.Line { return aboutSession(l, w, 1000) })
	case a == keymap.CancelQuery && !l.Active():
		s.Hint(fmt.Sprintf("session %d runs no query that could be cancelled; %s ends it", l.PID, s.Label(keymap.EndSession)))
		return nil
	case a == keymap.CancelQuery:
		return askStop(s, l, postgres.CancelQuery, dialog.Confirmation{
			Title: fmt.Sprintf("Cancel the query of session %d?", l.PID), Yes: "Cancel the query",
			Text: []string{"The query fails with an error, and with it the transaction that it is part of. The session stays connected."},
		})
	case a == keymap.EndSession:
		return askStop(s, l, postgres.EndSession, dialog.Confirmation{
			Title: fmt.Sprintf("End session %d?", l.PID), Yes: "End the session",
			Text: []string{"The server disconnects it and rolls its transaction back. The application gets an error, and may connect again."},
		})
	}
	return nil
}

// askStop asks before a session is stopped, and names it.
func askStop(s screen.Root, l sessionLine, how postgres.SessionEnd, q dialog.Confirmation) tea.Cmd {
	add := func(label, value string, role draw.Role) {
		q.Rows = append(q.Rows, dialog.Row{Label: label, Value: value, Role: role})
	}
	add("session", sessionHead(l.ServerSession), draw.Strong)
	add("state", sessionAges(l.ServerSession), stateRole(l.ServerSession))
	for _, b := range l.blocked {
		add("it holds up", sessionShort(b), draw.Warn)
	}
	if l.Own {
		add("note", "it is naap's own, of this app or of another naap: what that does fails", draw.Warn)
	}
	query := l.Query
	if query == "" {
		query = "(none, or not shown to this role)"
	}
	add("query", query, draw.Plain)
	q.Keep = "Leave it"
	q.Do = func() tea.Cmd {
		done := stoppedSession{l, how}
		return job.Ask(s.Jobs(), job.Slot{Owner: s.Top().ID(), Name: "stop session " + strconv.Itoa(l.PID)}, sessionLimit, func(ctx context.Context) (stoppedSession, error) {
			return done, s.Backend().StopSession(ctx, l.ID, how)
		})
	}
	return dialog.Ask(s, q)
}

// sessionLimit is how long stopping a session may take; the server itself waits two seconds for its end.
const sessionLimit = 10 * time.Second

// stoppedSession is a session that was stopped.
type stoppedSession struct {
	line sessionLine
	how  postgres.SessionEnd
}

// sessionStopped says what became of a session, and looks at all of them again.
func sessionStopped(s screen.Root, msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[stoppedSession])
	if !ok {
		return nil
	}
	doing := "stop a session"
	if m.Err != nil {
		s.Fail(doing, m.Err)
		return s.Changed(false)
	}
	s.Settled(doing)
	what := "the query of " + sessionShort(m.Value.line.ServerSession) + " was cancelled"
	if m.Value.how == postgres.EndSession {
		what = "session " + sessionShort(m.Value.line.ServerSession) + " was ended"
	}
	s.Say(draw.Good, what)
	return s.Changed(false)
}
