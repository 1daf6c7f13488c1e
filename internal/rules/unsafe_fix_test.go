package rules

import (
	"context"
	"maps"
	"strings"
	"testing"
)

// Each of these findings is right, and fixing it without review would break something that works.
func TestWhatMayBreakSomethingElseIsNotFixedUnseen(t *testing.T) {
	const (
		passesOn = "export * from './generated/client';\nexport { prisma } from './client';\n"
		schema   = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\"]\n}\n\nmodel User {\n  id String @id\n\n  @@schema(\"public\")\n}\n"
		scripted = "{\n  \"scripts\": {\n    \"db:seed\": \"tsx seed.ts\"\n  }\n}\n"
	)
	for name, files := range map[string]map[string]string{
		"a type that the package does not export": {
			"plugins/a/backend/src/x.ts": "import type { User, Ticket } from './generated/client';\n"},
		"a part of the client that is not passed on": {
			"plugins/a/backend/src/x.ts": "import type { User } from '@prisma/client/edge';\n"},
		"Prisma, which a script runs": {
			"plugins/a/backend/package.json": "{\n  \"scripts\": {\n    \"gen\": \"prisma --schema=x generate\"\n  },\n  \"devDependencies\": {\n    \"prisma\": \"^5\"\n  }\n}\n"},
		"a script that a shell script calls": {
			"plugins/a/backend/package.json": scripted, "bin/setup.sh": "npm run db:seed -w plugins/a/backend\n"},
		"a script that another package calls": {
			"plugins/a/backend/package.json": scripted, "package.json": "{ \"scripts\": { \"setup\": \"npm --prefix plugins/a/backend run db:seed\" } }\n"},
		"a script that a workflow calls": {
			"plugins/a/backend/package.json": scripted, ".github/workflows/ci.yml": "jobs:\n  t:\n    steps:\n      - run: npx nx run a:db:seed\n"},
		"a script that code calls": {
			"plugins/a/backend/package.json": scripted, "bin/setup.mjs": "execSync('pnpm -r db:seed');\n"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, "packages/database/src/index.ts", passesOn)
			write(t, root, defaultSchemaFile, schema)
			write(t, root, defaultInitSQL, "CREATE SCHEMA IF NOT EXISTS public;\n")
			for file, text := range files {
				write(t, root, file, text)
			}
			before := snapshot(t, root)
			mended, err := Mend(context.Background(), Options{Root: root}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if after := snapshot(t, root); !maps.Equal(before, after) {
				t.Errorf("changed %q", mended.Files)
			}
			if mended.Report.clean() {
				t.Error("and nothing is found")
			}
		})
	}
}

func TestADependencyIsWrittenAsThePackageManagerWantsIt(t *testing.T) {
	for name, c := range map[string]struct{ own, other, want string }{
		"as another of the package's": {`{ "dependencies": { "@naap/types": "workspace:^" } }`, "", "workspace:^"},
		"as another package has it":   {`{ "dependencies": { "cors": "1" } }`, `{ "dependencies": { "@naap/database": "workspace:*" } }`, "workspace:*"},
		"no path of another package":  {`{ "dependencies": { "cors": "1" } }`, `{ "dependencies": { "@naap/database": "file:../db" } }`, "*"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, "plugins/a/backend/package.json", c.own)
			write(t, root, "plugins/a/backend/src/db/client.ts", "export { prisma } from '@naap/database';\n")
			if c.other != "" {
				write(t, root, "plugins/b/backend/package.json", c.other)
			}
			if _, err := Mend(context.Background(), Options{Root: root}, nil); err != nil {
				t.Fatal(err)
			}
			if got := read(t, root, "plugins/a/backend/package.json"); !strings.Contains(got, `"@naap/database": "`+c.want+`"`) {
				t.Errorf("got %s", got)
			}
		})
	}
}
