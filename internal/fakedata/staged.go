package fakedata

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// A table whose constraints are not wholly understood is filled through a temporary one: the server judges a batch of
// rows by the constraints' own expressions, and rejected rows are made again with other dice.

const (
	batch    = 2000
	attempts = 60
)

// beyond is how many numbers are tried for each row, where its keys depend on its number: at least one in that many
// must be allowed.
const beyond = 100

func (t *table) fillStaged(ctx context.Context, tx postgres.Tx, plan *Plan, tell func(int64)) (total int64, err error) {
	s := stage{t: t, columns: t.written()}
	if err := s.create(ctx, tx); err != nil {
		return 0, err
	}
	planned, end := t.first+t.rows, t.lastNumber()
	from, last := t.first, int64(1)
	for total < t.rows && from < end && (from < planned || last > 0) {
		to := min(from+batch, end)
		if from < planned {
			to = min(to, planned)
		}
		if last, err = s.fill(ctx, tx, plan, from, to, t.rows-total); err != nil {
			return total, err
		}
		from, total = to, total+last
		tell(last)
	}
	t.last = max(from, planned)
	if total == 0 || total < t.rows && t.isTarget() {
		return 0, fmt.Errorf("no values were found that keep to its constraints (%s), for %d of %d rows", t.constraints(), t.rows-total, t.rows)
	}
	_, err = tx.Exec(ctx, "DROP TABLE pg_temp."+s.name())
	return total, err
}

// lastNumber returns the number after the last row that can be tried in place of a rejected one. No others can be tried
// where other rows compute keys from the numbers, or the way rows differ depends on their count.
func (t *table) lastNumber() int64 {
	planned := t.first + t.rows
	if t.isTarget() || slices.ContainsFunc(t.out, func(f *foreignKey) bool { return f.pinned != nil || f.nullAt != nil }) ||
		slices.ContainsFunc(t.columns, func(c *column) bool { return c.forced != nil || c.nullAt != nil }) {
		return planned
	}
	most := max(min(t.rows, enough)*beyond, batch)
	for _, k := range t.keys {
		room := int64(0)
		for _, c := range k.columns {
			if c.carrier {
				room = max(room, c.capacity()-t.offset(c))
			}
		}
		if len(k.columns) > 0 {
			most = min(most, room)
		}
	}
	return t.first + max(most, t.rows)
}

type stage struct {
	t       *table
	columns []*column
}

func (s stage) name() string { return fmt.Sprintf("naap_fake_%d", s.t.oid) }

// create creates the temporary table, with all columns of type text: a domain's constraint would end the COPY.
func (s stage) create(ctx context.Context, tx postgres.Tx) error {
	list := []string{"naap_row bigint"}
	for i := range s.columns {
		list = append(list, fmt.Sprintf("c%d text", i))
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("CREATE TEMP TABLE %s (%s) ON COMMIT DROP", s.name(), strings.Join(list, ", ")))
	return err
}

// typed returns the query of the rows with the table's own columns and types. What the server computes is computed here
// too, because constraints may refer to it.
func (s stage) typed() string {
	list := []string{"naap_row"}
	for i, c := range s.columns {
		list = append(list, fmt.Sprintf("c%d::%s AS %s", i, c.typeText, postgres.Ident(c.name)))
	}
	var computed []string
	for _, c := range s.t.columns {
		switch {
		case c.generated:
			computed = append(computed, fmt.Sprintf(", (%s)::%s AS %s", c.def, c.typeText, postgres.Ident(c.name)))
		case c.omit:
			list = append(list, "NULL::"+c.typeText+" AS "+postgres.Ident(c.name))
		}
	}
	rows := "(SELECT " + strings.Join(list, ", ") + " FROM pg_temp." + s.name() + ")"
	if computed == nil {
		return rows
	}
	return "(SELECT *" + strings.Join(computed, "") + " FROM " + rows + " AS r)"
}

// Where at most crowd rows are left, unmoved attempts in a row that bring none end the filling.
const (
	unmoved = 10
	crowd   = 200
)

// fill inserts rows with the given numbers, at most so many, and returns how many it inserted.
func (s stage) fill(ctx context.Context, tx postgres.Tx, plan *Plan, from, to, most int64) (int64, error) {
	rows := make([]int64, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, i)
	}
	kept := s.t.dice()
	defer s.t.setDice(kept)
	idle := 0
	for attempt := 0; len(rows) > 0 && attempt < attempts && (idle < unmoved || len(rows) < crowd); attempt++ {
		if attempt > 0 {
			s.t.setDice(kept)
			s.t.reroll(uint64(attempt))
		}
		r := s.t.reader(plan, s.columns, 0, int64(len(rows)))
		r.number, r.only = true, rows
		if _, err := postgres.CopyIn(ctx, postgres.TxConn(tx), "COPY pg_temp."+s.name()+" FROM STDIN", r); err != nil {
			return 0, err
		}
		rejected, err := s.reject(ctx, tx)
		if err != nil {
			return 0, err
		}
		if idle++; len(rejected) < len(rows) {
			idle = 0
		}
		rows = rejected
	}
	list := names(s.columns)
	tag, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s AS r ORDER BY naap_row LIMIT %d",
		s.t.ref.Quoted(), list, list, s.typed(), most))
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "TRUNCATE pg_temp."+s.name())
	return tag.RowsAffected(), err
}

// reject deletes the rows that the constraints do not allow and returns their numbers.
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
	conditions = say.Each(s.t.checks, func(k *check) string { return "NOT (" + k.text + ")" })
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
	return postgres.Collect(ctx, tx, func(n *int64) []any { return []any{n} },
		"DELETE FROM pg_temp."+s.name()+" WHERE "+where+" RETURNING naap_row")
}

func (t *table) constraints() string {
	return cmp.Or(say.Join(t.checks, ", ", func(k *check) string { return k.name }), "those of its domains")
}

func (t *table) isTarget() bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool { return c.target })
}

// dice returns the keys of the dice of the table's columns and foreign keys.
func (t *table) dice() []uint64 {
	var keys []uint64
	for _, c := range t.columns {
		keys = append(keys, c.key, c.subject)
	}
	keys = append(keys, say.Each(t.out, func(f *foreignKey) uint64 { return f.key })...)
	return keys
}

func (t *table) setDice(keys []uint64) {
	for i, c := range t.columns {
		c.key, c.subject = keys[2*i], keys[2*i+1]
	}
	for i, f := range t.out {
		f.key = keys[2*len(t.columns)+i]
	}
}

// reroll gives other dice to what no key depends on.
func (t *table) reroll(attempt uint64) {
	fixed := func(c *column) bool { return c.target || t.inKey(c) && !t.safe(c) }
	for _, c := range t.columns {
		if !fixed(c) {
			c.key, c.subject = mix(c.key+attempt), mix(c.subject+attempt)
		}
	}
	for _, f := range t.out {
		if f.pinned == nil && !f.group && !slices.ContainsFunc(f.columns, fixed) {
			f.key = mix(f.key + attempt)
		}
	}
}

// safe reports whether another column of each of the column's unique keys distinguishes the rows.
func (t *table) safe(c *column) bool {
	return !slices.ContainsFunc(t.keys, func(k *uniqueKey) bool {
		return slices.Contains(k.columns, c) && !slices.ContainsFunc(k.columns, func(x *column) bool { return x != c && x.carrier })
	})
}
