package dockerctl

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// wanted is what the table asks for.
func wanted(change ...func(*Spec)) Spec {
	spec := Spec{Wanted: server.Wanted{Instance: "naap", Password: secret}, Init: InitScript{Content: []byte("SELECT 1;")}}.withDefaults()
	for _, c := range change {
		c(&spec)
	}
	return spec
}

var debian16 = &imageState{Ref: "postgres:16", ID: "sha256:d16", Major: 16, Libc: glibc, DataDir: defaultDataDir}

// ours is a container that naap made, in the given status.
func ours(status string, change ...func(*Container)) *Container {
	c := &Container{
		ID: "c1", Name: "naap-db", Status: status, ImageRef: "postgres:16", ImageID: "sha256:d16", Ours: true,
		Identity: "naap:naap:0123", Init: initCopied, Postgres: true, Major: 16, Libc: glibc,
		Settings: wanted().settings(), Host: "127.0.0.1", Port: 5432, Volume: "naap-db-data", DataPath: defaultDataDir, User: "postgres", Database: "naap",
	}
	for _, f := range change {
		f(c)
	}
	return c
}

// composes is the container that docker compose makes of the same service.
func composes(status string, change ...func(*Container)) *Container {
	return ours(status, append([]func(*Container){func(c *Container) {
		c.Ours, c.Identity, c.Compose, c.Host, c.Open, c.Volume = false, "", "shop", "0.0.0.0", "0.0.0.0:5432", "shop_naap-db-data"
	}}, change...)...)
}

func TestDecide(t *testing.T) {
	taken := portState{Number: 5432, Taken: true, Owners: []portOwner{{Owner: loopback.Owner{Process: "postgres", PID: 812}}}, Free: 5433}
	pinned := func(port int) func(*Spec) { return func(s *Spec) { s.Port, s.PortPinned = port, true } }
	data := func(major int, libc libc) *volumeState {
		return &volumeState{Name: "naap-db-data", Data: &dataState{Major: major, Libc: libc, Evidence: "the proof"}}
	}
	remote := Info{Host: "ssh://dev@box", Remote: true}
	for _, test := range []struct {
		name  string
		state State
		spec  Spec
		want  action
		says  []string // in the plan's text
		code  string   // of a refusal
	}{
		{name: "nothing there", state: State{Image: debian16}, want: toCreate, says: []string{"volume naap-db-data (new)", "published on 127.0.0.1:5432"}},
		{name: "no image", state: State{}, want: toPull},
		{name: "no image and a port that is taken", state: State{Port: taken}, want: toRefuse, code: "port.taken"},
		{name: "an empty volume", state: State{Image: debian16, Volume: &volumeState{Name: "naap-db-data", Data: &dataState{Empty: true}}}, want: toCreate},
		{name: "a volume with data", state: State{Image: debian16, Volume: data(16, glibc)}, want: toCreate, says: []string{"its volume naap-db-data is there with data"}},
		{name: "a volume whose C library is unknown", state: State{Image: debian16, Volume: data(16, "")}, want: toCreate},
		{name: "a volume of another version", state: State{Image: debian16, Volume: data(15, glibc)}, want: toRefuse, code: "data.version",
			says: []string{"naap dev up --image postgres:15", "naap dev backup"}},
		{name: "a volume made by Alpine", state: State{Image: debian16, Volume: data(16, musl)}, want: toRefuse, code: "data.libc",
			says: []string{"the proof", "naap dev up --image postgres:16-alpine"}},
		{name: "a volume that naap filled with another image", want: toCreate,
			state: State{Image: debian16, Recorded: &imageState{Ref: "postgres:16-alpine", ID: "a16", Major: 16, Libc: musl},
				Volume: &volumeState{Name: "naap-db-data", Image: "postgres:16-alpine", Data: &dataState{Major: 16, Libc: musl}}},
			says: []string{"image postgres:16-alpine", "warning: the volume naap-db-data was filled by postgres:16-alpine"}},
		{name: "the same with --image", want: toRefuse, code: "data.libc",
			state: State{Image: debian16, Recorded: &imageState{Ref: "postgres:16-alpine", ID: "a16", Major: 16, Libc: musl},
				Volume: &volumeState{Name: "naap-db-data", Image: "postgres:16-alpine", Data: &dataState{Major: 16, Libc: musl}}},
			spec: wanted(func(s *Spec) { s.ImagePinned = true })},
		{name: "a volume in use", state: State{Image: debian16, Volume: &volumeState{Name: "naap-db-data", Users: []string{"other"}, Data: &dataState{Major: 16}}},
			want: toRefuse, code: "data.in-use", says: []string{"docker stop other"}},
		{name: "a port that is taken", state: State{Image: debian16, Port: taken}, want: toRefuse, code: "port.taken",
			says: []string{"process postgres (pid 812)", "naap dev up --port 5433", "postgresql://postgres@localhost:5432/naap", "postgresql://postgres@localhost:5433/naap"}},
		{name: "an engine elsewhere", state: State{Engine: remote, Image: debian16}, want: toRefuse, code: "docker.remote",
			says: []string{"ssh -N -L 5432:127.0.0.1:5432 dev@box"}},
		{name: "an engine elsewhere with a tunnel", state: State{Engine: remote, Image: debian16, Port: portState{Number: 5432, Tunnel: true}}, want: toCreate},

		{name: "ours, running", state: State{Image: debian16, Container: ours("running")}, want: toLeave},
		{name: "ours, running, no image any more", state: State{Container: ours("running")}, want: toLeave},
		{name: "ours, paused", state: State{Image: debian16, Container: ours("paused")}, want: toUnpause},
		{name: "ours, exited", state: State{Image: debian16, Container: ours("exited")}, want: toStart},
		{name: "ours, created", state: State{Image: debian16, Container: ours("created")}, want: toStart, says: []string{"never started"}},
		{name: "ours, restarting", state: State{Image: debian16, Container: ours("restarting")}, want: toRestart},
		{name: "ours, dead", state: State{Image: debian16, Own: debian16, Container: ours("dead")}, want: toRecreate, says: []string{"volume naap-db-data\n"}},
		{name: "ours, dead, its image gone", state: State{Container: ours("dead")}, want: toPull, says: []string{"image postgres:16\n"}},
		{name: "ours, dead, its image's name on another C library", state: State{Own: &imageState{Ref: "postgres:16", ID: "x", Major: 16, Libc: musl}, Container: ours("dead")}, want: toRefuse, code: "data.libc"},
		{name: "ours, dead, data in no volume", state: State{Image: debian16, Container: ours("dead", func(c *Container) { c.Volume = "" })},
			want: toRefuse, code: "container.dead", says: []string{"docker cp naap-db:"}},
		{name: "ours, dead, data in an anonymous volume", state: State{Image: debian16, Container: ours("dead", func(c *Container) { c.Volume = strings.Repeat("0a", 32) })},
			want: toRefuse, code: "container.dead"},
		{name: "ours, exited, the port taken", state: State{Image: debian16, Container: ours("exited"), Port: taken}, want: toRefuse, code: "port.taken"},
		{name: "ours, stopped, another port", state: State{Image: debian16, Own: debian16, Container: ours("exited")}, spec: wanted(func(s *Spec) { s.Port = 5544 }), want: toRecreate,
			says: []string{"published on 127.0.0.1:5544", "volume naap-db-data\n"}},
		{name: "ours, stopped, another port that is taken", state: State{Image: debian16, Container: ours("exited"), Port: portState{Number: 5544, Taken: true, Owners: []portOwner{{Container: "web"}}}},
			spec: wanted(func(s *Spec) { s.Port = 5544 }), want: toRefuse, code: "port.taken", says: []string{"docker stop web"}},
		{name: "ours, running, another port", state: State{Image: debian16, Container: ours("running")}, spec: wanted(func(s *Spec) { s.Port = 5544 }), want: toLeave,
			says: []string{"published on 127.0.0.1:5432", "warning: the container is published on port 5432, not on 5544"}},
		{name: "ours, running, another port by hand", state: State{Image: debian16, Own: debian16, Container: ours("running")}, spec: wanted(pinned(5544)), want: toRecreate},
		{name: "ours, running, another port by hand, its image gone", state: State{Container: ours("running")}, spec: wanted(pinned(5544)), want: toPull},
		{name: "ours, stopped, its volume used by another", state: State{Image: debian16, Container: ours("exited"), Volume: &volumeState{Name: "naap-db-data", Users: []string{"thief"}}},
			want: toRefuse, code: "data.in-use"},
		{name: "ours, running, an engine elsewhere", state: State{Engine: remote, Container: ours("running")}, want: toRefuse, code: "docker.remote"},
		{name: "ours, stopped, other settings", state: State{Image: debian16, Own: debian16, Container: ours("exited")},
			spec: wanted(func(s *Spec) { s.Args = []string{"-c", "max_connections=7"} }), want: toRecreate, says: []string{"other settings"}},
		{name: "ours, stopped, other settings, its image gone", state: State{Container: ours("exited")},
			spec: wanted(func(s *Spec) { s.Args = []string{"-c", "max_connections=7"} }), want: toStart, says: []string{"warning: it keeps the settings that it was made with"}},
		{name: "ours, running, other settings", state: State{Image: debian16, Own: debian16, Container: ours("running")},
			spec: wanted(func(s *Spec) { s.Memory = 1 << 30 }), want: toLeave, says: []string{"warning: it runs with other settings", "a down and then an up"}},
		{name: "ours, stopped, another image by hand", state: State{Image: &imageState{Ref: "postgres:16.9", ID: "x", Major: 16, Libc: glibc}, Own: debian16, Container: ours("exited")},
			spec: wanted(func(s *Spec) { s.Image, s.ImagePinned = "postgres:16.9", true }), want: toRecreate, says: []string{"image postgres:16.9", "volume naap-db-data\n"}},
		{name: "ours, stopped, another C library by hand", state: State{Image: &imageState{Ref: "postgres:16-alpine", ID: "x", Major: 16, Libc: musl}, Own: debian16, Container: ours("exited")},
			spec: wanted(func(s *Spec) { s.Image, s.ImagePinned = "postgres:16-alpine", true }), want: toRefuse, code: "data.libc", says: []string{"naap dev up --image postgres:16"}},
		{name: "ours, stopped, an image by hand that is not here", state: State{Own: debian16, Container: ours("exited")},
			spec: wanted(func(s *Spec) { s.Image, s.ImagePinned = "postgres:16.9", true }), want: toPull, says: []string{"image postgres:16.9"}},
		{name: "ours, in no known status", state: State{Container: ours("melting")}, want: toRefuse, code: "container.status"},

		{name: "compose's, running", state: State{Image: debian16, Container: composes("running")}, want: toAdopt,
			says: []string{"made by docker compose (project shop)", "volume shop_naap-db-data", "warning: the container is published on 0.0.0.0:5432", "warning: its data is in the volume shop_naap-db-data, not in naap-db-data", "published on 127.0.0.1:5432"}},
		{name: "compose's, exited", state: State{Image: debian16, Container: composes("exited")}, want: toStart},
		{name: "compose's, paused", state: State{Image: debian16, Container: composes("paused")}, want: toUnpause},
		{name: "compose's, dead", state: State{Image: debian16, Own: debian16, Container: composes("dead")}, want: toRecreate, says: []string{"shop_naap-db-data"}},
		{name: "compose's, another port", state: State{Image: debian16, Container: composes("exited", func(c *Container) { c.Port = 6000 })}, want: toStart,
			says: []string{"warning: the container is published on port 6000, not on 5432"}},
		{name: "compose's, another port by hand", state: State{Image: debian16, Container: composes("exited", func(c *Container) { c.Port = 6000 })}, spec: wanted(pinned(5432)),
			want: toRefuse, code: "port.other", says: []string{"naap dev up --port 6000", "docker rm naap-db"}},
		{name: "compose's, unpublished", state: State{Image: debian16, Container: composes("running", func(c *Container) { c.Host, c.Port = "", 0 })},
			want: toRefuse, code: "container.unpublished"},
		{name: "compose's, by Alpine's image", state: State{Image: debian16, Volume: data(16, musl), Container: composes("exited", func(c *Container) { c.ImageRef, c.ImageID, c.Libc = "postgres:16-alpine", "a16", musl })},
			want: toStart, says: []string{"warning: it keeps its own image postgres:16-alpine"}},
		{name: "compose's, data of another C library", state: State{Image: debian16, Volume: data(16, musl), Container: composes("exited")},
			want: toRefuse, code: "data.libc"},
		{name: "compose's, data of another version", state: State{Image: debian16, Volume: data(14, glibc), Container: composes("created")},
			want: toRefuse, code: "data.version"},
		{name: "another version, running", state: State{Image: debian16, Container: composes("running", func(c *Container) { c.Major, c.ImageRef = 15, "postgres:15" })},
			want: toRefuse, code: "container.version", says: []string{"naap dev up --image postgres:15"}},
		{name: "for another user", state: State{Image: debian16, Container: composes("running", func(c *Container) { c.User = "shop" })},
			want: toAdopt, says: []string{"warning: it was made for the user shop"}},
		{name: "no PostgreSQL at all", state: State{Image: debian16, Container: &Container{ID: "x", Name: "naap-db", Status: "running", ImageRef: "nginx"}},
			want: toRefuse, code: "container.foreign", says: []string{"docker rename naap-db", "naap dev up --name other"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := test.spec
			if spec.Instance == "" {
				spec = wanted()
			}
			p := decide(test.state, spec)
			text := p.String()
			if p.Action != test.want {
				t.Fatalf("%s, want %s:\n%s", p.Action, test.want, text)
			}
			for _, say := range test.says {
				if !strings.Contains(text, say) {
					t.Errorf("no %q in:\n%s", say, text)
				}
			}
			if test.want == toRefuse {
				if got := remedy.Code(p.Refusal); got != test.code || len(p.Refusal.Fix) == 0 {
					t.Errorf("code %s, want %s; fixes %q", got, test.code, p.Refusal.Fix)
				}
				if remedy.Exit(p.Refusal) != remedy.ExitNoServer {
					t.Errorf("exit %d", remedy.Exit(p.Refusal))
				}
			}
			if strings.Contains(text, secret) {
				t.Errorf("the password is in:\n%s", text)
			}
		})
	}
}

func TestAPlanShowsNoControlCharacters(t *testing.T) {
	evil := "\x1b]0;pwn\x07"
	p := decide(State{Image: debian16, Container: composes("running", func(c *Container) {
		c.Compose, c.Volume, c.ImageRef, c.ImageID = evil, evil, evil, "other"
	})}, wanted())
	if strings.ContainsAny(p.String(), "\x1b\x07") {
		t.Errorf("%q", p.String())
	}
}

func TestImagesTellTheirVersionAndCLibrary(t *testing.T) {
	debian := map[string]string{"PG_MAJOR": "16", "PG_VERSION": "16.4-1.pgdg120+1", "PATH": "/usr/local/bin:/bin:/usr/lib/postgresql/16/bin"}
	alpine := map[string]string{"PG_MAJOR": "16", "PG_VERSION": "16.4", "PATH": "/usr/local/bin:/bin", "DOCKER_PG_LLVM_DEPS": "llvm15-dev"}
	for _, test := range []struct {
		env   map[string]string
		ref   string
		major int
		libc  libc
	}{
		{debian, "postgres:16", 16, glibc},
		{alpine, "postgres:16", 16, musl},
		{nil, "registry.example:5000/postgres:15.3-alpine3.18", 15, musl},
		{nil, "registry.example:5000/postgres", 0, ""},
		{nil, "postgres:16@sha256:abc", 16, ""},
		{nil, "postgres:latest", 0, ""},
	} {
		if major, libc := majorOf(test.env, test.ref), libcOf(test.env, test.ref); major != test.major || libc != test.libc {
			t.Errorf("%s: %d %s, want %d %s", test.ref, major, libc, test.major, test.libc)
		}
	}
}
