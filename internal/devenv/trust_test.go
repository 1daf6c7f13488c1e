package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
)

const trustHead = "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\nmodel Note {\n  id Int @id\n  a String "

// A Prisma file's expressions reach the server as they are: one that reaches out of the database is pushed only if the
// user allowed it.
func TestAPrismaFileThatReachesOutOfTheDatabaseMeansNothingUntilItIsAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		held  bool
	}{
		"a file":         {`@default(dbgenerated("pg_read_file('/etc/passwd')"))`, true},
		"two statements": {`@default(dbgenerated("1); COPY note TO PROGRAM 'id'; --"))`, true},
		"plain":          {`@default(dbgenerated("upper('x')"))`, false},
		"a semicolon":    {`@default(dbgenerated("'a;b'"))`, false},
	} {
		files := map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": trustHead + c.field + "\n}\n"}
		e := testEnv(t, files, "NAAP_TRUST=")
		want := e.desired()
		if got := remedy.Code(want.err) == trust.CodeNeeded; got != c.held || want.err != nil && !c.held {
			t.Errorf("%s: %v", name, want.err)
		}
		if c.held && !strings.Contains(remedy.Text(want.err), "schema.prisma:7: SQL that reaches out of the database") {
			t.Errorf("%s: it says %s", name, remedy.Text(want.err))
		}
		if allowed := testEnv(t, files, "NAAP_TRUST=sql").desired(); allowed.err != nil || allowed.db == nil {
			t.Errorf("%s: allowed, and still %v", name, allowed.err)
		}
	}
}

// What a server needs to start is refused by the engine that needs it, and by no other.
func TestAnEngineIsRefusedForWhatItNeedsOnly(t *testing.T) {
	files := map[string]string{"naap.toml": "image = \"evil/x\"\npostgres-bin = \"bin\"\n[docker]\ncontext = \"prod\"\n"}
	e := testEnv(t, files, "NAAP_TRUST=")
	for name, want := range map[string]string{"docker": "container: image: evil/x", "embedded": "server programs", "external": ""} {
		err := e.mayStart(engine.Named(name))
		if (err != nil) != (want != "") || want != "" && !strings.Contains(remedy.Text(err), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if e.programsFolder() != "" {
		t.Error("the programs are used although they are not allowed")
	}
	if _, err := opened(t, e, "docker"); remedy.Code(err) != trust.CodeNeeded {
		t.Errorf("the context is used: %v", err)
	}
	if err := e.Allow(t.Context(), trust.Items(e.held(trust.Image, trust.ServerPrograms))); err != nil {
		t.Fatal(err)
	}
	if e.mayStart(engine.Named("docker")) != nil || e.mayStart(engine.Named("embedded")) != nil || e.programsFolder() == "" {
		t.Error("allowed, and still refused")
	}
}
