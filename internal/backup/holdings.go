package backup

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// holdings are what a database contains, by the names in pg_dump's table of contents.
type holdings struct {
	objects map[Object]bool
	rows    map[Object]int64 // of each table, without those of its partitions and children
	bytes   int64            // of the database on disk
	undo    int              // entries that undo keeps
	notes   bool             // the ledger exists
}

// askObjects lists what pg_dump would make an entry for, except extensions' members, in a session with an empty
// search_path: types are then named as pg_dump names them. What belongs to another object and was not named by the user
// is left out: sequences of columns, indexes of constraints, keys and triggers that partitions inherit from their
// parents.
const askObjects = `
WITH ns AS MATERIALIZED (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '` + hidden.Schemas + `'),
ext AS MATERIALIZED (SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'),
rel AS MATERIALIZED (SELECT c.*, ns.nspname FROM pg_catalog.pg_class c JOIN ns ON ns.oid = c.relnamespace
	WHERE NOT EXISTS (SELECT FROM ext WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = c.oid))
SELECT kind, translate(coalesce(schema, ''), E'\n\r', '  '), translate(name, E'\n\r', '  ') FROM (
	SELECT 'schema' AS kind, '' AS schema, nspname::text AS name, 'pg_catalog.pg_namespace'::regclass AS classid, oid FROM ns WHERE nspname <> 'public'
	UNION ALL SELECT CASE relkind WHEN 'f' THEN 'foreign table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname, relname, NULL, oid
		FROM rel WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND NOT (relkind = 'S' AND EXISTS (
			SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = rel.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_catalog.pg_class'::regclass))
	UNION ALL SELECT 'column', rel.nspname, rel.relname || ' ' || a.attname, NULL, rel.oid FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid
		WHERE rel.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0
	UNION ALL SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, ns.nspname,
		p.proname || '(' || CASE WHEN p.prokind = 'a' AND p.pronargs = 0 THEN '*' ELSE pg_catalog.oidvectortypes(p.proargtypes) END || ')', 'pg_catalog.pg_proc'::regclass, p.oid
		FROM pg_catalog.pg_proc p JOIN ns ON ns.oid = p.pronamespace
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
	UNION ALL SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, ns.nspname, t.typname, 'pg_catalog.pg_type'::regclass, t.oid
		FROM pg_catalog.pg_type t JOIN ns ON ns.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
		WHERE t.typtype IN ('d', 'e', 'r') OR t.typtype = 'c' AND c.relkind = 'c' OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type el WHERE el.typarray = t.oid)
	UNION ALL SELECT 'index', i.nspname, i.relname, NULL, i.oid FROM rel i JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid JOIN rel t ON t.oid = x.indrelid
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
	UNION ALL SELECT CASE k.contype WHEN 'f' THEN 'fk constraint' ELSE 'constraint' END, rel.nspname, rel.relname || ' ' || k.conname, NULL, k.oid
		FROM pg_catalog.pg_constraint k JOIN rel ON rel.oid = k.conrelid WHERE k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND k.conparentid = 0
	UNION ALL SELECT 'trigger', rel.nspname, rel.relname || ' ' || t.tgname, NULL, t.oid FROM pg_catalog.pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0
	UNION ALL SELECT 'policy', rel.nspname, rel.relname || ' ' || p.polname, NULL, p.oid FROM pg_catalog.pg_policy p JOIN rel ON rel.oid = p.polrelid
	UNION ALL SELECT 'rule', rel.nspname, rel.relname || ' ' || r.rulename, NULL, r.oid FROM pg_catalog.pg_rewrite r JOIN rel ON rel.oid = r.ev_class WHERE r.rulename <> '_RETURN'
	UNION ALL SELECT 'statistics', ns.nspname, s.stxname, NULL, s.oid FROM pg_catalog.pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
	UNION ALL SELECT 'collation', ns.nspname, c.collname, 'pg_catalog.pg_collation'::regclass, c.oid FROM pg_catalog.pg_collation c JOIN ns ON ns.oid = c.collnamespace
	UNION ALL SELECT 'conversion', ns.nspname, c.conname, 'pg_catalog.pg_conversion'::regclass, c.oid FROM pg_catalog.pg_conversion c JOIN ns ON ns.oid = c.connamespace
	UNION ALL SELECT 'operator', ns.nspname, o.oprname, 'pg_catalog.pg_operator'::regclass, o.oid FROM pg_catalog.pg_operator o JOIN ns ON ns.oid = o.oprnamespace WHERE o.oprcode <> 0
	UNION ALL SELECT 'operator class', ns.nspname, o.opcname, 'pg_catalog.pg_opclass'::regclass, o.oid FROM pg_catalog.pg_opclass o JOIN ns ON ns.oid = o.opcnamespace
	UNION ALL SELECT 'text search configuration', ns.nspname, c.cfgname, 'pg_catalog.pg_ts_config'::regclass, c.oid FROM pg_catalog.pg_ts_config c JOIN ns ON ns.oid = c.cfgnamespace
	UNION ALL SELECT 'text search dictionary', ns.nspname, c.dictname, 'pg_catalog.pg_ts_dict'::regclass, c.oid FROM pg_catalog.pg_ts_dict c JOIN ns ON ns.oid = c.dictnamespace
	UNION ALL SELECT 'extension', '', extname, NULL, oid FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
	UNION ALL SELECT 'event trigger', '', evtname, 'pg_catalog.pg_event_trigger'::regclass, oid FROM pg_catalog.pg_event_trigger
	UNION ALL SELECT 'publication', '', pubname, NULL, oid FROM pg_catalog.pg_publication
	UNION ALL SELECT 'foreign data wrapper', '', fdwname, 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid FROM pg_catalog.pg_foreign_data_wrapper
	UNION ALL SELECT 'server', '', srvname, 'pg_catalog.pg_foreign_server'::regclass, oid FROM pg_catalog.pg_foreign_server
	UNION ALL SELECT 'cast', '', format('CAST (%s AS %s)', pg_catalog.format_type(castsource, NULL), pg_catalog.format_type(casttarget, NULL)), 'pg_catalog.pg_cast'::regclass, oid FROM pg_catalog.pg_cast
		WHERE oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_cast'::regclass AND d.objid = pg_cast.oid AND d.deptype = 'i')
	UNION ALL SELECT 'large object', '', oid::text, NULL, oid FROM pg_catalog.pg_largeobject_metadata
) o WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = o.classid AND ext.objid = o.oid)`

// askTables returns the tables with rows of their own.
const askTables = `
SELECT n.nspname::text, c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '` + hidden.Schemas + `' ORDER BY 1, 2`

// holdings looks at a database of the server and counts its rows, all in one snapshot. The lock that counting takes
// keeps nobody from reading or writing.
func (s *Server) holdings(ctx context.Context, database string) (*holdings, error) {
	conn, err := s.connect(ctx, database, map[string]string{"search_path": ""})
	if err != nil {
		return nil, err
	}
	defer postgres.Close(conn)
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	h := &holdings{objects: map[Object]bool{}, rows: map[Object]int64{}}
	for _, step := range []func(context.Context, *postgres.Conn) error{h.list, h.count, h.look} {
		if err := step(ctx, conn); err != nil {
			return nil, fmt.Errorf("look at what the database %q holds: %w", database, err)
		}
	}
	return h, nil
}

func (h *holdings) list(ctx context.Context, conn *postgres.Conn) error {
	return postgres.Each(ctx, conn, func(row postgres.Rows) error {
		var o Object
		err := row.Scan(&o.Kind, &o.Schema, &o.Name)
		h.objects[o.plain()] = true
		return err
	}, askObjects)
}

// countTogether is how many tables one statement counts.
const countTogether = 50

func (h *holdings) count(ctx context.Context, conn *postgres.Conn) error {
	tables, err := postgres.Collect(ctx, conn, func(t *Object) []any { t.Kind = "table"; return []any{&t.Schema, &t.Name} }, askTables)
	if err != nil {
		return err
	}
	for len(tables) > 0 {
		some := tables[:min(countTogether, len(tables))]
		tables = tables[len(some):]
		asks := say.Each(some, func(t Object) string {
			return "(SELECT pg_catalog.count(*) FROM ONLY " + postgres.Ident(t.Schema, t.Name) + ")"
		})
		counts := make([]int64, len(some))
		if err := conn.QueryRow(ctx, "SELECT ARRAY["+strings.Join(asks, ",")+"]").Scan(&counts); err != nil {
			return err
		}
		for i, t := range some {
			h.rows[t.oneLine()] = counts[i]
		}
	}
	return nil
}

// oneLine returns the object with its names as pg_dump writes them.
func (o Object) oneLine() Object {
	o.Schema, o.Name = blanks.Replace(o.Schema), blanks.Replace(o.Name)
	return o
}

func (h *holdings) look(ctx context.Context, conn *postgres.Conn) error {
	err := conn.QueryRow(ctx, `SELECT pg_catalog.pg_database_size(pg_catalog.current_database()), pg_catalog.to_regnamespace('`+hidden.Ledger+`') IS NOT NULL`).Scan(&h.bytes, &h.notes)
	if err != nil {
		return err
	}
	h.undo, err = ledger.CountUndos(ctx, conn)
	return err
}

// total returns the number of rows.
func (h *holdings) total() (n int64) {
	for _, rows := range h.rows {
		n += rows
	}
	return n
}
