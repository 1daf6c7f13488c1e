package devenv

import (
	"context"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestDoctorTellsWhatSnapshotsHold(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	e := doctorEnv(t, db)
	opt := CopyOptions{AllowExternal: true}
	if _, err := e.SaveSnapshot(t.Context(), "kept", opt, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	t.Cleanup(func() {
		if err := e.DeleteSnapshot(context.Background(), "kept", opt); err != nil {
			t.Error(err)
		}
	})
	says(t, finding(t, e.Doctor(t.Context()), "snapshots", remedy.Notable), "naap dev snapshot")
}

// The terminal app goes on refreshing while a snapshot is saved: a session of its that is ended then is not given to the
// push that follows.
func TestASessionThatIsEndedAfterUpStartedTheServerIsNotCalledARestart(t *testing.T) {
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+pgtest.NewDatabase(t))
	e.began = time.Unix(0, 0) // before the server was started, as where up itself starts it
	if _, err := e.Up(t.Context(), UpOptions{Confirm: yes}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())")
	if r, ok := remedy.Of(e.Explained(t.Context(), "dev sql", err)); !ok || r.Code != "connection.terminated" {
		t.Error(remedy.Text(e.Explained(t.Context(), "dev sql", err)))
	}
}

func TestAVerbAfterASnapshotGetsASessionThatLives(t *testing.T) {
	url := pgtest.NewDatabase(t)
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	if _, err := e.Up(t.Context(), UpOptions{Confirm: yes}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	opt := CopyOptions{AllowExternal: true}
	err := e.withServer(t.Context(), "snapshot save", opt, progress.Discard, func(s *backup.Server, o backup.Options) error {
		db, err := e.Connect(t.Context())
		if err == nil {
			_, err = db.Exec(t.Context(), "SELECT 1")
		}
		if err == nil {
			_, err = s.Save(t.Context(), "kept", o)
		}
		return err
	})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	t.Cleanup(func() {
		if err := e.DeleteSnapshot(context.Background(), "kept", opt); err != nil {
			t.Error(err)
		}
	})
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release, err := e.lockTarget(t.Context(), db, "push", false)
	if err != nil {
		t.Fatal(err)
	}
	release()
}
