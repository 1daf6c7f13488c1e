//go:build unix

package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// repository returns a folder with a file inside and one beside it, which must not change.
func repository(t *testing.T) (dir, victim string) {
	t.Helper()
	base := t.TempDir()
	dir = filepath.Join(base, "repository")
	write(t, filepath.Join(dir, "real", "schema.prisma"), "old")
	return dir, write(t, filepath.Join(base, "home", ".bashrc"), "mine")
}

func inside(t *testing.T, dir string) *Inside {
	t.Helper()
	in, err := OpenInside(dir)
	check(t, err)
	t.Cleanup(func() { in.Close() })
	return in
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Errorf("%s holds %q, want %q (%v)", path, text, want, err)
	}
}

func TestAWriteDoesNotLeaveItsFolder(t *testing.T) {
	dir, victim := repository(t)
	home := filepath.Dir(victim)
	link := func(to, name string) string {
		check(t, os.Symlink(to, filepath.Join(dir, name)))
		return name
	}
	in := inside(t, dir)
	for _, name := range []string{
		link(victim, "absolute"), link("../home/.bashrc", "relative"), link(home, "folder") + "/.bashrc",
		"folder/new", "folder/new/deeper", link("absolute", "twice"), link(filepath.Join(home, ".profile"), "dangling"),
		link("/proc/self/cwd", "magic") + "/x", "../home/.bashrc", "real/../../home/.bashrc", victim, home + "/new",
		link(".git/hooks/post-checkout", "hook"), ".git/config", ".GIT/config",
	} {
		err := in.Replace(name, []byte("evil"))
		e, _ := remedy.Of(err)
		if remedy.Code(err) != "file.outside" || len(e.Seen) == 0 || len(e.Fix) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := in.Read(t.Context(), name, Settings); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	holds(t, victim, "mine")
	if list, _ := os.ReadDir(home); len(list) != 1 {
		t.Errorf("beside it are now %v", list)
	}
}

func TestLinksThatStayInsideAreWrittenThrough(t *testing.T) {
	dir, _ := repository(t)
	check(t, os.Symlink("real/schema.prisma", filepath.Join(dir, "relative")))
	check(t, os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "absolute")))
	linked := filepath.Join(filepath.Dir(dir), "code")
	check(t, os.Symlink(dir, linked))
	for i, root := range []string{dir, linked} {
		in := inside(t, root)
		for _, name := range []string{"real/schema.prisma", "relative", "absolute/schema.prisma", filepath.Join(root, "relative")} {
			text := name + string(rune('0'+i))
			if err := in.Replace(name, []byte(text)); err != nil {
				t.Errorf("%s in %s: %v", name, root, err)
			}
			holds(t, filepath.Join(dir, "real", "schema.prisma"), text)
			if got, err := in.Read(t.Context(), name, Settings); err != nil || string(got) != text {
				t.Errorf("it reads %q, %v", got, err)
			}
		}
		if info, err := os.Lstat(filepath.Join(dir, "relative")); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Error("the link is a link no more", err)
		}
		check(t, in.Replace("made/of/folders/f", []byte("new")))
		holds(t, filepath.Join(dir, "made/of/folders/f"), "new")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".naap-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A link that is replaced while files are written must not lead any write out.
func TestALinkThatIsExchangedMeanwhileLeadsNoWriteOut(t *testing.T) {
	dir, victim := repository(t)
	home := filepath.Dir(victim)
	at := filepath.Join(dir, "packages")
	check(t, os.Mkdir(at, 0o755))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Rename(at, at+".real")
			_ = os.Symlink(home, at)
			_ = os.Remove(at)
			_ = os.Rename(at+".real", at)
		}
	}()
	in := inside(t, dir)
	const tries = 500
	written := 0
	for range tries {
		if err := in.Replace("packages/.bashrc", []byte("evil")); err == nil {
			written++
		}
	}
	close(stop)
	<-done
	holds(t, victim, "mine")
	if list, _ := os.ReadDir(home); len(list) != 1 {
		t.Errorf("beside it are now %v", list)
	}
	t.Logf("of %d writes %d went through", tries, written)
}

func TestAReplacedFileKeepsItsPermissionsAndItsOtherNames(t *testing.T) {
	dir, victim := repository(t)
	in := inside(t, dir)
	at := filepath.Join(dir, "f")
	for _, mode := range []fs.FileMode{0o600, 0o640, 0o755, 0o666} {
		write(t, at, "old")
		check(t, os.Chmod(at, mode))
		check(t, in.Replace("f", []byte("new")))
		if info, err := os.Stat(at); err != nil || info.Mode() != mode {
			t.Errorf("%v became %v, %v", mode, info.Mode(), err)
		}
	}
	check(t, os.Link(victim, filepath.Join(dir, "hard")))
	check(t, in.Replace("hard", []byte("new")))
	holds(t, victim, "mine")

	check(t, os.Chmod(at, 0o444))
	if err := in.Replace("f", []byte("newer")); remedy.Code(err) != "file.permission" {
		t.Error(err)
	}
	holds(t, at, "new")
	check(t, syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	for _, name := range []string{"fifo", "real"} {
		if err := in.Replace(name, nil); remedy.Code(err) != "file.kind" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAFileOfAnotherUserKeepsItsOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir, _ := repository(t)
	at := filepath.Join(dir, "real", "schema.prisma")
	check(t, os.Chown(at, 65534, 65534))
	check(t, inside(t, dir).Replace("real/schema.prisma", []byte("new")))
	info, err := os.Stat(at)
	check(t, err)
	if owner := info.Sys().(*syscall.Stat_t); owner.Uid != 65534 || owner.Gid != 65534 {
		t.Errorf("it belongs to %d:%d now", owner.Uid, owner.Gid)
	}
}

func TestANamedPathIsOnesOwnUnlessALinkOfTheFolderLeadsItOut(t *testing.T) {
	dir, victim := repository(t)
	home := filepath.Dir(victim)
	check(t, os.Symlink(home, filepath.Join(dir, "backups")))
	t.Chdir(dir)
	for path, code := range map[string]string{
		"backups/x.dump": "file.outside", filepath.Join(dir, "backups", "x.dump"): "file.outside", "backups": "file.outside",
		"x.dump": "", "real/x.dump": "", "not/there": "", "../home/x.dump": "", home + "/x.dump": "", "/dev/stdout": "",
	} {
		real, err := Leads(dir, path)
		if err == nil && code != "" || err != nil && (err.Code != code || !strings.HasPrefix(real, home) || !strings.Contains(err.Seen[0], real)) {
			t.Errorf("%s: %v, want %q", path, err, code)
		}
	}
	for _, none := range []string{"", filepath.Join(dir, "none")} {
		if _, err := Leads(none, "backups/x"); err != nil {
			t.Errorf("%q: %v", none, err)
		}
	}
}
