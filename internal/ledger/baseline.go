package ledger

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// SetBaseline records how many rows each table of some schemas has right after these were seeded, replacing what was
// recorded of the schemas before.
func SetBaseline(ctx context.Context, tx postgres.Tx, schemas []string, rows map[postgres.TableRef]int64) error {
	if err := Prepare(ctx, tx); err != nil {
		return err
	}
	b := &postgres.Batch{}
	b.Queue(`DELETE FROM naap_dev.baseline WHERE schema_name = ANY ($1)`, schemas)
	var of, names []string
	var counts []int64
	for t, n := range rows {
		of, names, counts = append(of, t.Schema), append(names, t.Name), append(counts, n)
	}
	b.Queue(`INSERT INTO naap_dev.baseline (schema_name, table_name, rows) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])`, of, names, counts)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("note the rows after seeding: %w", err)
	}
	return nil
}

// Baseline returns how many rows each table had right after its schema was seeded, where that was recorded.
func Baseline(ctx context.Context, q postgres.Querier) (map[postgres.TableRef]int64, error) {
	return byTable(ctx, q, "baseline", "read the rows after seeding", `SELECT schema_name, table_name, rows FROM naap_dev.baseline`)
}

// byTable returns the number that a query has for each table: a schema, a table and a number in each row. It is empty where
// the ledger lacks the table that the query reads; doing is what its errors begin with.
func byTable(ctx context.Context, q postgres.Querier, table, doing, query string) (map[postgres.TableRef]int64, error) {
	numbers := map[postgres.TableRef]int64{}
	if there, err := has(ctx, q, table); err != nil || !there {
		return numbers, err
	}
	err := postgres.Each(ctx, q, func(row postgres.Rows) error {
		var t postgres.TableRef
		var n int64
		err := row.Scan(&t.Schema, &t.Name, &n)
		numbers[t] = n
		return err
	}, query)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return numbers, nil
}
