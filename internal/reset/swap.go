package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// swap exchanges schemas for others of the same names within one transaction: for new ones, or for those that were
// moved aside earlier.
type swap struct {
	tx      postgres.Tx
	opt     Options
	schemas []string
	asides  []string // what the present ones are renamed to, in the same order
	kept    string   // the schema of what else is kept: copies of rows, views that cannot stay
	id      int
	links   *links
	path    string // the session's own search path
	undoing bool
	cascade bool

	made        bool   // kept exists
	inhabitants string // of the schemas that were moved aside
	created     int    // tables that were created
	outcome     outcome
	lostKeys    []Key
	lost        []lost
	cut         []lost
	typed       []Column
	saved       []saved
}

// outcome is what a Plan says about a swap.
type outcome struct {
	Objects      []Object
	Effects      []Effect
	Refused      []string
	Warnings     []string
	cascadeHelps bool
}

// saved describes copies of rows elsewhere that were deleted or changed, in a table beside the old schemas.
type saved struct {
	Table   postgres.TableRef `json:"table"`
	Copy    string            `json:"copy"`    // quoted
	Deleted bool              `json:"deleted"` // otherwise changed
	Columns []string          `json:"columns"` // of deleted rows all; of changed ones those that changed
	Key     []string          `json:"key,omitempty"`
	Rows    int64             `json:"rows"`
}

// census returns a digest of what is in the schemas that were moved aside; undisturbed compares it at the end of the
// walk.
const census = `SELECT coalesce(md5(string_agg(x, ',' ORDER BY x)), '') FROM (
	SELECT 'relation ' || oid AS x FROM pg_class WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1))
	UNION ALL SELECT 'routine ' || oid FROM pg_proc WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1))
	UNION ALL SELECT 'type ' || oid FROM pg_type WHERE typnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1))) c`

// lockNotAvailable is the SQLSTATE of a lock_timeout.
const lockNotAvailable = "55P03"

func (s *swap) refuse(cascadeHelps bool, format string, args ...any) {
	if len(s.outcome.Refused) == 0 {
		s.outcome.cascadeHelps = true
	}
	s.outcome.cascadeHelps = s.outcome.cascadeHelps && cascadeHelps
	s.outcome.Refused = append(s.outcome.Refused, fmt.Sprintf(format, args...))
}

// begin sets up the transaction: names in the catalogue's texts are qualified, and nothing waits for long.
func (s *swap) begin(ctx context.Context) error {
	b := &postgres.Batch{}
	b.Queue(`SELECT current_setting('search_path')`).QueryRow(func(row postgres.Row) error { return row.Scan(&s.path) })
	b.Queue(`SELECT set_config('search_path', 'pg_catalog', true), set_config('client_min_messages', 'warning', true),
	set_config('standard_conforming_strings', 'on', true), set_config('jit', 'off', true), set_config('lock_timeout', $1, true), set_config('statement_timeout', '0', true),
	set_config('idle_in_transaction_session_timeout', '0', true)`, fmt.Sprint(s.opt.lockTimeout().Milliseconds()))
	if err := s.tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("prepare the transaction: %w", err)
	}
	return nil
}

// catalogPath makes names in the catalogue's texts qualified; ownPath is for what the developer wrote.
func (s *swap) catalogPath(ctx context.Context) error { return s.setPath(ctx, "pg_catalog") }
func (s *swap) ownPath(ctx context.Context) error     { return s.setPath(ctx, s.path) }

func (s *swap) setPath(ctx context.Context, path string) error {
	_, err := s.tx.Exec(ctx, `SELECT set_config('search_path', $1, true)`, path)
	return err
}

func (s *swap) exec(ctx context.Context, statements ...string) error {
	const chunk = 100
	for len(statements) > 0 {
		n := min(chunk, len(statements))
		failed, err := postgres.ExecStatements(ctx, postgres.TxConn(s.tx), statements[:n])
		if err != nil {
			if failed >= 0 {
				return fmt.Errorf("%s: %w", statements[failed], err)
			}
			return err
		}
		statements = statements[n:]
	}
	return nil
}

// try runs statements, and undoes them where the server refuses one, whose error it returns as refusal. An error means
// that the transaction is lost.
func (s *swap) try(ctx context.Context, statements ...string) (refusal *postgres.ServerError, err error) {
	return s.attempt(ctx, func() error { return s.exec(ctx, append(slices.Clone(statements), releaseTry)...) })
}

// releaseTry is the last statement of an attempt.
const releaseTry = "RELEASE naap_try"

// attempt is try for a function, which runs releaseTry itself: mostly in the same message as the rest.
func (s *swap) attempt(ctx context.Context, do func() error) (refusal *postgres.ServerError, err error) {
	if err := s.exec(ctx, "SAVEPOINT naap_try"); err != nil {
		return nil, err
	}
	if err = do(); err == nil {
		return nil, nil
	}
	server, ok := postgres.AsServerError(err)
	if !ok || lostTransaction(server.Code) {
		return nil, err
	}
	if err := s.exec(ctx, "ROLLBACK TO naap_try", releaseTry); err != nil {
		return nil, err
	}
	return server, nil
}

// lostTransaction reports whether an error is about the session rather than about a statement.
func lostTransaction(code string) bool {
	return code == lockNotAvailable || code == "40P01" || strings.HasPrefix(code, "57") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "08")
}

// moveAside gives the present schemas their hidden names.
func (s *swap) moveAside(ctx context.Context) (err error) {
	if s.id, err = ledger.NextUndo(ctx, s.tx); err != nil {
		return err
	}
	s.kept = hidden.KeptName(s.id)
	var sql []string
	for i, name := range s.schemas {
		aside := hidden.AsideName(s.id + i)
		s.asides = append(s.asides, aside)
		sql = append(sql, "ALTER SCHEMA "+postgres.Ident(name)+" RENAME TO "+postgres.Ident(aside))
	}
	if err := s.exec(ctx, sql...); err != nil {
		return fmt.Errorf("move the schemas aside: %w", err)
	}
	return nil
}

// createAgain creates empty schemas with what the catalogue says about the old ones.
func (s *swap) createAgain(ctx context.Context) error {
	for i, name := range s.schemas {
		statements, err := postgres.CollectStrings(s.tx.Query(ctx, schemaStatements, s.asides[i], name))
		if err == nil {
			err = s.exec(ctx, statements...)
		}
		if err != nil {
			return fmt.Errorf("make the schema %q: %w", name, err)
		}
	}
	return nil
}

// moveOver moves into the new schemas what stays in place.
func (s *swap) moveOver(ctx context.Context) error {
	aside := map[string]string{}
	for i, name := range s.schemas {
		aside[name] = s.asides[i]
	}
	sql := say.Each(s.links.Extensions, func(x extension) string {
		return "ALTER EXTENSION " + postgres.Ident(x.Name) + " SET SCHEMA " + postgres.Ident(x.Schema)
	})
	for _, m := range s.links.Migrations {
		sql = append(sql, "ALTER TABLE "+postgres.Ident(aside[m.Schema], m.Name)+" SET SCHEMA "+postgres.Ident(m.Schema))
	}
	if err := s.exec(ctx, sql...); err != nil {
		return fmt.Errorf("move what stays in place: %w", err)
	}
	if err := s.tx.QueryRow(ctx, census, s.asides).Scan(&s.inhabitants); err != nil {
		return fmt.Errorf("look at the old schemas: %w", err)
	}
	return nil
}

// build creates the tables of the Prisma file, with the owners and privileges that they had.
func (s *swap) build(ctx context.Context) error {
	if s.opt.Desired == nil {
		return nil
	}
	plan, err := schemaplan.Compute(ctx, s.tx, s.opt.Desired, schemaplan.ComputeOptions{Schemas: s.schemas, OneTransaction: true, WithImage: s.opt.WithImage})
	if err != nil {
		return err
	}
	var steps []*schemaplan.Step
	for _, step := range plan.Steps {
		if step.Kind == schemaplan.AlterExtension {
			continue // it belongs to another schema
		}
		if step.Kind == schemaplan.CreateTable {
			s.created++
		}
		steps = append(steps, step)
	}
	plan.Steps = steps
	if _, err := schemaplan.ApplyIn(ctx, s.tx, plan, schemaplan.ApplyOptions{}); err != nil {
		return err
	}
	return s.catalogPath(ctx)
}

// grant gives relations the owners and privileges of those that had the same name.
func (s *swap) grant(ctx context.Context) error {
	for i, name := range s.schemas {
		var some bool
		var statements []string
		err := s.tx.QueryRow(ctx, askWhetherGrants, s.asides[i]).Scan(&some)
		if err == nil && some {
			statements, err = postgres.CollectStrings(s.tx.Query(ctx, grantStatements(), s.asides[i], name))
		}
		if err == nil {
			err = s.exec(ctx, statements...)
		}
		if err != nil {
			return fmt.Errorf("give the tables of %q their owners and privileges: %w", name, err)
		}
	}
	return nil
}

// keepExtras recreates what is within and the Prisma file does not know.
func (s *swap) keepExtras(ctx context.Context) error {
	extras := s.links.Extras
	if s.opt.Made != nil {
		var err error
		if extras, err = s.makeMade(ctx, s.opt.Made.Extras, extras); err != nil {
			return err
		}
	}
	return s.makeAgainOrRefuse(ctx, extras, false)
}

// makeAgain runs definitions repeatedly until no more of them succeed: one may need another. It returns which did, and
// why others did not.
func (s *swap) makeAgain(ctx context.Context, list []dependent) (done []bool, reasons []string, err error) {
	done, reasons = make([]bool, len(list)), make([]string, len(list))
	for again := true; again; {
		again = false
		for i, d := range list {
			if done[i] || len(d.Create) == 0 {
				continue
			}
			refusal, err := s.try(ctx, d.Create...)
			if err != nil {
				return nil, nil, fmt.Errorf("make the %s %s again: %w", d.Kind, d.Name, err)
			}
			reasons[i] = ""
			if refusal == nil {
				done[i], again = true, true
			} else {
				reasons[i] = refusal.Message
			}
		}
	}
	return done, reasons, nil
}

// makeAgainOrRefuse is makeAgain for what may be given up only with Cascade.
func (s *swap) makeAgainOrRefuse(ctx context.Context, list []dependent, outside bool) error {
	done, reasons, err := s.makeAgain(ctx, list)
	if err != nil {
		return err
	}
	for i, d := range list {
		o := Object{Kind: d.Kind, Name: d.Name, Outside: outside, Kept: done[i], Why: reasons[i]}
		if len(d.Create) == 0 {
			o.Why = "its text cannot be had"
			if d.Kind == "materialized view" {
				o.Why = "its rows were computed from the old tables"
			}
		}
		s.outcome.Objects = append(s.outcome.Objects, o)
		if done[i] {
			continue
		}
		if outside && len(d.Drop) > 0 {
			s.lost = append(s.lost, lost{Kind: d.Kind, Name: d.Name, Back: d.Create})
		}
		if !s.cascade && !(s.undoing && outside) {
			s.refuse(true, "the %s %s cannot be made again: %s", d.Kind, d.Name, o.Why)
		}
	}
	return nil
}

// attachColumns gives columns elsewhere the enums that now have the names.
func (s *swap) attachColumns(ctx context.Context) error {
	for _, c := range s.links.Columns {
		refusal, err := s.try(ctx, c.renew()...)
		if err != nil {
			return fmt.Errorf("give %s.%s its enum: %w", c.Table, c.Name, err)
		}
		if refusal != nil {
			s.refuse(false, "column %s.%s cannot get the new enum %s: %s", c.Table, c.Name, c.Enum, refusal.Message)
		}
	}
	return nil
}

// attachDependents recreates what is elsewhere and depends on the schemas.
func (s *swap) attachDependents(ctx context.Context) error {
	return s.makeAgainOrRefuse(ctx, s.links.Dependents, true)
}

// makeKept creates the schema for what is kept beside the old schemas.
func (s *swap) makeKept(ctx context.Context) error {
	if s.made {
		return nil
	}
	s.made = true
	return s.exec(ctx, "CREATE SCHEMA "+postgres.Ident(s.kept))
}

// verify makes sure that nothing elsewhere depends on what was moved aside. Views and functions that still do are moved
// beside it, if they may be given up.
func (s *swap) verify(ctx context.Context) error {
	if len(s.outcome.Refused) > 0 && !s.cascade {
		return nil // it is refused anyway, and the reason was given
	}
	if plain, err := isPlain(ctx, s.tx); err != nil || plain {
		return err
	}
	away := append([]string{}, s.asides...)
	if more, err := dependedOn(ctx, s.tx, away, append(away, s.kept)); err != nil || !more {
		return err
	}
	type movable struct{ word, schema, name, args string }
	for {
		list, err := postgres.Collect(ctx, s.tx, func(m *movable) []any { return []any{&m.word, &m.schema, &m.name, &m.args} }, askMovable, away)
		if err != nil {
			return fmt.Errorf("look for what depends on the old schemas: %w", err)
		}
		list = slices.DeleteFunc(list, func(m movable) bool { return m.schema == s.kept })
		if len(list) == 0 {
			break
		}
		if err := s.makeKept(ctx); err != nil {
			return err
		}
		for _, m := range list {
			if !s.cascade && !s.undoing {
				s.refuse(true, "the %s %s.%s depends on what goes", strings.ToLower(m.word), m.schema, m.name)
				continue
			}
			hidden := fmt.Sprintf("lost_%d", len(s.lost)+1)
			alter := "ALTER " + m.word + " "
			err := s.exec(ctx, alter+postgres.Ident(m.schema, m.name)+m.args+" RENAME TO "+hidden,
				alter+postgres.Ident(m.schema, hidden)+m.args+" SET SCHEMA "+postgres.Ident(s.kept))
			if err != nil {
				return fmt.Errorf("put %s.%s away: %w", m.schema, m.name, err)
			}
			s.lost = append(s.lost, lost{Kind: strings.ToLower(m.word), Name: m.schema + "." + m.name, Back: []string{
				alter + postgres.Ident(s.kept, hidden) + m.args + " SET SCHEMA " + postgres.Ident(m.schema),
				alter + postgres.Ident(m.schema, hidden) + m.args + " RENAME TO " + postgres.Ident(m.name)}})
		}
		if !s.cascade && !s.undoing {
			return nil
		}
		away = append(append([]string{}, s.asides...), s.kept)
	}
	left, err := look(ctx, s.tx, s.asides)
	if err != nil {
		return err
	}
	for _, u := range append(left.Unknown, left.Crossing...) {
		s.refuse(false, "%s depends on what goes, and cannot be made again", u)
	}
	for _, d := range left.Dependents {
		if !strings.HasPrefix(d.Name, s.kept+".") {
			s.refuse(false, "the %s %s still depends on what goes", d.Kind, d.Name)
		}
	}
	for _, c := range left.Columns {
		s.refuse(false, "column %s.%s still has an enum that goes", c.Table, c.Name)
	}
	return nil
}

// note writes the entry that an undo reads.
func (s *swap) note(ctx context.Context, e *Entry) error {
	e.ID, e.Kept = s.id, ""
	if s.made {
		e.Kept = s.kept
	}
	for i, name := range s.schemas {
		e.Places = append(e.Places, Place{Schema: name, Aside: s.asides[i]})
	}
	e.detail.Out, e.detail.LostKeys, e.detail.Lost, e.detail.Saved = s.links.Out, s.lostKeys, s.lost, s.saved
	e.detail.Cut, e.detail.Typed = s.cut, s.typed
	return e.insert(ctx, s.tx)
}
