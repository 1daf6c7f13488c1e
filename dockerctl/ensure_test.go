package dockerctl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/loopback"
)

func TestEnsureMakesTheServerAndThenFindsNothingToDo(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Init.Path = filepath.Join(t.TempDir(), "init.sql")
	if err := os.WriteFile(spec.Init.Path, spec.Init.Content, 0o644); err != nil {
		t.Fatal(err)
	}
	first := ensure(t, e, spec)
	if !first.Created || first.Host != loopback.Host || first.Port != spec.Port {
		t.Errorf("first: %+v", first)
	}
	if got := ask(t, spec, first, "SELECT string_agg(nspname, ' ' ORDER BY 1) FROM pg_namespace WHERE nspname LIKE 'plugin%'"); got != "plugin_one plugin_two" {
		t.Errorf("schemas of the init script: %q", got)
	}
	t.Run("nothing listens but on loopback", func(t *testing.T) { onlyLoopback(t, spec.Port) })
	again := ensure(t, e, spec)
	if again.Created || again.ContainerID != first.ContainerID || again.Identity != first.Identity {
		t.Errorf("again: %+v, first: %+v", again, first)
	}
}
