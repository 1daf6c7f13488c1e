package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// ownFile is the text of a file of the user's own, to which a repository leads by a link or by a name.
const ownFile = "root:HIDE-ME-7:0:0 {\nHIDE-ME-7 = HIDE-ME-7\n-----BEGIN HIDE-ME-7-----\n'HIDE-ME-7\n"

const plainSchema = "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"public\"]\n}\nmodel A {\n  id Int @id\n  @@schema(\"public\")\n}\n"

const plainService = "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n"

func TestNoVerbShowsWhatStandsInAFileOutsideOfTheWorkspace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string // -> TARGET for a link; OUTSIDE is the folder of the user's own file
		verbs []string          // those that must fail and say where it leads
	}{
		"the schema is a link":              {map[string]string{"packages/database/prisma/schema.prisma": "-> OUTSIDE/key"}, []string{"dev diff", "dev up --allow-external", "dev push --allow-external", "check"}},
		"a folder above it is a link":       {map[string]string{"packages": "-> OUTSIDE/packages"}, []string{"dev diff", "check"}},
		"a part of the schema is a link":    {map[string]string{"packages/database/prisma/schema/a.prisma": plainSchema, "packages/database/prisma/schema/b.prisma": "-> OUTSIDE/key.prisma"}, []string{"dev diff", "check"}},
		"naap.toml names it as the schema":  {map[string]string{"naap.toml": "schema = \"OUTSIDE/key\"\n"}, []string{"dev diff", "check"}},
		"naap.toml is a link":               {map[string]string{"naap.toml": "-> OUTSIDE/key"}, []string{"config", "dev diff", "check", "dev status"}},
		"the init script is a link":         {map[string]string{"naap.toml": "schema = \"s.prisma\"\n", "s.prisma": plainSchema, "docker/init-schemas.sql": "-> OUTSIDE/key"}, []string{"dev up --allow-external"}},
		"naap.toml names the init script":   {map[string]string{"naap.toml": "schema = \"s.prisma\"\ninit-sql = \"OUTSIDE/key\"\n", "s.prisma": plainSchema}, []string{"dev up --allow-external"}},
		"a seed is a link":                  {map[string]string{"naap.toml": "schema = \"s.prisma\"\n", "s.prisma": plainSchema, "seeds/public.sql": "-> OUTSIDE/key"}, []string{"dev up --allow-external", "dev seed --allow-external"}},
		"a seed of rows is a link":          {map[string]string{"naap.toml": "schema = \"s.prisma\"\n", "s.prisma": plainSchema, "seeds/public/A.csv": "-> OUTSIDE/key"}, []string{"dev up --allow-external", "dev seed --allow-external"}},
		"the folder of seeds is a link":     {map[string]string{"naap.toml": "schema = \"s.prisma\"\n", "s.prisma": plainSchema, "seeds": "-> OUTSIDE/seeds"}, []string{"dev up --allow-external"}},
		"the compose file is a link":        {map[string]string{"naap.toml": "", "compose.yaml": "-> OUTSIDE/key"}, []string{"config", "dev status"}},
		"compose's .env is a link":          {map[string]string{"compose.yaml": plainService, ".env": "-> OUTSIDE/key"}, []string{"config", "dev status"}},
		"a service's env_file is outside":   {map[string]string{"compose.yaml": plainService + "    env_file: OUTSIDE/key\n"}, []string{"config"}},
		"a compose file includes one":       {map[string]string{"compose.yaml": "include:\n  - OUTSIDE/key\n" + plainService}, []string{"config"}},
		"a service extends one of a file's": {map[string]string{"compose.yaml": plainService + "    extends:\n      file: OUTSIDE/key\n      service: a\n"}, []string{"config"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, outside := t.TempDir(), t.TempDir()
			for _, at := range []string{"key", "key.prisma", "packages/database/prisma/schema.prisma", "seeds/public.sql"} {
				plantFile(t, filepath.Join(outside, at), ownFile)
			}
			for file, text := range c.files {
				plantFile(t, filepath.Join(dir, filepath.FromSlash(file)), strings.ReplaceAll(text, "OUTSIDE", outside))
			}
			url := pgtest.NewDatabase(t)
			for _, verb := range append(c.verbs, "config", "check --format sarif", "dev diff", "dev doctor") {
				for _, more := range [][]string{nil, {"--json"}} {
					if more != nil && verb != c.verbs[0] {
						continue
					}
					cmd := exec.Command("naap", append(strings.Fields(verb), more...)...)
					cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+t.TempDir(), "NAAP_DATABASE_URL="+url)
					out, err := cmd.CombinedOutput()
					if strings.Contains(string(out), "HIDE-ME-7") {
						t.Errorf("%s %v shows it:\n%s", verb, more, out)
					}
					if slices.Contains(c.verbs, verb) && (err == nil || !strings.Contains(string(out), outside)) {
						t.Errorf("%s %v ends with %v and does not say where it leads:\n%s", verb, more, err, out)
					}
				}
			}
		})
	}
}

// plantFile creates a file and its folders, or a link where its text begins with an arrow.
func plantFile(t *testing.T, at, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if target, link := strings.CutPrefix(text, "-> "); link {
		err = os.Symlink(target, at)
	} else {
		err = os.WriteFile(at, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
