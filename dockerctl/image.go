package dockerctl

import (
	"archive/tar"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/docker/docker/api/types/image"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

const dockerHub = "docker.io"

// imageInfo returns the image as the engine has it, or nil if it is not there. It is never pulled here.
func (e *Engine) imageInfo(ctx context.Context, ref string) (*imageState, error) {
	got, err := e.cli.ImageInspect(ctx, ref)
	if cerrdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, e.lost(ctx, "look at the image", err)
	}
	img := &imageState{Ref: ref, ID: got.ID}
	if got.Os != "" && got.Architecture != "" {
		img.Platform = got.Os + "/" + got.Architecture
	}
	if got.Config == nil {
		return img, nil
	}
	env := environment(got.Config.Env)
	img.Major, img.Libc, img.DataDir = majorOf(env, ref), libcOf(env, ref), dataDirOf(env)
	for path := range got.Config.Volumes {
		img.Volumes = append(img.Volumes, path)
	}
	return img, nil
}

func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// majorOf is PostgreSQL's major version, as the official images' environment has it, or the reference's tag if it
// names one; 0 if neither does.
func majorOf(env map[string]string, ref string) int {
	for _, text := range []string{env["PG_MAJOR"], env["PG_VERSION"], tagOf(ref)} {
		digits := text
		if i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
			digits = text[:i]
		}
		if n, err := strconv.Atoi(digits); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

// tagOf returns the tag of a reference; empty for none.
func tagOf(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	_, tag, found := strings.Cut(ref[strings.LastIndexByte(ref, '/')+1:], ":")
	if !found {
		return ""
	}
	return tag
}

// libcOf tells the C library from the environment that the official images set, or the tag. Debian's packages lie in
// /usr/lib/postgresql, which is on that image's PATH; only Alpine's image has DOCKER_PG_LLVM_DEPS.
func libcOf(env map[string]string, ref string) libc {
	switch {
	case env["DOCKER_PG_LLVM_DEPS"] != "":
		return musl
	case strings.Contains(env["PATH"], "/usr/lib/postgresql/"), strings.Contains(env["PG_VERSION"], "pgdg"):
		return glibc
	case strings.Contains(tagOf(ref), "alpine"):
		return musl
	}
	return ""
}

// libcInside tells the C library from the distribution that a container's files name; empty if they name none. It is
// for images whose environment does not tell.
func (e *Engine) libcInside(ctx context.Context, id string) libc {
	for _, name := range []string{"/usr/lib/os-release", "/etc/os-release"} {
		text, err := e.readFile(ctx, id, name)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if name, found := strings.CutPrefix(strings.TrimSpace(line), "ID="); found {
				if strings.Trim(name, `"`) == "alpine" {
					return musl
				}
				return glibc
			}
		}
	}
	return ""
}

func dataDirOf(env map[string]string) string {
	if dir := env["PGDATA"]; dir != "" {
		return dir
	}
	return defaultDataDir
}

// isPostgres reports whether an environment is that of a PostgreSQL server's image.
func isPostgres(env map[string]string, ref string) bool {
	return env["PGDATA"] != "" || env["PG_MAJOR"] != "" || strings.Contains(ref, "postgres")
}

// localImages lists the references of PostgreSQL images that the engine has, to be offered where one cannot be pulled. The
// plainest name comes first.
func (e *Engine) localImages(ctx context.Context) []string {
	list, err := e.cli.ImageList(ctx, image.ListOptions{})
	if err != nil {
		return nil
	}
	var refs []string
	for _, img := range list {
		for _, ref := range img.RepoTags {
			name, _, _ := strings.Cut(ref[strings.LastIndexByte(ref, '/')+1:], ":")
			if name == "postgres" || name == "postgresql" {
				refs = append(refs, ref)
			}
		}
	}
	slices.SortFunc(refs, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return refs
}

// imageError returns the remedy for a pull that failed.
func imageError(ref string, err error, local []string) error {
	ref = visible.String(ref)
	text := visible.String(err.Error())
	var e *remedy.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case strings.Contains(text, "toomanyrequests"):
		e = remedy.New("image.rate-limit", remedy.ExitNoServer, "the registry gives out no more images for now").
			WithFix("sign in, which raises the limit:", "docker login")
	case strings.Contains(text, "unauthorized"), strings.Contains(text, "no basic auth credentials"),
		strings.Contains(text, "authentication required"):
		e = remedy.New("image.unauthorized", remedy.ExitNoServer, "the registry asks for a login before it gives out the image %s", ref).
			WithFix(loginCommand(ref))
	case strings.Contains(text, "manifest unknown"), strings.Contains(text, "not found"),
		strings.Contains(text, "pull access denied"), strings.Contains(text, "no matching manifest"):
		e = remedy.New("image.not-found", remedy.ExitNoServer, "there is no image %s", ref).
			WithFix("see which there are: https://hub.docker.com/_/postgres/tags")
	case strings.Contains(text, "no space left on device"):
		e = remedy.New("image.disk-full", remedy.ExitNoServer, "the engine's disk is full").
			WithFix("docker system df", "docker image prune")
	default:
		e = remedy.New("image.unavailable", remedy.ExitNoServer,
			"the image %s is not here and its registry cannot be reached", ref).
			WithFix("with a connection:", "docker pull "+ref,
				"or from a machine that has it: docker save "+ref+" | gzip > postgres.tar.gz, and here:",
				"docker load -i postgres.tar.gz")
	}
	e.WithSeen(text)
	for _, have := range local {
		e.WithHelp(remedy.Words("or use one that is here:"), remedy.Again("dev up", "--image", visible.String(have)))
		break
	}
	return e.WithHelp(remedy.Words("or go on without Docker:"), remedy.Again("dev up", "--engine", "embedded"))
}

func loginCommand(ref string) string {
	domain := registryOf(ref)
	if domain == dockerHub {
		return "docker login"
	}
	return "docker login " + domain
}

func registryOf(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return dockerHub
	}
	return reference.Domain(named)
}

// readFile reads one file of a container; its error is NotFound if there is none.
func (e *Engine) readFile(ctx context.Context, id, name string) ([]byte, error) {
	body, _, err := e.cli.CopyFromContainer(ctx, id, name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	archive := tar.NewReader(body)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", name, cerrdefs.ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag == tar.TypeReg {
			return io.ReadAll(io.LimitReader(archive, maxRead))
		}
	}
}
