package dockerctl

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func TestAContainerHasWhatItsServiceHas(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := inNetworks(t, e, newSpec(t, e), "back")
	tools := t.TempDir()
	must(t, os.Chmod(tools, 0o755))
	for name, text := range map[string]string{
		"enter.sh": "#!/bin/sh\ntouch /tmp/entered\nexec docker-entrypoint.sh \"$@\"\n",
		"more.sql": "CREATE TABLE more AS SELECT count(*)::text AS n FROM pg_namespace WHERE nspname LIKE 'plugin%';\n",
	} {
		must(t, os.WriteFile(filepath.Join(tools, name), []byte(text), 0o755))
	}
	dumps := spec.Instance + "_dumps"
	spec.Entrypoint = []string{"/tools/enter.sh"}
	spec.Env = map[string]string{"PGDATA": "/srv/pg/data"}
	spec.DataTarget = "/srv/pg"
	spec.Labels = map[string]string{"team": "data", labelInstance: "not to be taken over"}
	spec.Memory, spec.Platform = 512<<20, "linux/"+runtimeArch(t, e)
	spec.Init.Target = "/docker-entrypoint-initdb.d/10-init.sql"
	spec.VolumeMade.Key = "data"
	spec.Mounts = []workspace.Mount{
		{Source: tools, Target: "/tools", ReadOnly: true},
		{Source: filepath.Join(tools, "more.sql"), Target: "/docker-entrypoint-initdb.d/20-more.sql", ReadOnly: true},
		{Source: dumps, Target: "/dumps", IsVolume: true, Made: workspace.Volume{Key: "dumps"}},
	}
	spec.Compose.ConfigHash, spec.Compose.DependsOn = strings.Repeat("ab", 32), []string{"mail:service_started:false"}
	spec.Compose.Networks[0].Aliases = []string{"pg"}
	t.Cleanup(func() { removeAll(t, e, spec.Container, dumps) })

	at := seeded(t, e, spec)
	if len(at.Warnings) > 0 {
		t.Errorf("warnings %q", at.Warnings)
	}
	got, err := e.cli.ContainerInspect(t.Context(), at.ContainerID)
	must(t, err)
	labels := got.Config.Labels
	if labels[composeConfigHash] != spec.Compose.ConfigHash || labels["team"] != "data" || labels[labelInstance] != spec.Instance ||
		labels[composeDependsOn] != "mail:service_started:false" {
		t.Errorf("labels %v", labels)
	}
	if got.HostConfig.Memory != spec.Memory {
		t.Errorf("memory %d", got.HostConfig.Memory)
	}
	if names := got.NetworkSettings.Networks[spec.Compose.Networks[0].Name].Aliases; !slices.Contains(names, "pg") || !slices.Contains(names, "database") {
		t.Errorf("aliases %q", names)
	}
	v, err := e.cli.VolumeInspect(t.Context(), dumps)
	must(t, err)
	if v.Labels[composeVolume] != "dumps" {
		t.Errorf("the further volume's labels are %v", v.Labels)
	}
	if n := ask(t, spec, at, "SELECT n FROM more"); n != "2" {
		t.Errorf("the further script ran after %q schemas of the first", n)
	}
	if dir := ask(t, spec, at, "SHOW data_directory"); dir != "/srv/pg/data" {
		t.Errorf("the data is in %s", dir)
	}
	code, err := e.Exec(t.Context(), spec.Container, server.Command{Args: []string{"sh", "-c", "test -e /tmp/entered && touch /dumps/x && ! touch /tools/x"}})
	if code != 0 || err != nil {
		t.Errorf("entrypoint and mounts: exit status %d, %v", code, err)
	}

	// The data outlives the container, and is looked into where it really is.
	must(t, e.cli.ContainerRemove(t.Context(), at.ContainerID, container.RemoveOptions{Force: true}))
	state, err := e.Observe(t.Context(), spec)
	must(t, err)
	if d := state.Volume.Data; d == nil || d.Major != 16 {
		t.Errorf("seen in the volume: %+v", d)
	}
	stillSeeded(t, spec, ensure(t, e, spec))
}

func TestLookingIntoAVolumeLeavesNone(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Env, spec.DataTarget = map[string]string{"PGDATA": "/srv/pg/data"}, "/srv/pg"
	img, err := e.imageInfo(t.Context(), spec.Image)
	must(t, err)
	made, err := e.cli.ContainerCreate(t.Context(), &container.Config{Image: spec.Image},
		&container.HostConfig{NetworkMode: "none", Mounts: inspectorMounts(spec, img, spec.Volume)}, nil, nil, spec.Container)
	must(t, err)
	got, err := e.cli.ContainerInspect(t.Context(), made.ID)
	must(t, err)
	for _, m := range got.Mounts {
		if m.Type == mount.TypeVolume && m.Name != spec.Volume {
			t.Errorf("the engine made the volume %s at %s", m.Name, m.Destination)
		}
	}
}

func runtimeArch(t *testing.T, e *Engine) string {
	t.Helper()
	img, err := e.imageInfo(t.Context(), defaultImage)
	must(t, err)
	return strings.TrimPrefix(img.Platform, "linux/")
}

func TestAContainerThatLacksSomethingOfItsServiceSaysSo(t *testing.T) {
	spec := wanted(func(s *Spec) {
		s.Compose = &workspace.Compose{Project: "shop", Service: "database", ConfigHash: "of the file", NotTold: []string{"tmpfs", "user"}}
	})
	for _, s := range []State{{Image: debian16}, {Image: debian16, Own: debian16, Container: ours("dead")}} {
		plan := decide(s, spec)
		if text := plan.String(); !strings.Contains(text, "warning: the container goes without what the compose file says of database: tmpfs, user") {
			t.Errorf("the plan:\n%s", text)
		}
		if hash := containerConfig(plan, "id", initNone).Labels[composeConfigHash]; hash == "" || hash == "of the file" {
			t.Errorf("compose is told that it is the file's container: %q", hash)
		}
	}
	spec = wanted(func(s *Spec) {
		s.Platform = "linux/arm64"
		s.Compose = &workspace.Compose{Project: "shop", Service: "database", ConfigHash: "of the file"}
	})
	amd64 := *debian16
	amd64.Platform = "linux/amd64"
	plan := decide(State{Image: &amd64}, spec)
	if text := plan.String(); !strings.Contains(text, "is here for linux/amd64, and linux/arm64 is asked for") {
		t.Errorf("the plan:\n%s", text)
	}
	if hash := containerConfig(plan, "id", initNone).Labels[composeConfigHash]; hash == "of the file" {
		t.Error("compose is told that it is the file's container, on another platform")
	}
}

func TestAnExternalVolumeIsNotMade(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	further := spec.Instance + "-further"
	t.Cleanup(func() { removeAll(t, e, spec.Container, further) })
	spec.VolumeMade.External = true
	spec.Mounts = []workspace.Mount{{Source: further, Target: "/further", IsVolume: true, Made: workspace.Volume{External: true}}}
	for _, missing := range []string{spec.Volume, further} {
		_, err := e.Ensure(t.Context(), spec, never, progress.Discard)
		if remedy.Code(err) != "data.external" || !strings.Contains(remedy.Text(err), "docker volume create "+missing) {
			t.Fatalf("error %s", remedy.Text(err))
		}
		if there, err := e.HasVolume(t.Context(), missing); there || err != nil {
			t.Fatalf("%s was made, %v", missing, err)
		}
		_, err = e.cli.VolumeCreate(t.Context(), volume.CreateOptions{Name: missing})
		must(t, err)
	}
	ensure(t, e, spec)
}

func TestANetworkThatIsNotNaapsToMakeIsAskedFor(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := inNetworks(t, e, newSpec(t, e), "outside")
	spec.Compose.Networks[0].Create = false
	name := spec.Compose.Networks[0].Name
	if _, err := e.Ensure(t.Context(), spec, never, progress.Discard); remedy.Code(err) != "network.missing" || !strings.Contains(remedy.Text(err), "docker network create "+name) {
		t.Errorf("error %s", remedy.Text(err))
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("container %s", got)
	}
}
