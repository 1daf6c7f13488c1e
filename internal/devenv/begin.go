package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// lockInstance takes the lock of this home's instance, for starting and stopping its engine. A server that naap did not
// start has no such lock.
func (e *Env) lockInstance(ctx context.Context, verb string, wait bool) (release func(), err error) {
	if e.IsExternal() {
		return func() {}, nil
	}
	return lock(ctx, e.StateDir(), verb, wait || e.opt.Wait)
}

// lock is like lockInstance, and waits for another naap where the options say so.
func (e *Env) lock(ctx context.Context, verb string) (release func(), err error) {
	return e.lockInstance(ctx, verb, false)
}

// lockAndConnect is like begin, for a verb without choices.
func (e *Env) lockAndConnect(ctx context.Context, verb string) (db *postgres.DB, release func(), err error) {
	return e.begin(ctx, writing{verb: verb}, progress.Discard)
}

// begin prepares a verb that changes the database: it takes the locks, opens the database, and makes sure that it is
// this workspace's.
func (e *Env) begin(ctx context.Context, w writing, report progress.Report) (db *postgres.DB, release func(), err error) {
	leave, err := e.lockInstance(ctx, w.verb, w.wait)
	if err != nil {
		return nil, nil, err
	}
	db, unlock, err := e.open(ctx, w, report)
	if err != nil {
		leave()
		return nil, nil, err
	}
	return db, func() { unlock(); leave() }, nil
}

// open is the part of begin that runs under the instance's lock.
func (e *Env) open(ctx context.Context, w writing, report progress.Report) (db *postgres.DB, unlock func(), err error) {
	if db, err = e.connectDirect(ctx); err != nil {
		return nil, nil, err
	}
	if unlock, err = e.lockTarget(ctx, db, w.verb, w.wait || e.opt.Wait); err != nil {
		return nil, nil, err
	}
	if err := e.own(ctx, db, w, report); err != nil {
		unlock()
		return nil, nil, err
	}
	return db, unlock, nil
}
