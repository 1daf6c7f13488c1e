package devenv

import (
	"context"
	"io"

	"github.com/livepeer/naap-dev/internal/server"
)

// Logs writes the server's own log to w, raw: the caller makes it safe to show.
func (e *Env) Logs(ctx context.Context, w io.Writer, opt server.LogOptions) error {
	eng, err := e.engineMeant(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	return eng.Logs(ctx, w, opt)
}
