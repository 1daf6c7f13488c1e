package dockerctl

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	dcontext "github.com/docker/cli/cli/context"
	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"
	"github.com/docker/cli/opts"

	"github.com/livepeer/naap-dev/internal/program"
)

// Patience is how long an engine that has answered its ping may take for the answer to a question, where FindOptions
// say nothing else. It is a variable for the tests of the whole program, which have engines that never answer.
var Patience = 10 * time.Second

// FindOptions says where to look for an engine. The zero value looks at this process's own surroundings.
type FindOptions struct {
	Env      func(string) string // os.Getenv
	Home     string              // the user's home folder
	GOOS     string              // runtime.GOOS
	Timeout  time.Duration       // for one socket to answer; 2 s. Engines on other machines get five times that
	Patience time.Duration       // for the answer to a question to an engine that has answered; 10 s
	Programs program.Finder      // finds docker, ssh and the helpers that keep registries' passwords
	Root     string              // before every absolute path of a known socket; empty but in tests
}

func (o FindOptions) withDefaults() FindOptions {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Home == "" {
		o.Home, _ = os.UserHomeDir()
	}
	o.GOOS = cmp.Or(o.GOOS, runtime.GOOS)
	o.Timeout = cmp.Or(o.Timeout, 2*time.Second)
	o.Patience = cmp.Or(o.Patience, Patience)
	if o.Programs.IsZero() {
		o.Programs = program.Here()
	}
	return o
}

func (o FindOptions) configDir() string {
	if dir := o.Env("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	return filepath.Join(o.Home, ".docker")
}

// candidate is one place where an engine may be.
type candidate struct {
	Source  string // why it is looked at: "DOCKER_HOST", "context colima", "known socket"
	Host    string // unix:///var/run/docker.sock
	Runtime string // what would be listening there, as known from the path; "Docker" if from nothing
	err     error  // it cannot even be tried: a context that doesn't exist, a certificate that cannot be read

	endpoint docker.Endpoint
}

// candidates lists where to look, in the order of the docker command: DOCKER_HOST, DOCKER_CONTEXT, the current context
// of its config. Each of these is what the user chose, so that the list is then that one alone and explicit is true;
// without any, the list is the known sockets.
func candidates(o FindOptions) (list []candidate, explicit bool) {
	if host := o.Env("DOCKER_HOST"); host != "" {
		return []candidate{fromHost(o, host)}, true
	}
	source := "DOCKER_CONTEXT"
	name := o.Env("DOCKER_CONTEXT")
	if name == "" {
		source = "the docker config's current context"
		cfg, err := loadConfig(o)
		if err != nil {
			return []candidate{{Source: source, Runtime: runtimeDocker, err: err}}, true
		}
		name = cfg.CurrentContext
	}
	if name != "" && name != "default" {
		return []candidate{fromContext(o, source, name)}, true
	}
	return knownCandidates(o), false
}

func knownCandidates(o FindOptions) (list []candidate) {
	for _, k := range knownSockets(o) {
		c := candidate{Source: "known socket", Host: k.host, Runtime: k.runtime}
		c.endpoint.Host = k.host
		list = append(list, c)
	}
	return list
}

func loadConfig(o FindOptions) (*configfile.ConfigFile, error) {
	return config.Load(o.configDir())
}

func fromHost(o FindOptions, value string) candidate {
	c := candidate{Source: "DOCKER_HOST", Host: value}
	verify := o.Env("DOCKER_TLS_VERIFY") != ""
	withTLS := verify || o.Env("DOCKER_TLS") != ""
	host, err := opts.ParseHost(withTLS, value)
	if err != nil {
		c.err = fmt.Errorf("read DOCKER_HOST: %w", err)
		return c
	}
	c.Host, c.Runtime = host, runtimeOf(o, host)
	c.endpoint.Host = host
	if !withTLS {
		return c
	}
	c.endpoint.SkipTLSVerify = !verify
	c.endpoint.TLSData, c.err = tlsFromEnv(o)
	return c
}

// tlsFromEnv reads ca.pem, cert.pem and key.pem of DOCKER_CERT_PATH; those that aren't there are left out, as the
// docker command does.
func tlsFromEnv(o FindOptions) (*dcontext.TLSData, error) {
	dir := o.Env("DOCKER_CERT_PATH")
	if dir == "" {
		dir = o.configDir()
	}
	file := func(name string) string {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return ""
		}
		return path
	}
	data, err := dcontext.TLSDataFromFiles(file("ca.pem"), file("cert.pem"), file("key.pem"))
	if err != nil {
		return nil, fmt.Errorf("read the TLS files of DOCKER_CERT_PATH: %w", err)
	}
	return data, nil
}

func fromContext(o FindOptions, source, name string) candidate {
	c := candidate{Source: fmt.Sprintf("%s (%s)", source, name), Runtime: runtimeDocker}
	contexts := store.New(filepath.Join(o.configDir(), "contexts"), store.NewConfig(
		func() any { return &map[string]any{} },
		store.EndpointTypeGetter(docker.DockerEndpoint, func() any { return &docker.EndpointMeta{} }),
	))
	meta, err := contexts.GetMetadata(name)
	if err != nil {
		c.err = fmt.Errorf("read the context %q: %w", name, err)
		return c
	}
	endpoint, err := docker.EndpointFromContext(meta)
	if err != nil {
		c.err = fmt.Errorf("read the context %q: %w", name, err)
		return c
	}
	c.Host, c.Runtime = endpoint.Host, runtimeOf(o, endpoint.Host)
	c.endpoint, c.err = docker.WithTLSData(contexts, name, endpoint)
	return c
}
