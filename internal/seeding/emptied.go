package seeding

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/visible"
)

// A file may delete rows of seeds, which can bring them again, but not the user's.

// storage returns the file in which each table keeps its rows. TRUNCATE makes it start another one, which the server's
// counts do not show.
func storage(ctx context.Context, tx postgres.Tx) (map[postgres.TableRef]uint32, error) {
	all := map[postgres.TableRef]uint32{}
	err := postgres.Each(ctx, tx, func(row postgres.Rows) error {
		var t postgres.TableRef
		var file uint32
		err := row.Scan(&t.Schema, &t.Name, &file)
		all[t] = file
		return err
	}, `
SELECT n.nspname, c.relname, c.relfilenode FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '`+hidden.Schemas+`'`)
	if err != nil {
		return nil, fmt.Errorf("list the tables' storage: %w", err)
	}
	return all, nil
}

// somebodys returns the condition that a row r is neither as another seed wrote it nor one that is put back whatever
// the file does.
func (k kept) somebodys(t postgres.TableRef, was *taken) string {
	conditions := []string{"true"}
	for _, n := range k.intact.notes {
		conditions = append(conditions, fmt.Sprintf("NOT EXISTS (SELECT FROM pg_temp.%s AS i WHERE i.seed = %s AND i.key = %s)",
			k.intact.name, postgres.Literal(n.Seed), keyObject("r", n.key)))
	}
	if was != nil {
		for _, o := range was.own {
			if o.note.Table == t {
				conditions = append(conditions, fmt.Sprintf("NOT EXISTS (SELECT FROM pg_temp.%s AS o WHERE %s)", o.name, o.same("r")))
			}
		}
	}
	return strings.Join(conditions, " AND ")
}

// refuseRemovals returns the refusal of a file that has removed the user's rows (code seed.removes), or nil.
func refuseRemovals(ctx context.Context, tx postgres.Tx, f *seedfile.File, effects map[postgres.TableRef]effect, old map[postgres.TableRef]kept) error {
	var seen, schemas []string
	var total int64
	err := withTextSettings(ctx, tx, func() error {
		byName := func(a, b postgres.TableRef) int { return strings.Compare(a.String(), b.String()) }
		for _, t := range slices.SortedFunc(maps.Keys(effects), byName) {
			n, keys, err := old[t].removed(ctx, tx, t, effects[t])
			if err != nil {
				return fmt.Errorf("look for rows of %s that were removed: %w", t, err)
			}
			if n > 0 {
				total += n
				rows := TableRows{Kept: n, Keys: keys}
				seen = append(seen, visible.String(fmt.Sprintf("%s: %s (%s)", t, say.Count(n, "row"), rows.Names())))
				schemas = append(schemas, t.Schema)
			}
		}
		return nil
	})
	if err != nil || total == 0 {
		return err
	}
	e := remedy.New("seed.removes", remedy.ExitRefused, "%s would remove %s that no seed brought, and nothing of it stays", visible.String(f.Path), say.Count(total, "row")).
		WithSeen(seen...).
		WithFix("take out of the file what deletes them: its own rows are replaced without that")
	slices.Sort(schemas)
	for _, schema := range slices.Compact(schemas) {
		e.WithHelp(remedy.Naap("dev reset", visible.String(schema)).Note("if they may go: an undo brings them back"))
	}
	return e
}

// removed counts the user's rows that are gone, or that the file has replaced with others, and returns a few of their
// keys. A row that the file only updates still exists.
func (k kept) removed(ctx context.Context, tx postgres.Tx, t postgres.TableRef, e effect) (n int64, keys []string, err error) {
	if k.name == "" || !e.removes() {
		return 0, nil, nil
	}
	there, err := exists(ctx, tx, t)
	if err != nil {
		return 0, nil, err
	}
	stays := "false"
	if there {
		now, err := columnsNow(ctx, tx, t)
		if err != nil {
			return 0, nil, err
		}
		names := namesOf(now)
		if !slices.ContainsFunc(k.columns, func(c string) bool { return !slices.Contains(names, c) }) {
			stays = fmt.Sprintf("EXISTS (SELECT FROM ONLY %s AS r WHERE %s = o.key AND (%s = o.version OR %t))",
				t.Quoted(), keyObject("r", k.columns), version("r"), e.updated && !e.emptied)
		}
	}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
WITH gone AS (SELECT o.key FROM pg_temp.%s AS o WHERE o.somebodys AND NOT %s)
SELECT (SELECT count(*) FROM gone), ARRAY(SELECT (SELECT string_agg(c.key || ' ' || coalesce(c.value, 'NULL'), ', ') FROM jsonb_each_text(g.key) AS c)
	FROM (SELECT key FROM gone ORDER BY key LIMIT %d) AS g)`, k.name, stays, keysShown)).Scan(&n, &keys)
	return n, keys, err
}

// version returns SQL for a digest of everything in a row.
func version(row string) string { return "pg_catalog.md5(" + row + "::text)" }
