package envfile

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const wrongLine = "DATABASE_URL=postgresql://postgres:postgres@localhost:5433/naap\n"

func TestNothingIsWrittenThroughALinkOutOfTheWorkspace(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	put(t, outside, "secrets", []byte(wrongLine))
	put(t, root, ".env", []byte(wrongLine))
	put(t, root, "apps/web/x", nil)
	for name, to := range map[string]string{
		"apps/.env": filepath.Join(outside, "secrets"), "apps/web/.env": "../../.env", "apps/web/.env.local": "nothing", "linked": outside,
	} {
		if err := os.Symlink(to, filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Skip(err)
		}
	}
	put(t, outside, ".env", []byte(wrongLine))
	r := read(t, options(root))
	if got, want := describe(r), ".env\n  1 wrong DATABASE_URL postgresql://postgres:***@localhost:5433/naap: port 5433, which is that of the instance two; it is 5432 here\n"+
		"    becomes postgresql://postgres:***@localhost:5432/naap\n"+
		"apps/.env\n  problem: it is a link out of the workspace\n"+
		"apps/web/.env\n  is .env\napps/web/.env.local\n  problem: it is a link to nothing\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	check(t, r.Plan().Apply(t.Context()))
	for _, name := range []string{"secrets", ".env"} {
		if text, _ := os.ReadFile(filepath.Join(outside, name)); string(text) != wrongLine {
			t.Errorf("%s outside was written: %s", name, text)
		}
	}
	if info, err := os.Lstat(filepath.Join(root, "apps/web/.env")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link inside is gone", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "apps/web/.env")); !strings.Contains(string(text), ":5432/") {
		t.Errorf("what the link leads to was not mended: %s", text)
	}
}

func TestALinkThatIsPutThereMeanwhileIsNotFollowed(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	put(t, root, ".env", []byte(wrongLine))
	put(t, outside, "victim", []byte(wrongLine)) // of the same text, so that it is not told apart by that
	p := read(t, options(root)).Plan()
	check(t, os.Remove(filepath.Join(root, ".env")))
	if err := os.Symlink(filepath.Join(outside, "victim"), filepath.Join(root, ".env")); err != nil {
		t.Skip(err)
	}
	if err := p.Apply(t.Context()); remedy.Code(err) != "file.outside" {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(outside, "victim")); string(text) != wrongLine {
		t.Errorf("it was written: %s", text)
	}
}

func TestAFileThatChangedMeanwhileIsLeftAloneAndSoAreAllOthers(t *testing.T) {
	root := t.TempDir()
	put(t, root, "a/.env", []byte(wrongLine))
	put(t, root, "b/.env", []byte(wrongLine))
	p := read(t, options(root)).Plan()
	put(t, root, "b/.env", []byte(wrongLine+"A=1\n"))
	if err := p.Apply(t.Context()); remedy.Code(err) != "env.changed" || !strings.Contains(err.Error(), "b/.env") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(filepath.Join(root, "a/.env")); string(text) != wrongLine {
		t.Errorf("a/.env was written: %s", text)
	}
	check(t, os.Remove(filepath.Join(root, "b/.env")))
	if err := p.Apply(t.Context()); remedy.Code(err) != "env.changed" {
		t.Errorf("where it is gone: %v", err)
	}
}

func TestAMendedFileKeepsItsModeAndLeavesNothingBeside(t *testing.T) {
	root := t.TempDir()
	put(t, root, ".env", []byte(wrongLine))
	check(t, os.Chmod(filepath.Join(root, ".env"), 0o600))
	check(t, read(t, options(root)).Plan().Apply(t.Context()))
	info, err := os.Stat(filepath.Join(root, ".env"))
	check(t, err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	if entries, _ := os.ReadDir(root); len(entries) != 1 {
		t.Errorf("there is more than the file: %v", entries)
	}
	check(t, os.WriteFile(filepath.Join(root, ".env"), []byte(wrongLine), 0o600))
	check(t, os.Chmod(filepath.Join(root, ".env"), 0o400))
	if err := read(t, options(root)).Plan().Apply(t.Context()); remedy.Code(err) != "file.permission" {
		t.Errorf("a file that may not be written: %v", err)
	}
}

func TestWhatCannotBeReadIsNamed(t *testing.T) {
	root := t.TempDir()
	put(t, root, "huge/.env", make([]byte, 2<<20))
	put(t, root, "utf16/.env", []byte("\xff\xfeD\x00A\x00"))
	check(t, os.MkdirAll(filepath.Join(root, "folder", ".env"), 0o755))
	put(t, root, "ünïcode \x1b[31m/.env", []byte(wrongLine))
	got := describe(read(t, options(root)))
	for _, want := range []string{"huge/.env\n  problem: ", "utf16/.env\n  problem: it is not text in UTF-8\n", "ünïcode"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(read(t, options(root)).Plan().Diff(), "\x1b") {
		t.Error("a file's name moves the terminal")
	}
}

func TestAPasswordOfOnesOwnGetsOnlyIntoFilesThatGitIgnores(t *testing.T) {
	root := t.TempDir()
	put(t, root, "shared/.env", []byte(wrongLine))
	put(t, root, "own/.env", []byte(wrongLine))
	o := options(root)
	o.URL = "postgresql://postgres:s3cret@localhost:5432/naap"
	o.Private = func(_ context.Context, name string) (bool, error) { return name == "own/.env", nil }
	r := read(t, o)
	p := r.Plan()
	if len(p.Changes) != 1 || p.Changes[0].Path != "own/.env" || !strings.Contains(describe(r), "refused: git does not ignore it") {
		t.Fatalf("got\n%s%s", describe(r), p.Diff())
	}
	if strings.Contains(describe(r)+p.Diff()+r.URL, "s3cret") {
		t.Error("the password is shown")
	}
	check(t, p.Apply(t.Context()))
	if text, _ := os.ReadFile(filepath.Join(root, "own/.env")); !strings.Contains(string(text), "s3cret@localhost:5432") {
		t.Errorf("got %s", text)
	}
}

func TestAServerOnAnotherMachineIsComparedAndItsPasswordIsNotWritten(t *testing.T) {
	root := t.TempDir()
	put(t, root, "right/.env", []byte("DATABASE_URL=postgresql://me:s3cret@db.example.org/app?sslmode=require\n"))
	put(t, root, "wrong/.env", []byte(wrongLine))
	o := options(root)
	o.URL, o.External = "postgresql://me:s3cret@db.example.org:5432/app?sslmode=require", true
	r := read(t, o)
	got := describe(r)
	if !strings.Contains(got, "right DATABASE_URL") || !strings.Contains(got, "host localhost, and it is db.example.org here") ||
		!strings.Contains(got, "refused: the database is on another machine") || !r.Plan().Empty() || strings.Contains(got, "s3cret") {
		t.Errorf("got\n%s", got)
	}
}

// FuzzMending mends any text: what is mended is right afterwards, and stays as it is.
func FuzzMending(f *testing.F) {
	for _, seed := range []string{wrongLine, "export DATABASE_URL='x'", "DATABASE_URL=#", "DATABASE_URL_UNPOOLED=a\r\n", "\ufeffDATABASE_URL=\"", "DATABASE_URL=${A}\nA=`", "DATABASE_URL: mysql://x"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 || strings.ContainsRune(string(text), 0) {
			return
		}
		r := reportOf(t, text)
		for _, c := range r.Plan().Changes {
			again := reportOf(t, c.text())
			if again.Wrong() > 0 && again.Files[0].Refused == "" {
				t.Fatalf("%q became %q, and is wrong:\n%s", text, c.text(), describe(again))
			}
		}
		_ = r.Plan().Diff()
	})
}

// reportOf returns what a single file says.
func reportOf(t *testing.T, text []byte) *Report {
	t.Helper()
	r := read(t, options(""))
	r.Files = []File{{Path: ".env", text: text}}
	r.judge(&r.Files[0])
	r.lookForMissing()
	check(t, r.mayBeWritten(t.Context(), &r.Files[0]))
	return r
}
