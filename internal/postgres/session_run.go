package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Session is a SQL console's own connection. It is locked at first: the server itself refuses every write, since each
// text runs in a READ ONLY transaction that has begun before the text's first statement, which no statement may end,
// and which is rolled back afterwards. Unlocked, a text runs in a transaction that is left open if it wrote anything,
// until Commit or Rollback.
//
// READ ONLY is about the contents of the database. What it does not forbid (programs and files of the server, other
// users' sessions) must be forbidden to the role: a session that stays locked is opened with a Reader's URL. Powers
// says what is possible if it was not.
//
// A Session may be used from several goroutines; one run at a time.
type Session struct {
	mu       sync.Mutex
	url      string
	opt      Options
	conn     *Conn
	unlocked atomic.Bool // for the next text; writes is for the one that runs
	pending  atomic.Bool
	writes   bool
	powers   string
	xid      string // of the transaction whose text has run, if it wrote something
	notices  []pgconn.Notice
	types    map[uint32]columnType
}

// maxNotices is how many of a statement's notices are kept.
const maxNotices = 200

// pendingTimeout ends a session whose changes were neither committed nor rolled back, which undoes them: they hold
// locks that others wait for.
const pendingTimeout = "15min"

// OpenSession connects. Its errors carry a remedy; see Diagnose.
func OpenSession(ctx context.Context, url string, opt Options) (*Session, error) {
	if opt.Application == "" {
		opt.Application = "naap sql"
	}
	s := &Session{url: url, opt: opt, types: map[uint32]columnType{}}
	given := opt.OnNotice
	s.opt.OnNotice = func(n *pgconn.Notice) {
		if len(s.notices) < maxNotices {
			s.notices = append(s.notices, *n)
		}
		if given != nil {
			given(n)
		}
	}
	return s, s.connect(ctx)
}

func (s *Session) connect(ctx context.Context) error {
	conn, err := Connect(ctx, s.url, s.opt)
	if err != nil {
		return Diagnose(err, s.url)
	}
	if _, said := PooledByURL(s.url); !said && !s.opt.Pooled && s.opt.MayBePooled {
		if s.opt.Pooled, err = IsPooled(ctx, conn); err != nil {
			Close(conn)
			return Diagnose(err, s.url)
		}
		if s.opt.Pooled { // what the driver must know when it connects
			Close(conn)
			return s.connect(ctx)
		}
	}
	if s.opt.AsksPowers {
		if s.powers, err = powersOf(ctx, conn); err != nil {
			Close(conn)
			return Diagnose(err, s.url)
		}
	}
	s.conn = conn
	s.pending.Store(false)
	return nil
}

// Conn returns the session's connection, for callers that must examine it before the first text.
func (s *Session) Conn() *Conn { return s.conn }

// Powers returns what the session's role may do although the session is locked: "postgres is a superuser". It needs
// Options.AsksPowers; "" means nothing, as for a Reader.
func (s *Session) Powers() string { return s.powers }

// Close ends the session; pending changes are undone.
func (s *Session) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close(ctx)
}

// Unlock lets the texts that follow write. It does not wait for a text that runs.
func (s *Session) Unlock() { s.unlocked.Store(true) }

// Run runs the statements of a text one after the other in one transaction. A statement that fails stops it and undoes
// all of them; the failure is in the outcome's last result. The returned error says why the text could not be run at
// all. Cancelling ctx cancels the statement on the server.
//
// Settings (SET search_path …) last for the session. Nothing else of a locked text does: no lock, no cursor, no NOTIFY.
func (s *Session) Run(ctx context.Context, text string, opt RunOptions) (Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	began := time.Now()
	statements := Split(text)
	if len(statements) == 0 {
		return Outcome{}, nil
	}
	if err := s.ready(ctx); err != nil {
		return Outcome{}, err
	}
	at, err := refused(statements)
	if err == nil && pooled(s.conn.PgConn()) {
		at, err = leavesTraces(statements)
	}
	if err != nil {
		p := PositionAt(text, statements[at].Offset)
		return Outcome{Results: []Result{{Statement: statements[at], Err: err, At: &p}}, Skipped: len(statements) - 1}, nil
	}
	if err := s.begin(ctx); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	for i, st := range statements {
		r := s.statement(ctx, i, st, opt)
		r.locate(text)
		out.Results = append(out.Results, r)
		out.Affected += r.Affected
		if r.Err != nil {
			out.Skipped = len(statements) - i - 1
			s.undo(ctx)
			out.Took = time.Since(began)
			return out, nil
		}
	}
	err = s.settle(ctx, statements, &out)
	out.Took = time.Since(began)
	return out, err
}

// ready reconnects if the server ended the session, and refuses while changes wait for Commit or Rollback.
func (s *Session) ready(ctx context.Context) error {
	if s.conn.IsClosed() {
		return s.connect(ctx)
	}
	if s.pending.Load() {
		return remedy.New("sql.pending", remedy.ExitRefused, "the changes of the last run are neither kept nor undone yet").
			WithFix("commit or roll back first")
	}
	return nil
}

// controls are the statements that begin or end transactions. The server receives one statement at a time, so that its
// first word decides; should it leave our transaction anyway, the run stops there (see statement).
var controls = []string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// refused finds the first statement that may not be part of a text.
func refused(statements []Statement) (at int, err error) {
	for i, st := range statements {
		switch {
		case slices.Contains(controls, st.Verb), st.Verb == "PREPARE" && st.second() == "TRANSACTION":
			return i, remedy.New("sql.transaction", remedy.ExitUsage, "%s is not needed here: each text is one transaction", st.Verb).
				WithHelp(remedy.Words("leave out BEGIN, COMMIT and the like"), remedy.Line("for transactions of your own: ", remedy.Naap("dev psql")))
		case st.Verb == "COPY":
			return i, remedy.New("sql.copy", remedy.ExitUsage, "COPY is not possible here").
				WithHelp(remedy.Words("run the query and export its result"), remedy.Naap("dev psql"))
		}
	}
	return 0, nil
}

// second returns the second of the statement's words, or "".
func (st Statement) second() string {
	if len(st.words) < 2 {
		return ""
	}
	return st.words[1]
}

// begin begins the transaction of a text. SELECT 1 takes the transaction's first snapshot: from then on the server
// refuses to make it READ WRITE (25001).
func (s *Session) begin(ctx context.Context) error {
	s.writes = s.unlocked.Load()
	mode := "READ ONLY"
	if s.writes {
		mode = "READ WRITE"
	}
	// Behind a pooler, settings of the session would be other clients' too. There only the transaction is read-only, which
	// no statement of ours may end.
	settings, local := newAsk("SELECT set_config('default_transaction_read_only', 'on', false), set_config('standard_conforming_strings', 'on', false)", nil),
		newAsk("SET LOCAL idle_in_transaction_session_timeout = '"+pendingTimeout+"'", nil)
	if pooled(s.conn.PgConn()) {
		settings, local = newAsk("SELECT 1", nil), newAsk("SELECT set_config('idle_in_transaction_session_timeout', '"+pendingTimeout+"', true), set_config('standard_conforming_strings', 'on', true)", nil)
	}
	asks := []*ask{settings, newAsk("BEGIN "+mode, nil), local, newAsk("SELECT 1", nil)}
	err := exchange(ctx, s.conn.PgConn(), asks...)
	if err != nil && s.conn.IsClosed() && ctx.Err() == nil { // the server has been restarted
		if err := s.connect(ctx); err != nil {
			return err
		}
		err = exchange(ctx, s.conn.PgConn(), asks...)
	}
	if err == nil {
		err = firstError(asks...)
	}
	if err != nil {
		return Diagnose(fmt.Errorf("begin a transaction: %w", err), s.url)
	}
	s.notices = nil
	return nil
}

// settle ends the transaction of a text that succeeded, unless it wrote something.
func (s *Session) settle(ctx context.Context, statements []Statement, out *Outcome) error {
	s.xid = ""
	if s.writes {
		a := newAsk(assignedXID, func(r textRow) { s.xid = r.str(0) })
		if err := exchange(ctx, s.conn.PgConn(), a); err != nil || a.err != nil {
			s.undo(ctx)
			return fmt.Errorf("ask what the transaction wrote: %w", orElse(err, a.err))
		}
	}
	if s.xid != "" {
		s.pending.Store(true)
		out.Pending = true
		return nil
	}
	if s.writes {
		return s.end(ctx, "COMMIT")
	}
	if err := s.end(ctx, "ROLLBACK"); err != nil {
		return err
	}
	return s.setAgain(ctx, statements)
}

// setAgain repeats the settings made by the statements of a locked text, which its rollback has undone.
func (s *Session) setAgain(ctx context.Context, statements []Statement) error {
	var asks []*ask
	for _, st := range statements {
		if (st.Verb == "SET" || st.Verb == "RESET") && lasts(st) {
			asks = append(asks, newAsk(st.Text, nil))
		}
	}
	if len(asks) == 0 {
		return nil
	}
	if err := exchange(ctx, s.conn.PgConn(), asks...); err != nil {
		return Diagnose(err, s.url)
	}
	return firstError(asks...)
}

func orElse(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// undo rolls back, even after ctx has ended.
func (s *Session) undo(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.end(ctx, "ROLLBACK"); err != nil {
		_ = s.conn.Close(ctx) // this undoes it too
	}
}

func (s *Session) end(ctx context.Context, how string) error {
	s.pending.Store(false)
	a := newAsk(how, nil)
	asks := []*ask{a}
	if !s.writes {
		asks = append(asks, letGo(s.conn.PgConn())...)
	}
	j := JournalOf(ctx)
	if how == "COMMIT" && s.xid != "" {
		j.sends(s.xid)
	}
	err := exchange(ctx, s.conn.PgConn(), asks...)
	if how == "COMMIT" && s.xid != "" {
		j.answered(s.xid, orElse(err, a.err))
	}
	if err != nil {
		return Diagnose(fmt.Errorf("%s: %w", strings.ToLower(how), err), s.url)
	}
	if a.err == nil && how == "COMMIT" && a.tag.String() != "COMMIT" {
		return remedy.New("sql.undone", remedy.ExitFailed, "the transaction had failed and was undone: the server says %s", a.tag.String())
	}
	if a.err != nil {
		return fmt.Errorf("%s: %w", strings.ToLower(how), a.err)
	}
	return nil
}

// Commit keeps the changes of the last run. If the server refuses (a deferred constraint, a lost session), they are
// undone and the error says why.
func (s *Session) Commit(ctx context.Context) error { return s.answer(ctx, "COMMIT") }

// Rollback undoes the changes of the last run.
func (s *Session) Rollback(ctx context.Context) error { return s.answer(ctx, "ROLLBACK") }

func (s *Session) answer(ctx context.Context, how string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pending.Load() {
		return remedy.New("sql.nothing", remedy.ExitUsage, "no changes wait for an answer")
	}
	return s.end(ctx, how)
}

// Explain shows how the server would run the statement at a byte offset of a text, or the one before an offset between
// two statements. With analyze it runs it, in a transaction that is undone in any case; a statement that writes can be
// analyzed only while the session is unlocked. args are the values of its named parameters, or nil. The plan says where an
// error is.
func (s *Session) Explain(ctx context.Context, text string, at int, analyze bool, args Arguments) (QueryPlan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	statements := Split(text)
	if len(statements) == 0 {
		return QueryPlan{}, remedy.New("sql.explain", remedy.ExitUsage, "there is no statement to explain")
	}
	st := statementAt(statements, at)
	if _, err := refused([]Statement{st}); err != nil {
		p := PositionAt(text, st.Offset)
		return QueryPlan{At: &p}, err
	}
	if err := s.ready(ctx); err != nil {
		return QueryPlan{}, err
	}
	if err := s.begin(ctx); err != nil {
		return QueryPlan{}, err
	}
	prefix := "EXPLAIN "
	if analyze {
		prefix = "EXPLAIN (ANALYZE, BUFFERS) "
	}
	r := s.statement(ctx, 0, Statement{Text: prefix + st.Text, Offset: st.Offset, Verb: "EXPLAIN"}, RunOptions{MaxRows: -1, Args: args})
	s.undo(ctx)
	plan := QueryPlan{Analyzed: analyze, Took: r.Took}
	if r.locate(text[:st.Offset] + prefix + text[st.Offset:]); r.At != nil {
		p := PositionAt(text, max(st.Offset, r.At.Offset-len(prefix)))
		plan.At = &p
	}
	plan.Lines = say.Each(r.Rows, func(row []Cell) string { return row[0].Text })
	return plan, r.Err
}

// statementAt returns the statement at an offset: the last one that begins there or before, or the first.
func statementAt(all []Statement, at int) Statement {
	found := all[0]
	for _, st := range all {
		if st.Offset <= at {
			found = st
		}
	}
	return found
}
