package dockerctl

import (
	"context"
	"os"
	"path"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

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
