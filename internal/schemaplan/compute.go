package schemaplan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// ComputeOptions choose what a plan covers.
type ComputeOptions struct {
	Schemas []string // only these schemas; all of the schema file's where empty
	// Renames are the keys of suggested renames to carry out instead of a drop and an addition.
	Renames []string
	// OneTransaction recreates an enum that gets a value which is used at once, rather than ending the transaction in
	// between: for ApplyIn.
	OneTransaction bool
	// NoCounts leaves the rows alone: what might destroy counts as if it did, and the plan cannot be applied. It is for
	// a view that is refreshed often.
	NoCounts bool
	// LockTimeout is how long to wait for each lock, unless the session has a limit of its own; 5 s where zero.
	LockTimeout time.Duration
	// WithImage gives the options of an up that has the server run from an image: a remedy for an extension that this one
	// does not have.
	WithImage func(image string) []string
	// Watch names the session that blocks a waiting plan. Where it is nil and a pool is asked, the pool is used.
	Watch *postgres.DB
}

// Compute makes the plan from the actual database to the desired one: it inspects, asks the server for its own form of
// what cannot be compared as text alone, and counts what each step would affect. It changes nothing, and works on a
// pool, on a connection and within a transaction. Its errors are remedies: "push.schema" and "push.rename" (exit 2)
// where an option names nothing, "push.locked" (exit 4) where another session holds a table, "push.failed" where the
// server cannot count.
func Compute(ctx context.Context, q postgres.Querier, desired *Database, opt ComputeOptions) (*Plan, error) {
	for _, s := range opt.Schemas {
		if !slices.Contains(desired.Scope, s) {
			return nil, remedy.New("push.schema", remedy.ExitUsage, "the schema file does not rule a schema %q", s).
				WithSeen("it rules " + strings.Join(desired.Scope, ", "))
		}
	}
	var plan *Plan
	err := onConnection(ctx, q, opt.Watch, opt.LockTimeout, func(c *postgres.Conn) (err error) {
		plan, err = compute(ctx, c, desired, opt)
		return err
	})
	return plan, err
}

func compute(ctx context.Context, q *postgres.Conn, desired *Database, opt ComputeOptions) (*Plan, error) {
	bare := settings{lockTimeout: opt.LockTimeout}
	own := settings{searchPath: desired.searchPath(), lockTimeout: opt.LockTimeout}
	deep := bare
	if opt.OneTransaction { // nothing is held against what the plan was made for, so that the rest need not be known
		deep.only = opt.Schemas
	}
	have, err := inspect(ctx, q, desired.Scope, deep)
	if err != nil {
		return nil, err
	}
	have.setApart(desired.external)
	plan := &Plan{scope: desired.Scope, external: desired.external, searchPath: own.searchPath}
	renamed, renames, err := applyRenames(have, desired, opt)
	if err != nil {
		return nil, err
	}
	if err := askEnumUsers(ctx, q, have, desired, bare); err != nil {
		return nil, err
	}
	c, err := settle(ctx, q, renamed, desired, own, opt.WithImage)
	if err != nil {
		return nil, err
	}
	renamed.enumUsers = have.enumUsers
	d := newDiffer(renamed, desired, c, opt.Schemas)
	plan.Steps = arrange(append(renames, d.diff()...))
	plan.found = d.tablesFound()
	if forced := splitEnums(plan.Steps); opt.OneTransaction && len(forced) > 0 {
		d = newDiffer(renamed, desired, c, opt.Schemas)
		d.rebuilt = forced
		plan.Steps = arrange(append(renames, d.diff()...))
	}
	if opt.NoCounts {
		plan.uncounted = true
		suppose(plan.Steps)
	} else if err := weigh(ctx, q, plan.Steps, have.lockRoom, own); err != nil {
		return nil, err
	}
	if err := weighDependents(ctx, q, plan.Steps, bare); err != nil {
		return nil, err
	}
	if !plan.Empty() {
		plan.fingerprint = have.fingerprint()
	}
	plan.lockRoom = have.lockRoom
	d.countLocks(plan.Steps)
	plan.Wipes = plan.wipes()
	plan.Renames = suggestRenames(plan.Steps, renamed, desired, opt.Schemas)
	if len(plan.blocked()) > 0 {
		plan.Lacking = c.lacking(renamed)
	}
	return plan, nil
}

// searchPath returns where unqualified names in the schema file's own SQL are looked up: in its one schema, or in
// public.
func (d *Database) searchPath() string {
	if len(d.Scope) == 1 && d.Scope[0] != "public" {
		return postgres.Ident(d.Scope[0]) + ", public"
	}
	return "public"
}

// fingerprint returns the same for two inspections exactly if they found the same.
func (d *Database) fingerprint() string {
	// naap's own schemas come and go beside a plan: the first verb that writes creates the ledger.
	theirs := *d
	theirs.Schemas = slices.DeleteFunc(slices.Clone(d.Schemas), func(s schema) bool { return hidden.IsOwn(s.Name) })
	theirs.Tables = nil
	sum := sha256.New()
	encode := json.NewEncoder(sum)
	note := func(part any) {
		if err := encode.Encode(part); err != nil { // plain values: cannot fail
			panic(err)
		}
	}
	note(theirs)
	for _, t := range d.Tables { // one by one: an encoder keeps the text of a whole value, which is longer than the value
		note(t)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

const askUsersOfEnums = `SELECT n.nspname::text, c.relname::text, a.attname::text, et.oid <> a.atttypid,
		en.nspname::text, et.typname::text, coalesce(pg_get_expr(d.adbin, d.adrelid), '')
	FROM pg_attribute a
	JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
	JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_type t ON t.oid = a.atttypid
	JOIN pg_type et ON et.oid = CASE WHEN t.typtype = 'e' THEN t.oid ELSE t.typelem END AND et.typtype = 'e'
	JOIN pg_namespace en ON en.oid = et.typnamespace
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE NOT a.attisdropped AND en.nspname = ANY ($1) AND NOT n.nspname = ANY ($1)`

// askEnumUsers finds columns outside the schema file's schemas that have one of its enums, if an enum is to change or
// to be dropped.
func askEnumUsers(ctx context.Context, q postgres.Querier, have, want *Database, s settings) error {
	if !slices.ContainsFunc(have.Enums, func(h *enum) bool {
		w := want.enum(h.qName)
		return h.Unmanaged == "" && w == nil || w != nil && !sameSet(h.Values, w.Values)
	}) {
		return nil
	}
	batch := &postgres.Batch{}
	batch.Queue(s.enter())
	batch.Queue(askUsersOfEnums, have.Scope)
	batch.Queue(leave)
	results := q.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return fmt.Errorf("look for columns of an enum: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return fmt.Errorf("look for columns of an enum: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u enumUser
		if err := rows.Scan(&u.table.Schema, &u.table.Name, &u.column, &u.list, &u.enum.Schema, &u.enum.Name, &u.dflt); err != nil {
			return fmt.Errorf("look for columns of an enum: %w", err)
		}
		u.asIs = u.columnName
		have.enumUsers = append(have.enumUsers, u)
	}
	return rows.Err()
}
