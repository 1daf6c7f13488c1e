//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

const remediesSchema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "other"]
}

model User {
  id     Int     @id
  name   String?
  orders Order[]
  @@schema("public")
}

model Order {
  id     Int  @id
  userId Int
  user   User @relation(fields: [userId], references: [id], onDelete: Cascade)
  @@schema("other")
}
`

// aWorld is a workspace with three databases that it could mean: the local instance, a second one with a name, and one
// that a URL names.
type aWorld struct {
	p     *program
	named string            // the second instance
	port  string            // and its port
	urls  map[string]string // by "local", "named", "url" and "secret"; the last two are one database
	// elsewhere is the server of the last two, and of no other test: all of its databases are compared.
	elsewhere *pgtest.Instance
}

func newWorld(t *testing.T) *aWorld {
	p := newPrepared(t, empty)
	dir := filepath.Join(p.dir, "it's a place")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": remediesSchema} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.dir = dir
	// Each instance is told its port once, and keeps it.
	p.env = slices.DeleteFunc(p.env, func(v string) bool { return strings.HasPrefix(v, "NAAP_PORT=") })
	// Commands run in it may change who can read its home, so it must not be the home of whoever runs the tests.
	p.env = append(p.env, "PATH="+filepath.Dir(p.path)+":"+os.Getenv("PATH"), "NO_COLOR=1", "HOME="+t.TempDir())
	w := &aWorld{p: p, named: p.instance + "b", port: strconv.Itoa(porttest.Free()), urls: map[string]string{}, elsewhere: pgtest.Server(t)}
	second := *p
	second.instance = w.named
	second.env = append(slices.Clone(p.env), "NAAP_INSTANCE="+w.named)
	second.fill(t, empty)
	p.must(t, "dev", "up", "--no-seed", "--port", p.port)
	p.must(t, "dev", "up", "--no-seed", "--name", w.named, "--port", w.port)
	t.Cleanup(func() { second.clear(t, "embedded") })
	w.urls["local"] = strings.TrimSpace(p.must(t, "dev", "url"))
	w.urls["named"] = strings.TrimSpace(p.must(t, "dev", "url", "--name", w.named))
	return w
}

// fresh gives the world a database that someone else made, as on a server that is not this machine's, and puts the same
// rows into all.
func (w *aWorld) fresh(t *testing.T) {
	t.Helper()
	plain := w.elsewhere.NewDatabase(t)
	pgtest.Exec(t, plain, "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ann') THEN CREATE ROLE ann LOGIN SUPERUSER PASSWORD 's3 cret'; END IF; END $$")
	u, err := url.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("ann", "s3 cret")
	w.urls["url"], w.urls["secret"] = u.String(), u.String()
	for _, at := range []string{"local", "named", "url"} {
		pgtest.Exec(t, w.urls[at], anew)
	}
}

// anew removes what is in a database, with what was moved aside, and makes what each case begins with.
const anew = `
DO $$
DECLARE old name;
BEGIN
	FOR old IN SELECT nspname FROM pg_namespace WHERE nspname ~ '^naap_undo_' OR nspname IN ('naap_dev', 'public', 'other') LOOP
		EXECUTE format('DROP SCHEMA %I CASCADE', old);
	END LOOP;
END $$;
CREATE SCHEMA public; CREATE SCHEMA other; CREATE SCHEMA naap_dev;
CREATE TABLE public."User" (id integer NOT NULL CONSTRAINT "User_pkey" PRIMARY KEY, name text, mail text);
CREATE TABLE other."Order" (id integer NOT NULL CONSTRAINT "Order_pkey" PRIMARY KEY, "userId" integer NOT NULL,
	CONSTRAINT "Order_userId_fkey" FOREIGN KEY ("userId") REFERENCES public."User" (id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE public."Old" (id integer PRIMARY KEY);
INSERT INTO public."User" VALUES (1, 'a', 'a@b'), (2, 'b', 'b@b'); INSERT INTO other."Order" VALUES (1, 1); INSERT INTO public."Old" VALUES (1)`

// everything returns a database's catalogue and rows, including naap's own.
func everything(t *testing.T, url string) map[string]string {
	t.Helper()
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	out := map[string]string{}
	for what, query := range map[string]string{
		"databases": `SELECT datname FROM pg_database WHERE datname !~ '^test_' ORDER BY 1`,
		"columns": `SELECT format('%s.%s %s %s %s', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
			WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`,
		"constraints": `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`,
		"rows":        `SELECT c.oid::regclass || ' ' || query_to_xml(format('SELECT * FROM %s t ORDER BY t::text', c.oid::regclass), true, false, '') FROM pg_class c WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1`,
	} {
		lines, err := postgres.CollectStrings(conn.Query(ctx, query))
		if err != nil {
			t.Fatal(err)
		}
		out[what] = strings.Join(lines, "\n")
	}
	return out
}

// printed matches one of naap's commands in its output, up to the end of its line or to a remark on it.
var printed = regexp.MustCompile(`(?m)((?:[A-Z_]+=(?:"[^"]*"|\S+) )*\bnaap (?:-C ('[^']*'(?:\\''[^']*')*|\S+) )?dev [^\n]*?)(?:    \([^\n]*\))?$`)

// commandsIn returns the commands that an output tells the user to run, as printed.
func commandsIn(out string) []string {
	var found []string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "naap: ") || strings.HasSuffix(line, " --help") {
			continue // these say what happened, and where everything is listed
		}
		// After words that introduce it, or in brackets of its own.
		if m := printed.FindStringSubmatch(line); m != nil {
			command := m[1]
			if strings.Contains(line, "("+command) {
				command, _, _ = strings.Cut(command, ")")
			}
			found = append(found, command)
		}
	}
	return found
}

// sh runs a line like a user who pasted it.
func (w *aWorld) sh(t *testing.T, line, shellURL string) (string, error) {
	t.Helper()
	c := exec.Command("sh", "-c", line)
	c.Dir, c.Env = w.p.dir, append(slices.Clone(w.p.env), "DATABASE_URL="+shellURL)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}

type remedyCase struct {
	name     string
	line     string // without what names the target
	external bool   // --allow-external is there already, for a database that a URL names
	blocked  bool   // another session holds rows of the target
	helps    func(map[string]string) bool
}

var remedyCases = []remedyCase{
	{"a push that destroys", "dev push --schema public", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a push that may be a rename", "dev push", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a push that is not allowed outside", "dev push", false, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a diff", "dev diff", false, false, nil},
	{"a reset without its name", "dev reset other", true, false, func(db map[string]string) bool {
		return !strings.Contains(db["rows"], "<userId>1</userId>") || strings.Contains(db["rows"], "naap_undo")
	}},
	{"a reset that rows elsewhere refuse", "dev reset public --yes=public --no-seed", true, false, func(db map[string]string) bool { return strings.Contains(db["rows"], "naap_undo") }},
	{"a reset that is not allowed outside", "dev reset other --yes=other --no-seed", false, false, func(db map[string]string) bool { return strings.Contains(db["rows"], "naap_undo") }},
	{"a reset that another session holds up", "dev reset other --yes=other --no-seed", true, true, func(db map[string]string) bool { return strings.Contains(db["rows"], "naap_undo") }},
	{"an undo of nothing", "dev undo 99", true, false, nil},
	{"a statement that writes", `dev sql 'UPDATE "User" SET name = $$other$$'`, false, false, func(db map[string]string) bool { return strings.Contains(db["rows"], "<name>other") }},
	{"no statement", `dev sql ''`, false, false, nil},
	{"made-up rows where there are some", "dev seed --fake 3 other", true, false, func(db map[string]string) bool { return strings.Count(db["rows"], "<userId>") > 1 }},
	{"made-up rows for an unknown schema", "dev seed --fake 3 othr", true, false, nil},
	{"a status", "dev status", false, false, nil},
	{"a doctor", "dev doctor", false, false, nil},
	{"an up", "dev up --no-seed --detach", true, false, nil},
	{"a snapshot that sessions are in the way of", "dev snapshot save kept", true, true, nil},
	{"an unknown snapshot", "dev snapshot restore none", true, false, nil},
	{"a misspelt schema for a push", "dev push --schema publc --accept-data-loss", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a misspelt schema for a reset", "dev reset othr --yes=othr --no-seed", true, false, func(db map[string]string) bool { return strings.Contains(db["rows"], "naap_undo") }},
	{"a misspelt schema for made-up rows", "dev seed --fake 3 othr --append", true, false, func(db map[string]string) bool { return strings.Count(db["rows"], "<userId>") > 1 }},
	{"a misspelt rename", "dev push --rename 'public.User.mial>name'", true, false, nil},
	{"a misspelt flag", "dev push --acept-data-loss", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a misspelt verb", "dev psuh --accept-data-loss", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"a verb in the wrong place", "push --accept-data-loss", true, false, func(db map[string]string) bool { return !strings.Contains(db["columns"], "mail") }},
	{"an undo that was not asked for", "dev undo --drop 99", true, false, nil},
}

// places are the databases that a case is run on: in turn the default instance with a URL, and the one with a name with
// a URL that holds a password. With NAAP_TEST_REMEDIES=all every case is run on all.
func places(nth int) []string {
	if os.Getenv("NAAP_TEST_REMEDIES") == "all" {
		return []string{"local", "named", "url", "secret"}
	}
	return [][]string{{"local", "url"}, {"named", "secret"}}[nth%2]
}

// TestEachRemedyIsRunAsPrintedAndTouchesItsOwnDatabaseOnly follows what is printed, and what that prints in turn, as a
// user would: the other databases never change, and where it is known what helps, something does.
func TestEachRemedyIsRunAsPrintedAndTouchesItsOwnDatabaseOnly(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	half := len(remedyCases) / 2
	for name, cases := range map[string][]remedyCase{"first": remedyCases[:half], "second": remedyCases[half:]} {
		t.Run(name, func(t *testing.T) { // each in a world of its own
			t.Parallel()
			w := newWorld(t)
			followed := 0
			for i, c := range cases {
				for _, at := range places(i) {
					t.Run(c.name+"/"+at, func(t *testing.T) {
						w.fresh(t)
						followed += w.follow(t, c, at)
					})
				}
			}
			t.Run("the data of an instance with a name", w.deletesTheNamed)
			t.Logf("%d commands were run as they were printed", followed)
			if followed == 0 {
				t.Error("nothing was run")
			}
		})
	}
}

// follow runs a case on one of the databases, and everything that its output says to run, and counts those.
func (w *aWorld) follow(t *testing.T, c remedyCase, at string) (followed int) {
	t.Helper()
	line := "naap -C '../it'\\''s a place' " + c.line
	shellURL := ""
	switch at {
	case "named":
		line += " --name " + w.named
	case "url", "secret":
		line += " --database-url '" + w.urls[at] + "'"
		if c.external {
			line += " --allow-external"
		}
		if at == "url" {
			shellURL = w.urls["url"]
		}
	}
	target := w.urls[at]
	others := map[string]map[string]string{}
	for _, other := range []string{"local", "named", "url"} {
		if w.urls[other] != target {
			others[other] = everything(t, w.urls[other])
		}
	}
	if c.blocked {
		defer holdRows(t, target)()
	}
	first, _ := w.sh(t, line, shellURL)
	queue, seen, helped := commandsIn(first), map[string]bool{}, c.helps == nil || c.helps(everything(t, target))
	for len(queue) > 0 && len(seen) < 8 {
		next := queue[0]
		queue = queue[1:]
		if seen[next] || strings.Contains(next, "naap dev up --no-push") || strings.Contains(next, " NAME") || strings.Contains(next, "dev logs -f") {
			continue
		}
		seen[next] = true
		if at == "secret" && !strings.Contains(next, "<the same URL>") {
			t.Errorf("the password is not to be shown, and without it the command acts elsewhere: %s", next)
		}
		out, err := w.sh(t, next, shellURL)
		followed++
		if strings.Contains(next, " dev down") { // the next case needs it to run
			w.p.must(t, "dev", "up", "--no-seed", "--no-push", "--port", w.p.port)
			w.p.must(t, "dev", "up", "--no-seed", "--no-push", "--name", w.named, "--port", w.port)
		}
		if strings.Contains(next, " dev password ") { // the URLs have to stay valid
			back := strings.Replace(next, " --random", " --default", 1)
			if out, err := w.sh(t, back, shellURL); err != nil {
				t.Fatalf("%s: %v\n%s", back, err, out)
			}
		}
		if strings.Contains(out, "s3 cret") || strings.Contains(out, "s3%20cret") {
			t.Errorf("the password is in\n%s", out)
		}
		for other, before := range others {
			if now := everything(t, w.urls[other]); !maps.Equal(now, before) {
				t.Fatalf("naap printed\n%s\nand %s changed the database %q:\n%s\n%s", first, next, other, out, firstDifference(fmt.Sprint(now), fmt.Sprint(before)))
			}
		}
		if c.helps != nil && c.helps(everything(t, target)) {
			helped = true
			break
		}
		if err != nil {
			queue = append(queue, commandsIn(out)...)
		}
	}
	if !helped && at != "secret" {
		t.Errorf("nothing that was printed helped; ran %q\n%s", slices.Collect(maps.Keys(seen)), first)
	}
	if at == "secret" && strings.Contains(first, "would destroy data") && !strings.Contains(first, "the same command with --accept-data-loss") {
		t.Errorf("it does not say how:\n%s", first)
	}
	return followed
}

// deletesTheNamed deletes what the user is told how to delete, and nothing else.
func (w *aWorld) deletesTheNamed(t *testing.T) {
	w.fresh(t)
	before := everything(t, w.urls["local"])
	out, err := w.sh(t, "naap dev down --delete-data --name "+w.named, "")
	commands := commandsIn(out)
	if err == nil || len(commands) == 0 || !strings.Contains(commands[0], "--yes=") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err = w.sh(t, commands[0], ""); err != nil {
		t.Errorf("%s: %v\n%s", commands[0], err, out)
	}
	if now := everything(t, w.urls["local"]); !maps.Equal(now, before) {
		t.Errorf("%s changed the other instance", commands[0])
	}
	if conn, err := postgres.Connect(context.Background(), w.urls["named"], postgres.Options{}); err == nil {
		_ = conn.Close(context.Background())
		t.Errorf("%s has not deleted it", commands[0])
	}
}

// holdRows reads in an open transaction, as another program would; the returned function ends that.
func holdRows(t *testing.T, url string) func() {
	t.Helper()
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, url, postgres.Options{})
	if err == nil {
		_, err = conn.Exec(ctx, `BEGIN; LOCK TABLE other."Order" IN ACCESS SHARE MODE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() { _ = conn.Close(ctx) }
}
