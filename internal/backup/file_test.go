package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// container runs the image's programs against the test's server on the host's network, in one container for all tests
// of the process.
type container struct{ url string }

// toolbox is that container.
type toolbox struct {
	name string
	root string   // its root folder as this process sees it, or ""
	env  []string // its environment
}

var theToolbox = sync.OnceValue(func() (box toolbox) {
	name := fmt.Sprintf("naap-backup-test-%d", os.Getpid())
	if leftovers.Note(leftovers.Container, name) != nil || exec.Command("docker", "run", "-d", "--rm", "--name", name, "--network", "host", "--entrypoint", "sleep", "postgres:16", "3000").Run() != nil {
		return box
	}
	box.name = name
	// Where root shares a kernel with the engine, programs are started in the container's root folder: docker exec takes
	// far longer than they do.
	pid, err := exec.Command("docker", "inspect", "-f", "{{.State.Pid}}", name).Output()
	proc := filepath.Join("/proc", strings.TrimSpace(string(pid)))
	cmdline, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
	env, envErr := os.ReadFile(filepath.Join(proc, "environ"))
	if err == nil && envErr == nil && os.Geteuid() == 0 && string(cmdline) == "sleep\x003000\x00" {
		box.root, box.env = filepath.Join(proc, "root"), strings.Split(strings.TrimSuffix(string(env), "\x00"), "\x00")
	}
	return box
})

// command returns a program of the image's, with more in its environment.
func (b toolbox) command(ctx context.Context, env, args []string) *exec.Cmd {
	if b.root != "" {
		cmd := exec.CommandContext(ctx, "chroot", append([]string{b.root}, args...)...)
		cmd.Env = append(b.env, env...)
		return cmd
	}
	cmd := exec.CommandContext(ctx, "docker", "exec", "-i")
	for _, e := range env {
		cmd.Args = append(cmd.Args, "-e", e)
	}
	cmd.Args = append(append(cmd.Args, b.name), args...)
	return cmd
}

var toolboxUsed bool

func TestMain(m *testing.M) {
	code := m.Run()
	if toolboxUsed {
		_ = exec.Command("docker", "rm", "-f", theToolbox().name).Run()
	}
	os.Exit(code)
}

func (c container) Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error {
	t, err := dburl.ParseTarget(c.url)
	if err != nil {
		return err
	}
	cmd := theToolbox().command(ctx, []string{"PGPASSWORD=" + t.Password, "PGHOST=127.0.0.1", "LC_ALL=C",
		fmt.Sprintf("PGPORT=%d", t.Hosts[0].Port), "PGUSER=" + t.User, "PGDATABASE=" + database}, append([]string{program}, args...))
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &stderr
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return ToolError(program, stderr.String(), exit.ExitCode())
	}
	return err
}

func needImage(t *testing.T) {
	t.Helper()
	toolboxUsed = true
	if theToolbox().name == "" {
		if os.Getenv("NAAP_TEST_DOCKER") == "required" {
			t.Fatal("no Docker engine with the image postgres:16 answers")
		}
		t.Skip("no Docker engine with the image postgres:16 answers: its pg_dump is what is tested")
	}
}

// readFile plans a file's restore and carries it out with what opt allows.
func (s *Server) readFile(tools Tools, path string, opt Options) (*Plan, error) {
	p, err := s.PlanFile(context.Background(), tools, path, Limits{})
	if err != nil {
		return nil, err
	}
	return p, s.Restore(context.Background(), tools, p, opt)
}

func TestABackupFileBringsTheDatabaseBack(t *testing.T) {
	needImage(t)
	url, s := server(t, "backup_shop")
	ctx := context.Background()
	tools := container{url}
	pgtest.Exec(t, url, `CREATE SCHEMA "Plugin ""x""; --"; CREATE TABLE "Plugin ""x""; --".t (id serial PRIMARY KEY); INSERT INTO "Plugin ""x""; --".t SELECT FROM generate_series(1, 10);
		CREATE TABLE u (id int REFERENCES "Plugin ""x""; --".t); INSERT INTO u VALUES (3); CREATE SCHEMA naap_undo_1; CREATE TABLE naap_undo_1.old ()`)
	path := filepath.Join(t.TempDir(), "shop.dump")
	file, err := s.Write(ctx, tools, path, "", Options{})
	if err != nil {
		t.Fatal(said(err))
	}
	if file.Tables != 2 || len(file.Schemas) != 2 || file.Bytes == 0 {
		t.Errorf("%+v", file)
	}
	pgtest.Exec(t, url, `DROP TABLE u; DELETE FROM "Plugin ""x""; --".t`)
	if _, err := s.readFile(tools, path, Options{}); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT count(*) + (SELECT id FROM u) FROM "Plugin ""x""; --".t`); n != 13 {
		t.Errorf("%d, want 13", n)
	}
	if n := number(t, url, `SELECT count(*) FROM pg_namespace WHERE nspname ~ '^naap_undo_'`); n != 0 {
		t.Error("what undo keeps is in the file")
	}
	part := filepath.Join(t.TempDir(), "part.dump")
	if file, err = s.Write(ctx, tools, part, `Plugin "x"; --`, Options{}); err != nil || file.Tables != 1 {
		t.Fatalf("%+v, %v", file, err)
	}
	pgtest.Exec(t, url, `CREATE SCHEMA third; CREATE TABLE third.x ()`)
	if _, err := s.readFile(tools, path, Options{}); remedy.Code(err) != "backup.partial" {
		t.Errorf("%v", err)
	}
	pgtest.Exec(t, url, `DROP SCHEMA third CASCADE`)
	cut, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, cut[:len(cut)-40], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.readFile(tools, path, Options{}); err == nil {
		t.Error("a file that was cut off is restored")
	}
	if n := number(t, url, `SELECT count(*) + (SELECT id FROM u) FROM "Plugin ""x""; --".t`); n != 13 {
		t.Errorf("the failed restore has changed the database: %d", n)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestAFileOfOneSchemaIsPutInThePlaceOfThatSchema(t *testing.T) {
	needImage(t)
	url, s := server(t, "backup_part")
	ctx := context.Background()
	tools := container{url}
	pgtest.Exec(t, url, `CREATE SCHEMA "Plugin ""x""; --"; CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE u (id int PRIMARY KEY, m mood); INSERT INTO u VALUES (1, 'glad'), (2, NULL);
		CREATE TABLE "Plugin ""x""; --".t (id int PRIMARY KEY, m mood, u int REFERENCES u); INSERT INTO "Plugin ""x""; --".t VALUES (1, 'glad', 1), (2, NULL, 2);
		CREATE SCHEMA naap_tools; CREATE TABLE naap_tools.w (t int CONSTRAINT w_t REFERENCES "Plugin ""x""; --".t); INSERT INTO naap_tools.w VALUES (1); COMMENT ON SCHEMA public IS 'ours'`)
	dir := t.TempDir()
	parts := map[string]string{`Plugin "x"; --`: filepath.Join(dir, "plugin.dump"), "public": filepath.Join(dir, "public.dump")}
	for schema, path := range parts {
		if _, err := s.Write(ctx, tools, path, schema, Options{}); err != nil {
			t.Fatal(said(err))
		}
	}
	pgtest.Exec(t, url, `DELETE FROM "Plugin ""x""; --".t WHERE id = 2; UPDATE "Plugin ""x""; --".t SET id = 7 WHERE false; INSERT INTO u VALUES (3)`)
	read := func(schema string) error {
		_, err := s.readFile(tools, parts[schema], Options{})
		return err
	}
	if err := read(`Plugin "x"; --`); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT (SELECT 100 * count(*) FROM "Plugin ""x""; --".t) + (SELECT 10 * count(*) FROM u) + (SELECT count(*) FROM naap_tools.w)`); n != 231 {
		t.Errorf("%d, want 231", n)
	}
	if n := number(t, url, `SELECT count(*) FROM pg_constraint WHERE conname = 'w_t' AND confrelid = '"Plugin ""x""; --".t'::regclass`); n != 1 {
		t.Error("the foreign key of another schema does not point at the new table")
	}
	if err := read("public"); remedy.Code(err) != "restore.dependents" {
		t.Errorf("columns elsewhere have an enum of public: %v", err)
	}
	pgtest.Exec(t, url, `ALTER TABLE "Plugin ""x""; --".t DROP COLUMN m`)
	if err := read("public"); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT count(*) FROM u WHERE obj_description('public'::regnamespace) = 'ours'`); n != 2 {
		t.Errorf("%d rows", n)
	}
	pgtest.Exec(t, url, `INSERT INTO u VALUES (5); INSERT INTO "Plugin ""x""; --".t VALUES (5, 5)`)
	if err := read("public"); remedy.Code(err) != "restore.references" || !strings.Contains(said(err), "(5)") {
		t.Errorf("%s", said(err))
	}
}

// TestAFileOfOneSchemaBringsOneThatWasDropped has the whole schema in the file, or one table of it, which does not
// create the schema.
func TestAFileOfOneSchemaBringsOneThatWasDropped(t *testing.T) {
	needImage(t)
	url, s := server(t, "backup_dropped")
	pgtest.Exec(t, url, `CREATE SCHEMA "a b"; CREATE TABLE "a b".t (id int PRIMARY KEY); INSERT INTO "a b".t VALUES (1); CREATE TABLE mine (id int); INSERT INTO mine VALUES (1)`)
	dir := t.TempDir()
	for name, args := range map[string][]string{"schema.dump": {"-Fc", `--schema="a b"`}, "schema.sql": {`--schema="a b"`}, "table.dump": {"-Fc", `--table="a b".t`}, "table.sql": {`--table="a b".t`}} {
		path := filepath.Join(dir, name)
		dumpTo(t, url, path, args...)
		pgtest.Exec(t, url, `DROP SCHEMA "a b" CASCADE`)
		p, err := s.readFile(container{url}, path, Options{})
		if err != nil {
			t.Fatal(name, said(err))
		}
		if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "the schema a b, which is not there now, is made") {
			t.Errorf("%s: %s", name, text)
		}
		if n := number(t, url, `SELECT (SELECT count(*) FROM "a b".t) * 10 + (SELECT count(*) FROM mine)`); n != 11 {
			t.Errorf("%s: %d", name, n)
		}
	}
	path := filepath.Join(dir, "public.sql")
	dumpTo(t, url, path, "--table=mine")
	pgtest.Exec(t, url, `DROP SCHEMA public CASCADE`)
	if _, err := s.readFile(container{url}, path, Options{}); err != nil {
		t.Fatal(said(err))
	}
	if n := number(t, url, `SELECT count(*) FROM public.mine`); n != 1 {
		t.Errorf("%d", n)
	}
}
