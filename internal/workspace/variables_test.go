package workspace

import (
	"path/filepath"
	"strings"
	"testing"
)

const (
	local = "postgresql://postgres:postgres@127.0.0.1:5433/naap"
	plain = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n"
)

func TestDatabaseVariablesAreThoseThatPrismaNames(t *testing.T) {
	for what, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nothing names one":   {map[string]string{"packages/database/prisma/schema.prisma": "model A { id Int @id }\n"}, "DATABASE_URL"},
		"the built-in schema": {map[string]string{"naap.toml": ""}, "DATABASE_URL url"},
		"all three": {map[string]string{"packages/database/prisma/schema.prisma": `datasource db {
  provider          = "postgresql" // env("NOT_THIS_URL")
  url               = env("POSTGRES_PRISMA_URL")
  directUrl         = env("POSTGRES_URL_NON_POOLING")
  shadowDatabaseUrl = env("SHADOW_DATABASE_URL")
}
`}, "DATABASE_URL, POSTGRES_PRISMA_URL url, POSTGRES_URL_NON_POOLING directUrl, SHADOW_DATABASE_URL shadowDatabaseUrl="},
		"Windows line ends": {map[string]string{"packages/database/prisma/schema.prisma": "datasource db {\r\n  provider = \"postgresql\"\r\n  url = env(\"DB\")\r\n}\r\n"}, "DATABASE_URL, DB url"},
		"a literal":         {map[string]string{"packages/database/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"postgres://h/d\"\n}\n"}, "DATABASE_URL"},
		"a database that is its own shadow": {map[string]string{"packages/database/prisma/schema.prisma": "datasource db {\n provider = \"postgresql\"\n url = env(\"A_URL\")\n shadowDatabaseUrl = env(\"A_URL\")\n directUrl = env(\"A_URL\")\n}\n"},
			"DATABASE_URL, A_URL url"},
		"names by which programs load code": {map[string]string{"packages/database/prisma/schema.prisma": "datasource db {\n provider = \"postgresql\"\n url = env(\"LD_PRELOAD\")\n directUrl = env(\"NODE_OPTIONS\")\n shadowDatabaseUrl = env(\"DBUS_SESSION_BUS_ADDRESS\")\n}\n"},
			"DATABASE_URL"},
		"names that are none": {map[string]string{"packages/database/prisma/schema.prisma": "datasource db {\n provider = \"postgresql\"\n url = env(\"A=B_URL\")\n directUrl = env(\"A\\nDB_URL\")\n}\n"}, "DATABASE_URL"},
		"a config": {map[string]string{
			"packages/database/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n}\nmodel A { id Int @id }\n",
			"packages/database/prisma.config.ts":     "import { defineConfig, env } from 'prisma/config'\nexport default defineConfig({ schema: 'prisma/schema.prisma',\n  datasource: { url: env('APP_DATABASE_URL'), shadowDatabaseUrl: env(\"SHADOW_URL\") } })\n",
		}, "DATABASE_URL, APP_DATABASE_URL url, SHADOW_URL shadowDatabaseUrl=postgresql://postgres:postgres@127.0.0.1:5433/naap_shadow"},
		"a config with process.env": {map[string]string{"packages/database/prisma/schema.prisma": plain,
			"prisma.config.ts": "export default { datasource: { url: process.env.FIRST_URL! ?? process.env['SECOND_URL'] ?? 'postgres://x', directUrl: process.env[`THIRD_URL`] as string,\n shadowDatabaseUrl: process.env.FOURTH_URL.replace('a', 'b') } }\n",
		}, "DATABASE_URL url, FIRST_URL url, SECOND_URL url, THIRD_URL directUrl"},
		"a constant in a config": {map[string]string{"packages/database/prisma/schema.prisma": plain,
			"prisma.config.ts": "const url = env('CONST_URL')\nconst datasource = { url }\nexport default { datasource }\n"}, "DATABASE_URL url, CONST_URL url"},
	} {
		root := t.TempDir()
		for name, text := range c.files {
			write(t, filepath.Join(root, filepath.FromSlash(name)), text)
		}
		w := mustFind(t, root, nil)
		var got []string
		for _, v := range w.DatabaseVariables(t.Context()) {
			line := strings.TrimSpace(v.Name + " " + v.Use)
			if v.IsShadow() {
				line += "=" + v.Value(local)
			} else {
				equal(t, v.Name, v.Value(local), local)
			}
			got = append(got, line)
		}
		equal(t, what, strings.Join(got, ", "), c.want)
	}
}

func TestDatabaseVariablesSayWhereTheyAreNamed(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, schemaMark), plain)
	write(t, filepath.Join(root, "prisma.config.ts"), "export default { datasource: { url: env('OTHER_URL') } }")
	var got []string
	for _, v := range mustFind(t, root, nil).DatabaseVariables(t.Context()) {
		got = append(got, v.Name+" "+v.Where)
	}
	equal(t, "places", strings.Join(got, ", "), "DATABASE_URL "+schemaMark+":3, OTHER_URL prisma.config.ts")
}
