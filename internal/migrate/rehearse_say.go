package migrate

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/say"
)

// Took returns how long the statement took.
func (st RehearsedStatement) Took() time.Duration { return duration(st.TookMS) }

// Took returns how long the migration took.
func (m Rehearsed) Took() time.Duration { return duration(m.TookMS) }

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// Effects returns what the statement did, a line each: what it destroyed comes first, then what it wrote again, then its
// locks.
func (st RehearsedStatement) Effects() (list []string) {
	for _, d := range st.Destroys {
		list = append(list, "destroys "+d.String())
	}
	for _, f := range st.Rewritten {
		switch {
		case f.New:
			list = append(list, fmt.Sprintf("builds %s (%s)", f.Name, say.Bytes(f.After)))
		case f.Index:
			list = append(list, fmt.Sprintf("builds %s again (%s)", f.Name, say.Bytes(f.After)))
		default:
			list = append(list, fmt.Sprintf("rewrites %s (%s, then %s)", f.Name, say.Bytes(f.Before), say.Bytes(f.After)))
		}
	}
	for _, l := range st.Locks {
		list = append(list, fmt.Sprintf("locks %s: %s", l.Table, l.Mode))
	}
	return list
}

// String returns what is gone: "the table public.A with 12 rows".
func (d DestroyedRows) String() string {
	thing := "row"
	if d.Kind == "column" {
		thing = "value"
	}
	rows := thing + "s that were not counted"
	if d.Rows >= 0 {
		rows = say.Count(d.Rows, thing)
	}
	if d.Kind == "rows" {
		return rows + " of " + d.Name
	}
	return fmt.Sprintf("the %s %s with %s", d.Kind, d.Name, rows)
}

// Summary returns the sums of a rehearsal, with who would be in the way, a line each.
func (r *Rehearsal) Summary() (list []string) {
	n := 0
	for _, m := range r.Migrations {
		n += len(m.Statements)
	}
	list = append(list, fmt.Sprintf("%s with %s in %s on a copy of %s, with the rows of now: %s of WAL, %s rewritten or built. The database is as it was.",
		say.Count(len(r.Migrations), "migration"), say.Count(n, "statement"), say.Took(duration(r.TookMS)), say.Bytes(r.Size), say.Bytes(r.WAL), say.Bytes(r.Rewritten)))
	if r.CopiedBy == "dump" {
		list = append(list, fmt.Sprintf("Other sessions use the database: pg_dump copied it in %s. Its tables are as small as they can be, and take less time than those of the database.", say.Took(duration(r.CopyMS))))
	}
	if len(r.Destroys) > 0 {
		list = append(list, "Destroyed: "+strings.Join(say.Each(r.Destroys, DestroyedRows.String), "; "))
	}
	for _, w := range r.Waits {
		list = append(list, fmt.Sprintf("A deploy would wait now for pid %d (%s, %s for %s), which holds %s on %s and keeps %s from it; whoever asks for the table then waits behind it",
			w.PID, cmp.Or(w.Application, "no application name"), w.State, say.Age(duration(w.ForMS)), w.Holds, w.Table, w.Needs))
	}
	return list
}
