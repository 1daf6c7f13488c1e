package prisma

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// largeSchema writes a schema of n models, each with twenty fields, three relations, indexes and an enum.
func largeSchema(n int) string {
	var b strings.Builder
	b.WriteString(plainDatasource)
	for i := range n {
		fmt.Fprintf(&b, "\nenum State%d {\n  NEW\n  DONE @map(\"done\")\n}\n\n/// Model number %d.\nmodel Model%d {\n", i, i, i)
		fmt.Fprintf(&b, "  id      String   @id @default(cuid())\n  state   State%d  @default(NEW)\n  at      DateTime @default(now()) @map(\"created_at\") @db.Timestamptz(6)\n", i)
		for f := range 15 {
			fmt.Fprintf(&b, "  field%d  String?  @default(\"some \\\"text\\\"\") @db.VarChar(%d) // number %d\n", f, f+1, f)
		}
		fmt.Fprintf(&b, "  nextId  String?\n  next    Model%d?  @relation(\"r%d\", fields: [nextId], references: [id], onDelete: Cascade)\n", (i+1)%n, i)
		fmt.Fprintf(&b, "  before  Model%d[] @relation(\"r%d\")\n  @@unique([field0, field1])\n  @@index([state, at(sort: Desc)])\n  @@map(\"model_%d\")\n}\n", (i+n-1)%n, (i+n-1)%n, i)
	}
	return b.String()
}

func TestALargeSchemaIsAccepted(t *testing.T) {
	if s := parse(t, largeSchema(300)); len(s.Models) != 300 || len(s.Models[299].Indexes) != 2 {
		t.Errorf("%d models", len(s.Models))
	}
}

func BenchmarkParseLarge(b *testing.B) { benchmarkParse(b, largeSchema(300)) }

// BenchmarkParseCorpus measures a monorepo's schema of 2588 lines, and the largest of the corpus.
func BenchmarkParseCorpus(b *testing.B) {
	for _, name := range []string{"naap", "civitai"} {
		b.Run(name, func(b *testing.B) {
			text, err := os.ReadFile(sharedtest.Path(b, "prisma/corpus/"+name+".prisma"))
			if err != nil {
				b.Fatal(err)
			}
			benchmarkParse(b, string(text))
		})
	}
}

func benchmarkParse(b *testing.B, text string) {
	source := Source{Name: "schema.prisma", Text: text}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(source); err != nil {
			b.Fatal(err)
		}
	}
}
