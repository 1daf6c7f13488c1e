// Package schematest writes Prisma schemas of any size, for tests and benchmarks of what happens to many tables.
package schematest

import (
	"fmt"
	"strings"
)

// Prisma returns a schema of that many tables, spread over the schemas app_000, app_001, … . Each table has what an
// ordinary one has: nine columns, an index, a foreign key to another table, mostly of its own schema, and a unique key;
// every fourth brings an enum.
func Prisma(tables, schemas int) string {
	var b strings.Builder
	b.WriteString("datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n  schemas  = [")
	for i := range schemas {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", Schema(i))
	}
	b.WriteString("]\n}\n\ngenerator client {\n  provider        = \"prisma-client-js\"\n  previewFeatures = [\"multiSchema\"]\n}\n")
	of := &writer{&b, tables, schemas}
	for i := range tables {
		of.table(i)
	}
	return b.String()
}

// Schema returns the name of a schema by its number.
func Schema(i int) string { return fmt.Sprintf("app_%03d", i) }

// Extra returns a model to append to such a schema: a table that refers to the first one.
func Extra(name string) string {
	return fmt.Sprintf("\nmodel %s {\n  id   String @id\n  note String?\n\n  @@index([note])\n  @@schema(%q)\n}\n", name, Schema(0))
}

type writer struct {
	*strings.Builder
	tables, schemas int
}

// owner returns the table that a table refers to: the one before it in its own schema, and every tenth time one of
// another schema.
func (w *writer) owner(i int) int {
	switch {
	case i%10 == 9:
		return i - 1
	case i < w.schemas:
		return i
	}
	return i - w.schemas
}

// referrers returns the tables that refer to a table.
func (w *writer) referrers(i int) []int {
	var out []int
	for _, j := range []int{i, i + 1, i + w.schemas} {
		if j < w.tables && w.owner(j) == i && (len(out) == 0 || out[len(out)-1] != j) {
			out = append(out, j)
		}
	}
	return out
}

func (w *writer) table(i int) {
	schema := Schema(i % w.schemas)
	state := i - i%4
	if i == state {
		fmt.Fprintf(w, "\nenum State%05d {\n  NEW\n  ACTIVE\n  DONE\n\n  @@schema(%q)\n}\n", i, schema)
	}
	fmt.Fprintf(w, "\n/// What number %d is about.\nmodel Record%05d {\n", i, i)
	w.WriteString("  id        String   @id @default(cuid())\n  name      String   @db.VarChar(200)\n")
	fmt.Fprintf(w, "  code%05d String @unique\n  state     State%05d @default(NEW)\n", i, state)
	w.WriteString("  amount    Decimal? @db.Decimal(12, 2)\n  settings  Json     @default(\"{}\")\n  createdAt DateTime @default(now()) @map(\"created_at\")\n  updatedAt DateTime @updatedAt @map(\"updated_at\")\n")
	fmt.Fprintf(w, "  ownerId   String?\n  owner     Record%05d? @relation(\"of%05d\", fields: [ownerId], references: [id], onDelete: Cascade)\n", w.owner(i), i)
	for _, j := range w.referrers(i) {
		fmt.Fprintf(w, "  of%05d   Record%05d[] @relation(\"of%05d\")\n", j, j, j)
	}
	fmt.Fprintf(w, "\n  @@index([ownerId, createdAt])\n  @@map(\"record_%05d\")\n  @@schema(%q)\n}\n", i, schema)
}
