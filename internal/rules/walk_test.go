package rules

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const breach = "import { PrismaClient } from '@prisma/client';\n"

// found returns the files with findings.
func found(r *Report) []string {
	var files []string
	for _, f := range r.Findings {
		if !slices.Contains(files, f.Place.Path) {
			files = append(files, f.Place.Path)
		}
	}
	return files
}

func gitIn(t *testing.T, root string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	args = append([]string{"-C", root, "-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "init.defaultBranch=main"}, args...)
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func TestIgnoredVendoredAndGeneratedFilesAreLeftOut(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	for _, name := range []string{
		"a.ts", "sub/b.ts", "ignored.ts", "sub/local.ts", "out/c.ts", "node_modules/d.ts", "sub/dist/e.ts", ".next/f.ts",
		"excluded.ts", "generated/g.ts", "build/kept.ts", "big.min.js", "tracked-though-ignored.ts",
	} {
		write(t, root, name, breach)
	}
	write(t, root, ".gitignore", "ignored.ts\n/out/\ntracked-though-ignored.ts\n")
	write(t, root, "sub/.gitignore", "local.ts\n")
	write(t, root, ".git/info/exclude", "excluded.ts\n")
	gitIn(t, root, "add", "-f", "tracked-though-ignored.ts")
	if err := os.Symlink("a.ts", filepath.Join(root, "link.ts")); err != nil {
		t.Fatal(err)
	}
	got := found(check(t, Options{Root: root}))
	want := []string{"a.ts", "build/kept.ts", "sub/b.ts", "tracked-though-ignored.ts"}
	if !slices.Equal(got, want) {
		t.Errorf("found in %q, want %q", got, want)
	}
}

func TestWithoutGitNothingIsIgnoredWhichIsSaid(t *testing.T) {
	root := t.TempDir()
	write(t, root, "a.ts", "const a = 1;\n")
	t.Setenv("PATH", t.TempDir())
	if got := found(check(t, Options{Root: root})); len(got) > 0 {
		t.Errorf("found in %q, where nothing would be ignored", got)
	}
	write(t, root, ".gitignore", "ignored.ts\n")
	write(t, root, "ignored.ts", breach)
	write(t, root, "sub/.gitignore", "local.ts\n")
	r := check(t, Options{Root: root})
	if got, want := found(r), []string{".gitignore", "ignored.ts"}; !slices.Equal(got, want) {
		t.Errorf("found in %q, want %q", got, want)
	}
	if f := r.Findings[0]; f.Severity != Warning || f.Message != "there is no git on the PATH: what this ignores is checked as well" {
		t.Errorf("it says %+v", f)
	}
}

func TestChangedAsksGitForWhatIsDifferentAndNew(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	for _, name := range []string{"old.ts", "edited.ts", "staged.ts", "committed.ts"} {
		write(t, root, name, breach)
	}
	write(t, root, "bin/list.sh", "SCHEMAS=(public plugin_a plugin_b)\n")
	write(t, root, "docker/init-schemas.sql", "CREATE SCHEMA plugin_a;\nCREATE SCHEMA plugin_b;\n")
	const schema = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_a\", \"plugin_b\"]\n}\n"
	write(t, root, defaultSchemaFile, schema)
	gitIn(t, root, "add", ".")
	gitIn(t, root, "commit", "-qm", "one")
	if got := found(check(t, Options{Root: root, Changed: true})); got != nil {
		t.Errorf("nothing changed, and found in %q", got)
	}
	gitIn(t, root, "checkout", "-qb", "branch")
	write(t, root, "committed.ts", breach+"//\n")
	gitIn(t, root, "commit", "-qam", "two")
	write(t, root, "edited.ts", breach+"//\n")
	write(t, root, "staged.ts", breach+"//\n")
	gitIn(t, root, "add", "staged.ts")
	write(t, root, "new.ts", breach)
	if got, want := found(check(t, Options{Root: root, Changed: true})), []string{"committed.ts", "edited.ts", "new.ts", "staged.ts"}; !slices.Equal(got, want) {
		t.Errorf("found in %q, want %q", got, want)
	}
	if got, want := found(check(t, Options{Root: root, Changed: true, Base: "HEAD"})), []string{"edited.ts", "new.ts", "staged.ts"}; !slices.Equal(got, want) {
		t.Errorf("since HEAD: found in %q, want %q", got, want)
	}
	// Lists in unchanged files lack a schema that is new in a changed file.
	write(t, root, defaultSchemaFile, strings.Replace(schema, `"plugin_b"]`, `"plugin_b", "plugin_c"]`, 1))
	if got := found(check(t, Options{Root: root, Changed: true, Base: "HEAD"})); !slices.Contains(got, "bin/list.sh") {
		t.Errorf("found in %q: the list that misses the new schema is left out", got)
	}
	// In a folder of the repository, git's names are relative to that folder.
	write(t, root, "sub/x.ts", breach)
	if got := found(check(t, Options{Root: filepath.Join(root, "sub"), Changed: true})); !slices.Equal(got, []string{"x.ts"}) {
		t.Errorf("in a subfolder: found in %q", got)
	}
}

func TestChangedOutsideOfARepositoryIsAnErrorThatSaysSo(t *testing.T) {
	root := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(root))
	_, err := Check(context.Background(), Options{Root: root, Changed: true})
	if remedy.Code(err) != "check.no-git" {
		t.Errorf("got %v", err)
	}
	gitIn(t, root, "init", "-q")
	if _, err := Check(context.Background(), Options{Root: root, Changed: true, Base: "--output=x"}); remedy.Code(err) != "check.base" {
		t.Errorf("an option for a base: %v", err)
	}
}

// endsLater is a context that ends after it has been asked a number of times.
type endsLater struct {
	context.Context
	asked int
}

func (c *endsLater) Err() error {
	if c.asked--; c.asked < 0 {
		return context.Canceled
	}
	return nil
}

func TestWhatEndsAsGitEndsIsAnErrorOrNothing(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	write(t, root, "a.ts", breach)
	failed, whole := 0, 0
	for asked := range 30 {
		switch changed, err := changedFiles(&endsLater{t.Context(), asked}, root, ""); {
		case err != nil:
			failed++
		case !changed["a.ts"]:
			t.Errorf("it ends after it was asked %d times, and the files are %v", asked, changed)
		default:
			whole++
		}
	}
	if failed == 0 || whole == 0 {
		t.Errorf("%d fail, %d are whole", failed, whole)
	}
}

// git would wait on a file of its own that is not a regular file, and so is not asked: which files it tracks is not
// known.
func TestACheckDoesNotTakeAGitThatIsNotAskedForOneThatTracksNothing(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	write(t, root, "a.ts", breach)
	if err := os.Mkdir(filepath.Join(root, ".git", "index"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), Options{Root: root}); remedy.Code(err) != "check.git" {
		t.Errorf("got %v", err)
	}
}

func TestOnlySomeFoldersAreReported(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a/x.ts", "ab/x.ts", "b/x.ts", "c.ts"} {
		write(t, root, name, breach)
	}
	if got := found(check(t, Options{Root: root, Only: []string{"a", "c.ts"}})); !slices.Equal(got, []string{"a/x.ts", "c.ts"}) {
		t.Errorf("found in %q", got)
	}
}

func TestFilesInMemoryStandInForThoseOnDisk(t *testing.T) {
	root := t.TempDir()
	write(t, root, "a.ts", breach)
	if r := check(t, Options{Root: root, Files: map[string]string{"a.ts": "", "b.ts": breach}}); !slices.Equal(found(r), []string{"b.ts"}) {
		t.Errorf("found in %q", found(r))
	}
	if r := check(t, Options{Files: map[string]string{"b.ts": breach}}); !slices.Equal(found(r), []string{"b.ts"}) {
		t.Errorf("without a folder: found in %q", found(r))
	}
}

func TestAFolderThatIsNoneIsAnError(t *testing.T) {
	_, err := Check(context.Background(), Options{Root: filepath.Join(t.TempDir(), "none")})
	if remedy.Code(err) != "check.folder" || remedy.Exit(err) != remedy.ExitUsage {
		t.Errorf("got %v", err)
	}
}

func TestACancelledCheckStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root := t.TempDir()
	write(t, root, "a.ts", breach)
	if _, err := Check(ctx, Options{Root: root}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAFileThatChangedMeanwhileIsLeftAlone(t *testing.T) {
	root := t.TempDir()
	write(t, root, "bin/x.sh", "now")
	err := writeEdited(t.Context(), root, "bin/x.sh", []byte("then"), []Edit{{"bin/x.sh", 0, 1, "T"}})
	if remedy.Code(err) != "check.changed" || read(t, root, "bin/x.sh") != "now" {
		t.Errorf("got %v, and the file is %q", err, read(t, root, "bin/x.sh"))
	}
}

// What a change breaks may be in files that did not change.
func TestChangedKeepsWhatAChangeBreaksElsewhere(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	write(t, root, "docker-compose.yml", "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n    ports: [\"5432:5432\"]\n")
	write(t, root, "plugins/a/.env", "DATABASE_URL=postgresql://u:p@localhost:5432/naap\n")
	write(t, root, "plugins/a/backend/package.json", "{ \"dependencies\": { \"@naap/database\": \"*\" } }\n")
	write(t, root, "plugins/a/backend/src/server.ts", "import { prisma } from '@naap/database';\n")
	write(t, root, "plugins/a/backend/src/db/client.ts", "export { prisma } from '@naap/database';\n")
	write(t, root, "plugins/b/backend/src/old.ts", breach)
	gitIn(t, root, "add", ".")
	gitIn(t, root, "commit", "-qm", "one")
	if got := found(check(t, Options{Root: root, Changed: true})); got != nil {
		t.Errorf("nothing changed, and found in %q", got)
	}
	write(t, root, "docker-compose.yml", "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n    ports: [\"5433:5432\"]\n")
	if got := found(check(t, Options{Root: root, Port: 5433, Changed: true})); !slices.Equal(got, []string{"plugins/a/.env"}) {
		t.Errorf("the port changed, and found in %q", got)
	}
	gitIn(t, root, "checkout", "-q", "docker-compose.yml")
	if err := os.Remove(filepath.Join(root, "plugins/a/backend/src/db/client.ts")); err != nil {
		t.Fatal(err)
	}
	if got := found(check(t, Options{Root: root, Changed: true})); !slices.Equal(got, []string{"plugins/a/backend/src/server.ts"}) {
		t.Errorf("the client file is gone, and found in %q", got)
	}
}
