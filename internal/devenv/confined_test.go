package devenv

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func TestAWorkspacesFileDoesNotLetTheServerOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "naap.toml"), []byte("[embedded]\nconfined = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, own := range []bool{false, true} {
		env := []string{"HOME=" + t.TempDir()}
		if own {
			env = append(env, "NAAP_EMBEDDED_CONFINED=false")
		}
		ws, err := workspace.Find(t.Context(), dir, workspace.Options{Env: env})
		if err != nil {
			t.Fatal(err)
		}
		eng, err := New(ws, Options{}).embeddedEngine()
		if own {
			if err != nil || !eng.(embedded).spec.Unconfined {
				t.Errorf("asked for by the person: %v", err)
			}
		} else if remedy.Code(err) != "settings.confined" {
			t.Errorf("asked for by the workspace's file: %v", err)
		}
	}
}
