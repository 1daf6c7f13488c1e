package dockerctl

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// action is what a plan does with the container.
type action string

const (
	toPull     action = "pull"     // fetch the image, then look again
	toCreate   action = "create"   // make the container, on a new volume or the one that is there, and start it
	toRecreate action = "recreate" // recreate it on the same volume: it cannot be started as it is, or not on this port
	toStart    action = "start"    // it is there and stopped
	toUnpause  action = "unpause"  // it is there and paused
	toRestart  action = "restart"  // it is between two attempts of its restart policy
	toAdopt    action = "adopt"    // it runs, and others made it
	toLeave    action = "nothing"  // it runs, and naap made it
	toRefuse   action = "refuse"   // nothing can be done without harm or guessing
)

// containerPlan is what decide concluded. It is plain values; String shows it, without the password.
type containerPlan struct {
	Action      action
	Reason      string // why, in words
	Container   string // its name
	ContainerID string // of the one that exists; empty if there is none
	Image       string // reference the container runs, or will
	Volume      string // name of the volume with the data, or absolute path of the folder; empty if the container has none
	NewVolume   bool   // the volume is to be made
	Host        string // where the server's port is published
	Port        int
	Init        initWay  // how the init script gets in, for a container that has not started yet
	Adopted     string   // what was found and kept: "made by docker compose (project shop)"; empty for our own
	Identity    string   // the cluster_name it was made with; empty for none, or if it is to be made
	SystemID    string   // database system identifier, where it has no identity
	Warnings    []string // what the user should know, a sentence each
	Refusal     *remedy.Error

	spec     Spec
	image    *imageState
	dataPath string // PGDATA of a container that exists
	madeFor  *login // of a container that exists, where it is not the one that is asked for
}

// login is whom a container was made for.
type login struct{ user, database string }

// String returns the plan as --dry-run shows it.
func (p containerPlan) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s container %s: %s", p.Action, visible.String(p.Container), visible.String(p.Reason))
	if p.Action == toRefuse {
		for text := range strings.SplitSeq(remedy.Text(p.Refusal), "\n") {
			line("  %s", text)
		}
		return b.String()
	}
	line("  image %s", visible.String(p.Image))
	switch {
	case p.NewVolume:
		line("  %s (new)", DataPlace(p.Volume))
	case p.Volume != "":
		line("  %s", DataPlace(p.Volume))
	}
	if p.Port > 0 {
		line("  published on %s:%d", p.Host, p.Port)
	}
	for _, m := range p.spec.Mounts {
		if p.Action == toCreate || p.Action == toRecreate {
			line("  mounts %s at %s", visible.String(m.Source), visible.String(m.Target))
		}
	}
	if p.Init != initNone && (p.Action == toCreate || p.Action == toRecreate) {
		line("  init script %s at %s", p.Init, visible.String(p.spec.Init.Target))
	}
	for _, w := range p.Warnings {
		line("  warning: %s", visible.String(w))
	}
	return b.String()
}

// err returns the refusal as an error; nil if the plan is none.
func (p containerPlan) err() error {
	if p.Refusal == nil {
		return nil
	}
	return p.Refusal
}

func (p containerPlan) warn(format string, args ...any) containerPlan {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
	return p
}

func (p containerPlan) does(a action, format string, args ...any) containerPlan {
	p.Action, p.Reason = a, fmt.Sprintf(format, args...)
	return p
}

func (p containerPlan) refuses(e *remedy.Error) containerPlan {
	p.Action, p.Reason, p.Refusal = toRefuse, e.Message, e
	return p
}
