package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// FindRequest asks where a value occurs in the database: in the texts, uuids, numbers and enums of all the developer's
// tables. A value that reads as a uuid or a number is compared whole; any other is looked for inside of texts, whatever
// its case.
type FindRequest struct {
	Value string
	Wide  bool          // look inside of texts whatever the value is, and in JSON, XML and arrays of texts, too
	Each  int           // rows of one table; 50 if zero
	Limit time.Duration // of one statement; 10 s if zero
}

const (
	findEach  = 50
	findLimit = 10 * time.Second
)

// FindNews is what a search says while it goes on.
type FindNews struct {
	Way     FindWay  // how it looks
	Step    int      // of Steps, from 1; 0 before the first
	Steps   int      // tables to look in by their indexes, and tables to read
	Table   TableRef // that is being looked in
	Indexed bool     // by its indexes
	Found   []Found
	More    bool   // the table has more than were asked for
	Problem string // why the table was not looked in, or not to its end
}

// FindWay is how a search compares a value.
type FindWay struct {
	UUID, Number bool // the value reads as one, and is compared whole
	Inside       bool // it is looked for inside of texts
	Wide         bool // see FindRequest
}

// Found is a value in which the one that was looked for occurs.
type Found struct {
	Table  TableRef
	Column string
	Type   string
	Where  []Condition // selects the row, or without Keyed all rows with the value
	Keyed  bool
	Piece  string // the value, or a piece of it around what was looked for
	Before bool   // the value goes on before the piece,
	After  bool   // or after it
}

// Find looks for a value, first where an index answers, then in whole tables, the smallest first, and emits what it finds
// as it comes; it ends early where emit returns false. When ctx ends, so does the query on the server. A table that takes
// too long, or is locked, does not keep it from the others.
//
// Its code is find.value for a value that no text of the database can hold.
func (db *DB) Find(ctx context.Context, req FindRequest, emit func(FindNews) bool) error {
	if req.Each <= 0 {
		req.Each = findEach
	}
	if req.Limit <= 0 {
		req.Limit = findLimit
	}
	if why := unstorable(req.Value); why != "" {
		return remedy.New("find.value", remedy.ExitUsage, "nothing in the database can hold this value: %s", why)
	}
	return db.withHushed(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		tables, icu, err := loadFindTables(ctx, pc, req.Value)
		if HasCode(err, "22P05") {
			return remedy.New("find.value", remedy.ExitUsage, "nothing in the database can hold this value: its encoding lacks a character of it").Wrap(err)
		}
		if err != nil {
			return fmt.Errorf("ask for the tables to look in: %w", err)
		}
		s := &search{req: req, pc: pc, emit: emit, value: newFindValue(req, icu)}
		return s.run(ctx, s.plan(tables))
	})
}

// unstorable says why no text can hold a value; "" where one may.
func unstorable(value string) string {
	switch {
	case value == "":
		return "it is empty"
	case strings.Contains(value, "\x00"):
		return "no text of PostgreSQL has a NUL character"
	case !utf8.ValidString(value):
		return "it is not UTF-8"
	}
	return ""
}

// search is a search under way.
type search struct {
	req   FindRequest
	pc    *pgconn.PgConn
	emit  func(FindNews) bool
	value *findValue

	now   FindNews // the step
	rows  int      // of it
	since time.Time
	left  bool // emit said that no more is wanted
}

// findStep is one statement of a search.
type findStep struct {
	table   *findTable
	indexed bool
	terms   []findTerm
}

// plan lists the steps: those by index, then whole tables. Each table is in it at most once in either way.
func (s *search) plan(tables []*findTable) []findStep {
	var indexed, whole []findStep
	for _, t := range tables {
		byIndex, rest := s.value.terms(t)
		if len(byIndex) > 0 {
			indexed = append(indexed, findStep{t, true, byIndex})
		}
		if len(rest) > 0 {
			whole = append(whole, findStep{t, false, rest})
		}
	}
	return append(indexed, whole...)
}

func (s *search) run(ctx context.Context, steps []findStep) error {
	s.now = FindNews{Way: s.value.way, Steps: len(steps)}
	s.tell(s.now)
	for i, st := range steps {
		if s.left {
			return nil
		}
		s.now = FindNews{Way: s.value.way, Step: i + 1, Steps: len(steps), Table: st.table.ref, Indexed: st.indexed}
		s.tell(s.now)
		if err := s.step(ctx, st); err != nil {
			return fmt.Errorf("look in %s: %w", st.table.ref, err)
		}
	}
	return nil
}

func (s *search) tell(news FindNews) {
	s.left = s.left || !s.emit(news)
	s.since = time.Now()
}

// findTells is how long what was found is gathered before it is told.
const findTells = 100 * time.Millisecond

// step looks in one table. What the server refuses about it is told; an error ends the search.
func (s *search) step(ctx context.Context, st findStep) error {
	p := &params{}
	q := &ask{sql: st.sql(p, s.req.Each+1), each: func(r textRow) { s.row(st, r) }}
	q.args = p.values
	s.rows = 0
	limits := newAsk(`SELECT set_config('statement_timeout', $1::text, true), set_config('lock_timeout', '500ms', true), set_config('jit', 'off', true)`,
		nil, strconv.FormatInt(s.req.Limit.Milliseconds(), 10))
	asks := []*ask{newAsk("BEGIN READ ONLY", nil), newAsk(fixedPath, nil), limits, q, newAsk("ROLLBACK", nil)}
	if err := exchange(ctx, s.pc, append(asks, letGo(s.pc)...)...); err != nil {
		return err
	}
	s.now.Problem = findProblem(q.err, s.req.Limit)
	if len(s.now.Found) > 0 || s.now.More || s.now.Problem != "" {
		s.tell(s.now)
	}
	return nil
}

// row takes one row of a step's statement.
func (s *search) row(st findStep, r textRow) {
	if s.rows++; s.rows > s.req.Each {
		s.now.More = true
		return
	}
	var where []Condition
	for i, name := range st.table.key {
		where = append(where, Condition{Column: name, Op: Equal, Value: r.str(i)})
	}
	for i, t := range st.terms {
		at := len(st.table.key) + 3*i
		if r.null(at) {
			continue
		}
		f := Found{Table: st.table.ref, Column: t.column.name, Type: t.column.typ, Where: where, Keyed: len(where) > 0, Piece: r.str(at)}
		start, total := r.int(at+1), r.int(at+2)
		f.Before, f.After = start > 1, start-1+int64(utf8.RuneCountInString(f.Piece)) < total
		if !f.Keyed {
			f.Where = []Condition{{Column: t.column.name, Op: t.op, Value: t.value}}
		}
		s.now.Found = append(s.now.Found, f)
	}
	if time.Since(s.since) > findTells {
		s.tell(s.now)
		s.now.Found = nil
	}
}

// findProblem says in a few words what kept a table from being looked in whole.
func findProblem(err error, limit time.Duration) string {
	switch {
	case HasCode(err, undefinedTable): // dropped since it was listed
		return ""
	case HasCode(err, queryCanceled):
		return "not looked in to its end: it takes longer than " + say.Took(limit)
	}
	if why := problemOf(err); why != "" {
		return "not looked in: " + why
	}
	return ""
}

// sql returns the statement of a step: for each row its key, and for each column the piece that was found, where it
// begins, and how long the value is; NULL for a column in which nothing was.
func (st findStep) sql(p *params, limit int) string {
	var out, conds []string
	for _, name := range st.table.key {
		out = append(out, "t."+Ident(name)+"::text")
	}
	for _, t := range st.terms {
		cond, piece := t.sql(p)
		conds = append(conds, cond)
		for _, e := range piece {
			out = append(out, "CASE WHEN "+cond+" THEN "+e+" END")
		}
	}
	only := ""
	if st.table.only {
		only = "ONLY "
	}
	return fmt.Sprintf("SELECT %s FROM %s%s t WHERE %s LIMIT %d", strings.Join(out, ", "), only, st.table.ref.Quoted(), strings.Join(conds, " OR "), limit)
}
