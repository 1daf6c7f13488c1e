package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// The catalogue is read as a whole: every column of every system catalogue counts, except for those that are known to
// differ between two databases with the same objects. A reference to an object is read as the object's name, which the
// server's own list of references makes possible (pg_get_catalog_foreign_keys). So a kind of object that this file does
// not know by name is compared too.

// catalogueColumn is a column of a system catalogue.
type catalogueColumn struct {
	Table, Name, Type string
	Refers            string   // the catalogue that it refers to by OID; "" where it does not
	With              []string // the columns that refer together: a table's and that of a number of its columns
}

// skippedCatalogues are no part of a database's shape: statistics, what a subscription has reached, what initdb made. Those
// that refer to any kind of object are asked separately.
var skippedCatalogues = []string{"pg_statistic", "pg_statistic_ext_data", "pg_largeobject", "pg_largeobject_metadata", "pg_init_privs", "pg_subscription_rel",
	"pg_depend", "pg_description", "pg_seclabel", "pg_user_mapping"}

// skippedColumns differ without a difference: numbers of files, what VACUUM and ANALYZE found, hints that something was
// there once. Columns with numbers of a table's columns, and with expressions, are read by the server's own functions.
var skippedColumns = map[string][]string{
	"pg_class":         {"relfilenode", "relpages", "reltuples", "relallvisible", "relhasindex", "relhassubclass", "relhasrules", "relhastriggers", "relfrozenxid", "relminmxid", "reltoastrelid", "relrewrite", "relnatts", "relpartbound"},
	"pg_attribute":     {"attnum", "attcacheoff", "atthasmissing", "attmissingval"},
	"pg_index":         {"indcheckxmin", "indexprs", "indpred"},
	"pg_constraint":    {"conbin"},
	"pg_trigger":       {"tgqual"},
	"pg_rewrite":       {"ev_qual", "ev_action"},
	"pg_proc":          {"proargdefaults", "prosqlbody"},
	"pg_type":          {"typdefaultbin"},
	"pg_attrdef":       {"adbin"},
	"pg_enum":          {"enumsortorder"},
	"pg_policy":        {"polqual", "polwithcheck"},
	"pg_statistic_ext": {"stxexprs"},

	"pg_publication_rel":   {"prqual"},
	"pg_partitioned_table": {"partexprs"},
}

// addedColumns stand in for some of these.
var addedColumns = map[string][]string{
	"pg_class":         {"pg_get_expr(r.relpartbound, r.oid)"},
	"pg_attribute":     {"(SELECT count(*) FROM pg_attribute b WHERE b.attrelid = r.attrelid AND b.attnum > 0 AND NOT b.attisdropped AND b.attnum <= r.attnum)"},
	"pg_index":         {"pg_get_indexdef(r.indexrelid)"},
	"pg_constraint":    {"pg_get_constraintdef(r.oid)"},
	"pg_trigger":       {"pg_get_triggerdef(r.oid)"},
	"pg_rewrite":       {"pg_get_ruledef(r.oid)"},
	"pg_proc":          {"pg_get_expr(r.proargdefaults, 0)", "pg_get_function_sqlbody(r.oid)"},
	"pg_attrdef":       {"pg_get_expr(r.adbin, r.adrelid)"},
	"pg_enum":          {"(SELECT count(*) FROM pg_enum b WHERE b.enumtypid = r.enumtypid AND b.enumsortorder <= r.enumsortorder)"},
	"pg_policy":        {"pg_get_expr(r.polqual, r.polrelid)", "pg_get_expr(r.polwithcheck, r.polrelid)"},
	"pg_statistic_ext": {"pg_get_statisticsobjdef(r.oid)"},

	"pg_publication_rel":   {"pg_get_expr(r.prqual, r.prrelid)"},
	"pg_partitioned_table": {"pg_get_partkeydef(r.partrelid)"},
}

// ownNames name the rows that the server has no name for.
var ownNames = map[string]string{
	"pg_attribute": "concat('column ', (pg_identify_object('pg_class'::regclass, r.attrelid, 0)).identity, '.', quote_ident(r.attname))",
	"pg_enum":      "concat('value ', quote_literal(r.enumlabel), ' of ', (pg_identify_object('pg_type'::regclass, r.enumtypid, 0)).identity)",
}

// notCounted are rows of a catalogue that other rows imply: what belongs to a TOAST table, the triggers of a foreign key,
// the columns of an index.
var notCounted = map[string]string{
	"pg_class":     "r.relkind = 't' OR r.relnamespace = 'pg_toast'::regnamespace",
	"pg_attribute": "r.attnum < 0 OR r.attisdropped OR (SELECT c.relkind IN ('t', 'i', 'I', 'S') OR c.relnamespace = 'pg_toast'::regnamespace FROM pg_class c WHERE c.oid = r.attrelid)",
	"pg_index":     "(SELECT c.relnamespace = 'pg_toast'::regnamespace FROM pg_class c WHERE c.oid = r.indexrelid)",
	"pg_trigger":   "r.tgisinternal",
}

// otherObjects are asked by statements of their own: comments and labels on anything, what belongs to an extension or to a
// column, servers' users, and who was given a right to the server's own objects.
var otherObjects = []string{
	`SELECT concat('comment on ', o.type, ' ', o.identity), d.description FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o
		WHERE d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass`,
	`SELECT concat('label ', d.provider, ' on ', o.type, ' ', o.identity), d.label FROM pg_seclabel d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o`,
	`SELECT concat('part ', o.type, ' ', o.identity, ' of ', p.type, ' ', p.identity), d.deptype::text FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) o,
		pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) p
		WHERE d.objid >= 16384 AND (d.deptype IN ('e', 'x') OR d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND EXISTS (SELECT FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S'))`,
	`SELECT concat('user mapping for ', usename, ' on ', srvname), coalesce(umoptions::text, '') FROM pg_user_mappings`,
	`SELECT concat('rights on the server''s own ', kind), md5(string_agg(concat(oid, acl), ' ' ORDER BY oid)) FROM (
		SELECT 'functions' AS kind, oid, proacl::text AS acl FROM pg_proc WHERE oid < 16384 AND proacl IS NOT NULL
		UNION ALL SELECT 'relations', oid, relacl::text FROM pg_class WHERE oid < 16384 AND relacl IS NOT NULL
		UNION ALL SELECT 'types', oid, typacl::text FROM pg_type WHERE oid < 16384 AND typacl IS NOT NULL
		UNION ALL SELECT 'languages', oid, lanacl::text FROM pg_language WHERE oid < 16384 AND lanacl IS NOT NULL) x GROUP BY kind`,
}

// catalogueOf reads all objects of a database, each with its definition. The search path must be pg_catalog.
func catalogueOf(ctx context.Context, c *postgres.Conn) (map[string]string, error) {
	columns, err := catalogueColumns(ctx, c)
	if err != nil {
		return nil, err
	}
	asks := slices.Clone(otherObjects)
	for len(columns) > 0 {
		n := slices.IndexFunc(columns, func(x catalogueColumn) bool { return x.Table != columns[0].Table })
		if n < 0 {
			n = len(columns)
		}
		asks = append(asks, askCatalogue(columns[:n]))
		columns = columns[n:]
	}
	out := map[string]string{}
	for _, ask := range asks {
		err := postgres.Each(ctx, c, func(row postgres.Rows) error {
			var name, definition string
			err := row.Scan(&name, &definition)
			out[name] += definition + "\n"
			return err
		}, "SELECT * FROM ("+ask+") x (name, definition) ORDER BY name COLLATE \"C\", definition COLLATE \"C\"")
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func catalogueColumns(ctx context.Context, c *postgres.Conn) ([]catalogueColumn, error) {
	list, err := postgres.Collect(ctx, c, func(x *catalogueColumn) []any { return []any{&x.Table, &x.Name, &x.Type, &x.Refers, &x.With} }, `
SELECT c.relname::text, a.attname::text, a.atttypid::regtype::text, coalesce(k.pktable::text, ''), coalesce(k.fkcols, '{}')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
LEFT JOIN LATERAL (SELECT f.pktable, f.fkcols FROM pg_get_catalog_foreign_keys() f WHERE f.fktable = c.oid AND f.fkcols[cardinality(f.fkcols)] = a.attname::text
	ORDER BY cardinality(f.fkcols) LIMIT 1) k ON true
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared AND NOT c.relname = ANY ($1) ORDER BY c.relname, a.attnum`, skippedCatalogues)
	return slices.DeleteFunc(list, func(x catalogueColumn) bool { return slices.Contains(skippedColumns[x.Table], x.Name) }), err
}

// askCatalogue returns the statement for the rows of one catalogue that are not the server's own.
func askCatalogue(columns []catalogueColumn) string {
	table := columns[0].Table
	byOID := columns[0].Name == "oid"
	key := "r." + columns[0].Name
	name := ownNames[table]
	switch {
	case name != "":
	case byOID:
		name = fmt.Sprintf("(SELECT concat(o.type, ' ', o.identity) FROM pg_identify_object('%s'::regclass, r.oid, 0) o)", table)
	default:
		name = fmt.Sprintf("concat('%s of ', %s)", strings.ReplaceAll(strings.TrimPrefix(table, "pg_"), "_", " "), columns[0].read())
	}
	var values []string
	for _, x := range columns {
		if x.Name != "oid" {
			values = append(values, x.read())
		}
	}
	values = append(values, addedColumns[table]...)
	where := key + "::oid >= 16384"
	switch table {
	case "pg_extension":
		where = "true"
	case "pg_namespace":
		where = "r.nspname NOT LIKE 'pg\\_temp\\_%' AND r.nspname NOT LIKE 'pg\\_toast\\_temp\\_%'"
	}
	if not := notCounted[table]; not != "" {
		where += " AND NOT (" + not + ")"
	}
	return fmt.Sprintf("SELECT %s, jsonb_build_array(%s)::text FROM pg_catalog.%s r WHERE %s", name, strings.Join(values, ", "), table, where)
}

// read returns the expression that reads a column without numbers.
func (x catalogueColumn) read() string {
	at := "r." + x.Name
	switch {
	case x.Refers != "" && len(x.With) > 1: // a table and the numbers of its columns
		of := "SELECT a.attname FROM pg_attribute a WHERE a.attrelid = r." + x.With[0] + " AND a.attnum = "
		if x.Type == "smallint" {
			return "(" + of + at + ")"
		}
		return fmt.Sprintf("(SELECT jsonb_agg((%su.n) ORDER BY u.i) FROM unnest(%s::int2[]) WITH ORDINALITY u (n, i))", of, at)
	case x.Refers != "" && strings.HasSuffix(x.Type, "[]") || x.Refers != "" && x.Type == "oidvector":
		return fmt.Sprintf("(SELECT jsonb_agg(%s ORDER BY u.i) FROM unnest(%s::oid[]) WITH ORDINALITY u (o, i))", objectName(x.Refers, "u.o"), at)
	case x.Refers != "":
		return objectName(x.Refers, at)
	case x.Type == "aclitem[]":
		return fmt.Sprintf("(SELECT jsonb_agg(u.a::text ORDER BY u.a::text) FROM unnest(%s) u (a))", at)
	case x.Type == "name" || x.Type == "boolean" || x.Type == "text" || x.Type == "integer" || x.Type == "smallint":
		return at
	}
	return at + "::text"
}

// objectName returns the expression for the name of the object of a number.
func objectName(catalogue, number string) string {
	return fmt.Sprintf("CASE WHEN %s <> 0 THEN (SELECT concat(o.type, ' ', o.identity) FROM pg_identify_object('%s'::regclass, %s::oid, 0) o) END", number, catalogue, number)
}
