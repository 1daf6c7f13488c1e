package dockerctl

import (
	"fmt"
	"net"
	"strings"

	"github.com/livepeer/naap-dev/internal/loopback"
)

// decide says what is to be done so that spec's server runs, given what is there. It is pure. What exists is adopted
// rather than replaced; only a container of our own, or one that can never start again, is recreated, and only if its
// data lies in a volume, which stays.
func decide(s State, spec Spec) containerPlan {
	spec = spec.withDefaults()
	p := containerPlan{
		Container: spec.Container, Image: spec.Image, Volume: spec.Volume,
		Host: loopback.Host, Port: spec.Port, Init: s.Init, spec: spec, image: s.Image,
	}
	if s.Container != nil {
		return decideContainer(p, s, *s.Container, spec)
	}
	return decideCreation(p, s, spec)
}

// decideContainer is for a container that exists.
func decideContainer(p containerPlan, s State, c Container, spec Spec) containerPlan {
	p.ContainerID, p.Image, p.Volume = c.ID, c.ImageRef, c.Volume
	p.Identity, p.SystemID, p.Adopted, p.image = c.Identity, c.SystemID, c.Adopted(), s.Own
	p.dataPath = c.DataPath
	if p.Init = initNone; c.Status == "created" {
		p.Init = c.Init // of no use once it has been started
	}
	if !c.Postgres {
		return p.refuses(notPostgres(c))
	}
	if want := wantedMajor(s, spec); want > 0 && c.Major > 0 && c.Major != want {
		return p.refuses(otherVersion(c, want, spec))
	}
	if bad := dataMismatch(s.Volume, c.Major, c.Libc, c.ImageRef, spec); bad != nil {
		if !live(c.Status) {
			return p.refuses(bad)
		}
		p = p.warn("%s", bad.Message) // it runs already; what there is to be spoilt is
	}
	if s.Volume != nil && len(s.Volume.Users) > 0 && !live(c.Status) {
		return p.refuses(volumeInUse(s.Volume, spec))
	}
	if next, done := decidePort(p, s, c, spec); done {
		return next
	}
	p.Host, p.Port = reachable(c.Host), c.Port
	p = contentWarnings(p, s, c, spec)
	if s.Engine.Remote && !s.Port.Tunnel {
		return p.refuses(remoteEngine(s.Engine, spec, c.Port))
	}
	return decideStatus(p, s, c, spec)
}

// decideStatus is for a container that suits, by what it is doing.
func decideStatus(p containerPlan, s State, c Container, spec Spec) containerPlan {
	switch c.Status {
	case "running":
		if c.Ours {
			return p.does(toLeave, "it runs")
		}
		return p.does(toAdopt, "it runs, %s", p.Adopted)
	case "paused":
		return p.does(toUnpause, "it is paused")
	case "restarting":
		return p.does(toRestart, "it is between two attempts of its restart policy, the last one ended with exit code %d", c.ExitCode)
	case "created", "exited":
		if s.Port.Taken {
			return p.refuses(portTaken(s.Port, spec))
		}
		p, done := decideChanged(p, s, c, spec)
		if done {
			return p
		}
		if c.Status == "created" {
			return p.does(toStart, "it was made and never started")
		}
		return p.does(toStart, "it stopped with exit code %d", c.ExitCode)
	case "dead":
		if !replaceable(c) {
			return p.refuses(deadWithData(c))
		}
		if s.Port.Taken {
			return p.refuses(portTaken(s.Port, spec))
		}
		return p.recreates(s, "it is dead: the engine could not remove it wholly, and it can never start again")
	}
	return p.refuses(strangeStatus(c))
}

// decidePort is about a container that is published elsewhere than wanted, or not at all. done is false if the
// container may stay where it is.
func decidePort(p containerPlan, s State, c Container, spec Spec) (next containerPlan, done bool) {
	if c.Port == spec.Port {
		return p, false
	}
	stopped := c.Status != "running" && c.Status != "paused"
	if c.Ours && replaceable(c) && (stopped || spec.PortPinned) {
		// Our own container is no more than its settings: it moves to the port that is asked for.
		if s.Port.Taken && s.Port.Number == spec.Port {
			return p.refuses(portTaken(s.Port, spec)), true
		}
		return p.recreates(s, "it is published on port %d, and %d is asked for", c.Port, spec.Port), true
	}
	if c.Port == 0 {
		return p.refuses(unpublished(c, spec)), true
	}
	if spec.PortPinned {
		return p.refuses(otherPort(c, spec)), true
	}
	return p, false
}

// decideChanged is about a stopped container of our own that was made with other settings than are wanted now. It is no
// more than its settings, so that it is recreated.
func decideChanged(p containerPlan, s State, c Container, spec Spec) (next containerPlan, done bool) {
	if !c.Ours || !replaceable(c) {
		return p, false
	}
	if spec.ImagePinned && c.ImageRef != spec.Image {
		if s.Image == nil {
			p.Image = spec.Image
			return p.does(toPull, "the image is not here"), true
		}
		made := &volumeState{Name: c.Volume, Image: c.ImageRef, Data: &dataState{Major: c.Major, Libc: c.Libc, Evidence: "the container has the image " + c.ImageRef}}
		if bad := dataMismatch(made, s.Image.Major, s.Image.Libc, spec.Image, spec); bad != nil {
			return p.refuses(bad), true
		}
		p.Image, p.image = spec.Image, s.Image
		return p.recreates(s, "it has the image %s, and %s is asked for", c.ImageRef, spec.Image), true
	}
	if c.Settings != spec.settings() {
		if p.image == nil {
			return p.warn("it keeps the settings that it was made with: its image %s is not here any more", c.ImageRef), false
		}
		return p.recreates(s, "it was made with other settings"), true
	}
	return p, false
}

// recreates is does for a container that is recreated: it gets an identity and a script of its own. Its image has to be
// there before anything is removed.
func (p containerPlan) recreates(s State, format string, args ...any) containerPlan {
	if p.image == nil {
		return p.does(toPull, "the image is not here any more")
	}
	if c := s.Container; p.image.ID != c.ImageID && p.Image == c.ImageRef {
		// The reference names another image by now, which has to fit the data as any other.
		made := &volumeState{Name: c.Volume, Image: c.ImageID, Data: &dataState{Major: c.Major, Libc: c.Libc, Evidence: "the container was made from " + c.ImageID}}
		if bad := dataMismatch(made, p.image.Major, p.image.Libc, p.Image, p.spec); bad != nil {
			return p.refuses(bad)
		}
	}
	if len(s.Missing) > 0 {
		return p.refuses(externalMissing(s.Missing, p.spec))
	}
	p.Identity, p.Init = "", s.Init
	return p.untold().does(toRecreate, format, args...)
}

// contentWarnings tells in what a kept container differs from what was asked for.
func contentWarnings(p containerPlan, s State, c Container, spec Spec) containerPlan {
	if c.Port != spec.Port {
		p = p.warn("the container is published on port %d, not on %d: the URL is %s", c.Port, spec.Port, spec.URL(c.Port))
	}
	if c.Open != "" {
		p = p.warn("the container is published on %s, so that others on the network can reach the database", c.Open)
	}
	if c.Volume != "" && c.Volume != spec.Volume {
		p = p.warn("its data is in the %s, not in %s", DataPlace(c.Volume), spec.Volume)
	}
	if c.Volume == "" {
		p = p.warn("its data is in no volume")
	}
	stopped := c.Status == "created" || c.Status == "exited"
	switch {
	case c.ImageRef != spec.Image && (s.Image == nil || s.Image.ID != c.ImageID) && !(c.Ours && spec.ImagePinned && stopped):
		p = p.warn("it keeps its own image %s; %s was asked for", c.ImageRef, spec.Image)
	case c.Ours && !stopped && c.Settings != spec.settings():
		p = p.warn("it runs with other settings than are wanted now; a down and then an up start it with these")
	}
	if c.User != spec.User || c.Database != spec.Database {
		p.madeFor = &login{c.User, c.Database}
		p = p.warn("it was made for the user %s and the database %s, not for %s and %s", c.User, c.Database, spec.User, spec.Database)
	}
	return p
}

// decideCreation is for when no container has the name.
func decideCreation(p containerPlan, s State, spec Spec) containerPlan {
	if s.Volume == nil {
		p.NewVolume = true
	}
	if len(s.Missing) > 0 {
		return p.refuses(externalMissing(s.Missing, spec))
	}
	if p.Image, p.image = chooseImage(s, spec); p.Image != spec.Image {
		p = p.warn("the volume %s was filled by %s, and is kept on it; %s was asked for", spec.Volume, p.Image, spec.Image)
	}
	if s.Volume != nil && len(s.Volume.Users) > 0 {
		return p.refuses(volumeInUse(s.Volume, spec))
	}
	if s.Engine.Remote && !s.Port.Tunnel && !s.Port.Taken {
		return p.refuses(remoteEngine(s.Engine, spec, spec.Port))
	}
	if s.Port.Taken {
		return p.refuses(portTaken(s.Port, spec))
	}
	if p.image == nil {
		return p.does(toPull, "the image is not here")
	}
	if bad := dataMismatch(s.Volume, p.image.Major, p.image.Libc, p.Image, spec); bad != nil {
		return p.refuses(bad)
	}
	p = p.untold()
	if s.Volume != nil && s.Volume.Data != nil && !s.Volume.Data.Empty {
		return p.does(toCreate, "there is none, its %s is there with data", DataPlace(s.Volume.Name))
	}
	return p.does(toCreate, "there is none")
}

// untold warns of what a new container will not have of what the compose file says of its service.
func (p containerPlan) untold() containerPlan {
	c := p.spec.Compose
	if c != nil && len(c.NotTold) > 0 {
		p = p.warn("the container goes without what the compose file says of %s: %s; docker compose up would recreate it",
			c.Service, strings.Join(c.NotTold, ", "))
	}
	if !p.image.isFor(p.spec.Platform) {
		p = p.warn("the image %s is here for %s, and %s is asked for; with a connection: docker pull --platform %s %s",
			p.Image, p.image.Platform, p.spec.Platform, p.spec.Platform, p.Image)
	}
	return p
}

// chooseImage keeps a volume on the image that filled it where the wanted one does not fit it, unless the user asked
// for that one by name.
func chooseImage(s State, spec Spec) (string, *imageState) {
	v := s.Volume
	if spec.ImagePinned || v == nil || v.Image == "" || v.Image == spec.Image || v.Data == nil || v.Data.Empty || s.Image == nil {
		return spec.Image, s.Image
	}
	libcDiffers := v.Data.Libc != "" && s.Image.Libc != "" && v.Data.Libc != s.Image.Libc
	sameMajor := s.Recorded != nil && s.Recorded.Major == s.Image.Major
	if libcDiffers && sameMajor {
		return v.Image, s.Recorded
	}
	return spec.Image, s.Image
}

// wantedMajor returns the major version that spec asks for: its image's if it is here, else its tag's.
func wantedMajor(s State, spec Spec) int {
	if s.Image != nil {
		return s.Image.Major
	}
	return majorOf(nil, spec.Image)
}

// replaceable reports whether nothing is lost when a container is recreated: its data lies in a volume with a name.
func replaceable(c Container) bool { return c.Volume != "" && !anonymous(c.Volume) }

// anonymous reports whether a volume's name is one that Docker made up: 64 hexadecimal digits.
func anonymous(name string) bool {
	if len(name) != 64 {
		return false
	}
	for _, r := range name {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}

// Adopted returns who made a container that naap did not; "" for our own.
func (c Container) Adopted() string {
	switch {
	case c.Ours:
		return ""
	case c.Compose != "":
		return fmt.Sprintf("made by docker compose (project %s)", c.Compose)
	}
	return "not made by naap"
}

// reachable returns the address at which this machine reaches what is published on host.
func reachable(host string) string {
	ip := net.ParseIP(host)
	if ip == nil || ip.IsUnspecified() || ip.IsLoopback() {
		return loopback.Host
	}
	return host
}
