package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Detail reads everything about one relation: one round trip. It waits half a second at most for a relation on which
// another session holds an exclusive lock.
func (db *DB) Detail(ctx context.Context, table TableRef) (*TableDetail, error) {
	var d *TableDetail
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		d = &TableDetail{}
		return d.load(ctx, pc, table)
	})
	if HasCode(err, lockNotAvailable) {
		return nil, remedy.New("table.locked", remedy.ExitFailed, "%s is locked by another session", table).
			WithFix("look at who holds it up, or wait").Wrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", table, err)
	}
	d.DDL = d.statements()
	return d, nil
}

// noSuchTable returns the error for reading a relation that does not exist.
func noSuchTable(table TableRef) error {
	return remedy.New("table.missing", remedy.ExitFailed, "there is no table or view %s", table).
		WithFix("look at the list again: it may have been dropped or renamed")
}

// target finds the relation: $1 is its schema, $2 its name. The other queries of a detail build on it.
const target = `WITH t AS MATERIALIZED (
	SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = $1::text AND c.relname = $2::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))
`

const detailSQL = target + `
SELECT t.oid, t.relkind, pg_get_userbyid(t.relowner), coalesce(obj_description(t.oid, 'pg_class'), ''), t.relispartition,
	t.relpersistence = 'u', t.reltuples, t.relpages, coalesce(pg_relation_size(t.oid), 0), coalesce(pg_indexes_size(t.oid), 0),
	coalesce(pg_total_relation_size(t.reltoastrelid), 0), coalesce(pg_total_relation_size(t.oid), 0),
	t.relrowsecurity, t.relforcerowsecurity, CASE WHEN t.relkind IN ('v', 'm') THEN pg_get_viewdef(t.oid, true) END,
	CASE WHEN t.relkind = 'p' THEN pg_get_partkeydef(t.oid) END, pg_get_expr(t.relpartbound, t.oid),
	(SELECT json_build_array(n.nspname, p.relname) FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent
		JOIN pg_namespace n ON n.oid = p.relnamespace WHERE h.inhrelid = t.oid AND t.relispartition LIMIT 1),
	(SELECT json_agg(json_build_array(n.nspname, p.relname) ORDER BY n.nspname, p.relname) FROM pg_inherits h
		JOIN pg_class p ON p.oid = h.inhrelid JOIN pg_namespace n ON n.oid = p.relnamespace
		WHERE h.inhparent = t.oid AND p.relispartition),
	array_to_string(t.reloptions, ', '), (SELECT a.amname FROM pg_am a WHERE a.oid = t.relam)
FROM t`

const detailColumnsSQL = target + `
SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid, y.typtype, y.typcategory,
	y.typelem, a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
	CASE WHEN a.attcollation <> y.typcollation THEN (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.collname)
		FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) END,
	coalesce(col_description(t.oid, a.attnum), ''),
	(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e
		WHERE e.enumtypid = CASE WHEN y.typtype = 'd' THEN y.typbasetype WHEN y.typcategory = 'A' THEN y.typelem ELSE y.oid END)
FROM t JOIN pg_attribute a ON a.attrelid = t.oid
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

const detailIndexesSQL = target + `
SELECT c.relname, pg_get_indexdef(i.indexrelid), m.amname,
	(SELECT json_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k) FROM generate_series(1, i.indnkeyatts) k),
	pg_get_expr(i.indpred, i.indrelid, true), i.indisunique, i.indisprimary,
	EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = t.oid),
	i.indisvalid, coalesce(pg_relation_size(i.indexrelid), 0), coalesce(pg_stat_get_numscans(i.indexrelid), 0),
	coalesce(pg_stat_get_tuples_returned(i.indexrelid), 0), coalesce(obj_description(i.indexrelid, 'pg_class'), ''),
	(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
		WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = t.oid LIMIT 1),
	` + keyColumns + `
FROM t JOIN pg_index i ON i.indrelid = t.oid
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_am m ON m.oid = c.relam
ORDER BY i.indisprimary DESC, c.relname COLLATE "C"`

const detailKeysSQL = target + `
SELECT ` + edgeColumns + `, k.confupdtype, pg_get_constraintdef(k.oid), k.condeferrable, k.condeferred,
	coalesce(obj_description(k.oid, 'pg_constraint'), ''), k.conrelid = (SELECT oid FROM t), k.confrelid = (SELECT oid FROM t)` + edgeTables + `
WHERE k.contype = 'f' AND (k.conrelid = (SELECT oid FROM t) OR k.confrelid = (SELECT oid FROM t) AND k.conparentid = 0)
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

const detailChecksSQL = target + `
SELECT k.conname, pg_get_constraintdef(k.oid), k.convalidated, coalesce(obj_description(k.oid, 'pg_constraint'), '')
FROM t JOIN pg_constraint k ON k.conrelid = t.oid
WHERE k.contype IN ('c', 'x') ORDER BY k.conname COLLATE "C"`

const detailTriggersSQL = target + `
SELECT g.tgname, pg_get_triggerdef(g.oid), g.tgenabled <> 'D'
FROM t JOIN pg_trigger g ON g.tgrelid = t.oid
WHERE NOT g.tgisinternal ORDER BY g.tgname COLLATE "C"`

const detailPoliciesSQL = target + `
SELECT p.polname, p.polpermissive, p.polcmd,
	(SELECT json_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END) FROM unnest(p.polroles) r),
	pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM t JOIN pg_policy p ON p.polrelid = t.oid ORDER BY p.polname COLLATE "C"`

const detailStatsSQL = target + `
SELECT coalesce(s.n_live_tup, 0), coalesce(s.n_dead_tup, 0), coalesce(s.n_tup_ins, 0), coalesce(s.n_tup_upd, 0),
	coalesce(s.n_tup_del, 0), coalesce(s.n_tup_hot_upd, 0), coalesce(s.seq_scan, 0), coalesce(s.seq_tup_read, 0),
	coalesce(s.idx_scan, 0), coalesce(s.idx_tup_fetch, 0), coalesce(b.heap_blks_hit, 0), coalesce(b.heap_blks_read, 0),
	coalesce(b.idx_blks_hit, 0), coalesce(b.idx_blks_read, 0), extract(epoch from s.last_vacuum),
	extract(epoch from s.last_autovacuum), extract(epoch from s.last_analyze), extract(epoch from s.last_autoanalyze)
FROM t JOIN pg_stat_all_tables s ON s.relid = t.oid LEFT JOIN pg_statio_all_tables b ON b.relid = t.oid`

// quietly begins a transaction that reads definitions: it does not wait long for a lock, and without a search path
// every name that the server writes into a definition has its schema, as in pg_dump.
const quietly = `SELECT set_config('lock_timeout', '500ms', true), set_config('search_path', '', true)`

// load asks for all parts in one transaction of one round trip.
func (d *TableDetail) load(ctx context.Context, pc *pgconn.PgConn, table TableRef) error {
	var asks []*ask
	add := func(sql string, each func(textRow)) {
		asks = append(asks, keptAsk(sql, each, table.Schema, table.Name))
	}
	asks = append(asks, keptAsk(quietly, nil))
	var access string
	add(detailSQL, func(r textRow) { d.relation(table, r); access = r.str(20) })
	add(detailColumnsSQL, d.column)
	keys := &keyFinder{}
	add(detailIndexesSQL, func(r textRow) { d.index(r); keys.add(r, 14) })
	add(detailKeysSQL, d.foreignKey)
	add(detailChecksSQL, func(r textRow) { d.Checks = append(d.Checks, Check{r.str(0), r.str(1), r.bool(2), r.str(3)}) })
	add(detailTriggersSQL, func(r textRow) { d.Triggers = append(d.Triggers, trigger{r.str(0), r.str(1), r.bool(2)}) })
	add(detailPoliciesSQL, d.policy)
	add(detailStatsSQL, d.stats)
	if err := readOnlyExchange(ctx, pc, asks...); err != nil {
		return err
	}
	if d.OID == 0 {
		return noSuchTable(table)
	}
	d.accessMethod = access
	keys.mark(d)
	d.sum()
	return nil
}

func (d *TableDetail) relation(table TableRef, r textRow) {
	d.TableInfo = TableInfo{
		OID: r.oid(0), Schema: table.Schema, Name: table.Name, Kind: relationKind(r.str(1)), Owner: r.str(2), Comment: r.str(3),
		Partition: r.bool(4), Unlogged: r.bool(5), HeapBytes: r.int(8), Bytes: r.int(11), RowSecurity: r.bool(12),
	}
	row := tableRow{info: d.TableInfo, reltuples: r.float(6), relpages: r.int(7)}
	d.Rows = row.estimate()
	d.Stats.HeapBytes, d.Stats.IndexBytes, d.Stats.ToastBytes, d.Stats.TotalBytes = r.int(8), r.int(9), r.int(10), r.int(11)
	d.Stats.Options = r.str(19)
	d.ForcedRowSecurity = r.bool(13)
	d.ViewQuery = strings.TrimSpace(r.str(14))
	d.Partitioning.Key, d.Partitioning.Bound = r.str(15), r.str(16)
	if pair := r.list(17); len(pair) == 2 {
		d.Partitioning.Parent = &TableRef{pair[0], pair[1]}
	}
	for _, pair := range r.pairs(18) {
		d.Partitioning.Parts = append(d.Partitioning.Parts, TableRef{pair[0], pair[1]})
	}
}

func (d *TableDetail) column(r textRow) {
	c := Column{
		Number: int(r.int(0)), Name: r.str(1), Type: d.shortType(r.str(2)), SQLType: r.str(2), TypeOID: r.oid(3),
		Kind: columnKind(r.oid(3), r.str(4), r.str(5)), NotNull: r.bool(7), Default: r.str(8),
		Collation: r.str(11), Comment: r.str(12), EnumLabels: r.list(13),
	}
	switch r.str(9) {
	case "a":
		c.Identity = "ALWAYS"
	case "d":
		c.Identity = "BY DEFAULT"
	}
	if r.str(10) != "" {
		c.Generated, c.Default = c.Default, ""
	}
	d.Columns = append(d.Columns, c)
}

// shortType leaves out the schemas that go without saying.
func (d *TableDetail) shortType(t string) string {
	for _, schema := range []string{d.Schema, "public"} {
		for _, prefix := range []string{schema + ".", Ident(schema) + "."} {
			if short, ok := strings.CutPrefix(t, prefix); ok {
				return short
			}
		}
	}
	return t
}

func (d *TableDetail) index(r textRow) {
	x := Index{
		Name: r.str(0), Definition: r.str(1), Method: r.str(2), Columns: r.list(3), Predicate: r.str(4), Unique: r.bool(5),
		Primary: r.bool(6), Constraint: r.bool(7), Valid: r.bool(8), Bytes: r.int(9), Scans: r.int(10), RowsRead: r.int(11),
		Comment: r.str(12), ConstraintDefinition: r.str(13),
	}
	d.Indexes = append(d.Indexes, x)
}

func (d *TableDetail) foreignKey(r textRow) {
	k := ForeignKey{
		ForeignKeyEdge: readEdge(r), OnUpdate: referentialAction(r.str(10)), Definition: r.str(11), Deferrable: r.bool(12),
		Deferred: r.bool(13), Comment: r.str(14),
	}
	if r.bool(15) {
		d.Out = append(d.Out, k)
	}
	if r.bool(16) {
		d.In = append(d.In, k)
	}
}

func (d *TableDetail) policy(r textRow) {
	commands := map[string]string{"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
	d.Policies = append(d.Policies, policy{
		Name: r.str(0), Permissive: r.bool(1), Command: commands[r.str(2)], Roles: r.list(3), Using: r.str(4), WithCheck: r.str(5),
	})
}

func (d *TableDetail) stats(r textRow) {
	s := &d.Stats
	s.Live, s.Dead, s.Inserted, s.Updated, s.Deleted, s.HotUpdated = r.int(0), r.int(1), r.int(2), r.int(3), r.int(4), r.int(5)
	s.SeqScans, s.SeqRowsRead, s.IndexScans, s.IndexRowsFetched = r.int(6), r.int(7), r.int(8), r.int(9)
	s.HeapHit, s.HeapRead, s.IndexHit, s.IndexRead = r.int(10), r.int(11), r.int(12), r.int(13)
	s.Vacuumed, s.AutoVacuumed, s.Analyzed, s.AutoAnalyzed = r.epoch(14), r.epoch(15), r.epoch(16), r.epoch(17)
}

// sum fills in what the list of tables shows too.
func (d *TableDetail) sum() {
	d.TableInfo.Columns = len(d.Columns)
	d.TableInfo.Indexes = len(d.Indexes)
	d.TableInfo.Triggers = len(d.Triggers)
	d.ReferencedBy = len(d.In)
	d.Scans = d.Stats.SeqScans + d.Stats.IndexScans
	d.Changes = d.Stats.Inserted + d.Stats.Updated + d.Stats.Deleted
	d.Dead = d.Stats.Dead
	d.Stats.Rows = d.Rows
	for _, k := range d.Out {
		d.References = append(d.References, k.To)
	}
}

// columnKind classifies a type by its OID, its kind (pg_type.typtype) and its category (typcategory).
func columnKind(oid uint32, typtype, category string) ColumnKind {
	switch oid {
	case 17:
		return BytesKind
	case 114, 3802:
		return JSONKind
	case 2950:
		return UUIDKind
	}
	switch typtype {
	case "e":
		return EnumKind
	case "c":
		return CompositeKind
	case "r", "m":
		return RangeKind
	}
	switch category {
	case "A":
		return ArrayKind
	case "B":
		return BoolKind
	case "N":
		return NumberKind
	case "D", "T":
		return TimeKind
	case "S", "Z":
		return TextKind
	}
	return otherKind
}
