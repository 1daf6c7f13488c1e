package migrate

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// A squashed migration says in the comment at its top which others it stands for. Their folders are kept in its own,
// where Prisma does not look: a database that has only some of them gets the others from there.

// replacedFolder is where a squashed migration keeps the folders of those that it stands for.
const replacedFolder = "replaced"

// Replaced is a migration that a squashed one stands for.
type Replaced struct {
	Name     string `json:"name"`
	Checksum string `json:"checksum"`
	In       string `json:"in,omitempty"` // the squashed migration that it was in, where that was squashed again
}

const replacesMark = "-- naap:replaces "

// header returns the comment at the top of a squashed migration.
func header(name string, list []Replaced) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- Stands for %d migrations, whose folders are in %s/ beside this file. A database that has them records this one,\n", len(list), replacedFolder)
	fmt.Fprintf(&b, "-- and does not run it:  naap migrate resolve --applied %s\n", name)
	for _, r := range list {
		quoted, _ := json.Marshal(r.Name) // a string: cannot fail
		fmt.Fprintf(&b, "%s%s %s", replacesMark, r.Checksum, quoted)
		if r.In != "" {
			quoted, _ = json.Marshal(r.In)
			fmt.Fprintf(&b, " %s", quoted)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// replacedIn reads the comment at the top of a script.
func replacedIn(script string) (list []Replaced) {
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\r\n")
		if !strings.HasPrefix(line, "--") {
			break
		}
		rest, ok := strings.CutPrefix(line, replacesMark)
		sum, quoted, cut := strings.Cut(rest, " ")
		if _, err := hex.DecodeString(sum); !ok || !cut || err != nil || len(sum) != 64 {
			continue
		}
		r := Replaced{Checksum: sum}
		names := json.NewDecoder(strings.NewReader(quoted))
		if names.Decode(&r.Name) != nil {
			continue
		}
		_ = names.Decode(&r.In) // most have none
		list = append(list, r)
	}
	return list
}

// readReplaced reads what a squashed migration, or one that a squash was about to make, stands for.
// It returns how many bytes it read, of at most so many.
func (m *Migration) readReplaced(ctx context.Context, in *files.Inside, dir string, most files.Limit) (read files.Limit) {
	m.replaces = replacedIn(m.Script)
	unfinished := errors.Is(m.Err, fs.ErrNotExist)
	if len(m.replaces) == 0 && !unfinished {
		return 0
	}
	list, err := files.List(ctx, filepath.Join(dir, m.Name, replacedFolder), mostMigrations)
	if err != nil {
		return 0
	}
	for _, entry := range list {
		if !entry.IsDir() {
			continue
		}
		old := Migration{Name: entry.Name(), Path: path.Join(path.Dir(m.Path), replacedFolder, entry.Name(), scriptName)}
		text, err := in.Read(ctx, filepath.Join(m.Name, replacedFolder, entry.Name(), scriptName), min(mostScript, most-read))
		read += files.Limit(len(text))
		old.Script, old.Err = string(text), err
		m.kept = append(m.kept, old)
	}
	m.unfinished = unfinished
	return read
}

// keptAs returns the script of a migration that this one stands for, if it is still there and the same.
func (m Migration) keptAs(r Replaced) (Migration, bool) {
	i := slices.IndexFunc(m.kept, func(old Migration) bool { return old.Name == r.Name && old.Err == nil && old.Has(r.Checksum) })
	if i < 0 {
		return Migration{}, false
	}
	return m.kept[i], true
}

// squash is how a squashed migration stands in a database: which of those that it stands for are recorded there.
type squash struct {
	Migration
	recorded, lacking []Replaced
}

// squashes returns those of the folder that the database has some of under their old names.
func (h *History) squashes() (list []squash) {
	for _, m := range h.folder.Migrations {
		if s := h.squashOf(m); len(s.recorded) > 0 {
			list = append(list, s)
		}
	}
	return list
}

func (h *History) squashOf(m Migration) squash {
	s := squash{Migration: m}
	for _, r := range m.replaces {
		if _, ok := standing(h.attempts(r.Name)); ok {
			s.recorded = append(s.recorded, r)
		} else if r.In == "" && !h.hasAllIn(m, r.Name) {
			s.lacking = append(s.lacking, r)
		}
	}
	return s
}

// hasAllIn reports whether the database has all migrations that were squashed into one that was then squashed itself.
func (h *History) hasAllIn(m Migration, name string) bool {
	n := 0
	for _, r := range m.replaces {
		if r.In != name {
			continue
		}
		if _, ok := standing(h.attempts(r.Name)); !ok && !h.hasAllIn(m, r.Name) {
			return false
		}
		n++
	}
	return n > 0
}

// stale returns the squashed migration that waits for the record of the database to be put right.
func (h *History) stale() (squash, bool) {
	for _, s := range h.squashes() {
		if _, done := standing(h.attempts(s.Name)); !done {
			return s, true
		}
	}
	return squash{}, false
}

func (h *History) isStale() bool {
	_, ok := h.stale()
	return ok
}

// planLacking returns the plan for a database that has only some of the migrations that became one: it runs the others,
// as they were. Where it has all of them, the record has to be put right before anything runs.
func (h *History) planLacking(s squash, to Target) (*Plan, error) {
	r := h.staleError(s)
	if len(s.lacking) == 0 {
		return nil, r
	}
	p := &Plan{Dir: h.Dir, Steps: []Step{}, table: table{to.Schema}}
	for _, one := range s.lacking {
		m, ok := s.keptAs(one)
		if !ok || slices.ContainsFunc(s.recorded, func(r Replaced) bool { return r.In == one.Name }) {
			return nil, r.WithSeen("not in the folder any more: " + visible.String(path.Join(path.Dir(s.Path), replacedFolder, one.Name))).
				WithFix("deploy the commit before the squash to this database first")
		}
		step, err := newStep(m)
		if err != nil {
			return nil, err
		}
		p.Steps = append(p.Steps, step)
	}
	p.Warnings = append(h.warnings(), fmt.Sprintf("%s stands for these, and is recorded next: naap migrate resolve --applied %s", visible.String(s.Name), visible.String(s.Name)))
	return p, nil
}

func (h *History) staleError(s squash) *remedy.Error {
	r := remedy.New("migrate.squashed", remedy.ExitRefused, "%s stands for migrations that this database has under their old names: it would fail here, and nothing was run", visible.String(s.Name)).
		WithSeen(fmt.Sprintf("recorded: %s of them", say.Number(len(s.recorded))))
	if len(s.lacking) > 0 {
		return r.WithSeen("not recorded: " + visible.String(say.Join(s.lacking, ", ", func(r Replaced) string { return r.Name })))
	}
	return r.WithHelp(remedy.Naap("migrate resolve", "--applied", s.Name))
}

// Squashed returns the error for a database that has what a squashed migration stands for under the old names.
func (h *History) Squashed() error {
	s, ok := h.stale()
	if !ok {
		return nil
	}
	advice, _ := h.Advice()
	return remedy.New("migrate.squashed", remedy.ExitRefused, "%s stands for migrations that this database has under their old names", visible.String(s.Name)).
		WithSeen(fmt.Sprintf("recorded: %s of %s", say.Number(len(s.recorded)), say.Number(len(s.recorded)+len(s.lacking)))).WithHelp(advice)
}

// Advice returns what brings a database's record in line with a squashed folder; ok is false where it is.
func (h *History) Advice() (a remedy.Advice, ok bool) {
	s, ok := h.stale()
	switch {
	case !ok:
		return a, false
	case len(s.lacking) > 0:
		return remedy.Naap("migrate deploy").Note("runs those of the replaced ones that are missing here"), true
	}
	return remedy.Naap("migrate resolve", "--applied", s.Name).Note("this database has all that it stands for"), true
}

// StandsFor returns the migration of the folder that one which the folder no longer has became a part of; ok is false where
// there is none.
func (h *History) StandsFor(name string) (e Entry, ok bool) {
	if h.folder == nil {
		return Entry{}, false
	}
	for _, m := range h.folder.Migrations {
		if slices.ContainsFunc(m.replaces, func(r Replaced) bool { return r.Name == name }) {
			i := slices.IndexFunc(h.Entries, func(e Entry) bool { return e.Name == m.Name })
			return h.Entries[i], i >= 0
		}
	}
	return Entry{}, false
}

// Waits reports whether a migration is squashed, and the database has what it stands for under the old names: its record is to
// be put right, and it is not to be run.
func (h *History) Waits(name string) bool {
	return h.waits != "" && h.waits == name
}

// LacksSome reports whether the database has only some of what the squashed migration that Waits stands for: a deploy runs the
// others.
func (h *History) LacksSome() bool {
	s, ok := h.stale()
	return ok && len(s.lacking) > 0
}

// lacksSome refuses to record a squashed migration where not all that it stands for was run.
func (s squash) lacksSome() error {
	return remedy.New("migrate.squashed", remedy.ExitRefused, "this database does not have all migrations that %s stands for", visible.String(s.Name)).
		WithSeen("not recorded: " + visible.String(say.Join(s.lacking, ", ", func(r Replaced) string { return r.Name }))).
		WithHelp(remedy.Naap("migrate deploy").Note("runs them"))
}

// edited says which scripts are not those that the database has run.
func (h *History) editedBefore(s squash) (list []string) {
	for _, r := range s.recorded {
		row, _ := standing(h.attempts(r.Name))
		if kept, ok := s.keptAs(r); row.Checksum != r.Checksum && !(ok && kept.Has(row.Checksum)) {
			list = append(list, visible.String(r.Name)+" was edited after it was applied here: a new database gets something else than this one has")
		}
	}
	return list
}
