package fakedata

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// madeUp is a table with made-up rows, by the transactions that inserted them.
type madeUp struct {
	ref  postgres.TableRef
	xids []string
	ours int64
	all  int64
}

// Clean removes the rows that earlier runs made up, finished or not, and forgets the runs; all or nothing. All other
// rows stay. Where they refer to made-up rows, it refuses (code fake.referenced).
func Clean(ctx context.Context, db *postgres.DB) (rows int64, err error) {
	err = db.InTx(ctx, func(tx postgres.Tx) error {
		list, err := findMadeUp(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range list {
			rows += m.ours
		}
		if err := refuseReferenced(ctx, tx, list); err != nil {
			return err
		}
		if err := remove(ctx, tx, list); err != nil {
			return err
		}
		return ledger.ForgetFakeRuns(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("remove the rows made up before: %w", err)
	}
	return rows, nil
}

// findMadeUp counts the made-up rows of each table. Where the notes on them were copied with the database's contents
// (code fake.copied), the rows have other transactions than the notes say, or worse, transactions that belong to other
// rows.
func findMadeUp(ctx context.Context, tx postgres.Tx) ([]*madeUp, error) {
	filled, copied, err := ledger.FilledTables(ctx, tx)
	if err != nil {
		return nil, err
	}
	if copied > 0 {
		return nil, remedy.New("fake.copied", remedy.ExitRefused, "which rows were made up can no longer be told").
			WithSeen(fmt.Sprintf("the notes of %s in naap_dev.fake were copied here from another database, or restored from a file", say.Count(copied, "table"))).
			WithHelp(remedy.Naap("dev reset", "SCHEMA").Note("all its rows, and its seeds again"), remedy.Naap("dev seed", "--fake", "100", "--append").Note("keep the rows, and add to them"))
	}
	var list []*madeUp
	for _, f := range filled {
		m := &madeUp{ref: f.Table, xids: f.XIDs}
		err := tx.QueryRow(ctx, fmt.Sprintf(`SELECT count(*), count(*) FILTER (WHERE %s) FROM %s AS r`, m.is("r"), m.ref.Quoted())).Scan(&m.all, &m.ours)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// is returns the condition that one of our transactions wrote a row. A row that was changed since no longer counts as
// made up.
func (m *madeUp) is(alias string) string {
	return alias + ".xmin::text IN (" + say.Join(m.xids, ", ", postgres.Literal) + ")"
}

// refuseReferenced returns the error for other rows that refer to made-up ones.
func refuseReferenced(ctx context.Context, tx postgres.Tx, list []*madeUp) error {
	db, err := inspect(ctx, tx)
	if err != nil {
		return err
	}
	made := map[postgres.TableRef]*madeUp{}
	for _, m := range list {
		made[m.ref] = m
	}
	for _, t := range db.tables {
		if m := made[t.ref]; m != nil && m.all == m.ours {
			continue
		}
		for _, f := range t.out {
			to := made[f.to.ref]
			if to == nil || to.ours == 0 {
				continue
			}
			n, err := f.othersReferring(ctx, tx, made[t.ref], to)
			if err != nil {
				return err
			}
			if n > 0 {
				return remedy.New("fake.referenced", remedy.ExitRefused, "%s of %s %s to rows of %s that were made up", say.Count(n, "row"), t.ref, say.Form(n, "refers", "refer"), f.to.ref).
					WithSeen("foreign key "+f.name).WithHelp(remedy.Words("remove those rows, or reset the schema"), remedy.Naap("dev reset", t.ref.Schema))
			}
		}
	}
	return nil
}

func (f *foreignKey) othersReferring(ctx context.Context, tx postgres.Tx, from, to *madeUp) (n int64, err error) {
	others := "true"
	if from != nil {
		others = "NOT (" + from.is("c") + ")"
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM %s AS c JOIN %s AS p ON %s WHERE %s AND %s`,
		f.from.ref.Quoted(), f.to.ref.Quoted(), f.refersTo(), others, to.is("p"))).Scan(&n)
	return n, err
}

// remove empties the tables that hold nothing else with one TRUNCATE, where nothing else refers to them, and deletes
// from the others.
func remove(ctx context.Context, tx postgres.Tx, list []*madeUp) error {
	var whole []string
	for _, m := range list {
		if m.all == m.ours && m.ours > 0 {
			whole = append(whole, m.ref.Quoted())
		}
	}
	if len(whole) > 0 {
		if _, err := tx.Exec(ctx, "SAVEPOINT naap_truncate"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "TRUNCATE "+strings.Join(whole, ", "))
		if err != nil && !postgres.HasCode(err, "0A000") { // another table, perhaps an empty one, refers to one of them
			return err
		}
		end := "RELEASE SAVEPOINT naap_truncate"
		if err != nil {
			end, whole = "ROLLBACK TO SAVEPOINT naap_truncate", nil
		}
		if _, err := tx.Exec(ctx, end); err != nil {
			return err
		}
	}
	return deleteRest(ctx, tx, list, whole != nil)
}

// deleteRest deletes row by row. It deletes rows that refer to each other in one statement, which foreign keys allow.
func deleteRest(ctx context.Context, tx postgres.Tx, list []*madeUp, truncated bool) error {
	var with []string
	for i, m := range list {
		if m.ours > 0 && !(truncated && m.all == m.ours) {
			with = append(with, fmt.Sprintf("d%d AS (DELETE FROM %s AS r WHERE %s)", i, m.ref.Quoted(), m.is("r")))
		}
	}
	if len(with) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, "WITH "+strings.Join(with, ", ")+" SELECT 1")
	return err
}
