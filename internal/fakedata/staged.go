package fakedata

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// A table whose constraints are not wholly understood is filled through a temporary one: the server judges a batch of
// rows by the constraints' own expressions, and those that it rejects are made again with other dice.

const (
	batch    = 2000
	attempts = 60
)

func (t *table) fillStaged(ctx context.Context, tx postgres.Tx, plan *Plan, tell func(int64)) (int64, error) {
	columns := t.written()
	s := stage{t: t, columns: columns}
	if err := s.create(ctx, tx); err != nil {
		return 0, err
	}
	var total int64
	for from := t.first; from < t.first+t.rows; from += batch {
		n, err := s.fill(ctx, tx, plan, from, min(from+batch, t.first+t.rows))
		if err != nil {
			return total, err
		}
		total += n
		tell(n)
	}
	_, err := tx.Exec(ctx, "DROP TABLE pg_temp."+s.name())
	return total, err
}

type stage struct {
	t       *table
	columns []*column
}

func (s stage) name() string { return fmt.Sprintf("naap_fake_%d", s.t.oid) }

// create makes the temporary table, all of text: a domain's constraint would end the COPY.
func (s stage) create(ctx context.Context, tx postgres.Tx) error {
	list := []string{"naap_row bigint"}
	for i := range s.columns {
		list = append(list, fmt.Sprintf("c%d text", i))
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", s.name(), strings.Join(list, ", ")))
	return err
}

// typed is the rows with the table's own columns and types.
func (s stage) typed() string {
	list := []string{"naap_row"}
	for i, c := range s.columns {
		list = append(list, fmt.Sprintf("c%d::%s AS %s", i, c.typeText, postgres.Ident(c.name)))
	}
	for _, c := range s.t.columns {
		if c.omit {
			list = append(list, "NULL::"+c.typeText+" AS "+postgres.Ident(c.name))
		}
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM pg_temp." + s.name() + ")"
}

func (s stage) fill(ctx context.Context, tx postgres.Tx, plan *Plan, from, to int64) (int64, error) {
	rows := make([]int64, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, i)
	}
	kept := s.t.dice()
	defer s.t.setDice(kept)
	for attempt := 0; len(rows) > 0 && attempt < attempts; attempt++ {
		if attempt > 0 {
			s.t.setDice(kept)
			s.t.reroll(uint64(attempt))
		}
		r := s.t.reader(plan, s.columns, 0, 0)
		r.number, r.only = true, rows
		if _, err := postgres.CopyIn(ctx, postgres.TxConn(tx), "COPY pg_temp."+s.name()+" FROM STDIN", r); err != nil {
			return 0, err
		}
		var err error
		if rows, err = s.reject(ctx, tx); err != nil {
			return 0, err
		}
	}
	if len(rows) > 0 && (s.t.isTarget() || int64(len(rows)) == to-from) {
		return 0, fmt.Errorf("no values were found that keep to its constraints (%s), for %d of %d rows", s.constraints(), len(rows), to-from)
	}
	list := names(s.columns)
	tag, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s AS r ORDER BY naap_row", s.t.ref.Quoted(), list, list, s.typed()))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "TRUNCATE pg_temp."+s.name())
	return tag.RowsAffected(), err
}

// reject takes away the rows that the constraints do not allow and returns their numbers.
func (s stage) reject(ctx context.Context, tx postgres.Tx) ([]int64, error) {
	var conditions []string
	for i, c := range s.columns {
		if c.typ.kind == 'd' || c.typ.hidesDomain() {
			conditions = append(conditions, fmt.Sprintf("NOT (c%d IS NULL OR pg_input_is_valid(c%d, %s))", i, i, postgres.Literal(c.typeText)))
		}
	}
	rejected, err := s.remove(ctx, tx, strings.Join(conditions, " OR "))
	if err != nil {
		return nil, err
	}
	conditions = nil
	for _, k := range s.t.checks {
		conditions = append(conditions, "NOT ("+k.text+")")
	}
	if len(conditions) == 0 {
		return rejected, nil
	}
	more, err := s.remove(ctx, tx, "naap_row IN (SELECT naap_row FROM "+s.typed()+" AS r WHERE "+strings.Join(conditions, " OR ")+")")
	return append(rejected, more...), err
}

func (s stage) remove(ctx context.Context, tx postgres.Tx, where string) ([]int64, error) {
	if where == "" {
		return nil, nil
	}
	rows, err := tx.Query(ctx, "DELETE FROM pg_temp."+s.name()+" WHERE "+where+" RETURNING naap_row")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

func (s stage) constraints() string {
	var list []string
	for _, k := range s.t.checks {
		list = append(list, k.name)
	}
	if len(list) == 0 {
		return "those of its domains"
	}
	return strings.Join(list, ", ")
}

func (t *table) isTarget() bool {
	for _, c := range t.columns {
		if c.target {
			return true
		}
	}
	return false
}

// dice are the keys of the table's columns and foreign keys.
func (t *table) dice() []uint64 {
	var keys []uint64
	for _, c := range t.columns {
		keys = append(keys, c.key)
	}
	for _, f := range t.out {
		keys = append(keys, f.key)
	}
	return keys
}

func (t *table) setDice(keys []uint64) {
	for i, c := range t.columns {
		c.key = keys[i]
	}
	for i, f := range t.out {
		f.key = keys[len(t.columns)+i]
	}
}

// reroll gives other dice to what no key depends on.
func (t *table) reroll(attempt uint64) {
	fixed := func(c *column) bool { return c.target || t.inKey(c) && !t.safe(c) }
	for _, c := range t.columns {
		if !fixed(c) {
			c.key = mix(c.key + attempt)
		}
	}
	for _, f := range t.out {
		again := f.pinned == nil && !f.group
		for _, c := range f.columns {
			again = again && !fixed(c)
		}
		if again {
			f.key = mix(f.key + attempt)
		}
	}
}

// safe tells whether another column of each of the column's unique keys tells the rows apart.
func (t *table) safe(c *column) bool {
	for _, k := range t.keys {
		if !within([]*column{c}, k.columns) {
			continue
		}
		other := false
		for _, x := range k.columns {
			other = other || x != c && x.carrier
		}
		if !other {
			return false
		}
	}
	return true
}
