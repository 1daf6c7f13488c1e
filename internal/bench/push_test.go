package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// newServer returns an embedded instance without tables, and with a database for each contender.
func newServer(b *testing.B) *instance {
	b.Helper()
	in := newInstance(b, "embedded", naapRepo(b))
	in.run(b, "dev", "up", "--detach", "--no-push")
	return in
}

// renew empties one of the server's databases.
func (in *instance) renew(b *testing.B, database string) {
	b.Helper()
	query(b, in.url("postgres"), nil, "DROP DATABASE IF EXISTS "+database+" WITH (FORCE)")
	query(b, in.url("postgres"), nil, "CREATE DATABASE "+database)
}

// BenchmarkPushFromEmpty measures a push from an empty database to all tables, each contender as a whole process.
func BenchmarkPushFromEmpty(b *testing.B) {
	needProgram(b, "psql")
	repo, sql := naapRepo(b), naapSQL(b)
	schema := filepath.Join(repo, schemaFile)
	command := newCLI(b) // skips before anything is started
	in := newServer(b)
	naap := contender{"naap dev push", func(b *testing.B) effort {
		in.renew(b, "naap")
		took := in.run(b, "dev", "push")
		tables(b, in.url("naap"), naapTables)
		return took
	}}
	psql := contender{"psql -f (SQL ready-made)", func(b *testing.B) effort {
		in.renew(b, "by_psql")
		took := run(b, psqlFile(in.url("by_psql"), sql))
		tables(b, in.url("by_psql"), naapTables)
		return took
	}}
	byPrisma := func(name string, push func(b *testing.B, url string) effort) contender {
		return contender{name, func(b *testing.B) effort {
			in.renew(b, "by_prisma")
			took := push(b, in.url("by_prisma"))
			tables(b, in.url("by_prisma"), naapTables)
			return took
		}}
	}
	real := byPrisma("prisma db push", func(b *testing.B, url string) effort { return command.push(b, schema, url) })
	engine := byPrisma("Prisma's engine in node", func(b *testing.B, url string) effort { return run(b, enginePush(b, schema, url)) })
	compare(b, "push from empty, 112 tables", 0, naap, peer{psql, 1.3}, peer{real, 0.3}, peer{contender: engine})
}

// BenchmarkPushNothingChanged measures a push where the database matches the file, each contender as a whole process.
func BenchmarkPushNothingChanged(b *testing.B) {
	schema := filepath.Join(naapRepo(b), schemaFile)
	command := newCLI(b)
	in := newServer(b)
	in.run(b, "dev", "push")
	naap := contender{"naap dev push", func(b *testing.B) effort { return in.run(b, "dev", "push") }}
	real := contender{"prisma db push", func(b *testing.B) effort { return command.push(b, schema, in.url("naap")) }}
	engine := contender{"Prisma's engine in node", func(b *testing.B) effort { return run(b, enginePush(b, schema, in.url("naap"))) }}
	compare(b, "push, nothing changed", 100*time.Millisecond, naap, peer{real, 0.04}, peer{contender: engine})
}

// BenchmarkParseLargest parses and checks the collection's largest schema, beside only reading it from the disk.
func BenchmarkParseLargest(b *testing.B) {
	path := sharedtest.Path(b, "prisma/corpus/civitai.prisma")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	parse := contender{"parse and check", func(b *testing.B) effort {
		return whole(func() {
			if _, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: string(text)}); err != nil {
				b.Fatal(err)
			}
		})
	}}
	read := contender{"reading the file", func(b *testing.B) effort {
		return whole(func() {
			if _, err := os.ReadFile(path); err != nil {
				b.Fatal(err)
			}
		})
	}}
	compare(b, "parse and check, 290 kB schema", 0, parse, peer{contender: read})
}

// BenchmarkSaveToPushed measures from a save of the Prisma file to the line that says what was pushed.
func BenchmarkSaveToPushed(b *testing.B) {
	dir := openDir(b)
	if err := os.CopyFS(dir, os.DirFS(naapRepo(b))); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(dir, schemaFile)
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(file, 0o644); err != nil { // the collection may be read-only
		b.Fatal(err)
	}
	in := newInstance(b, "embedded", dir)
	in.up(b)
	lines := in.watch(b)
	lines.next(b) // the line before the first save
	saved := 0
	save := contender{"save → pushed", func(b *testing.B) effort {
		saved++
		text = fmt.Appendf(text, "\nmodel BenchSave%d {\n  id String @id\n\n  @@schema(\"public\")\n}\n", saved)
		return whole(func() {
			if err := os.WriteFile(file, text, 0o644); err != nil {
				b.Fatal(err)
			}
			lines.next(b)
		})
	}}
	compare(b, "watch: save → pushed, 112 tables", 0, save)
}

// saves are the lines of `naap --json dev watch`.
type saves struct{ r *bufio.Reader }

func (in *instance) watch(b *testing.B) saves {
	b.Helper()
	c := in.command("--json", "dev", "watch")
	c.Stderr = io.Discard
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
	return saves{bufio.NewReader(out)}
}

// next waits for the next line, which must report a successful push.
func (s saves) next(b *testing.B) {
	b.Helper()
	line, err := s.r.ReadBytes('\n')
	if err != nil {
		b.Fatal(err)
	}
	var said struct {
		Error *struct{ Message string }
	}
	if err := json.Unmarshal(line, &said); err != nil {
		b.Fatal(err)
	}
	if said.Error != nil {
		b.Fatalf("not pushed: %s", said.Error.Message)
	}
}
