package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/visible"
)

// WithRows calls f with the connections through which rows are changed, as the role that owns the instance.
func (e *Env) WithRows(ctx context.Context, f func(*postgres.DB) error) error {
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	err = f(db)
	if _, named := remedy.Of(err); named || ctx.Err() != nil {
		return err
	}
	return db.Diagnose(err)
}

// TryRows carries changes out and undoes them, to see what the server makes of them.
func (e *Env) TryRows(ctx context.Context, plan rowedit.Plan) (res *rowedit.Result, err error) {
	if err := e.mayWriteSQL(ctx); err != nil {
		return nil, err
	}
	err = e.WithRows(ctx, func(db *postgres.DB) (err error) {
		res, err = rowedit.Apply(ctx, db, plan, false)
		return err
	})
	return res, err
}

// ChangeRows carries changes out and commits them together. Where the connection is lost, it finds out whether they were
// committed: then that is the result. Else nothing was changed, and the error says so with the code rows.undone; or nobody
// could be asked, with the code rows.doubt, and the result has the transaction for RowsFate.
func (e *Env) ChangeRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error) {
	err := e.mayWriteSQL(ctx)
	var db *postgres.DB
	if err == nil {
		db, err = e.Connect(ctx)
	}
	if err != nil {
		if _, named := remedy.Of(err); named || postgres.EndOf(err) == postgres.NotEnded {
			return nil, err
		}
		return nil, undoneRows(err, "before the changes were sent")
	}
	ctx, journal := postgres.WithJournal(ctx)
	res, err := rowedit.Apply(ctx, db, plan, true)
	if err == nil {
		return res, nil
	}
	doubtful := journal.Doubtful()
	if len(doubtful) == 0 {
		if end := postgres.EndOf(err); end != postgres.NotEnded || ctx.Err() != nil {
			return nil, undoneRows(err, "before the changes were committed")
		}
		if _, named := remedy.Of(err); named {
			return nil, err
		}
		return nil, db.Diagnose(err)
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	switch e.fateOf(asking, doubtful[0]) {
	case postgres.FateCommitted:
		res.Asked = true
		return res, nil
	case postgres.FateUnknown:
		res.Doubt = doubtful[0]
		return res, rowsInDoubt(err, res.Doubt)
	}
	return nil, undoneRows(err, "while they were committed, and the server undid them")
}

// RowsFate reports whether the transaction of a ChangeRows that nobody could be asked about was committed.
func (e *Env) RowsFate(ctx context.Context, xid string) (committed bool, err error) {
	asking, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	fate := e.fateOf(asking, xid)
	if fate == postgres.FateUnknown {
		return false, rowsInDoubt(nil, xid)
	}
	return fate == postgres.FateCommitted, nil
}

func undoneRows(err error, when string) error {
	if postgres.EndOf(err) == postgres.Cancelled || postgres.EndOf(err) == postgres.NotEnded {
		return remedy.New("rows.undone", remedy.ExitFailed, "cancelled: nothing was changed").Behind(err)
	}
	return remedy.New("rows.undone", remedy.ExitFailed, "the connection was lost %s: nothing was changed", when).
		WithSeen(visible.String(firstLine(err.Error()))).WithFix("commit again once the database answers").Behind(err)
}

func rowsInDoubt(err error, xid string) error {
	return remedy.New("rows.doubt", remedy.ExitFailed, "the connection was lost while the changes were committed, and nobody can be asked yet whether they were").
		WithHelp(remedy.Line("once the database answers, the app asks by itself; so does ", remedy.Naap("dev sql", "SELECT pg_xact_status('"+xid+"')"))).Behind(err)
}
