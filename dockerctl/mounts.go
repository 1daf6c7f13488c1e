package dockerctl

import (
	"context"
	"fmt"
	"path"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// dataDir returns where the server has its data in a container of spec's.
func (s Spec) dataDir(img *imageState) string {
	if dir := s.Env["PGDATA"]; dir != "" {
		return path.Clean(dir)
	}
	return img.DataDir
}

// dataTarget returns where the volume is mounted: where spec says, else where the image declares a volume, or above the
// data directory that the environment moves. Mounting there keeps the engine from making an anonymous volume.
func (s Spec) dataTarget(img *imageState) string {
	if s.DataTarget != "" {
		return s.DataTarget
	}
	target := s.dataDir(img)
	for _, declared := range img.Volumes {
		if strings.HasPrefix(target, declared+"/") {
			target = declared
		}
	}
	return target
}

// mountData has the data's volume or folder mounted. The engine makes a folder that is not there, as it does a volume.
func mountData(config *container.HostConfig, volume, target string) {
	mountFurther(config, workspace.Mount{Source: volume, Target: target, IsVolume: !isFolder(volume)})
}

// mountFurther has a further one mounted. Folders go the way that compose takes: one that is not there is made.
func mountFurther(config *container.HostConfig, m workspace.Mount) {
	if m.IsVolume {
		config.Mounts = append(config.Mounts, mount.Mount{Type: mount.TypeVolume, Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly})
		return
	}
	bind := m.Source + ":" + m.Target
	if m.ReadOnly {
		bind += ":ro"
	}
	config.Binds = append(config.Binds, bind)
}

// readOnlyMount shows a volume or folder without changing it. A folder that is not there is an error; see mountFailed.
func readOnlyMount(volume, target string) mount.Mount {
	if isFolder(volume) {
		return mount.Mount{Type: mount.TypeBind, Source: volume, Target: target, ReadOnly: true}
	}
	return mount.Mount{
		Type: mount.TypeVolume, Source: volume, Target: target, ReadOnly: true,
		VolumeOptions: &mount.VolumeOptions{NoCopy: true},
	}
}

// createVolume makes the volume with the labels that say what fills it. One that exists is left as it is.
func (e *Engine) createVolume(ctx context.Context, spec Spec, name, ref string, img imageState) error {
	return e.makeVolume(ctx, name, spec.VolumeMade, volumeLabels(spec, ref, img))
}

func (e *Engine) makeVolume(ctx context.Context, name string, made workspace.Volume, labels map[string]string) error {
	_, err := e.cli.VolumeCreate(ctx, volume.CreateOptions{Name: name, Driver: made.Driver, DriverOpts: made.Options, Labels: labels})
	if err != nil {
		return fmt.Errorf("make volume %s: %w", name, err)
	}
	return nil
}

// createFurtherVolumes makes the volumes of the further mounts that are not there, as compose would.
func (e *Engine) createFurtherVolumes(ctx context.Context, spec Spec) error {
	for _, m := range spec.Mounts {
		if !m.IsVolume || m.Source == "" || m.Made.External {
			continue
		}
		_, err := e.cli.VolumeInspect(ctx, m.Source)
		if cerrdefs.IsNotFound(err) {
			err = e.makeVolume(ctx, m.Source, m.Made, composeVolumeLabels(spec.Compose, m.Made))
		}
		if err != nil {
			return fmt.Errorf("look for volume %s: %w", m.Source, err)
		}
	}
	return nil
}

// missingExternal lists the volumes that others should have made and that are missing. The engine would create each of
// them, empty, where its real data is expected.
func (e *Engine) missingExternal(ctx context.Context, spec Spec) ([]string, error) {
	var missing []string
	look := func(name string, made workspace.Volume) error {
		if !made.External || name == "" || isFolder(name) {
			return nil
		}
		v, _, err := e.volumeState(ctx, name)
		if err == nil && v == nil {
			missing = append(missing, name)
		}
		return err
	}
	if err := look(spec.Volume, spec.VolumeMade); err != nil {
		return nil, err
	}
	for _, m := range spec.Mounts {
		if err := look(m.Source, m.Made); err != nil {
			return nil, err
		}
	}
	return missing, nil
}
