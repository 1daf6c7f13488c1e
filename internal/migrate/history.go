package migrate

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// State is how a migration stands in a database.
type State string

// The states of a migration.
const (
	Pending State = "pending" // the next deploy runs it
	Applied State = "applied"
	Running State = "running" // an attempt is under way, in another session
	Failed  State = "failed"  // an attempt broke off, and nothing runs until it is resolved
	Missing State = "missing" // recorded in the database, and not in the folder

	Superseded State = "replaced" // the same, and one in the folder stands for it
)

// Entry is a migration in the folder, in the database, or in both.
type Entry struct {
	Name       string     `json:"name"`
	State      State      `json:"state"`
	Edited     bool       `json:"edited,omitempty"`       // its script is not the one that was applied
	OutOfOrder bool       `json:"out_of_order,omitempty"` // it is pending, and a later one is applied
	Recorded   bool       `json:"recorded,omitempty"`     // it counts as applied without having been run: it was resolved
	Checksum   string     `json:"checksum,omitempty"`     // of the script in the folder
	StartedAt  *time.Time `json:"started_at,omitempty"`   // of the last attempt
	FinishedAt *time.Time `json:"finished_at,omitempty"`
	RolledBack int        `json:"rolled_back,omitempty"` // attempts that were given up
	Logs       string     `json:"logs,omitempty"`        // why the last attempt failed
	Problem    string     `json:"problem,omitempty"`     // why its script cannot be read
}

// Verdict sums a history up.
type Verdict string

// The verdicts, in Prisma's words for the first four.
const (
	UpToDate  Verdict = "up to date"
	Behind    Verdict = "behind"    // migrations are pending
	Diverged  Verdict = "diverged"  // some are pending, and others are recorded that the folder does not have
	Broken    Verdict = "failed"    // one failed
	Unmanaged Verdict = "unmanaged" // the database has no table of migrations
	Squashed  Verdict = "squashed"  // migrations are recorded under the names that they had before they became one
)

// History is how a folder of migrations and a database stand to each other.
type History struct {
	Dir     string  `json:"dir"`
	Verdict Verdict `json:"verdict"`
	Table   bool    `json:"table"` // the database has the table
	Entries []Entry `json:"migrations"`

	folder  *Folder
	rows    []Row
	byName  map[string][]Row
	waits   string   // see Waits
	running []string // the IDs of rows whose attempts are under way
}

// Look compares a folder with a database, whose table of migrations is in a schema.
func Look(ctx context.Context, q postgres.Querier, folder *Folder, schema string) (*History, error) {
	rows, there, err := table{schema}.rows(ctx, q)
	if err != nil {
		return nil, err
	}
	h := &History{Dir: folder.Name, Table: there, Entries: []Entry{}, folder: folder, rows: rows}
	if slices.ContainsFunc(rows, Row.Failed) {
		if err := h.lookAgain(ctx, q, schema); err != nil {
			return nil, err
		}
	}
	h.byName = make(map[string][]Row, len(h.rows))
	for _, r := range h.rows {
		h.byName[r.Name] = append(h.byName[r.Name], r)
	}
	for _, m := range folder.Migrations {
		h.Entries = append(h.Entries, h.entryOf(m, h.byName[m.Name]))
	}
	for _, name := range slices.Sorted(maps.Keys(h.byName)) {
		if _, ok := folder.Named(name); !ok {
			h.Entries = append(h.Entries, h.missing(name))
		}
	}
	slices.SortStableFunc(h.Entries, func(a, b Entry) int { return collate(a.Name, b.Name) })
	h.markOrder()
	h.Verdict = h.verdict()
	if s, ok := h.stale(); ok {
		h.waits = s.Name
	}
	return h, nil
}

// lookAgain tells attempts that are under way from those that broke off: while a migration runs, its session holds
// Prisma's lock. An attempt that was unfinished before nobody held the lock, and is still unfinished after that, broke off.
func (h *History) lookAgain(ctx context.Context, q postgres.Querier, schema string) error {
	before := h.rows
	_, held, err := lockHolder(ctx, q)
	if err != nil {
		return err
	}
	if h.rows, _, err = (table{schema}).rows(ctx, q); err != nil {
		return err
	}
	for _, r := range h.rows {
		seen := slices.ContainsFunc(before, func(b Row) bool { return b.ID == r.ID })
		ended := r.Logs != "" && r.Logs != unfinished // both tools write why
		if r.Failed() && !ended && (held || !seen) {
			h.running = append(h.running, r.ID)
		}
	}
	return nil
}

func (h *History) attempts(name string) []Row {
	return slices.Clone(h.byName[name])
}

func (h *History) entryOf(m Migration, attempts []Row) Entry {
	e := h.summary(m.Name, attempts)
	if m.Err != nil {
		e.Problem = m.problem()
		return e
	}
	e.Checksum = m.Checksum()
	if r, ok := standing(attempts); ok && e.State == Applied {
		e.Edited = !m.Has(r.Checksum)
	}
	return e
}

// missing returns the entry of a migration that the folder does not have.
func (h *History) missing(name string) Entry {
	e := h.summary(name, h.attempts(name))
	stands := func(m Migration) bool {
		return slices.ContainsFunc(m.replaces, func(r Replaced) bool { return r.Name == name })
	}
	switch {
	case e.State == Failed || e.State == Running:
	case slices.ContainsFunc(h.folder.Migrations, stands):
		e.State = Superseded
	default:
		e.State = Missing
	}
	return e
}

// summary is that of all attempts, with those that are under way now.
func (h *History) summary(name string, attempts []Row) Entry {
	e := summary(name, attempts)
	if slices.ContainsFunc(attempts, func(r Row) bool { return slices.Contains(h.running, r.ID) }) {
		e.State = Running
	}
	return e
}

func summary(name string, attempts []Row) Entry {
	e := Entry{Name: name, State: Pending}
	for _, r := range attempts {
		started := r.StartedAt
		e.StartedAt, e.FinishedAt, e.Logs = &started, r.FinishedAt, r.Logs
		if r.RolledBackAt != nil {
			e.RolledBack++
		}
	}
	switch r, ok := standing(attempts); {
	case slices.ContainsFunc(attempts, Row.Failed):
		e.State = Failed
	case ok:
		started := r.StartedAt
		e.State, e.StartedAt, e.FinishedAt, e.Logs = Applied, &started, r.FinishedAt, ""
		e.Recorded = r.Steps == 0
	}
	return e
}

// Took returns how long the migration ran; 0 where it did not, or was only recorded.
func (e Entry) Took() time.Duration {
	if e.State != Applied || e.Recorded || e.StartedAt == nil || e.FinishedAt == nil {
		return 0
	}
	return max(0, e.FinishedAt.Sub(*e.StartedAt))
}

// standing returns the attempt that counts: the newest that succeeded and was not rolled back.
func standing(attempts []Row) (Row, bool) {
	for _, r := range slices.Backward(attempts) {
		if r.FinishedAt != nil && r.RolledBackAt == nil {
			return r, true
		}
	}
	return Row{}, false
}

func (h *History) markOrder() {
	applied := false
	for i := len(h.Entries) - 1; i >= 0; i-- {
		e := &h.Entries[i]
		e.OutOfOrder = e.State == Pending && applied
		applied = applied || e.State == Applied
	}
}

// verdict judges as Prisma's `migrate status` does, except that an attempt that was rolled back is pending again, as it
// is for `migrate deploy`, and that a failed one comes first: nothing else can be done before it is resolved.
func (h *History) verdict() Verdict {
	is := func(s State) bool { return slices.ContainsFunc(h.Entries, func(e Entry) bool { return e.State == s }) }
	switch {
	case is(Failed):
		return Broken
	case !h.Table:
		return Unmanaged
	case h.isStale():
		return Squashed
	case is(Pending) && is(Missing):
		return Diverged
	case is(Pending) || is(Running):
		return Behind
	}
	return UpToDate
}

// With returns the entries that are in a state.
func (h *History) With(s State) []Entry {
	return slices.DeleteFunc(slices.Clone(h.Entries), func(e Entry) bool { return e.State != s })
}

// Busy returns the error for a history that is changing: another session runs a migration now.
func (h *History) Busy() error {
	list := h.With(Running)
	if len(list) == 0 {
		return nil
	}
	r := remedy.New("migrate.locked", remedy.ExitBusy, "another program is running the migration %s now (Prisma's P1002)", visible.String(list[0].Name))
	if at := list[0].StartedAt; at != nil {
		r.WithSeen("it began " + say.Moment(*at))
	}
	return r.WithHelp(remedy.Naap("migrate status").Note("says when it has finished"))
}

// Edited returns the applied migrations whose scripts have changed since.
func (h *History) Edited() []Entry {
	return slices.DeleteFunc(slices.Clone(h.Entries), func(e Entry) bool { return !e.Edited })
}

// Gone returns the entries that are applied, and whose folder is gone. Of others without one, nothing is in the database.
func (h *History) Gone() []Entry {
	return slices.DeleteFunc(h.With(Missing), func(e Entry) bool { return e.FinishedAt == nil })
}

// Folder returns the folder that the database was compared with.
func (h *History) Folder() *Folder { return h.folder }

// AppliedScripts returns the migrations that the database has, as the folder has them, in its order.
func (h *History) AppliedScripts() []Migration {
	var list []Migration
	for _, e := range h.With(Applied) {
		if m, ok := h.folder.Named(e.Name); ok {
			list = append(list, m)
		}
	}
	return list
}
