package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/dockerctl"
)

// checkEngine tells which engine it is and whether its container is what naap would make. It returns whether the
// server runs.
func (d *doctor) checkEngine(ctx context.Context) bool {
	eng, reason, err := d.env.engine(ctx)
	if err != nil {
		d.failed("engine", "No engine to be had", err)
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
		d.add("engine.version", Warning, "Another PostgreSQL than in production", []string{w}, "naap dev up --engine docker", "npm --version    (16 is fetched with npm where it is there)")
	}
	switch look.State {
	case Running:
		d.fine("server", "The server runs", fmt.Sprintf("%s:%d", look.Host, look.Port))
		return true
	case Stopped, Absent:
		d.add("server", Warning, "The server does not run", []string{string(look.State) + " " + look.Detail}, "naap dev up"+d.env.instanceFlag())
	default:
		d.add("server", Broken, "The server is "+string(look.State), []string{look.Detail}, "naap dev up"+d.env.instanceFlag(), "naap dev logs")
	}
	return false
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
	if c.Host != "" && c.Host != dockerctl.BindHost && c.Host != "::1" && c.Host != "localhost" {
		d.add("container.published", Warning, "The database is open to the network",
			[]string{fmt.Sprintf("published on %s:%d, with a password that everybody knows", c.Host, c.Port)},
			"docker rm -f "+c.Name+"    (its volume stays)", "naap dev up"+d.env.instanceFlag())
	}
	if c.OOMKilled {
		d.add("container.memory", Broken, "The container was killed for lack of memory", []string{fmt.Sprintf("exit code %d", c.ExitCode)},
			"give the Docker engine more memory")
	}
	if c.Restarts > 0 {
		d.add("container.restarts", Warning, "The container was restarted by itself", []string{fmt.Sprintf("%d times", c.Restarts)}, "naap dev logs")
	}
}

func (d *doctor) checkImage(x docker, state *dockerctl.State) {
	if state.Image == nil {
		d.add("image", Notable, "The image is not here yet", []string{x.spec.Image}, "docker pull "+x.spec.Image)
		return
	}
	d.fine("image", "Image "+x.spec.Image, fmt.Sprintf("PostgreSQL %d, %s", state.Image.Major, state.Image.Libc))
	if c := state.Container; c != nil && c.ImageID != "" && c.ImageID != state.Image.ID {
		d.add("container.image", Warning, "The container runs another image",
			[]string{"it runs " + c.ImageRef + ", wanted is " + x.spec.Image},
			"docker rm -f "+c.Name+"    (its volume stays)", "naap dev up"+d.env.instanceFlag())
	}
}
