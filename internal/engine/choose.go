package engine

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Settled is the engine that the last start or the settings name, without asking anybody; nil where they leave it open.
func Settled(c Config) *Kind {
	kind, _ := settled(c)
	return kind
}

// settled is Settled, with the setting that names the engine; "" where the last start does. What an instance was made with
// comes before what the settings ask for: its data is there, whatever they say by now.
func settled(c Config) (kind *Kind, setting string) {
	set := &c.Workspace.Settings
	if set.IsExternal() {
		return &externalKind, "database-url"
	}
	made, asked := Named(c.Last.Engine), Named(set.Engine)
	if asked != nil && (made == nil || made == asked) {
		return asked, "engine"
	}
	return made, ""
}

// Asked is the engine that the settings ask for where the instance was made with another one; nil where there is no such
// disagreement.
func Asked(c Config) *Kind {
	set := &c.Workspace.Settings
	made, asked := Named(c.Last.Engine), Named(set.Engine)
	if set.IsExternal() || made == nil || asked == made {
		return nil
	}
	return asked
}

// Choose opens the engine of an instance and says why that one: what the instance was made with, else what was asked for,
// else what has data of it, else Docker where it answers, else the embedded server.
func Choose(ctx context.Context, c Config) (eng Engine, reason string, err error) {
	kind, setting := settled(c)
	if kind == nil {
		return chooseAny(ctx, c)
	}
	origin := c.Workspace.Settings.Origin(setting).String()
	switch eng, err = kind.open(ctx, c); setting {
	case "database-url":
		reason = "database-url is set by " + origin
	case "engine":
		reason = "asked for by " + origin
	default:
		reason = kind.data
	}
	if r, ok := remedy.Of(err); ok && kind.otherwise != nil {
		kind.otherwise(r, &c.Workspace.Settings, setting == "" || c.Last.Engine == kind.Name)
	}
	return eng, reason, err
}

func chooseAny(ctx context.Context, c Config) (Engine, string, error) {
	if eng := Found(ctx, c); eng != nil {
		return eng, "this instance has an embedded database", nil
	}
	docker, dockerErr := dockerKind.open(ctx, c)
	if dockerErr == nil {
		return docker, "Docker answers", nil
	}
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if remedy.Code(dockerErr) == trust.CodeNeeded { // it was not asked whether it answers
		return nil, "", dockerErr
	}
	eng, err := embeddedKind.open(ctx, c)
	if err != nil {
		return nil, "", withDockersReasons(err, dockerErr)
	}
	return lastChoice{eng, dockerErr}, "Docker does not answer: " + whyNot(dockerErr), nil
}

// Found opens the engine in which this home has data of the instance, where nothing is remembered of the last start: that may
// be lost, and the data is not. It is nil where there is none.
func Found(ctx context.Context, c Config) Engine {
	if Named(c.Last.Engine) != nil {
		return nil
	}
	eng, err := embeddedKind.open(ctx, c)
	if err != nil {
		return nil
	}
	if server, err := eng.Look(ctx); err == nil && server.State != Absent {
		return eng
	}
	eng.Close()
	return nil
}

// whyNot is why Docker is not available, in a line: what was seen first, and how much more there is.
func whyNot(err error) string {
	r, ok := remedy.Of(err)
	if !ok || len(r.Seen) == 0 {
		return visible.String(err.Error())
	}
	if n := len(r.Seen) - 1; n > 0 {
		return fmt.Sprintf("%s (and %d more)", r.Seen[0], n)
	}
	return r.Seen[0]
}

// lastChoice is the embedded engine in the place of a Docker that does not answer: where it fails too, which of the two
// is to be mended is for the person to say.
type lastChoice struct {
	Engine
	docker error
}

func (x lastChoice) Plan(ctx context.Context) (string, error) {
	plan, err := x.Engine.Plan(ctx)
	return plan, withDockersReasons(err, x.docker)
}

func (x lastChoice) Ensure(ctx context.Context, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	at, err := x.Engine.Ensure(ctx, probe, report)
	return at, withDockersReasons(err, x.docker)
}

// withDockersReasons completes the embedded engine's failure with what was tried of Docker and what would help there.
func withDockersReasons(err, docker error) error {
	r, ok := remedy.Of(err)
	d, isRemedy := remedy.Of(docker)
	if !ok || !isRemedy || strings.HasPrefix(r.Code, "port.") {
		return err // a port that is taken would be so in Docker too
	}
	r.WithSeen("Docker was tried first: " + d.Error()).WithSeen(d.Seen...)
	if len(d.Fix) > 0 {
		r.WithFix("or have Docker answer:").WithHelp(d.Fix...)
	}
	return err
}
