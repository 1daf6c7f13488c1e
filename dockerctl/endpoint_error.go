package dockerctl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// unreachable returns the remedy for when none of the candidates is an engine. others are engines that do answer, but
// are not the one the user chose.
func unreachable(o FindOptions, all, others []tried) *remedy.Error {
	e := remedy.New("docker.unreachable", remedy.ExitNoServer, "no Docker engine answers")
	if len(all) == 1 {
		e.Message = fmt.Sprintf("the Docker engine at %s does not answer", visible.String(all[0].Host))
		if all[0].Host == "" {
			e.Message = "the Docker engine that is configured cannot be used"
		}
	}
	for _, t := range all {
		e.WithSeen(t.line())
	}
	for _, t := range others {
		e.WithSeen(fmt.Sprintf("%s: %s answers, but is not the one that is chosen", visible.String(t.Host), t.Runtime))
	}
	var fixes []string
	for _, t := range all {
		for _, fix := range fixFor(o, t) {
			if !slices.Contains(fixes, fix) {
				fixes = append(fixes, fix)
			}
		}
	}
	if len(others) > 0 {
		fixes = append(fixes, "use the engine that answers:", "unset DOCKER_HOST DOCKER_CONTEXT; docker context use default")
	}
	if len(fixes) == 0 {
		fixes = append(fixes, "install Docker: https://docs.docker.com/get-started/get-docker/")
	}
	return e.WithFix(fixes...)
}

// line returns what came of one candidate.
func (t tried) line() string {
	line := fmt.Sprintf("%s at %s (%s): %s", t.Runtime, t.Host, t.Source, t.Failure)
	if t.Host == "" {
		line = fmt.Sprintf("%s: %s", t.Source, t.Failure)
	}
	if t.Err != nil && t.Failure != failNotInstalled {
		line += ": " + t.Err.Error()
	}
	return visible.String(line)
}

// fixFor returns what helps with one candidate; nothing for a runtime that isn't installed.
func fixFor(o FindOptions, t tried) []string {
	switch t.Failure {
	case failNotRunning, failSilent:
		return []string{startCommand(t.Runtime, o.GOOS)}
	case failPermission:
		return permissionFix(o, t)
	case failNotDocker:
		return []string{fmt.Sprintf("%s is not a Docker engine; name the right one:", visible.String(t.Host)),
			"docker context ls"}
	case failTooOld:
		return []string{"upgrade Docker to 20.10 or later: https://docs.docker.com/engine/install/"}
	case failTLS:
		return []string{"make the certificates fit: DOCKER_TLS_VERIFY, DOCKER_CERT_PATH, or the context's:",
			"docker context inspect"}
	case failUnreachable:
		return unreachableFix(t)
	case failConfig:
		return []string{"docker context ls", "docker context use default"}
	}
	return nil
}

func permissionFix(o FindOptions, t tried) []string {
	if t.Runtime == runtimeDocker && o.GOOS == "linux" {
		return []string{"sudo usermod -aG docker $USER && newgrp docker"}
	}
	path := strings.TrimPrefix(t.Host, "unix://")
	return []string{"ls -l " + visible.String(path)}
}

func unreachableFix(t tried) []string {
	if rest, ok := strings.CutPrefix(t.Host, "ssh://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		return []string{"ssh " + visible.String(host) + " docker version"}
	}
	return []string{"docker -H " + visible.String(t.Host) + " version"}
}
