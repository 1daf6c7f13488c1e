package devenv

import (
	"context"
	"io"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Logs writes the server's own log to w, raw: whoever shows it makes it safe.
func (e *Env) Logs(ctx context.Context, w io.Writer, opt LogOptions) error {
	eng, _, err := e.engine(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	return eng.Logs(ctx, w, opt)
}

// noLog is the error of an instance whose server was never started, or is gone.
func noLog(instance, why string) error {
	return remedy.New("logs.none", remedy.ExitNoServer, "instance %q has no server that logs", instance).
		WithSeen(why).WithHelp(remedy.Again("dev up"))
}
