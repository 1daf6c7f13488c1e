package seeding

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// Look adds to a plan what happens to the rows that its seeds brought before. It only reads.
func (p *Plan) Look(ctx context.Context, db *postgres.DB) error {
	if !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Replace }) {
		return nil
	}
	return db.InTx(ctx, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, "SET TRANSACTION READ ONLY"); err != nil {
			return err
		}
		return withTextSettings(ctx, tx, func() error {
			for i := range p.Steps {
				if err := p.Steps[i].look(ctx, tx); err != nil {
					return fmt.Errorf("look at the rows that %s brought: %w", p.Steps[i].Seed.Name, err)
				}
			}
			return nil
		})
	})
}

func (s *Step) look(ctx context.Context, tx postgres.Tx) error {
	if !s.Replace {
		return nil
	}
	list, err := notes(ledger.NotesOf(ctx, tx, cmp.Or(s.Seed.Was, s.Seed.Name)))
	if err != nil {
		return err
	}
	for _, n := range list {
		rows, err := n.look(ctx, tx, s.Seed.File)
		if err != nil {
			return err
		}
		s.Rows = append(s.Rows, rows)
	}
	return nil
}

// look counts the rows that a note names, as remove handles them.
func (n *note) look(ctx context.Context, tx postgres.Tx, f *seedfile.File) (TableRows, error) {
	rows := TableRows{Table: n.Table}
	lacks, err := lacksKey(ctx, tx, n.Table, n.key)
	if err != nil {
		return rows, err
	}
	found, err := n.found(ctx, tx)
	if err != nil {
		return rows, err
	}
	o := own{note: n, unique: lacks == ""}
	err = tx.QueryRow(ctx, fmt.Sprintf(`
WITH found AS MATERIALIZED (%s), kept AS (
	SELECT %s AS text, found.key FROM found JOIN ONLY %s AS r ON r.ctid = found.at WHERE NOT found.same AND %s
)
SELECT (SELECT count(*) FROM found WHERE same AND nth <= n), (SELECT count(*) FROM kept), (SELECT count(*) FROM (%s) AS noted),
	ARRAY(SELECT text FROM kept ORDER BY key LIMIT %d)`,
		found, keyText("r", n.key), n.Table.Quoted(), o.found("r"), n.rows(), keysShown)).Scan(&rows.Back, &rows.Kept, &rows.Gone, &rows.Keys)
	if err != nil {
		return rows, err
	}
	rows.Gone -= rows.Back + rows.Kept
	return rows, n.lookAhead(ctx, tx, f, o.unique, found, &rows)
}

// lookAhead distinguishes the rows that a file of rows brings again from those that it no longer contains. What a
// script brings is known only once it has run.
func (n *note) lookAhead(ctx context.Context, tx postgres.Tx, f *seedfile.File, unique bool, found string, rows *TableRows) error {
	if !unique || f.Format == seedfile.SQL || (n.Table != postgres.TableRef{Schema: f.Schema, Name: f.Table}) {
		return nil
	}
	keys, ok := keysIn(f, n.key)
	if !ok {
		return nil
	}
	inner, err := tx.Begin(ctx)
	if err != nil {
		return err
	}
	err = inner.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM (%s) AS f WHERE same AND nth <= n
	AND key NOT IN (SELECT %s FROM jsonb_populate_recordset(NULL::%s, $1::text::jsonb) AS k)`, found, keyObject("k", n.key), n.Table.Quoted()), keys).Scan(&rows.Removed)
	rows.Exact = err == nil
	if err != nil && ctx.Err() == nil {
		return inner.Rollback(ctx) // a value does not fit its column's type: applying the file says so, and where
	}
	return err
}

// keysIn returns the keys of a file's rows, as a JSON array; ok is false where the file leaves one of their columns to
// the server.
func keysIn(f *seedfile.File, key []string) (text string, ok bool) {
	var list []json.RawMessage
	if f.Format == seedfile.JSONL {
		objects, err := f.Objects()
		for _, o := range objects {
			list = append(list, json.RawMessage(o.Text))
			ok = !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(o.Keys, c) })
			if !ok {
				break
			}
		}
		if err != nil || !ok && len(objects) > 0 {
			return "", false
		}
	} else if list, ok = keysInCSV(f, key); !ok {
		return "", false
	}
	data, err := json.Marshal(list)
	if list == nil {
		data = []byte("[]")
	}
	return string(data), err == nil
}

func keysInCSV(f *seedfile.File, key []string) (list []json.RawMessage, ok bool) {
	lines, err := csv.NewReader(strings.NewReader(f.Data())).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, false
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for _, c := range key {
			i := slices.Index(lines[0], c)
			if i < 0 {
				return nil, false
			}
			row[c] = line[i]
		}
		text, err := json.Marshal(row)
		if err != nil {
			return nil, false
		}
		list = append(list, text)
	}
	return list, true
}

// String returns what happens to the rows, for people: public.User: 2 rows are replaced, 1 is removed, …
func (r TableRows) String() string {
	var parts []string
	add := func(n int64, one, many string) {
		if n != 0 {
			parts = append(parts, say.Count(n, "row")+" "+say.Form(n, one, many))
		}
	}
	if r.Exact {
		add(r.Back-r.Removed, "is replaced", "are replaced")
		add(r.Removed, "is removed", "are removed")
	} else {
		add(r.Back, "is removed, and comes again where the file has it", "are removed, and come again where the file has them")
	}
	add(r.Kept, "was changed since and stays ("+r.Names()+")", "were changed since and stay ("+r.Names()+")")
	add(r.Gone, "was deleted since", "were deleted since")
	if len(parts) == 0 {
		return ""
	}
	return r.Table.String() + ": " + strings.Join(parts, "; ")
}

// Names returns the keys of a few of the rows that stay: id 2; id 3; …
func (r TableRows) Names() string {
	text := strings.Join(r.Keys, "; ")
	if int(r.Kept) > len(r.Keys) {
		text += "; …"
	}
	return text
}
