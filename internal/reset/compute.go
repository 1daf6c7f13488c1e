package reset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// errRehearsed ends a rehearsal's transaction.
var errRehearsed = errors.New("rehearsed")

// rehearsalPatience is how long a rehearsal waits for a lock: it only looks.
const rehearsalPatience = time.Second

// Compute makes the plan of resetting schemas. It looks, and where the answer depends on what seeds bring or on what
// can be recreated, it rehearses the reset and rolls it back. What refuses the reset is in the plan; an error means
// that no plan could be made. Sessions that block the rehearsal are named or, with TerminateBlockers, ended.
// "reset.unknown" names a schema that does not exist.
func Compute(ctx context.Context, db *postgres.DB, schemas []string, opt Options) (*Plan, error) {
	schemas = inOrder(schemas)
	opt.LockTimeout = min(opt.lockTimeout(), rehearsalPatience)
	const attempts = 10
	for attempt := 1; ; attempt++ {
		plan := &Plan{Schemas: schemas, Cascade: opt.Cascade, RowsExact: true}
		err := inTx(ctx, db, opt.lockTimeout(), func(tx postgres.Tx) error {
			return plan.rehearse(ctx, &swap{tx: tx, opt: opt, schemas: schemas, cascade: opt.Cascade})
		})
		var held *heldUp
		switch {
		case errors.As(err, &held) && opt.TerminateBlockers && attempt < attempts:
			if err := end(ctx, db, held.by); err != nil {
				return nil, err
			}
			continue
		case errors.As(err, &held):
			plan.Warnings = append(plan.Warnings, "what becomes of rows elsewhere is not known: another session is in the way")
			plan.Warnings = append(plan.Warnings, say.Each(held.by, func(b blocker) string { return b.String() })...)
		case err != nil && !errors.Is(err, errRehearsed):
			return nil, err
		}
		plan.conclude()
		return plan, plan.evicts(ctx, db, opt.Limits)
	}
}

func inOrder(schemas []string) []string {
	schemas = slices.Clone(schemas)
	slices.Sort(schemas)
	return slices.Compact(schemas)
}

// rehearse fills in the plan. Its error is errRehearsed where all went well: nothing may be committed.
func (p *Plan) rehearse(ctx context.Context, s *swap) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	if err := exist(ctx, s.tx, p.Schemas); err != nil {
		return err
	}
	if err := s.lookAll(ctx); err != nil {
		return err
	}
	if err := p.describe(ctx, s); err != nil {
		return err
	}
	needed, err := s.worthRehearsing(ctx)
	if needed && s.opt.LookOnly {
		p.Warnings = append(p.Warnings, "what becomes of rows elsewhere, and of what the Prisma file does not know, shows when it is done: it was not rehearsed")
		needed = false
	}
	if err != nil || !needed || len(s.outcome.Refused) > 0 {
		p.take(s)
		return errors.Join(err, errRehearsed)
	}
	if err := s.lock(ctx, p.locks); err != nil {
		return err
	}
	if err := s.reset(ctx, &Entry{Verb: "reset"}); err != nil {
		return err
	}
	p.Rehearsed = true
	p.take(s)
	return errRehearsed
}

// exist makes sure that the schemas exist and are the developer's.
func exist(ctx context.Context, tx postgres.Tx, schemas []string) error {
	if len(schemas) == 0 {
		return remedy.New("reset.nothing", remedy.ExitUsage, "no schema was named").WithHelp(remedy.Naap("dev reset", "SCHEMA"))
	}
	list, err := postgres.CollectStrings(tx.Query(ctx, `SELECT nspname::text FROM pg_namespace WHERE nspname !~ '`+hidden.Schemas+`' ORDER BY 1`))
	if err != nil {
		return fmt.Errorf("list the schemas: %w", err)
	}
	for _, name := range schemas {
		if !slices.Contains(list, name) {
			return remedy.New("reset.unknown", remedy.ExitUsage, "there is no schema %q", name).
				WithSeen("schemas: " + strings.Join(list, ", ")).
				WithHelp(remedy.Meant("dev reset", name, say.Nearest(name, list), say.Nearest(name, list))...).
				WithHelp(remedy.Naap("dev up").Note("makes what is missing"))
		}
	}
	return nil
}

// lookAll reads the links, and what the Prisma file does not know.
func (s *swap) lookAll(ctx context.Context) (err error) {
	if s.links, err = look(ctx, s.tx, s.schemas); err != nil {
		return err
	}
	k := knownTo(s.opt.Desired)
	var extras, settings bool
	if err := s.tx.QueryRow(ctx, askWhether, s.schemas, k.enums).Scan(&extras, &settings); err != nil {
		return fmt.Errorf("ask whether there is more than the Prisma file knows: %w", err)
	}
	for _, q := range []struct {
		ask  bool
		list *[]dependent
		sql  string
		args []any
	}{
		{extras, &s.links.Extras, askExtras(), []any{s.schemas, k.tables, k.enums}},
		{settings, &s.links.Settings, askSettings, []any{s.schemas, k.tables, k.columns, k.indexes, k.classes}},
	} {
		if !q.ask {
			continue
		}
		if err := postgres.Each(ctx, s.tx, readsDependents(q.list), q.sql, q.args...); err != nil {
			return fmt.Errorf("read what the Prisma file does not know: %w", err)
		}
	}
	if err := s.lookForDrawn(ctx); err != nil {
		return err
	}
	s.refuseCrossing()
	for _, u := range s.links.Unknown {
		s.refuse(false, "%s depends on the schema, and cannot be made again", u)
	}
	for _, x := range s.links.Extensions {
		if !x.Relocatable {
			s.refuse(false, "the extension %s is in %s and cannot move: it is not relocatable", x.Name, x.Schema)
		}
	}
	return nil
}

// worthRehearsing reports whether the outcome is known only by trying: something must be recreated, or rows elsewhere
// refer to the schemas.
func (s *swap) worthRehearsing(ctx context.Context) (bool, error) {
	if s.opt.Made != nil {
		return true, nil
	}
	if len(s.links.Extras)+len(s.links.Settings)+len(s.links.Drawn)+len(s.links.Dependents)+len(s.links.Columns)+len(s.links.Cut)+len(s.links.Typed) > 0 {
		return true, nil
	}
	for _, k := range s.links.In {
		given := say.Join(k.Columns, " AND ", func(c string) string { return postgres.Ident(c) + " IS NOT NULL" })
		var some bool
		sql := "SELECT EXISTS (SELECT FROM " + k.From.Quoted() + " WHERE " + given + ")"
		if err := s.tx.QueryRow(ctx, sql).Scan(&some); err != nil {
			return false, fmt.Errorf("look for rows of %s that refer to the schema: %w", k.From, err)
		}
		if some || s.madeElse(k) {
			return true, nil
		}
	}
	return false, nil
}

// madeElse reports whether a key points at a table that the Prisma file does not create.
func (s *swap) madeElse(k Key) bool {
	return s.opt.Desired == nil || !slices.ContainsFunc(s.opt.Desired.Tables, func(t *schemaplan.Table) bool {
		return t.Schema == k.To.Schema && t.Name == k.To.Name
	})
}

// describe fills in what can be known without a rehearsal.
func (p *Plan) describe(ctx context.Context, s *swap) error {
	var err error
	if p.Tables, err = sizes(ctx, s.tx, s.schemas); err != nil {
		return err
	}
	for _, t := range p.Tables {
		p.Rows, p.Bytes, p.RowsExact = p.Rows+t.Rows, p.Bytes+t.Bytes, p.RowsExact && t.Exact
	}
	p.Keys, p.Columns = s.links.In, s.links.Columns
	p.Extensions = append(p.Extensions, say.Each(s.links.Extensions, func(x extension) string { return x.Name })...)
	known := map[postgres.TableRef]bool{}
	if d := s.opt.Desired; d != nil {
		for _, t := range d.Tables {
			known[postgres.TableRef{Schema: t.Schema, Name: t.Name}] = true
			if slices.Contains(s.schemas, t.Schema) {
				p.Creates++
			}
		}
	}
	for _, t := range p.Tables {
		if !known[t.Ref()] {
			p.Warnings = append(p.Warnings, t.Ref().String()+s.notAgain(part{table: t.Ref()}))
		}
	}
	parts, err := s.handMade(ctx)
	if err != nil {
		return err
	}
	p.Warnings = append(p.Warnings, say.Each(parts, func(part part) string { return part.String() + s.notAgain(part) })...)
	for _, c := range s.links.Typed {
		p.Warnings = append(p.Warnings, fmt.Sprintf("column %s.%s waits as text, since its enum %s is elsewhere: that rewrites its table", c.Table, c.Name, c.Enum))
	}
	for _, d := range s.links.Cut {
		if d.Kind == "materialized view" {
			p.Warnings = append(p.Warnings, fmt.Sprintf("the materialized view %s reads tables elsewhere: an undo computes it again", d.Name))
		}
	}
	p.made = s.opt.Made.digest()
	p.fingerprint, p.locks = string(marshal(s.links)), s.links.tables()
	return nil
}

// exactBytes is how much of the tables is read to count rows exactly; for larger ones, estimates are used.
const exactBytes = 16 << 20

// sizes returns the tables of schemas with rows and bytes.
func sizes(ctx context.Context, tx postgres.Tx, schemas []string) ([]Table, error) {
	list, err := postgres.Collect(ctx, tx, func(t *Table) []any { return []any{&t.Schema, &t.Name, &t.Rows, &t.Bytes, &t.size} }, askSizes, schemas)
	if err != nil {
		return nil, fmt.Errorf("read the sizes of the tables: %w", err)
	}
	var total int64
	for i := range list {
		t := &list[i]
		if t.Exact = t.size == 0; t.Exact {
			t.Rows = 0
		}
		total += t.size
	}
	if total > exactBytes {
		return list, nil
	}
	return list, countRows(ctx, tx, list)
}

func countRows(ctx context.Context, tx postgres.Tx, list []Table) error {
	b := &postgres.Batch{}
	var counted []*Table
	for i := range list {
		if !list[i].Exact {
			b.Queue("SELECT count(*) FROM " + list[i].Ref().Quoted())
			counted = append(counted, &list[i])
		}
	}
	if len(counted) == 0 {
		return nil
	}
	results := tx.SendBatch(ctx, b)
	defer results.Close()
	for _, t := range counted {
		if err := results.QueryRow().Scan(&t.Rows); err != nil {
			return fmt.Errorf("count the rows of %s: %w", t.Ref(), err)
		}
		t.Exact = true
	}
	return results.Close()
}

// take copies what the walk has found.
func (p *Plan) take(s *swap) {
	p.Objects, p.Effects, p.Refused = s.outcome.Objects, s.outcome.Effects, s.outcome.Refused
	p.Warnings = append(p.Warnings, s.outcome.Warnings...)
	p.CascadeHelps = s.outcome.cascadeHelps && len(p.Refused) > 0
}

// conclude turns Refused into the plan's error.
func (p *Plan) conclude() {
	p.failure = refusal("reset", p.Schemas, p.Schemas, p.Refused, p.CascadeHelps)
}

// refusal returns the error of a verb on schemas; words are what the command line names them by.
func refusal(verb string, words, schemas, reasons []string, cascadeHelps bool) error {
	if len(reasons) == 0 {
		return nil
	}
	e := remedy.New(verb+".refused", remedy.ExitRefused, "the %s of %s is refused; nothing was changed", verb, strings.Join(schemas, ", ")).
		WithSeen(reasons...)
	if cascadeHelps {
		return e.WithHelp(remedy.Again("dev "+verb, with(words, "--cascade", "--dry-run")...).Note("shows what would go"), remedy.Again("dev "+verb, with(words, "--cascade")...))
	}
	return e
}
