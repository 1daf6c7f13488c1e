package seeding

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// taken is what was taken back from a seed.
type taken struct {
	seed   Seed
	number int // its number among those taken back in the transaction
	notes  []*note
	former []*former
	own    []*own
	out    bool // the user's rows were taken out
	rows   []TableRows
	loose  map[string]int64 // rows that referred to nothing before, by the foreign keys that allow it
}

// takeBack removes the rows that a seed brought, as far as they still exist as it wrote them: any other row is the
// user's. The triggers of foreign keys are disabled meanwhile: whatever refers to a row that the changed file brings
// again keeps its reference, and nothing is deleted by cascade. Afterwards dangling checks that everything resolves.
func takeBack(ctx context.Context, tx postgres.Tx, seed Seed, number int) (*taken, error) {
	b := &taken{seed: seed, number: number, loose: map[string]int64{}}
	var err error
	if b.notes, err = notes(ledger.NotesOf(ctx, tx, seed.Name)); err == nil && len(b.notes) > 0 {
		err = b.countLoose(ctx, tx)
		if err == nil {
			err = withTextSettings(ctx, tx, func() error {
				return withoutTriggers(ctx, tx, func() error { return b.remove(ctx, tx) })
			})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("take back the rows of %s: %w", seed.Name, err)
	}
	return b, nil
}

// withoutTriggers runs f with triggers disabled, including those of foreign keys.
func withoutTriggers(ctx context.Context, tx postgres.Tx, f func() error) error {
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
		return fmt.Errorf("hold back foreign keys (needs a superuser): %w", err)
	}
	if err := f(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SET LOCAL session_replication_role = origin`)
	return err
}

func (b *taken) remove(ctx context.Context, tx postgres.Tx) error {
	for i, n := range b.notes {
		was, err := newFormer(ctx, tx, b.seed.File, n.Table, fmt.Sprintf("naap_former_%d_%d", b.number, i))
		if err != nil {
			return fmt.Errorf("table %s: %w", n.Table, err)
		}
		mine, err := newOwn(ctx, tx, n, b.number, i)
		if err != nil {
			return fmt.Errorf("table %s: %w", n.Table, err)
		}
		rows, err := n.remove(ctx, tx, was, mine)
		if err != nil {
			return fmt.Errorf("table %s: %w", n.Table, err)
		}
		b.rows = append(b.rows, rows)
		if was != nil {
			b.former = append(b.former, was)
		}
		if rows.Kept > 0 {
			b.own = append(b.own, mine)
		}
	}
	return nil
}

// found returns SQL for the rows that a note's keys find: at (their place), key, digest, same (they are as they were
// written), n (how many such rows are noted) and nth. Of rows that look the same, no more are the seed's than were
// noted: a table without a unique key may contain such rows from others.
func (n *note) found(ctx context.Context, q postgres.Querier) (string, error) {
	same, err := n.asWritten(ctx, q, "r", "noted.digest")
	if err != nil {
		return "", err
	}
	one, err := findsOne(ctx, q, n.Table, n.key)
	if err != nil {
		return "", err
	}
	key := keyObject("r", n.key)
	if one { // and there is nothing to count
		return fmt.Sprintf("SELECT r.ctid AS at, noted.key, noted.digest, 1 AS n, %s AS same, 1 AS nth FROM (%s) AS noted JOIN ONLY %s AS r ON noted.key = %s",
			same, n.rows(), n.Table.Quoted(), key), nil
	}
	return fmt.Sprintf(`SELECT f.*, row_number() OVER (PARTITION BY key, digest, same ORDER BY at DESC) AS nth
FROM (SELECT r.ctid AS at, noted.key, noted.digest, noted.n, %s AS same
	FROM (SELECT key, digest, count(*) AS n FROM (%s) AS x GROUP BY 1, 2) AS noted
	JOIN ONLY %s AS r ON noted.key = %s) AS f`, same, n.rows(), n.Table.Quoted(), key), nil
}

// remove deletes the noted rows that are as they were written, notes their keys, and copies the others, which stay.
func (n *note) remove(ctx context.Context, tx postgres.Tx, was *former, mine *own) (rows TableRows, err error) {
	rows.Table = n.Table
	table := n.Table.Quoted()
	if err := n.copyRows(ctx, tx, mine.noted); err != nil {
		return rows, err
	}
	// No other session may change a row between the look at it and its removal.
	_, err = tx.Exec(ctx, fmt.Sprintf("SELECT FROM ONLY %s AS r WHERE %s IN (SELECT key FROM (%s) AS noted) FOR UPDATE OF r",
		table, keyObject("r", n.key), n.rows()))
	if err != nil {
		return rows, err
	}
	found, err := n.found(ctx, tx)
	if err != nil {
		return rows, err
	}
	with := []string{
		"found AS MATERIALIZED (" + found + ")",
		fmt.Sprintf("gone AS (DELETE FROM ONLY %s AS r USING found WHERE r.ctid = found.at AND found.same AND found.nth <= found.n RETURNING r.*)", table),
		fmt.Sprintf("back AS (INSERT INTO pg_temp.%s SELECT %s FROM gone AS r RETURNING 1)", mine.back, keyObject("r", n.key)),
		fmt.Sprintf("kept AS (INSERT INTO pg_temp.%s SELECT found.key, r.* FROM found JOIN ONLY %s AS r ON r.ctid = found.at WHERE NOT found.same AND %s RETURNING *)",
			mine.name, table, mine.found("r")),
	}
	if was != nil {
		with = append(with, "former AS ("+was.insert("gone")+")", "former_kept AS ("+was.insert("kept")+")")
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`WITH %s SELECT (SELECT count(*) FROM back), (SELECT count(*) FROM kept), (SELECT count(*) FROM (%s) AS noted)`,
		strings.Join(with, ", "), n.rows())).Scan(&rows.Back, &rows.Kept, &rows.Gone)
	if err != nil {
		return rows, err
	}
	rows.Gone -= rows.Back + rows.Kept
	if rows.Kept > 0 {
		rows.Keys, err = postgres.CollectStrings(tx.Query(ctx, fmt.Sprintf("SELECT %s FROM pg_temp.%s AS r ORDER BY naap_key LIMIT %d",
			keyText("r", n.key), mine.name, keysShown)))
	}
	return rows, err
}

// countGone counts how many of the rows that were taken back did not come again.
func (b *taken) countGone(ctx context.Context, tx postgres.Tx) error {
	for i, n := range b.notes {
		there, err := exists(ctx, tx, n.Table)
		if err != nil {
			return err
		}
		b.rows[i].Exact = true
		if !there || b.rows[i].Back == 0 {
			b.rows[i].Removed = b.rows[i].Back
			continue
		}
		key := keyObject("r", n.key)
		err = tx.QueryRow(ctx, fmt.Sprintf(`
SELECT coalesce(sum(greatest(0, b.n - coalesce(h.n, 0))), 0)::bigint FROM (SELECT key, count(*) AS n FROM pg_temp.%s GROUP BY 1) AS b
LEFT JOIN (SELECT %s AS key, count(*) AS n FROM ONLY %s AS r WHERE %[2]s IN (SELECT key FROM pg_temp.%[1]s) GROUP BY 1) AS h USING (key)`,
			backName(b.number, i), key, n.Table.Quoted())).Scan(&b.rows[i].Removed)
		if err != nil {
			return fmt.Errorf("count the rows of %s that %s no longer has: %w", n.Table, b.seed.Name, err)
		}
	}
	return nil
}

// countLoose counts the rows that refer to nothing before anything is removed. Only foreign keys that were never
// validated allow this.
func (b *taken) countLoose(ctx context.Context, tx postgres.Tx) error {
	for _, n := range b.notes {
		keys, err := references(ctx, tx, n.Table)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.Valid {
				continue
			}
			if b.loose[k.id()], err = k.orphans(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}

// dangling refuses a changed seed that no longer brings rows to which others refer.
func (b *taken) dangling(ctx context.Context, tx postgres.Tx) error {
	for _, n := range b.notes {
		there, err := exists(ctx, tx, n.Table)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		look := referencing
		if slices.ContainsFunc(b.own, func(o *own) bool { return o.note == n }) {
			look = references // including those of rows that were put back
		}
		keys, err := look(ctx, tx, n.Table)
		if err != nil {
			return err
		}
		for _, k := range keys {
			n, err := k.orphans(ctx, tx)
			if err != nil {
				return err
			}
			if n > b.loose[k.id()] {
				return b.referenced(k, n-b.loose[k.id()])
			}
		}
	}
	return nil
}

func (b *taken) referenced(k reference, n int64) error {
	return remedy.New("seed.referenced", remedy.ExitRefused, "%s no longer has rows of %s that others refer to", b.seed.Name, k.To).
		WithSeen(fmt.Sprintf("%s of %s %s at them (foreign key %s)", say.Count(n, "row"), k.From, say.Form(n, "points", "point"), k.Name)).
		WithHelp(remedy.Words("keep those rows in the seed, or remove what refers to them first"),
			remedy.Words("where the server makes new keys each time, say how to find them: -- naap: key="+k.To.Name+"(COLUMN)"),
			remedy.Naap("dev reset", b.seed.Schema))
}
