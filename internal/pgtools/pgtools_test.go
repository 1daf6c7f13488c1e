package pgtools

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// A pg_dump that prints its connection settings. The shell's variables lead elsewhere, and hold a secret.
func TestPgDumpIsToldItsServerByNaapAlone(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repository, mine := dir+"/repository", dir+"/mine"
	for _, tool := range []string{"pg_dump", "pg_restore"} {
		scripttest.Write(t, repository+"/bin/"+tool, "touch "+dir+"/ran; echo 'pg_dump (PostgreSQL) 99.0'")
		scripttest.Write(t, mine+"/"+tool, `if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 98.0"; else env; fi`)
	}
	scripttest.Write(t, repository+"/.git/x", "")
	t.Chdir(repository)
	programs := program.Here()
	programs.Path = repository + "/bin:" + mine
	programs.Environ = append(programs.Environ, "PGHOSTADDR=203.0.113.1", "PGSERVICE=evil", "PGSERVICEFILE=/evil", "PGOPTIONS=-c x=y", "PGPASSWORD=theirs", "AWS_SECRET_ACCESS_KEY=s3cret", "PGSSLROOTCERT=/ca.pem")
	found, err := toolFolder(t.Context(), programs, "", postgres.Version(160000))
	if err != nil || found != mine {
		t.Fatalf("%q, %v", found, err)
	}
	target, err := dburl.ParseTarget("postgresql://me:mine@127.0.0.1:5999/db")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (localTools{programs: programs, dir: found, target: target, password: "mine"}).Run(t.Context(), "pg_dump", "db", nil, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PGHOST=127.0.0.1\n", "PGPORT=5999\n", "PGUSER=me\n", "PGPASSWORD=mine\n", "PGDATABASE=db\n", "PGSSLROOTCERT=/ca.pem\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it is not told %s", want)
		}
	}
	for _, not := range []string{"PGHOSTADDR", "PGSERVICE", "PGOPTIONS", "theirs", "s3cret"} {
		if strings.Contains(out.String(), not) {
			t.Errorf("it is told %s", not)
		}
	}
	if _, err := os.Stat(dir + "/ran"); err == nil {
		t.Error("the repository's program was started")
	}
}
