package seeding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// A row that a seed's key finds and that is not as the seed wrote it is the user's: they changed it, or deleted it and
// inserted another. It stays as it is, even where the file brings a row with the same key. While the file runs, the row
// stays in place so that other rows can refer to it; where the server reports a duplicate key, the file is run again
// without it. Afterwards it is put back over whatever the file made of it.

// TableRows is what happens to the rows that a seed brought to a table when the file is applied again.
type TableRows struct {
	Table   postgres.TableRef
	Back    int64    // as the seed wrote them, and taken back; they come again where the file still has them
	Removed int64    // the part of Back that does not come again, where Exact
	Exact   bool     // Removed is known: the file was run, or contains only rows
	Kept    int64    // changed since: they stay, whatever the file says
	Keys    []string // of a few of those that stay
	Gone    int64    // deleted by someone; they come again where the file still has them
}

// keysShown is how many rows a plan names by their keys.
const keysShown = 5

// own are rows of a table that a seed's note names and that are the user's, copied to a temporary table.
type own struct {
	note    *note
	columns []string
	primary []string
	uniques [][]string // its other unique keys, where the server generates the primary key; set by lookForOthers
	unique  bool       // the key finds at most one row; otherwise there are none
	name    string     // of the copies' table, with the key as naap_key
	back    string     // of the table of the keys of rows that were taken back
	noted   string     // of the table of the noted keys
}

func backName(number, i int) string { return fmt.Sprintf("naap_back_%d_%d", number, i) }

// newOwn creates the temporary tables for copies and keys.
func newOwn(ctx context.Context, tx postgres.Tx, n *note, number, i int) (*own, error) {
	o := &own{note: n, name: fmt.Sprintf("naap_own_%d_%d", number, i), back: backName(number, i),
		noted: fmt.Sprintf("naap_noted_%d_%d", number, i)}
	lacks, err := lacksKey(ctx, tx, n.Table, n.key)
	if err != nil {
		return nil, err
	}
	o.unique = lacks == ""
	columns, err := columnsNow(ctx, tx, n.Table)
	if err != nil {
		return nil, err
	}
	o.columns = namesOf(columns)
	_, err = postgres.ExecStatements(ctx, postgres.TxConn(tx), []string{
		fmt.Sprintf("DROP TABLE IF EXISTS pg_temp.%s, pg_temp.%s", o.name, o.back),
		fmt.Sprintf("CREATE TEMP TABLE %s (key jsonb) ON COMMIT DROP", o.back),
		fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT NULL::jsonb AS naap_key, r.* FROM ONLY %s AS r WITH NO DATA", o.name, n.Table.Quoted()),
	})
	return o, err
}

// found returns the condition that a row is one of them. A row with a NULL in its key is never found.
func (o *own) found(row string) string {
	if !o.unique {
		return "false"
	}
	return keyGiven(row, o.note.key)
}

// same returns the condition that a row has the key of a copy o.
func (o *own) same(row string) string { return keyObject(row, o.note.key) + " = o.naap_key" }

// stands returns the condition that a row is where a copy o belongs: it has its key or, where the server generates the
// primary key, the values of another unique key.
func (o *own) stands(row string) string {
	conditions := []string{o.same(row)}
	for _, u := range o.uniques {
		conditions = append(conditions, say.Join(u, " AND ", func(c string) string { return fmt.Sprintf("%s.%s = o.%[2]s", row, postgres.Ident(c)) }))
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// lookForOthers reads the table's unique keys, where the server generates its primary key.
func (o *own) lookForOthers(ctx context.Context, tx postgres.Tx) error {
	o.uniques, o.primary = nil, nil
	made := false
	err := postgres.Each(ctx, tx, func(row postgres.Rows) error {
		var primary, server bool
		var columns []string
		err := row.Scan(&primary, &columns, &server)
		if primary {
			o.primary, made = columns, server
		} else {
			o.uniques = append(o.uniques, columns)
		}
		return err
	}, `
SELECT i.indisprimary, array_agg(a.attname::text), bool_or(a.atthasdef OR a.attidentity <> '') FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
WHERE i.indrelid = $1::text::regclass AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
GROUP BY i.indexrelid, i.indisprimary`, o.note.Table.Quoted())
	if !made {
		o.uniques = nil
	}
	return err
}

// follow makes what the file brought refer to the rows themselves rather than to those that are removed in favour of
// them.
func (b *taken) follow(ctx context.Context, tx postgres.Tx, mark string) error {
	if !b.out {
		return nil
	}
	return withTextSettings(ctx, tx, func() error {
		return withoutTriggers(ctx, tx, func() error {
			for _, o := range b.own {
				if err := o.follow(ctx, tx, mark); err != nil {
					return fmt.Errorf("keep what refers to rows of %s: %w", o.note.Table, err)
				}
			}
			return nil
		})
	})
}

func (o *own) follow(ctx context.Context, tx postgres.Tx, mark string) error {
	there, err := exists(ctx, tx, o.note.Table)
	if err != nil || !there {
		return err
	}
	if err := o.lookForOthers(ctx, tx); err != nil || len(o.uniques) == 0 {
		return err
	}
	w := &former{table: o.note.Table, primary: o.primary}
	var list, differ []string
	for i, c := range o.primary {
		list = append(list, fmt.Sprintf("o.%s AS naap_old_%d, r.%[1]s AS naap_new_%[2]d", postgres.Ident(c), i))
		differ = append(differ, fmt.Sprintf("r.%s IS DISTINCT FROM o.%[1]s", postgres.Ident(c)))
	}
	if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS pg_temp.naap_moves"); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE naap_moves ON COMMIT DROP AS SELECT %s FROM pg_temp.%s AS o JOIN ONLY %s AS r ON %s WHERE %s AND (%s)",
		strings.Join(list, ", "), o.name, o.note.Table.Quoted(), o.stands("r"), ours("r", mark), strings.Join(differ, " OR ")))
	if err != nil {
		return err
	}
	return w.followAll(ctx, tx, mark)
}

// takeOut removes the rows themselves, so that the file can bring others with their keys.
func (b *taken) takeOut(ctx context.Context, tx postgres.Tx) error {
	b.out = true
	return withTextSettings(ctx, tx, func() error {
		return withoutTriggers(ctx, tx, func() error {
			for _, o := range b.own {
				_, err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM ONLY %s AS r USING pg_temp.%s AS o WHERE %s", o.note.Table.Quoted(), o.name, o.same("r")))
				if err != nil {
					return fmt.Errorf("set rows of %s aside: %w", o.note.Table, err)
				}
			}
			return nil
		})
	})
}

// putBack restores the rows as they were, and notes that the seed's keys find them: they stay the user's. It returns
// how many of the rows that the file brought were removed for them.
func (b *taken) putBack(ctx context.Context, tx postgres.Tx, mark string) (gave int64, err error) {
	if len(b.own) == 0 {
		return 0, nil
	}
	err = withTextSettings(ctx, tx, func() error {
		return withoutTriggers(ctx, tx, func() error {
			for _, o := range b.own {
				there, err := exists(ctx, tx, o.note.Table)
				if err != nil {
					return err
				}
				if !there { // the file explicitly drops the whole table
					continue
				}
				n, err := o.putBack(ctx, tx, mark)
				if err == nil {
					err = o.remember(ctx, tx, b.seed)
				}
				if err != nil {
					return fmt.Errorf("put back rows of %s: %w", o.note.Table, err)
				}
				if b.out { // otherwise they are the same rows, which the file only changed
					gave += n
				}
			}
			return nil
		})
	})
	return gave, err
}

func (o *own) putBack(ctx context.Context, tx postgres.Tx, mark string) (int64, error) {
	now, err := columnsNow(ctx, tx, o.note.Table)
	if err != nil {
		return 0, err
	}
	var columns []string
	for _, c := range now {
		if slices.Contains(o.columns, c.name) {
			columns = append(columns, c.name)
		}
	}
	table := o.note.Table.Quoted()
	tag, err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM ONLY %s AS r USING pg_temp.%s AS o WHERE %s AND %s", table, o.name, o.stands("r"), ours("r", mark)))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM pg_temp.%s AS o WHERE NOT EXISTS (SELECT FROM ONLY %[1]s AS r WHERE %[5]s)",
		table, identList(columns), columnsOf("o", columns), o.name, o.same("r")))
	return tag.RowsAffected(), err
}

// remember also notes those that the file did not bring. What it brought is noted as it wrote it, and therefore is not
// the user's.
func (o *own) remember(ctx context.Context, tx postgres.Tx, seed Seed) error {
	key, err := keyColumns(ctx, tx, seed.File, o.note.Table)
	if err != nil {
		return err
	}
	columns, err := columnsNow(ctx, tx, o.note.Table)
	if err != nil {
		return err
	}
	from := fmt.Sprintf("(SELECT %s AS key, $5::text AS digest FROM pg_temp.%s AS o) AS x WHERE key NOT IN (%s)", keyObject("o", key), o.name, ledger.NotedKeys)
	_, err = tx.Exec(ctx, ledger.AddRows(from), seed.Name, o.note.Table.Schema, o.note.Table.Name, namesOf(columns), notTheSeeds)
	return err
}
