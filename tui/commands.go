package tui

import (
	"reflect"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/console"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
	"github.com/livepeer/naap-dev/tui/screen/find"
	"github.com/livepeer/naap-dev/tui/screen/panes"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/screen/verbs"
)

// opener is an action of the root that opens another screen; dialogs don't offer it.
type opener struct {
	act  keymap.Action
	open func(a *app) tea.Cmd
}

var openers = []opener{
	{keymap.SQL, func(a *app) tea.Cmd { return console.Open(a.shared, a.history, "") }},
	{keymap.Psql, func(a *app) tea.Cmd { return a.askPsql() }},
	{keymap.Push, func(a *app) tea.Cmd { return verbs.OpenPush(a.shared) }},
	{keymap.Reset, func(a *app) tea.Cmd { return a.resetNamed("") }},
	{keymap.Undo, func(a *app) tea.Cmd { return verbs.OpenUndo(a.shared) }},
	{keymap.Doctor, func(a *app) tea.Cmd { return panes.OpenDoctor(a.shared) }},
	{keymap.Relations, func(a *app) tea.Cmd {
		schema, ref := a.Before()
		return table.OpenRelations(a.shared, schema, ref)
	}},
	{keymap.Seeds, func(a *app) tea.Cmd { return verbs.OpenSeeds(a.shared) }},
	{keymap.Migrations, func(a *app) tea.Cmd { return verbs.OpenMigrations(a.shared) }},
	{keymap.Logs, func(a *app) tea.Cmd { return panes.OpenLogs(a.shared) }},
	{keymap.Start, func(a *app) tea.Cmd { return a.startAgain() }},
}

// do carries out an action of the root.
func (a *app) do(act keymap.Action) tea.Cmd {
	switch act {
	case keymap.Back:
		return a.goBack()
	case keymap.Help:
		return a.openHelp()
	case keymap.LastError:
		return dialog.OpenError(a.shared)
	case keymap.Palette:
		return openPalette(a.shared, a.overFinished(a.commands()), a.jump)
	case keymap.Mouse:
		return a.toggleMouse()
	case keymap.Refresh:
		a.Hint("refreshing")
		return tea.Batch(a.refresh(true), a.Tell(screen.ChangedNews{}))
	case keymap.Pause:
		return a.togglePause()
	case keymap.Detach:
		if a.Top().Shape().Floats {
			return a.goBack()
		}
		return a.detach()
	case keymap.Stop:
		return a.askStop()
	}
	for _, o := range openers {
		if o.act == act {
			return a.openBy(o)
		}
	}
	return nil
}

// openBy opens what a key stands for, unless it is on top already.
func (a *app) openBy(o opener) tea.Cmd {
	was := a.Top()
	cmd := o.open(a)
	if now := a.Top(); now.ID() != was.ID() && reflect.TypeOf(now) == reflect.TypeOf(was) {
		return a.Close(now)
	}
	return cmd
}

// overFinished are commands each of which first closes what has ended.
func (a *app) overFinished(all []command) []command {
	for i, c := range all {
		all[i].do = func(arg string) tea.Cmd { return tea.Batch(a.leaveFinished(), c.do(arg)) }
	}
	return all
}

// commands are what the palette knows by name.
func (a *app) commands() []command {
	by := func(act keymap.Action) func(string) tea.Cmd { return func(string) tea.Cmd { return a.do(act) } }
	return []command{
		{"sql", "[TEXT]", "SQL console", func(arg string) tea.Cmd { return console.Open(a.shared, a.history, arg) }},
		{"find", "[VALUE]", "where a value occurs, in all tables", func(arg string) tea.Cmd { return find.Open(a.shared, arg) }},
		{"save", "[NAME]", "save the SQL console's text as a named query", func(arg string) tea.Cmd { return console.Save(a.shared, arg) }},
		{"history", "", "look for a text that was run before", func(string) tea.Cmd { return console.OpenHistory(a.shared, a.history) }},
		{"doctor", "", "what is wrong, and what helps", by(keymap.Doctor)},
		{"rules", "", "where the workspace breaks the mandatory rules", func(string) tea.Cmd { return panes.OpenCheck(a.shared) }},
		{"check", "", "the same as rules", func(string) tea.Cmd { return panes.OpenCheck(a.shared) }},
		{"logs", "", "the server's log", by(keymap.Logs)},
		{"instance", "", "the instances of this machine; goes to another one", func(string) tea.Cmd { return panes.OpenInstances(a.shared) }},
		{"sessions", "", "who is connected, and who waits for whom", func(string) tea.Cmd { return panes.OpenSessions(a.shared) }},
		{"drift", "", "what a push would do", by(keymap.Push)},
		{"push", "", "push schema.prisma, after showing the plan", by(keymap.Push)},
		{"migrations", "", "which migrations are applied, pending, failed; run them, write one", by(keymap.Migrations)},
		{"reset", "SCHEMA", "empty a schema and seed it again", a.resetNamed},
		{"undo", "", "take a reset, or a commit of rows, back", by(keymap.Undo)},
		{"snapshots", "", "copies of the database under names", func(string) tea.Cmd { return verbs.OpenSnapshots(a.shared) }},
		{"backup", "[FILE]", "write the whole database to a file", func(arg string) tea.Cmd { return verbs.OpenBackup(a.shared, arg) }},
		{"restore", "[FILE]", "replace the database with what a backup file holds", func(arg string) tea.Cmd { return verbs.OpenRestoreFile(a.shared, arg) }},
		{"seeds", "", "seed files and made-up rows", by(keymap.Seeds)},
		{"relations", "", "which schema points at which", by(keymap.Relations)},
		{"export", "", "export the table to a file", func(string) tea.Cmd {
			_, ref := a.Before()
			return table.OpenExport(a.shared, postgres.ExportRequest{Table: ref})
		}},
		{"psql", "", "psql in this terminal", by(keymap.Psql)},
		{"pending", "", "what is changed in rows and not committed", func(string) tea.Cmd { return table.OpenPending(a.shared) }},
		{"unlock", "", "allow writes in the SQL console and in rows, or forbid them again", func(string) tea.Cmd {
			a.SetUnlock(!a.unlock)
			return nil
		}},
		{"theme", "[dark|light|auto]", "change the colours", a.nextTheme},
		{"ascii", "", "draw with ASCII signs, or no longer", func(string) tea.Cmd {
			a.looks.ascii = !a.looks.ascii
			a.look = a.looks.make()
			return nil
		}},
		{"mouse", "", "mouse on and off", by(keymap.Mouse)},
		{"pause", "", "stop asking the server, and go on", by(keymap.Pause)},
		{"refresh", "", "ask the server again, now", by(keymap.Refresh)},
		{"error", "", "the last error in full", by(keymap.LastError)},
		{"help", "", "the keys", by(keymap.Help)},
		{"start", "", "start a server that does not answer", by(keymap.Start)},
		{"stop", "", "stop the database (asks)", by(keymap.Stop)},
		{"quit", "", "detach; the database stays up", func(string) tea.Cmd { return a.detach() }},
		{"queries", "", "the workspace's named queries", func(string) tea.Cmd { return console.OpenQueries(a.shared, a.history) }},
	}
}

// jump goes to a schema or table in the dashboard.
func (a *app) jump(ref postgres.TableRef) tea.Cmd {
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

// bestSchema is the schema that a word names best. A table's name does not count: a reset must not guess.
func bestSchema(snap *postgres.Snapshot, word string) (string, bool) {
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
