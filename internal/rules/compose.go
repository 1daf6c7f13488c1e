package rules

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// service is a service of a compose file, as far as the rules need it.
type service struct {
	name  string
	file  *file
	key   *yaml.Node // its name
	node  *yaml.Node
	image string     // its own, or the one that it inherits
	at    *yaml.Node // what makes it a database: the image, extends or build
}

// services returns the services of a compose file. A file whose "services" is not a mapping is not a compose file.
func (r *run) services(f *file) []service {
	if f.yaml == nil {
		return nil
	}
	var list []service
	for _, doc := range f.yaml.docs {
		for _, p := range pairs(child(doc, "services")) {
			if p.value.Kind != yaml.MappingNode {
				continue
			}
			s := service{name: p.key.Value, file: f, key: p.key, node: p.value}
			s.image, s.at = r.imageOf(s, 0)
			list = append(list, s)
		}
	}
	return list
}

// imageOf returns a service's image, its own or through extends or build, and the node that says so.
func (r *run) imageOf(s service, depth int) (string, *yaml.Node) {
	if n := child(s.node, "image"); n != nil {
		if b := child(s.node, "build"); b == nil || isDatabaseImage(n.Value) {
			return n.Value, n
		}
	}
	if n := child(s.node, "extends"); n != nil && depth < 10 {
		if base, ok := r.extended(s, n); ok {
			if image, at := r.imageOf(base, depth+1); at != nil {
				return image, n
			}
		}
	}
	if n := child(s.node, "build"); n != nil {
		if image := r.builtFrom(s, n); image != "" {
			return image, n
		}
	}
	return "", nil
}

// extended returns the service that extends names, in this file or another.
func (r *run) extended(s service, n *yaml.Node) (service, bool) {
	name, f := n.Value, s.file
	if n.Kind == yaml.MappingNode {
		name = scalar(n, "service")
		if other := scalar(n, "file"); other != "" {
			f = r.files[path.Join(path.Dir(s.file.path), other)]
		}
	}
	if f == nil || f.yaml == nil {
		return service{}, false
	}
	for _, doc := range f.yaml.docs {
		if node := child(child(doc, "services"), name); node != nil {
			return service{name: name, file: f, node: node}, true
		}
	}
	return service{}, false
}

var inlineFrom = lazy.Regexp{Text: `(?im)^\s*FROM\s+(\S+)`}

// builtFrom returns the base image of the last stage of the service's Dockerfile.
func (r *run) builtFrom(s service, build *yaml.Node) string {
	if m := inlineFrom.Get().FindStringSubmatch(scalar(build, "dockerfile_inline")); m != nil {
		return m[1]
	}
	f := r.files[dockerfileOf(s.file, build)]
	if f == nil || f.docker == nil || len(f.docker.Stages) == 0 {
		return ""
	}
	return f.docker.Stages[len(f.docker.Stages)-1].Image
}

// dockerfileOf returns the path of the Dockerfile that a service of a compose file is built from.
func dockerfileOf(compose *file, build *yaml.Node) string {
	context, name := build.Value, "Dockerfile"
	if build.Kind == yaml.MappingNode {
		context, name = scalar(build, "context"), cmp.Or(scalar(build, "dockerfile"), name)
	}
	return path.Join(path.Dir(compose.path), context, name)
}

// isTheOne reports whether a database service is the one database, or the same database deployed elsewhere.
//
// On a developer's machine, that is the service whose container is Options.Container. A stack for another place, such
// as docker-compose.production.yml, has containers with names of its own; its service is the one database there if its
// database has the same name (POSTGRES_DB), and the same init script gives it the same schemas. Both are needed: a
// plugin's private database has neither.
func (r *run) isTheOne(s service) bool {
	database := r.databaseOf(s)
	if expand(scalar(s.node, "container_name")) == r.options.Container && r.describesTheOne(s.file) {
		return true // rule 5 reports a database with another name
	}
	if s.name == r.options.Service && scalar(s.node, "container_name") == "" && r.overridesTheOne(s) {
		return true
	}
	return database == r.options.Database && r.mountsInit(s)
}

// describesTheOne reports whether a compose file may describe the one container: it is the workspace's own, an override
// or an example of it, or a stack for another place. A plugin's file that uses the same name would replace it.
func (r *run) describesTheOne(f *file) bool {
	if isProduction(f.path) {
		return true
	}
	top, _, _ := strings.Cut(f.path, "/")
	return !slices.Contains([]string{"plugins", "examples", "services", "apps"}, top)
}

// databaseOf returns the database that a service creates, or "" if the file does not say.
func (r *run) databaseOf(s service) string {
	for _, v := range environment(child(s.node, "environment")) {
		if v.name == "POSTGRES_DB" || v.name == "POSTGRESQL_DATABASE" {
			return expand(v.value)
		}
	}
	return ""
}

// overridesTheOne reports whether the file is an override of the one that defines the one database: it is in the same
// folder and named as an override, so that its service of the same name is the same container.
func (r *run) overridesTheOne(s service) bool {
	if !strings.Contains(path.Base(s.file.path), "override") {
		return false
	}
	for _, name := range []string{"docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"} {
		base := r.files[path.Join(path.Dir(s.file.path), name)]
		if base == nil {
			continue
		}
		for _, other := range r.services(base) {
			if other.name == s.name && r.isTheOne(other) {
				return true
			}
		}
	}
	return false
}

func (r *run) mountsInit(s service) bool {
	for _, v := range items(child(s.node, "volumes")) {
		source := v.Value
		if v.Kind == yaml.MappingNode {
			source = scalar(v, "source")
		} else {
			source, _, _ = strings.Cut(source, ":")
		}
		if path.Join(path.Dir(s.file.path), source) == r.options.InitSQL {
			return true
		}
	}
	return false
}
