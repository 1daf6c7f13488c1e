package dockerctl

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// composeProjectOf is a compose file's project in a folder of its own, with the service "database" for spec.
type composeProjectOf struct {
	dir, name string
}

// compose writes the file and returns the project, or skips the test where there is no docker compose.
func compose(t *testing.T, spec Spec) composeProjectOf {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "docker", "compose", "version").CombinedOutput(); err != nil {
		if os.Getenv("NAAP_TEST_COMPOSE") == "required" {
			t.Fatalf("docker compose: %v: %s", err, out)
		}
		t.Skipf("needs docker compose: %v", err)
	}
	p := composeProjectOf{dir: t.TempDir(), name: spec.Instance}
	must(t, errors.Join(leftovers.Note(leftovers.Volume, p.name+"_db-data"), leftovers.Note(leftovers.Network, p.name+"_backend")))
	must(t, os.WriteFile(filepath.Join(p.dir, "init.sql"), spec.Init.Content, 0o644))
	must(t, os.WriteFile(filepath.Join(p.dir, "docker-compose.yml"), fmt.Appendf(nil, `name: %s
services:
  database:
    image: %s
    container_name: %s
    environment:
      POSTGRES_USER: %s
      POSTGRES_PASSWORD: %s
      POSTGRES_DB: %s
    ports: ["%d:5432"]
    volumes:
      - db-data:/var/lib/postgresql/data
      - ./init.sql:/docker-entrypoint-initdb.d/01-init-schemas.sql
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U postgres"]
      interval: 1s
      retries: 60
    networks: [backend]
volumes:
  db-data: {driver: local}
networks:
  backend: {driver: bridge}
`, p.name, spec.Image, spec.Container, spec.User, spec.Password, spec.Database, spec.Port), 0o644))
	t.Cleanup(func() { _ = exec.Command("docker", p.args("down", "--volumes")...).Run() })
	return p
}

func (p composeProjectOf) args(args ...string) []string {
	return append([]string{"compose", "--project-directory", p.dir}, args...)
}

func (p composeProjectOf) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", p.args(args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker compose %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// spec is spec as it is read from the project's file.
func (p composeProjectOf) spec(t *testing.T, spec Spec) Spec {
	t.Helper()
	_, hash, _ := strings.Cut(strings.TrimSpace(p.run(t, "config", "--hash", "database")), " ")
	spec.Volume = p.name + "_db-data"
	spec.Init.Path = filepath.Join(p.dir, "init.sql")
	spec.Health = &workspace.Healthcheck{Test: []string{"CMD-SHELL", "pg_isready -U postgres"}, Interval: time.Second, Retries: 60}
	spec.VolumeMade.Key = "db-data"
	spec.Compose = &workspace.Compose{
		Project: p.name, Service: "database", ConfigHash: hash, WorkingDir: p.dir,
		Files:    []string{filepath.Join(p.dir, "docker-compose.yml")},
		Networks: []workspace.Network{{Key: "backend", Name: p.name + "_backend", Create: true}},
	}
	return spec
}

func TestDockerComposeLeavesOurContainerAlone(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	project := compose(t, spec)
	spec = project.spec(t, spec)
	at := seeded(t, e, spec)
	out := project.run(t, "up", "-d", "--wait", "database")
	if strings.Contains(out, "Recreat") || strings.Contains(out, "not created by") || strings.Contains(out, "already exists") {
		t.Errorf("docker compose up says:\n%s", out)
	}
	if d, err := e.Describe(t.Context(), spec.Container); err != nil || d.Health != "healthy" {
		t.Errorf("docker compose has waited until the container was healthy; it is described as %+v, %v", d, err)
	}
	if id := strings.TrimSpace(project.run(t, "ps", "-q", "database")); id != at.ContainerID {
		t.Errorf("docker compose has the container %s, ours is %s", id, at.ContainerID)
	}
	stillSeeded(t, spec, at)
	project.run(t, "stop", "database")
	again := ensure(t, e, spec)
	if again.ContainerID != at.ContainerID || again.Adopted != "" {
		t.Errorf("after docker compose stop: %+v", again)
	}
	_, err := e.Stop(t.Context(), spec.Container, progress.Discard)
	must(t, err)
	project.run(t, "start", "database")
	stillSeeded(t, spec, ensure(t, e, spec))
}

func TestAContainerThatDockerComposeMadeIsAdopted(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	project := compose(t, spec)
	project.run(t, "up", "-d", "database")
	builtin := spec // as without the compose file: another volume's name is expected
	at := ensure(t, e, builtin)
	if at.Created || at.Adopted != "made by docker compose (project "+project.name+")" || at.SystemID == "" {
		t.Errorf("%+v", at)
	}
	ask(t, spec, at, "CREATE TABLE kept AS SELECT 'still here' AS word")
	project.run(t, "down")
	fromFile := project.spec(t, spec)
	again := ensure(t, e, fromFile)
	if !again.Created {
		t.Errorf("%+v", again)
	}
	stillSeeded(t, fromFile, again)
	project.run(t, "up", "-d", "--force-recreate", "database")
	stillSeeded(t, fromFile, ensure(t, e, fromFile))
}
