package envfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Read looks at every .env file of the workspace. It follows no link out of it, and looks into nothing that is
// installed or built, or another repository.
func Read(ctx context.Context, o Options) (*Report, error) {
	r := &Report{options: o, URL: dburl.MaskText(o.URL), Files: []File{}}
	var err error
	if r.ours, err = dburl.ParseTarget(o.URL); err != nil {
		return nil, err
	}
	if o.Root == "" {
		return r, nil
	}
	tree, err := files.NewTree(o.Root, files.TreeEntries)
	if err != nil {
		return nil, err
	}
	in, err := files.OpenInside(o.Root)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if err := r.folder(ctx, tree, in, ""); err != nil {
		return nil, err
	}
	r.name()
	for i := range r.Files {
		r.judge(&r.Files[i])
	}
	r.lookForMissing()
	for i := range r.Files {
		if err := r.mayBeWritten(ctx, &r.Files[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// isEnvFile reports whether a name is that of a .env file; an editor's copy is not.
func isEnvFile(name string) bool {
	return name == ".env" || name == ".envrc" || strings.HasPrefix(name, ".env.") && !strings.HasSuffix(name, "~") && path.Ext(name) != ".swp"
}

// kindOf returns what a file is for.
func kindOf(name string) Kind {
	base := path.Base(name)
	switch {
	case dotenv.IsTemplate(base):
		return Template
	case base == ".envrc":
		return Script
	case dotenv.IsProduction(base):
		return Deployed
	case slices.ContainsFunc(strings.Split(base, "."), func(word string) bool { return word == "test" || word == "e2e" || word == "ci" }):
		return Tests
	}
	return ""
}

func (r *Report) folder(ctx context.Context, tree *files.Tree, in *files.Inside, rel string) error {
	entries, err := tree.List(ctx, filepath.Join(r.options.Root, filepath.FromSlash(rel)))
	if _, refused := files.Refused(err); refused || ctx.Err() != nil || err != nil && rel == "" {
		return err
	}
	if err != nil {
		return nil // no program of the user's reads what is in it
	}
	if rel != "" && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" }) {
		return nil // another repository
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		switch {
		case e.IsDir():
			if files.IsInstalled(e.Name()) || isBuilt(e.Name()) {
				continue
			}
			if err := r.folder(ctx, tree, in, name); err != nil {
				return err
			}
		case isEnvFile(e.Name()):
			r.Files = append(r.Files, r.read(ctx, in, name))
		}
	}
	return nil
}

// isBuilt reports whether a folder's name says that it holds what was built.
func isBuilt(name string) bool { return name == "build" || name == "out" || name == "target" }

// read reads a file.
func (r *Report) read(ctx context.Context, in *files.Inside, name string) File {
	f := File{Path: name, Kind: kindOf(name)}
	text, err := in.Read(ctx, name, files.Settings)
	refused, known := files.Refused(err)
	switch {
	case known && refused.Code == "file.outside":
		f.Problem = "it is a link out of the workspace"
	case known:
		f.Problem = visible.String(refused.Error())
	case errors.Is(err, fs.ErrNotExist):
		f.Problem = "it is a link to nothing"
	case err != nil:
		f.Problem = "it cannot be read"
	case !utf8.Valid(text) || strings.ContainsRune(string(text), 0):
		f.Problem = "it is not text in UTF-8"
	default:
		f.text = text
	}
	return f
}

// name notes which files are links to others, each of which is looked at once.
func (r *Report) name() {
	real := func(f File) string {
		path, err := filepath.EvalSymlinks(filepath.Join(r.options.Root, filepath.FromSlash(f.Path)))
		if err != nil {
			return ""
		}
		return path
	}
	first := map[string]string{}
	isLink := func(f File) bool {
		info, err := os.Lstat(filepath.Join(r.options.Root, filepath.FromSlash(f.Path)))
		return err == nil && info.Mode()&fs.ModeSymlink != 0
	}
	for _, f := range r.Files {
		if at := real(f); at != "" && !isLink(f) {
			first[at] = f.Path
		}
	}
	for i, f := range r.Files {
		if at := real(f); at != "" && first[at] != "" && first[at] != f.Path {
			r.Files[i].SameAs = first[at]
		} else if at != "" {
			first[at] = f.Path
		}
	}
}
