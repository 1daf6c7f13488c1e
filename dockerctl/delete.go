package dockerctl

import (
	"context"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// DataOf names the volume that DeleteData would delete: the one that the container really has its data in, which need
// not be the one that spec asks for; without a container the latter. Data that lies in no volume is a refusal.
func (e *Engine) DataOf(ctx context.Context, spec Spec) (string, error) {
	spec = spec.withDefaults()
	c, err := e.containerState(ctx, spec.Container)
	if err != nil {
		return "", e.lost(ctx, "look whose the data is", err)
	}
	switch {
	case c == nil:
		return spec.Volume, keptIfFolder(spec.Volume)
	case c.Volume == "":
		return "", dataInContainer(*c)
	}
	return c.Volume, keptIfFolder(c.Volume)
}

func keptIfFolder(volume string) error {
	if isFolder(volume) {
		return keepsFolder(volume)
	}
	return nil
}

func dataInContainer(c Container) error {
	name := visible.String(c.Name)
	return remedy.New("data.unnamed", remedy.ExitRefused, "the data of the container %s is in no volume that could be deleted", name).
		WithSeen(fmt.Sprintf("%s is in no volume", visible.String(c.DataPath)), "nothing was stopped and nothing was deleted").
		WithHelp(remedy.Words("stop it and keep the data:"), remedy.Naap("dev down"), remedy.Words("or remove it, with all that is in it:"), remedy.Words("docker rm -f "+remedy.ShellWord(name)))
}

// DeleteData removes a container and the volume with its data, for good. Nothing else here does that. It must
// be called only when the user named the volume. A volume that another container uses is left alone, with everything
// else. deleted is false if there was no such volume.
func (e *Engine) DeleteData(ctx context.Context, name, volume string, report progress.Report) (deleted bool, err error) {
	step := progress.Step{Name: "data", Title: "Delete volume " + visible.String(volume), Status: progress.Running}
	report(step)
	deleted, err = e.deleteData(ctx, name, volume)
	switch {
	case err != nil:
		err = e.lost(ctx, "delete the data", err)
		step.Status, step.Detail = progress.Failed, visible.String(err.Error())
	case !deleted:
		step.Status, step.Detail = progress.Skipped, "there is no such volume"
	default:
		step.Status = progress.Done
	}
	report(step)
	return deleted, err
}

func (e *Engine) deleteData(ctx context.Context, name, volume string) (deleted bool, err error) {
	if volume == "" {
		return false, remedy.New("data.unnamed", remedy.ExitUsage, "no volume is named that is to be deleted")
	}
	if isFolder(volume) {
		return false, keepsFolder(volume)
	}
	e.removeInspectors(ctx, volume, 0)
	if err := e.usedByNoOther(ctx, name, volume); err != nil {
		return false, err
	}
	c, err := e.containerState(ctx, name)
	if err != nil {
		return false, err
	}
	if c != nil && c.Volume == volume {
		if _, err := e.Stop(ctx, name, progress.Discard); err != nil {
			return false, err
		}
		err := e.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
		if err != nil && !cerrdefs.IsNotFound(err) {
			return false, fmt.Errorf("remove container %s: %w", name, err)
		}
	}
	err = e.cli.VolumeRemove(ctx, volume, false)
	if cerrdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("remove volume %s: %w", volume, err)
	}
	return true, nil
}

// usedByNoOther refuses a volume that a container of another name has, whether it runs or not.
func (e *Engine) usedByNoOther(ctx context.Context, name, volume string) error {
	list, err := e.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("volume", volume))})
	if err != nil {
		return fmt.Errorf("list who uses volume %s: %w", volume, err)
	}
	for _, c := range list {
		if other := containerName(c); other != name {
			return remedy.New("data.in-use", remedy.ExitRefused, "the volume %s is also used by the container %s", visible.String(volume), visible.String(other)).
				WithSeen("nothing was deleted").
				WithFix("remove that container first:", "docker rm -f "+remedy.ShellWord(visible.String(other)))
		}
	}
	return nil
}
