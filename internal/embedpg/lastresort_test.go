//go:build unix

package embedpg

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAnotherInstalledMajorServesAndItsDataStaysWithIt(t *testing.T) {
	offline := testSearch(t)
	offline.Cache, offline.Programs = memtest.Dir(t), along("/nowhere")
	other, err := Locate(context.Background(), offline, progress.Discard)
	if err != nil || other.Major == Major {
		t.Skipf("no other major version is installed here: %+v, %v", other, err)
	}
	e, err := New(Options{Dir: filepath.Join(memtest.Dir(t), "pg"), Search: offline})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(context.Background(), progress.Discard) })
	spec := testSpec(t)
	first := ensure(t, e, spec)
	if !strings.Contains(strings.Join(first.Warnings, ""), other.Version) || first.Version != other.Version {
		t.Errorf("the first time: %+v", first)
	}
	if adopted := ensure(t, e, spec); !slices.Equal(adopted.Warnings, first.Warnings) {
		t.Errorf("the warning did not stay: %+v", adopted)
	}
	if s, err := e.Describe(); err != nil || s.Binaries.Warning != first.Warnings[0] {
		t.Errorf("described as %+v, %v", s.Binaries, err)
	}
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	e.search = testSearch(t) // PostgreSQL 16 can be had now
	if again := ensure(t, e, spec); again.Version != other.Version || again.Created {
		t.Errorf("its data was given to another version: %+v", again)
	}
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	bin, err := found()
	if err != nil {
		t.Fatal(err)
	}
	e.search = Search{Bin: bin}
	if text := remedy.Text(refused(t, e, spec, "postgres.setting")); !strings.Contains(text, "data was made by PostgreSQL") {
		t.Error(text)
	}
}
