package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const (
	sourceBlock = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"U\")\n}\n"
	userModel   = "model User {\n  id Int @id\n}\n"
	teamModel   = "model Team {\n  id Int @id\n  users User[]\n}\n"
	memberModel = "model Member {\n  id Int @id\n  teamId Int\n  teamModel Team @relation(fields: [teamId], references: [id])\n}\n"
	apartModel  = "model Apart {\n  id Int @id\n}\n"
	byNaap      = "naap.toml"
	inRepo      = "packages/database/prisma/"
	config      = "packages/database/prisma.config.ts"
	packageFile = "packages/database/package.json"
)

// TestWhichFilesAreTheSchema has typical layouts, and the files that are read from each: "doubt" where that cannot be
// known.
func TestWhichFilesAreTheSchema(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one file": {map[string]string{inRepo + "schema.prisma": sourceBlock + userModel}, "schema.prisma"},
		"the split layout": {map[string]string{
			inRepo + "schema.prisma": sourceBlock, inRepo + "models/user.prisma": userModel, inRepo + "models/deep/team.prisma": teamModel,
		}, "models/deep/team.prisma models/user.prisma schema.prisma"},
		"the split layout of a plain project": {map[string]string{
			byNaap: "", "prisma/schema.prisma": sourceBlock, "prisma/models/user.prisma": userModel,
		}, "prisma/models/user.prisma prisma/schema.prisma"},
		"half of it split off, and needed": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + teamModel, inRepo + "models/user.prisma": userModel,
		}, "models/user.prisma schema.prisma"},
		"the datasource in a file of its own": {map[string]string{
			inRepo + "schema.prisma": teamModel + userModel, inRepo + "datasource.prisma": sourceBlock,
		}, "datasource.prisma schema.prisma"},
		"a copy beside it": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel + teamModel, inRepo + "schema.backup.prisma": userModel + teamModel,
		}, "schema.prisma"},
		"another database's schema beside it": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "other/other.prisma": sourceBlock + apartModel,
		}, "schema.prisma"},
		"models beside it that nothing needs": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel,
		}, "doubt"},
		"models beside it that need it": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel + teamModel + apartModel, inRepo + "models/member.prisma": memberModel,
		}, "doubt"},
		"settled for the file": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel, byNaap: "schema = \"" + inRepo + "schema.prisma\"",
		}, "schema.prisma"},
		"settled for the folder": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel, byNaap: "schema = \"packages/database/prisma\"",
		}, "models/apart.prisma schema.prisma"},
		"package.json names the folder": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel, packageFile: `{"prisma": {"schema": "./prisma"}}`,
		}, "models/apart.prisma schema.prisma"},
		"package.json's scripts name the folder": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel,
			packageFile: `{"scripts": {"db:push": "cross-env A=b prisma db push --schema=./prisma", "db:gen": "prisma generate --schema prisma/ && echo"}}`,
		}, "models/apart.prisma schema.prisma"},
		"prisma.config names the folder": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel,
			config: "import { defineConfig } from 'prisma/config'\nexport default defineConfig({ schema: 'prisma' })\n",
		}, "models/apart.prisma schema.prisma"},
		"prisma.config before package.json": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel,
			config: "export default { schema: 'prisma/schema.prisma' }", packageFile: `{"prisma": {"schema": "./prisma"}}`,
		}, "schema.prisma"},
		"the root's prisma.config names it": {map[string]string{
			inRepo + "schema.prisma": sourceBlock + userModel, inRepo + "models/apart.prisma": apartModel,
			"prisma.config.mjs": "export default { schema: 'packages/database/prisma' }",
		}, "models/apart.prisma schema.prisma"},
		"a file without a model that prisma.config names": {map[string]string{
			inRepo + "schema.prisma": sourceBlock, inRepo + "models/user.prisma": userModel, config: "export default { schema: 'prisma/schema.prisma' }",
		}, "schema.prisma beside models/user.prisma"},
		"no file of the usual name": {map[string]string{
			inRepo + "main.prisma": sourceBlock, inRepo + "user.prisma": userModel,
		}, "main.prisma user.prisma"},
		"the usual folder": {map[string]string{
			inRepo + "schema/main.prisma": sourceBlock, inRepo + "schema/user.prisma": userModel,
		}, "schema/main.prisma schema/user.prisma"},
		"emptied, with nothing beside it": {map[string]string{inRepo + "schema.prisma": ""}, "schema.prisma"},
		"half-written beside it":          {map[string]string{inRepo + "schema.prisma": sourceBlock, inRepo + "user.prisma": "model User {\n  id In"}, "schema.prisma user.prisma"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for file, text := range c.files {
				write(t, filepath.Join(root, file), text)
			}
			w := mustFind(t, root, nil)
			got := "doubt"
			if w.SchemaDoubt == nil {
				got = ""
				for _, f := range w.SchemaFiles {
					got += " " + strings.TrimPrefix(f.Name, inRepo)
				}
				for _, f := range w.Beside {
					got += " beside " + strings.TrimPrefix(w.name(f), inRepo)
				}
			}
			equal(t, "the schema", strings.TrimSpace(got), c.want)
			equal(t, "kind", w.Kind, Monorepo)
		})
	}
}

func TestDoubtNamesTheLineThatSettlesIt(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, inRepo, "schema.prisma"), sourceBlock+userModel)
	write(t, filepath.Join(root, inRepo, "models/apart.prisma"), apartModel)
	w := mustFind(t, root, nil)
	text := remedy.Text(w.SchemaDoubt)
	for _, part := range []string{"models/apart.prisma", `schema = "packages/database/prisma"`, `schema = "packages/database/prisma/schema.prisma"`} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %s:\n%s", part, text)
		}
	}
	equal(t, "exit status", remedy.Exit(w.SchemaDoubt), remedy.ExitRefused)
	// A user moves the last model: now there is no doubt, without a restart.
	write(t, filepath.Join(root, inRepo, "models/user.prisma"), userModel)
	write(t, filepath.Join(root, inRepo, "schema.prisma"), sourceBlock)
	w, err := w.Again(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if w.SchemaDoubt != nil || len(w.SchemaFiles) != 3 || w.SchemaName() != "packages/database/prisma" {
		t.Errorf("after the move: %v, %d files of %s", w.SchemaDoubt, len(w.SchemaFiles), w.SchemaName())
	}
}

func TestASchemaThatPrismaNamesAndThatIsNotThereIsAnError(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, inRepo, "schema.prisma"), sourceBlock+userModel)
	write(t, filepath.Join(root, packageFile), `{"prisma": {"schema": "elsewhere"}}`)
	_, err := find(t, root, nil)
	if remedy.Code(err) != "workspace.schema" || !strings.Contains(remedy.Text(err), packageFile) {
		t.Errorf("got %v", err)
	}
}

func TestASchemaBehindABrokenLinkIsAnError(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, inRepo, "schema.prisma"), sourceBlock)
	if err := os.Symlink("../gone", filepath.Join(root, inRepo, "models")); err != nil {
		t.Skip(err)
	}
	if _, err := find(t, root, nil); remedy.Code(err) != "workspace.schema" {
		t.Errorf("got %v", err)
	}
}

func TestAPrismaConfigIsReadAndNotRun(t *testing.T) {
	for text, want := range map[string]string{
		`export default { schema: "a", tables: { external: ["x.t", 'x.u'] }, enums: { external: [` + "`x.e`" + `] } }`: "a|x.t x.u|x.e|",
		`import path from "node:path"; import { defineConfig, env } from "prisma/config"
// schema: "wrong"
const folder = path.join("db", 'parts')
const ours: string[] = ["auth.users"] as const
export default defineConfig({
  experimental: { externalTables: true, }, /* tables: { external: ["no.no"] } */
  "schema": folder,
  tables: { external: [...ours, "auth." + "sessions"] },
  datasource: { url: env("DATABASE_URL"), shadow: () => { return { schema: "no" } } },
  migrations: { path: path.join(__dirname, "m"), seed: ` + "`tsx ${folder}/seed.ts`" + ` },
})`: "db/parts|auth.users auth.sessions||",
		`module.exports = { schema: require("path").join("x"), tables: { external: [] } }`:                  "|||schema",
		`export default { schema: process.env.SCHEMA ?? "x" }`:                                              "|||schema",
		`export default { schema: path.join(process.cwd(), "x"), tables: { external: load() } }`:            "x|||tables.external",
		`export default { tables: { external: ["a.b", name] }, enums: { external: ["c.d"] } }`:              "|a.b|c.d|tables.external",
		`const c = { schema: "s", tables: { external: ["a.b"] } } satisfies PrismaConfig; export default c`: "s|a.b||",
		"const schema = 's'\nexport default { schema }\n":                                                   "s|||",
		`export default { ...base, schema: "s" }`:                                                           "s|||",
		`export default { ...base, schema: "s", x: "external" }`:                                            "s|||tables.external enums.external",
		`const a = b; const b = a; export default { schema: a }`:                                            "|||schema",
		`export default {`: "|||",
		`not a script "`:   "|||",
		`export default make({ tables: { external: ["a.b"] } })`: "|||tables.external enums.external",
		`export default {}`: "|||",
		"const quote = /[\"`]/; export default { schema: 's\\u0061' }": "sa|||",
		"const a = `${f(`}`)}'`; export default { schema: `s` + 't' }": "st|||",
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "prisma.config.ts"), text)
		c, ok := readPrismaConfig(t.Context(), dir)
		equal(t, "found", ok, true)
		schema := c.schema
		if schema != "" {
			schema, _ = filepath.Rel(dir, c.schema)
		}
		equal(t, text, strings.Join([]string{filepath.ToSlash(schema), strings.Join(c.tables, " "), strings.Join(c.enums, " "), strings.Join(c.unread, " ")}, "|"), want)
	}
}

func TestExternalTablesThatCannotBeReadAreSettledInNaapToml(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, inRepo, "schema.prisma"), sourceBlock+userModel)
	write(t, filepath.Join(root, config), "export default { tables: { external: load() }, enums: { external: ['a.e'] } }")
	w := mustFind(t, root, nil)
	if remedy.Code(w.SchemaDoubt) != "schema.external" || !strings.Contains(remedy.Text(w.SchemaDoubt), "tables = [") {
		t.Errorf("got %v", w.SchemaDoubt)
	}
	write(t, filepath.Join(root, byNaap), "[external]\ntables = [\"auth.users\"]\n")
	w = mustFind(t, root, nil)
	if w.SchemaDoubt != nil || strings.Join(w.External.Tables, " ") != "auth.users" || strings.Join(w.External.Enums, " ") != "a.e" {
		t.Errorf("got %v, %v", w.SchemaDoubt, w.External)
	}
}

// TestAPackageThatCannotBeReadLeavesTheSchemaInDoubt has one that is half saved, among others: without it another
// schema would be found, or the built-in one.
func TestAPackageThatCannotBeReadLeavesTheSchemaInDoubt(t *testing.T) {
	for name, c := range map[string]struct {
		text, toml string
		doubt      bool
	}{
		"half saved":             {`{"prisma":{"schema":`, "", true},
		"emptied":                {``, "", true},
		"a number":               {`{"prisma":{"schema":5}}`, "", true},
		"a text":                 {`{"prisma":"db"}`, "", true},
		"no object":              {`[]`, "", true},
		"whole":                  {`{"name":"x"}`, "", false},
		"another setting":        {`{"scripts":{"x":5}}`, "", false},
		"set in naap.toml first": {`{"prisma":{`, `schema = "db/a.prisma"`, false},
	} {
		for _, place := range []string{"db/a.prisma", "prisma/schema.prisma"} {
			files := map[string]string{byNaap: c.toml, "package.json": c.text, place: sourceBlock + userModel, "db/a.prisma": sourceBlock + userModel}
			root := t.TempDir()
			for file, text := range files {
				write(t, filepath.Join(root, file), text)
			}
			w := mustFind(t, root, nil)
			if doubt := remedy.Code(w.SchemaDoubt) == "schema.ambiguous"; doubt != c.doubt {
				t.Errorf("%s, %s: %v", name, place, w.SchemaDoubt)
			}
		}
	}
}
