package dockerctl

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// What an instance gets by default.
const (
	defaultImage = "postgres:16"

	// InitTarget is where the image looks for the script it runs on an empty volume.
	InitTarget = "/docker-entrypoint-initdb.d/01-init-schemas.sql"

	defaultDataDir = "/var/lib/postgresql/data"
	serverPort     = 5432
)

// Spec describes the container to run. The zero value of a field means the default, where one is named.
type Spec struct {
	server.Wanted

	Container string // "naap-db"
	Volume    string // "naap-db-data", or the absolute path of a folder of the engine's machine

	Image       string // defaultImage; a reference as docker pull takes it
	ImagePinned bool   // the user asked for this image: nothing else will do

	Init InitScript

	VolumeMade workspace.Volume  // how the volume is made where it is not there
	DataTarget string            // where the volume is mounted; empty for where the image has its data
	Mounts     []workspace.Mount // further ones

	Args       []string          // further arguments of the server, such as -c max_connections=200
	Entrypoint []string          // in place of the image's; it has to run the command that it is given
	Platform   string            // that an image is pulled for, such as linux/amd64; empty for the engine's own
	Labels     map[string]string // further labels of the container

	Env     map[string]string      // further environment of the container
	Memory  int64                  // limit in bytes; 0 for none
	ShmSize int64                  // of /dev/shm in bytes; 0 for Docker's 64 MB
	Restart string                 // restart policy: "", "no", "always", "unless-stopped", "on-failure"
	Health  *workspace.Healthcheck // of the compose service, which others wait for; or nil

	Compose *workspace.Compose // the compose service this container stands for, so that docker compose takes it for its own; or nil
}

// InitScript is the SQL that the image runs on an empty volume.
type InitScript struct {
	Path    string // on this machine, absolute; empty if it is only in memory
	Content []byte // read from Path where nil
	Target  string // InitTarget; where it is in the container, in the folder whose scripts the image runs in order
}

// String names the spec without its password.
func (s Spec) String() string {
	return fmt.Sprintf("container %s of %s on port %d", s.Container, s.Image, s.Port)
}

func (s Spec) withDefaults() Spec {
	s.Wanted = s.WithDefaults()
	s.Container, s.Volume, s.Image = cmp.Or(s.Container, "naap-db"), cmp.Or(s.Volume, "naap-db-data"), cmp.Or(s.Image, defaultImage)
	s.Init.Target = cmp.Or(s.Init.Target, InitTarget)
	if s.Compose != nil && (s.Compose.ConfigHash == "" || len(s.Compose.NotTold) > 0) {
		// The file's own would say that the container is what compose makes of it.
		c := *s.Compose
		c.ConfigHash = ownHash(&c)
		s.Compose = &c
	}
	return s
}

// ownHash stands for a configuration that is none of compose's.
func ownHash(c *workspace.Compose) string {
	sum := sha256.Sum256([]byte(c.Project + "/" + c.Service))
	return hex.EncodeToString(sum[:])
}

// script returns the init script's text, nil if there is none.
func (s Spec) script() ([]byte, error) {
	if s.Init.Content != nil || s.Init.Path == "" {
		return s.Init.Content, nil
	}
	text, err := files.ReadNow(s.Init.Path, files.SQL)
	if err != nil {
		return nil, fmt.Errorf("read the init script: %w", err)
	}
	return text, nil
}

// settings returns a hash of what a container is made with and cannot be changed later, the port and the image aside,
// which are compared by themselves. User, password and database are none of it: they act on the first boot only.
func (s Spec) settings() string {
	// Maps are marshalled in the order of their keys.
	text, err := json.Marshal([]any{s.Args, s.Env, s.Memory, s.ShmSize, s.Restart, s.Health, hashed(s.Compose),
		s.DataTarget, s.Mounts, s.Entrypoint, s.Labels})
	if err != nil {
		return "" // plain values are always marshalled
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// hashed returns what of a compose service is in the hash of settings, under the names that earlier naaps gave to it: with
// others their containers would seem to be made with other settings.
func hashed(c *workspace.Compose) any {
	if c == nil {
		return nil
	}
	return struct {
		Project, Service, ConfigHash, WorkingDir string
		ConfigFiles, EnvFiles, DependsOn         []string
		Version                                  string // is not known
		Networks                                 []workspace.Network
		NotTold                                  []string
	}{c.Project, c.Service, c.ConfigHash, c.WorkingDir, c.Files, c.EnvFiles, c.DependsOn, "", c.Networks, c.NotTold}
}
