package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// image is the image that all contenders run.
const image = "postgres:16"

// needDocker skips a comparison, with the reason, where no Docker engine with the image answers.
func needDocker(b *testing.B) {
	b.Helper()
	if err := exec.Command("docker", "image", "inspect", image).Run(); err != nil {
		if os.Getenv("NAAP_TEST_DOCKER") == "required" {
			b.Fatalf("NAAP_TEST_DOCKER=required, and no Docker engine with the image %s answers: %v", image, err)
		}
		b.Skipf("no Docker engine with the image %s answers: %v", image, err)
	}
}

func needProgram(b *testing.B, name string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		b.Skip(err)
	}
	return path
}

// byHand is the container as made by someone who types docker run: the same image, environment, volume and script.
type byHand struct {
	name, repo string
	port       int
}

func newByHand(b *testing.B, repo string) *byHand {
	b.Helper()
	h := &byHand{name: fmt.Sprintf("naap-bench-%d-%d", os.Getpid(), instances.Add(1)), repo: repo, port: porttest.Free()}
	b.Cleanup(h.delete)
	return h
}

func (h *byHand) volume() string { return h.name + "-data" }
func (h *byHand) delete()        { removeContainer(h.name, h.volume()) }

// create measures docker run, until SQL answers.
func (h *byHand) create(b *testing.B) {
	b.Helper()
	run(b, exec.Command("docker", "run", "--detach", "--name", h.name,
		"--env", "POSTGRES_USER=postgres", "--env", "POSTGRES_PASSWORD=postgres", "--env", "POSTGRES_DB=naap",
		"--publish", fmt.Sprintf("127.0.0.1:%d:5432", h.port),
		"--volume", h.volume()+":/var/lib/postgresql/data",
		"--volume", filepath.Join(h.repo, "docker/init-schemas.sql")+":/docker-entrypoint-initdb.d/01-init-schemas.sql:ro",
		image))
	pollSQL(b, h.port)
}

// start measures docker start, until SQL answers.
func (h *byHand) start(b *testing.B) {
	b.Helper()
	run(b, exec.Command("docker", "start", h.name))
	pollSQL(b, h.port)
}

// pollSQL asks every 20 ms over TCP until SQL answers.
func pollSQL(b *testing.B, port int) {
	b.Helper()
	const every, patience = 20 * time.Millisecond, 2 * time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := postgres.Connect(ctx, serverURL(port, "naap"), postgres.Options{})
		if err == nil {
			_, err = conn.Exec(ctx, "SELECT 1")
			conn.Close(ctx)
		}
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			b.Fatalf("no SQL after %s: %v", patience, err)
		}
		time.Sleep(every)
	}
}

// psqlFile runs an SQL file as careful users do, stopping at errors.
func psqlFile(url, file string) *exec.Cmd {
	return exec.Command("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url, "--file", file)
}

// stop stops a container as naap does: the server's own fast shutdown.
func stop(b *testing.B, container string) {
	b.Helper()
	run(b, exec.Command("docker", "stop", container))
}

// removeContainer removes a container and its volume, if they are there.
func removeContainer(name, volume string) {
	_ = exec.Command("docker", "rm", "--force", "--volumes", name).Run()
	_ = exec.Command("docker", "volume", "rm", "--force", volume).Run()
}

// composed is the platform's own service, brought up by docker compose with the platform's own health check. What would
// collide with anything else on the machine gets another name.
type composed struct {
	project, repo, override string
	port                    int
}

// newComposed returns nil where there is no docker compose: naap is still compared with its other peers.
func newComposed(b *testing.B, repo string) *composed {
	b.Helper()
	if err := exec.Command("docker", "compose", "version").Run(); err != nil {
		b.Log("without docker compose, which is not on this machine: ", err)
		return nil
	}
	c := &composed{project: fmt.Sprintf("naapbench%d-%d", os.Getpid(), instances.Add(1)), repo: repo, port: porttest.Free(),
		override: filepath.Join(b.TempDir(), "override.yml")}
	text := "services:\n  database:\n    image: " + image + "\n    container_name: " + c.project + "-db\n" +
		"    ports: !override\n      - \"127.0.0.1:" + strconv.Itoa(c.port) + ":5432\"\n"
	if err := os.WriteFile(c.override, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.delete)
	return c
}

func (c *composed) command(args ...string) *exec.Cmd {
	return exec.Command("docker", append([]string{"compose", "--project-name", c.project, "--file", filepath.Join(c.repo, "docker-compose.yml"),
		"--file", c.override, "--progress", "quiet"}, args...)...)
}

// peer returns docker compose as a peer, or none where there is no docker compose.
func (c *composed) peer(name string, atMost float64, turn func(b *testing.B) effort) []peer {
	if c == nil {
		return nil
	}
	return []peer{{contender{name, turn}, atMost}}
}

// up waits for the health check, as --wait does.
func (c *composed) up(b *testing.B) {
	b.Helper()
	run(b, c.command("up", "--detach", "--wait", "database"))
}

func (c *composed) delete() { _ = c.command("down", "--volumes", "--timeout", "0").Run() }
