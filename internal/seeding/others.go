package seeding

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// A file may change rows that another seed brought. They still belong to that seed: their digests are noted again, if
// they were as it wrote them before the file ran.

// intact are the notes of other seeds in a table, and the keys of the rows that were as they wrote them, in a temporary
// table.
type intact struct {
	notes []*note
	name  string
}

// lookIntact keeps the keys of other seeds' rows. There is nothing to keep where no other seed has notes.
func lookIntact(ctx context.Context, tx postgres.Tx, seed string, t postgres.TableRef, number int) (i intact, err error) {
	i.notes, err = notes(ledger.NotesIn(ctx, tx, t, seed))
	if err != nil || len(i.notes) == 0 {
		return i, err
	}
	i.name = fmt.Sprintf("naap_intact_%d", number)
	_, err = postgres.ExecStatements(ctx, postgres.TxConn(tx), []string{"DROP TABLE IF EXISTS pg_temp." + i.name,
		fmt.Sprintf("CREATE TEMP TABLE %s (seed text, key jsonb) ON COMMIT DROP", i.name)})
	if err != nil {
		return i, err
	}
	return i, withTextSettings(ctx, tx, func() error {
		for _, n := range i.notes {
			found, err := n.found(ctx, tx)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO pg_temp.%s SELECT $1, key FROM (%s) AS x WHERE same AND nth <= n", i.name, found), n.Seed)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// noteAgain notes the digests of the rows that the file changed. The text settings must be set.
func (i intact) noteAgain(ctx context.Context, tx postgres.Tx, mark string) error {
	for _, n := range i.notes {
		same, err := n.asWritten(ctx, tx, "r", "x.digest")
		if err != nil {
			return err
		}
		columns, err := columnsNow(ctx, tx, n.Table)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf(`
WITH noted AS (%s), now AS (
	SELECT x.nth, max(%s) AS digest FROM noted AS x JOIN ONLY %s AS r ON %s = x.key
	WHERE %s OR %s AND EXISTS (SELECT FROM pg_temp.%s AS i WHERE i.seed = $1 AND i.key = x.key) GROUP BY 1
)
%s`,
			n.rows(), digest("r", columns), n.Table.Quoted(), keyObject("r", n.key), same, ours("r", mark), i.name,
			ledger.SetDigests("SELECT array_agg(coalesce(now.digest, $5) ORDER BY noted.nth) FROM noted LEFT JOIN now USING (nth)")),
			n.Seed, n.Table.Schema, n.Table.Name, namesOf(columns), notTheSeeds)
		if err != nil {
			return fmt.Errorf("note the rows of %s that were changed: %w", n.Seed, err)
		}
	}
	return nil
}

// othersNoted returns the tables in which other seeds have rows.
func othersNoted(ctx context.Context, tx postgres.Tx, seed string) (tables, error) {
	found := tables{}
	list, err := ledger.SeedTables(ctx, tx)
	for _, t := range list {
		if !t.Changed && t.Seed != seed {
			found[t.Table] = true
		}
	}
	return found, err
}
