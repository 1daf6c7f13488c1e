package embedpg

import (
	"cmp"
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// run is one Ensure: it carries out plans and decides nothing.
type run struct {
	*Engine
	spec   Spec
	report progress.Report

	// Of the round that looked last.
	state  State
	plan   serverPlan
	server *process // that was started; nil for an adopted one

	binaries Binaries
	created  bool
	logFrom  int64 // where in the log this run's part begins
}

const stepServer = "server"

// round looks, decides, does and waits.
func (r *run) round(ctx context.Context, probe server.Probe) (server.Endpoint, error) {
	var err error
	if r.state, err = r.observe(r.spec); err != nil {
		return server.Endpoint{}, err
	}
	r.plan, r.server = decide(r.spec, r.state), nil
	if r.plan.Refusal != nil {
		return server.Endpoint{}, r.plan.Refusal
	}
	return r.carryOut(ctx, probe)
}

func (r *run) carryOut(ctx context.Context, probe server.Probe) (server.Endpoint, error) {
	for _, act := range r.plan.Acts {
		if err := r.do(ctx, act); err != nil {
			return server.Endpoint{}, err
		}
	}
	at := r.endpoint()
	if err := r.waitReady(ctx, at, probe); err != nil {
		return server.Endpoint{}, err
	}
	r.syncInBackground()
	detail := fmt.Sprintf("PostgreSQL %s answers on %s", at.Version, at.Address())
	if at.Version == "" {
		detail = "it answers on " + at.Address()
	}
	r.say(progress.Done, detail)
	return at, nil
}

func (r *run) do(ctx context.Context, act act) error {
	switch act {
	case actInit:
		return r.makeCluster(ctx)
	case actAwait:
		r.say(progress.Running, r.plan.describe(act))
		return r.awaitGone(ctx, r.plan.PID)
	case actStop:
		_, err := r.stop(ctx, r.report)
		return err
	case actClaim:
		if err := r.at.claimPidFile(); err != nil {
			return fmt.Errorf("take over the lock file: %w", err)
		}
		return nil
	case actStart:
		return r.startServer(ctx)
	case actAdopt:
		r.binaries = r.state.Binaries
		return r.openLog()
	}
	return fmt.Errorf("the plan holds the unknown act %q", act)
}

// locate finds the programs, once.
func (r *run) locate(ctx context.Context) error {
	if r.binaries.Dir != "" {
		return nil
	}
	s := r.search
	s.Major = cmp.Or(r.plan.Major, s.Major)
	found, err := Locate(ctx, s, r.report)
	if err == nil {
		r.binaries = found
		return nil
	}
	if re, ok := remedy.Of(err); ok && r.plan.Major != 0 && r.plan.Major != Major {
		re.WithSeen(fmt.Sprintf("the data in %s was made by PostgreSQL %d", r.plan.Data, r.plan.Major)).
			WithFix(fmt.Sprintf("or move that data away for a new cluster: mv %s %s.postgresql%d", remedy.ShellWord(r.plan.Data), remedy.ShellWord(r.plan.Data), r.plan.Major))
	}
	return err
}

func (r *run) endpoint() server.Endpoint {
	at := server.Endpoint{
		Host: loopback.Host, Port: r.plan.Port, Identity: r.identity(), Created: r.created, Started: r.server != nil,
		RunsAsYou: !isConfined(r.serverPID()), Version: r.binaries.Version,
	}
	if w := r.binaries.Warning; w != "" {
		at.Warnings = append(at.Warnings, w)
	}
	return at
}

// identity returns the cluster_name of the server that was started or adopted.
func (r *run) identity() string {
	if r.server != nil {
		return r.server.identity
	}
	return r.state.Server.Identity
}

// serverPID returns the process that was started or adopted.
func (r *run) serverPID() int {
	if r.server != nil {
		return r.server.pid
	}
	return r.state.Server.PID
}

// ensureIdentity reads the name that a start gives to the server, and makes one for data that has none.
func (r *run) ensureIdentity() (string, error) {
	now, err := r.at.readData() // not what was seen before: the cluster may be new
	if err != nil || now.Identity != "" {
		return now.Identity, err
	}
	id := loopback.NewIdentity(r.spec.Instance)
	if err := r.account.create(r.at.identityFile(), []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("name the cluster: %w", err)
	}
	return id, nil
}

func (r *run) say(status progress.Status, detail string) {
	r.report(progress.Step{Name: stepServer, Title: "PostgreSQL", Status: status, Detail: detail})
}
