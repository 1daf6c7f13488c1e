package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
)

// Examine looks whether the container is what naap would make.
func (x docker) Examine(ctx context.Context) Examination {
	var out Examination
	info := x.at.Info()
	out.fine("docker", info.Runtime+" answers", info.Host+" ("+info.Source+"), API "+info.API)
	state, err := x.at.Observe(ctx, x.spec)
	if err != nil {
		out.Findings = append(out.Findings, remedy.Failed("docker", "The container can't be looked at", err))
		return out
	}
	x.examineImage(&out, state)
	c := state.Container
	if c == nil {
		return out
	}
	out.fine("container", "Container "+c.Name, cmp.Or(c.Adopted(), "made by naap"), "status "+c.Status)
	if c.Open != "" {
		out.add("container.published", remedy.Warning, "The database is open to the network",
			[]string{"published on " + c.Open + ", with a password that everybody knows"}, removal(c), remedy.Again("dev up"))
	}
	x.examinePort(&out, c)
	out.Space = x.space(ctx, c)
	if c.OOMKilled {
		out.add("container.memory", remedy.Broken, "The container was killed for lack of memory", []string{fmt.Sprintf("exit code %d", c.ExitCode)},
			remedy.Line("give the Docker engine more memory, then: ", remedy.Again("dev up")))
	}
	if c.Restarts > 0 {
		out.add("container.restarts", remedy.Warning, "The container was restarted by itself", []string{say.Count(c.Restarts, "time")}, remedy.Naap("dev logs"))
	}
	return out
}

func removal(c *dockerctl.Container) remedy.Advice {
	return remedy.Words("docker rm -f " + c.Name + "    (its volume stays)")
}

func (x docker) examineImage(out *Examination, state *dockerctl.State) {
	if state.Image == nil {
		out.add("image", remedy.Notable, "The image is not here yet", []string{x.spec.Image}, remedy.Words("docker pull "+x.spec.Image))
		return
	}
	out.fine("image", "Image "+x.spec.Image, fmt.Sprintf("PostgreSQL %d, %s", state.Image.Major, state.Image.Libc))
	if c := state.Container; c != nil && c.ImageID != "" && c.ImageID != state.Image.ID {
		out.add("container.image", remedy.Warning, "The container runs another image",
			[]string{"it runs " + c.ImageRef + ", wanted is " + x.spec.Image}, removal(c), remedy.Again("dev up"))
	}
}

// examinePort compares the port that the container is published on with the one that the settings ask for: programs that
// take the URL from the settings would reach nothing, or another database.
func (x docker) examinePort(out *Examination, c *dockerctl.Container) {
	set := &x.c.Workspace.Settings
	if c.Status != "running" || c.Port == set.Port {
		return
	}
	seen := fmt.Sprintf("published on port %d, and the settings ask for %d (%s)", c.Port, set.Port, set.Origin("port"))
	if c.Port == 0 {
		seen = fmt.Sprintf("not published, and the settings ask for port %d", set.Port)
	}
	out.add("container.port", remedy.Warning, "The container has another port than the settings", []string{seen},
		remedy.Again("dev up", "--port", fmt.Sprint(set.Port)), remedy.Naap("dev url").Note("the URL as it is now"))
}

// space asks the container how much space its volume has: with Docker Desktop and its like that is another disk than this
// machine's.
func (x docker) space(ctx context.Context, c *dockerctl.Container) []Space {
	if c.Status != "running" || c.DataPath == "" {
		return nil
	}
	var out bytes.Buffer
	code, err := x.at.Exec(ctx, c.Name, server.Command{Args: []string{"df", "-Pk", c.DataPath}, Stdout: &out})
	if err != nil || code != 0 {
		return nil
	}
	free, ok := freeOf(out.String())
	if !ok {
		return nil
	}
	return []Space{{free, "the volume of " + c.Name}}
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
