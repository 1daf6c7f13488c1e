package verbs

import (
	"context"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// migration is one of the list, with the history that it is part of.
type migration struct {
	migrate.Entry
	backend.Script
	all *backend.Migrations
}

// OpenMigrations lists the migrations of the folder and of the database.
func OpenMigrations(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[migration]{
		Name: "migrations", Files: dialog.FollowsThem, Commits: true, First: firstMigration, Sum: sumMigrations,
		Fetch: func(ctx context.Context) ([]migration, error) { return fetchMigrations(ctx, s.Backend()) },
		Empty: "There are no migrations yet. " + s.Label(keymap.Create) + " writes the first one: what schema.prisma says, as SQL, in a folder beside it. " +
			"Without migrations, " + s.Label(keymap.Push) + " brings the database up to schema.prisma.",
		Columns: []widget.Column{
			{Title: "MIGRATION", Width: 10, Flex: 1}, {Title: "STATE", Width: 11}, {Title: "WHEN", Width: 12, Least: 46},
			{Title: "TOOK", Width: 7, Right: true, Least: 56}, {Title: "STMTS", Width: 5, Right: true, Least: 66}, {Title: "CHECKSUM", Width: 8, Least: 76},
		},
		Cell:    func(m migration, col int) (string, draw.Role) { return migrationCell(s, m, col) },
		ID:      func(m migration) string { return m.Name },
		Words:   func(m migration) string { return m.Name + " " + m.state() },
		About:   func(m migration, w int) []draw.Line { return aboutMigration(s, m, w, aboutLines) },
		Actions: []keymap.Action{keymap.Apply, keymap.Rehearse, keymap.Fix, keymap.Create, keymap.Compare},
		Can:     canMigrate,
		Named:   map[keymap.Action]string{keymap.Apply: "deploy", keymap.Fix: "resolve"},
		Do:      func(a keymap.Action, m migration, ok bool) tea.Cmd { return actMigration(s, a, m, ok) },
	})
}

func fetchMigrations(ctx context.Context, b backend.Backend) ([]migration, error) {
	all, err := b.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	if all.None != nil {
		return nil, all.None
	}
	return say.Each(all.Entries, func(e migrate.Entry) migration { return migration{e, all.Scripts[e.Name], all} }), nil
}

// firstMigration is what the user is most likely here for: the one that failed, the next that runs, the newest.
func firstMigration(all []migration) int {
	if i := slices.IndexFunc(all, migration.waits); i >= 0 {
		return i
	}
	for _, state := range []migrate.State{migrate.Failed, migrate.Pending} {
		if i := slices.IndexFunc(all, func(m migration) bool { return m.State == state }); i >= 0 {
			return i
		}
	}
	return len(all) - 1
}

func sumMigrations(all []migration) string {
	if len(all) == 0 {
		return ""
	}
	count := func(of func(migration) bool) int {
		return len(slices.DeleteFunc(slices.Clone(all), func(m migration) bool { return !of(m) }))
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{count(migration.waits), "squashed"},
		{count(func(m migration) bool { return m.State == migrate.Failed }), "failed"},
		{count(func(m migration) bool { return m.State == migrate.Pending && !m.waits() }), "pending"},
		{count(func(m migration) bool { return m.State == migrate.Missing }), "missing"},
		{count(func(m migration) bool { return m.Edited }), "edited"},
	} {
		if p.n > 0 {
			parts = append(parts, strconv.Itoa(p.n)+" "+p.what)
		}
	}
	if len(parts) == 0 {
		return "all applied"
	}
	return strings.Join(parts, ", ")
}

// stands reports whether the database has all that the migration stands for, so that nothing can be run before it is recorded.
func (m migration) stands() bool { return m.waits() && !m.all.LacksSome() }

// waits reports whether the migration is squashed, and only its record is missing.
func (m migration) waits() bool { return m.all.Waits(m.Name) }

// canMigrate reports whether an action of the list would do something.
func canMigrate(a keymap.Action, all []migration, at int) bool {
	is := func(state migrate.State) bool {
		return slices.ContainsFunc(all, func(m migration) bool { return m.State == state })
	}
	switch a {
	case keymap.Apply, keymap.Rehearse:
		return is(migrate.Pending) && !is(migrate.Failed) && !slices.ContainsFunc(all, migration.stands)
	case keymap.Fix:
		return is(migrate.Failed) || at >= 0 && all[at].State == migrate.Superseded || at >= 0 && all[at].State == migrate.Pending && all[at].Problem == ""
	case keymap.Create:
		return !is(migrate.Failed)
	case keymap.Compare:
		return slices.ContainsFunc(all, func(m migration) bool { return m.SQL != "" })
	}
	return true
}

func actMigration(s screen.Root, a keymap.Action, m migration, ok bool) tea.Cmd {
	switch a {
	case keymap.Apply:
		return openDeploy(s)
	case keymap.Rehearse:
		return openRehearsal(s)
	case keymap.Create:
		return askMigration(s)
	case keymap.Compare:
		return openAgreement(s)
	case keymap.Fix:
		if ok {
			e := m.toResolve()
			return askResolve(s, e, m.all.Scripts[e.Name].Path != "" && e.Problem == "")
		}
	case keymap.Open:
		if ok {
			return openMigration(s, m)
		}
	}
	return nil
}

// toResolve is the migration itself or, while one has failed, that one: nothing runs before it is resolved.
func (m migration) toResolve() migrate.Entry {
	if failed := m.all.With(migrate.Failed); m.State != migrate.Failed && len(failed) > 0 {
		return failed[0]
	}
	if by, ok := m.all.StandsFor(m.Name); ok && m.State == migrate.Superseded {
		return by
	}
	return m.Entry
}

// state is how the migration stands, in a word or two.
func (m migration) state() string {
	switch {
	case m.Problem != "":
		return "unreadable"
	case m.Edited:
		return "edited"
	case m.waits():
		return "squashed"
	case m.Recorded:
		return "elsewhere"
	case m.State == migrate.Pending && m.RolledBack > 0, m.State == migrate.Missing && m.FinishedAt == nil:
		return "rolled back"
	}
	return string(m.State)
}

func (m migration) role() draw.Role {
	switch {
	case m.Problem != "", m.State == migrate.Failed:
		return draw.Bad
	case m.Edited, m.State == migrate.Missing, m.waits():
		return draw.Warn
	case m.State == migrate.Superseded:
		return draw.Dim
	case m.State == migrate.Pending:
		return draw.Info
	}
	return draw.Good
}

func migrationCell(s screen.Root, m migration, col int) (string, draw.Role) {
	switch col {
	case 0:
		return m.Name, draw.Plain
	case 1:
		return m.state(), m.role()
	case 2:
		at := m.FinishedAt
		if at == nil {
			at = m.StartedAt
		}
		if at == nil {
			return "", draw.Dim
		}
		return screen.When(at.Local(), s.Now()), draw.Dim
	case 3:
		if m.Took() == 0 {
			return "", draw.Dim
		}
		return say.Took(m.Took()), draw.Dim
	case 4:
		if m.Script.Path == "" {
			return "", draw.Dim
		}
		return strconv.Itoa(m.Statements), draw.Dim
	}
	return m.Checksum[:min(len(m.Checksum), 8)], draw.Dim
}

// why says at length how the migration stands.
func (m migration) why() string {
	switch {
	case m.Problem != "":
		return "its script cannot be read: " + m.Problem
	case m.State == migrate.Failed && m.Script.Path == "":
		return "it failed, nothing runs until that is resolved, and the folder does not have it"
	case m.State == migrate.Failed:
		return "it failed, and nothing runs until that is resolved"
	case m.State == migrate.Missing && m.FinishedAt == nil:
		return "an attempt at it was rolled back, and the folder does not have it any more"
	case m.State == migrate.Superseded:
		by, _ := m.all.StandsFor(m.Name)
		return "the database has it under this name, and in the folder " + by.Name + " stands for it"
	case m.waits():
		return "it stands for migrations that the database has under their old names: it is recorded, and not run"
	case m.State == migrate.Missing:
		return "the database has it, and the folder does not: it was applied from another branch, or its folder was removed"
	case m.Edited:
		return "its script was edited after it was applied: a new database gets something else than this one has"
	case m.Recorded:
		return "it was applied elsewhere: the database records it as applied, and it was not run here"
	case m.OutOfOrder:
		return "it is pending, and runs after later ones that are applied already"
	case m.State == migrate.Pending && m.RolledBack > 0:
		return say.Count(m.RolledBack, "attempt") + " at it " + say.Form(m.RolledBack, "was", "were") + " rolled back, and the next deploy runs it again"
	case m.State == migrate.Pending:
		return "it is pending: the next deploy runs it"
	}
	return "it is applied"
}

// aboutLines is how much of a script the list shows; the rest would not fit below it.
const aboutLines = 60

// aboutMigration says what is to be known of a migration: how it stands, why it failed, what lint says of it, its SQL up to
// so many lines.
func aboutMigration(s screen.Root, m migration, w, most int) []draw.Line {
	out := sentences(m.why(), m.role(), w)
	for line := range strings.Lines(m.Logs) {
		role := draw.Plain
		if strings.HasPrefix(line, "now: ") {
			role = draw.Strong
		}
		out = append(out, sentences(strings.TrimRight(line, "\r\n"), role, w)...)
	}
	out = append(out, lintLines(s, m.findings(), w, most > aboutLines)...)
	if m.SQL == "" {
		return out
	}
	return append(append(out, nil), scriptLines(m.SQL, w, most)...)
}

func (m migration) findings() []migrate.LintFinding { return findingsOf(m.all.Lint, m.Script.Path) }

// openMigration shows a migration whole.
func openMigration(s screen.Root, m migration) tea.Cmd {
	var lines []draw.Line
	width := 0
	return dialog.OpenPage(s, m.Name, m.SQL, wholePage, wholePage, func(w int) []draw.Line {
		if w != width {
			lines, width = indented(aboutMigration(s, m, w-2, 1<<30)), w
		}
		return lines
	})
}

// wholePage is more than any terminal has.
const wholePage = 1000
