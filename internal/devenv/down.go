package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// DownOptions choose what Down does.
type DownOptions struct {
	DeleteData bool
	// Confirmed is the volume's or folder's name as the person typed it; deleting needs it to be right.
	Confirmed string
}

// Down is what `naap dev down` did.
type Down struct {
	Engine  string
	Stopped bool   // it was running
	Deleted string // the volume or folder that was deleted, or ""
}

// DataName is the name that deleting the instance's data asks for.
func (e *Env) DataName(ctx context.Context) (string, error) {
	eng, _, err := e.engine(ctx)
	if err != nil {
		return "", err
	}
	defer eng.Close()
	return eng.DataName(), nil
}

// Down stops the server. Its data stays unless it is to be deleted, and the name of what is deleted was given right.
func (e *Env) Down(ctx context.Context, opt DownOptions, report progress.Report) (*Down, error) {
	report = progress.Clock(report)
	release, err := e.lock(ctx, "down")
	if err != nil {
		return nil, err
	}
	defer release()
	e.Close()
	eng, _, err := e.engine(ctx)
	if err != nil {
		return nil, err
	}
	defer eng.Close()
	if opt.DeleteData && opt.Confirmed != eng.DataName() {
		return nil, remedy.New("down.unconfirmed", remedy.ExitRefused, "deleting the data needs its name").
			WithSeen("the data of this instance: "+eng.DataName()).
			WithFix("naap dev down --delete-data --yes="+eng.DataName()+e.instanceFlag(), "naap dev down"+e.instanceFlag()+"    (stops it and keeps the data)")
	}
	down := &Down{Engine: eng.Name()}
	if down.Stopped, err = eng.Stop(ctx, report); err != nil {
		return down, err
	}
	if !opt.DeleteData {
		return down, nil
	}
	if err := eng.DeleteData(ctx, report); err != nil {
		return down, err
	}
	down.Deleted = eng.DataName()
	return down, removeRecord(e.stateDir())
}
