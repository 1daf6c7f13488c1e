package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// dependent is something that the schema file does not describe and that depends on what it manages.
type dependent struct {
	class   string // the catalogue that has it, such as "pg_trigger"
	oid     uint32
	what    string // as the user calls it: "view public.reads"
	drop    string // the statement that drops it
	owner   qName  // the table that it belongs to, if any
	columns []columnName
	enums   []qName
}

// goesAlong reports whether the server drops it with a column; it refuses to drop the column otherwise.
func (d *dependent) goesAlong() bool {
	return d.class == "pg_constraint" || d.class == "pg_class" || d.class == "pg_statistic_ext"
}

// hasCondition reports whether it is an index, or a constraint of a table, with an expression that is bound to types.
func (d *dependent) hasCondition() bool { return d.class == "pg_constraint" || d.class == "pg_class" }

// leaves reports whether the condition of an index or a constraint is still valid once the column has its new type. It
// has the server try with an empty table, of which nothing remains.
func (s *Step) leaves(ctx context.Context, q *postgres.Conn, d *dependent, in settings) (bool, error) {
	const probe = "pg_temp.naap_probe_dependent"
	column := postgres.Ident(s.unsettles[0].column)
	alter := fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT, ALTER COLUMN %[2]s SET DATA TYPE %s USING NULL", probe, column, s.becomes)
	define := fmt.Sprintf("SELECT 'ALTER TABLE %s ADD ' || pg_catalog.pg_get_constraintdef(%d)", probe, d.oid)
	if d.class == "pg_class" {
		define = fmt.Sprintf(`SELECT 'CREATE ' || CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ON %s' || pg_catalog.substr(pg_catalog.pg_get_indexdef(x.indexrelid),
	pg_catalog.length(pg_catalog.format('CREATE %%sINDEX %%I ON %%s%%I.%%I', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname, CASE WHEN i.relkind = 'I' THEN 'ONLY ' ELSE '' END, n.nspname, t.relname)) + 1)
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE x.indexrelid = %d`, probe, d.oid)
	}
	script := fmt.Sprintf(`DECLARE make text; made boolean := false;
BEGIN
	CREATE TEMP TABLE naap_probe_dependent (LIKE %s);
	EXECUTE %s INTO make;
	EXECUTE make;
	made := true;
	EXECUTE %s;
	RAISE EXCEPTION 'it fits';
EXCEPTION WHEN OTHERS THEN
	PERFORM pg_catalog.set_config('naap.probe_dependent', CASE WHEN made THEN SQLSTATE ELSE '' END, true);
END`, s.unsettles[0].table.sql(), postgres.Literal(define), postgres.Literal(alter))
	batch := &postgres.Batch{}
	batch.Queue(in.enter())
	batch.Queue("DO " + postgres.Literal(script))
	batch.Queue("SELECT current_setting('naap.probe_dependent', true)")
	batch.Queue(leave)
	results := q.SendBatch(ctx, batch)
	defer results.Close()
	for range 2 {
		if _, err := results.Exec(); err != nil {
			return false, fmt.Errorf("try %s with another type: %w", d.what, err)
		}
	}
	var state string
	if err := results.QueryRow().Scan(&state); err != nil {
		return false, fmt.Errorf("try %s with another type: %w", d.what, err)
	}
	return state != "42883" && state != "42804", nil // no such operator, or the wrong type
}

// weighDependents blocks the steps that a view, a trigger or the like prevents, and notes as lost what is dropped with
// a column.
func weighDependents(ctx context.Context, q *postgres.Conn, steps []*Step, in settings) error {
	var schemas []string // including those that the schema file does not manage, with a column of an enum
	for _, s := range steps {
		schemas = append(schemas, say.Each(s.unsettles, func(u columnName) string { return u.table.Schema })...)
		if s.leavesType.Name != "" {
			schemas = append(schemas, s.leavesType.Schema)
		}
	}
	if len(schemas) == 0 {
		return nil
	}
	slices.Sort(schemas)
	all, err := readDependents(ctx, q, slices.Compact(schemas), in)
	if err != nil {
		return err
	}
	dropped := map[string]bool{}
	for _, s := range steps {
		if s.Kind == dropIndex {
			dropped["DROP INDEX "+s.Object] = true
		}
	}
	on := newHung(all)
	for _, s := range steps {
		var blockers []*dependent
		for _, d := range on.of(s) {
			if d.class == "pg_class" && dropped[strings.ReplaceAll(d.drop, `"`, "")] {
				continue // it does belong to the schema file
			}
			switch {
			case s.stoppedBy(d):
				blockers = append(blockers, d)
			case s.becomes != "" && d.hasCondition() && s.unsettlesOneOf(d.columns):
				fits, err := s.leaves(ctx, q, d, in)
				if err != nil {
					return err
				}
				if !fits {
					blockers = append(blockers, d)
				}
			case d.goesAlong() && (s.Kind == dropColumn || s.Kind == recreateColumn) && s.unsettlesOneOf(d.columns):
				s.takes(d.what)
			}
		}
		s.blockedBy(blockers)
	}
	return nil
}

// hung are dependents by what they depend on: each step looks only at those of its own tables and enum.
type hung struct {
	all    []*dependent
	tables map[qName][]int
	enums  map[qName][]int
}

func newHung(all []*dependent) hung {
	h := hung{all, map[qName][]int{}, map[qName][]int{}}
	for i, d := range all {
		for _, c := range d.columns {
			h.tables[c.table] = append(h.tables[c.table], i)
		}
		for _, e := range d.enums {
			h.enums[e] = append(h.enums[e], i)
		}
	}
	return h
}

// of returns what depends on a table that the step unsettles, or on the enum that it leaves, in the order of all.
func (h hung) of(s *Step) []*dependent {
	found := slices.Clone(h.enums[s.leavesType])
	for i, u := range s.unsettles {
		if i == 0 || u.table != s.unsettles[i-1].table {
			found = append(found, h.tables[u.table]...)
		}
	}
	slices.Sort(found)
	return say.Each(slices.Compact(found), func(i int) *dependent { return h.all[i] })
}

// stoppedBy reports whether the server refuses the step because of a dependent.
func (s *Step) stoppedBy(d *dependent) bool {
	if s.Kind == DropTable {
		return d.owner != s.unsettles[0].table && d.class != "pg_publication_rel" && !d.goesAlong() && s.unsettlesOneOf(d.columns)
	}
	if !d.goesAlong() && s.unsettlesOneOf(d.columns) {
		return true
	}
	if !slices.Contains(d.enums, s.leavesType) {
		return false
	}
	if d.owner.Name == "" {
		return true
	}
	// A table's condition is bound to the type. It is dropped with a column, and prevents a change to one that stays.
	return s.Kind == rebuildEnum && s.unsettlesOneOf(d.columns)
}

func (s *Step) unsettlesOneOf(columns []columnName) bool {
	return slices.ContainsFunc(s.unsettles, func(u columnName) bool {
		return slices.ContainsFunc(columns, func(c columnName) bool { return c.table == u.table && (u.column == "" || c.column == u.column) })
	})
}

// takes notes an object that is lost with a column.
func (s *Step) takes(what string) {
	if s.Destroys == nil {
		s.lose(&Loss{What: what, Takes: []string{what}})
		return
	}
	s.Destroys.What += ", and " + what
	s.Destroys.Takes = append(s.Destroys.Takes, what)
}

func (s *Step) blockedBy(all []*dependent) {
	var why, ways []string
	for _, d := range all {
		verb := "uses"
		if d.class == "pg_rewrite" {
			verb = "reads"
		}
		why = append(why, d.what+" "+verb+" it")
		ways = append(ways, "drop it first, and make it again afterwards: "+d.drop)
	}
	s.block(int64(len(all)), strings.Join(why, "; "), ways...)
}

func readDependents(ctx context.Context, q *postgres.Conn, schemas []string, in settings) ([]*dependent, error) {
	batch := &postgres.Batch{}
	batch.Queue(in.enter())
	batch.Queue(askDependents, schemas)
	batch.Queue(leave)
	results := q.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("look for what stands in the way: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("look for what stands in the way: %w", err)
	}
	defer rows.Close()
	var all []*dependent
	known := map[string]*dependent{}
	for rows.Next() {
		var on columnName
		var enum bool
		d := &dependent{}
		if err := rows.Scan(&d.class, &d.oid, &d.what, &d.drop, &d.owner.Schema, &d.owner.Name, &on.table.Schema, &on.table.Name, &on.column, &enum); err != nil {
			return nil, fmt.Errorf("look for what stands in the way: %w", err)
		}
		key := fmt.Sprint(d.class, d.oid, d.what)
		if known[key] == nil {
			all, known[key] = append(all, d), d
		}
		if enum {
			known[key].enums = append(known[key].enums, on.table)
		} else {
			known[key].columns = append(known[key].columns, on)
		}
	}
	return all, rows.Err()
}
