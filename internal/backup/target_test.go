//go:build unix

package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// scribe replaces pg_dump and pg_restore where the file matters, but not its content.
type scribe struct {
	during func() // while pg_dump writes
	fails  error  // how pg_dump ends, after half of the file
}

const (
	archive = "PGDMP and the rest"
	listing = "--\n-- PostgreSQL database dump\n--\n\n--\n-- Name: t; Type: TABLE; Schema: public; Owner: me\n--\n\nCREATE TABLE public.t (\n    id integer\n);\n\n--\n-- PostgreSQL database dump complete\n--\n"
)

func (s scribe) Run(ctx context.Context, program, _ string, _ []string, in io.Reader, out io.Writer) error {
	if program == "pg_restore" {
		if got, err := io.ReadAll(in); err != nil || string(got) != archive {
			return errors.New("it is not what was written: " + string(got))
		}
		_, err := io.WriteString(out, listing)
		return err
	}
	if _, err := io.WriteString(out, archive[:8]); err != nil {
		return err
	}
	if s.during != nil {
		s.during()
	}
	if s.fails != nil {
		return s.fails
	}
	_, err := io.WriteString(out, archive[8:])
	return err
}

func (s scribe) write(path string, opt Options) error {
	_, err := (&Server{database: "shop"}).Write(context.Background(), s, path, "", opt)
	return err
}

// is fails unless the file contains a text or, for "", does not exist.
func is(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if want == "" && errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
	}
}

// noneLeft fails if temporary files are left in a folder.
func noneLeft(t *testing.T, dir string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(dir, ".naap*")); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func taken3(t *testing.T, err error) {
	t.Helper()
	if remedy.Code(err) != "backup.exists" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(said(err), "--force") {
		t.Errorf("%s", said(err))
	}
}

func TestABackupReplacesAFileOnlyWhenForced(t *testing.T) {
	dir := t.TempDir()
	path := put(t, filepath.Join(dir, "x"), []byte("mine"))
	taken3(t, scribe{}.write(path, Options{}))
	is(t, path, "mine")
	if err := (scribe{}).write(path, Options{Force: true}); err != nil {
		t.Fatal(said(err))
	}
	is(t, path, archive)
	if err := (scribe{}).write(filepath.Join(dir, strings.Repeat("n", 255)), Options{}); err != nil {
		t.Errorf("a long name: %s", said(err))
	}
	noneLeft(t, dir)
}

func TestABackupGoesThroughALinkAndLeavesIt(t *testing.T) {
	dir := t.TempDir()
	real := put(t, filepath.Join(dir, "real"), []byte("mine"))
	link, dangling := filepath.Join(dir, "link"), filepath.Join(dir, "dangling")
	for at, to := range map[string]string{link: "real", dangling: "sub/none", filepath.Join(dir, "circle"): "circle", filepath.Join(dir, "away"): "gone/none"} {
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	taken3(t, scribe{}.write(link, Options{}))
	is(t, real, "mine")
	for _, path := range []string{link, dangling} {
		if err := (scribe{}).write(path, Options{Force: path == link}); err != nil {
			t.Fatal(said(err))
		}
		if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("%s is a link no longer: %v", path, err)
		}
		is(t, path, archive)
	}
	is(t, real, archive)
	is(t, filepath.Join(dir, "sub", "none"), archive)
	for _, name := range []string{"circle", "away"} {
		if err := (scribe{}).write(filepath.Join(dir, name), Options{Force: true}); remedy.Code(err) != "backup.file" {
			t.Errorf("%s: %v", name, err)
		}
	}
	noneLeft(t, dir)
}

func TestABackupIsWrittenToAPipeASocketAndADevice(t *testing.T) {
	dir := t.TempDir()
	fifo, socket := filepath.Join(dir, "fifo"), filepath.Join(dir, "s")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 2)
	go func() {
		data, _ := os.ReadFile(fifo)
		got <- string(data)
	}()
	go func() {
		c, err := listener.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		data, _ := io.ReadAll(c)
		got <- string(data)
	}()
	null := filepath.Join(dir, "null")
	if err := os.Symlink("/dev/null", null); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]fs.FileMode{fifo: fs.ModeNamedPipe, socket: fs.ModeSocket, "/dev/null": fs.ModeDevice | fs.ModeCharDevice, null: fs.ModeSymlink} {
		if err := (scribe{}).write(path, Options{Force: kind == fs.ModeNamedPipe}); err != nil {
			t.Errorf("%s: %s", path, said(err))
		}
		if info, err := os.Lstat(path); err != nil || info.Mode().Type() != kind {
			t.Errorf("%s is no longer what it was: %v, %v", path, info.Mode(), err)
		}
	}
	for range 2 {
		if text := <-got; text != archive {
			t.Errorf("read %q", text)
		}
	}
	noneLeft(t, dir)
}

func TestADiskIsNotWrittenOverUnasked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "disk")
	if err := syscall.Mknod(path, syscall.S_IFBLK|0o600, 0xfffff); err != nil {
		t.Skipf("only root may make a device node: %v", err)
	}
	taken3(t, scribe{}.write(path, Options{}))
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeDevice {
		t.Errorf("it is no longer a disk: %v", err)
	}
}

func TestAPipeThatNobodyReadsIsGivenUpWithTheCommand(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, reader := range []bool{false, true} {
		if reader { // it is opened and not read
			r, err := os.OpenFile(fifo, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
		}
		ctx, cancel := context.WithCancel(context.Background())
		opt := Options{Report: func(progress.Step) { time.AfterFunc(20*time.Millisecond, cancel) }}
		full := flood{}
		if _, err := (&Server{database: "shop"}).Write(ctx, full, fifo, "", opt); !errors.Is(err, context.Canceled) {
			t.Errorf("reader %v: %v", reader, err)
		}
		cancel()
	}
}

// flood writes more than any pipe holds.
type flood struct{}

func (flood) Run(_ context.Context, program, _ string, _ []string, in io.Reader, out io.Writer) error {
	if program == "pg_restore" {
		_, err := io.Copy(io.Discard, in)
		return err
	}
	for range 1000 {
		if _, err := out.Write(make([]byte, 64<<10)); err != nil {
			return err
		}
	}
	return nil
}

func TestAFolderIsNoPlaceForABackup(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, dir + "/", filepath.Join(dir, "none") + "/"} {
		err := (scribe{}).write(path, Options{Force: true})
		if remedy.Code(err) != "backup.folder" || remedy.Exit(err) != remedy.ExitUsage || !strings.Contains(said(err), "/naap.dump") {
			t.Errorf("%s: %s", path, said(err))
		}
	}
	if err := (scribe{}).write(filepath.Join(dir, "none")+"/", Options{}); !strings.Contains(said(err), "mkdir -p "+filepath.Join(dir, "none")) {
		t.Errorf("%s", said(err))
	}
	if err := (scribe{}).write("", Options{}); remedy.Exit(err) != remedy.ExitUsage {
		t.Errorf("%s", said(err))
	}
	if err := (scribe{}).write(filepath.Join(dir, "none", "x"), Options{}); remedy.Code(err) != "backup.file" || !strings.Contains(said(err), "mkdir -p") {
		t.Errorf("%s", said(err))
	}
}

func TestStandardOutputGetsTheBackupAlone(t *testing.T) {
	var out bytes.Buffer
	if err := (scribe{}).write(Stdout, Options{Stdout: &out}); err != nil || out.String() != archive {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := (scribe{}).write(Stdout, Options{}); remedy.Code(err) != "backup.stdout" || remedy.Exit(err) != remedy.ExitUsage {
		t.Errorf("%v", err)
	}
}

func TestAFailedBackupLeavesNoFileAndTheOldOne(t *testing.T) {
	dir := t.TempDir()
	old := put(t, filepath.Join(dir, "old"), []byte("mine"))
	broken := scribe{fails: ToolError("pg_dump", "", 3)}
	for _, path := range []string{old, filepath.Join(dir, "new")} {
		err := broken.write(path, Options{Force: true})
		if remedy.Code(err) != "backup.failed" || !strings.Contains(said(err), "pg_dump ended with status 3 and said nothing") {
			t.Errorf("%s", said(err))
		}
	}
	is(t, old, "mine")
	is(t, filepath.Join(dir, "new"), "")
	if err := broken.write(Stdout, Options{Stdout: io.Discard}); remedy.Code(err) != "backup.failed" || !strings.Contains(err.Error(), "not a whole backup") {
		t.Errorf("%v", err)
	}
	noneLeft(t, dir)
}

func TestAFullDiskIsNamed(t *testing.T) {
	if !exists("/dev/full") {
		t.Skip("the machine has no /dev/full")
	}
	if err := (scribe{}).write("/dev/full", Options{}); remedy.Code(err) != "backup.write" || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%s", said(err))
	}
}

// TestWhatComesToStandThereIsNotReplaced has something appear under the name while pg_dump writes.
func TestWhatComesToStandThereIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	for name, make := range map[string]func(string) error{
		"file":   func(path string) error { return os.WriteFile(path, []byte("mine"), 0o600) },
		"fifo":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"link":   func(path string) error { return os.Symlink("nowhere", path) },
		"folder": func(path string) error { return os.Mkdir(path, 0o700) },
	} {
		for _, force := range []bool{false, true} {
			path := filepath.Join(dir, name+strings.Repeat("!", len(name)))
			_ = os.Remove(path)
			var was fs.FileInfo
			err := (scribe{during: func() {
				if err := make(path); err != nil {
					t.Fatal(err)
				}
				was, _ = os.Lstat(path)
			}}).write(path, Options{Force: force})
			now, statErr := os.Lstat(path)
			if name == "file" && force {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				is(t, path, archive)
				continue
			}
			taken3(t, err)
			if statErr != nil || !os.SameFile(was, now) {
				t.Errorf("%s: it was replaced: %v", name, statErr)
			}
		}
	}
	noneLeft(t, dir)
}

func TestOfTwoBackupsToOneNameOneIsRefused(t *testing.T) {
	dir := t.TempDir()
	for round := range 50 {
		path := filepath.Join(dir, strings.Repeat("x", round+1))
		var together sync.WaitGroup
		both := make(chan struct{})
		var arrived sync.WaitGroup
		arrived.Add(2)
		errs := make([]error, 2)
		go func() { arrived.Wait(); close(both) }()
		for i := range errs {
			together.Go(func() {
				errs[i] = scribe{during: func() { arrived.Done(); <-both }}.write(path, Options{})
			})
		}
		together.Wait()
		is(t, path, archive)
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("%v, %v: one is refused", errs[0], errs[1])
		}
		taken3(t, errors.Join(errs...))
	}
	noneLeft(t, dir)
}

// TestABackupThatBeginsIsNotTakenForOneThatWasLeft removes abandoned files all the time while new ones are created.
func TestABackupThatBeginsIsNotTakenForOneThatWasLeft(t *testing.T) {
	dir := t.TempDir()
	var passes atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	defer others.Wait()
	defer cancel()
	others.Go(func() {
		for ctx.Err() == nil {
			clearParts(dir, Options{})
			passes.Add(1)
		}
	})
	for range 10 * pgtest.Number(t, "NAAP_TEST_STEPS", 20) {
		f, release, err := newPart(dir)
		if err != nil {
			t.Fatal(said(err))
		}
		for n := passes.Load(); passes.Load() < n+2; { // the pass that was under way has ended, and one that saw the file
			runtime.Gosched()
		}
		there := stands(f)
		release()
		_, _ = f.Close(), os.Remove(f.Name())
		if !there {
			t.Fatal("another backup removed it")
		}
	}
}

// TestWhatAKilledBackupLeftIsRemoved has the files that kill -9 leaves, beside one that is being written, and others
// that only look like them.
func TestWhatAKilledBackupLeftIsRemoved(t *testing.T) {
	dir := t.TempDir()
	left := put(t, filepath.Join(dir, ".naap-backup-123.part"), []byte("half"))
	own := put(t, filepath.Join(dir, ".naap-backup-notes.part"), []byte("mine"))
	elsewhere := put(t, filepath.Join(t.TempDir(), "x"), []byte("mine"))
	link := filepath.Join(dir, ".naap-backup-456.part")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	var said []string
	opt := Options{Report: func(s progress.Step) { said = append(said, s.Title+": "+s.Detail) }}
	during := scribe{during: func() {
		is(t, left, "")
		parts, err := filepath.Glob(filepath.Join(dir, ".naap-backup-*.part"))
		if err != nil || len(parts) != 3 { // its own, the link and the notes
			t.Errorf("%v, %v", parts, err)
		}
		if err := (scribe{}).write(filepath.Join(dir, "second"), Options{}); err != nil { // it must not remove the first one's
			t.Error(err)
		}
	}}
	if err := during.write(filepath.Join(dir, "first"), opt); err != nil {
		t.Fatal(err)
	}
	is(t, own, "mine")
	is(t, link, "mine")
	if !slices.Contains(said, "Remove what a killed backup left: "+left) {
		t.Errorf("%q", said)
	}
	for _, name := range []string{"first", "second"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}
