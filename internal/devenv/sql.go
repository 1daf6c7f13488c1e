package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// SQLOptions says how statements are run.
type SQLOptions struct {
	Write bool // allow writes; otherwise the server itself refuses them
	Run   postgres.RunOptions
	// Warn, if set, is called with what could be done although writes are not allowed; see postgres.Session.Powers.
	Warn func(line string)
}

// SQL runs a text of statements on a connection of its own. With Write they are one transaction that is committed if
// all of them succeed; Outcome says how many rows were affected.
func (e *Env) SQL(ctx context.Context, text string, opt SQLOptions) (postgres.Outcome, error) {
	s, err := e.OpenSession(ctx, opt.Write)
	if err != nil {
		return postgres.Outcome{}, err
	}
	defer closeSession(ctx, s)
	if opt.Warn != nil && s.Powers() != "" {
		opt.Warn(s.Powers() + "; writes are refused, but not what else such a role may do: run programs of the server, end sessions")
	}
	out, err := s.Run(ctx, text, opt.Run)
	if err != nil || !out.Pending {
		return out, err
	}
	return out, s.Commit(ctx)
}

// OpenSession opens a connection for the user's own statements, which the server itself keeps read-only unless write is
// set.
func (e *Env) OpenSession(ctx context.Context, write bool) (*postgres.Session, error) {
	s, err := e.session(ctx, write)
	if err != nil || !write {
		return s, err
	}
	if err := e.mayWriteSQL(ctx); err != nil {
		closeSession(ctx, s)
		return nil, err
	}
	s.Unlock()
	return s, nil
}

// mayWriteSQL refuses the user's own statements where the database is recorded as another workspace's, and this one has
// not made it. Without a recorded owner they are run.
func (e *Env) mayWriteSQL(ctx context.Context) error {
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	s := &standing{here: e.here(ctx)}
	if s.entry, err = ledger.Read(ctx, db); err != nil {
		return unreadableLedger(err)
	}
	made, _ := e.remembered(ctx, s.here, readRecord(e.StateDir()))
	if s.entry == nil || made == recordedOurs || s.here.Is(s.entry.Workspace) {
		return nil
	}
	return e.anotherWorkspace(s)
}
