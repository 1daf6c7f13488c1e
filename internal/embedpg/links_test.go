//go:build unix

package embedpg

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Whoever logs in as a superuser can put a link in the place of a file of the data directory. naap, which is not confined as
// the server is, reads nothing by way of it: the cluster's name would tell it to everybody who asks for that.
func TestALinkInTheDataDirectoryHasNaapReadNothingOutside(t *testing.T) {
	dir := memtest.Dir(t)
	e, spec := newTestEngine(t, filepath.Join(dir, "pg")), testSpec(t)
	ensure(t, e, spec)
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(`16 "cluster_name=a person's secret"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postmaster.opts", "naap.identity", "PG_VERSION", "postmaster.pid"} {
		query(t, spec.Port, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; mv "+name+" "+name+".old; ln -s ''"+secret+"'' "+name+"'")
		s, err := e.Describe()
		if err != nil {
			t.Fatal(err)
		}
		if name == "naap.identity" && !strings.Contains(s.Data.Damage, "naap.identity") {
			t.Errorf("nothing is said of the link: %+v", s.Data)
		}
		if strings.Contains(s.Data.Identity, "secret") || s.Server != nil && strings.Contains(s.Server.Identity, "secret") {
			t.Errorf("%s: naap reads what is outside: %+v, %+v", name, s.Data, s.Server)
		}
		query(t, spec.Port, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; mv "+name+".old "+name+"'")
	}
	query(t, spec.Port, "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; ln -sf ''"+secret+"'' naap.identity'")
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	if text := remedy.Text(refused(t, e, spec, "data.damaged")); strings.Contains(text, "a person's secret") || !strings.Contains(text, "naap.identity") {
		t.Errorf("the refusal is:\n%s", text)
	}
}
