package pull

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// A database made of a copy of the file, from which lines and blocks are missing at random or in which fields are optional,
// is pulled into the file; and one that is made of the file into the copy.
func TestAFileBecomesWhatTheDatabaseOfAnotherIs(t *testing.T) {
	for i, c := range sharedtest.Corpus(t) {
		t.Run(c.Name, func(t *testing.T) {
			if c.Name == "x-partial" {
				t.Skip("the conditions of its indexes name columns")
			}
			if !slices.Contains([]string{"x-rel", "x-index", "x-m2m"}, c.Name) {
				pgtest.Long(t)
			}
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(i), 8))
			less := mutated(c.Text, random)
			for _, pair := range [][2]string{{c.Text, less}, {less, c.Text}} {
				_, db := database(t, pgtest.With(sharedtest.Beforehand))
				push(t, db, pair[1])
				source := prisma.Source{Name: "schema.prisma", Text: pair[0]}
				plan := pulled(t, db, source)
				for _, f := range plan.Files {
					source.Text = f.Text
				}
				if d := differs(t, db, source); !d.Empty() {
					t.Errorf("a push of what was pulled would do:\n%s\n%s", d.SQL(), told(plan))
				}
				if again := pulled(t, db, source); !again.Empty() {
					t.Errorf("pulled again, it says\n%s", told(again))
				}
			}
		})
	}
}

// mutated returns a text without some of its lines and blocks, as far as it stays a schema, and with optional fields.
func mutated(text string, random *rand.Rand) string {
	for range 60 {
		tree, _ := prisma.ParseFile(prisma.Source{Name: "schema.prisma", Text: text})
		b := tree.Blocks[random.IntN(len(tree.Blocks))]
		if b.Kind == prisma.DatasourceBlock || b.Kind == prisma.GeneratorBlock || len(b.Members) == 0 {
			continue
		}
		from, to, with := b.Span.Start.Offset(), b.Span.End.Offset(), ""
		if m := b.Members[random.IntN(len(b.Members))]; random.IntN(10) > 0 {
			from, to = m.Span.Start.Offset(), m.Span.End.Offset()
			if m.Kind == prisma.FieldMember && m.Type.Arity == prisma.Required && random.IntN(3) == 0 {
				at := m.Type.Span.End.Offset()
				with = text[from:at] + "?" + text[at:to]
			}
		}
		changed := text[:from] + with + text[to:]
		if schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: changed}); err == nil && strings.Contains(changed, "model ") {
			if _, err := schemaplan.Desired(schema, schemaplan.External{}); err == nil {
				text = changed
			}
		}
	}
	return text
}
