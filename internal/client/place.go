package client

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Place is where a generator's client is.
type Place struct {
	Generator string
	Folder    string // absolute; "" where it is not known
	File      string // absolute: the one that says what the client was generated for; "" where there is none
	Why       string // why it is not read, or why there is none yet
	Stamp     Stamp  // of File

	inCode bool // File is code that has the schema in it
}

// Stamp changes when a file does.
type Stamp struct {
	Size int64
	At   time.Time
}

// Find returns where a generator's client is. schemaFile is the absolute path of the Prisma file with the generator, and
// root the folder that is not left: nothing outside of it is read. ok is false for a generator of something else.
func Find(g *prisma.Generator, schemaFile, root string) (p Place, ok bool) {
	f := finder{root: root, place: Place{Generator: g.Name}}
	if real, err := files.Leading(root); err == nil {
		f.root = real
	}
	base := filepath.Dir(schemaFile)
	switch {
	case g.Provider != "prisma-client-js" && g.Provider != "prisma-client":
		return Place{}, false
	case strings.HasPrefix(g.Output, "env("):
		f.place.Why = "its output is " + visible.String(g.Output)
	case g.Output != "":
		f.look(outputFolder(base, g.Output), g.Provider, schemaFile)
	case g.Provider == "prisma-client-js":
		f.inModules(base, schemaFile)
	default:
		f.place.Why = "it does not say its output"
	}
	return f.place, true
}

// outputFolder returns the folder that an output names.
func outputFolder(base, output string) string {
	output = filepath.FromSlash(output)
	if filepath.IsAbs(output) {
		return filepath.Clean(output)
	}
	return filepath.Join(base, output)
}

type finder struct {
	root  string // with links followed
	place Place
}

// inModules looks where Prisma puts the client of a generator without output: in node_modules/.prisma/client beside the
// real folder of the package @prisma/client that Node finds from the schema's folder. With pnpm that is in its store.
func (f *finder) inModules(base, schemaFile string) {
	real, err := files.Leading(base)
	if err != nil {
		return
	}
	for dir := range Upward(real, f.root) {
		pkg := filepath.Join(dir, "node_modules", "@prisma", "client")
		if _, err := os.Stat(pkg); err != nil {
			continue
		}
		real, err := files.Leading(pkg)
		if err != nil {
			continue
		}
		f.look(filepath.Join(real, "..", "..", ".prisma", "client"), "prisma-client-js", schemaFile)
		return
	}
	f.place.Why = notInstalled
}

// notInstalled is why there is no client where its package is missing.
const notInstalled = "@prisma/client is not installed"

// generated are the files that say what a client was generated for, by provider; the first that exists is read. The first
// versions of prisma-client wrote a single file.
var generated = map[string][]string{
	"prisma-client-js": {"schema.prisma", "index.js"},
	"prisma-client": {"internal/class.ts", "internal/class.mts", "internal/class.cts", "internal/class.js",
		"client.ts", "client.mts", "client.cts", "client.js"},
}

// look finds the file in a client's folder that says what the client was generated for.
func (f *finder) look(folder, provider, schemaFile string) {
	f.place.Folder = folder
	real, err := files.Leading(folder)
	if err != nil {
		return
	}
	if _, inside := files.Below(f.root, real); !inside {
		f.place.Why = "it is outside of the repository"
		return
	}
	own, _ := files.Leading(schemaFile)
	for _, name := range generated[provider] {
		file, err := files.Leading(filepath.Join(real, filepath.FromSlash(name)))
		if err != nil || file == own { // generated beside the schema itself
			continue
		}
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if _, inside := files.Below(f.root, file); !inside {
			f.place.Why = "it is outside of the repository"
			return
		}
		f.found(file, info)
		return
	}
}

func (f *finder) found(file string, info fs.FileInfo) {
	f.place.File, f.place.Stamp = file, Stamp{info.Size(), info.ModTime()}
	f.place.inCode = filepath.Ext(file) != ".prisma"
}

// Upward yields a folder and those above it, up to root; only the folder itself where it is not in root.
func Upward(dir, root string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			if !yield(dir) {
				return
			}
			rel, inside := files.Below(root, dir)
			if !inside || rel == "." {
				return
			}
			dir = filepath.Dir(dir)
		}
	}
}
