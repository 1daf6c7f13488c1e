package migrate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAMigrationIsNamedAsPrismaNamesIt(t *testing.T) {
	for called, want := range map[string]string{
		"": "", "add teams": "add_teams", "addTeams": "add_teams", "Add  HTTPServer2!": "add_http_server2", "don't": "dont", "größe & maß": "groesse_and_mass",
		"../../etc/passwd": "etc_passwd", "__x__": "x", "a/b\\c": "a_b_c", "数据": "", strings.Repeat("x", 300): strings.Repeat("x", nameLimit),
	} {
		if got := Slug(called); got != want {
			t.Errorf("%q: %q, and not %q", called, got, want)
		}
	}
	now := time.Date(2024, 2, 29, 23, 59, 59, 0, time.FixedZone("", 3600))
	f := &Folder{Migrations: []Migration{{Name: "20240229225959_x"}}}
	if got := f.NextName("x", now); got != "20240229230000_x" {
		t.Errorf("a name that is taken: %s", got)
	}
	if got := f.NextName("a", now); got != "20240229230000_a" {
		t.Errorf("in the same second as one with a later name: %s", got)
	}
	if got := (&Folder{Migrations: []Migration{{Name: "99_last"}}}).NextName("a", now); got != "20240229225959_a" {
		t.Errorf("before one that every time precedes: %s", got)
	}
	if got := (&Folder{}).NextName("", now); got != "20240229225959_" {
		t.Errorf("without a name: %s", got)
	}
	// A folder that was made by hand has the time of the clock on the wall; a new one runs after it on new databases too.
	if got := (&Folder{Migrations: []Migration{{Name: "20240301085959_hand"}}}).NextName("a", now); got != "20240301090000_a" {
		t.Errorf("after one of another time zone: %s", got)
	}
	if f.Precedes("20240229230000_x") || !f.Precedes("20230101000000_x") {
		t.Error("which one is first is not known")
	}
}

func TestAMigrationIsWrittenWholeAndStaysInside(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "prisma", "migrations")
	f := &Folder{Dir: dir, Name: "prisma/migrations"}
	m, err := f.Write(root, "1_x", "SELECT 1;")
	if err != nil || m.Path != "prisma/migrations/1_x/migration.sql" {
		t.Fatalf("%v, %s", err, m.Path)
	}
	if _, err := f.Write(root, "1_x", "SELECT 2;"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second one of that name: %v", err)
	}
	read, err := ReadFolder(t.Context(), dir, "")
	if err != nil || len(read.Migrations) != 1 || read.Migrations[0].Script != "SELECT 1;" || read.Provider != "postgresql" {
		t.Errorf("read again: %+v, %v", read, err)
	}
	if list, _ := os.ReadDir(filepath.Join(root, "prisma")); len(list) != 1 {
		t.Errorf("beside the migrations: %v", list)
	}
	lock := filepath.Join(dir, lockName)
	if err := os.WriteFile(lock, []byte("provider = \"postgresql\" # mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(root, "2_x", ""); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(lock); !strings.HasSuffix(string(text), "mine") {
		t.Errorf("the lock file is replaced: %s", text)
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "out")); err != nil {
		t.Skip(err)
	}
	led := &Folder{Dir: filepath.Join(root, "out", "migrations"), Name: "out/migrations"}
	if _, err := led.Write(root, "1_x", ""); remedy.Code(err) != "file.outside" {
		t.Errorf("by a link out of the workspace: %v", err)
	}
	if list, _ := os.ReadDir(outside); len(list) != 0 {
		t.Errorf("outside: %v", list)
	}
}
