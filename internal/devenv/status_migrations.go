package devenv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// StatusMigrations is how the workspace's migrations and the database stand to each other, and which of the two ways an
// up takes.
type StatusMigrations struct {
	Dir     string          `json:"dir"`
	Use     string          `json:"use"`           // the setting: auto or migrate
	Way     string          `json:"way,omitempty"` // "migrate", "push", "migrate, then push" or "neither"; absent where that is not known
	Why     string          `json:"why,omitempty"`
	Verdict migrate.Verdict `json:"verdict,omitempty"`
	Applied int             `json:"applied"`
	Pending int             `json:"pending"`
	Failed  int             `json:"failed"`
	Edited  int             `json:"edited"`
	// Next brings the record in line with a squashed folder, after an up that ran what was missing.
	Next string `json:"next,omitempty"`

	apart apart // from the migrations' end to the Prisma file
}

// describeMigrations describes the workspace's migrations; nil where it has none, or push is set. drift is what a push
// would do, nil where that is not known. No script is run for it.
func (e *Env) describeMigrations(ctx context.Context, q postgres.Querier, drift *schemaplan.Plan) *StatusMigrations {
	if drift == nil {
		return nil
	}
	w, err := e.chooseWay(ctx, q, drift, e.provedBefore(q))
	if w.folder == nil {
		return nil
	}
	if err == nil {
		if settled := w.settleApart(ctx, drift, e.provedBefore(q)); settled != nil && !errors.Is(settled, errUnproved) {
			err = settled
		}
	}
	st := e.statusOf(w)
	switch {
	case errors.Is(err, errUnproved):
		st.Way, st.Why = "", "the next up finds out whether the migrations make what "+e.ws.SchemaName()+" says ("+e.opt.Target.Line(remedy.Naap("migrate check"))+")"
	case err != nil:
		st.Way, st.Why = "", visible.String(err.Error())
	}
	return st
}

// statusOf returns what a status says of a way that was chosen.
func (e *Env) statusOf(w course) *StatusMigrations {
	st := &StatusMigrations{Dir: w.folder.Name, Use: e.ws.Settings.Migrate.Use, Way: w.word(), Why: w.why, apart: w.apart}
	if h := w.history; h != nil {
		st.Verdict = h.Verdict
		if a, ok := h.Advice(); ok {
			st.Next = e.opt.Target.Line(a)
		}
		st.Applied, st.Pending, st.Failed, st.Edited = len(h.With(migrate.Applied)), len(h.With(migrate.Pending)), len(h.With(migrate.Failed)), len(h.Edited())
	}
	return st
}

// Line returns the status for people.
func (m *StatusMigrations) Line() string {
	counts := []string{fmt.Sprintf("%d applied", m.Applied)}
	for _, c := range []struct {
		n    int
		what string
	}{{m.Pending, "pending"}, {m.Failed, "failed"}, {m.Edited, "edited since"}} {
		if c.n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	line := "migrations: " + strings.Join(counts, ", ")
	if m.Way == "" {
		return line + "; " + m.Why
	}
	line += "; " + m.Way + ", since " + m.Why
	if m.Next != "" {
		line += "; then " + m.Next
	}
	return line
}

// Differs says what it means that a push would take so many steps where the migrations alone make the tables, and what shows or
// mends it. ok is false where they do not.
func (m *StatusMigrations) Differs(steps int) (means string, helps remedy.Advice, ok bool) {
	differs := "the Prisma file differs: " + say.Count(steps, "step")
	if !m.AreTruth() {
		return "", nil, false
	}
	switch a := m.apart; {
	case m.Pending > 0:
		return differs, remedy.Naap("migrate deploy"), true
	case !a.known:
		return differs, remedy.Naap("dev diff"), true
	case a.Steps == 0:
		return "the database is not what its migrations make: " + say.Count(steps, "step"), remedy.Naap("dev diff"), true
	case a.Covers() && a.Steps == steps:
		return differs + ", which the migrations make and it does not say", remedy.Naap("migrate diff"), true
	case a.Covers():
		return differs, remedy.Naap("dev diff"), true
	}
	return differs, remedy.Naap("migrate dev"), true
}

// AreTruth reports whether the tables are made by migrations alone, so that a difference between the Prisma file and the
// database is for a migration and not for a push.
func (m *StatusMigrations) AreTruth() bool { return m != nil && m.Way == "migrate" }
