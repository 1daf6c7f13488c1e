package schemaplan

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	pgtest.SideBySide() // some tests wait for locks, and for servers that they kill
	os.Exit(m.Run())
}

// database returns an empty database and a pool on it.
func database(t testing.TB, opts ...pgtest.Option) (url string, db *postgres.DB) {
	t.Helper()
	url = pgtest.NewDatabase(t, opts...)
	return url, connect(t, url)
}

func connect(t testing.TB, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// databaseName returns the name of the database in a URL.
func databaseName(url string) string {
	name, _, _ := strings.Cut(url[strings.LastIndex(url, "/")+1:], "?")
	return name
}

// run executes SQL in one message.
func run(t testing.TB, db *postgres.DB, sql string) {
	t.Helper()
	err := db.WithConn(ctx, func(c *postgres.Conn) error {
		_, err := postgres.ExecScript(ctx, c, sql)
		return err
	})
	if err != nil {
		t.Fatalf("%v\nin: %s", err, sql)
	}
}

// number returns the one integer that a query yields.
func number(t testing.TB, db *postgres.DB, sql string) int {
	t.Helper()
	var n int
	if err := db.QueryRow(ctx, sql).Scan(&n); err != nil {
		t.Fatalf("%v\nin: %s", err, sql)
	}
	return n
}

// head is the beginning of test schemas.
const head = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n"

// desired returns the database that a schema's text describes; a text without a datasource gets one.
func desired(t testing.TB, text string) *Database {
	t.Helper()
	if !strings.Contains(text, "datasource ") {
		text = head + text
	}
	schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: text})
	if err != nil {
		t.Fatalf("parse: %v\n%s", err, text)
	}
	want, err := Desired(schema, External{})
	if err != nil {
		t.Fatalf("desired: %v", err)
	}
	return want
}

// plan computes the plan for a schema's text.
func plan(t testing.TB, q postgres.Querier, text string, opt ...ComputeOptions) *Plan {
	t.Helper()
	o := ComputeOptions{WithImage: inDocker}
	if len(opt) > 0 {
		o = opt[0]
	}
	p, err := Compute(ctx, q, desired(t, text), o)
	if err != nil {
		t.Fatalf("compute: %v", err)
	}
	return p
}

// push makes the database match the text, whatever that destroys, and fails if a second push would do more.
func push(t testing.TB, db *postgres.DB, text string) *Plan {
	t.Helper()
	p := plan(t, db, text)
	if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatalf("apply: %v\n%s", err, p.SQL())
	}
	if again := plan(t, db, text); !again.Empty() {
		t.Fatalf("the second push is not empty:\n%s", again.SQL())
	}
	return p
}

// catalogue returns the canonical text of a database: equal texts mean equal databases.
func catalogue(t testing.TB, url string) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "catalogue.sql"))
	if err != nil {
		t.Fatal(err)
	}
	return printed(t, url, string(script))
}

var metaCommands = regexp.MustCompile(`(?m)^\\.*$`)

// collected returns the same as the collection's own query prints it, without what does not count: extensions, and
// naap's own schema.
func collected(t testing.TB, url string) string {
	t.Helper()
	script := string(sharedtest.Read(t, "prisma/oracle/catalog.sql"))
	return relevant(printed(t, url, metaCommands.ReplaceAllString(script, "")))
}

// printed returns what a script prints, with cells joined by a bar and names resolved under an empty search path.
func printed(t testing.TB, url, script string) string {
	t.Helper()
	conn, err := postgres.Connect(ctx, url, postgres.Options{Parameters: map[string]string{"search_path": "pg_catalog"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, script).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, r := range results {
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, c := range row {
				cells[i] = string(c)
			}
			b.WriteString(strings.Join(cells, " | ") + "\n")
		}
	}
	return b.String()
}

// relevant drops the lines that do not count.
func relevant(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "extension | ") || line == "schema | naap_dev" || strings.Contains(line, " | naap_dev | ") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// differences returns the lines in which two texts differ, marked - and +.
func differences(want, got string) string {
	count := map[string]int{}
	for l := range strings.SplitSeq(want, "\n") {
		count[l]--
	}
	for l := range strings.SplitSeq(got, "\n") {
		count[l]++
	}
	var out []string
	for l := range strings.SplitSeq(want, "\n") {
		if count[l] < 0 {
			out, count[l] = append(out, "- "+l), count[l]+1
		}
	}
	for l := range strings.SplitSeq(got, "\n") {
		if count[l] > 0 {
			out, count[l] = append(out, "+ "+l), count[l]-1
		}
	}
	return strings.Join(out, "\n")
}

// inDocker is what the caller says of an up with an image.
func inDocker(image string) []string { return []string{"--engine", "docker", "--image", image} }
