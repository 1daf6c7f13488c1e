package workspace

import (
	"cmp"
	"context"
	"maps"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Compose is the database's service as the workspace's compose files describe it, with every variable filled in and
// every override applied, as docker compose itself would run it.
type Compose struct {
	Project    string
	Service    string
	Container  string   // container_name, or the name that compose would choose
	Files      []string // absolute, in the order in which they override each other
	WorkingDir string   // the project's folder

	Image       string
	ImageText   string            // as written in the file, where a variable of the user's environment is part of it; otherwise ""
	ImageNames  []string          // these variables
	Platform    string            // "linux/amd64", or ""
	Environment map[string]string // env_file included
	Command     []string          // replaces the image's own; empty for that
	Entrypoint  []string
	Labels      map[string]string // the service's own
	Port        int               // on the host; 0 where the service publishes none, or leaves the choice to Docker
	User        string
	Password    string
	Database    string

	Volume     string  // real name of the data's volume; "" for an anonymous one, or none
	VolumeOf   *Volume // how it is created; nil where Volume is ""
	DataFolder string  // absolute path of a folder that is mounted instead of a volume, or ""
	DataTarget string  // where the data is mounted in the container
	InitMounts []Mount
	Mounts     []Mount // all the others

	Health     *Healthcheck // nil where the service has none
	Restart    string       // restart policy; "" for none
	ShmSize    int64        // of /dev/shm in bytes; 0 for Docker's own
	Memory     int64        // limit in bytes; 0 for none
	Networks   []Network
	ConfigHash string   // what compose compares to decide whether a container is up to date
	DependsOn  []string // service:condition:restart
	EnvFiles   []string // --env-file's, from COMPOSE_ENV_FILES
	NotTold    []string // the service's other keys in the file, which nothing above represents
	warnings   []string // compose-go's warnings
	reads      []string // absolute: the files that all this was read from, including secrets
	given      bool     // COMPOSE_FILE in the environment names Files
}

// Volume describes how compose creates a volume. Its fields, and those of the types below, go into the hash that a container
// carries of its settings; see dockerctl.Spec. A new field must be left out of it, or every container seems changed.
type Volume struct {
	Key      string // its name in the compose file
	External bool   // created outside of compose, which never creates it
	Foreign  bool   `json:"-"` // its name is not derived from the project's, so it may exist already
	Driver   string // "" for Docker's own
	Options  map[string]string
}

// Healthcheck is how compose determines that the service is healthy, for which other services may wait.
type Healthcheck struct {
	Test                           []string // CMD or CMD-SHELL first
	Interval, Timeout, StartPeriod time.Duration
	Retries                        int
}

// Mount is a file or folder of this machine, or a volume, in the container.
type Mount struct {
	Source   string // absolute path, or a volume's real name; "" for an anonymous volume
	Target   string
	ReadOnly bool
	IsVolume bool
	Made     Volume // how the volume is created; zero for an anonymous one and for anything else
}

// Network is a network that the service is in.
type Network struct {
	Key      string // its name in the compose file
	Name     string // its real name
	Aliases  []string
	External bool `json:"-"` // created outside of compose
	Create   bool // may be created if it is missing: an ordinary bridge network of the project's own
}

// InitFolder is where the image looks for scripts to run on an empty data folder.
const InitFolder = "/docker-entrypoint-initdb.d"

// loadCompose reads the compose files and picks the database's service: the one that service names, or else the one
// with one of the containers' names. It returns nil without an error where there are no compose files or no such
// service in them.
func loadCompose(ctx context.Context, src composeSource, service string, containers ...string) (*Compose, error) {
	list, err := src.paths(ctx)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		if service != "" {
			return nil, remedy.New("compose.none", remedy.ExitUsage, "no compose file in %s", visible.String(src.root)).
				WithSeen("compose.service is set to " + visible.String(service))
		}
		return nil, nil
	}
	src.filled = &filled{}
	project, warnings, err := src.load(ctx, list)
	if err != nil {
		return nil, err
	}
	name, err := pickService(project, service, containers, list)
	if name == "" || err != nil {
		return nil, err
	}
	database := project.AllServices()[name]
	dependsOn, reads := dependencies(database), src.reads(ctx, list, database)
	project, err = project.WithSelectedServices([]string{name}, types.IgnoreDependencies)
	if err != nil {
		return nil, src.explain(ctx, err, list)
	}
	for _, f := range project.Services[name].EnvFiles {
		if err := readable(ctx, f.Path); err != nil {
			return nil, err
		}
	}
	project, err = project.WithServicesEnvironmentResolved(true)
	if err != nil {
		return nil, src.explain(ctx, err, list)
	}
	c := describe(project, project.Services[name], list)
	c.ImageText, c.ImageNames = src.filled.of(c.Image, src.ownVariables(ctx, list))
	c.EnvFiles = src.explicitEnvFiles()
	c.DependsOn, c.warnings = dependsOn, warnings
	c.reads, c.given = append(reads, c.reads...), src.env["COMPOSE_FILE"] != ""
	return c, nil
}

// reads returns the files that a load of a service reads: those outside of the workspace need permission.
func (c composeSource) reads(ctx context.Context, list []string, s types.ServiceConfig) []string {
	all := c.readFrom(ctx, list)
	for _, path := range slices.Concat(c.filled.read, say.Each(s.EnvFiles, func(f types.EnvFile) string { return f.Path })) {
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}

// dependencies returns the services that a service waits for, each as service:condition:restart.
func dependencies(s types.ServiceConfig) []string {
	var list []string
	for name, d := range s.DependsOn {
		list = append(list, name+":"+d.Condition+":"+strconv.FormatBool(d.Restart))
	}
	slices.Sort(list)
	return list
}

func pickService(project *types.Project, service string, containers, files []string) (string, error) {
	all := project.AllServices()
	names := slices.Sorted(maps.Keys(all))
	if service != "" {
		if slices.Contains(names, service) {
			return service, nil
		}
		err := remedy.New("compose.service", remedy.ExitUsage, "no service %q in %s", visible.String(service),
			visible.String(strings.Join(files, ", "))).WithSeen("services: " + visible.String(strings.Join(names, ", ")))
		if near := say.Nearest(service, names); near != "" {
			err.WithFix("did you mean " + visible.String(near) + "?")
		}
		return "", err
	}
	for _, container := range containers {
		for _, name := range names {
			if all[name].ContainerName == container {
				return name, nil
			}
		}
	}
	return "", nil
}

// describe extracts what naap needs from a loaded service.
func describe(project *types.Project, s types.ServiceConfig, files []string) *Compose {
	c := &Compose{
		Project: project.Name, Service: s.Name, Container: s.ContainerName,
		Files: files, WorkingDir: project.WorkingDir,
		Image: s.Image, Platform: s.Platform, Command: s.Command, Entrypoint: s.Entrypoint,
		Environment: map[string]string{},
	}
	c.Container = cmp.Or(c.Container, project.Name+"-"+s.Name+"-1")
	for name, value := range s.Environment {
		if value != nil {
			c.Environment[name] = *value
		}
	}
	c.User = c.variable(project, s, "POSTGRES_USER")
	c.Password = c.variable(project, s, "POSTGRES_PASSWORD")
	c.Database = cmp.Or(c.variable(project, s, "POSTGRES_DB"), c.User) // which is the image's default
	c.describePort(s)
	c.describeMounts(project, s)
	var open []string
	for _, key := range s.NetworksByPriority() {
		if isOpen(project.Networks[key]) {
			open = append(open, "networks."+key)
			continue
		}
		n := Network{Key: key, Name: project.Networks[key].Name, External: bool(project.Networks[key].External), Create: isPlain(project.Networks[key])}
		if config := s.Networks[key]; config != nil {
			n.Aliases = config.Aliases
		}
		c.Networks = append(c.Networks, n)
	}
	c.Health, c.Restart, c.ShmSize = healthOf(s.HealthCheck), s.Restart, int64(s.ShmSize)
	c.Memory = int64(s.MemLimit)
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil && c.Memory == 0 {
		c.Memory = int64(s.Deploy.Resources.Limits.MemoryBytes)
	}
	c.Labels = s.Labels
	c.ConfigHash = serviceHash(s)
	c.NotTold = append(notTold(s, c.Port), open...)
	slices.Sort(c.NotTold)
	return c
}

// isOpen reports whether containers in a network are on this machine's own network, where a port that is published on
// loopback is open to other machines.
func isOpen(n types.NetworkConfig) bool {
	return slices.Contains([]string{"host", "macvlan", "ipvlan"}, n.Driver) || bool(n.External) && n.Name == "host"
}

func isPlain(n types.NetworkConfig) bool {
	return !bool(n.External) && (n.Driver == "" || n.Driver == "bridge") && len(n.DriverOpts) == 0 && len(n.Ipam.Config) == 0 && !n.Internal
}

func healthOf(h *types.HealthCheckConfig) *Healthcheck {
	if h == nil || h.Disable || len(h.Test) == 0 {
		return nil
	}
	out := &Healthcheck{Test: h.Test}
	for _, d := range []struct {
		to   *time.Duration
		from *types.Duration
	}{{&out.Interval, h.Interval}, {&out.Timeout, h.Timeout}, {&out.StartPeriod, h.StartPeriod}} {
		if d.from != nil {
			*d.to = time.Duration(*d.from)
		}
	}
	if h.Retries != nil {
		out.Retries = int(min(*h.Retries, math.MaxInt32)) // #nosec G115 -- it is bounded
	}
	return out
}

// variable returns one of the image's variables. Where it is given as NAME_FILE, which the image allows for secrets,
// the file that is mounted there is read.
func (c *Compose) variable(project *types.Project, s types.ServiceConfig, name string) string {
	if value, ok := c.Environment[name]; ok {
		return value
	}
	target := c.Environment[name+"_FILE"]
	if target == "" {
		return ""
	}
	source := ""
	for _, secret := range s.Secrets {
		at := cmp.Or(secret.Target, secret.Source)
		if !path.IsAbs(at) {
			at = "/run/secrets/" + at
		}
		if at == target {
			source = project.Secrets[secret.Source].File
		}
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind && v.Target == target {
			source = v.Source
		}
	}
	data, err := files.Read(context.Background(), source, files.Small)
	if err != nil {
		return ""
	}
	c.reads = append(c.reads, source)
	value := strings.TrimRight(string(data), "\r\n") // like the image's shell
	if strings.ContainsAny(value, "\r\n\x00") {
		return "" // a key, or a list of accounts, which no URL may show
	}
	return value
}

// describePort finds where PostgreSQL's port is published. Of a range, it takes the first port.
func (c *Compose) describePort(s types.ServiceConfig) {
	inside := uint32(5432)
	if n, err := strconv.ParseUint(c.Environment["PGPORT"], 10, 16); err == nil && n > 0 {
		inside = uint32(n)
	}
	for _, p := range s.Ports {
		if p.Target != inside || (p.Protocol != "" && p.Protocol != "tcp") {
			continue
		}
		first, _, _ := strings.Cut(p.Published, "-")
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 || n > 65535 {
			continue
		}
		c.Port = n
		return
	}
}

// describeMounts separates the mounts into the data's, the scripts of the first start, and the rest.
func (c *Compose) describeMounts(project *types.Project, s types.ServiceConfig) {
	for _, v := range s.Volumes {
		m := Mount{Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly, IsVolume: v.Type == types.VolumeTypeVolume}
		if m.IsVolume && v.Source != "" {
			config := project.Volumes[v.Source]
			m.Source = config.Name
			m.Made = Volume{
				Key: v.Source, External: bool(config.External), Foreign: isForeign(project, v.Source, config.Name),
				Driver: config.Driver, Options: config.DriverOpts,
			}
		}
		switch {
		case c.holdsData(v.Target):
			c.DataTarget = v.Target
			if m.IsVolume && v.Source != "" {
				c.Volume, c.VolumeOf = m.Source, &m.Made
			} else if v.Type == types.VolumeTypeBind {
				c.DataFolder = v.Source
			}
		case v.Target == InitFolder || strings.HasPrefix(v.Target, InitFolder+"/"):
			c.InitMounts = append(c.InitMounts, m)
		case m.IsVolume || v.Type == types.VolumeTypeBind:
			c.Mounts = append(c.Mounts, m)
		}
	}
}

// holdsData reports whether a mount at target contains the server's data folder.
func (c *Compose) holdsData(target string) bool {
	data := cmp.Or(c.Environment["PGDATA"], "/var/lib/postgresql/data")
	return target == data || strings.HasPrefix(data, strings.TrimRight(target, "/")+"/")
}

// settle applies what the compose file says to s. An instance of another name shares the service's image and login, but
// not its container, its data or its place among the project's containers.
func (c *Compose) settle(s *Settings) {
	origin := Origin{FromCompose, visible.String(c.describeFiles() + " (service " + c.Service + ")")}
	set := func(name string, field *string, value string) {
		if value != "" {
			*field = value
			s.origins[name] = origin
		}
	}
	set("image", &s.Image, c.Image)
	set("user", &s.User, c.User)
	set("password", &s.Password, c.Password)
	set("database", &s.Database, c.Database)
	if c.Port != 0 {
		s.Port = c.Port
		s.origins["port"] = origin
	}
	if s.Instance != DefaultInstance {
		return
	}
	set("container", &s.Container, c.Container)
	set("volume", &s.Volume, c.Volume)
	set("volume", &s.Volume, c.DataFolder)
}

// describeFiles returns the files' names relative to the project's folder.
func (c *Compose) describeFiles() string {
	names := make([]string, 0, len(c.Files))
	for _, f := range c.Files {
		if rel, err := filepath.Rel(c.WorkingDir, f); err == nil && !strings.HasPrefix(rel, "..") {
			f = filepath.ToSlash(rel)
		}
		names = append(names, f)
	}
	return strings.Join(names, " + ")
}

// isForeign reports whether a volume has a name that is not derived from the project's: it may exist already.
func isForeign(project *types.Project, key, name string) bool { return name != project.Name+"_"+key }

// imageFilled returns the image as written in the compose file and which variables of the user's environment are part
// of it, which a registry would see. The image is "" where there are none.
func (c *Compose) imageFilled() string {
	if c == nil || c.ImageText == "" {
		return ""
	}
	return c.ImageText + ", which tells a registry your environment's " + strings.Join(c.ImageNames, ", ")
}
