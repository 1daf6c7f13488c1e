package dockerctl

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"

	cerrdefs "github.com/containerd/errdefs"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// logLines is how many of a dead container's last lines are shown.
const logLines = 20

// died returns the remedy for a container whose process ended while it was waited for.
func (e *Engine) died(ctx context.Context, run running, code int) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d := death{ExitCode: code, Container: run.plan.Container, Volume: run.plan.Volume, Image: run.plan.Image}
	if got, err := e.cli.ContainerInspect(ctx, run.Endpoint.ContainerID); err == nil {
		d.OOMKilled, d.Said, d.Memory = got.State.OOMKilled, got.State.Error, got.HostConfig.Memory
	} else if !cerrdefs.IsNotFound(err) {
		return e.gone(ctx, run, err)
	}
	d.Lines = e.lastLines(ctx, run.Endpoint.ContainerID, run.plan.spec)
	// The engine that ends takes its containers with it, and then the engine is what the user must see to.
	if t := try(ctx, e.find, e.from); t.Failure != failNone {
		return e.gone(ctx, run, fmt.Errorf("the container ended with exit code %d", code))
	} else {
		t.client.Close()
	}
	return d.remedy(run.plan.spec)
}

// gone is for a container that can no longer be asked about.
func (e *Engine) gone(ctx context.Context, run running, err error) error {
	if cerrdefs.IsNotFound(err) {
		return remedy.New("container.removed", remedy.ExitNoServer,
			"the container %s was removed while naap waited for it", visible.String(run.plan.Container)).
			WithHelp(remedy.Again("dev up"))
	}
	return e.lost(ctx, "wait for PostgreSQL", err)
}

// death is what is known of a container that ended.
type death struct {
	Container, Volume, Image string
	ExitCode                 int
	OOMKilled                bool
	Memory                   int64  // the container's limit in bytes; 0 for none
	Said                     string // the engine's own words, if it has any
	Lines                    []string
}

// cause is a kind of death: what its log says, and what helps.
type cause struct {
	code    string
	signs   []string // any of which in the log means it
	message string
	fix     func(d death, spec Spec) []remedy.Advice
}

// causes in the order in which they are looked for: the first whose sign is in the log is it. The signs are PostgreSQL
// 16's and initdb's own words (src/backend, src/bin/initdb) and those of the images' entrypoint.
var causes = []cause{
	{"container.disk-full", []string{"No space left on device", "could not extend file", "Disk quota exceeded"},
		"the disk is full", func(d death, _ Spec) []remedy.Advice {
			return append(remedy.Lines("make room on the engine's disk, then start again:", "docker system df", "docker image prune"), remedy.Again("dev up"))
		}},
	{"container.incompatible-data", []string{"database files are incompatible with server", "is not compatible with this version"},
		"the data was made by another version of PostgreSQL", func(d death, _ Spec) []remedy.Advice {
			return []remedy.Advice{remedy.Words("use the image that made it, for example:"), remedy.Again("dev up", "--image", "postgres:15"),
				remedy.Words("or use an instance beside it:"), remedy.Naap("dev up", "--name", "other")}
		}},
	{"container.init-script", []string{"psql:/docker-entrypoint-initdb.d/", "/docker-entrypoint-initdb.d/01-init-schemas.sql: No such file", "/docker-entrypoint-initdb.d/01-init-schemas.sql: Permission denied"},
		"the init script failed on the first boot, so that the data is only half initialised", halfInitialised},
	{"container.half-initialised", []string{"exists but is not empty", "could not find the database system", "could not locate a valid checkpoint record", "invalid primary checkpoint record", "could not open file \"global/", "PG_VERSION\" is missing", "is not a valid data directory"},
		"the data directory is not whole; its first boot was interrupted, or it was damaged", halfInitialised},
	{"container.config", []string{"unrecognized configuration parameter", "invalid value for parameter", "configuration file", "invalid command-line argument", "unrecognized option", "invalid option"},
		"a setting of the server is wrong", func(d death, _ Spec) []remedy.Advice {
			return []remedy.Advice{remedy.Words("take the setting that the log names out of the command or the configuration, then:"), remedy.Again("dev up"),
				remedy.Words("if it was written with ALTER SYSTEM, it is in the volume's postgresql.auto.conf:"),
				remedy.Words(fmt.Sprintf("docker run --rm -v %s:/data --entrypoint cat %s /data/postgresql.auto.conf", shown(d.Volume), shown(d.Image)))}
		}},
	{"container.password", []string{"superuser password is not specified", "POSTGRES_PASSWORD to a non-empty"},
		"the container has no password to make the database with", func(d death, _ Spec) []remedy.Advice {
			return []remedy.Advice{remedy.Words("set one in the workspace's settings, or NAAP_PASSWORD, then:"),
				remedy.Words("docker rm " + shown(d.Container)).And(remedy.Again("dev up"))}
		}},
	{"container.port", []string{"could not bind IPv4 address", "Address already in use", "could not create any TCP/IP sockets"},
		"the server could not listen on its port", func(d death, _ Spec) []remedy.Advice {
			return []remedy.Advice{remedy.Again("dev up", "--port", "5433")}
		}},
	{"container.memory", []string{"Cannot allocate memory", "could not map anonymous shared memory", "could not resize shared memory segment", "out of memory"},
		"there is too little memory", memoryFix},
	{"container.permission", []string{"Permission denied", "Operation not permitted", "has wrong ownership", "has invalid permissions"},
		"the server may not read or write a file that it needs", func(d death, _ Spec) []remedy.Advice {
			return remedy.Lines("see whose the files are:", fmt.Sprintf("docker run --rm -v %s:/data --entrypoint ls %s -lan /data", shown(d.Volume), shown(d.Image)))
		}},
	{"container.locked", []string{"lock file \"postmaster.pid\" already exists"},
		"another server uses the same data", func(d death, _ Spec) []remedy.Advice {
			return remedy.Lines("see which container:", "docker ps --filter volume="+shown(d.Volume))
		}},
}

// causesOfRuntime are what a container's runtime (runc, crun) says when it cannot run it: no server was asked yet, and
// what is denied to the runtime is not a file of the server's.
var causesOfRuntime = []cause{
	{"container.command", []string{"executable file", "exec format error", "attempted to invoke a command that was not found"},
		"the image has no command that can be run like this", imageFix},
	{"container.cgroup", []string{"cgroup"},
		"the engine's runtime may not limit the container's resources", func(d death, _ Spec) []remedy.Advice {
			return append(remedy.Lines("a rootless engine needs cgroups of version 2 with the controllers delegated to it; see what it has:",
				"docker info --format '{{.CgroupVersion}} {{.CgroupDriver}}'", "or set no memory limit in the compose file, then:"), remedy.Again("dev up"))
		}},
	{"container.runtime", []string{"OCI ", "crun:", "crun ", "runc:", "runc create", "runc run", "oci runtime"},
		"the engine's runtime could not run it", func(d death, _ Spec) []remedy.Advice {
			return append(remedy.Lines("see how the engine runs containers, and what that is kept from (SELinux, AppArmor, a folder mounted noexec):",
				"docker info --format '{{.DefaultRuntime}} {{.SecurityOptions}}'", "try it with another image of PostgreSQL:"),
				remedy.Again("dev up", "--image", defaultImage), remedy.Words("or go on without Docker:"), remedy.Again("dev up", "--engine", "embedded"))
		}},
}

// isRuntimes reports whether words are those of a container's runtime.
func isRuntimes(said string) bool {
	return slices.ContainsFunc([]string{"OCI ", "oci runtime", "crun", "runc", "executable file"}, func(sign string) bool { return strings.Contains(said, sign) })
}

func imageFix(death, Spec) []remedy.Advice {
	return []remedy.Advice{remedy.Words("use an image of PostgreSQL:"), remedy.Again("dev up", "--image", defaultImage)}
}

func shown(s string) string { return visible.String(s) }

// halfInitialised explains what lies in the volume and how to be rid of it; only the user may.
func halfInitialised(d death, spec Spec) []remedy.Advice {
	remove := remedy.Naap("dev down", "--delete-data", "--yes="+d.Volume).And(remedy.Again("dev up"))
	if isFolder(d.Volume) {
		remove = remedy.Naap("dev down").And(remedy.Words("sudo rm -rf "+remedy.ShellWord(d.Volume)), remedy.Again("dev up"))
	}
	return []remedy.Advice{
		remedy.Words("nothing was deleted. If this was the data's first boot it holds nothing but what that boot made; then:"),
		remove,
		remedy.Words("if it holds data of yours, keep it and use an instance beside it:"),
		besideIt(spec),
	}
}

func memoryFix(d death, _ Spec) []remedy.Advice {
	if d.Memory > 0 {
		return []remedy.Advice{remedy.Words("give the container more than its " + say.Bytes(d.Memory) + ":"),
			remedy.Words(fmt.Sprintf("docker update --memory %dm --memory-swap -1 %s", d.Memory>>19, shown(d.Container))).And(remedy.Again("dev up"))}
	}
	return remedy.Lines("give the engine more memory, or stop what else it runs:", "docker stats --no-stream")
}

// classify finds the cause of a death in its log. The last resort tells the exit code.
func (d death) classify() cause {
	text := strings.Join(d.Lines, "\n")
	if d.OOMKilled {
		return cause{"container.oom", nil, "the kernel killed it, because the container's memory was used up", memoryFix}
	}
	for _, c := range causesOfRuntime {
		if isRuntimes(d.Said) && slices.ContainsFunc(c.signs, func(sign string) bool { return strings.Contains(d.Said, sign) }) {
			return c
		}
	}
	for _, c := range causes {
		for _, sign := range c.signs {
			if strings.Contains(text, sign) || strings.Contains(d.Said, sign) {
				return c
			}
		}
	}
	switch d.ExitCode {
	case 0, 130, 143:
		return cause{"container.stopped", nil, "someone stopped it", func(death, Spec) []remedy.Advice { return []remedy.Advice{remedy.Again("dev up")} }}
	case 137:
		return cause{"container.killed", nil, "someone killed it; if not a person, the machine may be out of memory",
			func(death, Spec) []remedy.Advice { return []remedy.Advice{remedy.Again("dev up")} }}
	case 126, 127:
		return cause{"container.command", nil, "the image has no command that can be run like this", imageFix}
	}
	return cause{"container.died", nil, "the log may tell why", func(death, Spec) []remedy.Advice {
		return []remedy.Advice{remedy.Naap("dev logs", "--tail", "100")}
	}}
}

func (d death) remedy(spec Spec) *remedy.Error {
	c := d.classify()
	e := remedy.New(c.code, remedy.ExitNoServer, "the container %s ended with exit code %d: %s", shown(d.Container), d.ExitCode, c.message)
	if d.OOMKilled {
		e.WithSeen("OOMKilled: true")
	}
	if d.Said != "" {
		e.WithSeen("the engine says: " + shown(mask(d.Said, spec)))
	}
	return e.WithSeen(d.Lines...).WithHelp(c.fix(d, spec)...)
}

// startFailed is for a container that the engine could not start at all.
func startFailed(p containerPlan, err error) error {
	d := death{Container: p.Container, Volume: p.Volume, Image: p.Image, ExitCode: 128, Said: err.Error()}
	c := d.classify()
	if c.code == "container.died" {
		c.code, c.message = "container.start", "the engine could not start it"
		c.fix = func(d death, _ Spec) []remedy.Advice { return remedy.Lines("docker start " + shown(d.Container)) }
	}
	return remedy.New(c.code, remedy.ExitNoServer, "the container %s did not start: %s", shown(p.Container), c.message).
		WithSeen(shown(mask(err.Error(), p.spec))).WithHelp(c.fix(d, p.spec)...)
}

func pausedMeanwhile(p containerPlan) error {
	return remedy.New("container.paused", remedy.ExitNoServer,
		"the container %s was paused while naap waited for it", shown(p.Container)).
		WithHelp(remedy.Again("dev up"))
}

func notOurs(run running, err error) error {
	e := remedy.New("port.shadowed", remedy.ExitNoServer,
		"another server than that of container %s answers on %s", shown(run.plan.Container), run.Endpoint.Address()).
		WithSeen(shown(mask(err.Error(), run.plan.spec)))
	for _, o := range loopback.Owners(run.Endpoint.Port) {
		e.WithSeen(fmt.Sprintf("port %d: %s", run.Endpoint.Port, o))
	}
	return e.WithHelp(remedy.Words("stop the other one, or use another port:"), remedy.Again("dev up", "--port", strconv.Itoa(run.Endpoint.Port+1)))
}

// lastLines returns a container's last log lines since its last start, safe to show and without the password. None if
// they cannot be had.
func (e *Engine) lastLines(ctx context.Context, id string, spec Spec) []string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	text, err := e.tail(ctx, id, logLines)
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, shown(mask(line, spec)))
		}
	}
	return lines[max(0, len(lines)-logLines):]
}

// masked stands where a password was.
const masked = "***"

// mask hides a password in a text from outside. Where it stands in a URL, an assignment or an SQL command it is hidden
// whatever it is; elsewhere unless it is so common a word (the default "postgres" is in every line) that hiding it would
// leave nothing to read and tell what it is.
func mask(text string, spec Spec) string {
	text = dburl.MaskText(text)
	secret := spec.Password
	if len(secret) < 4 || secret == spec.User || secret == spec.Database || strings.HasPrefix("postgresql", secret) {
		return text
	}
	return strings.ReplaceAll(text, secret, masked)
}
