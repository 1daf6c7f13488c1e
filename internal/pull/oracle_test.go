package pull

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// otherwise are the files that are not what Prisma pulls, and why. Pushed again, each of naap's makes the same database.
var otherwise = map[string]string{
	"x-defaults":    "Prisma writes the default green-ish of a value that it calls green_ish, and no literal for a list of BigInt",
	"x-edge":        "Prisma forgets the dimension of a vector",
	"triggerdev":    "Prisma forgets the operator classes of btree indexes",
	"x-index":       "Prisma forgets the operator classes of btree indexes",
	"x-multischema": "Prisma exchanges the fields of an implicit many-to-many relation over two schemas",
	"x-partial":     "partial indexes are of Prisma 7",
	"x-scalars":     "Prisma writes a list of box as a list of lists",
}

// What is pulled into a file with only a datasource and generators is what real Prisma pulls, but for these blocks, which it
// rewrites.
func TestWhatIsPulledFromNothingIsWhatPrismaPulls(t *testing.T) {
	pgtest.Long(t)
	dir := sharedtest.Oracle(t)
	for _, c := range sharedtest.Corpus(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			url, db := database(t, pgtest.With(sharedtest.Beforehand))
			push(t, db, c.Text)
			config := configOf(t, c.Text)
			file := filepath.Join(t.TempDir(), "schema.prisma")
			if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
				t.Fatal(err)
			}
			real, err := exec.CommandContext(t.Context(), "node", "--no-warnings", filepath.Join(dir, "oracle.mjs"), "pull", file, url).Output()
			if err != nil && otherwise[c.Name] == "" {
				t.Fatal(err)
			}
			plan := pulled(t, db, prisma.Source{Name: "schema.prisma", Text: config})
			want, got := modelsOf(string(real)), modelsOf(plan.Files[0].Text)
			switch why := otherwise[c.Name]; {
			case want == got && why != "":
				t.Errorf("it is said that %s, and naap writes the same", why)
			case want != got && why == "":
				t.Errorf("Prisma pulls\n%s\nnaap\n%s", want, got)
			}
		})
	}
}

// modelsOf returns the blocks of models and enums of a file in Prisma's format.
func modelsOf(text string) string {
	formatted, _ := prisma.Format(prisma.Source{Name: "schema.prisma", Text: text})
	tree, _ := prisma.ParseFile(prisma.Source{Name: "schema.prisma", Text: formatted})
	var b strings.Builder
	for _, x := range tree.Blocks {
		if x.Kind != prisma.DatasourceBlock && x.Kind != prisma.GeneratorBlock {
			for _, c := range x.Lead {
				b.WriteString(c.Text + "\n")
			}
			b.WriteString(formatted[x.Span.Start.Offset():x.Span.End.Offset()] + "\n\n")
		}
	}
	return b.String()
}
