package devenv

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func TestDoctorFindsASeedThatChangedSinceItWasApplied(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	put := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("naap.toml", "schema = \"schema.prisma\"\n")
	put("schema.prisma", doctorSchema)
	put("seeds/public.sql", `INSERT INTO "Thing" (name) VALUES ('a');`)
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	look := func() (*Env, []remedy.Finding) {
		ws, err := workspace.Find(t.Context(), root, workspace.Options{
			Env: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "NAAP_DATABASE_URL=" + db, "NAAP_INSTANCE=two"}})
		if err != nil {
			t.Fatal(err)
		}
		e := New(ws, Options{})
		t.Cleanup(e.Close)
		return e, e.Doctor(t.Context())
	}
	e, all := look()
	if f := finding(t, all, "seeds", remedy.Notable); !strings.Contains(f.Title, "pending") {
		t.Errorf("got %+v", f)
	}
	if _, err := e.Seed(t.Context(), SeedOptions{AllowExternal: true}, progress.Discard); err != nil {
		t.Fatal(err)
	}
	_, all = look()
	none(t, all, "seeds")
	put("seeds/public.sql", `INSERT INTO "Thing" (name) VALUES ('b');`)
	_, all = look()
	f := finding(t, all, "seeds", remedy.Notable)
	says(t, f, "naap dev seed public")
	if !strings.Contains(f.Title, "changed") {
		t.Errorf("got %+v", f)
	}
	if err := os.Remove(filepath.Join(root, "seeds/public.sql")); err != nil {
		t.Fatal(err)
	}
	put("seeds/other.sql", "SELECT 1;")
	_, all = look()
	i := slices.IndexFunc(all, func(f remedy.Finding) bool { return f.Code == "seeds" && strings.HasSuffix(f.Title, "is missing") })
	if i < 0 {
		t.Fatalf("the file that is gone is not missed: %+v", all)
	}
	says(t, all[i], "nothing needs to be done")
}

func TestDoctorTellsWhatUndoAndSnapshotsHold(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	none(t, examined(t, db), "undo")
	pgtest.Exec(t, db, "CREATE SCHEMA naap_undo_7")
	pgtest.Exec(t, db, "CREATE TABLE naap_undo_7.kept AS SELECT generate_series(1, 20000)")
	snapshot := fmt.Sprintf("naap_snap_%016x", time.Now().UnixNano())
	pgtest.Exec(t, pgtest.URL(t), "CREATE DATABASE "+snapshot)
	t.Cleanup(func() { pgtest.Exec(t, pgtest.URL(t), "DROP DATABASE "+snapshot) })
	all := examined(t, db)
	says(t, finding(t, all, "undo", remedy.Notable), "naap dev undo --list")
	says(t, finding(t, all, "snapshots", remedy.Notable), "naap dev snapshot list")
}

// dockerCommand runs docker, or skips the test.
func dockerCommand(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	c := exec.Command("docker", args...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		if os.Getenv("NAAP_TEST_DOCKER") == "required" {
			t.Fatalf("docker %s: %v\n%s", args[0], err, out)
		}
		t.Skipf("docker %s: %v; NAAP_TEST_DOCKER=required makes this a failure", args[0], err)
	}
	return strings.TrimSpace(string(out))
}

// A container that the user made by hand: of another image, open to the network, and on another port than the one asked
// for.
func TestDoctorFindsWhatIsWrongWithAContainer(t *testing.T) {
	dockerCommand(t, "", "image", "inspect", "postgres:16")
	instance := fmt.Sprintf("doctor%d", os.Getpid())
	container, image := "naap-"+instance+"-db", "naap-test-"+instance+":16"
	dockerCommand(t, "FROM postgres:16\nLABEL naap-test="+instance+"\n", "build", "-q", "-t", image, "-")
	if err := leftovers.Note(leftovers.Container, container); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("docker", "rm", "-fv", container).Run()
		_ = exec.Command("docker", "rmi", "-f", image).Run()
	})
	port, asked := porttest.Free(), porttest.Free()
	dockerCommand(t, "", "run", "-d", "--name", container, "-p", fmt.Sprintf("0.0.0.0:%d:5432", port),
		"-e", "POSTGRES_PASSWORD=postgres", "-e", "POSTGRES_DB=naap", image)
	e := testEnv(t, nil, "NAAP_INSTANCE="+instance, "NAAP_ENGINE=docker", "NAAP_IMAGE=postgres:16", fmt.Sprintf("NAAP_PORT=%d", asked))
	all := e.Doctor(t.Context())
	var space string
	for _, f := range all {
		if f.Code == "disk" {
			space += strings.Join(f.Seen, " ")
		}
	}
	says(t, finding(t, all, "container.published", remedy.Warning), fmt.Sprintf("0.0.0.0:%d", port), "docker rm -f "+container)
	says(t, finding(t, all, "container.image", remedy.Warning), image, "postgres:16", "naap dev up")
	says(t, finding(t, all, "container.port", remedy.Warning), fmt.Sprintf("port %d", port), fmt.Sprintf("naap dev up --port %d", asked))
	says(t, finding(t, all, "container", remedy.Fine), "not made by naap")
	if !strings.Contains(space, "the volume of "+container) {
		t.Errorf("the space of the volume is not looked at: %q", space)
	}
}

func TestDoctorFindsWhoHasThePort(t *testing.T) {
	pgtest.URL(t) // the embedded engine's programs are on this machine
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := testEnv(t, nil, "NAAP_INSTANCE=two", "NAAP_ENGINE=embedded", fmt.Sprintf("NAAP_PORT=%d", l.Addr().(*net.TCPAddr).Port))
	says(t, finding(t, e.Doctor(t.Context()), "port", remedy.Broken), fmt.Sprintf("pid %d", os.Getpid()), "naap dev ")
}
