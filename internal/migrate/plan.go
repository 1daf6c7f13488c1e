package migrate

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Plan is what a deploy does.
type Plan struct {
	Dir      string   `json:"dir"`
	Table    bool     `json:"creates_table"` // the table of migrations is created first
	Steps    []Step   `json:"migrations"`
	Warnings []string `json:"warnings,omitempty"`

	table table
}

// Step is one migration that a deploy runs.
type Step struct {
	Name       string `json:"name"`
	Path       string `json:"path"`
	Checksum   string `json:"checksum"`
	Statements int    `json:"statements"`
	Whole      bool   `json:"one_transaction"` // if it fails, nothing of it stays
	SQL        string `json:"sql"`

	migration Migration
	script    script
}

// Empty reports whether there is nothing to run.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// NewPlan returns the plan that runs nothing in a database without a table of migrations.
func NewPlan(dir, schema string) *Plan {
	return &Plan{Dir: dir, Table: true, Steps: []Step{}, table: table{schema}}
}

// With returns the plan with a migration at its end that is not in the folder yet.
func (p *Plan) With(m Migration) (*Plan, error) {
	s, err := newStep(m)
	if err != nil {
		return nil, err
	}
	with := *p
	with.Steps = append(slices.Clone(p.Steps), s)
	return &with, nil
}

// Target is the database that a plan is for.
type Target struct {
	Schema string   // where the table of migrations is: that of the connection URL
	Tables []string // a few of the tables in the schemas of the Prisma file, where there is no table of migrations
}

// PlanDeploy returns what `prisma migrate deploy` would run now, or why nothing can be run. Prisma's codes: P3005,
// P3009, P3015, P3019.
func (h *History) PlanDeploy(to Target) (*Plan, error) {
	if err := h.folder.Ready(); err != nil {
		return nil, err
	}
	if !h.Table && len(to.Tables) > 0 {
		return nil, h.notEmpty(to)
	}
	if failed := h.With(Failed); len(failed) > 0 {
		return nil, h.failedBefore(failed[0])
	}
	if s, ok := h.stale(); ok {
		return h.planLacking(s, to)
	}
	p := &Plan{Dir: h.Dir, Table: !h.Table, Steps: []Step{}, table: table{to.Schema}}
	for _, e := range h.Entries {
		m, ok := h.folder.Named(e.Name)
		if !ok || e.State != Pending && e.State != Running { // what runs now may fail; Deploy waits for it, and looks
			continue
		}
		s, err := newStep(m)
		if err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, s)
	}
	p.Warnings = h.warnings()
	return p, nil
}

// newStep reads a migration's script. It refuses one that cannot be read, or that the server would refuse in its middle.
func newStep(m Migration) (Step, error) {
	if m.Err != nil {
		return Step{}, noScript(m, "P3015")
	}
	s := Step{Name: m.Name, Path: m.Path, Checksum: m.Checksum(), SQL: m.Script, migration: m, script: readScript(m.Script)}
	s.Statements, s.Whole = len(s.script.statements), s.script.whole
	if st, ok := s.script.misplaced(); ok {
		return s, s.misplaced(st)
	}
	return s, nil
}

// warnings say what Prisma's deploy passes over in silence.
func (h *History) warnings() []string {
	var list []string
	tell := func(entries []Entry, format string) {
		for _, e := range entries {
			list = append(list, fmt.Sprintf(format, visible.String(e.Name)))
		}
	}
	tell(h.Edited(), "%s was edited after it was applied: a new database gets something else than this one has")
	tell(h.Gone(), "%s is applied here, and is not in the folder")
	late := slices.DeleteFunc(h.With(Pending), func(e Entry) bool { return !e.OutOfOrder })
	tell(late, "%s runs after later ones that are applied already: a new database runs it before them")
	return list
}

func noFolder(dir string) error {
	return remedy.New("migrate.folder", remedy.ExitFailed, "there are no migrations").
		WithSeen("looked for: "+visible.String(dir)).
		WithHelp(remedy.Words("this workspace's database is made from its Prisma file alone:"), remedy.Naap("dev push"))
}

// problem says why the script cannot be read.
func (m Migration) problem() string {
	if errors.Is(m.Err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return m.Err.Error()
}

// noScript returns the error for a migration whose script cannot be read, with Prisma's code for it.
func noScript(m Migration, code string) error {
	if m.unfinished {
		return brokenOff(m)
	}
	r := remedy.New("migrate.script", remedy.ExitFailed, "the script of the migration %s cannot be read (Prisma's %s)", visible.String(m.Name), code).
		WithSeen(visible.String(m.Path + ": " + m.problem()))
	if remedy.Code(m.Err) == "file.size" {
		return r.WithFix("make several migrations of it, with a part each, or load the rows as a seed file")
	}
	return r.WithFix("bring the file back, or remove the folder if it is not a migration")
}

// notEmpty refuses to run all migrations on tables that are there already.
func (h *History) notEmpty(to Target) error {
	r := remedy.New("migrate.baseline", remedy.ExitRefused, "the database has tables, and nothing records which migrations made them (Prisma's P3005)").
		WithSeen("tables: " + visible.String(strings.Join(to.Tables, ", "))).
		WithSeen("migrations: " + say.Count(len(h.folder.Migrations), "folder"))
	r.WithHelp(remedy.Words("if the tables are what the migrations would make, record these as applied, the first one first:"))
	for _, m := range h.folder.Migrations[:min(len(h.folder.Migrations), 3)] {
		r.WithHelp(remedy.Naap("migrate resolve", "--applied", m.Name))
	}
	return r
}

func (h *History) failedBefore(e Entry) error {
	r := remedy.New("migrate.failed", remedy.ExitRefused, "the migration %s failed, and nothing runs until that is resolved (Prisma's P3009)", visible.String(e.Name))
	if e.StartedAt != nil {
		r.WithSeen("it began " + say.Moment(*e.StartedAt))
	}
	if e.Logs != "" {
		r.WithSeen("recorded: " + visible.String(firstLines(e.Logs, 6)))
	}
	return r.WithHelp(h.Resolutions(e.Name)...)
}

// Resolutions are the ways out of a failed migration. One whose script the folder does not have can be given up, and cannot be
// recorded as applied.
func (h *History) Resolutions(name string) []remedy.Advice {
	if h.folder == nil { // it has just been run
		return resolutions(name)
	}
	m, there := h.folder.Named(name)
	switch {
	case there && m.Err == nil:
		return resolutions(name)
	case there:
		return []remedy.Advice{remedy.Words("bring its script back: " + visible.String(m.Path)),
			remedy.Naap("migrate resolve", "--rolled-back", name).Note("if nothing of it is in the database: it runs again")}
	}
	return []remedy.Advice{remedy.Naap("migrate resolve", "--rolled-back", name).Note("its folder is gone: it is given up, and does not run again"),
		remedy.Words("or, if it was completed by hand, bring its folder back first: " + visible.String(path.Join(h.Dir, name)))}
}

func resolutions(name string) []remedy.Advice {
	return []remedy.Advice{
		remedy.Naap("migrate resolve", "--rolled-back", name).Note("if nothing of it is in the database: it runs again"),
		remedy.Naap("migrate resolve", "--applied", name).Note("if you completed it by hand"),
	}
}

func firstLines(text string, n int) string {
	lines := strings.SplitN(text, "\n", n+1)
	return strings.Join(lines[:min(len(lines), n)], " / ")
}

// misplaced refuses a script that the server would refuse in its middle.
func (s Step) misplaced(st sqltext.Statement) error {
	at := postgres.PositionAt(s.SQL, st.Start)
	return remedy.New("migrate.alone", remedy.ExitRefused, "%s:%d: the server runs this statement only if it is alone in its script, and nothing was run",
		visible.String(s.Path), at.Line).WithSeen("statement: " + visible.String(s.script.excerpt(st))).
		WithSeen(fmt.Sprintf("the script has %s", say.Count(s.Statements, "statement"))).
		WithFix("move it to a migration of its own, in a folder that sorts after " + visible.String(s.Name))
}
