package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// known are the names in the Prisma file, as askExtras and askSettings take them.
type known struct {
	tables, enums, columns, indexes []string
	classes                         []string // indexes for which the file names an operator class
}

func knownTo(d *schemaplan.Database) known {
	// Not nil, which would be NULL for the server: nothing is, and nothing is not, among those.
	k := known{tables: []string{}, enums: []string{}, columns: []string{}, indexes: []string{}, classes: []string{}}
	if d == nil {
		return k
	}
	join := func(parts ...string) string { return strings.Join(parts, "\x01") }
	for _, e := range d.Enums {
		k.enums = append(k.enums, join(e.Schema, e.Name))
	}
	for _, t := range d.Tables {
		k.tables = append(k.tables, join(t.Schema, t.Name))
		for _, c := range t.Columns {
			k.columns = append(k.columns, join(t.Schema, t.Name, c.Name))
		}
		if t.PrimaryKey != nil {
			k.indexes = append(k.indexes, join(t.Schema, t.PrimaryKey.Name, strings.Join(t.PrimaryKey.Columns, "\x02")))
		}
		for _, x := range t.Indexes {
			var columns []string
			named := false
			for _, c := range x.Columns {
				name := c.Name
				if c.Desc {
					name += " DESC"
				}
				columns, named = append(columns, name), named || c.Class != ""
			}
			k.indexes = append(k.indexes, join(t.Schema, x.Name, strings.Join(columns, "\x02")))
			if named {
				k.classes = append(k.classes, join(t.Schema, x.Name))
			}
		}
	}
	return k
}

// keepSettings gives what was recreated the settings that the Prisma file cannot express. One that the server refuses
// is listed, and refuses nothing: settings say how rows are stored, not which.
func (s *swap) keepSettings(ctx context.Context) error { return s.giveSettings(ctx, false) }

// keepNumbering is keepSettings for what generates numbers. It comes after the seeds, which should get the same keys as
// in a fresh database.
func (s *swap) keepNumbering(ctx context.Context) error { return s.giveSettings(ctx, true) }

func (s *swap) giveSettings(ctx context.Context, numbering bool) error {
	var list []dependent
	for _, d := range s.settings() {
		if numbering == (d.Kind == "identity" || d.Kind == "sequence settings") {
			list = append(list, d)
		}
	}
	done, reasons, err := s.makeAgain(ctx, list)
	if err != nil {
		return err
	}
	for i, d := range list {
		if len(d.Create) == 0 {
			reasons[i] = "Prisma makes a plain column of it"
		}
		s.outcome.Objects = append(s.outcome.Objects, Object{Kind: d.Kind, Name: d.Name, Kept: done[i], Why: reasons[i]})
	}
	return nil
}

// settings are those that migrations made, and those of the old schemas besides.
func (s *swap) settings() []dependent {
	if s.opt.Made == nil {
		return s.links.Settings
	}
	list := slices.Clone(s.opt.Made.Settings)
	for _, d := range s.links.Settings {
		if !slices.ContainsFunc(list, func(m dependent) bool { return m.Kind == d.Kind && m.Name == d.Name }) {
			list = append(list, d)
		}
	}
	return list
}

func (s *swap) lookForDrawn(ctx context.Context) error {
	if !s.links.sequences {
		return nil
	}
	err := postgres.Each(ctx, s.tx, func(row postgres.Rows) error {
		var d drawn
		err := row.Scan(&d.Schema, &d.Name, &d.By, &d.Owned)
		s.links.Drawn = append(s.links.Drawn, d)
		return err
	}, askDrawn, s.schemas)
	if err != nil {
		return fmt.Errorf("look for what draws from the schemas' sequences: %w", err)
	}
	return nil
}

// drawOn makes sequences that something elsewhere draws from continue where they were: a number that was handed out is
// not handed out again, after a reset or after an undo. A sequence is never set back.
func (s *swap) drawOn(ctx context.Context) error { return s.advance(ctx, false) }

// drawOnOwned is drawOn for the sequences of columns. It comes after the seeds, for the same reason as keepNumbering.
func (s *swap) drawOnOwned(ctx context.Context) error { return s.advance(ctx, true) }

func (s *swap) advance(ctx context.Context, owned bool) error {
	aside := map[string]string{}
	for i, name := range s.schemas {
		aside[name] = s.asides[i]
	}
	for _, d := range s.links.Drawn {
		if d.Owned != owned {
			continue
		}
		before, now := postgres.Ident(aside[d.Schema], d.Name), d.Quoted()
		var there bool
		if err := s.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'S')`, now).Scan(&there); err != nil {
			return fmt.Errorf("look for the sequence %s: %w", d, err)
		}
		if !there {
			continue // whatever draws from it is refused, or listed, by itself
		}
		var at int64
		err := s.tx.QueryRow(ctx, `SELECT setval($1::text::regclass, CASE WHEN o.further THEN o.last_value ELSE n.last_value END, CASE WHEN o.further THEN o.is_called ELSE n.is_called END)
FROM `+now+` n, LATERAL (SELECT b.*, CASE WHEN b.last_value = n.last_value THEN b.is_called ELSE (b.last_value > n.last_value) = (q.seqincrement > 0) END AS further
	FROM `+before+` b, pg_sequence q WHERE q.seqrelid = $1::text::regclass) o`, now).Scan(&at)
		if err != nil {
			return fmt.Errorf("set the sequence %s: %w", d, err)
		}
		s.warn("the sequence %s goes on after %d: %s draws from it", d.TableRef, at, d.By)
	}
	return nil
}
