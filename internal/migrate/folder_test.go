package migrate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAScriptIsTheSameWhateverGitMadeOfItsLineEndings(t *testing.T) {
	of := func(text string) string { return Migration{Script: text}.Checksum() }
	lf, crlf, mixed := "a;\nb;\n", "a;\r\nb;\r\n", "a;\r\nb;\n"
	for _, c := range []struct {
		now, then string
		same      bool
	}{
		{lf, lf, true}, {lf, crlf, true}, {crlf, lf, true}, {crlf, crlf, true},
		{mixed, lf, true}, {mixed, crlf, true}, {lf, mixed, false}, {lf, "a;\nb; \n", false},
	} {
		if got := (Migration{Script: c.now}).Has(of(c.then)); got != c.same {
			t.Errorf("%q is %v the script whose checksum was that of %q", c.now, got, c.then)
		}
	}
	old := "" // as engines before 2021 wrote it
	for _, b := range sha256.Sum256([]byte(lf)) {
		old += fmt.Sprintf("%x", b)
	}
	if len(old) == 64 || !(Migration{Script: lf}).Has(old) {
		t.Errorf("the checksum %s without leading zeros is not recognized", old)
	}
}

func TestEachFolderIsAMigrationAndNothingElse(t *testing.T) {
	b := newBenchWithoutDatabase(t)
	b.write("2_b", "SELECT 1")
	b.write("10_c", "")
	b.write("0_init copy", "SELECT 2")
	must(t, os.MkdirAll(filepath.Join(b.dir, "3_empty", "sub"), 0o755))
	must(t, os.WriteFile(filepath.Join(b.dir, "2_b", "down.sql"), []byte("DROP"), 0o644))
	must(t, os.WriteFile(filepath.Join(b.dir, ".gitkeep"), nil, 0o644))
	must(t, os.WriteFile(filepath.Join(b.dir, lockName), []byte("# do not edit\r\nprovider = \"postgresql\"\r\n"), 0o644))
	f := b.folder()
	if got := strings.Join(f.names(), ", "); got != "0_init copy, 10_c, 2_b, 3_empty" {
		t.Errorf("the migrations are %s", got)
	}
	if m, _ := f.Named("3_empty"); !errors.Is(m.Err, fs.ErrNotExist) {
		t.Errorf("a folder without a script: %v", m.Err)
	}
	if f.Provider != "postgresql" || f.check() != nil {
		t.Errorf("the provider is %q: %v", f.Provider, f.check())
	}
	must(t, os.WriteFile(filepath.Join(b.dir, lockName), []byte(`provider = "mysql"`), 0o644))
	if err := b.folder().check(); err == nil || !strings.Contains(err.Error(), "P3019") {
		t.Errorf("migrations of another database: %v", err)
	}
	for text, right := range map[string]bool{
		"provider = \"postgresql\"\nprovider = \"mysql\"": true, "provider = postgresql": true, "": false, "# provider = \"postgresql\"": false,
		"provider=\"postgresql\"": false, "provider = \"postgresql\" # ours": false, "provider = \"postgres\"": false, "  provider = \"mysql\"": false,
	} { // as Prisma's engine takes them
		must(t, os.WriteFile(filepath.Join(b.dir, lockName), []byte(text), 0o644))
		if err := b.folder().check(); (err == nil) != right {
			t.Errorf("%q: %v", text, err)
		}
	}
	b.dir = filepath.Join(b.dir, "none")
	if f := b.folder(); f.There || len(f.Migrations) > 0 {
		t.Errorf("a folder that is not there: %+v", f)
	}
}

func TestALinkOutOfTheFolderIsNotFollowed(t *testing.T) {
	b := newBenchWithoutDatabase(t)
	outside := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(outside, []byte("SELECT 'secret'"), 0o600))
	must(t, os.MkdirAll(filepath.Join(b.dir, "1_m"), 0o755))
	if err := os.Symlink(outside, filepath.Join(b.dir, "1_m", scriptName)); err != nil {
		t.Skip("no links here:", err)
	}
	if m, _ := b.folder().Named("1_m"); m.Err == nil || m.Script != "" {
		t.Errorf("the script is %q, %v", m.Script, m.Err)
	}
}

// TestNamesAreSortedAsPrismaSortsThem asks JavaScript itself.
func TestNamesAreSortedAsPrismaSortsThem(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not here:", err)
	}
	names := []string{"0_init", "20240101_a", "20240101_b", "20240101-b", "20240101 b", "20240101b", "20240101", "20240101_B", "20240101_a copy", "a", "B", "b", "A",
		"add_users", "addUsers", "add-users", "Add_posts", "add.users", "_draft", "z10", "z9", "2", "10", "x(1)", "x[1]", "x1", "x+1", "x=1", "x~1", "x$1", "x@1", "x&1", "x%1", "x#1", "x^1", "x`1", "x'1"}
	text, err := json.Marshal(names)
	must(t, err)
	out, err := exec.Command(node, "-e", "console.log(JSON.stringify("+string(text)+".sort((a, b) => a.localeCompare(b))))").Output()
	must(t, err)
	var want []string
	must(t, json.Unmarshal(out, &want))
	slices.SortStableFunc(names, collate)
	if !slices.Equal(names, want) {
		t.Errorf("sorted\n%q\nJavaScript sorts\n%q", names, want)
	}
}

func newBenchWithoutDatabase(t *testing.T) *bench { return &bench{t: t, dir: t.TempDir()} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
