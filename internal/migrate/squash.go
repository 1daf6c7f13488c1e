package migrate

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Squash is how several migrations become one.
type Squash struct {
	Dir      string     `json:"dir"`
	Name     string     `json:"name"`
	Path     string     `json:"path"`
	Replaces []Replaced `json:"replaces"`
	Kept     string     `json:"kept"` // the folder that theirs are moved to
	How      SquashWay  `json:"how"`
	Notes    []string   `json:"notes"` // what else the way means
	Tried    []TriedWay `json:"tried"` // ways whose end was not that of the migrations
	SQL      string     `json:"sql"`
	Warnings []string   `json:"warnings,omitempty"`
	// TakesBack is the name of a squash that was broken off: its folders are moved back, and then a new plan is made.
	TakesBack string `json:"takes_back,omitempty"`
	// Records says that this database has all of them, and that its table can say so under the new name.
	Records bool `json:"records"`

	folder *Folder
}

// SquashWay is how the new script was made.
type SquashWay string

// The ways, in the order in which they are tried.
const (
	Written  SquashWay = "written"  // the tables as Prisma would write them today
	Composed SquashWay = "composed" // the same, and the statements that Prisma cannot express, in their order
	Joined   SquashWay = "joined"   // all scripts, one after the other
	Apart    SquashWay = "apart"    // all scripts, each in a transaction of its own
)

// TriedWay is a way that does not lead to the same end.
type TriedWay struct {
	How SquashWay `json:"how"`
	Why []string  `json:"why"` // the first differences
}

// SquashOptions say what is squashed.
type SquashOptions struct {
	From, To string // the first and the last; "" for those of the folder
	Called   string
}

// PlanSquash returns how migrations become one, which is proved on shadow databases: the new script and the old ones
// leave the same objects and the same rows, also with what comes after them. written returns the tables from the end
// state of some migrations to that of more, as Prisma would write them.
func PlanSquash(ctx context.Context, shadow *Shadow, f *Folder, opt SquashOptions, written func(before, all []Migration) (string, error)) (*Squash, error) {
	if err := f.Ready(); err != nil {
		return nil, err
	}
	p := &Squash{Dir: f.Name, Replaces: []Replaced{}, Notes: []string{}, Tried: []TriedWay{}, folder: f}
	if i := slices.IndexFunc(f.Migrations, func(m Migration) bool { return m.unfinished }); i >= 0 {
		p.TakesBack = f.Migrations[i].Name
		return p, nil
	}
	before, replaced, after, err := f.squashRange(opt.From, opt.To)
	if err != nil {
		return nil, err
	}
	if p.Name, err = f.squashName(opt.Called, before, replaced, after); err != nil {
		return nil, err
	}
	p.Path, p.Kept = path.Join(f.Name, p.Name, scriptName), path.Join(f.Name, p.Name, replacedFolder)
	for _, m := range replaced {
		p.Replaces = append(p.Replaces, Replaced{Name: m.Name, Checksum: m.Checksum()})
		for _, r := range m.replaces {
			if r.In == "" {
				r.In = m.Name
			}
			p.Replaces = append(p.Replaces, r)
		}
	}
	x := &prover{shadow: shadow, before: before, replaced: replaced, after: after}
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	tables, err := written(before, slices.Concat(before, replaced))
	if err != nil {
		return nil, err
	}
	return p, p.choose(ctx, x, ways(tables, replaced))
}

// choose takes the first way that leads to the same end.
func (p *Squash) choose(ctx context.Context, x *prover, list []squashing) error {
	for _, w := range list {
		text := header(p.Name, p.Replaces) + "\n" + w.text
		if allCRLF(x.replaced) {
			text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
		}
		why, err := x.tries(ctx, Migration{Name: p.Name, Path: p.Path, Script: text})
		if err != nil {
			return err
		}
		if len(why) == 0 {
			p.How, p.Notes, p.SQL = w.how, w.notes, text
			return nil
		}
		p.Tried = append(p.Tried, TriedWay{w.how, why[:min(len(why), 5)]})
	}
	r := remedy.New("migrate.squash", remedy.ExitRefused, "no single script does what these migrations do")
	for _, t := range p.Tried {
		r.WithSeen(string(t.How) + ": " + visible.String(strings.Join(t.Why, "; ")))
	}
	return r.WithHelp(remedy.Words("squash a part of them:"), remedy.Again("migrate squash", "--from", p.Replaces[0].Name, "--to", p.Replaces[min(len(p.Replaces), 2)-1].Name))
}

// allCRLF reports whether all lines of scripts end as on Windows: Git has changed them, and will change the new one.
func allCRLF(list []Migration) bool {
	lines, crlf := 0, 0
	for _, m := range list {
		lines += strings.Count(m.Script, "\n")
		crlf += strings.Count(m.Script, "\r\n")
	}
	return lines > 0 && lines == crlf
}

// Lines returns the plan for people.
func (p *Squash) Lines() []string {
	if p.TakesBack != "" {
		return []string{"a squash into " + p.TakesBack + " was broken off: the folders that it had moved are moved back first"}
	}
	top := slices.DeleteFunc(slices.Clone(p.Replaces), func(r Replaced) bool { return r.In != "" })
	lines := []string{
		"write " + p.Path + " for " + say.Count(len(top), "migration") + ", " + top[0].Name + " to " + top[len(top)-1].Name,
		"its script: " + p.How.words(),
	}
	lines = append(lines, p.Notes...)
	for _, t := range p.Tried {
		lines = append(lines, "not "+string(t.How)+": "+strings.Join(t.Why, "; "))
	}
	lines = append(lines, "proved on shadow databases: the same objects and rows as those of the migrations",
		"move their folders to "+p.Kept+", where Prisma does not look")
	if p.Records {
		lines = append(lines, "record it as applied in this database, in place of them")
	}
	return lines
}

func (w SquashWay) words() string {
	switch w {
	case Written:
		return "the tables as Prisma would write them today"
	case Composed:
		return "the tables as Prisma would write them today, and the statements that Prisma cannot express"
	case Joined:
		return "all scripts, one after the other"
	}
	return "all scripts, each in a transaction of its own"
}

// Elsewhere says what each other database has to run.
func (p *Squash) Elsewhere() []remedy.Advice {
	return []remedy.Advice{
		remedy.Words("Commit the folder as a whole. A new database needs nothing. Each other database that has these migrations, before it deploys again:"),
		remedy.Naap("migrate resolve", "--applied", p.Name).Note("or: npx prisma migrate resolve --applied " + p.Name),
		remedy.Words("One that has only some of them, first:"),
		remedy.Naap("migrate deploy").Note("runs the others from " + p.Kept + "; with Prisma, deploy the commit before this one"),
	}
}

// Meets looks at the database: it must have all of the migrations or none, so that its record can be put right.
func (p *Squash) Meets(h *History) error {
	if p.TakesBack != "" {
		return nil
	}
	if failed := h.With(Failed); len(failed) > 0 {
		return h.failedBefore(failed[0])
	}
	has, lacks := 0, []string{}
	for _, r := range p.Replaces {
		switch _, ok := standing(h.attempts(r.Name)); {
		case r.In != "":
		case ok:
			has++
		default:
			lacks = append(lacks, r.Name)
		}
	}
	if has > 0 && len(lacks) > 0 {
		return remedy.New("migrate.squash", remedy.ExitRefused, "this database has only %s of the %s", say.Number(has), say.Count(has+len(lacks), "migration")).
			WithSeen("pending: "+visible.String(strings.Join(lacks, ", "))).
			WithHelp(remedy.Naap("migrate deploy").Note("runs them; then squash"), remedy.Again("migrate squash", "--to", p.Replaces[has-1].Name))
	}
	p.Records = has > 0
	for _, e := range h.Edited() {
		if slices.ContainsFunc(p.Replaces, func(r Replaced) bool { return r.Name == e.Name }) {
			p.Warnings = append(p.Warnings, visible.String(e.Name)+" was edited after it was applied here: the new script does what it says now, which is not what this database has")
		}
	}
	return nil
}
