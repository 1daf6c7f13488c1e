package rules

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules/gitignore"
)

// largest is the size beyond which a file is no source that a person wrote.
const largest = 4 << 20

// walker goes through the tree and reads it at the same time: folders are listed by one goroutine, files are read and
// parsed by several.
type walker struct {
	ctx     context.Context
	options Options
	root    string
	paths   chan []string

	mu      sync.Mutex
	kept    map[string]*file
	seen    int
	clients []string // files of generated clients, found where nothing else is looked at
	folders []string // files of any kind in a backend's prisma folder
}

// tree is what was read of a workspace.
type tree struct {
	files   map[string]*file
	order   []string // the files' paths, sorted
	seen    int      // how many files were looked at
	clients []string
	folders []string
}

func readTree(ctx context.Context, o Options) (*tree, error) {
	w := &walker{ctx: ctx, options: o, root: o.Root, kept: map[string]*file{}, paths: make(chan []string, 64)}
	if o.Root != "" {
		if info, err := os.Stat(o.Root); err != nil || !info.IsDir() {
			return nil, remedy.New("check.folder", remedy.ExitUsage, "%s is no folder that can be checked", o.Root).Wrap(err)
		}
		if err := w.walkAll(); err != nil {
			return nil, err
		}
	}
	for name, text := range o.Files {
		w.keep(name, kindOf(name), []byte(text))
		if backendPrisma(name) != "" {
			w.folders = append(w.folders, name)
		}
	}
	t := &tree{files: w.kept, seen: w.seen + len(o.Files), clients: w.clients, folders: w.folders}
	for name := range t.files {
		t.order = append(t.order, name)
	}
	slices.Sort(t.order)
	slices.Sort(t.clients)
	slices.Sort(t.folders)
	return t, nil
}

func (w *walker) walkAll() error {
	group, ctx := errgroup.WithContext(w.ctx)
	w.ctx = ctx
	for range max(runtime.GOMAXPROCS(0), 2) {
		group.Go(w.readFiles)
	}
	group.Go(func() error {
		defer close(w.paths)
		if err := w.folder("", gitignore.Top(w.root), false); err != nil {
			return err
		}
		return w.send(w.forced())
	})
	return group.Wait()
}

// forced are files that git tracks although an ignore rule names them: git does not ignore those.
func (w *walker) forced() []string {
	var list []string
	for _, name := range gitLines(w.ctx, w.root, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard") {
		if kindOf(name) != other && !isLeftOut(name) {
			list = append(list, name)
		}
	}
	return list
}

// isLeftOut tells whether a file lies in a folder that is not looked at.
func isLeftOut(file string) bool {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if isSkipped(dir) || generatedFolders[path.Base(dir)] {
			return true
		}
	}
	return false
}

func (w *walker) send(batch []string) error {
	if len(batch) == 0 {
		return nil
	}
	select {
	case w.paths <- batch:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// folder lists one folder and those below it. A folder that cannot be read is passed over, as git does. Links are not
// followed: what they lead to is checked where it is, or belongs to someone else.
func (w *walker) folder(rel string, rules *gitignore.Folder, generated bool) error {
	entries, err := os.ReadDir(filepath.Join(w.root, filepath.FromSlash(rel)))
	if err != nil {
		if rel == "" {
			return remedy.New("check.folder", remedy.ExitUsage, "cannot read %s", w.root).Wrap(err)
		}
		return nil
	}
	if rel != "" {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" }) {
			return nil // a repository of its own: a submodule, or someone's clone
		}
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
			text, err := os.ReadFile(filepath.Join(w.root, filepath.FromSlash(rel), ".gitignore"))
			if err == nil {
				rules = rules.With(string(text))
			}
		}
	}
	var batch []string
	for _, e := range entries {
		name := e.Name()
		file := name
		if rel != "" {
			file = rel + "/" + name
		}
		switch {
		case e.IsDir():
			if isSkipped(file) || rules.Ignores(name, true) {
				continue
			}
			if err := w.folder(file, rules.Below(name), generated || generatedFolders[name]); err != nil {
				return err
			}
		case !e.Type().IsRegular():
		case generated:
			w.generated(file)
		case kindOf(file) != other && !rules.Ignores(name, false):
			if batch = append(batch, file); len(batch) == 64 {
				if err := w.send(batch); err != nil {
					return err
				}
				batch = nil
			}
		default:
			w.count(1)
		}
		if e.Type().IsRegular() && backendPrisma(file) != "" && !rules.Ignores(name, false) {
			w.mu.Lock()
			w.folders = append(w.folders, file)
			w.mu.Unlock()
		}
	}
	return w.send(batch)
}

// generated notes a generated Prisma client by the files that every version of the generator writes.
func (w *walker) generated(name string) {
	base := path.Base(name)
	if inner := "/internal/prismaNamespace.ts"; strings.HasSuffix(name, inner) { // the generator prisma-client
		name, base = strings.TrimSuffix(name, inner)+"/client.ts", "schema.prisma"
	}
	if base == "schema.prisma" || base == "query_engine_bg.js" || strings.HasPrefix(base, "libquery_engine") || base == "query_engine_bg.wasm" {
		w.mu.Lock()
		w.clients = append(w.clients, name)
		w.mu.Unlock()
	}
}

func (w *walker) count(n int) {
	w.mu.Lock()
	w.seen += n
	w.mu.Unlock()
}

func (w *walker) readFiles() error {
	var buf []byte
	for batch := range w.paths {
		for _, name := range batch {
			if err := w.ctx.Err(); err != nil {
				return err
			}
			data, err := readInto(buf[:0], filepath.Join(w.root, filepath.FromSlash(name)))
			if cap(data) > cap(buf) {
				buf = data
			}
			if err != nil || len(data) > largest {
				continue
			}
			if k := kindOf(name); w.wants(name, k, data) {
				w.keep(name, k, bytes.Clone(data))
			}
		}
		w.count(len(batch))
	}
	return nil
}

// marks are what a script must hold for any rule to look at it.
var marks = newNeedles("prisma", "Prisma", "@naap/database", "DATABASE_URL", "generated", "postgre", "Postgre", "Container(", "packages/database", allowMark,
	"db:seed", "db:push", "db:migrate", "db:generate")

// wants tells whether any rule can have something to say about the file. It looks at bytes only: most files of a
// repository are left here, before anything is parsed.
func (w *walker) wants(name string, k kind, data []byte) bool {
	switch k {
	case other:
		return false
	case unnamed:
		return bytes.HasPrefix(data, []byte("#!")) && shebang(data)
	case scriptFile:
		if marks.in(data) {
			return !generatedMark(data)
		}
		return strings.HasSuffix(name, "/backend/"+clientFileName)
	case composeFile:
		return bytes.Contains(data, []byte("services")) && looksLikeCompose(name, data)
	case sqlFile:
		return name == w.options.InitSQL || strings.HasSuffix(name, "init-schemas.sql")
	}
	return bytes.IndexByte(data[:min(len(data), 1000)], 0) < 0
}

func looksLikeCompose(name string, data []byte) bool {
	return isCompose.MatchString(innerName(name)) || bytes.HasPrefix(data, []byte("services:")) ||
		bytes.Contains(data, []byte("\nservices:"))
}

// shebang tells whether a file without an extension is a shell script.
func shebang(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	for _, sh := range []string{"/sh", "/bash", "/zsh", "/dash", "env bash", "env sh", "env zsh"} {
		if bytes.Contains(line, []byte(sh)) {
			return true
		}
	}
	return false
}

func (w *walker) keep(name string, k kind, data []byte) {
	f := &file{path: name, kind: k, data: data}
	f.parse()
	w.mu.Lock()
	w.kept[name] = f
	w.mu.Unlock()
}

// onDisk tells whether a file exists below the root.
func (r *run) onDisk(name string) bool {
	if r.options.Root == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(r.options.Root, filepath.FromSlash(name)))
	return err == nil && !info.IsDir()
}

// readFile is a file's content, and whether there is such a file.
func readFile(name string) ([]byte, bool) {
	data, err := os.ReadFile(name)
	return data, err == nil
}
