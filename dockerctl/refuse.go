package dockerctl

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// The remedies for what decide refuses. Each command can be pasted as it stands.

func notPostgres(c Container) *remedy.Error {
	name := visible.String(c.Name)
	return remedy.New("container.foreign", remedy.ExitNoServer, "a container that is not PostgreSQL has the name %s", name).
		WithSeen(fmt.Sprintf("container %s runs the image %s (%s)", name, visible.String(c.ImageRef), c.Status)).
		WithHelp(remedy.Words("give it another name:"), remedy.Words("docker rename "+name+" "+name+"-other"), remedy.Words("or give the instance another:"), remedy.Naap("dev up", "--name", "other"))
}

func otherVersion(c Container, want int, spec Spec) *remedy.Error {
	name := visible.String(c.Name)
	return remedy.New("container.version", remedy.ExitNoServer,
		"the container %s runs PostgreSQL %d, and %d is asked for", name, c.Major, want).
		WithSeen(fmt.Sprintf("container %s has the image %s and its data in %s", name, visible.String(c.ImageRef), volumeName(c))).
		WithHelp(remedy.Words("keep it on its own version:"), remedy.Again("dev up", "--image", visible.String(c.ImageRef)),
			remedy.Words("or leave it alone and use an instance beside it:"), remedy.Naap("dev up", "--name", "pg"+fmt.Sprint(want), "--port", otherPortOf(spec))).
		WithHelp(dumpFix(spec, c.ImageRef)...)
}

func volumeName(c Container) string {
	if c.Volume == "" {
		return "no volume"
	}
	return "the " + DataPlace(c.Volume)
}

func otherPortOf(spec Spec) string { return fmt.Sprint(spec.Port + 1) }

// besideIt starts another instance, on a port of its own.
func besideIt(spec Spec) remedy.Advice {
	return remedy.Naap("dev up", "--name", "other", "--port", otherPortOf(spec))
}

// dumpFix carries the data over to another version or C library: out of the old server, into a new instance.
func dumpFix(spec Spec, image string) []remedy.Advice {
	return []remedy.Advice{
		remedy.Words("or carry the data over:"),
		remedy.Naap("dev up", "--detach", "--image", visible.String(image)).And(remedy.Naap("dev backup", "naap.dump"), remedy.Naap("dev down")),
		remedy.Naap("dev up", "--detach", "--name", "new").And(remedy.Naap("dev restore", "naap.dump", "--name", "new")),
	}
}

// dataMismatch refuses an image that must not be started on a volume; nil if it may. Starting the wrong major version
// fails; starting the wrong C library works, and answers wrongly from indexes on text.
func dataMismatch(v *volumeState, major int, libc libc, ref string, spec Spec) *remedy.Error {
	if v == nil || v.Data == nil || v.Data.Empty {
		return nil
	}
	where, d := DataPlace(v.Name), v.Data
	if d.Major > 0 && major > 0 && d.Major != major {
		fits := officialImage(d, d.Major)
		return remedy.New("data.version", remedy.ExitNoServer,
			"the %s holds data of PostgreSQL %d, and the image %s is %d", where, d.Major, visible.String(ref), major).
			WithSeen(fmt.Sprintf("PG_VERSION in %s: %d", where, d.Major), "nothing was started and nothing was changed").
			WithHelp(remedy.Words("keep it on its own version:"), remedy.Again("dev up", "--image", fits),
				remedy.Words("or leave it alone and use an instance beside it:"), remedy.Naap("dev up", "--name", "pg"+fmt.Sprint(major))).
			WithHelp(dumpFix(spec, fits)...)
	}
	if d.Libc != "" && libc != "" && d.Libc != libc {
		fits := fittingImage(v, d, max(d.Major, major))
		return remedy.New("data.libc", remedy.ExitNoServer,
			"the %s was made under %s, and the image %s has %s: text is ordered differently, so that indexes would be wrong",
			where, d.Libc, visible.String(ref), libc).
			WithSeen(visible.String(d.Evidence), "nothing was started and nothing was changed").
			WithHelp(remedy.Words("keep it on an image like its own:"), remedy.Again("dev up", "--image", fits),
				remedy.Words("or leave it alone and use an instance beside it:"), remedy.Naap("dev up", "--name", string(libc))).
			WithHelp(dumpFix(spec, fits)...)
	}
	return nil
}

func fittingImage(v *volumeState, d *dataState, major int) string {
	if v.Image != "" {
		return visible.String(v.Image)
	}
	return officialImage(d, major)
}

func officialImage(d *dataState, major int) string {
	if d.Libc == musl {
		return fmt.Sprintf("postgres:%d-alpine", major)
	}
	return fmt.Sprintf("postgres:%d", major)
}

func volumeInUse(v *volumeState, spec Spec) *remedy.Error {
	user := visible.String(v.Users[0])
	return remedy.New("data.in-use", remedy.ExitNoServer,
		"the %s is in use by the container %s; two servers on it would destroy the data", DataPlace(v.Name), user).
		WithSeen("running with it: "+visible.String(strings.Join(v.Users, ", "))).
		WithHelp(remedy.Words("stop it first:"), remedy.Words("docker stop "+user), remedy.Words("or use an instance beside it:"), besideIt(spec))
}

// Renamed refuses to take a server for one that does not run: its container, called name before, runs under another name.
func Renamed(name, volume, user string) *remedy.Error {
	now := visible.String(user)
	return remedy.New("container.renamed", remedy.ExitRefused, "there is no container %s, and the container %s runs with its data", visible.String(name), now).
		WithSeen("both have the "+DataPlace(volume), "nothing was stopped").
		WithHelp(remedy.Words("give it its name back:"), remedy.Words("docker rename "+remedy.ShellWord(now)+" "+remedy.ShellWord(name)),
			remedy.Words("or stop it yourself:"), remedy.Words("docker stop "+remedy.ShellWord(now)))
}

func externalMissing(names []string, spec Spec) *remedy.Error {
	e := remedy.New("data.external", remedy.ExitNoServer, "the compose file says of a volume that others make it, and it is not there").
		WithSeen("no volume "+visible.String(strings.Join(names, ", ")), "nothing was made and nothing was started").
		WithFix("bring it here with its data, or make it empty:")
	for _, name := range names {
		e.WithFix("docker volume create " + remedy.ShellWord(name))
	}
	return e.WithHelp(remedy.Words("or leave it alone and use an instance beside it:"), besideIt(spec))
}

func networkMissing(n workspace.Network) *remedy.Error {
	return remedy.New("network.missing", remedy.ExitNoServer, "the network %s of the compose file is not there, and it is not naap's to make", visible.String(n.Name)).
		WithSeen("it is external in the file, or has settings of its own").
		WithFix("docker network create " + remedy.ShellWord(n.Name))
}

func portTaken(p portState, spec Spec) *remedy.Error {
	names := say.Each(p.Owners, func(o portOwner) string { return o.String() })
	e := spec.PortTaken(p.Number, p.Free, names...)
	if len(p.Owners) == 0 {
		return e
	}
	if o := p.Owners[0]; o.Container != "" {
		return e.WithFix("or stop the container that has it:", "docker stop "+visible.String(o.Container))
	}
	return server.StopOwner(e, p.Number, p.Owners[0].Owner)
}

func otherPort(c Container, spec Spec) *remedy.Error {
	name := visible.String(c.Name)
	return remedy.New("port.other", remedy.ExitNoServer,
		"the container %s is published on port %d, and %d is asked for", name, c.Port, spec.Port).
		WithSeen(fmt.Sprintf("container %s was %s, so that it is not replaced", name, visible.String(c.Adopted())),
			"it is "+spec.URL(c.Port), "asked for is "+spec.URL(spec.Port)).
		WithHelp(remedy.Words("use it where it is:"), remedy.Again("dev up", "--port", fmt.Sprint(c.Port))).
		WithHelp(replaceFix(c, spec)...)
}

func unpublished(c Container, spec Spec) *remedy.Error {
	name := visible.String(c.Name)
	return remedy.New("container.unpublished", remedy.ExitNoServer,
		"the container %s does not publish the server's port, so that it cannot be reached from here", name).
		WithSeen(fmt.Sprintf("container %s was %s, so that it is not replaced", name, visible.String(c.Adopted()))).
		WithHelp(replaceFix(c, spec)...)
}

// replaceFix recreates the container, where that loses nothing. The volume's name is left for the user to give.
func replaceFix(c Container, spec Spec) []remedy.Advice {
	name := visible.String(c.Name)
	if !replaceable(c) {
		return []remedy.Advice{remedy.Words("or leave it alone and use an instance beside it:"), besideIt(spec)}
	}
	return []remedy.Advice{remedy.Words("or have naap recreate it; its data stays in the " + DataPlace(c.Volume) + ":"),
		remedy.Words(fmt.Sprintf("docker stop %s && docker rm %s", name, name)).And(remedy.Again("dev up", "--port", fmt.Sprint(spec.Port)))}
}

func remoteEngine(engine Info, spec Spec, port int) *remedy.Error {
	host := visible.String(engine.Host)
	e := remedy.New("docker.remote", remedy.ExitNoServer,
		"the Docker engine at %s is another machine's, and the database would be published on its %s only", host, loopback.Host).
		WithSeen(fmt.Sprintf("nothing here forwards %s to it", loopback.Address(port)))
	if rest, ok := strings.CutPrefix(engine.Host, "ssh://"); ok {
		target, _, _ := strings.Cut(rest, "/")
		e.WithFix("forward the port in another terminal, then run naap again:",
			fmt.Sprintf("ssh -N -L %d:%s:%d %s", port, loopback.Host, port, visible.String(target)))
	} else {
		e.WithFix(fmt.Sprintf("forward %s to the same port of that machine, then run naap again", loopback.Address(port)))
	}
	return e.WithHelp(remedy.Words("or use the engine of this machine:"), remedy.Line("DOCKER_CONTEXT=default ", remedy.Again("dev up")),
		remedy.Words("or none:"), remedy.Again("dev up", "--engine", "embedded"))
}

func deadWithData(c Container) *remedy.Error {
	name := visible.String(c.Name)
	return remedy.New("container.dead", remedy.ExitNoServer,
		"the container %s is dead and its data lies in no named volume, so that it is left alone", name).
		WithFix("save its data first:", fmt.Sprintf("docker cp %s:%s ./%s-data", name, visible.String(c.DataPath), name),
			"then remove it:", "docker rm "+name)
}

func strangeStatus(c Container) *remedy.Error {
	return remedy.New("container.status", remedy.ExitNoServer,
		"the container %s is in the state %q, which naap does not know", visible.String(c.Name), c.Status).
		WithFix("docker inspect " + visible.String(c.Name))
}

// otherLogin is for a server that does not let the user in, or lacks the database, and whose container was made for
// another user or database: the user can have naap use these.
func (p containerPlan) otherLogin(err error) error {
	if code := remedy.Code(err); p.madeFor == nil || code != "database.auth" && code != "database.missing" {
		return err
	}
	user, database := visible.String(p.madeFor.user), visible.String(p.madeFor.database)
	return remedy.New("container.login", remedy.ExitNoServer, "the container %s was made for the user %s and the database %s, and not for %s and %s",
		visible.String(p.Container), user, database, p.spec.User, p.spec.Database).
		WithSeen(visible.String(mask(err.Error(), p.spec))).
		WithHelp(remedy.Words("use these:"),
			remedy.Line(fmt.Sprintf("NAAP_USER=%s NAAP_DATABASE=%s ", remedy.ShellWord(user), remedy.ShellWord(database)), remedy.Again("dev up")),
			remedy.Words("or for good, in naap.toml:"),
			remedy.Words(fmt.Sprintf("user = %q", user)), remedy.Words(fmt.Sprintf("database = %q", database)),
			remedy.Words("its password, where it is not the one that is set: NAAP_PASSWORD, or password in naap.toml")).Behind(err)
}

// mountFailed reports whether a container cannot start because the file that was mounted into it is gone, such as with
// the folder it lay in.
func mountFailed(err error) bool {
	text := err.Error()
	return strings.Contains(text, "bind source path does not exist") || strings.Contains(text, "mounts denied") ||
		strings.Contains(text, "error mounting") || strings.Contains(text, "error while creating mount source path")
}
