package devenv

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/server"
)

// decideIdle reports whether an up has nothing to do in the database, which is most often so, and decides its parts in
// that case. It looks in one transaction that holds the database's lock, on one connection: what holds the lock while
// others change something has to be another connection, and the init script another one again, which would cost more
// than all that is asked. Whatever is in the way, as another naap's lock or a mistake in a file, is left to the long way,
// which says so.
func (e *Env) decideIdle(ctx context.Context, p *UpPlan, at server.Endpoint, db *postgres.DB, schema func() wanted, opt UpOptions) bool {
	if e.IsExternal() || opt.Adopt || password.Asked(e.ws) != "" || e.ws.Settings.PasswordIs.Next != "" {
		return false
	}
	if e.lacksReader(ctx, nil) { // one that was made once is looked at by the first that reads with it
		return false
	}
	tx, err := postgres.BeginLasting(ctx, db)
	if err != nil {
		return false
	}
	defer postgres.Rollback(ctx, tx)
	if takeTarget(ctx, tx, "up") != nil {
		return false
	}
	plan := *p
	if !e.decideNothing(ctx, &plan, at, db, ledger.Within(tx), schema, opt) {
		return false
	}
	*p = plan
	return true
}

// decideNothing decides the parts of an up that has nothing to do, and reports whether it is one.
func (e *Env) decideNothing(ctx context.Context, p *UpPlan, at server.Endpoint, db *postgres.DB, tx postgres.Tx, schema func() wanted, opt UpOptions) bool {
	s, v, err := e.decideOwner(ctx, tx, p.engine, at, opt)
	if err != nil || s.entry == nil || v.note != "" || !s.renewed().Equal(s.entry.Workspace) {
		return false
	}
	p.owner = e.ownerPlan(s, v, opt)
	p.init = e.decideInit(p.owner.whose)
	if live, err := schemaNames(ctx, tx); err != nil || p.init.skip == "" && !makesNothing(e.ws.Init.Text, live) {
		return false
	}
	want := schema()
	if p.tables, err = e.decideTables(ctx, db, tx, want); err != nil {
		return false
	}
	if !e.nothingToMake(ctx, tx, &p.tables, want) {
		return false
	}
	p.seeds, p.commands, err = e.decideUpSeeds(ctx, tx, want, opt)
	if err != nil || len(p.seeds.plan.Steps) > 0 || anyRuns(p.commands) {
		return false
	}
	p.idle = true
	return true
}

// nothingToMake reports whether no table is to be made, by a push or by migrations. It runs none of these to find out.
func (e *Env) nothingToMake(ctx context.Context, tx postgres.Tx, p *tablesPlan, want wanted) bool {
	prove := e.provedBefore(tx)
	err := e.decideWay(ctx, tx, p, want, prove)
	if err == nil {
		err = p.way.settleApart(ctx, &p.all, prove)
	}
	return err == nil && p.adds.Empty() && (p.way.plan == nil || p.way.plan.Empty() && !p.way.plan.Table)
}

// makesNothing reports whether a script only creates schemas that are there.
func makesNothing(script string, live []string) bool {
	made, only := onlyCreatesSchemas(script)
	return only && !slices.ContainsFunc(made, func(name string) bool { return name != "public" && !slices.Contains(live, name) })
}
