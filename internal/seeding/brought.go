package seeding

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// The server shows which rows a transaction wrote, but not which of them it inserted: an update rewrites the row. So
// for tables in which a file both inserts and updates, the keys that exist before it runs are kept.

// effect is what a file did with the rows of a table.
type effect struct{ inserted, updated, deleted, emptied bool }

// removes reports whether rows may have been removed.
func (e effect) removes() bool { return e.deleted || e.emptied }

// kept are the keys of a table before a file ran, in a temporary table, with a digest of each row and whether it
// belongs to the user. Where name is "" there are none, because the table was empty or did not exist.
type kept struct {
	name    string
	columns []string
	intact  intact // rows of other seeds
}

// bring runs the file and returns what it did to which tables, and the keys that were kept. The tables that it may
// update are guessed from its text. Where a function or a trigger updated another one, the file is rolled back and run
// again with that table's keys kept. Where it brings other rows under the keys of the user's rows, it is run again
// without those.
func bring(ctx context.Context, tx postgres.Tx, f *seedfile.File, was *taken) (map[postgres.TableRef]effect, map[postgres.TableRef]kept, error) {
	old := map[postgres.TableRef]kept{}
	guess, err := mayUpdate(ctx, tx, f)
	if err != nil {
		return nil, nil, err
	}
	others, err := othersNoted(ctx, tx, f.Name)
	if err != nil {
		return nil, nil, err
	}
	if err := keep(ctx, tx, f, guess, old, others, was); err != nil {
		return nil, nil, err
	}
	for out := false; ; {
		inner, err := tx.Begin(ctx)
		if err != nil {
			return nil, nil, err
		}
		effects, failed := runInSession(ctx, inner, f)
		unclear := unclearOf(effects, old, others)
		if failed == nil && len(unclear) == 0 {
			if err := refuseRemovals(ctx, inner, f, effects, old); err != nil {
				return nil, nil, errors.Join(err, inner.Rollback(ctx))
			}
			return effects, old, inner.Commit(ctx)
		}
		if err := inner.Rollback(ctx); err != nil {
			return nil, nil, errors.Join(failed, err)
		}
		switch {
		case failed == nil:
		case collides(failed) && !out && was != nil && len(was.own) > 0:
			if err := was.takeOut(ctx, tx); err != nil {
				return nil, nil, err
			}
			out, unclear, old = true, slices.Collect(maps.Keys(old)), map[postgres.TableRef]kept{}
		default:
			return nil, nil, explain(ctx, tx, f, failed)
		}
		if err := keep(ctx, tx, f, unclear, old, others, was); err != nil {
			return nil, nil, err
		}
	}
}

// runInSession runs the file and restores the session.
func runInSession(ctx context.Context, tx postgres.Tx, f *seedfile.File) (map[postgres.TableRef]effect, error) {
	before, err := counts(ctx, tx)
	if err != nil {
		return nil, err
	}
	stood, err := storage(ctx, tx)
	if err != nil {
		return nil, err
	}
	s, err := enter(ctx, tx, f.Schema)
	if err != nil {
		return nil, err
	}
	if err := run(ctx, tx, f); err != nil {
		return nil, err
	}
	if err := s.leave(ctx, tx); err != nil {
		return nil, err
	}
	after, err := counts(ctx, tx)
	effects := map[postgres.TableRef]effect{}
	for t, a := range after {
		b := before[t]
		if a != b {
			effects[t] = effect{inserted: a[0] != b[0] && a[0] > 0, updated: a[1] != b[1] && a[1] > 0, deleted: a[2] != b[2] && a[2] > 0}
		}
	}
	if err != nil {
		return nil, err
	}
	stand, err := storage(ctx, tx)
	for t, file := range stood {
		if stand[t] != file {
			e := effects[t]
			e.emptied = true
			effects[t] = e
		}
	}
	return effects, err
}

// counts returns how many rows the session inserted, updated and deleted in each table, as far as the server has not
// yet reported the numbers to its statistics: those of earlier transactions may be among them.
func counts(ctx context.Context, tx postgres.Tx) (map[postgres.TableRef][3]int64, error) {
	all := map[postgres.TableRef][3]int64{}
	err := postgres.Each(ctx, tx, func(row postgres.Rows) error {
		var t postgres.TableRef
		var n [3]int64
		err := row.Scan(&t.Schema, &t.Name, &n[0], &n[1], &n[2])
		all[t] = n
		return err
	}, `
SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_catalog.pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname !~ '`+hidden.Schemas+`'`)
	if err != nil {
		return nil, fmt.Errorf("list the tables that a seed touched: %w", err)
	}
	return all, nil
}

// unclearOf returns the tables for which it is not known which rows were inserted, which of other seeds' rows were as
// these wrote them, or whose rows were removed.
func unclearOf(effects map[postgres.TableRef]effect, old map[postgres.TableRef]kept, others tables) []postgres.TableRef {
	var list []postgres.TableRef
	for t, e := range effects {
		if _, ok := old[t]; (e.updated && (e.inserted || others[t]) || e.removes()) && !ok {
			list = append(list, t)
		}
	}
	return list
}

// updating matches scripts that say that they may change or remove rows: INSERT … ON CONFLICT DO UPDATE, UPDATE, MERGE.
var updating = lazy.Regexp{Text: `(?i)\b(conflict|update|merge|delete|truncate|drop)\b`}

// mayUpdate returns the tables that such a script names anywhere, including in the body of a DO.
func mayUpdate(ctx context.Context, tx postgres.Tx, f *seedfile.File) ([]postgres.TableRef, error) {
	if f.Format != seedfile.SQL || !updating.Get().MatchString(f.Text) {
		return nil, nil
	}
	list, err := postgres.Collect(ctx, tx, func(t *postgres.TableRef) []any { return []any{&t.Schema, &t.Name} }, `
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '`+hidden.Schemas+`'`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	names := newNames(f.Text)
	return slices.DeleteFunc(list, func(t postgres.TableRef) bool { return !names.has(t.Name) }), nil
}

// names are what a text may name, in lower case.
type names struct {
	text  string
	words map[string]bool
}

func newNames(text string) names {
	n := names{strings.ToLower(text), map[string]bool{}}
	for _, w := range strings.FieldsFunc(n.text, func(r rune) bool { return !partOfName(r) }) {
		n.words[w] = true
	}
	return n
}

// has reports whether the text contains the name as a word, or anywhere if the name is more than one word.
func (n names) has(name string) bool {
	name = strings.ToLower(name)
	odd := strings.ContainsFunc(name, func(r rune) bool { return !partOfName(r) })
	return n.words[name] || odd && strings.Contains(n.text, name)
}

func partOfName(r rune) bool {
	return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// keep writes the keys of tables into temporary ones. others are the tables in which other seeds have rows.
func keep(ctx context.Context, tx postgres.Tx, f *seedfile.File, list []postgres.TableRef, old map[postgres.TableRef]kept, others tables, was *taken) error {
	full, err := withRows(ctx, tx, list)
	if err != nil {
		return err
	}
	for _, t := range list {
		if !full[t] { // which is what a file finds the first time
			old[t] = kept{}
			continue
		}
		k := kept{name: fmt.Sprintf("naap_seed_%d", len(old))}
		if k.columns, err = keyColumns(ctx, tx, f, t); err != nil {
			return err
		}
		if others[t] {
			if k.intact, err = lookIntact(ctx, tx, f.Name, t, len(old)); err != nil {
				return fmt.Errorf("look at the rows of %s: %w", t, err)
			}
		}
		err = withTextSettings(ctx, tx, func() error {
			_, err := postgres.ExecStatements(ctx, postgres.TxConn(tx), []string{"DROP TABLE IF EXISTS pg_temp." + k.name,
				fmt.Sprintf("CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s AS key, %s AS version, %s AS somebodys FROM ONLY %s AS r",
					k.name, keyObject("r", k.columns), version("r"), k.somebodys(t, was), t.Quoted())})
			return err
		})
		if err != nil {
			return fmt.Errorf("keep the keys of %s: %w", t, err)
		}
		old[t] = k
	}
	return nil
}

// withRows returns those of the tables that exist and have rows.
func withRows(ctx context.Context, tx postgres.Tx, list []postgres.TableRef) (tables, error) {
	there, err := existing(ctx, tx, list)
	if err != nil || len(there) == 0 {
		return nil, err
	}
	var full []bool
	err = tx.QueryRow(ctx, "SELECT ARRAY["+say.Join(there, ", ", func(t postgres.TableRef) string {
		return "EXISTS (SELECT FROM ONLY " + t.Quoted() + ")"
	})+"]").Scan(&full)
	if err != nil {
		return nil, fmt.Errorf("look for rows: %w", err)
	}
	found := tables{}
	for i, t := range there {
		found[t] = full[i]
	}
	return found, nil
}

// wasThere returns the condition that a row r existed before.
func (k kept) wasThere() string {
	if k.name == "" {
		return "false"
	}
	return "EXISTS (SELECT FROM pg_temp." + k.name + " AS o WHERE o.key = " + keyObject("r", k.columns) + ")"
}

// ours returns the condition that this file wrote a row: its transaction is the file's own, whose ID is the mark, or a
// savepoint inside it. Only these have such IDs, are still in progress and yet visible. A savepoint, or a block with
// EXCEPTION in a function, has an ID of its own.
func ours(row, mark string) string {
	return fmt.Sprintf(`%[1]s.xmin::text::bigint >= %[2]s::bigint AND
	pg_xact_status(((pg_current_xact_id()::text::bigint >> 32 << 32) + %[1]s.xmin::text::bigint)::text::xid8) = 'in progress'`,
		row, postgres.Literal(mark))
}

// record notes the keys of every row that the file brought, and returns their number. Rows that existed before and that
// the file only changed are not its own: they stay when it is taken back. Their tables are noted, since the change is
// lost when another seed brings the rows again.
func record(ctx context.Context, tx postgres.Tx, seed Seed, mark string, effects map[postgres.TableRef]effect, old map[postgres.TableRef]kept) (int64, error) {
	var total int64
	err := withTextSettings(ctx, tx, func() error {
		list, err := existing(ctx, tx, slices.Collect(maps.Keys(effects))) // one may have been dropped again
		if err != nil || len(list) == 0 {
			return err
		}
		changed, n, err := recordTables(ctx, tx, seed, mark, list, effects, old)
		if err != nil {
			return err
		}
		total = n
		for i, t := range list {
			if changed[i] || effects[t].deleted {
				err = ledger.NoteChanged(ctx, tx, seed.Name, t)
			}
			if err == nil && effects[t].updated {
				err = old[t].intact.noteAgain(ctx, tx, mark)
			}
			if err != nil {
				return fmt.Errorf("note what %s changed in %s: %w", seed.Name, t, err)
			}
		}
		return nil
	})
	return total, err
}

// recordTables notes the keys of the rows that the file brought to the tables. It returns in which of them the file
// changed other rows, and how many rows it brought to all of them.
func recordTables(ctx context.Context, tx postgres.Tx, seed Seed, mark string, list []postgres.TableRef, effects map[postgres.TableRef]effect,
	old map[postgres.TableRef]kept) (changed []bool, total int64, err error) {
	columns, err := columnsOfAll(ctx, tx, list)
	if err != nil {
		return nil, 0, err
	}
	keys, err := keysOfAll(ctx, tx, seed.File, list)
	if err != nil {
		return nil, 0, err
	}
	b := &postgres.Batch{}
	changed = make([]bool, len(list))
	for i, t := range list {
		key := keys[i]
		if k := old[t].columns; len(k) > 0 {
			key = k
		}
		b.Queue(fmt.Sprintf(`
WITH wrote AS (
	SELECT %[1]s AS key, %[5]s AS digest, %[2]s AS before FROM ONLY %[3]s AS r WHERE %[4]s
), noted AS (
	%[6]s
)
SELECT count(*) FILTER (WHERE NOT before), count(*) FILTER (WHERE before) > 0 FROM wrote`,
			keyObject("r", key), effects[t].before(old[t]), t.Quoted(), ours("r", mark), digest("r", columns[i]), ledger.AddRows("wrote WHERE NOT before")),
			seed.Name, t.Schema, t.Name, namesOf(columns[i])).QueryRow(func(row postgres.Row) error {
			var n int64
			err := row.Scan(&n, &changed[i])
			if err != nil {
				err = fmt.Errorf("note the rows that %s brought to %s: %w", seed.Name, t, err)
			}
			total += n
			return err
		})
	}
	return changed, total, tx.SendBatch(ctx, b).Close()
}

// before returns the condition that a row r that the file wrote existed before.
func (e effect) before(old kept) string {
	switch {
	case !e.inserted:
		return "true"
	case e.updated:
		return old.wasThere()
	}
	return "false"
}
