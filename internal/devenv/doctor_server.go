package devenv

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// checkServer looks at the server itself.
func (d *doctor) checkServer(ctx context.Context, db *postgres.DB) {
	info, err := db.ServerInfo(ctx)
	if err != nil {
		d.failed("server.info", "The server can't be asked about itself", err)
		return
	}
	d.checkVersion(info)
	if info.Encoding != "UTF8" {
		d.add("server.encoding", Broken, "The database is not UTF-8", []string{info.Encoding}, remedy.Naap("dev down", "--delete-data"), remedy.Again("dev up"))
	} else {
		d.fine("server.encoding", "Encoding UTF8", "collation "+info.Collation)
	}
	d.checkIdentity(info)
	d.checkClock(info)
	d.checkCollation(ctx, db)
	d.checkHealth(ctx, db)
	d.checkIndexes(ctx, db)
	d.checkSequences(ctx, db)
}

func (d *doctor) checkVersion(info postgres.ServerInfo) {
	version := "PostgreSQL " + info.Version.String()
	if info.Version.Major() != engine.Major {
		d.add("server.version", Warning, "Not the platform's version", []string{version + ", the platform runs 16"}, remedy.Again("dev up", engine.WithImage("postgres:16")...))
		return
	}
	d.fine("server.version", version)
}

func (d *doctor) checkIdentity(info postgres.ServerInfo) {
	rec := readRecord(d.env.stateDir())
	switch {
	case d.env.ws.Settings.DatabaseURL != "" || rec.Identity == "":
	case info.ClusterName == rec.Identity:
		d.fine("identity", "It is the server that naap started", info.ClusterName)
	default:
		d.add("identity", Broken, "It is not the server that naap started",
			[]string{fmt.Sprintf("cluster_name is %q, expected %q", info.ClusterName, rec.Identity)}, remedy.Again("dev up", "--dry-run"))
	}
}

func (d *doctor) checkClock(info postgres.ServerInfo) {
	if info.Clock.IsZero() {
		return
	}
	if diff := time.Since(info.Clock).Abs(); diff > 5*time.Second {
		d.add("clock", Warning, "The server's clock is not this machine's", []string{diff.Round(time.Second).String() + " apart"},
			remedy.Words("restart the Docker engine: its clock stops while a laptop sleeps"))
		return
	}
	d.fine("clock", "The clocks agree")
}

// checkCollation finds a database whose text indexes were made under another version of the collations' library.
func (d *doctor) checkCollation(ctx context.Context, db *postgres.DB) {
	var name string
	var recorded, actual *string
	if !d.ask(ctx, db, "collation", `SELECT datname::text, datcollversion, pg_database_collation_actual_version(oid)
FROM pg_catalog.pg_database WHERE datname = current_database()`, &name, &recorded, &actual) {
		return
	}
	if recorded != nil && actual != nil && *recorded != *actual {
		database := postgres.Ident(name)
		d.add("collation", Broken, "Text indexes may be wrong: the library of the collations has another version",
			[]string{"made with " + *recorded + ", now " + *actual},
			psqlCommand("REINDEX DATABASE "+database), sqlCommand("ALTER DATABASE "+database+" REFRESH COLLATION VERSION"))
	}
}

func (d *doctor) checkHealth(ctx context.Context, db *postgres.DB) {
	h, err := db.Health(ctx)
	if err != nil {
		d.failed("health", "The server's health can't be asked for", err)
		return
	}
	if h.Max > 0 && h.Used*10 >= h.Max*8 {
		d.add("connections", Warning, "The connection limit is near", []string{fmt.Sprintf("%d of %d in use", h.Used, h.Max)},
			remedy.Naap("dev sql", "SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC"))
	} else {
		d.fine("connections", fmt.Sprintf("%d of %d connections", h.Used, h.Max))
	}
	for _, a := range h.LongRunning {
		if a.InTx < d.longTx {
			continue
		}
		d.add("long-transaction", Warning, "A transaction has been open for long",
			[]string{fmt.Sprintf("pid %d (%s), %s, for %s: %s", a.PID, a.Application, a.State, a.InTx.Round(time.Second), a.Query)},
			sqlCommand(fmt.Sprintf("SELECT pg_terminate_backend(%d)", a.PID)))
	}
	for _, w := range h.Waiting {
		d.add("lock", Warning, "A session waits for a lock",
			[]string{fmt.Sprintf("pid %d waits %s for %s", w.Blocked.PID, w.Waits.Round(time.Second), w.Target)},
			sqlCommand(fmt.Sprintf("SELECT pg_terminate_backend(p) FROM unnest(pg_blocking_pids(%d)) p WHERE p > 0", w.Blocked.PID)))
	}
}

// checkIndexes finds indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX left, which cost and do not serve, and
// those of partitioned tables that some partition lacks. The latter are mended by no REINDEX.
func (d *doctor) checkIndexes(ctx context.Context, db *postgres.DB) {
	rows, err := db.Query(ctx, `SELECT n.nspname, c.relname, c.relkind = 'I' FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid ORDER BY 1, 2`)
	if err != nil {
		d.failed("invalid-index", "The indexes can't be listed", err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var t postgres.TableRef
		var partitioned bool
		if err := rows.Scan(&t.Schema, &t.Name, &partitioned); err != nil {
			break
		}
		drop := sqlCommand("DROP INDEX " + t.Quoted())
		if partitioned {
			d.add("invalid-index", Warning, "An index of a partitioned table is not on every partition", []string{t.String()}, drop, remedy.Again("dev push"))
			continue
		}
		d.add("invalid-index", Warning, "An index is invalid and is not used", []string{t.String()}, sqlCommand("REINDEX INDEX "+t.Quoted()), drop)
	}
	if err := rows.Err(); err != nil {
		d.failed("invalid-index", "The indexes can't be listed", err)
	}
}

// sequencesSQL lists the sequences that belong to a column, with the column.
const sequencesSQL = `
SELECT sn.nspname, s.relname, tn.nspname, t.relname, a.attname, q.seqincrement < 0
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
	AND tn.nspname !~ '` + hidden.Schemas + `' ORDER BY 1, 2`

type ownedSequence struct {
	sequence, table postgres.TableRef
	column          string
	down            bool // it counts down
}

// checkSequences finds sequences that would give out a value that is there already: rows were inserted with their keys.
func (d *doctor) checkSequences(ctx context.Context, db *postgres.DB) {
	rows, err := db.Query(ctx, sequencesSQL)
	if err != nil {
		d.failed("sequence", "Sequences can't be listed", err)
		return
	}
	var all []ownedSequence
	for rows.Next() {
		var o ownedSequence
		if err := rows.Scan(&o.sequence.Schema, &o.sequence.Name, &o.table.Schema, &o.table.Name, &o.column, &o.down); err == nil {
			all = append(all, o)
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		d.failed("sequence", "Sequences can't be listed", err)
		return
	}
	for _, o := range all {
		d.checkSequence(ctx, db, o)
	}
	d.fine("sequences", plural(len(all), "sequence")+" looked at")
}

func (d *doctor) checkSequence(ctx context.Context, db *postgres.DB, o ownedSequence) {
	furthest, before := "max", "last_value - 1"
	if o.down {
		furthest, before = "min", "last_value + 1"
	}
	var there, last *int64
	if !d.ask(ctx, db, "sequence", fmt.Sprintf(`SELECT (SELECT %s(%s)::bigint FROM %s), (SELECT CASE WHEN is_called THEN last_value ELSE %s END FROM %s)`,
		furthest, postgres.Ident(o.column), o.table.Quoted(), before, o.sequence.Quoted()), &there, &last) || there == nil || last == nil {
		return
	}
	if o.down && *there < *last || !o.down && *there > *last {
		d.add("sequence", Warning, "A sequence is behind its column: the next insert fails",
			[]string{fmt.Sprintf("%s.%s has %d, its sequence gave out %d", o.table, o.column, *there, *last)},
			sqlCommand(fmt.Sprintf("SELECT setval(%s, %d)", postgres.Literal(o.sequence.Quoted()), *there)))
	}
}
