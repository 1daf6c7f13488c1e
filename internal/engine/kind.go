package engine

import (
	"context"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// kinds are the engines, in the order in which they are tried where nothing says which one.
var kinds = []*Kind{&dockerKind, &embeddedKind, &externalKind}

const (
	nameDocker   = "docker"
	nameEmbedded = "embedded"
	nameExternal = "external"
)

// Kind is what is known of an engine without asking it.
type Kind struct {
	Name   string // as --engine takes it and status shows it
	Title  string // in a sentence: "Docker"
	Inside bool   // the server has a loopback and programs of its own: see Engine.Inside
	Lacks  Lacks
	Hints  Hints

	// data says that an instance has its data in this engine.
	data string
	// needs reports whether the server cannot be started without something of the workspace's, if it is not allowed.
	needs func(*workspace.Workspace, trust.Item) bool
	open  func(context.Context, Config) (Engine, error)
	// otherwise is what to do where this engine, which was asked for or has the data, cannot be used; nil where there is
	// nothing.
	otherwise func(r *remedy.Error, set *workspace.Settings, hasData bool)
}

// Lacks are the things that an engine does not do.
type Lacks struct {
	Stop, Logs, Stats Reason
	Events            Reason // what happens to the server is not told
}

// Reason is why something is not done, for the user to read. It is "" for what is.
type Reason string

// Err is the error of asking all the same; nil for what is done.
func (r Reason) Err() error {
	if r == "" {
		return nil
	}
	return remedy.New("engine.lacks", remedy.ExitRefused, "%s", string(r))
}

// Hints are what helps with the machine that an engine runs on, beside naap's own commands; nil where nothing does.
type Hints struct {
	Disk   remedy.Advice // what takes the space
	Memory remedy.Advice // what takes the memory
	Clock  remedy.Advice // what sets the server's clock
}

// Config is what an engine is opened with.
type Config struct {
	Workspace *workspace.Workspace
	Folder    string // the instance's, in the state folder
	Programs  program.Finder
	Getenv    func(string) string
	Bin       func() string // the folder of the server's programs, where one is set and allowed
	Last      Last

	Allowed    func(...trust.Kind) error // an error where the person has not allowed what the workspace's files say of a kind
	MayConnect func() error              // an error where the person has not allowed the server that database-url names
	IsHeldSQL  func(name string) bool    // reports whether a file's SQL reaches out and the person has not allowed that
}

// Last is what is remembered of an instance's last start: a hint, which may be lost.
type Last struct {
	Engine   string
	Port     int
	Asked    bool   // the port was asked for by a person
	Where    string // see Engine.Where
	Identity string // of the server
}

// Choices are what --engine offers: a|b|c. An external server is chosen by its URL.
func Choices() string {
	names := []string{"auto"}
	for _, k := range kinds {
		if k != &externalKind {
			names = append(names, k.Name)
		}
	}
	return strings.Join(names, "|")
}

// Second are the words of an up that has an engine start a server of another instance, beside this one's. It has a port of its
// own.
func Second(set *workspace.Settings, kind string, more ...string) []string {
	name := set.Instance + "-" + kind
	if strings.HasSuffix(set.Instance, name[len(set.Instance):]) || len(name) > longestName {
		name = kind
	}
	words := append([]string{"--name", name, "--engine", kind}, more...)
	if free := loopback.Free(set.Port+1, loopback.MayListen); free != 0 {
		words = append(words, "--port", strconv.Itoa(free))
	}
	return words
}

// longestName is how long an instance's name may be.
const longestName = 40

// Named is the engine of that name; nil where there is none.
func Named(name string) *Kind {
	for _, k := range kinds {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Needs reports whether the server cannot be started without something of the workspace's.
func (k *Kind) Needs(ws *workspace.Workspace, item trust.Item) bool { return k.needs(ws, item) }

// Open opens the engine, chosen or not.
func (k *Kind) Open(ctx context.Context, c Config) (Engine, error) { return k.open(ctx, c) }
