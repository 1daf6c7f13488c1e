package rules

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestAScriptThatTellsNothingHasNothingToFind puts scripts together from what the checks look for, plain and with
// escapes, and has everything judged that naap would not even read: nothing may be found in it.
func TestAScriptThatTellsNothingHasNothingToFind(t *testing.T) {
	schema := "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"public\"]\n}\nmodel Team {\n  id Int @id\n  @@schema(\"public\")\n}\n"
	files := map[string]string{
		defaultSchemaFile:                schema,
		"plugins/a/backend/package.json": `{"name": "a", "scripts": {"db:push": "prisma db push"}}`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		files[fmt.Sprintf("%s/x%d.ts", []string{"plugins/a/backend/src", "services/b", "apps/web", "plugins/a/backend/src/db"}[i%4], i)] = odd(random)
	}
	archives, err := filepath.Glob("testdata/rule*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if kindOf(f.Name) == scriptFile {
				files[fmt.Sprintf("services/case%d/%s", i, f.Name)] = string(f.Data)
			}
		}
	}
	r, err := begin(t.Context(), Options{Files: files}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	tells, silent, found := newTelling(r.options.databaseDir()), 0, 0
	r.each(scriptFile, func(f *file) {
		told := tells.in(f)
		f.facts = &scriptFacts{}
		r.judgeText(f)
		nothing := reflect.DeepEqual(*f.facts, scriptFacts{})
		switch {
		case !told && !nothing:
			t.Errorf("%s is not read, and there is %+v in\n%s", f.path, *f.facts, f.data)
		case !told:
			silent++
		case !nothing:
			found++
		}
	})
	if silent < 1000 || found < 1000 {
		t.Errorf("%d scripts tell nothing, and something is found in %d: too few to compare", silent, found)
	}
}

// odd returns a script of a few lines, which may be about the database.
func odd(random *rand.Rand) string {
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	// written returns a text as a string literal, some of it escaped.
	written := func(text string) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			switch random.IntN(40) {
			case 0:
				b.WriteString(`\`)
			case 1:
				fmt.Fprintf(&b, `\x%02x`, c)
				continue
			case 2:
				fmt.Fprintf(&b, `\u{%x}`, c)
				continue
			case 3:
				b.WriteString("\\\n")
			}
			b.WriteByte(c)
		}
		quote := one("'", `"`, "`")
		return quote + b.String() + quote
	}
	var lines []string
	for range 1 + random.IntN(4) {
		specifier := written(one("@prisma/client", "@prisma/client/edge", "prisma", "prisma/config", "../generated/prisma-client", "../.prisma/client", "pg", "postgres",
			"slonik", "pg-promise", "@naap/database", "@naap/database/client", "../../packages/database/src/client", "../../../../packages/database/src", "../db/client", "react", "./x"))
		lines = append(lines, one(
			"import { prisma } from "+specifier+";",
			"import { "+one("PrismaClient", "Prisma", "Team", "PrismaClient as P")+" } from "+specifier+";",
			"const x = require("+specifier+");",
			"export * from "+specifier+";",
			one("new PrismaClient()", "class A extends PrismaClient {}", "new P()", "new prisma.PrismaClient()", `new \u0050rismaClient()`)+";",
			one("exec", "execSync", "spawn", "$", "$ ", "$/* */", "$$", "run", "re.exec")+"("+written(one("docker run -d postgres:16", "docker run redis", "sudo do''cker run mysql"))+");",
			one("$", "$ ", "$\n", "tag")+"`docker run -e A=1 "+one("postgres", "mongo", "redis")+"`;",
			"spawn("+written("docker")+", ["+written("run")+", "+written("mysql")+"]);",
			"new "+one("PostgreSqlContainer", "GenericContainer", "MySqlContainer", "Container")+"("+written(one("postgres:16", "redis", "mysql"))+");",
			"const url = process.env."+one("DATABASE_URL", "URL", "PG_URL")+" ?? "+written(one("postgresql://a:b@elsewhere:1/x", "mysql://a@b/c", "http://x"))+";",
			"writeFileSync("+written(one("a.prisma", "b.txt", ".env"))+", "+written(one("datasource db {\n}", "x", "DATABASE_URL=mysql://x/y"))+");",
			"// naap-"+one("allow", "not")+": "+one("2-own-client", "nothing")+" because",
			"run('npm run "+one("db:push", "build")+"'); // "+one("db:seed", "", "@prisma", "generated"),
			"const y = await prisma.team.findMany({ where: { name: `${a} $1` } });",
			`value.replace(/\/+$/, '\n').replace(/`+one(`\s`, `\$`, `a$`)+`/g, "")`,
			"<p title=\"\\\">{prisma.x}</p>",
		))
	}
	return strings.Join(lines, "\n")
}

// TestACheckKeepsNoScriptsText checks more text than is kept until it is judged, and a file that is gone by then, one
// that is something else, and one that grew.
func TestACheckKeepsNoScriptsText(t *testing.T) {
	root := t.TempDir()
	put := func(name, text string) {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"public\"]\n}\nmodel Team {\n  id Int @id\n  @@schema(\"public\")\n}\n")
	const n = 100
	text := "export const client = new PrismaClient();\n" + strings.Repeat("// a line of some length that says nothing\n", 4*heldText/n/42)
	for i := range n {
		put(fmt.Sprintf("apps/web/x%03d.ts", i), text)
	}
	r, err := begin(t.Context(), Options{Root: root}.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	var others []*file
	r.each(scriptFile, func(f *file) {
		if held += len(f.data); f.data == nil {
			others = append(others, f)
		}
	})
	if held > heldText || held < heldText/2 || len(others) < 3 {
		t.Fatalf("%d bytes are held, %d scripts are not", held, len(others))
	}
	at := func(i int) string { return filepath.Join(root, filepath.FromSlash(others[i].path)) }
	for i := range 2 {
		if err := os.Remove(at(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at(1), 0o755); err != nil {
		t.Fatal(err)
	}
	put(others[2].path, text+strings.Repeat(" ", largest))
	if err := r.judgeScripts(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := 0
	r.each(scriptFile, func(f *file) {
		if found += len(f.facts.findings); f.data != nil || f.script != nil || f.imports != nil {
			t.Errorf("%s is kept", f.path)
		}
	})
	if found != n-3 {
		t.Errorf("%d findings, and not %d", found, n-3)
	}
	checkUnread(r)
	var unread []string
	for _, f := range r.findings {
		unread = append(unread, f.Place.Path+" "+f.Message)
	}
	if want := others[1].path + " this cannot be read\n" + others[2].path + " this is larger than 4 MB, which no rule reads"; strings.Join(unread, "\n") != want {
		t.Errorf("unread are\n%s\nand not\n%s", strings.Join(unread, "\n"), want)
	}
}
