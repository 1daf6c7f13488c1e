package dockerctl

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"
)

// volumeState looks at a volume's labels; nil if there is no such volume.
func (e *Engine) volumeState(ctx context.Context, name string) (*volumeState, map[string]string, error) {
	if isFolder(name) {
		return &volumeState{Name: name}, nil, nil // looked into later, by way of a container
	}
	got, err := e.cli.VolumeInspect(ctx, name)
	if cerrdefs.IsNotFound(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("look at volume %s: %w", name, err)
	}
	return &volumeState{Name: got.Name, Image: got.Labels[labelImage]}, got.Labels, nil
}

// HasVolume reports whether there is a volume of that name, without looking into it, or a folder that holds something.
func (e *Engine) HasVolume(ctx context.Context, name string) (bool, error) {
	if isFolder(name) {
		return !e.info.Remote && folderInUse(name), nil
	}
	v, _, err := e.volumeState(ctx, name)
	return v != nil, e.lost(ctx, "look at the volume", err)
}

// dataFromLabels returns what naap wrote on a volume when it made it; nil for a volume of others.
func dataFromLabels(labels map[string]string) *dataState {
	if labels[labelImage] == "" {
		return nil
	}
	d := &dataState{Libc: libc(labels[labelLibc]), Evidence: "the volume's label " + labelLibc}
	d.Major, _ = strconv.Atoi(labels[labelMajor])
	return d
}

// volumeUsers lists the running containers that have a volume or folder mounted, self aside.
func volumeUsers(running []container.Summary, name, self string) []string {
	var users []string
	for _, c := range running {
		if c.ID != self && slices.ContainsFunc(c.Mounts, func(m container.MountPoint) bool { return m.Name == name || m.Source == name }) {
			users = append(users, containerName(c))
		}
	}
	return users
}

func containerName(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID[:12]
	}
	return strings.TrimPrefix(c.Names[0], "/")
}

// inspectVolume reads what a volume holds through a container that is made for this, never started, and removed again.
// Its image may be any; nothing of it runs. Where the image's environment does not tell its C library, that is read too.
func (e *Engine) inspectVolume(ctx context.Context, spec Spec, img *imageState, name string) (*dataState, error) {
	e.removeInspectors(ctx, name, time.Minute)
	target, dir := spec.dataTarget(img), spec.dataDir(img)
	id := "naap-look-" + rand.Text()
	defer func() {
		// By its name, as ctx may end while it is being made, and without RemoveVolumes, so that no volume goes with it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = e.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true})
	}()
	_, err := e.cli.ContainerCreate(ctx,
		&container.Config{
			Image:  img.ID,
			Labels: map[string]string{labelPurpose: "inspect", labelInstance: spec.Instance},
		},
		&container.HostConfig{
			NetworkMode: "none",
			Mounts:      inspectorMounts(spec, img, name),
		}, nil, nil, id)
	if err != nil {
		return nil, fmt.Errorf("look into the %s: %w", DataPlace(name), err)
	}
	if img.Libc == "" {
		img.Libc = e.libcInside(ctx, id)
	}
	data, err := e.readData(ctx, id, target)
	if err != nil || !data.Empty || dir == target {
		return data, err
	}
	return e.readData(ctx, id, dir)
}

// inspectorMounts shows the data, and puts nothing at whatever else the image declares as a volume, where the engine would
// make one that has no name and stays.
func inspectorMounts(spec Spec, img *imageState, name string) []mount.Mount {
	target := spec.dataTarget(img)
	mounts := []mount.Mount{readOnlyMount(name, target)}
	for _, declared := range img.Volumes {
		if declared != target {
			mounts = append(mounts, mount.Mount{Type: mount.TypeTmpfs, Target: declared})
		}
	}
	return mounts
}

// removeInspectors removes what a killed naap left of inspectVolume, if it is older than age: a fresh one may be another
// naap's.
func (e *Engine) removeInspectors(ctx context.Context, volume string, age time.Duration) {
	list, err := e.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelPurpose+"=inspect"),
		filters.Arg("volume", volume),
		filters.Arg("status", "created"),
	)})
	if err != nil {
		return
	}
	for _, c := range list {
		if time.Since(time.Unix(c.Created, 0)) >= age {
			_ = e.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
		}
	}
}

// readData reads a data directory's few telling files out of a container, running or not.
func (e *Engine) readData(ctx context.Context, id, dir string) (*dataState, error) {
	text, err := e.readFile(ctx, id, path.Join(dir, "PG_VERSION"))
	if cerrdefs.IsNotFound(err) {
		return &dataState{Empty: true}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the data directory's PG_VERSION: %w", err)
	}
	d := &dataState{}
	d.Major = majorOf(map[string]string{"PG_VERSION": strings.TrimSpace(string(text))}, "")
	if opts, err := e.readFile(ctx, id, path.Join(dir, "postmaster.opts")); err == nil {
		d.Libc, d.Evidence = libcOfCommand(string(opts))
	}
	d.SystemID = e.systemID(ctx, id, dir)
	return d, nil
}

// systemID returns the database system identifier: the first eight bytes of pg_control, in the server's byte order,
// which is little-endian wherever Docker runs. SELECT system_identifier FROM pg_control_system() gives the same over
// SQL.
func (e *Engine) systemID(ctx context.Context, id, dir string) string {
	control, err := e.readFile(ctx, id, path.Join(dir, "global/pg_control"))
	if err != nil || len(control) < 8 {
		return ""
	}
	return strconv.FormatUint(binary.LittleEndian.Uint64(control), 10)
}

// libcOfCommand concludes the C library from postmaster.opts, which keeps the command line of the last start: Debian's
// packages and Alpine's image have the server in different places.
func libcOfCommand(opts string) (libc, string) {
	command, _, _ := strings.Cut(strings.TrimSpace(opts), " ")
	switch {
	case strings.HasPrefix(command, "/usr/lib/postgresql/"):
		return glibc, "it was last run by " + command + ", where Debian's packages have it"
	case command == "/usr/local/bin/postgres":
		return musl, "it was last run by " + command + ", where Alpine's image has it"
	}
	return "", ""
}

// maxRead is the most that is read of a file in a container; those of interest are far smaller.
const maxRead = 1 << 20

// isFolder reports whether the data is to be in a folder of the engine's machine rather than in a volume of that name.
func isFolder(volume string) bool { return path.IsAbs(volume) || filepath.IsAbs(volume) }

// DataPlace returns where the data is, for people: "volume naap-db-data", "folder /srv/naap".
func DataPlace(volume string) string {
	if isFolder(volume) {
		return "folder " + visible.String(volume)
	}
	return "volume " + visible.String(volume)
}

// folderInUse reports whether a folder of this machine is there with something in it; one that may not be read belongs to
// a server.
func folderInUse(folder string) bool {
	entries, err := files.List(context.Background(), folder, files.TreeEntries)
	return len(entries) > 0 || err != nil && !os.IsNotExist(err)
}

// keepsFolder refuses to delete a folder: what else lies in it, and who else uses it, the engine cannot tell.
func keepsFolder(folder string) error {
	return remedy.New("data.folder", remedy.ExitRefused, "the data is in a folder, which naap does not delete").
		WithSeen(DataPlace(folder), "nothing was stopped and nothing was deleted").
		WithHelp(remedy.Words("stop it and keep the data:"), remedy.Naap("dev down"),
			remedy.Words("or remove the folder yourself, once it is stopped:"), remedy.Words("sudo rm -rf "+remedy.ShellWord(folder)))
}

// Users returns the names of the running containers that have a volume or folder mounted; none where that cannot be told.
func (e *Engine) Users(ctx context.Context, volume string) []string {
	running, err := e.cli.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return nil
	}
	return volumeUsers(running, volume, "")
}
