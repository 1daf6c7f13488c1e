package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
)

const hiddenSchema = `(n.nspname ~ '` + hidden.Schemas + `')`

// The mark changes when anything is committed: which transactions a snapshot sees decides which rows and catalogue
// entries are visible, so that the same text from the same start of the same server means the same database. $1 says
// whether hidden schemas are included.
const markExpr = `concat_ws('/', pg_current_snapshot(), extract(epoch from pg_postmaster_start_time()), current_database(), $1::text)`

// changed is false for every row if the mark is still $2; the server evaluates it once for a query.
const changed = `(` + markExpr + ` <> $2::text)`

const shown = `($1 = 'all' OR NOT ` + hiddenSchema + `)`

// The objects that the server itself brings have lower OIDs.
const (
	firstOID = `16384`
	relevant = `>= CASE WHEN $1 = 'all' THEN 0 ELSE ` + firstOID + ` END::oid`
)

const schemasSQL = `
SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner), coalesce(obj_description(n.oid, 'pg_namespace'), ''), ` + hiddenSchema + `,
	coalesce(f.n, 0), coalesce(q.n, 0)
FROM pg_namespace n
LEFT JOIN (SELECT p.pronamespace, count(*) AS n FROM pg_proc p WHERE p.oid ` + relevant + `
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
	GROUP BY 1) f ON f.pronamespace = n.oid
LEFT JOIN (SELECT s.relnamespace, count(*) AS n FROM pg_class s WHERE s.relkind = 'S' GROUP BY 1) q ON q.relnamespace = n.oid
WHERE ` + changed + ` AND ` + shown + ` AND n.nspname NOT LIKE 'pg\_temp\_%' AND n.nspname NOT LIKE 'pg\_toast%'
ORDER BY n.nspname COLLATE "C"`

// Asking for a relation's size waits for any session that holds, or waits for, an exclusive lock on it: a schema being
// reset would stop every screen. Those relations are left out, with relpages instead; $3 = 'guess' leaves out all, for
// when a lock was taken just then and lock_timeout expired. With $3 = 'listed', which only a superuser may, the sizes are
// those of the files: see listedSizes. A brief list has nothing but rows and sizes.
func tablesSQL(sizes string, brief bool) string {
	with, join := "", ""
	total, heap := "coalesce(pg_total_relation_size(c.oid), 0)", "coalesce(pg_relation_size(c.oid), 0)"
	if sizes == sizesListed {
		with, join = listedSizes, "\nLEFT JOIN sizes z ON z.owner = c.oid"
		total, heap = "CASE WHEN z.whole THEN z.total ELSE "+total+" END", "CASE WHEN z.whole THEN z.heap ELSE "+heap+" END"
	}
	details, more := tableDetails, tableParts
	if brief {
		details, more = "0, 0, false, 0, 0", ""
	}
	return `
WITH locked AS MATERIALIZED (
	SELECT DISTINCT coalesce(i.indrelid, l.relation) AS oid
	FROM pg_locks l LEFT JOIN pg_index i ON i.indexrelid = l.relation
	WHERE ` + changed + ` AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))` + with + `
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), coalesce(` + commentOn + `, ''),
	c.relispartition, c.relpersistence = 'u', c.relispopulated, c.reltuples, c.relpages,
	CASE WHEN l.oid IS NULL AND $3::text <> 'guess' THEN ` + total + ` ELSE c.relpages * 8192::bigint END,
	CASE WHEN l.oid IS NULL AND $3::text <> 'guess' THEN ` + heap + ` ELSE c.relpages * 8192::bigint END,
	` + details + `,
	coalesce(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid), 0),
	coalesce(pg_stat_get_live_tuples(c.oid), 0), coalesce(pg_stat_get_dead_tuples(c.oid), 0),
	c.relrowsecurity, CASE WHEN c.relispartition THEN (SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid LIMIT 1) END,
	l.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), false)
FROM pg_class c
LEFT JOIN locked l ON l.oid = c.oid
JOIN pg_namespace n ON n.oid = c.relnamespace` + more + join + `
WHERE ` + changed + ` AND ` + shown + ` AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_temp\_%'
	AND n.nspname NOT LIKE 'pg\_toast%'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`
}

// commentOn is obj_description(c.oid, 'pg_class') as a subquery: that function is one in SQL, whose execution begins anew
// for each table, which takes a sixth of the time of the whole query.
const commentOn = `(SELECT d.description FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0)`

// tableDetails are what a table has beside its rows, and tableParts where that is read.
const (
	tableDetails = `coalesce(a.columns, 0), coalesce(i.indexes, 0), coalesce(i.has_key, false),
	coalesce(pg_stat_get_numscans(c.oid), 0) + coalesce(i.scans, 0), coalesce(t.triggers, 0)`
	tableParts = `
LEFT JOIN (SELECT attrelid, count(*) AS columns FROM pg_attribute
	WHERE attrelid ` + relevant + ` AND attnum > 0 AND NOT attisdropped GROUP BY 1) a
	ON a.attrelid = c.oid
LEFT JOIN (SELECT indrelid, count(*) AS indexes, bool_or(indisprimary) AS has_key, sum(pg_stat_get_numscans(indexrelid)) AS scans
	FROM pg_index WHERE indrelid ` + relevant + ` GROUP BY 1) i ON i.indrelid = c.oid
LEFT JOIN (SELECT tgrelid, count(*) AS triggers FROM pg_trigger
	WHERE NOT tgisinternal GROUP BY 1) t ON t.tgrelid = c.oid`
)

const enumsSQL = `
SELECT t.oid, n.nspname, t.typname, (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE ` + changed + ` AND ` + shown + ` AND t.typtype = 'e'
ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C"`

// The foreign keys of partitions repeat those of their parents (conparentid). Most keys have one column, which is found
// without the work that several need.
const edgeColumns = `k.oid, k.conname, n.nspname, c.relname, fn.nspname, f.relname,
	CASE WHEN cardinality(k.conkey) = 1
		THEN (SELECT json_build_array(a.attname) FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])
		ELSE (SELECT json_agg(a.attname ORDER BY u.i) FROM unnest(k.conkey) WITH ORDINALITY u(attnum, i)
			JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) END,
	CASE WHEN cardinality(k.confkey) = 1
		THEN (SELECT json_build_array(a.attname) FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])
		ELSE (SELECT json_agg(a.attname ORDER BY u.i) FROM unnest(k.confkey) WITH ORDINALITY u(attnum, i)
			JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) END,
	k.confdeltype, k.convalidated`

const edgeTables = `
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class f ON f.oid = k.confrelid
JOIN pg_namespace fn ON fn.oid = f.relnamespace`

const edgesSQL = `
SELECT ` + edgeColumns + edgeTables + `
WHERE ` + changed + ` AND ` + shown + ` AND k.contype = 'f' AND k.conparentid = 0
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

const extensionsSQL = `
SELECT e.extname, n.nspname, e.extversion
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE ` + changed + ` AND ($1 = 'all' OR e.extname <> 'plpgsql')
ORDER BY e.extname`

const damageSQL = `
SELECT CASE WHEN ` + changed + ` THEN pg_database_size(current_database()) END,
	CASE WHEN ` + changed + ` THEN (SELECT json_agg(json_build_array(n.nspname, c.relname) ORDER BY n.nspname, c.relname)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT i.indisvalid AND c.relkind = 'i') END`

// tableRow is a table while a snapshot is being made.
type tableRow struct {
	info      TableInfo
	populated bool
	parent    uint32 // for a partition
	hidden    bool   // the user may not read its rows
	reltuples float64
	relpages  int64
	live      int64
}

// catalogueAsks read the catalogue in one transaction, so that its parts fit together and agree on the mark.
type catalogueAsks struct {
	s      *Snapshot
	tables []*tableRow
	enums  []enumInfo
	list   []*ask
	sized  bool
	listed bool   // the sizes are those of the files
	after  string // the mark when all had been read, if listed
}

func newCatalogueAsks(s *Snapshot, opt SnapshotOptions, previous, sizes string) *catalogueAsks {
	c := &catalogueAsks{s: s}
	which := "own"
	if opt.Hidden {
		which = "all"
	}
	add := func(sql string, each func(textRow)) { c.list = append(c.list, keptAsk(sql, each, which, previous)) }
	c.list = append(c.list,
		newAsk("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil),
		newAsk(fixedPath, nil),
		newAsk("SET LOCAL lock_timeout = '100ms'", nil),
		keptAsk("SELECT "+markExpr, func(r textRow) { s.mark = r.str(0) }, which))
	add(schemasSQL, c.schema)
	c.list = append(c.list, keptAsk(tablesSQL(sizes, opt.Brief), c.table, which, previous, sizes))
	c.sized, c.listed = sizes != sizesGuessed, sizes == sizesListed
	if !opt.Brief {
		add(enumsSQL, c.enum)
		add(edgesSQL, func(r textRow) { s.ForeignKeys = append(s.ForeignKeys, readEdge(r)) })
		add(extensionsSQL, func(r textRow) { s.Extensions = append(s.Extensions, extensionInfo{r.str(0), r.str(1), r.str(2)}) })
		add(damageSQL, c.damage)
	}
	c.list = append(c.list, newAsk("COMMIT", nil))
	if c.listed {
		c.list = append(c.list, newAsk("SELECT "+strings.ReplaceAll(markExpr, "$1::text", "'"+which+"'"), func(r textRow) { c.after = r.str(0) }))
	}
	return c
}

func (c *catalogueAsks) asks() []*ask { return c.list }

func (c *catalogueAsks) schema(r textRow) {
	c.s.Schemas = append(c.s.Schemas, SchemaInfo{
		OID: r.oid(0), Name: r.str(1), Owner: r.str(2), Comment: r.str(3), Hidden: r.bool(4),
		Functions: int(r.int(5)), Sequences: int(r.int(6)),
	})
}

func (c *catalogueAsks) table(r textRow) {
	c.tables = append(c.tables, &tableRow{
		info: TableInfo{
			OID: r.oid(0), Schema: r.str(1), Name: r.str(2), Kind: relationKind(r.str(3)), Owner: r.str(4), Comment: r.str(5),
			Partition: r.bool(6), Unlogged: r.bool(7), Bytes: r.int(11), HeapBytes: r.int(12),
			Columns: int(r.int(13)), Indexes: int(r.int(14)), HasKey: r.bool(15), Scans: r.int(16), Triggers: int(r.int(17)),
			Changes: r.int(18), Dead: r.int(20), RowSecurity: r.bool(21),
			Locked: r.bool(23),
		},
		populated: r.bool(8), reltuples: r.float(9), relpages: r.int(10), live: r.int(19), parent: r.oid(22), hidden: !r.bool(24),
	})
}

func (c *catalogueAsks) enum(r textRow) {
	c.enums = append(c.enums, enumInfo{OID: r.oid(0), Schema: r.str(1), Name: r.str(2), Labels: r.list(3)})
}

func (c *catalogueAsks) damage(r textRow) {
	c.s.Health.DatabaseBytes = r.int(0)
	for _, pair := range r.pairs(1) {
		c.s.Health.InvalidIndexes = append(c.s.Health.InvalidIndexes, TableRef{pair[0], pair[1]})
	}
}

func readEdge(r textRow) ForeignKeyEdge {
	return ForeignKeyEdge{
		OID: r.oid(0), Name: r.str(1), From: TableRef{r.str(2), r.str(3)}, To: TableRef{r.str(4), r.str(5)},
		FromColumns: r.list(6), ToColumns: r.list(7), OnDelete: referentialAction(r.str(8)), Valid: r.bool(9),
	}
}

// finish works out what needs several answers: which tables refer to which.
func (c *catalogueAsks) finish() {
	byName := make(map[TableRef]*tableRow, len(c.tables))
	for _, t := range c.tables {
		byName[t.info.Ref()] = t
	}
	for _, k := range c.s.ForeignKeys {
		if from := byName[k.From]; from != nil && !slices.Contains(from.info.References, k.To) {
			from.info.References = append(from.info.References, k.To)
		}
		if to := byName[k.To]; to != nil {
			to.info.ReferencedBy++
		}
	}
}

// assemble puts tables and enums into their schemas, and sums up.
func (c *catalogueAsks) assemble() {
	c.sumPartitions()
	schemas := make(map[string]*SchemaInfo, len(c.s.Schemas))
	for i := range c.s.Schemas {
		c.s.Schemas[i].Rows.Exact = true
		schemas[c.s.Schemas[i].Name] = &c.s.Schemas[i]
	}
	for _, t := range c.tables {
		s := schemas[t.info.Schema]
		if s == nil {
			continue
		}
		t.info.Empty = t.info.HoldsRows() && t.info.Rows == RowCount{Exact: true}
		s.Tables = append(s.Tables, t.info)
		s.Bytes += t.info.Bytes
		if t.info.Name == hidden.Migrations {
			continue
		}
		if t.info.Kind == KindTable || t.info.Kind == kindForeign { // the rows of a partitioned table are those of its partitions
			s.Rows.N += t.info.Rows.N
			s.Rows.Exact = s.Rows.Exact && t.info.Rows.Exact
		}
	}
	for _, e := range c.enums {
		if s := schemas[e.Schema]; s != nil {
			s.Enums = append(s.Enums, e)
		}
	}
}

// sumPartitions gives partitioned tables the rows and bytes of their partitions, deepest first.
func (c *catalogueAsks) sumPartitions() {
	children := map[uint32][]*tableRow{}
	for _, t := range c.tables {
		if t.parent != 0 {
			children[t.parent] = append(children[t.parent], t)
		}
	}
	var sum func(t *tableRow)
	sum = func(t *tableRow) {
		if t.info.Kind != kindPartitioned {
			return
		}
		t.info.Rows = RowCount{Exact: true}
		for _, part := range children[t.info.OID] {
			sum(part)
			t.info.Rows.N += part.info.Rows.N
			t.info.Rows.Exact = t.info.Rows.Exact && part.info.Rows.Exact
		}
	}
	for _, t := range c.tables {
		if t.parent == 0 {
			sum(t)
		}
	}
}

func relationKind(relkind string) RelationKind {
	switch relkind {
	case "p":
		return kindPartitioned
	case "v":
		return KindView
	case "m":
		return kindMatView
	case "f":
		return kindForeign
	}
	return KindTable
}

func referentialAction(c string) string {
	switch c {
	case "r":
		return "RESTRICT"
	case "c":
		return "CASCADE"
	case "n":
		return "SET NULL"
	case "d":
		return "SET DEFAULT"
	}
	return "NO ACTION"
}

// sortGroups puts the largest group first.
func sortGroups(groups []SessionGroup) {
	slices.SortFunc(groups, func(a, b SessionGroup) int {
		return cmp.Or(b.Sessions-a.Sessions, cmp.Compare(a.Application, b.Application), cmp.Compare(a.State, b.State))
	})
}
