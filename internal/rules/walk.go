package rules

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// largest is the size beyond which a file is not source that a person wrote.
const largest = int(files.Source)

// mostFiles is how many files and folders a check visits at most, without those that it skips: ten times as many as the
// largest repositories have; a home folder with everything in it may have more.
const mostFiles = 1_000_000

// walker walks the tree and reads it at the same time: one goroutine lists folders, several read and parse files.
type walker struct {
	ctx     context.Context
	options Options
	root    string
	real    string // the root with its links resolved
	bounds  *files.Tree
	paths   chan []string
	ignored map[string]bool   // what git ignores; folders end with a slash
	noGit   error             // why git could not be asked what it ignores, until that was said
	sent    map[string]bool   // the files that were sent to be read
	reals   map[string]string // for each link that is read, its target
	links   []string          // the links to examine once the files are known

	mu      sync.Mutex
	kept    map[string]*file
	seen    int
	clients []string // files of generated clients, found where nothing else is checked
	folders []string // files of any kind in a backend's prisma folder
	unread  []unread
	left    []LeftOut
	held    int // how much text of scripts is kept

	migrations []string // files in folders of migrations
}

// tree is what was read of a workspace.
type tree struct {
	files   map[string]*file
	order   []string // the files' paths, sorted
	seen    int      // how many files were visited
	clients []string
	folders []string
	unread  []unread
	left    []LeftOut
	walker  *walker

	migrations []string
}

const (
	clientFileBase = "src/db/client"
	clientFileName = clientFileBase + ".ts"
)

// readTree reads the workspace, or only a part of it.
func readTree(ctx context.Context, o Options, only *part) (*tree, error) {
	w := &walker{
		ctx: ctx, options: o, root: o.Root, kept: map[string]*file{}, paths: make(chan []string, 64),
		sent: map[string]bool{}, reals: map[string]string{},
	}
	if o.Root != "" {
		if info, err := os.Stat(o.Root); err != nil || !info.IsDir() {
			return nil, remedy.New("check.folder", remedy.ExitUsage, "%s is not a folder that can be checked", o.Root).Wrap(err)
		}
		if err := w.walk(only); err != nil {
			return nil, err
		}
	}
	for name, text := range o.Files {
		w.keep(name, kindOf(name), []byte(text))
		w.noteFolder(name)
	}
	t := &tree{files: w.kept, seen: w.seen + len(o.Files), clients: w.clients, folders: w.folders, unread: w.unread, left: w.left, walker: w, migrations: w.migrations}
	for name := range t.files {
		t.order = append(t.order, name)
	}
	slices.Sort(t.order)
	slices.Sort(t.clients)
	slices.Sort(t.folders)
	slices.Sort(t.migrations)
	t.sortUnread()
	return t, nil
}

func (t *tree) sortUnread() {
	slices.SortFunc(t.unread, func(a, b unread) int { return strings.Compare(a.path, b.path) })
	slices.SortFunc(t.left, func(a, b LeftOut) int { return strings.Compare(a.Path, b.Path) })
}

func (w *walker) walk(only *part) (err error) {
	if w.real, err = filepath.EvalSymlinks(w.root); err != nil {
		return remedy.New("check.folder", remedy.ExitUsage, "cannot read %s", w.root).Wrap(err)
	}
	if w.bounds, err = files.NewTree(w.root, mostFiles); err != nil {
		return files.Explain(err, remedy.New("check.folder", remedy.ExitUsage, "cannot read %s", w.root))
	}
	if only != nil {
		return w.walkPart(only)
	}
	return w.walkAll()
}

func (w *walker) walkAll() error {
	group, ctx := errgroup.WithContext(w.ctx)
	w.ctx = ctx
	for range max(runtime.GOMAXPROCS(0), 2) {
		group.Go(w.readFiles)
	}
	group.Go(func() error {
		defer close(w.paths)
		if err := w.askGit(); err != nil {
			return err
		}
		if err := w.folder("", false); err != nil {
			return err
		}
		for _, name := range w.links {
			if err := w.link(name); err != nil {
				return err
			}
		}
		return w.measures()
	})
	return group.Wait()
}

// link examines a link. A file inside the tree is read under the link's name too, unless it is already read as a file
// of that kind. What is outside does not belong to the repository, and is not read.
func (w *walker) link(name string) error {
	k := kindOf(name)
	real, err := filepath.EvalSymlinks(filepath.Join(w.root, filepath.FromSlash(name)))
	if err != nil {
		if !os.IsNotExist(err) && k != other && k != textFile { // a link to nothing has no content
			w.cannot(name, Warning, "this is a link that cannot be followed")
		}
		return nil
	}
	info, err := os.Stat(real)
	target, ok := w.inside(real)
	switch {
	case err != nil || !info.IsDir() && k == other:
	case !ok && k == prismaFile && !info.IsDir():
		w.cannot(name, Error, outsideMessage(real))
	case !ok:
		w.leftOut(name, "it leads to "+visible.String(real)+", outside of the workspace")
	case info.Mode().IsRegular() && !(w.sent[target] && kindOf(target) == k):
		return w.sendLink(name, real)
	}
	return nil
}

// sendLink sends a name whose content is read from the link's target.
func (w *walker) sendLink(name, real string) error {
	w.mu.Lock()
	w.reals[name] = real
	w.mu.Unlock()
	return w.send([]string{name})
}

// place returns where a file is read.
func (w *walker) place(name string) string {
	w.mu.Lock()
	real := w.reals[name]
	w.mu.Unlock()
	if real != "" {
		return real
	}
	return filepath.Join(w.root, filepath.FromSlash(name))
}

func outsideMessage(real string) string {
	return "this leads to " + visible.String(real) + ", outside of the workspace: it is not read"
}

func unreadMessage(at string, err error) string {
	if to, linkErr := os.Readlink(at); linkErr == nil && errors.Is(err, fs.ErrNotExist) {
		return "this is a link to " + visible.String(to) + ", where nothing is"
	}
	return "this cannot be read"
}

// measures sends the unified schema and the script that creates the schemas if nothing else has: an up takes them from
// wherever they are, even if that is ignored or in a folder that is skipped.
func (w *walker) measures() error {
	for _, place := range []string{w.options.SchemaFile, w.options.InitSQL} {
		abs := filepath.FromSlash(place)
		if !filepath.IsAbs(abs) {
			abs = filepath.Join(w.root, abs)
		}
		if _, err := os.Lstat(abs); err != nil {
			continue
		}
		list, err := prisma.Files(w.ctx, abs, "")
		if err != nil {
			w.cannot(place, Error, unreadMessage(abs, err))
			continue
		}
		for _, file := range list {
			if err := w.measure(place, abs, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// measure sends a file of the place abs, which the options call place.
func (w *walker) measure(place, abs, file string) error {
	name := place
	if rel, err := filepath.Rel(abs, file); err == nil && rel != "." {
		name = path.Join(place, filepath.ToSlash(rel))
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		w.cannot(name, Error, unreadMessage(file, err))
		return nil
	}
	_, ok := w.inside(real)
	switch {
	case !ok:
		w.cannot(name, Error, outsideMessage(real))
	case !w.sent[name]:
		return w.sendLink(name, real)
	}
	return nil
}

// askGit asks git what it ignores. Without git, nothing is ignored.
func (w *walker) askGit() error {
	names, err := program.Here(w.root).GitIgnored(w.ctx, w.root)
	if errors.Is(err, exec.ErrNotFound) {
		w.noGit = err
	} else if err != nil {
		return gitFailed(w.ctx, w.root, "ls-files", err)
	}
	w.ignored = make(map[string]bool, len(names))
	for _, name := range names {
		w.ignored[name] = true
	}
	return nil
}

func (w *walker) send(batch []string) error {
	if len(batch) == 0 {
		return nil
	}
	for _, name := range batch {
		w.sent[name] = true
	}
	select {
	case w.paths <- batch:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// folder lists one folder and those below it. It does not follow links: their targets are checked where they are, or
// belong to someone else; see link.
func (w *walker) folder(rel string, generated bool) error {
	entries, err := w.bounds.List(w.ctx, filepath.Join(w.root, filepath.FromSlash(rel)))
	if e, refused := files.Refused(err); refused {
		return e
	}
	if err != nil {
		if rel == "" {
			return remedy.New("check.folder", remedy.ExitUsage, "cannot read %s", w.root).Wrap(err)
		}
		w.cannot(rel, Warning, "this folder cannot be read, and nothing in it is checked")
		return nil
	}
	if rel != "" && w.isRepository(rel, entries) {
		w.leftOut(rel, "it is a repository of its own")
		return nil // a submodule, or someone's clone
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
			if w.ignored[file+"/"] {
				continue
			}
			if isSkipped(file) {
				if !isTools(name) && !generated {
					w.leftOut(file, "folders of this name hold what is installed or built")
				}
				continue
			}
			if generatedFolders[name] && !generated {
				w.leftOut(file, "folders of this name hold generated code, in which only a client is looked for")
			}
			if err := w.folder(file, generated || generatedFolders[name]); err != nil {
				return err
			}
		case e.Type()&fs.ModeSymlink != 0:
			if !generated && !isSkipped(file) && !w.ignored[file] {
				w.links = append(w.links, file)
			}
		case !e.Type().IsRegular():
		case name == ".gitignore" && w.noGit != nil:
			w.cannot(file, Warning, w.noGit.Error()+": what this ignores is checked as well")
			w.noGit = nil
			w.count(1)
		case generated:
			w.generated(file)
		case kindOf(file) != other && !w.ignored[file]:
			if batch = append(batch, file); len(batch) == 64 {
				if err := w.send(batch); err != nil {
					return err
				}
				batch = nil
			}
		default:
			w.count(1)
		}
		if e.Type().IsRegular() && !w.ignored[file] {
			w.noteFolder(file)
		}
	}
	return w.send(batch)
}

// noteFolder notes a file because of the folder that it is in, whatever it contains.
func (w *walker) noteFolder(name string) {
	prisma, migrations := backendPrisma(name) != "", migrationsOf(name) != ""
	if !prisma && !migrations {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if prisma {
		w.folders = append(w.folders, name)
	}
	if migrations {
		w.migrations = append(w.migrations, name)
	}
}

// isRepository reports whether a folder is another repository's working tree: its .git is a repository, or a file that
// says where one is. An empty .git does not count.
func (w *walker) isRepository(rel string, entries []fs.DirEntry) bool {
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" })
	if i < 0 {
		return false
	}
	git := filepath.Join(w.root, filepath.FromSlash(rel), ".git")
	if entries[i].IsDir() {
		_, err := os.Lstat(filepath.Join(git, "HEAD"))
		return err == nil
	}
	text, err := files.ReadInto(nil, git, files.Small)
	return err == nil && bytes.HasPrefix(text, []byte("gitdir:"))
}

// generated records a generated Prisma client by the files that every version of the generator writes.
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
			data, err := files.ReadInto(buf[:0], w.place(name), files.Source)
			if cap(data) > cap(buf) {
				buf = data
			}
			w.look(name, kindOf(name), data, err)
		}
		w.count(len(batch))
	}
	return nil
}

// look keeps a file that may concern a rule, or records that it cannot be read.
func (w *walker) look(name string, k kind, data []byte, err error) {
	switch {
	case err != nil:
		if !os.IsNotExist(err) && (w.options.isMeasure(name) || k != unnamed && k != sqlFile && k != textFile) {
			w.cannot(name, Warning, "this cannot be read")
		}
	case !w.wants(name, k, data):
		if k != scriptFile && w.wantsText(name, data) {
			w.keepText(name, data)
		}
	case w.readable(name, k, data):
		w.keep(name, k, w.hold(k, data))
	case k == prismaFile:
		w.keep(name, k, nil) // a second schema is one whatever it contains
	}
}

// marks are what a script must contain to concern any rule.
var marks = lazy.Value[*needles]{Make: func() *needles {
	return newNeedles("prisma", "Prisma", "@naap/database", "DATABASE_URL", "generated", "postgre", "Postgre", "Container(", "packages/database", allowMark,
		"db:seed", "db:push", "db:migrate", "db:generate", "createdb", "CREATE DATABASE", "create database", "plugin_")
}}

// sqlWords are what a file of SQL must contain to concern any rule. Dumps contain some of them in comments.
var sqlWords = lazy.Value[*needles]{Make: func() *needles { return newNeedles("DATABASE ", "database ", "GRANT ", "grant ") }}

// concernsSQL reports whether a file of SQL creates a database, or gives rights on schemas.
func concernsSQL(data []byte) bool {
	return sqlWords.Get().in(data) && (createDatabase.Get().Match(data) || grantText.Get().Match(data))
}

// wants reports whether a file may concern any rule. It looks only at bytes: most files of a repository are dropped
// here, before anything is parsed. This also works for a file in UTF-16 and for one too large to be parsed.
func (w *walker) wants(name string, k kind, data []byte) bool {
	if k != scriptFile {
		data = bytes.TrimPrefix(narrow(data), []byte("\ufeff"))
	}
	switch k {
	case other, textFile:
		return false
	case unnamed:
		return bytes.HasPrefix(data, []byte("#!")) && shebang(data)
	case scriptFile:
		return w.wantsScript(name, data)
	case composeFile:
		return isCompose.Get().MatchString(innerName(name)) || bytes.Contains(data, []byte("services")) && looksLikeCompose(name, data)
	case sqlFile:
		return w.options.isInit(name) || migrationsOf(name) == "" && len(data) <= largest && concernsSQL(data)
	}
	return true
}

// wantsText reports whether a file whose kind concerns no rule says something that does.
func (w *walker) wantsText(name string, data []byte) bool {
	return len(data) <= largest && !isTest(name) && bytes.IndexByte(data, 0) < 0 &&
		(w.options.holdsLogin(data) || w.options.holdsTemplate(name, data) || holdsTable(name, data))
}

// holdsTable reports whether a document may have a table of schemas.
func holdsTable(name string, data []byte) bool {
	return isMarkdown(name) && bytes.IndexByte(data, '|') >= 0 && bytes.Count(data, []byte("plugin_")) > 1
}

// keepText keeps what the rules need of a text. That of a document with nothing but tables is not needed once they are
// read.
func (w *walker) keepText(name string, data []byte) {
	f := &file{path: name, kind: textFile, data: data}
	f.parse()
	switch {
	case w.options.holdsLogin(data), w.options.holdsTemplate(name, data), len(f.tables) > 0 && bytes.Contains(data, []byte(allowMark)):
		f.data = bytes.Clone(data)
	case len(f.tables) == 0:
		return
	default:
		f.data, f.starts = nil, nil
	}
	w.mu.Lock()
	w.kept[name] = f
	w.mu.Unlock()
}

func (w *walker) wantsScript(name string, data []byte) bool {
	switch text := encoding(data[:min(len(data), 1000)]); {
	case text == "UTF-16" || text == "UTF-32":
		return marks.Get().in(narrow(data))
	case len(data) > largest:
		return !generatedMark(data)
	case !marks.Get().in(data):
		return isClientFile(name)
	case generatedMark(data):
		w.leftOut(name, "it says of itself that it is generated")
		return false
	}
	return true
}

func looksLikeCompose(name string, data []byte) bool {
	return isCompose.Get().MatchString(innerName(name)) || bytes.HasPrefix(data, []byte("services:")) ||
		bytes.Contains(data, []byte("\nservices:"))
}

// shebang reports whether a file without an extension is a shell script.
func shebang(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return slices.ContainsFunc([]string{"/sh", "/bash", "/zsh", "/dash", "env bash", "env sh", "env zsh"}, func(sh string) bool {
		return bytes.Contains(line, []byte(sh))
	})
}

// hold returns the text of a file that is kept, or nil for a script that will be read again.
func (w *walker) hold(k kind, data []byte) []byte {
	if k == scriptFile {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.held += len(data); w.held > heldText {
			return nil
		}
	}
	return bytes.Clone(data)
}

func (w *walker) keep(name string, k kind, data []byte) {
	f := &file{path: name, kind: k, data: data}
	if k != scriptFile { // scripts are parsed when they are judged
		f.parse()
	}
	w.mu.Lock()
	w.kept[name] = f
	w.mu.Unlock()
}

// onDisk reports whether a file exists below the root.
func (r *run) onDisk(name string) bool {
	if r.options.Root == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(r.options.Root, filepath.FromSlash(name)))
	return err == nil && !info.IsDir()
}
