package devenv

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// checkEngine tells which engine it is and whether its container is what naap would make. It returns whether the
// server runs.
func (d *doctor) checkEngine(ctx context.Context) bool {
	eng, reason, err := d.env.engine(ctx)
	if remedy.Code(err) == "database.unknown" {
		d.failed("engine", "The database was not looked at", err)
		return false
	}
	if err != nil {
		d.failed("engine", "No engine is available", err)
		return false
	}
	defer eng.Close()
	d.fine("engine", "Engine "+eng.Name(), reason)
	if x, ok := eng.(docker); ok {
		d.checkContainer(ctx, x)
	}
	look, err := eng.Look(ctx)
	if err != nil {
		d.failed("engine", "The engine can't be asked", err)
		return false
	}
	for _, w := range look.Warnings {
		d.add("engine.version", Warning, "Another PostgreSQL than in production", []string{w}, remedy.Again("dev up", "--engine", "docker"), remedy.Words("npm --version    (16 is fetched with npm where it is there)"))
	}
	if look.Container == nil && isPaused(look) { // of a container, checkContainer has said it
		d.failed("server", "The server is paused", d.env.gone(eng, look, postgres.NoAnswer, remedy.Naap("dev doctor")))
		return false
	}
	switch look.State {
	case Running:
		d.fine("server", "The server runs", fmt.Sprintf("%s:%d", look.Host, look.Port))
		if x, ok := eng.(embedded); ok {
			if free, ok := d.diskFree(x.DataName()); ok {
				d.disk(free, x.DataName())
			}
		}
		d.checkOthers(eng.Name(), look.Confined)
		return true
	case Stopped, Absent:
		d.add("server", Warning, "The server does not run", []string{string(look.State) + " " + look.Detail}, remedy.Again("dev up"))
	default:
		d.add("server", Broken, "The server is "+string(look.State), []string{look.Detail}, remedy.Again("dev up"), remedy.Naap("dev logs"))
	}
	d.checkStart(ctx, eng)
	return false
}

// checkStart tells what would stop the server from starting, such as a port that another program has.
func (d *doctor) checkStart(ctx context.Context, eng Engine) {
	_, err := eng.Plan(ctx)
	switch {
	case err == nil:
	case remedy.Code(err) == "port.taken":
		d.failed("port", "The port is taken", err)
	default:
		d.failed("start", "The server would not start", err)
	}
}

func (d *doctor) checkContainer(ctx context.Context, x docker) {
	info := x.Info()
	d.fine("docker", info.Runtime+" answers", info.Host+" ("+info.Source+"), API "+info.API)
	state, err := x.Observe(ctx, x.spec)
	if err != nil {
		d.failed("docker", "The container can't be looked at", err)
		return
	}
	d.checkImage(x, state)
	c := state.Container
	if c == nil {
		return
	}
	whose := "made by naap"
	if !c.Ours {
		whose = "not made by naap"
		if c.Compose != "" {
			whose = "made by docker compose (project " + c.Compose + ")"
		}
	}
	d.fine("container", "Container "+c.Name, whose, "status "+c.Status)
	if c.Open != "" {
		d.add("container.published", Warning, "The database is open to the network",
			[]string{"published on " + c.Open + ", with a password that everybody knows"},
			remedy.Words("docker rm -f "+c.Name+"    (its volume stays)"), remedy.Again("dev up"))
	}
	d.checkPublished(x, c)
	d.checkVolume(ctx, x, c)
	if c.OOMKilled {
		d.add("container.memory", Broken, "The container was killed for lack of memory", []string{fmt.Sprintf("exit code %d", c.ExitCode)},
			remedy.Line("give the Docker engine more memory, then: ", remedy.Again("dev up")))
	}
	if c.Restarts > 0 {
		d.add("container.restarts", Warning, "The container was restarted by itself", []string{fmt.Sprintf("%d times", c.Restarts)}, remedy.Naap("dev logs"))
	}
}

// checkPublished compares the port that the container is published on with the one that the settings ask for: programs
// that take the URL from the settings would reach nothing, or another database.
func (d *doctor) checkPublished(x docker, c *dockerctl.Container) {
	asked := d.env.ws.Settings.Port
	if c.Status != "running" || c.Port == asked {
		return
	}
	seen := fmt.Sprintf("published on port %d, and the settings ask for %d (%s)", c.Port, asked, d.env.ws.Settings.Origin("port"))
	if c.Port == 0 {
		seen = fmt.Sprintf("not published, and the settings ask for port %d", asked)
	}
	d.add("container.port", Warning, "The container has another port than the settings", []string{seen},
		remedy.Again("dev up", "--port", fmt.Sprint(asked)), remedy.Naap("dev url").Note("the URL as it is now"))
}

// checkVolume asks the container how much space its volume has: with Docker Desktop and its like that is another disk
// than this machine's.
func (d *doctor) checkVolume(ctx context.Context, x docker, c *dockerctl.Container) {
	if c.Status != "running" || c.DataPath == "" {
		return
	}
	var out bytes.Buffer
	code, err := x.Exec(ctx, dockerctl.ExecOptions{Container: c.Name, Cmd: []string{"df", "-Pk", c.DataPath}, Stdout: &out})
	if err != nil || code != 0 {
		return
	}
	if free, ok := freeOf(out.String()); ok {
		d.disk(free, "the volume of "+c.Name)
	}
}

// freeOf reads the free space, in bytes, from what df -Pk prints: a heading and one line, whose fourth field it is.
func freeOf(df string) (int64, bool) {
	lines := strings.Split(strings.TrimSpace(df), "\n")
	fields := strings.Fields(lines[len(lines)-1])
	if len(lines) < 2 || len(fields) < 6 {
		return 0, false
	}
	kib, err := strconv.ParseInt(fields[3], 10, 64)
	return kib << 10, err == nil
}

func (d *doctor) checkImage(x docker, state *dockerctl.State) {
	if state.Image == nil {
		d.add("image", Notable, "The image is not here yet", []string{x.spec.Image}, remedy.Words("docker pull "+x.spec.Image))
		return
	}
	d.fine("image", "Image "+x.spec.Image, fmt.Sprintf("PostgreSQL %d, %s", state.Image.Major, state.Image.Libc))
	if c := state.Container; c != nil && c.ImageID != "" && c.ImageID != state.Image.ID {
		d.add("container.image", Warning, "The container runs another image",
			[]string{"it runs " + c.ImageRef + ", wanted is " + x.spec.Image},
			remedy.Words("docker rm -f "+c.Name+"    (its volume stays)"), remedy.Again("dev up"))
	}
}
