//go:build unix

package embedpg

import (
	"context"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
)

// synced waits until a cluster has been flushed to disk.
func synced(t *testing.T, e *Engine) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if missing(e.at.unsyncedFile()) {
			return
		}
	}
	t.Fatal("the cluster is not flushed")
}

func TestAClusterIsFlushedByALaterStartWhereTheFirstDidNot(t *testing.T) {
	e, spec := newTestEngine(t, memtest.Dir(t)), testSpec(t)
	// What a naap leaves that is killed right after initdb.
	if err := e.at.make(e.account); err != nil {
		t.Fatal(err)
	}
	r := run{Engine: e, spec: spec.withDefaults(), report: progress.Discard}
	if err := r.makeCluster(context.Background()); err != nil {
		t.Fatal(err)
	}
	if missing(e.at.unsyncedFile()) {
		t.Fatal("nothing says that the new cluster is not on disk yet")
	}
	if at := ensure(t, e, spec); at.Created {
		t.Fatal("it was made again")
	}
	synced(t, e)

	// One whose flushing was cut off while the server goes on.
	if err := e.account.create(e.at.unsyncedFile(), nil); err != nil {
		t.Fatal(err)
	}
	if at := ensure(t, e, spec); at.Started {
		t.Error("the running server was not used")
	}
	synced(t, e)
}

func TestTheMarkStaysWhereFlushingFails(t *testing.T) {
	e, spec := newTestEngine(t, memtest.Dir(t)), testSpec(t)
	ensure(t, e, spec)
	synced(t, e)
	if err := e.account.create(e.at.unsyncedFile(), nil); err != nil {
		t.Fatal(err)
	}
	r := run{Engine: e, binaries: Binaries{Dir: "/nowhere"}}
	r.syncInBackground()
	time.Sleep(200 * time.Millisecond)
	if missing(e.at.unsyncedFile()) {
		t.Error("the mark went, though nothing was flushed")
	}
}
