//go:build unix

package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const aSchema = "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n\nmodel A {\n  id Int @id\n}\n"

// A place outside that a repository names is refused before anything there is looked at: a pipe in it would be refused
// with another error.
func TestAPlaceOutsideIsNotLookedAtBecauseTheRepositorySaysSo(t *testing.T) {
	outside := t.TempDir()
	for _, name := range []string{"x.prisma", "x.sql"} {
		if err := syscall.Mkfifo(filepath.Join(outside, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		files map[string]string
		link  string // to the folder outside
	}{
		"a schema":                    {map[string]string{"naap.toml": `schema = "OUTSIDE/x.prisma"`}, ""},
		"a schema's folder":           {map[string]string{"naap.toml": `schema = "OUTSIDE"`}, ""},
		"the disk":                    {map[string]string{"naap.toml": `schema = "/"`}, ""},
		"a file of the system":        {map[string]string{"naap.toml": `schema = "/etc/passwd"`}, ""},
		"up and up":                   {map[string]string{"naap.toml": `schema = "` + strings.Repeat("../", 30) + `etc"`}, ""},
		"a link to a folder":          {map[string]string{"naap.toml": `schema = "link"`}, "link"},
		"a link in a usual place":     {map[string]string{"naap.toml": ""}, "prisma/schema"},
		"the place of a mark":         {nil, "packages/database/prisma/schema"},
		"a link in a folder":          {map[string]string{"naap.toml": `schema = "tables"`, "tables/a.prisma": aSchema}, "tables/more"},
		"a link beside a single file": {map[string]string{"naap.toml": "", "prisma/schema.prisma": strings.ReplaceAll(aSchema, "model A {\n  id Int @id\n}\n", "")}, "prisma/more"},
		"package.json":                {map[string]string{"naap.toml": "", "package.json": `{"prisma":{"schema":"OUTSIDE"}}`}, ""},
		"a script":                    {map[string]string{"naap.toml": "", "package.json": `{"scripts":{"a":"prisma db push --schema OUTSIDE/x.prisma"}}`}, ""},
		"prisma.config":               {map[string]string{"naap.toml": "", "prisma.config.ts": `export default { schema: "OUTSIDE" }`}, ""},
		"the script of the schemas":   {map[string]string{"naap.toml": `init-sql = "OUTSIDE/x.sql"`}, ""},
		"seeds":                       {map[string]string{"naap.toml": "[seed]\nfolder = \"OUTSIDE\""}, ""},
		"a link to seeds":             {map[string]string{"naap.toml": "", "prisma/schema.prisma": aSchema}, "seeds"},
	} {
		files := map[string]string{}
		for name, text := range c.files {
			files[name] = strings.ReplaceAll(text, "OUTSIDE", outside)
		}
		root := inFolder(t, files)
		if c.link != "" {
			at := filepath.Join(root, c.link)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, at); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}}); remedy.Code(err) != "file.outside" {
			t.Errorf("%s: it ends with %v", name, err)
		}
	}
}

func TestAPlaceOutsideThatThePersonNamesIsLookedAt(t *testing.T) {
	outside := inFolder(t, map[string]string{"a.prisma": aSchema, "x.sql": "SELECT 1;\n"})
	root := inFolder(t, map[string]string{"naap.toml": `schema = "/"`})
	w, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir(), "NAAP_SCHEMA=" + outside, "NAAP_INIT_SQL=" + outside + "/x.sql", "NAAP_SEED_FOLDER=" + outside}})
	if err != nil || len(w.SchemaFiles) != 1 || w.Init == nil || w.Seeds.Path != outside {
		t.Errorf("it ends with %v, and %+v", err, w)
	}
}

// A monorepo may keep its schema beside the workspace.
func TestAPlaceInTheSameRepositoryIsLookedAt(t *testing.T) {
	root := inFolder(t, map[string]string{".git/HEAD": "", "shared/a.prisma": aSchema, "app/naap.toml": ""})
	if err := os.Symlink("../shared", filepath.Join(root, "app", "linked")); err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"../shared", "linked"} {
		if err := os.WriteFile(filepath.Join(root, "app", "naap.toml"), []byte(`schema = "`+schema+`"`), 0o644); err != nil {
			t.Fatal(err)
		}
		w, err := Find(t.Context(), filepath.Join(root, "app"), Options{Env: []string{"HOME=" + t.TempDir()}})
		if err != nil || len(w.SchemaFiles) != 1 {
			t.Errorf("%s: it ends with %v, and %+v", schema, err, w)
		}
	}
}
