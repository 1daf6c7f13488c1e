package migrate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// A script is rehearsed in one message, as a deploy sends it, so that its transactions are those of the deploy. Between
// its statements are questions of ours, which do not change what is in the database, and take no lock but ACCESS SHARE.

// makeCounter creates the function that counts what a statement is about to destroy, in a schema of its own. A role that
// the script sets need not have the right to count.
func makeCounter(ctx context.Context, c *session) error {
	_, err := postgres.ExecScript(ctx, c.Conn, `CREATE SCHEMA naap_rehearsal; GRANT USAGE ON SCHEMA naap_rehearsal TO PUBLIC;
CREATE FUNCTION naap_rehearsal.filled(rel oid, col text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
DECLARE n bigint;
BEGIN
	EXECUTE format('SELECT count(%s) FROM ONLY %s', CASE WHEN col IS NULL THEN '*' ELSE quote_ident(col) END, rel::regclass) INTO n;
	RETURN n;
EXCEPTION WHEN query_canceled OR others THEN -- the script's own statement_timeout is no reason to fail
	RETURN NULL;
END $f$`)
	if err != nil {
		return fmt.Errorf("prepare the rehearsal: %w", err)
	}
	return nil
}

// relationState is a table, a materialized view or an index at one moment.
type relationState struct {
	name     string
	kind     string // r, p, m or i; the last for partitioned ones too
	of       string // of an index: the OID of its table
	filenode string
	bytes    int64
	columns  map[string]string // names by number
}

const stateColumns = `SELECT 's', c.oid::text, pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.translate(c.relkind::text, 'I', 'i'),
	coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::text, coalesce(pg_catalog.pg_relation_size(c.oid), 0)::text, coalesce(i.indrelid, 0)::text,
	coalesce((SELECT pg_catalog.string_agg(a.attnum::text || ':' || a.attname::text, E'\x01') FROM pg_catalog.pg_attribute a
		WHERE c.relkind IN ('r', 'p') AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND c.oid >= 16384 AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_toast', 'naap_rehearsal')`

// locksHeld asks for the locks that the session has on relations that are not the server's own.
const locksHeld = `SELECT 'l', l.relation::text, l.mode FROM pg_catalog.pg_locks l
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.mode <> 'AccessShareLock' AND l.relation >= 16384
	AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())`

const clockNow = `SELECT 'm', extract(epoch FROM pg_catalog.clock_timestamp())::text, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::text`

func readState(row [][]byte) (oid string, s relationState) {
	oid = string(row[1])
	s = relationState{name: string(row[2]), kind: string(row[3]), filenode: string(row[4]), of: string(row[6]), columns: map[string]string{}}
	s.bytes, _ = strconv.ParseInt(string(row[5]), 10, 64)
	for _, c := range strings.Split(string(row[7]), "\x01") {
		if number, name, ok := strings.Cut(c, ":"); ok {
			s.columns[number] = name
		}
	}
	return oid, s
}

func relationStates(ctx context.Context, c *session) (map[string]relationState, error) {
	states := map[string]relationState{}
	_, err := postgres.AskStatements(ctx, c.Conn, []string{stateColumns}, func(_ int, row [][]byte) {
		oid, s := readState(row)
		states[oid] = s
	})
	if err != nil {
		return nil, fmt.Errorf("look at the copy: %w", err)
	}
	return states, nil
}

// countAllRows asks for the rows of every table.
const countAllRows = `SELECT 'c', c.oid::text, naap_rehearsal.filled(c.oid, NULL)::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND n.nspname <> 'naap_rehearsal' AND c.relpersistence <> 't'`

func (r *rehearsal) countAll(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	_, err := postgres.AskStatements(ctx, r.c.Conn, []string{countAllRows}, func(_ int, row [][]byte) { readCount(counts, row) })
	if err != nil {
		return nil, fmt.Errorf("count the rows of the copy: %w", err)
	}
	return counts, nil
}

func readCount(counts map[string]int64, row [][]byte) {
	if n, err := strconv.ParseInt(string(row[2]), 10, 64); err == nil {
		counts[string(row[1])] = n
	}
}

// countBefore returns a question for the rows and values that a statement is about to destroy; "" where it destroys
// none, or where its own answer says how many.
func countBefore(text string, tokens []sqltext.Token) string {
	r := &ddlReader{text: text, tokens: tokens}
	switch {
	case r.is("DO"), r.is("CALL"), r.is("DROP", "SCHEMA"), r.is("DROP", "EXTENSION"), r.is("DROP", "MATERIALIZED", "VIEW"):
		return countAllRows
	case r.take("DROP", "TYPE"), r.take("DROP", "DOMAIN"):
		r.exists()
		return countOfTypes(r.relations())
	case r.take("DROP", "TABLE"):
		r.exists()
		return countTables(r.relations(), partitions)
	case r.take("TRUNCATE"):
		r.take("TABLE")
		below := partitions
		list := r.relations()
		if r.has("CASCADE") {
			below += " UNION ALL SELECT k.confrelid, k.conrelid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'"
		}
		return countTables(list, below)
	case r.take("ALTER", "TABLE"):
		return countColumns(r)
	}
	return ""
}

// partitions are what goes with a table.
const partitions = "SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i"

// withBelow begins a question about tables with all that goes with them: t has their OIDs.
func withBelow(list []relation, below string) string {
	return fmt.Sprintf(`WITH RECURSIVE t(oid) AS (SELECT x::oid FROM pg_catalog.unnest(ARRAY[%s]) x WHERE x IS NOT NULL
	UNION SELECT e.b FROM (%s) e(a, b) JOIN t ON e.a = t.oid)
`, regclasses(list), below)
}

func countTables(list []relation, below string) string {
	return withBelow(list, below) + "SELECT 'c', t.oid::text, naap_rehearsal.filled(t.oid, NULL)::text FROM t"
}

// countOfTypes asks for the values in the columns of types, and of arrays of them.
func countOfTypes(list []relation) string {
	calls := []string{"NULL::oid"}
	for _, t := range list {
		calls = append(calls, fmt.Sprintf("pg_catalog.to_regtype(%s)::oid, pg_catalog.to_regtype(%s)::oid", postgres.Literal(t.text), postgres.Literal(t.text+"[]")))
	}
	return fmt.Sprintf(`SELECT 'c', a.attrelid::text || ' ' || a.attname::text, naap_rehearsal.filled(a.attrelid, a.attname::text)::text
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = ANY (ARRAY[%s])`, strings.Join(calls, ", "))
}

func regclasses(list []relation) string {
	var calls []string
	for _, t := range list {
		calls = append(calls, "pg_catalog.to_regclass("+postgres.Literal(t.text)+")")
	}
	return strings.Join(append(calls, "NULL::regclass"), ", ")
}

// countColumns reads what comes after ALTER TABLE.
func countColumns(r *ddlReader) string {
	r.exists()
	r.take("ONLY")
	table, ok := r.relation()
	var names []string
	for _, part := range r.parts(r.rest()) {
		p := r.reads(part)
		if !p.take("DROP") || p.is("CONSTRAINT") {
			continue
		}
		p.take("COLUMN")
		p.exists()
		if name, ok := p.ident(); ok {
			names = append(names, postgres.Literal(name))
		}
	}
	if !ok || len(names) == 0 {
		return ""
	}
	return withBelow([]relation{table}, partitions) + fmt.Sprintf(`SELECT 'c', t.oid::text || ' ' || a.attname::text, naap_rehearsal.filled(t.oid, a.attname::text)::text
FROM t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attname = ANY (ARRAY[%s]::name[])`, strings.Join(names, ", "))
}

// message is a script with our questions between its statements.
type message struct {
	pieces []string
	of     []int // the statement of the script that a piece is; -1 for a question
	after  []int // the statement that a question comes after, or before if its clock is read for the start
}

func (m *message) add(sql string, statement, after int) {
	m.pieces, m.of, m.after = append(m.pieces, sql), append(m.of, statement), append(m.after, after)
}

// watchedMessage returns the message for a script. end is the statement that records its end, in the same transaction.
func watchedMessage(s Step, tokens [][]sqltext.Token, end string, anything bool) *message {
	m := &message{}
	for i, st := range s.script.statements {
		if !beginsTransaction(st) {
			if count := countBefore(s.SQL, tokens[i]); count != "" {
				m.add(count, -1, i)
			}
			m.add(clockNow, -1, i)
		}
		m.add(st.Text(s.SQL), i, i)
		if i+1 < len(tokens) && beginsTransaction(s.script.statements[i+1]) && endsTransaction(st) {
			continue
		}
		m.add(clockNow, -1, i)
		m.add(locksHeld, -1, i)
		if anything && changesRelations(st) {
			m.add(stateColumns, -1, i)
		}
	}
	if end != "" {
		m.add(end, -1, len(s.script.statements))
	}
	return m
}

// beginsTransaction reports whether no question of ours may come before a statement in its transaction, whose isolation it
// may set.
func beginsTransaction(st sqltext.Statement) bool {
	return st.Verb == "BEGIN" || st.Verb == "START" || st.Verb == "SET" && slices.Contains(st.Words, "TRANSACTION")
}

// changesRelations reports whether a statement may give relations that were there other files or columns.
func changesRelations(st sqltext.Statement) bool {
	switch st.Verb {
	case "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "SET", "RESET", "COMMENT", "GRANT", "REVOKE", "BEGIN", "START", "COMMIT", "END":
		return false
	case "CREATE":
		return slices.Contains(st.Words, "INDEX")
	}
	return true
}

// watched runs a script with our questions in it.
func (r *rehearsal) watched(ctx context.Context, s Step, id string) error {
	end := ""
	if s.Whole {
		end = r.plan.table.finished(id)
	}
	tokens := statementTokens(s.SQL)
	w := &watcher{r: r, s: s, tokens: tokens, m: watchedMessage(s, tokens, end, len(r.known) > 0), at: -1, held: map[string]lockMode{}, counts: map[string]int64{}}
	failed, err := postgres.WatchStatements(ctx, r.c.Conn, w.m.pieces, w.row, w.ended)
	w.finish()
	if err == nil || ctx.Err() != nil {
		return err
	}
	const endsTransactionItself = "2D000"
	if len(s.script.statements) == 1 && postgres.HasCode(err, endsTransactionItself) {
		return err
	}
	if failed >= 0 {
		err = inScript(err, s, w.m.of[failed])
	}
	return r.failed(s, w.done, err)
}

// inScript returns a server's error with its position in the script, of which statement caused it.
func inScript(err error, s Step, statement int) error {
	e, said := postgres.AsServerError(err)
	if !said || e.Position <= 0 || statement < 0 {
		return err
	}
	own := *e
	own.Position += int32(len([]rune(s.SQL[:s.script.statements[statement].Start]))) // #nosec G115 -- mostScript is the most that a script has
	return &own
}

// watcher takes in the answers to a message.
type watcher struct {
	r    *rehearsal
	s    Step
	m    *message
	done int // statements of the script that have succeeded

	tokens [][]sqltext.Token
	lines  lines // of the script

	at      int // the statement that the answers are about
	now     RehearsedStatement
	began   float64
	beganAt int64
	held    map[string]lockMode // by OID
	counts  map[string]int64
	states  map[string]relationState
	locks   map[string]lockMode
}

func (w *watcher) row(piece int, row [][]byte) {
	if w.m.of[piece] >= 0 || len(row) == 0 {
		return
	}
	switch string(row[0]) {
	case "c":
		readCount(w.counts, row)
	case "m":
		at, _ := strconv.ParseFloat(string(row[1]), 64)
		wal, _ := strconv.ParseInt(string(row[2]), 10, 64)
		if w.m.after[piece] >= w.done { // before its statement
			w.began, w.beganAt = at, wal
		} else if w.began > 0 {
			w.now.TookMS, w.now.WAL = (at-w.began)*1000, wal-w.beganAt
		}
	case "l":
		w.locks[string(row[1])] = max(w.locks[string(row[1])], lockModeOf(string(row[2])))
	case "s":
		oid, s := readState(row)
		w.states[oid] = s
	}
}

// line returns the line of an offset in the script.
func (w *watcher) line(offset int) int {
	if w.lines == nil {
		w.lines = linesOf(w.s.SQL)
	}
	line, _ := w.lines.at(offset)
	return line
}

func (w *watcher) ended(piece int, affected int64) {
	i := w.m.of[piece]
	if i >= 0 {
		w.finish()
		st := w.s.script.statements[i]
		w.at, w.now = i, RehearsedStatement{Line: w.line(st.Start), SQL: w.s.script.excerpt(st), Rows: affected}
		w.states, w.locks = map[string]relationState{}, map[string]lockMode{}
		w.done++
		if endsTransaction(st) {
			w.held = map[string]lockMode{}
		}
		return
	}
	switch w.m.pieces[piece] {
	case stateColumns:
		w.r.compare(&w.now, w.states, w.counts)
	case locksHeld:
		w.newLocks()
	}
}

// newLocks notes the locks that the statement has taken on what was there before the script.
func (w *watcher) newLocks() {
	for _, oid := range sortedKeys(w.locks) {
		was, mode := w.r.known[oid], w.locks[oid]
		if was.name == "" || was.kind == "i" || mode <= w.held[oid] {
			continue
		}
		w.held[oid] = mode
		if mode >= shareUpdateExclusive {
			w.now.Locks = append(w.now.Locks, TakenLock{Table: was.name, Mode: mode})
		}
	}
}

// finish adds the statement that the last answers were about.
func (w *watcher) finish() {
	if w.at < 0 {
		return
	}
	if w.s.script.statements[w.at].Verb == "DELETE" && w.now.Rows > 0 {
		if t, ok := w.deletedFrom(); ok {
			w.now.Destroys = append(w.now.Destroys, DestroyedRows{"rows", t, w.now.Rows})
		}
	}
	w.r.out.Statements = append(w.r.out.Statements, w.now)
	w.at = -1
}

func (w *watcher) deletedFrom() (string, bool) {
	r := &ddlReader{text: w.s.SQL, tokens: w.tokens[w.at]}
	if !r.take("DELETE", "FROM") {
		return "", false
	}
	r.take("ONLY")
	t, ok := r.relation()
	return t.text, ok
}
