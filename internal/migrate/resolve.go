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

	table     table
	migration Migration
}

// PlanApplied returns how a migration is recorded as applied without running it: one that was completed by hand, or
// whose tables are there already (a baseline). Prisma's codes: P3008, P3017.
func (h *History) PlanApplied(name string, to Target) (*Resolution, error) {
	m, ok := h.folder.Named(name)
	if !ok {
		return nil, unknown(name, h.folder.names(), "P3017", "--applied")
	}
	if m.Err != nil {
		return nil, noScript(m)
	}
	attempts := h.attempts(name)
	if slices.ContainsFunc(attempts, func(r Row) bool { return r.FinishedAt != nil && r.RolledBackAt == nil }) {
		return nil, remedy.New("migrate.applied", remedy.ExitRefused, "the migration %s is recorded as applied already (Prisma's P3008)", visible.String(name))
	}
	return &Resolution{Name: name, Applied: true, Table: !h.Table, GivesUp: unfinishedIn(attempts), Now: h.now(name), table: table{to.Schema}, migration: m}, nil
}

// PlanRolledBack returns how a failed migration is recorded as rolled back, so that it runs again. Prisma's codes:
// P3011, P3012.
func (h *History) PlanRolledBack(name string, to Target) (*Resolution, error) {
	attempts := h.attempts(name)
	if len(attempts) == 0 {
		var names []string
		for _, r := range h.rows {
			names = append(names, r.Name)
		}
		return nil, unknown(name, names, "P3011", "--rolled-back")
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
	near := say.Nearest(name, names)
	return remedy.New("migrate.unknown", remedy.ExitUsage, "there is no migration %s (Prisma's %s)", visible.String(name), code).
		WithHelp(remedy.Meant("migrate resolve", name, near, flag, near)...).WithHelp(remedy.Naap("migrate status").Note("lists them"))
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
		if r.Applied {
			if err := r.table.applied(ctx, tx, r.migration); err != nil {
				return err
			}
		}
		return postgres.Commit(ctx, tx)
	})
}
