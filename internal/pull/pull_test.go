package pull

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

func TestMain(m *testing.M) {
	pgtest.SideBySide()
	os.Exit(m.Run())
}

var ctx = context.Background()

func database(t testing.TB, opts ...pgtest.Option) (string, *postgres.DB) {
	t.Helper()
	url := pgtest.NewDatabase(t, opts...)
	db, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return url, db
}

func parsed(t testing.TB, sources ...prisma.Source) (*prisma.Schema, *schemaplan.Database) {
	t.Helper()
	schema, err := prisma.Parse(sources...)
	if err != nil {
		t.Fatalf("%v\n%s", err, sources[0].Text)
	}
	want, err := schemaplan.Desired(schema, schemaplan.External{})
	if err != nil {
		t.Fatal(err)
	}
	return schema, want
}

// differs returns what a push of a text would do.
func differs(t testing.TB, db *postgres.DB, sources ...prisma.Source) *schemaplan.Plan {
	t.Helper()
	_, want := parsed(t, sources...)
	plan, err := schemaplan.Compute(ctx, db, want, schemaplan.ComputeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func push(t testing.TB, db *postgres.DB, text string) {
	t.Helper()
	pushFiles(t, db, []prisma.Source{{Name: "schema.prisma", Text: text}})
}

// pulled returns what a pull makes of files.
func pulled(t testing.TB, db *postgres.DB, sources ...prisma.Source) *Plan {
	t.Helper()
	schema, want := parsed(t, sources...)
	found, err := schemaplan.Read(ctx, db, want, schemaplan.ComputeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return Make(schema, found, nil, "")
}

// configOf returns the datasource and generator blocks of a text.
func configOf(t testing.TB, text string) string {
	t.Helper()
	tree, _ := prisma.ParseFile(prisma.Source{Name: "schema.prisma", Text: text})
	var b strings.Builder
	for _, x := range tree.Blocks {
		if x.Kind == prisma.DatasourceBlock || x.Kind == prisma.GeneratorBlock {
			b.WriteString(text[x.Span.Start.Offset():x.Span.End.Offset()] + "\n\n")
		}
	}
	formatted, found := prisma.Format(prisma.Source{Name: "schema.prisma", Text: b.String()})
	if formatted == "" {
		t.Fatal(found)
	}
	return formatted
}

func TestAPullOfAnUnchangedDatabaseChangesNothing(t *testing.T) {
	for _, c := range sharedtest.Corpus(t) {
		t.Run(c.Name, func(t *testing.T) {
			if !slices.Contains([]string{"x-rel", "x-m2m", "x-defaults", "x-multischema", "x-relmode"}, c.Name) {
				pgtest.Long(t)
			}
			t.Parallel()
			_, db := database(t, pgtest.With(sharedtest.Beforehand))
			push(t, db, c.Text)
			source := prisma.Source{Name: "schema.prisma", Text: c.Text}
			if plan := pulled(t, db, source); !plan.Empty() {
				t.Errorf("adds %q, drops %q, changes %q", plan.Adds, plan.Drops, plan.Changes)
			}
			// From nothing, it is a file that says the same.
			source.Text = configOf(t, c.Text)
			plan := pulled(t, db, source)
			if len(plan.Files) != 1 {
				t.Fatal("it writes ", len(plan.Files), " files")
			}
			source.Text = plan.Files[0].Text
			if d := differs(t, db, source); !d.Empty() {
				t.Errorf("a push of what was pulled would do:\n%s", d.SQL())
			}
			if formatted, _ := prisma.Format(source); formatted != source.Text {
				t.Error("it is not in Prisma's format")
			}
			if again := pulled(t, db, source); !again.Empty() {
				t.Errorf("pulled again, it adds %q, drops %q, changes %q", again.Adds, again.Drops, again.Changes)
			}
		})
	}
}
