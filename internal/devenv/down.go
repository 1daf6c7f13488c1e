package devenv

import (
	"context"
	"errors"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// DownOptions says what Down does.
type DownOptions struct {
	DeleteData bool
	// Confirmed is the volume's or folder's name as the user typed it; deleting needs it to be right.
	Confirmed string
}

// Down is what `naap dev down` did.
type Down struct {
	Engine    string
	Stopped   bool   // it was running
	Deleted   string // the volume or folder that was deleted, or ""
	LeftAlone string // why naap does not stop the server; "" where it does
	Own       string // the engine of the instance's own server, where only another server was left alone; else ""
	NoData    string // the data that was to be deleted and did not exist, or ""
}

// DataName returns the name that must be given to delete the instance's data.
func (e *Env) DataName(ctx context.Context) (string, error) {
	eng, err := e.engineMeant(ctx)
	if err != nil {
		return "", err
	}
	defer eng.Close()
	return eng.Deletable(ctx)
}

// Down stops the server. Its data stays, unless it is to be deleted and its name was given correctly.
func (e *Env) Down(ctx context.Context, opt DownOptions, report progress.Report) (*Down, error) {
	report = progress.Clock(report)
	release, err := e.lock(ctx, "down")
	if err != nil {
		return nil, err
	}
	defer release()
	if err := e.waitForOthers(ctx); err != nil {
		return nil, err
	}
	e.dropPool()
	if err := e.dropShadowServers(ctx, report); err != nil {
		return nil, err
	}
	eng, err := e.engineMeant(ctx)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	name := ""
	if opt.DeleteData {
		// Before anything is stopped, while the container still tells where its data is.
		if name, err = e.confirmedData(ctx, eng, opt); err != nil {
			return nil, err
		}
	}
	down := &Down{Engine: eng.Kind().Name, LeftAlone: string(eng.Kind().Lacks.Stop)}
	if rec := readRecord(e.StateDir()); down.LeftAlone != "" {
		down.Own = rec.Engine
	}
	if down.Stopped, err = eng.Stop(ctx, report); err != nil {
		return down, err
	}
	if !opt.DeleteData {
		return down, nil
	}
	deleted, err := eng.DeleteData(ctx, name, report)
	if err != nil {
		return down, err
	}
	if down.Deleted = name; !deleted {
		down.Deleted, down.NoData = "", name
	}
	if rec := readRecord(e.StateDir()); rec.Engine != "" && rec.Engine != down.Engine {
		return down, nil // what is remembered is of the instance's own engine, and stays
	}
	return down, errors.Join(password.ForgetReader(e.StateDir()), removeRecord(e.StateDir()), password.Forget(e.ws))
}

// answersWithin is how long a server may take to say that it is not in use before it is stopped anyway.
const answersWithin = 3 * time.Second

// waitForOthers makes sure that naap, run from another home, is not working on the database of a server that is about
// to be stopped. If it is, waitForOthers fails as busy, or waits where the options say so. A server that does not
// answer is stopped as it is.
func (e *Env) waitForOthers(ctx context.Context) error {
	looking, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	db, _ := e.openRecorded(looking)
	if db == nil {
		return nil
	}
	defer db.Close()
	unlock, err := e.lockTarget(looking, db, "down", false)
	if remedy.Exit(err) == remedy.ExitBusy && e.opt.Wait {
		unlock, err = e.lockTarget(ctx, db, "down", true)
	}
	switch {
	case err == nil:
		unlock()
	case remedy.Exit(err) == remedy.ExitBusy:
		return err
	}
	return nil
}

// confirmedData returns the name of the data to be deleted, which the user has given.
func (e *Env) confirmedData(ctx context.Context, eng engine.Engine, opt DownOptions) (string, error) {
	name, err := eng.Deletable(ctx)
	if err != nil {
		return "", err
	}
	if opt.Confirmed == name {
		return name, nil
	}
	return "", remedy.New("down.unconfirmed", remedy.ExitRefused, "deleting the data needs its name").
		WithSeen("the data of this instance: "+name).
		WithHelp(remedy.Again("dev down", "--delete-data", "--yes="+name), remedy.Naap("dev down").Note("stops it and keeps the data"))
}
