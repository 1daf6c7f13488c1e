package rowedit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Conflict is a change that was not made, because the row is not what was shown.
type Conflict struct {
	Change *Change
	Now    *Row     // nil where the row is gone, or hidden from the role
	Who    []Writer // who may have changed it, as far as that is known
	Kept   bool     // the row is what was shown, and yet the server changed nothing
	Goes   bool     // another change of the plan deletes the row
	Back   bool     // the change takes a commit back: its row is what that left
}

// Writer is a session that writes to a table, or did so last.
type Writer struct {
	PID         int
	Application string
	Earlier     bool // it was its last statement; else it had a transaction open when ours began

	tables []string // by OID
}

// String names the session: "gateway (session 4711)".
func (w Writer) String() string {
	name := w.Application
	if name == "" {
		name = "a session without an application_name"
	}
	return fmt.Sprintf("%s (session %d)", name, w.PID)
}

// Stale reports whether another one changed or deleted the row since it was shown.
func (x Conflict) Stale() bool { return x.Change.Row != nil && !x.Kept && !x.Goes }

// Renewable reports whether the change can go on from what is there now.
func (x Conflict) Renewable() bool {
	return x.Stale() && !x.Back && (x.Now != nil || x.Change.Verb == Delete)
}

// String says what is the matter, in a line.
func (x Conflict) String() string {
	name := x.Change.Name()
	switch {
	case x.Kept:
		return name + ": the server changed nothing. A row security policy keeps it from the role " + x.Change.Table.Role + ", or a trigger does"
	case x.Change.Row == nil:
		return name + ": the server added nothing. A trigger or a rule keeps the row out"
	case x.Goes:
		return name + " goes with a row that is to be deleted, too"
	case x.Now == nil:
		return name + " is gone" + x.who("deleted")
	}
	if x.Back {
		return name + " is not what the commit left any more" + x.who("changed")
	}
	return name + " is not what was shown any more" + x.who("changed")
}

// Lines say what the row is now, a line for each column that differs.
func (x Conflict) Lines() []string {
	if x.Kept || x.Now == nil || x.Change.Row == nil {
		return nil
	}
	return say.Each(differences(x.Change.Row, x.Now), func(column string) string {
		if x.Back {
			return column + ": the commit left " + x.Change.Row.Cell(column).String() + ", " + x.Now.Cell(column).String() + " is there"
		}
		line := column + ": " + x.Change.Row.Cell(column).String() + " was shown, " + x.Now.Cell(column).String() + " is there"
		if v, ok := x.Change.Set[column]; ok {
			line += "; " + v.String() + " is pending"
		}
		return line
	})
}

func (x Conflict) who(verb string) string {
	if len(x.Who) == 0 {
		return ""
	}
	names := say.Each(x.Who, Writer.String)
	slices.Sort(names)
	if x.Who[0].Earlier {
		return "; last to write to the table: " + say.And(names)
	}
	return "; " + verb + " by " + say.Or(names) + ", as it seems"
}

// conflict finds out why a change changed nothing, and notes it.
func (a *attempt) conflict(ctx context.Context, c *Change) error {
	x := Conflict{Change: c}
	if c.Row != nil {
		if was := a.kept.taken(c.Row); was != nil {
			if x.Goes = c.Verb != Delete; !x.Goes && len(differences(c.Row, was)) == 0 {
				return nil // it is deleted, as it was to be
			}
		}
		now, err := c.Table.read(ctx, a.tx, c.Row.keyOf(), "")
		if err != nil {
			return err
		}
		if now != nil {
			now.At = c.Row.At
			x.Kept = len(differences(c.Row, now)) == 0
		}
		x.Now = now
		if x.Who, err = a.whoWrote(ctx, c.Table); err != nil {
			return err
		}
	}
	a.result.Conflicts = append(a.result.Conflicts, x)
	return nil
}

// writersSQL lists the sessions that have a transaction open in which they wrote to one of the tables. Partitions are locked
// by themselves, too.
const writersSQL = `SELECT a.pid, a.application_name, pg_catalog.string_agg(DISTINCT l.relation::text, ',')
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.granted AND a.pid <> pg_catalog.pg_backend_pid()
	AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
	AND l.relation = ANY (pg_catalog.string_to_array($1::text, ',')::oid[]) GROUP BY 1, 2`

// lastWriters lists the sessions whose last statement names the table and writes; the newest first.
const lastWriters = `SELECT a.pid, a.application_name FROM pg_catalog.pg_stat_activity a
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.query ~* '\m(update|delete|merge)\M'
	AND a.query ~* $1::text ORDER BY a.state_change DESC LIMIT 2`

// atWork lists who has a transaction open in which the tables of changes were written to.
func atWork(ctx context.Context, tx postgres.Tx, changes []*Change) (out []Writer, err error) {
	var oids []string
	for _, c := range changes {
		oids = append(oids, fmt.Sprint(c.Table.OID))
	}
	list := strings.Join(oids, ",")
	rows, err := postgres.Texts(ctx, tx, writersSQL, &list)
	for _, r := range rows {
		w := writer(r)
		w.tables = strings.Split(*r[2], ",")
		out = append(out, w)
	}
	return out, err
}

func writer(r []*string) (w Writer) {
	_, _ = fmt.Sscan(*r[0], &w.PID)
	if r[1] != nil {
		w.Application = *r[1]
	}
	return w
}

// asWord returns a regular expression that a name fulfils where it stands by itself.
func asWord(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return `(^|[^[:alnum:]_])` + b.String() + `($|[^[:alnum:]_])`
}

// whoWrote lists who may have changed a row of a table.
func (a *attempt) whoWrote(ctx context.Context, t *Table) (out []Writer, err error) {
	for _, w := range a.writers {
		if slices.Contains(w.tables, fmt.Sprint(t.OID)) {
			out = append(out, w)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	named := asWord(t.Name)
	rows, err := postgres.Texts(ctx, a.tx, lastWriters, &named)
	for _, r := range rows {
		w := writer(r)
		w.Earlier = true
		out = append(out, w)
	}
	return out, err
}

// denied returns the error for a statement that the server refused; c is nil at the end, when deferred constraints are
// checked.
func (a *attempt) denied(ctx context.Context, c *Change, err error) error {
	said, ok := postgres.AsServerError(err)
	if !ok {
		return err
	}
	what := "the changes together"
	if c != nil {
		what = visible.String(c.Name())
	}
	switch said.Code {
	case "55P03":
		r := remedy.New("rows.locked", remedy.ExitBusy, "%s is locked by another session, and nothing was changed", what).Behind(err)
		for _, w := range a.writers {
			r.WithSeen(visible.String(w.String()) + " has a transaction open in which it wrote to the table")
		}
		return r.WithFix("try again once it has ended its transaction")
	case "25006":
		return remedy.New("rows.readonly", remedy.ExitRefused, "the connection only reads, and nothing was changed").WithSeen(visible.String(said.Message)).Behind(err)
	}
	if postgres.EndOf(err) != postgres.NotEnded {
		return err
	}
	r := remedy.New("rows.denied", remedy.ExitFailed, "the server refuses %s, and nothing was changed: %s", what, visible.String(said.Message)).Behind(err)
	for _, line := range []string{said.Detail, said.Hint} {
		if line != "" {
			r.WithSeen(visible.String(line))
		}
	}
	if said.Code == "23505" && len(a.order) > 1 {
		r.WithFix("where two rows exchange their values: the key is checked row by row, so commit one of them with a third value first, or make the constraint DEFERRABLE")
	}
	return r
}
