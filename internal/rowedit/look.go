package rowedit

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Choice is a row that a foreign key may refer to.
type Choice struct {
	Key  []string // for each column of the key
	Name string   // what the row is called, or ""
}

// Checked is what the server makes of a typed value.
type Checked struct {
	Text string // as it would be read back
	Note string // what is lost of it on the way, or ""
}

// MostChoices is how many rows Choices returns at most.
const MostChoices = 100

// Choices looks for rows that a foreign key may refer to: whose key or name contains a text, all if it is empty.
func Choices(ctx context.Context, db *postgres.DB, key ForeignKey, search string) (out []Choice, err error) {
	d, err := db.Detail(ctx, key.Table)
	if err != nil {
		return nil, err
	}
	names := say.Each(key.To, func(c string) string { return "t." + postgres.Ident(c) })
	texts := say.Each(names, func(n string) string { return "pg_catalog.format('%s', " + n + ")" })
	searched := texts
	if name := NameColumn(d.Columns); name != "" {
		texts = append(texts, "pg_catalog.left(pg_catalog.format('%s', t."+postgres.Ident(name)+"), 200)")
		searched = append(searched[:len(searched):len(searched)], "pg_catalog.format('%s', t."+postgres.Ident(name)+")")
	} else {
		texts = append(texts, "''")
	}
	conditions := []string{}
	for _, n := range names {
		conditions = append(conditions, n+" IS NOT NULL")
	}
	args := []*string{}
	if search != "" {
		args = append(args, &search)
		any := say.Each(searched, func(s string) string {
			return "pg_catalog.strpos(pg_catalog.lower(" + s + "), pg_catalog.lower($1::text)) > 0"
		})
		conditions = append(conditions, "("+strings.Join(any, " OR ")+")")
	}
	sql := fmt.Sprintf("SELECT %s FROM %s t WHERE %s ORDER BY %s LIMIT %d", strings.Join(texts, ", "), key.Table.Quoted(), strings.Join(conditions, " AND "), strings.Join(names, ", "), MostChoices)
	err = reading(ctx, db, func(tx postgres.Tx) error {
		rows, err := postgres.Texts(ctx, tx, sql, args...)
		for _, r := range rows {
			c := Choice{Name: orNone(r[len(r)-1])}
			for _, v := range r[:len(r)-1] {
				c.Key = append(c.Key, orNone(v))
			}
			out = append(out, c)
		}
		return err
	})
	return out, err
}

func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// reading runs f in a transaction that only reads and is undone, and in which values are written as in Read.
func reading(ctx context.Context, db *postgres.DB, f func(postgres.Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer postgres.Rollback(ctx, tx)
	for _, sql := range []string{"SET TRANSACTION READ ONLY", asRead} {
		if _, err := postgres.Texts(ctx, tx, sql); err != nil {
			return err
		}
	}
	return f(tx)
}

// Check asks the server what a text is as a value of a column. What it does not accept is an error with the code
// rows.value, in the server's words.
func Check(ctx context.Context, db *postgres.DB, c Column, text string) (out Checked, err error) {
	err = reading(ctx, db, func(tx postgres.Tx) error {
		sql := fmt.Sprintf("SELECT pg_catalog.format('%%s', v), pg_catalog.format('%%s', v::%s) FROM (SELECT $1::%s AS v) t", c.SQLType, c.Cast)
		rows, err := postgres.Texts(ctx, tx, sql, &text)
		if err != nil {
			return err
		}
		free, stored := orNone(rows[0][0]), orNone(rows[0][1])
		out.Text = stored
		switch {
		case free == stored:
		case c.Kind == postgres.TextKind && strings.TrimRight(free, " ") != strings.TrimRight(stored, " "):
			return remedy.New("rows.value", remedy.ExitFailed, "too long for %s", visible.String(c.Type))
		case c.Kind != postgres.TextKind:
			out.Note = "stored as " + stored
		}
		return nil
	})
	if said, ok := postgres.AsServerError(err); ok && postgres.EndOf(err) == postgres.NotEnded {
		return out, remedy.New("rows.value", remedy.ExitFailed, "%s", visible.String(said.Message)).Behind(err)
	}
	return out, err
}
