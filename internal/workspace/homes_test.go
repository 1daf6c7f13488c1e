package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const postgresSchema = "datasource db {\n  provider = \"postgresql\"\n}\nmodel A {\n  id Int @id\n}\n"

// lay writes files with a schema's text, or the text after " = ", into a fresh folder.
func lay(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name, text, ok := strings.Cut(f, " = ")
		if !ok {
			text = postgresSchema
		}
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	return root
}

func TestRepositoriesOfOtherLayoutsAreFound(t *testing.T) {
	const head, sqlite = "repo/.git/HEAD = ref: refs/heads/main", `datasource db { provider = "sqlite" }`
	config := func(schema string) string { return `export default defineConfig({ schema: "` + schema + `" })` }
	for name, c := range map[string]struct {
		files  []string
		from   string
		root   string // "" for the built-in workspace
		schema string
		mark   string
	}{
		"a file in the root":                         {[]string{"schema.prisma"}, "", ".", "schema.prisma", "schema.prisma"},
		"a single application, from below":           {[]string{"prisma/schema.prisma", "src/a/b.ts = "}, "src/a", ".", "prisma/schema.prisma", "prisma/schema.prisma"},
		"a folder of files":                          {[]string{"prisma/schema/a.prisma"}, "", ".", "prisma/schema", "prisma/schema"},
		"a program about Prisma, with its tests":     {[]string{head, "repo/internal/prisma/testdata/format/a.prisma", "repo/internal/prisma/parse.go = "}, "repo", "", "", ""},
		"packages/db":                                {[]string{"packages/db/prisma/schema.prisma"}, "", ".", "packages/db/prisma/schema.prisma", "packages/db/prisma/schema.prisma"},
		"packages/prisma, from its own folder":       {[]string{"packages/prisma/schema.prisma"}, "packages/prisma", ".", "packages/prisma/schema.prisma", "packages/prisma/schema.prisma"},
		"packages/database with a config":            {[]string{"packages/database/prisma.config.ts = " + config("db.prisma"), "packages/database/db.prisma"}, "", ".", "packages/database/db.prisma", "packages/database/prisma.config.ts"},
		"the root's package.json names another's":    {[]string{`package.json = {"prisma": {"schema": "packages/db/x.prisma"}}`, "packages/db/x.prisma", "packages/db/prisma/schema.prisma"}, "", ".", "packages/db/x.prisma", "package.json"},
		"an application of a monorepo, from below":   {[]string{head, "repo/apps/api/prisma/schema.prisma", "repo/apps/web/index.ts = "}, "repo/apps/web", "repo", "apps/api/prisma/schema.prisma", "apps/api/prisma/schema.prisma"},
		"without a repository nothing is below":      {[]string{"apps/api/prisma/schema.prisma"}, "", "", "", ""},
		"a repository inside of a marked folder":     {[]string{"naap.toml = ", head, "repo/prisma/schema.prisma"}, "repo", "repo", "prisma/schema.prisma", "prisma/schema.prisma"},
		"a marked folder around an empty repository": {[]string{"naap.toml = ", "prisma/schema.prisma", head, "repo/a.ts = "}, "repo", ".", "prisma/schema.prisma", "naap.toml"},
		"the search ends at the repository":          {[]string{"prisma/schema.prisma", head}, "repo", "", "", ""},
		"what is installed or a test's is left out":  {[]string{head, "repo/node_modules/prisma/schema.prisma", "repo/testdata/prisma/schema.prisma", "repo/seeds/schema.prisma"}, "repo", "", "", ""},
		"the only one for PostgreSQL":                {[]string{head, "repo/apps/a/prisma/schema.prisma = " + sqlite, "repo/apps/b/prisma/schema.prisma"}, "repo", "repo", "apps/b/prisma/schema.prisma", "apps/a/prisma/schema.prisma"},
		"the platform's place before others":         {[]string{schemaMark, "prisma/schema.prisma", "packages/db/prisma/schema.prisma"}, "", ".", schemaMark, schemaMark},
	} {
		t.Run(name, func(t *testing.T) {
			root := lay(t, c.files...)
			w := mustFind(t, filepath.Join(root, filepath.FromSlash(c.from)), nil)
			if c.root == "" {
				equal(t, "kind", w.Kind, Builtin)
				return
			}
			equal(t, "root", w.Root, filepath.Join(root, c.root))
			equal(t, "schema", w.SchemaName(), c.schema)
			equal(t, "mark", w.FoundBy, c.mark)
		})
	}
}

// TestTheProjectsOwnCheckoutHasTheBuiltInWorkspace holds the README's first command, which is run there.
func TestTheProjectsOwnCheckoutHasTheBuiltInWorkspace(t *testing.T) {
	w, err := Find(t.Context(), "../..", Options{Env: []string{"HOME=" + t.TempDir()}})
	if err != nil || w.Kind != Builtin {
		t.Errorf("%+v, %v", w, err)
	}
}

func TestOfSeveralSchemasOneIsAskedFor(t *testing.T) {
	root := lay(t, ".git/HEAD = ", "prisma/schema.prisma", "packages/db/prisma/schema.prisma")
	for _, dir := range []string{root, filepath.Join(root, "prisma")} {
		_, err := find(t, dir, nil)
		var several *Several
		if !errors.As(err, &several) || remedy.Exit(err) != remedy.ExitUsage || remedy.Code(err) != "schema.ambiguous" {
			t.Fatalf("got %v", err)
		}
		equal(t, "places", strings.Join(several.Places, " "), "prisma/schema.prisma packages/db/prisma/schema.prisma")
	}
	equal(t, "from its folder", mustFind(t, filepath.Join(root, "packages/db/prisma"), nil).SchemaName(), "packages/db/prisma/schema.prisma")
	equal(t, "by a variable", mustFind(t, root, nil, "NAAP_SCHEMA="+filepath.Join(root, "prisma")).SchemaName(), "prisma")
	write(t, filepath.Join(root, "naap.toml"), "schema = \"packages/db/prisma/schema.prisma\"\n")
	equal(t, "by naap.toml", mustFind(t, root, nil).SchemaName(), "packages/db/prisma/schema.prisma")
}

func TestThePackageWithTheSchemaSaysWhatSeedsAndWhatIsExternal(t *testing.T) {
	for _, named := range []string{"", "naap.toml = schema = \"apps/api/prisma/schema.prisma\"\n"} {
		root := lay(t, ".git/HEAD = ", "apps/api/prisma/schema.prisma", `apps/api/package.json = {"prisma": {"seed": "node seed.js"}}`,
			"apps/api/prisma/seeds/a.sql = SELECT 1", `apps/api/prisma.config.ts = export default { tables: { external: ["auth.users"] }, datasource: { url: env("API_DATABASE_URL") } }`,
			`package.json = {"scripts": {"db:seed": "turbo seed"}}`)
		if name, text, ok := strings.Cut(named, " = "); ok {
			write(t, filepath.Join(root, name), text)
		}
		w := mustFind(t, root, nil)
		equal(t, "seed command", w.SeedCommands[0].Text, "node seed.js")
		equal(t, "seeds", w.Seeds.Name, "apps/api/prisma/seeds")
		equal(t, "external", strings.Join(w.External.Tables, " "), "auth.users")
		var variables []string
		for _, v := range w.DatabaseVariables(t.Context()) {
			variables = append(variables, v.Name+" "+v.Where)
		}
		equal(t, "variables", strings.Join(variables, "; "), "DATABASE_URL ; API_DATABASE_URL apps/api/prisma.config.ts")
		equal(t, "homes", strings.Join(w.Homes(), " "), strings.Join([]string{filepath.Join(root, "apps/api"), filepath.Join(root, "packages/database"), root}, " "))
		found := false
		for _, path := range w.Inputs() {
			found = found || path == filepath.Join(root, "apps/api/package.json")
		}
		equal(t, "its package.json is watched", found, true)
	}
}

func TestANamedFolderBelongsToAWorkspace(t *testing.T) {
	dir := lay(t, "some/where/a.txt = ")
	named := func(dir string, env ...string) (*Workspace, error) {
		return Find(t.Context(), dir, Options{Named: true, Env: append([]string{"HOME=" + t.TempDir()}, env...)})
	}
	_, err := named(filepath.Join(dir, "some"))
	if remedy.Code(err) != "workspace.none" || remedy.Exit(err) != remedy.ExitUsage || !strings.Contains(remedy.Text(err), "naap.toml") {
		t.Errorf("got %v", err)
	}
	if _, err := named(dir, "NAAP_SCHEMA="+filepath.Join(lay(t, "schema.prisma"), "schema.prisma")); err != nil {
		t.Errorf("with a schema that is named: %v", err)
	}
	write(t, filepath.Join(dir, "some", "prisma", "schema.prisma"), postgresSchema)
	w, err := named(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "below", w.SchemaName(), "some/prisma/schema.prisma")
	equal(t, "bare", mustFind(t, dir, nil).Kind, Builtin)
}

func TestASchemaOutsideOfTheRepositoryIsNotLookedAt(t *testing.T) {
	elsewhere := lay(t, "x.prisma")
	root := lay(t, `package.json = {"prisma": {"schema": "`+filepath.ToSlash(filepath.Join(elsewhere, "x.prisma"))+`"}}`)
	if _, err := find(t, root, nil); remedy.Code(err) != "file.outside" {
		t.Errorf("a path: %v", err)
	}
	linked := lay(t, ".git/HEAD = ", "a.txt = ")
	if err := os.Symlink(elsewhere, filepath.Join(linked, "prisma")); err != nil {
		t.Skip(err)
	}
	if w, err := find(t, linked, nil); err == nil && w.SchemaOnDisk() {
		t.Errorf("a linked folder was read: %s", w.SchemaPath)
	}
}
