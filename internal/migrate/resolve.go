package migrate

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Resolution is a correction of what the table records. Nothing is run.
type Resolution struct {
	Name    string `json:"name"`
	Applied bool   `json:"applied"` // it counts as applied from now on; otherwise as rolled back
	Table   bool   `json:"creates_table"`
	GivesUp int    `json:"attempts_given_up"` // unfinished attempts that are marked as rolled back
	Now     string `json:"now,omitempty"`     // what of the failed migration is in the database, as far as that is known
	// Replaces are the names that the database has for what the migration stands for: their rows give way to its own, since
	// Prisma's migrate dev takes a row without a folder for a reason to reset.
	Replaces []string `json:"replaces,omitempty"`
	Warnings []string `json:"warnings,omitempty"`

	table     table
	migration Migration
	recorded  bool // it is applied already: only the others' rows go
}

// PlanApplied returns how a migration is recorded as applied without running it: one that was completed by hand, or
// whose tables are there already (a baseline). Prisma's codes: P3008, P3017, P3019.
func (h *History) PlanApplied(name string, to Target) (*Resolution, error) {
	if err := h.folder.check(); err != nil {
		return nil, err
	}
	m, ok := h.folder.Named(name)
	if !ok {
		return nil, unknown(name, h.folder.names(), "P3017", "--applied")
	}
	if m.Err != nil {
		return nil, noScript(m, "P3017")
	}
	if err := h.Busy(); err != nil {
		return nil, err
	}
	attempts := h.attempts(name)
	_, applied := standing(attempts)
	stands := h.squashOf(m)
	if applied && len(stands.recorded) == 0 {
		return nil, remedy.New("migrate.applied", remedy.ExitRefused, "the migration %s is recorded as applied already (Prisma's P3008)", visible.String(name))
	}
	r := &Resolution{Name: name, Applied: true, Table: !h.Table, GivesUp: unfinishedIn(attempts), Now: h.now(name), table: table{to.Schema}, migration: m, recorded: applied}
	if len(stands.recorded) == 0 {
		return r, nil
	}
	if failed := slices.IndexFunc(h.rows, Row.Failed); failed >= 0 && h.rows[failed].Name != name {
		return nil, h.failedBefore(summary(h.rows[failed].Name, h.rows[failed:failed+1]))
	}
	if len(stands.lacking) > 0 && !applied {
		return nil, stands.lacksSome()
	}
	r.Replaces, r.Warnings = say.Each(stands.recorded, func(r Replaced) string { return r.Name }), h.editedBefore(stands)
	return r, nil
}

// PlanRolledBack returns how a failed migration is recorded as rolled back, so that it runs again. Prisma's codes:
// P3011, P3012.
func (h *History) PlanRolledBack(name string, to Target) (*Resolution, error) {
	attempts := h.attempts(name)
	if _, pending := h.folder.Named(name); pending && len(attempts) == 0 {
		return nil, remedy.New("migrate.not-failed", remedy.ExitRefused, "the migration %s was never run here, and cannot be recorded as rolled back (Prisma's P3011)", visible.String(name)).
			WithHelp(remedy.Naap("migrate deploy").Note("runs it"))
	}
	if len(attempts) == 0 {
		var names []string
		for _, r := range h.rows {
			names = append(names, r.Name)
		}
		return nil, unknown(name, names, "P3011", "--rolled-back")
	}
	if err := h.Busy(); err != nil {
		return nil, err
	}
	n := unfinishedIn(attempts)
	if n == 0 {
		return nil, remedy.New("migrate.not-failed", remedy.ExitRefused, "the migration %s did not fail, and cannot be recorded as rolled back (Prisma's P3012)", visible.String(name)).
			WithHelp(remedy.Naap("migrate status"))
	}
	return &Resolution{Name: name, GivesUp: n, Now: h.now(name), table: table{to.Schema}}, nil
}

func unfinishedIn(attempts []Row) int {
	return len(slices.DeleteFunc(slices.Clone(attempts), func(r Row) bool { return !r.Failed() }))
}

// now says what of a failed migration is in the database: as naap recorded it or, of one that another tool ran, as its
// script tells.
func (h *History) now(name string) string {
	attempts := slices.DeleteFunc(h.attempts(name), func(r Row) bool { return !r.Failed() })
	if len(attempts) == 0 {
		return ""
	}
	last := attempts[len(attempts)-1]
	if last.Logs == unfinished {
		return nothingOfIt
	}
	for line := range strings.Lines(last.Logs) {
		if now, ok := strings.CutPrefix(line, nowLabel); ok {
			return strings.TrimSpace(now)
		}
	}
	m, ok := h.folder.Named(name)
	switch {
	case !ok || m.Err != nil:
		return "not known: the folder does not have its script"
	case !m.Has(last.Checksum):
		return "not known: the script was edited since it ran"
	case readScript(m.Script).whole:
		return nothingOfIt
	}
	return "not known: the script ends its own transaction, and what it committed before it failed stays"
}

func unknown(name string, names []string, code, flag string) error {
	return unknownIn("migrate resolve", name, names, code, flag)
}

func unknownIn(verb, name string, names []string, code, flag string) error {
	near := say.Nearest(name, names)
	if i := slices.IndexFunc(names, func(n string) bool { return strings.HasSuffix(n, "_"+name) }); i >= 0 {
		near = names[i] // what it is called, without the time
	}
	return remedy.New("migrate.unknown", remedy.ExitUsage, "there is no migration %s (Prisma's %s)", visible.String(name), code).
		WithHelp(remedy.Meant(verb, name, near, flag, near)...).WithHelp(remedy.Naap("migrate status").Note("lists them"))
}

// Resolve carries out a correction.
func Resolve(ctx context.Context, db *postgres.DB, r *Resolution, opt Options) error {
	return alone(ctx, db, r.table.schema, opt, func(c *session) error {
		if r.Table {
			if err := r.table.create(ctx, c); err != nil {
				return err
			}
		}
		tx, err := c.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx))
		if err := r.table.giveUp(ctx, tx, r.Name); err != nil {
			return err
		}
		if err := r.record(ctx, tx); err != nil {
			return err
		}
		return postgres.Commit(ctx, tx)
	})
}

func (r *Resolution) record(ctx context.Context, tx postgres.Tx) error {
	was, err := r.table.forget(ctx, tx, r.Replaces)
	if err != nil {
		return err
	}
	if r.Applied && !r.recorded {
		return r.table.applied(ctx, tx, r.migration, was)
	}
	return nil
}
