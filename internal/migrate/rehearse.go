package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Rehearsal is what a deploy did to a copy of the database.
type Rehearsal struct {
	Migrations []Rehearsed     `json:"migrations"`
	Waits      []Wait          `json:"waits"` // for sessions that use the database itself now
	TookMS     float64         `json:"took_ms"`
	WAL        int64           `json:"wal_bytes"` // by the whole server meanwhile
	Rewritten  int64           `json:"rewritten_bytes"`
	Size       int64           `json:"database_bytes"` // of the copy, before
	CopiedBy   string          `json:"copied_by"`      // "server", or "dump" where others used the database
	CopyMS     float64         `json:"copy_ms"`        // how long that took
	Destroys   []DestroyedRows `json:"destroys"`
}

// Rehearsed is one migration of a rehearsal.
type Rehearsed struct {
	Name       string               `json:"name"`
	Path       string               `json:"path"`
	Whole      bool                 `json:"one_transaction"`
	TookMS     float64              `json:"took_ms"`
	Statements []RehearsedStatement `json:"statements"` // up to the one that failed
}

// RehearsedStatement is what one statement did.
type RehearsedStatement struct {
	Line      int              `json:"line"`
	SQL       string           `json:"sql"` // shortened
	TookMS    float64          `json:"took_ms"`
	Rows      int64            `json:"rows"`      // inserted, changed or deleted by itself
	WAL       int64            `json:"wal_bytes"` // by the whole server meanwhile
	Rewritten []RewrittenFiles `json:"rewritten,omitempty"`
	Locks     []TakenLock      `json:"locks,omitempty"` // on what was there, from SHARE UPDATE EXCLUSIVE on
	Destroys  []DestroyedRows  `json:"destroys,omitempty"`
}

// RewrittenFiles is a table or an index of it that got new files, or an index that was built.
type RewrittenFiles struct {
	Name   string `json:"name"`
	Index  bool   `json:"index,omitempty"`
	New    bool   `json:"new,omitempty"` // it was not there before
	Before int64  `json:"bytes_before"`
	After  int64  `json:"bytes_after"`
}

// TakenLock is a lock on a table that lasts to the end of the transaction.
type TakenLock struct {
	Table string   `json:"table"`
	Mode  lockMode `json:"mode"`
	// Known marks a lock that was not seen, since the statement's own transaction had ended: it is what PostgreSQL takes for
	// this kind of statement.
	Known bool `json:"by_kind,omitempty"`
}

// DestroyedRows is something that is gone for good.
type DestroyedRows struct {
	Kind string `json:"kind"`           // table, column or rows
	Name string `json:"name"`           // of the table, or of its column
	Rows int64  `json:"rows,omitempty"` // with it; of a column, those with a value; -1 where they were not counted
}

// rehearsal is one that is taking place.
type rehearsal struct {
	plan  *Plan
	c     *session
	known map[string]relationState // relations that were there before the migration, by OID
	out   *Rehearsed
}

// Rehearse carries out a plan on a copy of the database, statement by statement in the transactions that a deploy would
// have, and returns what each did. Where one fails, the error is as a deploy says it, and the result what ran until then.
func Rehearse(ctx context.Context, copied *postgres.DB, plan *Plan, opt Options) (*Rehearsal, error) {
	out := &Rehearsal{Migrations: []Rehearsed{}, Waits: []Wait{}, Destroys: []DestroyedRows{}}
	if err := plan.beyond(); err != nil {
		return out, err
	}
	err := alone(ctx, copied, plan.table.schema, opt, func(c *session) error {
		if err := plan.table.create(ctx, c); err != nil {
			return err
		}
		if err := makeCounter(ctx, c); err != nil {
			return err
		}
		if err := c.QueryRow(ctx, "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())").Scan(&out.Size); err != nil {
			return fmt.Errorf("look at the copy: %w", err)
		}
		for i, s := range plan.Steps {
			opt.Report(progress.Step{Name: "rehearse", Title: "Rehearse migrations", Status: progress.Running, Detail: s.Name,
				Done: int64(i), Total: int64(len(plan.Steps)), Unit: "migrations"})
			out.Migrations = append(out.Migrations, Rehearsed{Name: s.Name, Path: s.Path, Whole: s.Whole, Statements: []RehearsedStatement{}})
			r := &rehearsal{plan: plan, c: c, out: &out.Migrations[len(out.Migrations)-1]}
			if err := r.step(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	out.total()
	return out, err
}

func (r *Rehearsal) total() {
	for _, m := range r.Migrations {
		r.TookMS += m.TookMS
		for _, st := range m.Statements {
			r.WAL += st.WAL
			for _, f := range st.Rewritten {
				r.Rewritten += f.After
			}
			r.Destroys = append(r.Destroys, st.Destroys...)
		}
	}
}

func (r *rehearsal) step(ctx context.Context, s Step) error {
	var err error
	if r.known, err = relationStates(ctx, r.c); err != nil {
		return err
	}
	began := time.Now()
	defer func() { r.out.TookMS = milliseconds(time.Since(began)) }()
	id, err := r.plan.table.begin(ctx, r.c.Conn, s.migration, "")
	if err != nil {
		return err
	}
	single := len(s.script.statements) == 1 && needsToBeAlone(s.script.statements[0])
	switch {
	case len(s.script.statements) == 0 || !s.script.closed || single:
		err = r.asItIs(ctx, s)
	default:
		err = r.watched(ctx, s, id)
		const endsTransactionItself = "2D000" // a DO or CALL that commits: it has to be alone, as it is in a deploy
		if len(s.script.statements) == 1 && postgres.HasCode(err, endsTransactionItself) {
			if _, err := postgres.ExecScript(ctx, r.c.Conn, "ROLLBACK"); err != nil {
				return err
			}
			r.out.Statements = r.out.Statements[:0]
			err = r.asItIs(ctx, s)
		}
	}
	if err != nil {
		return err
	}
	if r.c.PgConn().TxStatus() != 'I' {
		return r.failed(s, len(s.script.statements), errOpen)
	}
	_, err = r.c.Exec(ctx, r.plan.table.finished(id))
	return err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// failed returns the error of a deploy, for a copy.
func (r *rehearsal) failed(s Step, done int, err error) error {
	f := s.failure(done, err)
	f.Message = strings.Replace(f.Message, "the migration failed", "the migration fails", 1)
	for i, line := range f.Seen {
		if now, ok := strings.CutPrefix(line, nowLabel); ok {
			f.Seen[i] = "a deploy would leave: " + now
		}
	}
	f.Fix = nil
	f.WithSeen("this was a copy of the database: the database itself is as it was")
	return f.WithHelp(remedy.Words("fix the script, and then: "), remedy.Again("migrate deploy"))
}

// asItIs runs a script whose statements cannot be looked at one by one: because it is one that must be alone, has none,
// or is not closed.
func (r *rehearsal) asItIs(ctx context.Context, s Step) error {
	var st RehearsedStatement
	if len(s.script.statements) > 0 {
		first := s.script.statements[0]
		st = RehearsedStatement{Line: postgres.PositionAt(s.SQL, first.Start).Line, SQL: s.script.excerpt(first)}
	}
	counts, err := r.countAll(ctx)
	if err != nil {
		return err
	}
	var before, after int64
	const position = "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint"
	if err := r.c.QueryRow(ctx, position).Scan(&before); err != nil {
		return err
	}
	began := time.Now()
	n, err := postgres.ExecCounted(ctx, r.c.Conn, s.SQL)
	st.TookMS = milliseconds(time.Since(began))
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		return r.failed(s, n, err)
	}
	if len(s.script.statements) == 0 {
		return nil
	}
	if err := r.c.QueryRow(ctx, position).Scan(&after); err != nil {
		return err
	}
	st.WAL = after - before
	now, err := relationStates(ctx, r.c)
	if err != nil {
		return err
	}
	r.compare(&st, now, counts)
	st.Locks, err = r.locksByKind(ctx, s)
	r.out.Statements = append(r.out.Statements, st)
	return err
}

// locksByKind returns the locks of a statement whose own are not seen any more.
func (r *rehearsal) locksByKind(ctx context.Context, s Step) ([]TakenLock, error) {
	var list []TakenLock
	for _, l := range lockStatement(s.SQL) {
		if l.mode < shareUpdateExclusive {
			continue
		}
		name := l.text
		err := r.c.QueryRow(ctx, `SELECT coalesce((SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
	JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)), $1)`, l.text).Scan(&name)
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", l.text, err)
		}
		list = append(list, TakenLock{name, l.mode, true})
	}
	return list, nil
}

// compare notes what a statement did to the relations that were there, and takes them as they are now.
func (r *rehearsal) compare(st *RehearsedStatement, now map[string]relationState, counts map[string]int64) {
	gone := map[string]relationState{} // indexes: one that is built again for another type is a new one of the same name
	for _, oid := range sortedKeys(r.known) {
		was := r.known[oid]
		is, there := now[oid]
		switch {
		case !there && was.kind == "i":
			gone[was.name] = was
		case !there:
			st.Destroys = append(st.Destroys, DestroyedRows{"table", was.name, countOf(counts, oid)})
		case was.filenode != is.filenode && is.bytes == 0 && countOf(counts, oid) > 0:
			st.Destroys = append(st.Destroys, DestroyedRows{"rows", was.name, countOf(counts, oid)})
		case was.filenode != is.filenode:
			st.Rewritten = append(st.Rewritten, RewrittenFiles{Name: was.name, Index: was.kind == "i", Before: was.bytes, After: is.bytes})
		}
		for number, column := range was.columns {
			if _, stays := is.columns[number]; there && !stays {
				st.Destroys = append(st.Destroys, DestroyedRows{"column", was.name + "." + column, countOf(counts, oid+" "+column)})
			}
		}
		if !there {
			delete(r.known, oid)
			continue
		}
		r.known[oid] = is
	}
	for _, oid := range sortedKeys(now) {
		is := now[oid]
		if _, old := r.known[oid]; old || is.kind != "i" || r.known[is.of].name == "" {
			continue
		}
		was, again := gone[is.name]
		st.Rewritten = append(st.Rewritten, RewrittenFiles{Name: is.name, Index: true, New: !again, Before: was.bytes, After: is.bytes})
		r.known[oid] = is
	}
	slices.SortFunc(st.Destroys, func(a, b DestroyedRows) int { return strings.Compare(a.Kind+a.Name, b.Kind+b.Name) })
}

func countOf(counts map[string]int64, key string) int64 {
	if n, ok := counts[key]; ok {
		return n
	}
	return -1
}

func sortedKeys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for key := range m {
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(fmt.Sprintf("%10s", a), fmt.Sprintf("%10s", b)) })
	return list
}
