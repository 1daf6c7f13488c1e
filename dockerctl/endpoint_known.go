package dockerctl

import (
	"path/filepath"
	"strings"
)

// Runtimes that speak Docker's API.
const (
	runtimeDocker   = "Docker"
	runtimeDesktop  = "Docker Desktop"
	runtimeRootless = "Docker (rootless)"
	runtimeColima   = "Colima"
	runtimeOrbStack = "OrbStack"
	runtimeRancher  = "Rancher Desktop"
	runtimeLima     = "Lima"
	runtimePodman   = "Podman"
)

type knownSocket struct{ runtime, host string }

// knownSockets lists where each runtime's socket lies when nothing is configured, in the order of preference.
func knownSockets(o FindOptions) []knownSocket {
	if o.GOOS == "windows" {
		return []knownSocket{
			{runtimeDocker, "npipe:////./pipe/docker_engine"},
			{runtimeDesktop, "npipe:////./pipe/dockerDesktopLinuxEngine"},
			{runtimePodman, "npipe:////./pipe/podman-machine-default"},
		}
	}
	var list []knownSocket
	add := func(runtime string, parts ...string) {
		if parts[0] == "" {
			return // the folder it would lie in is not known
		}
		list = append(list, knownSocket{runtime, "unix://" + filepath.Join(parts...)})
	}
	run := o.Env("XDG_RUNTIME_DIR")
	colima := o.Env("COLIMA_HOME")
	if colima == "" {
		colima = filepath.Join(o.Home, ".colima")
	}
	lima := o.Env("LIMA_HOME")
	if lima == "" {
		lima = filepath.Join(o.Home, ".lima")
	}
	add(runtimeDocker, o.Root+"/var/run/docker.sock")
	if o.GOOS == "linux" {
		add(runtimeRootless, run, "docker.sock")
		add(runtimeRootless, o.Home, ".docker/run/docker.sock")
		add(runtimeDesktop, o.Home, ".docker/desktop/docker.sock")
	} else {
		add(runtimeDesktop, o.Home, ".docker/run/docker.sock")
	}
	add(runtimeColima, colima, "default/docker.sock")
	add(runtimeColima, o.Home, ".config/colima/default/docker.sock")
	add(runtimeColima, colima, "docker.sock")
	if o.GOOS == "darwin" {
		add(runtimeOrbStack, o.Home, ".orbstack/run/docker.sock")
	}
	add(runtimeRancher, o.Home, ".rd/docker.sock")
	add(runtimeLima, lima, "docker/sock/docker.sock")
	add(runtimeLima, lima, "default/sock/docker.sock")
	if o.GOOS == "linux" {
		add(runtimePodman, run, "podman/podman.sock")
		add(runtimePodman, o.Root+"/run/podman/podman.sock")
	} else {
		add(runtimePodman, o.Env("TMPDIR"), "podman/podman-machine-default-api.sock")
		add(runtimePodman, o.Home, ".local/share/containers/podman/machine/podman.sock")
	}
	return list
}

// runtimeOf guesses from an address which runtime listens there.
func runtimeOf(o FindOptions, host string) string {
	for _, k := range knownSockets(o) {
		if k.host == host {
			return k.runtime
		}
	}
	for _, hint := range []struct{ part, runtime string }{
		{"/.colima/", runtimeColima}, {"/colima/", runtimeColima},
		{"/.orbstack/", runtimeOrbStack},
		{"/.rd/", runtimeRancher},
		{"/.lima/", runtimeLima},
		{"podman", runtimePodman},
		{"dockerDesktop", runtimeDesktop}, {"/.docker/desktop/", runtimeDesktop},
	} {
		if strings.Contains(host, hint.part) {
			return hint.runtime
		}
	}
	return runtimeDocker
}

// programs returns the commands any of which being there means that the runtime is installed.
func programs(runtime, goos string) []string {
	switch runtime {
	case runtimeColima:
		return []string{"colima"}
	case runtimeOrbStack:
		return []string{"orb", "orbctl"}
	case runtimeRancher:
		return []string{"rdctl"}
	case runtimeLima:
		return []string{"limactl"}
	case runtimePodman:
		return []string{"podman"}
	case runtimeRootless:
		return []string{"dockerd-rootless.sh"}
	case runtimeDesktop:
		return []string{"/Applications/Docker.app/Contents/MacOS/com.docker.backend", "/opt/docker-desktop/bin/docker-desktop"}
	}
	if goos == "linux" {
		return []string{"dockerd"}
	}
	return []string{"docker"}
}

// startCommand starts an installed runtime that does not run.
func startCommand(runtime, goos string) string {
	mac := goos == "darwin"
	switch runtime {
	case runtimeColima:
		return "colima start"
	case runtimeOrbStack:
		return "orb start"
	case runtimeRancher:
		return "rdctl start"
	case runtimeLima:
		return "limactl start template://docker"
	case runtimePodman:
		if mac || goos == "windows" {
			return "podman machine start"
		}
		return "systemctl --user start podman.socket"
	case runtimeRootless:
		return "systemctl --user start docker"
	case runtimeDesktop:
		if mac {
			return "open -a Docker"
		}
		if goos == "linux" {
			return "systemctl --user start docker-desktop"
		}
	}
	switch {
	case mac:
		return "open -a Docker"
	case goos == "windows":
		return `start "" "C:\Program Files\Docker\Docker\Docker Desktop.exe"`
	}
	return "sudo systemctl start docker"
}

// restartCommand restarts a runtime that hangs.
func restartCommand(runtime, goos string) string {
	switch start := startCommand(runtime, goos); {
	case runtime == runtimeColima:
		return "colima restart"
	case runtime == runtimeOrbStack:
		return "orb restart docker"
	case strings.Contains(start, "systemctl"):
		return strings.Replace(start, " start ", " restart ", 1)
	case runtime == runtimePodman:
		return "podman machine stop && podman machine start"
	default:
		return start + "    (after quitting it)"
	}
}
