package dockerctl

import (
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// libc is the C library that orders a database's text. The order differs, so that an index made under one is wrong
// under the other.
type libc string

const (
	glibc libc = "glibc" // Debian's images
	musl  libc = "musl"  // Alpine's images
)

// State is what Observe saw. It holds all that decide needs.
type State struct {
	Engine    Info
	Container *Container   // of the wanted name; nil if there is none
	Volume    *volumeState // the container's own, or else the wanted one; nil if there is none
	Image     *imageState  // the wanted one, as the engine has it; nil if it is not there
	Own       *imageState  // the container's own, or what has its name now; nil if there is no container, or neither is there
	Recorded  *imageState  // the image that the volume's label names, if another one; nil if it is not there
	Missing   []string     // volumes that others were to make and that are not there
	Port      portState
	Init      initWay
}

// Container is the state of a container.
type Container struct {
	ID, Name string
	Status   string // created, running, paused, restarting, removing, exited, dead
	ImageRef string // as it was asked for
	ImageID  string
	Ours     bool   // made by naap
	Compose  string // the compose project that made it or knows it; empty if none
	Identity string // cluster_name it was made with; empty if it has none of ours
	SystemID string // database system identifier, for one without an identity; empty if unknown
	Init     initWay
	Settings string // hash of what it was made with; empty for one that naap did not make

	Postgres bool // it runs PostgreSQL
	Major    int  // of its image; 0 if unknown
	Libc     libc // of its image; empty if unknown

	Host string // address that the server's port is published on; empty if it isn't published
	Port int    // on that address
	Open string // how other machines reach the server: "0.0.0.0:5432", "the host's network"; empty if they do not

	Volume   string // name of the volume with the data, or the folder's path; empty if it is the container itself
	DataPath string // PGDATA
	User     string // that it was made for
	Database string

	Restart    string // restart policy
	ExitCode   int
	OOMKilled  bool
	Health     string // "starting", "healthy", "unhealthy"; "" where nobody checks
	Restarts   int
	StartedAt  time.Time
	StopSignal string
}

// volumeState is the state of a volume, or of the folder in its place.
type volumeState struct {
	Name  string
	Image string     // that filled it, by its label; empty if naap did not make it
	Data  *dataState // nil if it was not looked at, because it belongs to a container of ours
	Users []string
}

// dataState is what a volume holds, read without starting PostgreSQL.
type dataState struct {
	Empty    bool
	Major    int    // of PG_VERSION; 0 if there is none
	Libc     libc   // empty if there is no evidence
	Evidence string // what Libc was concluded from
	SystemID string // database system identifier
}

// imageState is an image as the engine has it.
type imageState struct {
	Ref, ID string
	Major   int      // PostgreSQL's; 0 if unknown
	Libc    libc     // empty if unknown
	DataDir string   // PGDATA
	Volumes []string // paths it declares as volumes

	Platform string // what it runs on, such as linux/amd64; empty if unknown
}

// running is a container that a plan was carried out for, as Ensure waits for it.
type running struct {
	Endpoint server.Endpoint
	plan     containerPlan
	exit     *exitWatch
}

// isFor reports whether an image is one for a platform, as far as that is known. A platform may have a variant as a third
// part, which the engine's word on an image lacks.
func (i *imageState) isFor(platform string) bool {
	return platform == "" || i.Platform == "" || strings.HasPrefix(platform+"/", i.Platform+"/")
}

// portState is the wanted port as this machine sees it.
type portState struct {
	Number int
	Taken  bool
	Owners []portOwner
	Free   int  // a free port near it, for the remedy; 0 if none was looked for
	Tunnel bool // the engine is on another machine, and something here forwards the port
}

// portOwner is who listens on a port.
type portOwner struct {
	Container string // its name, if it is one
	loopback.Owner
}

func (o portOwner) String() string {
	if o.Container != "" {
		return "container " + visible.String(o.Container)
	}
	return o.Owner.String()
}

// initWay is how the init script gets into the container.
type initWay string

const (
	initNone    initWay = ""
	initMounted initWay = "mounted" // bind mount, read-only
	initCopied  initWay = "copied"  // copied in before the first start: the engine cannot see this machine's file
)

// live reports whether a container of that status has its process, or will have it again by itself.
func live(status string) bool {
	return status == "running" || status == "paused" || status == "restarting"
}
