package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
)

// await takes messages until ok holds; what is stalled stays so.
func (d *driver) await(what string, ok func() bool) {
	d.t.Helper()
	deadline := time.After(20 * time.Second)
	for !ok() {
		select {
		case msg := <-d.msgs:
			d.flying--
			d.handle(msg)
		case <-deadline:
			d.t.Fatalf("waited for %s:\n%s", what, d.text())
		}
	}
}

// overdue lets the answer to a refresh be late, and has that noticed.
func (d *driver) overdue() {
	d.async = true
	d.now = d.now.Add(refreshEvery)
	d.handle(tickMsg{d.app.ticking})
	d.now = d.now.Add(d.app.patience() + 10*time.Millisecond)
	d.handle(tickMsg{d.app.ticking})
}

// looks lets the second look answer.
func (d *driver) looks() {
	d.t.Helper()
	d.await("the second look", func() bool { return !d.app.jobs.Busy(probeSlot) })
}

func TestASlowServerIsLostOnlyIfASecondLookFails(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	release := f.Stall()
	d.overdue()
	d.shows("slow, no answer for 6").hides("lost", "stale")
	for range 30 {
		d.looks()
		d.now = d.now.Add(20 * time.Second)
		d.handle(tickMsg{d.app.ticking})
		d.shows("slow, no answer for").hides("lost", "stale")
	}
	d.looks()
	f.Gone(remedy.New("server.paused", remedy.ExitNoServer, "the embedded server, process 7, is stopped by a signal").WithFix("kill -CONT 7"))
	d.now = d.now.Add(time.Second)
	d.handle(tickMsg{d.app.ticking})
	d.looks()
	d.shows("lost, data", "stale", "stopped by a signal").hides("docker unpause")
	f.Gone(nil)
	release()
	d.now = d.now.Add(retryEvery)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("healthy", "the server is back").hides("stale")
}

func TestTheFirstAnswerMayTakeAsLongAsItTakes(t *testing.T) {
	f := fake.New()
	release := f.Stall()
	d := begin(t, f, 120, 35, true)
	d.now = d.now.Add(5 * time.Minute)
	d.handle(tickMsg{d.app.ticking})
	d.looks()
	d.shows("slow, no answer for 5m", "it is there, and takes its time").hides("no server", "lost")
	release()
	d.settle()
	d.shows("healthy", "plugin_wallet")
}

func TestNothingIsLostWhileAVerbOfNaapsOwnIsInTheWay(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.async = true
	over := make(chan struct{})
	d.run(dialog.Task{Name: "restore demo", Do: func(context.Context, progress.Report) error { <-over; return nil }}.Run(d.app.shared))
	d.await("the task", func() bool { return d.app.AtWork() != "" })
	f.Fail(errors.New("database \"naap\" does not exist"))
	d.now = d.now.Add(refreshEvery)
	d.handle(tickMsg{d.app.ticking})
	d.await("the refusal", func() bool { return !d.app.jobs.Busy(snapshotSlot) })
	d.looks()
	d.hides("lost", "stale", "does not exist")
	d.handle(job.Batch[server.Event]{Slot: eventsSlot, Generation: d.app.jobs.Generation(eventsSlot), Items: []server.Event{{Kind: "stop"}}})
	d.hides("lost", "stale")
	f.Fail(nil)
	close(over)
	d.settle()
	d.shows("restore demo: done in", "healthy")
}

func TestAQueryThatFailsIsNoLossOfTheServer(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.app.backend = refusing{d.app.backend.(*fake.Backend), errors.New("permission denied for table X")}
	d.now = d.now.Add(12 * time.Second)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("not refreshed, data 12s old", "refresh: permission denied for table X", "last error").hides("lost", "stale")
	d.app.backend = f
	d.now = d.now.Add(refreshEvery)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("healthy").hides("last error")
}

// refusing is a backend whose snapshots fail, and whose server is there.
type refusing struct {
	*fake.Backend
	err error
}

func (r refusing) Snapshot(context.Context, bool) (*postgres.Snapshot, error) { return nil, r.err }

func TestTheLastErrorGoesWithItsCause(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	f.Fail(errors.New("connection refused"))
	d.now = d.now.Add(3 * time.Second)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("last error 14:02:10", "connection refused")
	d.press("!").shows("connection refused").press("esc")
	f.Fail(nil)
	d.now = d.now.Add(retryEvery)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("the server is back").hides("last error")
	d.press("P")
	f.Fail(errors.New("2 mistakes in schema.prisma"))
	d.press("R").shows("2 mistakes")
	f.Fail(nil)
	d.press("R").shows("public.Team.legacy").hides("last error", "2 mistakes")
}

func TestAStoppedServerHasNotRunForThreeHundredYears(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 160, 45)
	d.app.live.Engine = &server.Stats{Image: "PostgreSQL 16", Status: "stopped", Process: true, CPU: -1, HostFree: -1}
	d.shows("stopped").hides("106751d")
	d.app.live.Snap.Server.Started = time.Time{}
	d.hides("106751d", "up 0s", "up 739")
}
