package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/trust"
)

// reachItems returns the places outside of the workspace to which its compose file and naap.toml would give the
// container access. What the user named by flag or variable is not among them.
func (w *Workspace) reachItems() []trust.Item {
	var items []trust.Item
	if item, ok := w.dataItem(); ok {
		items = append(items, item)
	}
	c := w.Compose
	if c == nil || w.Settings.Instance != DefaultInstance { // an instance of another name has none of the service's mounts
		return items
	}
	about := func(kind trust.Kind, subject, format string, args ...any) {
		items = append(items, trust.Item{
			Kind: kind, Subject: "compose service " + c.Service + ", " + subject, Where: c.describeFiles(), Text: fmt.Sprintf(format, args...),
		})
	}
	for _, m := range slices.Concat(c.InitMounts, c.Mounts) {
		switch where := w.reaches(m.Source, m.ReadOnly); {
		case m.IsVolume:
			describeVolume(about, m.Source, m.Target, &m.Made)
		case where != "" && !(m.ReadOnly && isClock(m.Source)):
			about(trust.Mount, "mount at "+m.Target, "%s%s, at %s, %s", m.Source, where, m.Target, access(m.ReadOnly))
		}
	}
	for _, path := range c.reads {
		if where := w.reaches(path, true); where != "" && !w.isGiven(path) {
			about(trust.Mount, "file "+w.name(path), "%s%s, which is read for the container", path, where)
		}
	}
	for _, n := range c.Networks {
		if n.External {
			about(trust.Port, "network "+n.Key, "network %s, which others made: what is in it reaches the database", n.Name)
		}
	}
	return items
}

// describeVolume reports a volume that is a place on this machine, or that is not the project's own.
func describeVolume(about func(trust.Kind, string, string, ...any), name, target string, v *Volume) {
	if v == nil {
		return
	}
	var options []string
	for key, value := range v.Options {
		options = append(options, key+"="+value)
	}
	slices.Sort(options)
	how := strings.Join(options, " ")
	switch {
	case v.Driver != "" && v.Driver != "local":
		about(trust.Mount, "volume "+v.Key, "volume %s by the driver %s %s, at %s", name, v.Driver, how, target)
	case v.Options["device"] != "":
		about(trust.Mount, "volume "+v.Key, "volume %s, which is %s, at %s", name, how, target)
	case v.External || v.Foreign:
		about(trust.Volume, "volume "+v.Key, "volume %s, which may be another project's, at %s", name, target)
	}
}

// dataItem returns the item for the place of the database's files, where a file of the repository names one that is not
// the instance's own volume. The image changes the owner of a folder, and of everything in it, to its own user.
func (w *Workspace) dataItem() (trust.Item, bool) {
	set, origin := w.Settings, w.Settings.Origin("volume")
	item := trust.Item{Kind: trust.Volume, Subject: "the database's files", Where: origin.Where}
	if !origin.IsRepository() {
		return item, false
	}
	if filepath.IsAbs(set.Volume) {
		where := w.reaches(set.Volume, false)
		item.Text = fmt.Sprintf("folder %s%s, which is given to the server's user with all that is in it", set.Volume, where)
		return item, where != ""
	}
	if origin.Layer == FromFile {
		item.Text = fmt.Sprintf("volume %s, which may be another project's", set.Volume)
		return item, set.Volume != volumeName(set.Instance)
	}
	if w.Compose == nil {
		return item, false
	}
	found := false
	describeVolume(func(kind trust.Kind, _, format string, args ...any) {
		item.Kind, item.Text, found = kind, fmt.Sprintf(format, args...), true
	}, set.Volume, w.Compose.DataTarget, w.Compose.VolumeOf)
	return item, found
}

// reaches returns where a path of this machine that a container is given leads, " (really /home/me/.ssh)", if that is
// outside of the workspace's tree, or in the repository's own .git, where whoever writes can make the user run
// programs. Otherwise it returns "".
func (w *Workspace) reaches(path string, readOnly bool) string {
	if w.Root == "" || path == "" {
		return ""
	}
	tree := treeOf(w.Root)
	real := leadsTo(tree, path)
	switch {
	case real == filepath.Clean(path):
		return " (outside of the workspace)"
	case real != "":
		return " (which leads to " + real + ", outside of the workspace)"
	case readOnly:
		return ""
	}
	git := filepath.Join(tree, ".git")
	if _, err := os.Lstat(git); err != nil {
		return ""
	}
	if leadsTo(path, git) == "" || leadsTo(git, path) == "" {
		return " (with the repository's own .git)"
	}
	return ""
}

// isGiven reports whether the user named a compose file by flag or variable.
func (w *Workspace) isGiven(path string) bool {
	return slices.Contains(w.Settings.Compose.Files, path) && !w.Settings.Origin("compose.files").IsRepository() ||
		w.Compose.given && slices.Contains(w.Compose.Files, path)
}

// isClock reports whether a path only gives this machine's time zone, which many containers are given.
func isClock(path string) bool {
	return path == "/etc/localtime" || path == "/etc/timezone" || path == "/usr/share/zoneinfo"
}

func access(readOnly bool) string {
	if readOnly {
		return "to be read"
	}
	return "to be read and written"
}
