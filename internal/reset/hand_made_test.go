package reset

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// TestAPlanNamesWhatIsNotMadeAgain has columns, indexes and keys made by hand that the Prisma file could express and
// does not.
func TestAPlanNamesWhatIsNotMadeAgain(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model T {\n  id Int @id\n  a String @unique\n  b String\n  us U[]\n  @@index([b])\n}\nmodel U {\n  id Int @id\n  t Int\n  of T @relation(fields: [t], references: [id])\n}\n")
	h.run(t, `ALTER TABLE "T" ADD "by ""hand""" text, ADD twice int GENERATED ALWAYS AS (id * 2) STORED, ADD CONSTRAINT hand_key UNIQUE (a, b);
		CREATE INDEX hand ON "T" (a text_pattern_ops); CREATE INDEX hand_hash ON "T" USING hash (b); ALTER TABLE "U" ADD CONSTRAINT hand_fkey FOREIGN KEY (id) REFERENCES "T" NOT VALID;
		CREATE INDEX hand_part ON "T" (b) WHERE id > 3; CREATE INDEX hand_expr ON "T" (lower(b));
		ALTER INDEX "T_b_idx" RENAME TO other_name; ALTER TABLE "U" RENAME CONSTRAINT "U_t_fkey" TO other_fkey; ALTER TABLE "T" RENAME CONSTRAINT "T_pkey" TO other_pkey`)
	var got []string
	for _, line := range h.plan(t, h.options(), "public").Lines() {
		if what, ok := strings.CutSuffix(line, " is not in the Prisma file and is not made again"); ok {
			got = append(got, what)
		}
	}
	want := []string{`! UNIQUE constraint public.hand_key of public.T`, `! column public.T.by "hand"`, `! column public.T.twice`, `! foreign key hand_fkey of public.U`,
		`! index public.hand of public.T`, `! index public.hand_hash of public.T`}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the plan says\n%s", strings.Join(got, "\n"))
	}
}

func TestAPlanOfTheFilesOwnTablesNamesNothing(t *testing.T) {
	h := newShop(t)
	for _, line := range h.plan(t, h.options(), "public", plugin).Lines() {
		if strings.HasPrefix(line, "!") {
			t.Errorf("the plan says %s", line)
		}
	}
}

// TestWhatIsMadeByHandIsKeptWhereTheFileHasNothingOfItsKind has an enum and an operator class beside a file without any.
func TestWhatIsMadeByHandIsKeptWhereTheFileHasNothingOfItsKind(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model T {\n  id Int @id\n  b String\n  @@index([b])\n}\n")
	h.run(t, `CREATE TYPE mood AS ENUM ('well'); DROP INDEX "T_b_idx"; CREATE INDEX "T_b_idx" ON "T" (b text_pattern_ops)`)
	text := strings.Join(h.plan(t, h.options(), "public").Lines(), "\n")
	for _, part := range []string{"~ enum public.mood is made again", "~ index public.T_b_idx as it was is made again"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	h.keepsRights(t, h.options(), "public")
}
