//go:build unix

package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write creates a file and its folders.
func write(t *testing.T, path, text string) string {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestAFileIsReadWhole(t *testing.T) {
	for _, size := range []int{0, 1, 511, 512, 513, 1 << 20, 3<<20 + 7} {
		path := write(t, filepath.Join(t.TempDir(), "f"), strings.Repeat("x", size))
		for _, ctx := range []context.Context{context.Background(), t.Context()} {
			got, err := Read(ctx, path, Limit(size))
			if err != nil || len(got) != size {
				t.Errorf("of %d bytes: %d, %v", size, len(got), err)
			}
		}
		if size > 0 {
			if _, err := Read(t.Context(), path, Limit(size-1)); remedy.Code(err) != "file.size" {
				t.Errorf("%d bytes with a limit of one less: %v", size, err)
			}
		}
	}
}

// A file of the kernel's claims to be a regular one, and can wait forever or never end.
func TestTheKernelsFilesAreNotRead(t *testing.T) {
	for _, name := range []string{"/proc/self/maps", "/proc/kmsg", "/sys/kernel/mm/transparent_hugepage/enabled"} {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		if _, err := Read(t.Context(), name, Settings); remedy.Code(err) != "file.kind" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ReadNamed(t.Context(), name, Settings); remedy.Code(err) != "file.kind" {
			t.Errorf("%s on the command line: %v", name, err)
		}
	}
	if _, err := NewTree("/proc/self", 10); runtime.GOOS == "linux" && remedy.Code(err) != "file.tree" {
		t.Errorf("/proc/self: %v", err)
	}
}

func TestWhatIsNoFileIsRefusedByItsKind(t *testing.T) {
	dir := t.TempDir()
	link := func(to string) string {
		path := filepath.Join(dir, strings.ReplaceAll("link to "+to, "/", "_"))
		check(t, os.Symlink(to, path))
		return path
	}
	check(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	check(t, err)
	defer l.Close()
	large := filepath.Join(dir, "large")
	check(t, os.WriteFile(large, nil, 0o600))
	check(t, os.Truncate(large, 10<<30))
	for path, want := range map[string]string{
		link("/dev/zero"): "a device", link("/dev/random"): "a device", link("/dev/tty"): "a device",
		filepath.Join(dir, "fifo"): "a named pipe", link(filepath.Join(dir, "fifo")): "a named pipe",
		filepath.Join(dir, "socket"): "a socket", dir: "a folder", link("/"): "a folder",
		large: "10 GB", link(large): "10 GB",
	} {
		_, err := Read(t.Context(), path, Settings)
		e, refused := Refused(err)
		if !refused || !strings.Contains(e.Message, want) || len(e.Fix) == 0 {
			t.Errorf("%s: %v, want it to be called %s", path, err, want)
		}
		if strings.Contains(path, "link") && (len(e.Seen) == 0 || !strings.Contains(e.Seen[0], "leads to")) {
			t.Errorf("%s: it is not said where the link leads: %q", path, e.Seen)
		}
	}
	for path, want := range map[string]error{filepath.Join(dir, "none"): fs.ErrNotExist, link(filepath.Join(dir, "gone")): fs.ErrNotExist} {
		if _, err := Read(t.Context(), path, Settings); !errors.Is(err, want) || !os.IsNotExist(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	loop := filepath.Join(dir, "loop")
	check(t, os.Symlink(loop, loop))
	if _, err := Read(t.Context(), loop, Settings); err == nil {
		t.Error("a link to itself was read")
	}
}

// A file can be replaced between the check and the opening; what is opened then is checked again.
func TestAPipeThatTakesAFilesPlaceDoesNotHoldTheReader(t *testing.T) {
	dir := t.TempDir()
	path, spare := write(t, filepath.Join(dir, "f"), "text"), filepath.Join(dir, "spare")
	check(t, syscall.Mkfifo(spare, 0o600))
	ctx, stop := context.WithCancel(t.Context())
	exchanged := make(chan struct{})
	go func() {
		defer close(exchanged)
		for ctx.Err() == nil {
			_ = os.Rename(path, path+".file")
			_ = os.Rename(spare, path)
			_ = os.Rename(path, spare)
			_ = os.Rename(path+".file", path)
		}
	}()
	for range 20_000 {
		text, err := Read(context.Background(), path, Settings)
		if err == nil && string(text) != "text" {
			t.Fatalf("it read %q", text)
		}
		if _, refused := Refused(err); err != nil && !refused && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	stop()
	<-exchanged
}

// silent is a file system that does not answer.
type silent struct{ asked, never chan struct{} }

func (s silent) Read([]byte) (int, error) {
	close(s.asked)
	<-s.never
	return 0, io.EOF
}

func TestAReadThatNeverEndsIsLeftBehind(t *testing.T) {
	s := silent{make(chan struct{}), make(chan struct{})}
	defer close(s.never)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		<-s.asked
		stop()
	}()
	if _, err := ReadFrom(ctx, s, "a stream", Settings); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestAPipeOnTheCommandLineIsReadAndEndsWithTheContext(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	check(t, syscall.Mkfifo(fifo, 0o600))
	go func() {
		f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
		if err == nil {
			_, _ = f.WriteString("SELECT 1")
			f.Close()
		}
	}()
	if text, err := ReadNamed(t.Context(), fifo, Settings); err != nil || string(text) != "SELECT 1" {
		t.Errorf("%q, %v", text, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := ReadNamed(ctx, fifo, Settings); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for _, endless := range []string{"/dev/zero"} {
		if _, err := ReadNamed(t.Context(), endless, Settings); remedy.Code(err) != "file.size" {
			t.Errorf("%s: %v", endless, err)
		}
	}
	if _, err := ReadNamed(t.Context(), t.TempDir(), Settings); remedy.Code(err) != "file.kind" {
		t.Error(err)
	}
}

func TestAFolderIsListedUpToItsBounds(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"c", "a", "b"} {
		write(t, filepath.Join(dir, name), "")
	}
	list, err := List(t.Context(), dir, 3)
	if err != nil || len(list) != 3 || list[0].Name() != "a" || list[2].Name() != "c" {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := List(t.Context(), dir, 2); remedy.Code(err) != "file.tree" {
		t.Errorf("of three with a bound of two: %v", err)
	}
	if _, err := List(t.Context(), filepath.Join(dir, "a"), 3); remedy.Code(err) != "file.kind" {
		t.Errorf("a file as a folder: %v", err)
	}
	fifo := filepath.Join(dir, "fifo")
	check(t, syscall.Mkfifo(fifo, 0o600))
	if _, err := List(t.Context(), fifo, 3); remedy.Code(err) != "file.kind" {
		t.Errorf("a pipe as a folder: %v", err)
	}
	check(t, os.Symlink("/", filepath.Join(dir, "root")))
	for _, root := range []string{"/", filepath.Join(dir, "root"), dir + "/../../../../../../../.."} {
		if _, err := NewTree(root, 10); remedy.Code(err) != "file.tree" {
			t.Errorf("%s: %v", root, err)
		}
	}
	tree, err := NewTree(dir, 100)
	check(t, err)
	deep := dir
	for range treeDepth + 1 {
		deep = filepath.Join(deep, "d")
	}
	check(t, os.MkdirAll(deep, 0o755))
	at := dir
	for err = nil; err == nil && len(at) <= len(deep); at = filepath.Join(at, "d") {
		_, err = tree.List(t.Context(), at)
	}
	if remedy.Code(err) != "file.tree" {
		t.Errorf("a walk %d deep ended with %v", treeDepth+1, err)
	}
}

func TestAFolderAsAFileSystemIsBounded(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sub", "f.sql"), "SELECT 1")
	check(t, os.Symlink("/dev/zero", filepath.Join(dir, "zero.sql")))
	fsys := Folder(t.Context(), dir, 8)
	var met []string
	check(t, fs.WalkDir(fsys, ".", func(name string, _ fs.DirEntry, err error) error {
		met = append(met, name)
		return err
	}))
	if got := strings.Join(met, " "); got != ". sub sub/f.sql zero.sql" {
		t.Error(got)
	}
	if text, err := fs.ReadFile(fsys, "sub/f.sql"); err != nil || string(text) != "SELECT 1" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := fs.ReadFile(fsys, "zero.sql"); remedy.Code(err) != "file.kind" {
		t.Error(err)
	}
	if _, err := fs.ReadFile(fsys, "../x"); !errors.Is(err, fs.ErrInvalid) {
		t.Error(err)
	}
}
