//go:build unix

package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const plainSchema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "plugin_a"]
}

generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["multiSchema"]
}

model AThing {
  id Int @id

  @@schema("plugin_a")
}
`

// linkedOut makes a workspace one of whose files is a link to a file outside.
func linkedOut(t *testing.T, files map[string]string, link, victimText string) (root, victim string) {
	t.Helper()
	base := t.TempDir()
	root, victim = filepath.Join(base, "repository"), filepath.Join(base, "home", "victim")
	put := func(at, text string) {
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		put(filepath.Join(root, name), text)
	}
	put(victim, victimText)
	at := filepath.Join(root, link)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, at); err != nil {
		t.Fatal(err)
	}
	return root, victim
}

func unchanged(t *testing.T, victim, text string) {
	t.Helper()
	now, err := os.ReadFile(victim)
	if err != nil || string(now) != text {
		t.Errorf("the file outside holds %q now (%v)", now, err)
	}
	if list, err := os.ReadDir(filepath.Dir(victim)); err != nil || len(list) != 1 {
		t.Errorf("beside the file outside are now %v", list)
	}
}

func TestAddingASchemaWritesNothingOutside(t *testing.T) {
	const schemaAt = "packages/database/prisma/schema.prisma"
	for link, victim := range map[string]string{
		"naap.toml":               "[check]\n",
		"docker/init-schemas.sql": "CREATE SCHEMA IF NOT EXISTS plugin_a;\n",
		schemaAt:                  plainSchema,
	} {
		files := map[string]string{schemaAt: plainSchema, "docker/init-schemas.sql": "CREATE SCHEMA IF NOT EXISTS plugin_a;\n"}
		delete(files, link)
		root, at := linkedOut(t, files, link, victim)
		o := Options{Root: root, SchemaFile: schemaAt, InitSQL: "docker/init-schemas.sql"}
		p, err := PlanSchemaAdd(t.Context(), o, "b", "Own")
		if err == nil {
			err = p.Apply(t.Context())
		}
		unchanged(t, at, victim)
		if link == o.InitSQL { // it is not read, and not part of the plan
			continue
		}
		if err == nil {
			t.Errorf("%s leads out, and all was written", link)
		}
		for name, text := range files { // nor is it half carried out
			if now, err := os.ReadFile(filepath.Join(root, name)); err != nil || string(now) != text {
				t.Errorf("%s leads out, and %s was written all the same", link, name)
			}
		}
	}
}

// A file can be replaced by a link after the plan was shown.
func TestALinkThatIsPutThereAfterThePlanIsNotWrittenThrough(t *testing.T) {
	const schemaAt = "packages/database/prisma/schema.prisma"
	for _, folder := range []bool{false, true} {
		root, victim := linkedOut(t, map[string]string{schemaAt: plainSchema}, "unused", plainSchema)
		p, err := PlanSchemaAdd(t.Context(), Options{Root: root, SchemaFile: schemaAt, InitSQL: "docker/init-schemas.sql"}, "b", "")
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(root, schemaAt)
		if folder {
			if err := os.Rename(victim, filepath.Join(filepath.Dir(victim), "schema.prisma")); err != nil {
				t.Fatal(err)
			}
			victim, at = filepath.Join(filepath.Dir(victim), "schema.prisma"), filepath.Dir(at)
			err = os.Symlink(filepath.Dir(victim), at+".link")
		} else {
			err = os.Symlink(victim, at+".link")
		}
		if err == nil {
			err = os.RemoveAll(at)
		}
		if err == nil {
			err = os.Rename(at+".link", at)
		}
		if err != nil {
			t.Fatal(err)
		}
		err = p.Apply(t.Context())
		if remedy.Code(err) != "file.outside" || !strings.Contains(remedy.Text(err), filepath.Dir(victim)) {
			t.Errorf("it ended with %v", err)
		}
		unchanged(t, victim, plainSchema)
	}
}

// A link to nothing is in the way of the rules, and is reported as such: saying that it cannot be read would not help.
func TestAMeasureThatIsALinkToNothingIsToldSo(t *testing.T) {
	const schemaAt, initAt = "packages/database/prisma/schema.prisma", "docker/init-schemas.sql"
	for _, link := range []string{schemaAt, initAt} {
		text := map[string]string{schemaAt: plainSchema, initAt: "CREATE SCHEMA IF NOT EXISTS plugin_a;\n"}
		delete(text, link)
		root, victim := linkedOut(t, text, link, "")
		if err := os.Remove(victim); err != nil {
			t.Fatal(err)
		}
		report, err := Check(t.Context(), Options{Root: root, SchemaFile: schemaAt, InitSQL: initAt})
		if err != nil {
			t.Fatal(err)
		}
		told := false
		for _, f := range report.Findings {
			told = told || f.Place.Path == link && f.Message == "this is a link to "+victim+", where nothing is"
		}
		if !told {
			t.Errorf("of %s: %+v", link, report.Findings)
		}
	}
}
