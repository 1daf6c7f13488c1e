package seeding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// A row that the key in a header finds again is the same row: it keeps its primary key, so that what refers to it still
// does, although the server generated a new one.

// former are the primary keys that rows of a table had, by the header's key, in a temporary table.
type former struct {
	table   postgres.TableRef
	key     []string
	primary []string
	name    string
}

// newFormer creates the temporary table for the primary keys of a table's rows; it returns nil where the header does
// not find them by another key.
func newFormer(ctx context.Context, tx postgres.Tx, f *seedfile.File, t postgres.TableRef, name string) (*former, error) {
	if _, ok := f.KeyOf(t.Schema, t.Name); !ok {
		return nil, nil
	}
	key, err := keyColumns(ctx, tx, f, t)
	if err != nil {
		return nil, err
	}
	if lacks, err := lacksKey(ctx, tx, t, key); err != nil || lacks != "" {
		return nil, err // checkKeys reports this before the file runs
	}
	w := &former{table: t, key: key, name: name}
	err = tx.QueryRow(ctx, `
SELECT coalesce(array_agg(a.attname::text ORDER BY a.attnum), '{}') FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
WHERE i.indrelid = $1::text::regclass AND i.indisprimary`, t.Quoted()).Scan(&w.primary)
	if err != nil || len(w.primary) == 0 || !slices.ContainsFunc(w.primary, func(c string) bool { return !slices.Contains(key, c) }) {
		return nil, err
	}
	_, err = postgres.ExecStatements(ctx, postgres.TxConn(tx), []string{"DROP TABLE IF EXISTS pg_temp." + w.name,
		fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT NULL::jsonb AS naap_key, %s FROM %s AS r WITH NO DATA", w.name, columnsOf("r", w.primary), t.Quoted())})
	return w, err
}

func columnsOf(row string, columns []string) string {
	return say.Join(columns, ", ", func(c string) string { return row + "." + postgres.Ident(c) })
}

// insert notes rows. One whose key contains a NULL is not equal to any other.
func (w *former) insert(rows string) string {
	return fmt.Sprintf("INSERT INTO pg_temp.%s SELECT %s, %s FROM %s AS r WHERE %s", w.name, keyObject("r", w.key), columnsOf("r", w.primary),
		rows, keyGiven("r", w.key))
}

// restoreKeys gives rows that the file brought again their former primary keys, in tables that are referred to before
// those that refer to them: a child's key may be its parent's.
func restoreKeys(ctx context.Context, tx postgres.Tx, list []*former, mark string) error {
	if len(list) == 0 {
		return nil
	}
	edges, err := foreignKeys(ctx, tx)
	if err != nil {
		return err
	}
	return withoutTriggers(ctx, tx, func() error {
		for _, w := range parentsFirst(list, edges) {
			if err := w.restore(ctx, tx, mark); err != nil {
				return fmt.Errorf("give the rows of %s the keys that they had: %w", w.table, err)
			}
		}
		return nil
	})
}

func parentsFirst(list []*former, edges []Edge) []*former {
	var sorted []*former
	for rest := slices.Clone(list); len(rest) > 0; {
		i := slices.IndexFunc(rest, func(w *former) bool {
			return !slices.ContainsFunc(edges, func(e Edge) bool {
				return e.From == w.table && slices.ContainsFunc(rest, func(o *former) bool { return o != w && o.table == e.To })
			})
		})
		i = max(i, 0)
		sorted = append(sorted, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
	return sorted
}

// restore moves the rows. What the file itself brought refers to their new keys, and is changed too; everything else
// refers to the old ones.
func (w *former) restore(ctx context.Context, tx postgres.Tx, mark string) error {
	there, err := exists(ctx, tx, w.table)
	if err != nil || !there {
		return err
	}
	moves, err := w.findMoves(ctx, tx, mark)
	if err != nil || moves == 0 {
		return err
	}
	if err := w.followAll(ctx, tx, mark); err != nil {
		return err
	}
	columns, err := postgres.CollectStrings(tx.Query(ctx, `SELECT attname::text FROM pg_catalog.pg_attribute
WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, w.table.Quoted()))
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = "gone." + postgres.Ident(c)
		if n := slices.Index(w.primary, c); n >= 0 {
			values[i] = fmt.Sprintf("gone.naap_old_%d", n)
		}
	}
	// An identity column that is GENERATED ALWAYS accepts a value in an INSERT, but not in an UPDATE.
	_, err = tx.Exec(ctx, fmt.Sprintf(`
WITH gone AS (DELETE FROM ONLY %[1]s AS r USING pg_temp.naap_moves AS m WHERE %[2]s RETURNING r.*, %[3]s)
INSERT INTO %[1]s (%[4]s) OVERRIDING SYSTEM VALUE SELECT %[5]s FROM gone`,
		w.table.Quoted(), w.pairs("r", "naap_new_"), w.moved("naap_old_"), identList(columns), strings.Join(values, ", ")))
	return err
}

// followAll changes everything that the file brought to follow the moves.
func (w *former) followAll(ctx context.Context, tx postgres.Tx, mark string) error {
	keys, err := referencing(ctx, tx, w.table)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if sql := w.follow(k, mark); sql != "" {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
	}
	return nil
}

// pairs returns the condition that a row's primary key is the one of a move.
func (w *former) pairs(row, side string) string {
	same := make([]string, len(w.primary))
	for i, c := range w.primary {
		same[i] = fmt.Sprintf("%s.%s = m.%s%d", row, postgres.Ident(c), side, i)
	}
	return strings.Join(same, " AND ")
}

func (w *former) moved(side string) string {
	list := make([]string, len(w.primary))
	for i := range w.primary {
		list[i] = fmt.Sprintf("m.%s%d", side, i)
	}
	return strings.Join(list, ", ")
}

// findMoves lists which rows get which keys back, and returns their number. A key that another row has by now stays
// with that row.
func (w *former) findMoves(ctx context.Context, tx postgres.Tx, mark string) (int64, error) {
	var list, same, differ []string
	for i, c := range w.primary {
		name := postgres.Ident(c)
		list = append(list, fmt.Sprintf("w.%s AS naap_old_%d, r.%s AS naap_new_%d", name, i, name, i))
		same = append(same, fmt.Sprintf("x.%s = w.%s", name, name))
		differ = append(differ, fmt.Sprintf("r.%s IS DISTINCT FROM w.%s", name, name))
	}
	if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS pg_temp.naap_moves"); err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE naap_moves ON COMMIT DROP AS
SELECT %s FROM pg_temp.%s AS w JOIN ONLY %[3]s AS r ON %[4]s = w.naap_key
WHERE (%[5]s) AND %[6]s AND NOT EXISTS (SELECT FROM ONLY %[3]s AS x WHERE %[7]s)`,
		strings.Join(list, ", "), w.name, w.table.Quoted(), keyObject("r", w.key), strings.Join(differ, " OR "), ours("r", mark), strings.Join(same, " AND ")))
	return tag.RowsAffected(), err
}

// follow changes the file's own rows to refer to the moved rows' keys; it returns "" where the foreign key is on other
// columns.
func (w *former) follow(k reference, mark string) string {
	var set, same []string
	for i, c := range k.Referenced {
		same = append(same, "c."+postgres.Ident(k.Columns[i])+" = r."+postgres.Ident(c))
		if n := slices.Index(w.primary, c); n >= 0 {
			set = append(set, fmt.Sprintf("%s = m.naap_old_%d", postgres.Ident(k.Columns[i]), n))
		}
	}
	if len(set) == 0 {
		return ""
	}
	return fmt.Sprintf("UPDATE %s AS c SET %s FROM ONLY %s AS r, pg_temp.naap_moves AS m WHERE %s AND %s AND %s",
		k.From.Quoted(), strings.Join(set, ", "), w.table.Quoted(), w.pairs("r", "naap_new_"), strings.Join(same, " AND "), ours("c", mark))
}
