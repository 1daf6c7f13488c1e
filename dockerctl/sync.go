package dockerctl

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/server"
)

// noSync has initdb leave the flushing of a new data directory, which is most of its time, to syncLater.
const noSync = "--no-sync"

// syncedMark is made in the container (not in the volume) once its data directory has been flushed. A container that is
// recreated flushes again, which costs nothing where nothing is unflushed.
const syncedMark = "/var/lib/postgresql/.naap-synced"

// syncScript flushes what the first boot left unflushed and leaves the mark.
const syncScript = `test -e ` + syncedMark + ` || { initdb --sync-only -D "$PGDATA" && touch ` + syncedMark + `; }`

// syncLater flushes a data directory whose first boot did not, in the container and in the background: it goes on when
// naap ends. It is done for our own containers only, and not again once it was done. Failing here harms nothing: the
// next Ensure does it again.
func (e *Engine) syncLater(ctx context.Context, run running) {
	if run.Endpoint.Adopted == "" {
		e.background.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			e.sync(ctx, run.Endpoint)
		})
	}
}

// sync sets the flushing off, which takes the engine some tens of milliseconds that nobody should wait for; Close does.
func (e *Engine) sync(ctx context.Context, at server.Endpoint) {
	id := at.ContainerID
	if !at.Created {
		if _, err := e.cli.ContainerStatPath(ctx, id, syncedMark); err == nil {
			return
		}
	}
	made, err := e.cli.ContainerExecCreate(ctx, id, container.ExecOptions{User: "postgres", Cmd: []string{"sh", "-c", syncScript}})
	if err != nil {
		return
	}
	_ = e.cli.ContainerExecStart(ctx, made.ID, container.ExecStartOptions{Detach: true})
}
