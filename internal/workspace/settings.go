package workspace

import (
	"net"
	"net/url"
	"strconv"
	"time"
)

// Settings are the settings in effect: a flag wins over the environment, the environment over naap.toml, naap.toml over
// the compose file, and the compose file over the default. Origin returns where each came from.
type Settings struct {
	Instance    string // a name; determines the container's and volume's names and the state folder
	Engine      string // "auto", "docker" or "embedded"
	DatabaseURL string // a server that naap did not start; "" for one of its own
	Container   string // derived: the compose service's container name, or the instance's
	Volume      string // a volume's name, or the absolute path of a folder that is mounted instead
	Image       string
	Port        int // on 127.0.0.1
	User        string
	Password    string // in force: the setting's, or the one that the state folder keeps
	PasswordIs  PasswordSettings
	Database    string
	PostgresBin string // folder of the embedded engine's programs; "" to look for one
	Embedded    EmbeddedSettings
	Docker      DockerSettings
	Compose     ComposeSettings

	Schema      string // absolute path of the Prisma file or folder; "" to look at the usual places
	External    ExternalSettings
	InitSQL     string        // absolute path of the script that creates the schemas; "" to look at the usual places
	NoPush      bool          // up leaves the tables alone
	NoSeed      bool          // up leaves the rows alone
	LockTimeout time.Duration // how long a change waits for another session's lock on a table
	Seed        SeedSettings
	Push        PushSettings
	Migrate     MigrateSettings
	Undo        UndoSettings
	Restore     RestoreSettings
	TUI         TUISettings
	Check       CheckSettings
	Fake        []FakeRule        // for the columns of made-up rows, from naap.toml only
	Owners      map[string]string // schema → plugin, from naap.toml only

	origins map[string]Origin
}

// EmbeddedSettings are those of the embedded engine.
type EmbeddedSettings struct {
	Confined bool // the server can reach only its data and the system's files, where the system can enforce that
}

// DockerSettings choose the engine's endpoint.
type DockerSettings struct {
	Context string // a context of the docker command; "" for the one that it would use
}

// ComposeSettings choose what is read from compose files.
type ComposeSettings struct {
	Files   []string // absolute; empty for the files that docker compose would read
	Service string   // the database's service; "" for the one whose container has the instance's name
}

// ExternalSettings name what is in the schemas and something else manages, in addition to what prisma.config says.
type ExternalSettings struct{ Tables, Enums []string } // schema.name

// SeedSettings choose where rows come from.
type SeedSettings struct {
	Folder  string // absolute; "" for the workspace's seeds folder
	Command string // a shell command that replaces the one in package.json; "-" for none

	Commands []SeedEntry // those of naap.toml, where it has a list
}

// MigrateSettings choose where migrations come from, and whether up runs them.
type MigrateSettings struct {
	Folder string // absolute; "" for the folder that Prisma would use
	Use    string // "auto", "push" or "migrate"
}

// UndoSettings limit what undo keeps; the oldest is dropped first when any limit is exceeded. Zero means no limit.
type UndoSettings struct {
	Keep    int // entries
	MaxAge  time.Duration
	MaxSize Bytes
}

// RestoreSettings limit how many replaced databases are kept. A restore that would drop one says so first. Zero means
// no limit.
type RestoreSettings struct {
	Keep    int // databases
	MaxSize Bytes
}

// TUISettings are the settings of the terminal app.
type TUISettings struct {
	Theme string
	ASCII bool
	Mouse bool
	Keys  map[string][]string // action → keys; an action that is missing keeps its defaults
}

// CheckSettings are exceptions to the rules, and names for them.
type CheckSettings struct {
	Allow    []Exception
	Prefixes map[string][]string // schema → what its models' names may begin with
}

// Exception accepts findings of one rule below one path.
type Exception struct {
	Path   string // a pattern relative to the workspace's root, ** included
	Rule   string
	Reason string
	Line   int // in naap.toml
}

// Origin is where a setting's value came from.
type Origin struct {
	Layer Layer
	Where string // the flag, variable or file:line; "" for a default
}

// Layer is one of the places that a value can come from. A greater one wins.
type Layer int

const (
	FromDefault Layer = iota
	FromCompose
	FromFile
	FromEnvironment
	FromFlag
)

// PasswordSettings are what Settings.Password is derived from.
type PasswordSettings struct {
	Random bool   // a random one was requested
	Plain  string // the password without a random one: the setting, the compose file's, or the default
	Kept   bool   // Password is the one that the state folder keeps
	Next   string // the one that an interrupted change may have made the role's, or empty
}

// String returns the origin as `naap config` shows it.
func (o Origin) String() string {
	switch o.Layer {
	case FromFlag:
		return "flag --" + o.Where
	case FromEnvironment:
		return "environment " + o.Where
	case FromFile, FromCompose:
		return o.Where
	default:
		return "default"
	}
}

// Origin returns where a setting's value came from, by the setting's name: "port", "undo.keep".
func (s *Settings) Origin(name string) Origin { return s.origins[name] }

// IsSet reports whether the value was chosen: whether it is not the default.
func (s *Settings) IsSet(name string) bool { return s.origins[name].Layer != FromDefault }

// IsPinned reports whether the user asked for the value, for this run or in a settings file; a compose file describes
// the container, and a default asks for nothing.
func (s *Settings) IsPinned(name string) bool { return s.origins[name].Layer > FromCompose }

// IsExternal reports whether the settings name a server that naap did not start.
func (s *Settings) IsExternal() bool { return s.DatabaseURL != "" }

// URL returns the connection URL of the instance's database on this machine at a port. It contains the password: it is
// for connecting and for the verbs whose purpose is to print it.
func (s *Settings) URL(host string, port int) string {
	u := url.URL{
		Scheme: "postgresql", User: url.UserPassword(s.User, s.Password),
		Host: net.JoinHostPort(host, strconv.Itoa(port)), Path: "/" + s.Database,
	}
	return u.String()
}
