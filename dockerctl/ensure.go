package dockerctl

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// rounds is how often Ensure looks again after the world changed under its hands: an image was pulled, another naap
// made the container first.
const rounds = 8

// Ensure makes spec's server run and waits until probe says that SQL answers. It looks, decides and does, and looks
// again where another was faster; it may be ended at any moment and called again. There is no limit on the waiting but
// ctx, as a recovery may take long.
func (e *Engine) Ensure(ctx context.Context, spec Spec, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	spec = spec.withDefaults()
	if report == nil {
		report = progress.Discard
	}
	var last error
	for range rounds {
		plan, err := e.settled(ctx, spec)
		if err != nil {
			return server.Endpoint{}, err
		}
		run, err := e.carryOut(ctx, plan, report)
		if errors.Is(err, errLookAgain) {
			last = err
			continue
		}
		if err != nil {
			return server.Endpoint{}, err
		}
		return e.ready(ctx, run, probe, report)
	}
	return server.Endpoint{}, remedy.New("container.contended", remedy.ExitBusy,
		"the container %s changes faster than it can be looked at", spec.Container).
		WithFix("see what else uses it:", "docker events --filter container="+spec.Container).Wrap(last)
}

// Plan returns what Ensure would do, for showing it; nothing is changed. Its error is the plan's refusal, beside which
// there is a text too, or what the looking failed for.
func (e *Engine) Plan(ctx context.Context, spec Spec) (string, error) {
	state, err := e.Observe(ctx, spec)
	if err != nil {
		return "", err
	}
	plan := decide(*state, spec)
	return plan.String(), plan.err()
}

// settleFor is for how long a port's unclear owner is looked at again.
const settleFor = 3 * time.Second

// settled returns the plan for what is there. While another naap's start is under way, the engine already has the port
// and does not yet say for which container; so a port whose owner may be the engine is looked at again for a while.
func (e *Engine) settled(ctx context.Context, spec Spec) (containerPlan, error) {
	for began := time.Now(); ; {
		state, err := e.Observe(ctx, spec)
		if err != nil {
			return containerPlan{}, err
		}
		plan := decide(*state, spec)
		if remedy.Code(plan.err()) != "port.taken" || !state.Port.mayBeEngines() || time.Since(began) > settleFor {
			return plan, nil
		}
		if err := server.Wait(ctx, 100*time.Millisecond); err != nil {
			return containerPlan{}, err
		}
	}
}

// mayBeEngines reports whether a port's owner may be what an engine forwards its containers' ports with, or is unknown.
func (p portState) mayBeEngines() bool {
	return slices.ContainsFunc(p.Owners, func(o portOwner) bool {
		if o.Container != "" {
			return false
		}
		return o.Process == "" || slices.ContainsFunc(forwarders, func(name string) bool {
			return strings.HasPrefix(strings.ToLower(o.Process), name)
		})
	})
}

// forwarders are how the programs' names begin that listen on behalf of containers: Docker's, Docker Desktop's, rootless
// ones', Podman's, OrbStack's, and the ssh of Lima and Colima.
var forwarders = []string{"docker", "com.docke", "vpnkit", "rootlessk", "rootlessport", "slirp4netns", "pasta", "gvproxy", "conmon", "orbstack", "ssh", "limactl"}
