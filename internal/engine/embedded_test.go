package engine

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAWorkspacesFileDoesNotLetTheServerOut(t *testing.T) {
	for _, own := range []bool{false, true} {
		var env []string
		if own {
			env = append(env, "NAAP_EMBEDDED_CONFINED=false")
		}
		eng, err := openEmbedded(t.Context(), config(t, map[string]string{"naap.toml": "[embedded]\nconfined = false\n"}, env...))
		if own {
			if err != nil || !eng.(*embedded).spec.Unconfined {
				t.Errorf("asked for by the person: %v", err)
			}
		} else if remedy.Code(err) != "settings.confined" {
			t.Errorf("asked for by the workspace's file: %v", err)
		}
	}
}
