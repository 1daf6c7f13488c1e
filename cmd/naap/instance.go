package main

import (
	"context"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui"
)

// journey is the way of the terminal app from one instance to the next.
type journey struct {
	*app
	first  stop
	failed error // why the last step was not taken, or nil
	stop         // where it is now
}

// stop is an instance on that way, with what commands that are printed there need.
type stop struct {
	here   *devenv.Env
	opt    devenv.UpOptions
	target remedy.Target
}

// journey begins at the instance that the command line names.
func (a *app) journey(env *devenv.Env, opt devenv.UpOptions) *journey {
	here := stop{env, opt, a.target}
	return &journey{app: a, first: here, stop: here}
}

// goTo goes to another instance, once the user has been asked about its workspace's files what a start there would ask.
// What is printed from then on is for that instance. An error leaves everything as it was.
func (j *journey) goTo(ctx context.Context, next *tui.Next) error {
	there, err := j.stopAt(ctx, next)
	if err != nil {
		return err
	}
	was, runSeed := j.app.target, j.runSeed
	j.app.target, j.runSeed = there.target, false // what the command line allowed was for the workspace that it named
	if err := j.settle(ctx, there.here, next.Start); err != nil {
		there.here.Close()
		j.app.target, j.runSeed = was, runSeed
		return err
	}
	j.here.Close()
	j.stop, j.made = there, there.here
	return nil
}

// settle asks what the start of naap there would ask.
func (j *journey) settle(ctx context.Context, env *devenv.Env, start bool) error {
	for _, w := range env.Workspace().Warnings {
		j.warn(w)
	}
	var err error
	if start {
		err = j.settleUp(ctx, env)
	} else {
		err = j.askDatabase(ctx, env)
	}
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// stopAt is the stop at an instance. The first one is again as the command line and the environment describe it.
func (j *journey) stopAt(ctx context.Context, next *tui.Next) (stop, error) {
	to, ws := next.Instance, j.first.here.Workspace()
	if to.Name == ws.Settings.Instance {
		return j.first, nil
	}
	target := remedy.Target{
		Dir: to.Root, Verb: "dev", Without: ws.OnlyHere(), Takes: j.first.target.Takes, Confirms: j.first.target.Confirms, Unattended: j.first.target.Unattended,
		Settings: []remedy.Setting{{Flag: "name", Env: "NAAP_INSTANCE", Value: remedy.ShellWord(to.Name)}},
	}
	if next.Start {
		target.Verb = "dev up"
	}
	if to.Root == "" && (ws.Root != "" || j.dir != "") {
		target.Cd = filepath.VolumeName(j.here.StateDir()) + string(filepath.Separator)
	}
	env, err := j.here.Elsewhere(ctx, to, target)
	return stop{env, devenv.UpOptions{Confirm: j.confirm}, target}, err
}
