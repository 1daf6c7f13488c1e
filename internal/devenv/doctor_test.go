package devenv

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

const doctorSchema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Thing {
  id   Int    @id @default(autoincrement())
  name String
}
`

// examined are doctor's findings on a database whose workspace has the model Thing.
func examined(t *testing.T, databaseURL string) []Finding {
	t.Helper()
	return doctorEnv(t, databaseURL).Doctor(t.Context())
}

func doctorEnv(t *testing.T, databaseURL string) *Env {
	t.Helper()
	return testEnv(t, map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": doctorSchema},
		"NAAP_DATABASE_URL="+databaseURL, "NAAP_INSTANCE=two")
}

// finding is the one with a code, which must be there and be as grave as that.
func finding(t *testing.T, all []Finding, code string, severity Severity) Finding {
	t.Helper()
	i := slices.IndexFunc(all, func(f Finding) bool { return f.Code == code && f.Severity == severity })
	if i < 0 {
		t.Fatalf("there is no %s %s among %+v", severity, code, all)
	}
	return all[i]
}

func none(t *testing.T, all []Finding, code string) {
	t.Helper()
	for _, f := range all {
		if f.Code == code && f.Severity != Fine {
			t.Errorf("there is a finding %s: %+v", code, f)
		}
	}
}

// says fails unless a finding has a text in its evidence or its remedy.
func says(t *testing.T, f Finding, texts ...string) {
	t.Helper()
	all := strings.Join(append(slices.Clone(f.Seen), f.Fix...), "\n")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			t.Errorf("%s does not say %q:\n%s", f.Code, text, all)
		}
	}
}

const makeThing = `CREATE TABLE "Thing" (id serial CONSTRAINT "Thing_pkey" PRIMARY KEY, name text NOT NULL)`

func TestDoctorFindsNothingWrongWithWhatIsRight(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	pgtest.Exec(t, db, `INSERT INTO "Thing" (name) VALUES ('a'), ('b')`)
	all := examined(t, db)
	for _, code := range []string{"drift", "sequence", "invalid-index", "connections", "server.encoding", "server.version", "long-transaction", "schemas"} {
		none(t, all, code)
	}
	finding(t, all, "drift", Fine)
	finding(t, all, "server.encoding", Fine)
}

func TestDoctorFindsDrift(t *testing.T) {
	f := finding(t, examined(t, pgtest.NewDatabase(t)), "drift", Warning)
	says(t, f, "Thing", "naap dev push --name two")
}

func TestDoctorFindsASequenceThatIsBehind(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	pgtest.Exec(t, db, `INSERT INTO "Thing" VALUES (7, 'with its key')`)
	f := finding(t, examined(t, db), "sequence", Warning)
	says(t, f, "public.Thing.id has 7", "setval(", "naap dev sql --name two --write")
	// What it tells to run is what mends it.
	command := f.Fix[0]
	statement := command[strings.Index(command, `"SELECT`)+1 : strings.LastIndex(command, `"`)]
	pgtest.Exec(t, db, strings.ReplaceAll(statement, `\"`, `"`))
	none(t, examined(t, db), "sequence")
}

func TestDoctorFindsAnInvalidIndex(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	pgtest.Exec(t, db, `INSERT INTO "Thing" (name) VALUES ('same'), ('same')`)
	c := connection(t, db)
	if _, err := c.Exec(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY thing_name ON "Thing" (name)`); err == nil {
		t.Fatal("a unique index was made over equal values")
	}
	says(t, finding(t, examined(t, db), "invalid-index", Warning), "thing_name", "REINDEX INDEX")
}

func TestDoctorFindsATransactionThatIsOpenForLong(t *testing.T) {
	t.Parallel() // it waits for PostgreSQL's clock
	address := pgtest.NewDatabase(t)
	c := connection(t, address)
	if _, err := c.Exec(t.Context(), "BEGIN; SELECT 'forgotten'"); err != nil {
		t.Fatal(err)
	}
	e := doctorEnv(t, address)
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	strict, usual := &doctor{env: e, longTx: postgres.LongTx}, &doctor{env: e, longTx: time.Hour}
	for range 60 {
		strict.findings = nil
		strict.checkHealth(t.Context(), db)
		if slices.ContainsFunc(strict.findings, func(f Finding) bool { return f.Code == "long-transaction" }) {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	says(t, finding(t, strict.findings, "long-transaction", Warning), "forgotten", "pg_terminate_backend(", "--name two")
	usual.checkHealth(t.Context(), db)
	none(t, usual.findings, "long-transaction")
}

func TestDoctorFindsTheConnectionLimitNear(t *testing.T) {
	server := pgtest.Server(t, pgtest.Setting("max_connections", "10"))
	address := server.NewDatabase(t)
	for range 8 {
		connection(t, address)
	}
	says(t, finding(t, examined(t, address), "connections", Warning), "of 10 in use")
}

func TestDoctorFindsADatabaseThatIsNotUTF8(t *testing.T) {
	name := fmt.Sprintf("ascii_%d", time.Now().UnixNano())
	pgtest.Exec(t, pgtest.URL(t), "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
	t.Cleanup(func() { pgtest.Exec(t, pgtest.URL(t), "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	says(t, finding(t, examined(t, u.String()), "server.encoding", Broken), "SQL_ASCII")
}

func TestDoctorFindsAShellThatPointsElsewhere(t *testing.T) {
	db := pgtest.NewDatabase(t)
	t.Setenv("DATABASE_URL", "postgresql://someone:secret@elsewhere:5432/other")
	f := finding(t, examined(t, db), "shell.url", Warning)
	says(t, f, "elsewhere:5432", "naap dev url --name two")
	if strings.Contains(fmt.Sprint(f), "secret") {
		t.Errorf("the finding has the password: %+v", f)
	}
	t.Setenv("DATABASE_URL", db)
	none(t, examined(t, db), "shell.url")
}

func TestDoctorShowsTheMistakesOfAPrismaFile(t *testing.T) {
	e := testEnv(t, map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": doctorSchema + "\nmodel Broken {\n  id Nothing @id\n}\n"},
		"NAAP_DATABASE_URL="+pgtest.NewDatabase(t))
	says(t, finding(t, e.Doctor(t.Context()), "drift", Broken), "schema.prisma:12:", "Nothing")
}

// connection opens a session that ends with the test.
func connection(t *testing.T, address string) *postgres.Conn {
	t.Helper()
	c, err := postgres.Connect(t.Context(), address, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.PgConn().Conn().Close() })
	return c
}
