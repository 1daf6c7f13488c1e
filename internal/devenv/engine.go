package devenv

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Engine opens the engine that has the instance, and returns the reason as well. What the settings ask for by now counts only
// where the instance has not been made: see engineToStart.
func (e *Env) Engine(ctx context.Context) (engine.Engine, string, error) {
	return engine.Choose(ctx, e.engineConfig())
}

// engineToStart opens the engine that is to have the instance. Another one than that which has it is refused, as long as there
// is something in that: an empty database in its place would look like lost data, and nothing would stop the other server.
func (e *Env) engineToStart(ctx context.Context) (engine.Engine, string, error) {
	c := e.engineConfig()
	made, asked, err := e.otherEngine(ctx, c)
	if err != nil {
		return nil, "", err
	}
	if made == nil {
		eng, reason, err := engine.Choose(ctx, c)
		return eng, reason, e.besideIt(err)
	}
	defer made.Close()
	look, err := made.Look(ctx)
	if err == nil && look.State == engine.Absent {
		e.forgotten.Store(true)
		return e.Engine(ctx)
	}
	return nil, "", e.anotherEngine(ctx, made, asked)
}

// engineMeant opens the engine for a verb that takes its name: where the command line names another one than that which has the
// instance, it must have something of it too, as an older naap left it.
func (e *Env) engineMeant(ctx context.Context) (engine.Engine, error) {
	c := e.engineConfig()
	asked := engine.Asked(c)
	if asked == nil || e.ws.Settings.Origin("engine").Layer != workspace.FromFlag {
		eng, _, err := e.Engine(ctx)
		return eng, err
	}
	made := engine.Named(c.Last.Engine)
	c.Last = engine.Last{}
	if eng, _, err := engine.Choose(ctx, c); err == nil {
		if look, err := eng.Look(ctx); err == nil && look.State != engine.Absent {
			return eng, nil
		}
		eng.Close()
	}
	return nil, remedy.New("engine.other", remedy.ExitRefused, "instance %q is not in %s", e.ws.Settings.Instance, asked.Title).
		WithSeen("it was made with "+made.Title, "nothing was changed").WithHelp(remedy.Again("", "--engine", made.Name))
}

// otherEngine opens the engine that has the instance where the settings ask for another one; nil where they do not.
func (e *Env) otherEngine(ctx context.Context, c engine.Config) (made engine.Engine, asked *engine.Kind, err error) {
	if asked = engine.Asked(c); asked != nil {
		made, _, err = engine.Choose(ctx, c)
		if err != nil {
			return nil, nil, e.anotherEngine(ctx, nil, asked).Wrap(err)
		}
		return made, asked, nil
	}
	if asked = engine.Named(e.ws.Settings.Engine); e.IsExternal() || asked == nil {
		return nil, nil, nil
	}
	if made = engine.Found(ctx, c); made == nil || made.Kind() == asked {
		return nil, nil, nil
	}
	return made, asked, nil
}

// anotherEngine refuses to start the instance in another engine than the one that has it; made is nil where that cannot be asked.
func (e *Env) anotherEngine(ctx context.Context, made engine.Engine, asked *engine.Kind) *remedy.Error {
	set := &e.ws.Settings
	kind := e.Kind()
	if made != nil {
		kind = made.Kind()
	}
	r := remedy.New("engine.changed", remedy.ExitRefused, "instance %q was made with %s, and %s is asked for by %s",
		set.Instance, kind.Title, asked.Title, set.Origin("engine").String())
	if made != nil {
		if data, err := made.Deletable(ctx); err == nil {
			r.WithSeen("its data: " + visible.String(data))
		}
	}
	return r.WithSeen("nothing was changed").WithHelp(
		remedy.Again("dev up", "--engine", kind.Name).Note("goes on with what is there"),
		remedy.Naap("dev up", engine.Second(set, asked.Name)...).Note("a database of its own beside it"),
		remedy.Line("to have a copy of the data: ", remedy.Naap("dev up", "--detach", "--engine", kind.Name).And(remedy.Naap("dev backup", "naap.dump"))),
		remedy.Naap("dev down", "--delete-data", "--engine", kind.Name).Note("deletes it; the next up begins with "+asked.Title))
}

// OtherEngine returns the name of the engine that has the instance, where the settings ask for another one; else "".
func (e *Env) OtherEngine() string {
	if engine.Asked(e.engineConfig()) == nil {
		return ""
	}
	return e.Kind().Name
}

// disagreement is a line for the user where the settings ask for another engine than the one that has the instance; else "".
func (e *Env) disagreement() string {
	asked := engine.Asked(e.engineConfig())
	if asked == nil {
		return ""
	}
	return "this instance was made with " + e.Kind().Title + ", and " + e.ws.Settings.Origin("engine").String() + " asks for " + asked.Title
}

// besideIt returns an error whose commands start another engine for an instance of its own, where this one has another: they
// would be refused.
func (e *Env) besideIt(err error) error {
	r, ok := remedy.Of(err)
	last := engine.Named(readRecord(e.StateDir()).Engine)
	if !ok || last == nil || e.forgotten.Load() {
		return err
	}
	for i, line := range r.Fix {
		for _, c := range line.Commands() {
			at := slices.Index(c.Args, "--engine")
			if c.Verb == "dev up" && at >= 0 && at+1 < len(c.Args) && c.Args[at+1] != last.Name && !slices.Contains(c.Args, "--name") {
				more := slices.Delete(slices.Clone(c.Args), at, at+2)
				r.Fix[i] = remedy.Naap("dev up", engine.Second(&e.ws.Settings, c.Args[at+1], more...)...).Note("a database of its own")
			}
		}
	}
	return err
}

// withImage returns the words of an up that has the server run from an image: this instance's where it is in Docker, and
// otherwise one beside it.
func (e *Env) withImage(image string) []string {
	words := engine.WithImage(image)
	if last := engine.Named(readRecord(e.StateDir()).Engine); last != nil && !last.Inside {
		return engine.Second(&e.ws.Settings, words[1], words[2:]...)
	}
	return words
}

// Kind returns the engine that the settings or the last start name; nil where neither does.
func (e *Env) Kind() *engine.Kind { return engine.Settled(e.engineConfig()) }

// runsInside reports whether the instance's server has programs of its own: see engine.Kind.
func (e *Env) runsInside() bool {
	kind := e.Kind()
	return kind != nil && kind.Inside
}

func (e *Env) engineConfig() engine.Config {
	rec := readRecord(e.StateDir())
	if e.forgotten.Load() {
		rec = record{}
	}
	return engine.Config{
		Workspace: e.ws, Folder: e.StateDir(), Programs: e.Programs(), Getenv: getenv, Bin: e.programsFolder,
		Last:    engine.Last{Engine: rec.Engine, Port: rec.Port, Asked: rec.Asked, Where: rec.Where, Identity: rec.Identity},
		Allowed: e.mayUse, MayConnect: e.MayConnect, IsHeldSQL: e.isHeldSQL,
	}
}

// Programs returns a finder for the programs that the verbs start, which finds none in the workspace.
func (e *Env) Programs() program.Finder {
	f := program.Here(e.ws.Dir, e.ws.Root)
	f.Path, f.Environ = getenv("PATH"), environ()
	return f
}
