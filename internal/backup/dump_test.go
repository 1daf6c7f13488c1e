package backup

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// container runs the programs of the image, against the test's server on the host's network.
type container struct{ url string }

func (c container) Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error {
	t, err := postgres.ParseTarget(c.url)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "docker", "run", "--rm", "-i", "--network", "host", "-e", "PGPASSWORD", "-e", "PGHOST=127.0.0.1",
		"-e", fmt.Sprintf("PGPORT=%d", t.Hosts[0].Port), "-e", "PGUSER="+t.User, "-e", "PGDATABASE="+database, "postgres:16", program)
	cmd.Args = append(cmd.Args, args...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+t.Password)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %s: %s", ErrTool, program, stderr.String())
	}
	return nil
}

func needImage(t *testing.T) {
	t.Helper()
	if exec.Command("docker", "image", "inspect", "postgres:16").Run() != nil {
		if os.Getenv("NAAP_TEST_DOCKER") == "required" {
			t.Fatal("no Docker engine with the image postgres:16 answers")
		}
		t.Skip("no Docker engine with the image postgres:16 answers: its pg_dump is what is tested")
	}
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
		t.Fatal(remedy.Text(err))
	}
	if file.Tables != 2 || len(file.Schemas) != 2 || file.Bytes == 0 {
		t.Errorf("%+v", file)
	}
	pgtest.Exec(t, url, `DROP TABLE u; DELETE FROM "Plugin ""x""; --".t`)
	if _, err := s.Read(ctx, tools, path, Options{}); err != nil {
		t.Fatal(remedy.Text(err))
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
	if _, err := s.Read(ctx, tools, part, Options{}); remedy.Code(err) != "backup.partial" {
		t.Errorf("%v", err)
	}
	cut, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, cut[:len(cut)-40], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(ctx, tools, path, Options{}); err == nil {
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
