package rowedit

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// columnFacts are what a table's detail does not say: the type of each column without its modifier, and what the role may.
const columnFacts = `SELECT a.attname, pg_catalog.format_type(a.atttypid, -1),
	pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'), pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'UPDATE'),
	pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT')
FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped`

const tableFacts = `SELECT CURRENT_USER::text, pg_catalog.has_table_privilege($1::oid, 'DELETE'),
	CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'the server is a standby, which only reads'
		WHEN pg_catalog.current_setting('default_transaction_read_only') = 'on' THEN 'the connection only reads (default_transaction_read_only is on)' END, n.nspname, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = coalesce(pg_catalog.pg_partition_root($1::oid)::oid, $1::oid)`

// Load reads what must be known of a table to change its rows, as the role of the connection. A table whose rows cannot
// be changed is no error: see Table.Refused.
func Load(ctx context.Context, db *postgres.DB, ref postgres.TableRef) (*Table, error) {
	d, err := db.Detail(ctx, ref)
	if err != nil {
		return nil, err
	}
	t := &Table{TableRef: ref, OID: d.OID, Key: d.Key}
	for _, k := range d.Out {
		t.Keys = append(t.Keys, ForeignKey{Name: k.Name, Columns: k.FromColumns, To: k.ToColumns, Table: k.To})
	}
	readOnly, err := t.facts(ctx, db, d)
	if err != nil {
		return nil, fmt.Errorf("read what may be done with %s: %w", ref, err)
	}
	t.Refusal = refusalOf(d, readOnly)
	for _, k := range t.Key {
		if c := t.Columns[t.Find(k)]; t.Refusal == "" && !c.MayRead {
			t.Refusal = "the role " + visible.String(t.Role) + " may not read its key"
		}
	}
	return t, nil
}

// facts reads the rest; the answer is why nothing can be written at all, or "".
func (t *Table) facts(ctx context.Context, db *postgres.DB, d *postgres.TableDetail) (readOnly string, err error) {
	err = reading(ctx, db, func(tx postgres.Tx) error {
		if _, err := postgres.Texts(ctx, tx, `SELECT pg_catalog.set_config('search_path', '', true)`); err != nil {
			return err
		}
		oid := fmt.Sprint(t.OID)
		columns, err := postgres.Texts(ctx, tx, columnFacts, &oid)
		if err != nil {
			return err
		}
		by := map[string][]*string{}
		for _, r := range columns {
			by[*r[0]] = r
		}
		for _, c := range d.Columns {
			r := by[c.Name]
			if r == nil { // dropped between the two questions
				continue
			}
			col := Column{Column: c, Cast: *r[1], MayRead: isTrue(r[2]), MayUpdate: isTrue(r[3]), MayInsert: isTrue(r[4])}
			t.Columns = append(t.Columns, col)
			t.MayInsert, t.kept = t.MayInsert || col.MayInsert, t.kept || col.MayUpdate
		}
		table, err := postgres.Texts(ctx, tx, tableFacts, &oid)
		if err != nil {
			return err
		}
		if len(table) == 0 { // dropped between the two questions
			return remedy.New("table.missing", remedy.ExitFailed, "there is no table %s any more", visible.String(t.String()))
		}
		t.Role, t.MayDelete, t.root = *table[0][0], isTrue(table[0][1]), postgres.TableRef{Schema: *table[0][3], Name: *table[0][4]}
		if why := table[0][2]; why != nil {
			readOnly = *why
		}
		return nil
	})
	return readOnly, err
}

func isTrue(s *string) bool { return s != nil && *s == "t" }
