package seedfile

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Discover returns the seed files of a folder, sorted by number and name. base is the folder's name in messages. Hidden
// files, editors' backup files and other kinds of files are left out; a seed file that cannot be read as one is an
// error, because leaving it out would look like success. A missing folder is not an error.
func Discover(fsys fs.FS, base string) ([]*File, error) {
	if fsys == nil {
		return nil, nil
	}
	var files []*File
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != "." && (d.Name()[0] == '.' || d.Name() == "node_modules") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			if strings.Count(name, "/") > 0 {
				return fs.SkipDir // seeds are at most one folder deep
			}
			return nil
		}
		probe := File{Name: name}
		if !probe.parseName() {
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		f, err := Parse(name, path.Join(base, name), data)
		if err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		if _, ok := remedy.Of(err); ok {
			return nil, err
		}
		return nil, remedy.New("seed.read", remedy.ExitFailed, "cannot read the seeds in %s", visible.String(base)).Wrap(err)
	}
	slices.SortFunc(files, func(a, b *File) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Name, b.Name))
	})
	return files, nil
}
