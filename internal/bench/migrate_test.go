package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// migrations is how many migrations the benchmarks have.
const migrations = 100

// migrated is a workspace with a folder of migrations whose end state is its Prisma file.
type migrated struct {
	b       *testing.B
	dir     string
	changes int
}

// newMigrated writes one, in which each migration makes a table with a key to the one before, and an index.
func newMigrated(b *testing.B) *migrated {
	b.Helper()
	w := &migrated{b: b, dir: openDir(b)}
	w.write("package.json", `{"name": "bench"}`)
	w.write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n")
	for i := range migrations {
		sql := fmt.Sprintf("-- CreateTable\nCREATE TABLE \"t%d\" (\n    \"id\" SERIAL NOT NULL,\n    \"name\" TEXT NOT NULL,\n    \"made\" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    \"of\" INTEGER,\n\n    CONSTRAINT \"t%[1]d_pkey\" PRIMARY KEY (\"id\")\n);\n\n-- CreateIndex\nCREATE UNIQUE INDEX \"t%[1]d_name_key\" ON \"t%[1]d\"(\"name\");\n", i)
		if i > 0 {
			sql += fmt.Sprintf("\n-- AddForeignKey\nALTER TABLE \"t%d\" ADD CONSTRAINT \"t%[1]d_of_fkey\" FOREIGN KEY (\"of\") REFERENCES \"t%d\"(\"id\") ON DELETE SET NULL ON UPDATE CASCADE;\n", i, i-1)
		}
		w.write(fmt.Sprintf("prisma/migrations/2024%010d_t%d/migration.sql", i, i), sql)
	}
	w.writeSchema()
	return w
}

func (w *migrated) write(name, text string) {
	w.b.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		w.b.Fatal(err)
	}
}

// writeSchema writes the Prisma file with the changes so far: a column more in the last table for each.
func (w *migrated) writeSchema() {
	var s strings.Builder
	s.WriteString("datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n")
	for i := range migrations {
		fmt.Fprintf(&s, "\nmodel t%d {\n  id   Int @id @default(autoincrement())\n  name String @unique\n  made DateTime @default(now())\n  of   Int?\n", i)
		if i > 0 {
			fmt.Fprintf(&s, "  one  t%d? @relation(fields: [of], references: [id])\n", i-1)
		}
		if i < migrations-1 {
			fmt.Fprintf(&s, "  many t%d[]\n", i+1)
		} else {
			for c := range w.changes {
				fmt.Fprintf(&s, "  more%d String?\n", c)
			}
		}
		s.WriteString("}\n")
	}
	w.write("prisma/schema.prisma", s.String())
}

func (w *migrated) change() {
	w.changes++
	w.writeSchema()
}

func (w *migrated) scripts() []string {
	list, err := filepath.Glob(filepath.Join(w.dir, "prisma/migrations/*/migration.sql")) // in the order of their names
	if err != nil || len(list) < migrations {
		w.b.Fatalf("%d scripts: %v", len(list), err)
	}
	return list
}

// newMigratedServer returns an embedded instance for the workspace, with databases for its peers.
func newMigratedServer(b *testing.B, w *migrated) *instance {
	b.Helper()
	in := newInstance(b, "embedded", w.dir)
	in.run(b, "dev", "up", "--detach", "--no-push")
	return in
}

// migrate measures a verb of `prisma migrate` until it says that it is done.
func (c *cli) migrate(b *testing.B, w *migrated, url, until string, verb ...string) effort {
	b.Helper()
	schema := filepath.Join(w.dir, "prisma/schema.prisma")
	return c.until(b, until, schema, url, []string{"MIGRATIONS=" + filepath.Join(w.dir, "prisma/migrations")}, append([]string{"migrate"}, verb...)...)
}

// BenchmarkMigrateDeploy runs all migrations on an empty database: beside psql, which runs the same files in one session,
// with each statement on its own, and with each file as a whole, which is one transaction then, as for naap and Prisma.
func BenchmarkMigrateDeploy(b *testing.B) {
	needProgram(b, "psql")
	command, w := newCLI(b), newMigrated(b)
	in := newMigratedServer(b, w)
	naap := contender{"naap migrate deploy", func(b *testing.B) effort {
		in.renew(b, "naap")
		took := in.run(b, "migrate", "deploy")
		tables(b, in.url("naap"), migrations+1)
		return took
	}}
	byPsql := func(name string, words func(script string) []string) contender {
		return contender{name, func(b *testing.B) effort {
			in.renew(b, "by_psql")
			args := []string{"-X", "-q", "-v", "ON_ERROR_STOP=1", in.url("by_psql")}
			for _, script := range w.scripts() {
				args = append(args, words(script)...)
			}
			took := run(b, exec.Command("psql", args...))
			tables(b, in.url("by_psql"), migrations)
			return took
		}}
	}
	files := byPsql("psql -f …, one session", func(script string) []string { return []string{"-f", script} })
	wholes := byPsql("psql -c …, one session", func(script string) []string {
		text, err := os.ReadFile(script)
		if err != nil {
			b.Fatal(err)
		}
		return []string{"-c", string(text)}
	})
	real := contender{"prisma migrate deploy", func(b *testing.B) effort {
		in.renew(b, "by_prisma")
		took := command.migrate(b, w, in.url("by_prisma"), "successfully applied", "deploy")
		tables(b, in.url("by_prisma"), migrations+1)
		return took
	}}
	compare(b, fmt.Sprintf("migrate deploy, %d migrations", migrations), 0, naap, peer{files, 1.2}, peer{wholes, 1.2}, peer{contender: real})
}

// BenchmarkMigrateIdle asks for the status, and deploys, where there is nothing to do.
func BenchmarkMigrateIdle(b *testing.B) {
	command, w := newCLI(b), newMigrated(b)
	in := newMigratedServer(b, w)
	in.run(b, "migrate", "deploy")
	for _, v := range []struct{ verb, until string }{{"status", "Database schema is up to date"}, {"deploy", "No pending migrations"}} {
		naap := contender{"naap migrate " + v.verb, func(b *testing.B) effort { return in.run(b, "migrate", v.verb) }}
		real := contender{"prisma migrate " + v.verb, func(b *testing.B) effort { return command.migrate(b, w, in.url("naap"), v.until, v.verb) }}
		compare(b, fmt.Sprintf("migrate %s, nothing to do, %d migrations", v.verb, migrations), 100*time.Millisecond, naap, peer{contender: real})
	}
}

// BenchmarkMigrateDev adds a column to the Prisma file and has the migration written and run, each contender in its own
// folder and database.
func BenchmarkMigrateDev(b *testing.B) {
	command, ours, theirs := newCLI(b), newMigrated(b), newMigrated(b)
	in := newMigratedServer(b, ours)
	in.run(b, "migrate", "deploy")
	in.renew(b, "by_prisma")
	url := in.url("by_prisma")
	command.migrate(b, theirs, url, "successfully applied", "deploy")
	column := func(b *testing.B, url string, w *migrated) {
		var n int
		query(b, url, &n, fmt.Sprintf("SELECT count(*) FROM information_schema.columns WHERE column_name ~ '^more' AND table_name = 't%d'", migrations-1))
		if n != w.changes || len(w.scripts()) != migrations+w.changes {
			b.Fatalf("%d columns and %d scripts after %d changes", n, len(w.scripts()), w.changes)
		}
	}
	naap := contender{"naap migrate dev", func(b *testing.B) effort {
		ours.change()
		took := in.run(b, "migrate", "dev", "--name", "more")
		column(b, in.url("naap"), ours)
		return took
	}}
	real := contender{"prisma migrate dev", func(b *testing.B) effort {
		theirs.change()
		took := command.migrate(b, theirs, url, "in sync with your schema", "dev", "--name", "more", "--skip-generate")
		column(b, url, theirs)
		return took
	}}
	compare(b, fmt.Sprintf("migrate dev, one change, %d migrations", migrations), 0, naap, peer{real, 0.1})
}
