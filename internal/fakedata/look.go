package fakedata

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// findRows finds out which tables have rows.
func (db *database) findRows(ctx context.Context, q postgres.Querier) error {
	b := &postgres.Batch{}
	for _, t := range db.tables {
		b.Queue("SELECT EXISTS (SELECT FROM " + t.ref.Quoted() + ")")
	}
	results := q.SendBatch(ctx, b)
	for _, t := range db.tables {
		if err := results.QueryRow().Scan(&t.hasRows); err != nil {
			return errors.Join(fmt.Errorf("look for rows of %s: %w", t.ref, err), results.Close())
		}
	}
	return results.Close()
}

// findStarts finds where new rows' numbers and new keys begin, after the existing ones.
func (db *database) findStarts(ctx context.Context, q postgres.Querier, resumed *run) error {
	marks, err := ledger.HighestFake(ctx, q)
	if err != nil {
		return err
	}
	for _, t := range db.tables {
		for _, c := range t.columns {
			c.start = c.lowest()
		}
		if !t.planned {
			continue
		}
		if resumed != nil {
			resumed.start(t)
			continue
		}
		t.first = marks[t.ref]
		if !t.hasRows {
			continue
		}
		var n int64
		if err := q.QueryRow(ctx, "SELECT count(*) FROM "+t.ref.Quoted()).Scan(&n); err != nil {
			return fmt.Errorf("count the rows of %s: %w", t.ref, err)
		}
		t.first = max(t.first, n)
		if err := t.findMaxima(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// lowest returns the first value of a column that counts its rows.
func (c *column) lowest() int64 {
	if t, _ := c.underlying(); t.category != 'N' {
		return 0
	}
	if c.guide.min != nil || c.guide.max != nil {
		return c.numbersOf().lo
	}
	return 1
}

// findMaxima lets numeric columns in unique keys continue from the largest existing value.
func (t *table) findMaxima(ctx context.Context, q postgres.Querier) error {
	for _, c := range t.columns {
		u, _ := c.underlying()
		if u.category != 'N' || u.name == "money" || !t.inKey(c) {
			continue
		}
		scale := c.numbersOf().scale
		var top *int64
		err := q.QueryRow(ctx, fmt.Sprintf("SELECT ceil(max(%s)::numeric * 10::numeric ^ %d)::bigint FROM %s", postgres.Ident(c.name), scale, t.ref.Quoted())).Scan(&top)
		if err != nil {
			return fmt.Errorf("find the largest %s of %s: %w", c.name, t.ref, err)
		}
		if top != nil {
			c.start = max(c.start, *top+1)
		}
	}
	return nil
}

func (t *table) inKey(c *column) bool {
	if c.sequence != "" {
		return true
	}
	return slices.ContainsFunc(t.keys, func(k *uniqueKey) bool { return slices.Contains(k.columns, c) })
}

// sample holds the keys of some rows of a table that is referred to and not filled.
type sample struct {
	columns []*column
	rows    [][]string
}

// sampleSize limits how many of a table's keys are kept in memory.
const sampleSize = 10_000

// sampleGiven reads keys of the tables that have rows and that filled tables refer to.
func (db *database) sampleGiven(ctx context.Context, q postgres.Querier) error {
	if err := db.leaveTaken(ctx, q); err != nil {
		return err
	}
	for _, to := range db.tables {
		if to.planned || !to.hasRows {
			continue
		}
		s := &sample{}
		var free []string
		for _, t := range db.tables {
			for _, f := range t.out {
				if f.to != to || !t.planned {
					continue
				}
				for _, c := range f.referenced {
					if !slices.Contains(s.columns, c) {
						s.columns = append(s.columns, c)
					}
				}
				if t.hasRows && t.mustDiffer(f) {
					free = append(free, f.notIn())
				}
			}
		}
		if len(s.columns) == 0 {
			continue
		}
		if err := s.read(ctx, q, to, free); err != nil {
			return fmt.Errorf("read keys of %s: %w", to.ref, err)
		}
		to.sample = s
	}
	return nil
}

// leaveTaken removes from a rule's keys those that rows refer to already, where no two rows may.
func (db *database) leaveTaken(ctx context.Context, q postgres.Querier) error {
	for _, t := range db.tables {
		for _, f := range t.out {
			if f.only == nil || !t.planned || !t.hasRows || !t.mustDiffer(f) {
				continue
			}
			taken, err := postgres.CollectStrings(q.Query(ctx, fmt.Sprintf("SELECT DISTINCT v FROM unnest($1::text[]) AS v JOIN %s AS r ON r.%s = v::%s",
				t.ref.Quoted(), postgres.Ident(f.columns[0].name), f.columns[0].typeText), f.only))
			if err != nil {
				return fmt.Errorf("look at the keys that %s has: %w", t.ref, err)
			}
			f.only = append([]string{}, without(f.only, taken)...)
		}
	}
	return nil
}

// mustDiffer reports whether a foreign key is in a unique key whose rows nothing else can distinguish.
func (t *table) mustDiffer(f *foreignKey) bool {
	return slices.ContainsFunc(t.keys, func(k *uniqueKey) bool {
		return len(k.columns) > 0 && within(f.columns, k.columns) && t.bestCarrier(k) == nil
	})
}

// notIn returns the condition that nothing refers to a row yet.
func (f *foreignKey) notIn() string {
	return "NOT EXISTS (SELECT FROM " + f.from.ref.Quoted() + " c WHERE " + f.refersTo() + ")"
}

// refersTo returns the condition that the row c refers to the row p.
func (f *foreignKey) refersTo() string {
	var same []string
	for i, c := range f.columns {
		same = append(same, "c."+postgres.Ident(c.name)+" = p."+postgres.Ident(f.referenced[i].name))
	}
	return strings.Join(same, " AND ")
}

func (s *sample) read(ctx context.Context, q postgres.Querier, t *table, conditions []string) (err error) {
	var list, order []string
	for _, c := range s.columns {
		name := "p." + postgres.Ident(c.name)
		list = append(list, name+"::text")
		order = append(order, name)
		conditions = append(conditions, name+" IS NOT NULL")
	}
	sql := fmt.Sprintf("SELECT ARRAY[%s] FROM %s p WHERE %s ORDER BY %s LIMIT %d", strings.Join(list, ", "),
		t.ref.Quoted(), strings.Join(conditions, " AND "), strings.Join(order, ", "), sampleSize)
	s.rows, err = postgres.Collect(ctx, q, func(keys *[]string) []any { return []any{keys} }, sql)
	return err
}

// candidates are tried for types that are unknown here, in this order.
var candidates = []string{"1", "a", "0.5", "[0.1,0.2,0.3]", "{}", "(1,1)", "POINT(1 1)", "1,1", "{\"a\": 1}", "2026-01-01", "a.b", "true",
	"00000000-0000-4000-8000-000000000001", "[1,2)", "10:20:10", "pg_class", ""}

// probeTypes looks for a value of each type that is unknown here.
func (db *database) probeTypes(ctx context.Context, q postgres.Querier) error {
	found := map[string]string{}
	for _, t := range db.tables {
		for _, c := range t.columns {
			if !t.planned || c.owner != nil && !c.owner.named || c.generated || c.raw() != nil {
				continue
			}
			sample, ok := found[c.typeText]
			if !ok {
				var err error
				if sample, err = probe(ctx, q, c); err != nil {
					return err
				}
				found[c.typeText] = sample
			}
			c.sample = sample
		}
	}
	return nil
}

func probe(ctx context.Context, q postgres.Querier, c *column) (string, error) {
	list := candidates
	if _, mod := c.underlying(); mod > 0 && mod < 5000 { // pgvector's dimensions
		list = append([]string{"[" + strings.TrimSuffix(strings.Repeat("0.5,", int(mod)), ",") + "]"}, list...)
	}
	for _, text := range list {
		var valid bool // a cast would truncate what is too long
		err := q.QueryRow(ctx, "SELECT pg_input_is_valid($1::text, $2::text)", text, c.typeText).Scan(&valid)
		if valid {
			return text, nil
		}
		if _, said := postgres.AsServerError(err); err != nil && !said {
			return "", fmt.Errorf("look for a value of the type %s: %w", c.typeText, err)
		}
	}
	return "", nil
}
