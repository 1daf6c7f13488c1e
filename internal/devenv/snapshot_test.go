package devenv

import (
	"context"
	"testing"

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
