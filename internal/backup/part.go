package backup

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// The name of a backup while it is being made. Its process holds a lock on it (see hold), which ends with the process:
// a file that no process holds was left behind by one that was killed.
const partPattern = ".naap-backup-*.part"

var partName = lazy.Regexp{Text: `^\.naap-backup-[0-9]+\.part$`}

// newPart creates the file that a backup is written to, and holds it until release. Only its owner has access to it.
func newPart(dir string) (f *os.File, release func(), err error) {
	const tries = 100
	for n := 0; ; n++ {
		f, err := os.CreateTemp(dir, partPattern)
		if err != nil {
			return nil, nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be made").Wrap(err).
				WithFix("name a folder that is there and may be written, or make it: mkdir -p " + remedy.ShellWord(dir))
		}
		release, held := hold(f.Name())
		if held && stands(f) || n == tries { // otherwise another backup took it for an abandoned one, since it was not held yet
			return f, release, nil
		}
		release()
		f.Close()
	}
}

// stands reports whether an open file still has its name.
func stands(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, named)
}

// clearParts removes from a folder what killed backups left in it. One that is being written stays, and so does what
// may not be removed.
func clearParts(dir string, opt Options) {
	list, err := files.List(context.Background(), dir, files.TreeEntries)
	if err != nil {
		return
	}
	for _, entry := range list {
		path := filepath.Join(dir, entry.Name())
		if !partName.Get().MatchString(entry.Name()) || entry.Type() != fs.FileMode(0) {
			continue
		}
		if removeAbandoned(path) {
			opt.report(progress.Done, "Remove what a killed backup left", path)
		}
	}
}
