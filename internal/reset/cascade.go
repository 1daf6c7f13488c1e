package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// foreignKeyViolation is a SQLSTATE.
const foreignKeyViolation = "23503"

// settle recreates foreign keys. Where rows refer to what is no longer there, it refuses with their number or, with
// cascade, does what the key says.
func (s *swap) settle(ctx context.Context, keys []Key) error {
	var broken []Key
	for _, k := range keys {
		refusal, err := s.try(ctx, k.create()...)
		switch {
		case err != nil:
			return fmt.Errorf("make the foreign key %s of %s again: %w", k.Name, k.From, err)
		case refusal == nil:
		case refusal.Code == foreignKeyViolation:
			broken = append(broken, k)
		default:
			s.lostKeys = append(s.lostKeys, k)
			s.outcome.Objects = append(s.outcome.Objects, Object{Kind: "foreign key", Name: k.Name + " of " + k.From.String(), Outside: !k.out, Why: refusal.Message})
			if !s.cascade {
				s.refuse(true, "the foreign key %s of %s cannot be made again: %s", k.Name, k.From, refusal.Message)
			}
		}
	}
	if len(broken) == 0 {
		return nil
	}
	if s.cascade {
		return s.takeAway(ctx, broken)
	}
	for _, k := range broken {
		n, err := k.orphans(ctx, s.tx)
		if err != nil {
			return err
		}
		s.outcome.Effects = append(s.outcome.Effects, Effect{Key: k.Name, Table: k.From, To: k.To, Rows: n, Action: "left without it"})
		s.refuse(true, "%s of %s would refer to rows of %s that are not there (foreign key %s, ON DELETE %s)",
			say.Count(n, "row"), k.From, k.To, k.Name, k.OnDelete)
	}
	return nil
}

// orphan returns the condition that a row c of the referencing table refers to a row that does not exist.
func (k Key) orphan() string {
	var given, same []string
	for i := range k.Columns {
		c := "c." + postgres.Ident(k.Columns[i])
		given = append(given, c+" IS NOT NULL")
		same = append(same, "p."+postgres.Ident(k.References[i])+" "+k.Operators[i]+" "+c)
	}
	return strings.Join(given, " AND ") + " AND NOT EXISTS (SELECT FROM " + k.To.Quoted() + " p WHERE " + strings.Join(same, " AND ") + ")"
}

func (k Key) orphans(ctx context.Context, tx postgres.Tx) (n int64, err error) {
	if err = tx.QueryRow(ctx, "SELECT count(*) FROM "+k.From.Quoted()+" c WHERE "+k.orphan()).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the rows of %s that refer to nothing: %w", k.From, err)
	}
	return n, nil
}

// takeAway applies their keys' ON DELETE to rows elsewhere, and to those that refer to them, until every reference
// resolves; RESTRICT and NO ACTION delete. Triggers are disabled, so that there are no side effects and each row is
// copied first.
func (s *swap) takeAway(ctx context.Context, broken []Key) error {
	all, err := s.allKeys(ctx)
	if err != nil {
		return err
	}
	if err := s.makeKept(ctx); err != nil {
		return err
	}
	if err := s.holdTriggers(ctx); err != nil {
		return err
	}
	for todo := broken; len(todo) > 0; {
		touched := map[postgres.TableRef]bool{}
		for _, k := range todo {
			changed, err := s.act(ctx, k)
			if err != nil {
				return err
			}
			if changed {
				touched[k.From] = true
			}
		}
		todo = nil
		for _, k := range append(slices.Clone(broken), all...) {
			if touched[k.To] {
				todo = append(todo, k)
			}
		}
	}
	if err := s.exec(ctx, "SET LOCAL session_replication_role = origin"); err != nil {
		return err
	}
	if len(s.outcome.Refused) > 0 {
		return nil
	}
	for _, k := range broken {
		if err := s.exec(ctx, k.create()...); err != nil {
			return fmt.Errorf("make the foreign key %s of %s again: %w", k.Name, k.From, err)
		}
	}
	return nil
}

// holdTriggers keeps triggers from firing, including those of foreign keys.
func (s *swap) holdTriggers(ctx context.Context) error {
	err := s.exec(ctx, "SET LOCAL session_replication_role = replica")
	if postgres.HasCode(err, postgres.Forbidden) {
		return remedy.New("reset.rights", remedy.ExitFailed, "to change rows elsewhere, triggers must be held back, which takes a superuser").Wrap(err).
			WithFix("as a superuser: GRANT SET ON PARAMETER session_replication_role TO the user")
	}
	return err
}

func (s *swap) allKeys(ctx context.Context) ([]Key, error) {
	l := &links{}
	if err := postgres.Each(ctx, s.tx, l.key, askAllKeys, s.schemas); err != nil {
		return nil, fmt.Errorf("read the foreign keys: %w", err)
	}
	return append(l.In, l.Out...), nil
}

// act applies one key's action to the rows that refer to nothing, and reports whether other rows may refer to nothing
// now.
func (s *swap) act(ctx context.Context, k Key) (changed bool, err error) {
	n, err := k.orphans(ctx, s.tx)
	if err != nil || n == 0 {
		return false, err
	}
	e := Effect{Key: k.Name, Table: k.From, To: k.To, Rows: n, Action: "deleted"}
	switch k.OnDelete {
	case "SET NULL":
		e.Action = "set to NULL"
		err = s.change(ctx, k, "NULL")
	case "SET DEFAULT":
		e.Action = "set to the default"
		if err = s.change(ctx, k, "DEFAULT"); err == nil {
			var left int64
			if left, err = k.orphans(ctx, s.tx); err == nil && left > 0 {
				s.refuse(false, "the default of %s refers to no row of %s (foreign key %s)", k.From, k.To, k.Name)
			}
		}
	default:
		err = s.remove(ctx, k)
	}
	s.outcome.Effects = append(s.outcome.Effects, e)
	return len(s.outcome.Refused) == 0, err
}

// remove deletes rows after copying them.
func (s *swap) remove(ctx context.Context, k Key) error {
	columns, kept, _, err := s.columns(ctx, k.From)
	if err != nil {
		return err
	}
	c := saved{Table: k.From, Copy: postgres.Ident(s.kept, fmt.Sprintf("rows_%d", len(s.saved)+1)), Deleted: true, Columns: columns}
	err = s.exec(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT %s FROM %s c WHERE %s", c.Copy, strings.Join(kept, ", "), k.From.Quoted(), k.orphan()),
		"DELETE FROM "+k.From.Quoted()+" c WHERE "+k.orphan())
	if err != nil {
		return fmt.Errorf("delete rows of %s: %w", k.From, err)
	}
	s.saved = append(s.saved, c)
	return nil
}

// change sets the key's columns after copying their values.
func (s *swap) change(ctx context.Context, k Key, to string) error {
	set := k.Columns
	if len(k.SetColumns) > 0 {
		set = k.SetColumns
	}
	columns, kept, key, err := s.columns(ctx, k.From)
	if err != nil {
		return err
	}
	if len(key) == 0 {
		s.refuse(false, "%s has no primary key, so that rows that are changed could not be found again", k.From)
		return nil
	}
	var list, sets []string
	for i, name := range columns {
		if slices.Contains(key, name) || slices.Contains(set, name) {
			list = append(list, kept[i])
		}
	}
	for _, name := range set {
		if slices.Contains(key, name) {
			s.refuse(false, "%s of %s is part of the primary key and cannot be changed (foreign key %s)", name, k.From, k.Name)
			return nil
		}
		sets = append(sets, postgres.Ident(name)+" = "+to)
	}
	c := saved{Table: k.From, Copy: postgres.Ident(s.kept, fmt.Sprintf("rows_%d", len(s.saved)+1)), Columns: set, Key: key}
	condition := k.orphan()
	if err := s.exec(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT %s FROM %s c WHERE %s", c.Copy, strings.Join(list, ", "), k.From.Quoted(), condition)); err != nil {
		return fmt.Errorf("copy rows of %s: %w", k.From, err)
	}
	refusal, err := s.try(ctx, "UPDATE "+k.From.Quoted()+" c SET "+strings.Join(sets, ", ")+" WHERE "+condition)
	if err != nil {
		return fmt.Errorf("change rows of %s: %w", k.From, err)
	}
	if refusal != nil {
		s.refuse(false, "rows of %s cannot be changed as the foreign key %s says: %s", k.From, k.Name, refusal.Message)
		return nil
	}
	s.saved = append(s.saved, c)
	return nil
}

// columns returns a table's writable columns, expressions that copy them (a type that is not the server's own is copied
// as text, so that the copy depends on nothing), and its primary key.
func (s *swap) columns(ctx context.Context, t postgres.TableRef) (names, copied, key []string, err error) {
	err = postgres.Each(ctx, s.tx, func(row postgres.Rows) error {
		var name string
		var foreign, isKey bool
		err := row.Scan(&name, &foreign, &isKey)
		expression := "c." + postgres.Ident(name)
		if foreign {
			expression += "::text AS " + postgres.Ident(name)
		}
		names, copied = append(names, name), append(copied, expression)
		if isKey {
			key = append(key, name)
		}
		return err
	}, `
SELECT a.attname::text, t.typnamespace <> 'pg_catalog'::regnamespace,
	EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey::int2[]))
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`, t.Quoted())
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the columns of %s: %w", t, err)
	}
	return names, copied, key, nil
}

// putBack restores the rows of an entry, last change first.
func (s *swap) putBack(ctx context.Context, copies []saved) error {
	if len(copies) == 0 {
		return nil
	}
	if err := s.holdTriggers(ctx); err != nil {
		return err
	}
	restored := map[postgres.TableRef]bool{}
	for _, c := range slices.Backward(copies) {
		restored[c.Table] = true
		sql, err := s.putBackSQL(ctx, c)
		if err != nil {
			return err
		}
		refusal, err := s.try(ctx, sql)
		if err != nil {
			return fmt.Errorf("put back rows of %s: %w", c.Table, err)
		}
		if refusal != nil {
			s.refuse(false, "rows of %s cannot be put back: %s", c.Table, postgres.Describe(refusal))
		}
	}
	if err := s.exec(ctx, "SET LOCAL session_replication_role = origin"); err != nil {
		return err
	}
	return s.resolves(ctx, restored)
}

func (s *swap) putBackSQL(ctx context.Context, c saved) (string, error) {
	types := map[string]string{}
	err := postgres.Each(ctx, s.tx, func(row postgres.Rows) error {
		var name, typ string
		err := row.Scan(&name, &typ)
		types[name] = typ
		return err
	}, `SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped`, c.Table.Quoted())
	if err != nil {
		return "", err
	}
	// For a column that no longer exists, the server's own message is shown.
	value := func(name string) string {
		v := "s." + postgres.Ident(name)
		if t := types[name]; t != "" {
			v += "::" + t
		}
		return v
	}
	var names, values, sets []string
	for _, name := range c.Columns {
		names, values = append(names, postgres.Ident(name)), append(values, value(name))
		sets = append(sets, postgres.Ident(name)+" = "+value(name))
	}
	if c.Deleted {
		return fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s s", c.Table.Quoted(), strings.Join(names, ", "),
			strings.Join(values, ", "), c.Copy), nil
	}
	same := say.Join(c.Key, " AND ", func(name string) string { return "c." + postgres.Ident(name) + " = " + value(name) })
	return fmt.Sprintf("UPDATE %s c SET %s FROM %s s WHERE %s", c.Table.Quoted(), strings.Join(sets, ", "), c.Copy, same), nil
}

// resolves makes sure that restored rows refer to existing ones: foreign keys were disabled meanwhile.
func (s *swap) resolves(ctx context.Context, restored map[postgres.TableRef]bool) error {
	if len(s.outcome.Refused) > 0 {
		return nil
	}
	all, err := s.allKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range all {
		if !restored[k.From] {
			continue
		}
		n, err := k.orphans(ctx, s.tx)
		if err != nil {
			return err
		}
		if n > 0 {
			s.refuse(false, "%s of %s that are put back refer to rows of %s that are gone (foreign key %s)", say.Count(n, "row"), k.From, k.To, k.Name)
		}
	}
	return nil
}
