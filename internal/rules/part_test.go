package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestOfFilesOnlyTheseAndWhatTheirRulesNeedAreRead(t *testing.T) {
	root := t.TempDir()
	gitIn(t, root, "init", "-q")
	for i := range 40 {
		write(t, root, fmt.Sprintf("plugins/p%d/backend/src/a.ts", i), breach)
	}
	write(t, root, "plugins/p0/backend/package.json", "{ \"dependencies\": {} }\n")
	write(t, root, "plugins/p0/backend/src/db.ts", "import { prisma } from '@naap/database';\n")
	write(t, root, "docker-compose.yml", "services:\n  pool:\n    image: bouncer\n")
	write(t, root, "bin/url.sh", "POOL=postgres://naap:S3cr3t-word@pool/naap\n")
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_a\"]\n}\n")
	write(t, root, defaultInitSQL, "CREATE SCHEMA plugin_a;\n")
	write(t, root, "node_modules/x/a.ts", breach)
	gitIn(t, root, "add", ".")
	gitIn(t, root, "commit", "-qm", "one")

	asked := func(o Options, most int, want ...string) {
		t.Helper()
		o.Root = root
		r := check(t, o)
		var got []string
		for _, f := range r.Findings {
			got = append(got, fmt.Sprintf("%s %d", f.Place.Path, f.Rule.Number))
		}
		if !slices.Equal(got, want) || r.Files > most {
			t.Errorf("%v: found %q in %d files, want %q in at most %d", o.Only, got, r.Files, want, most)
		}
	}
	asked(Options{Only: []string{"plugins/p7/backend/src/a.ts"}}, 6, "plugins/p7/backend/src/a.ts 2")
	asked(Options{Only: []string{"plugins/p0/backend/src/db.ts"}}, 7, "plugins/p0/backend/package.json 6", "plugins/p0/backend/src/db.ts 8")
	asked(Options{Only: []string{"bin/url.sh"}}, 6)
	asked(Options{Only: []string{"node_modules/x/a.ts"}}, 6)
	asked(Options{Only: []string{"plugins/p7/backend/src/a.ts", "plugins/p8/backend/src"}}, 60, "plugins/p7/backend/src/a.ts 2", "plugins/p8/backend/src/a.ts 2")
	asked(Options{Changed: true}, 5)

	write(t, root, "plugins/p9/backend/src/a.ts", "// changed\n"+breach)
	asked(Options{Changed: true}, 6, "plugins/p9/backend/src/a.ts 2")
	asked(Options{Changed: true, Only: []string{"bin"}}, 5)
	write(t, root, defaultInitSQL, "CREATE SCHEMA plugin_a;\n\n")
	asked(Options{Changed: true}, 60, "plugins/p9/backend/src/a.ts 2")

	outside := t.TempDir()
	write(t, outside, "far.ts", breach)
	if err := os.Symlink(outside, filepath.Join(root, "far")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "plugins"), filepath.Join(root, "near")); err != nil {
		t.Fatal(err)
	}
	asked(Options{Only: []string{"far/far.ts"}}, 6)
	asked(Options{Only: []string{"near/p3/backend/src/a.ts"}}, 8, "near/p3/backend/src/a.ts 2")
}

// What is found of a file alone is what a check of everything finds in it.
func TestAFileAloneHasTheFindingsThatItHasAmongAll(t *testing.T) {
	compared := 0
	for _, name := range []string{"rule1/generators", "rule1/images", "rule2/look-alikes", "rule3/made", "rule5/logins", "rule5/public", "rule8/pass-on", "rule9/grants", "rule9/code"} {
		file := "testdata/" + name + ".txtar"
		c := readCase(t, file)
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole := check(t, c.options)
		for i, f := range archive.Files {
			if o := c.options.withDefaults(); o.concernsAll(f.Name, false) || i%3 > 0 && !strings.Contains(name, "9") {
				continue
			}
			one := c.options
			one.Only = []string{f.Name}
			got := placesIn(check(t, one), f.Name)
			if want := placesIn(whole, f.Name); !slices.Equal(got, want) {
				t.Errorf("%s: of %s alone %q, among all %q", name, f.Name, got, want)
			}
			compared += len(got)
		}
	}
	if compared < 20 {
		t.Errorf("only %d findings were compared", compared)
	}
}

func placesIn(r *Report, name string) []string {
	var got []string
	for _, f := range r.Findings {
		if f.Place.Path == name {
			got = append(got, fmt.Sprintf("%d %s", f.Place.Line, f.Rule.ID))
		}
	}
	return got
}
