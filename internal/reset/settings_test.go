package reset

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// feeds are tables elsewhere that draw from a sequence of the schema: by a default, by a default with a name in a text,
// by a routine.
const feeds = `CREATE SCHEMA other; CREATE SEQUENCE public.tickets; CREATE SEQUENCE public.down INCREMENT -1; CREATE SEQUENCE public.late; CREATE SEQUENCE public.inside;
	CREATE TABLE other.ticket (id int PRIMARY KEY DEFAULT nextval('public.tickets'), n int NOT NULL UNIQUE DEFAULT nextval('public.down'), m int NOT NULL UNIQUE DEFAULT nextval('public.late'::text));
	CREATE FUNCTION other.next() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN nextval('public."User_id_seq"'); END $$; CREATE TABLE other.guest (id int PRIMARY KEY DEFAULT other.next());
	INSERT INTO other.ticket SELECT FROM generate_series(1, 5); INSERT INTO other.guest SELECT FROM generate_series(1, 5); SELECT nextval('public.inside')`

func TestASequenceThatFeedsATableElsewhereGoesOn(t *testing.T) {
	h := newShop(t)
	h.run(t, feeds)
	opt := h.options()
	opt.Seed = users
	p := h.plan(t, opt, "public")
	text := strings.Join(p.Lines(), "\n")
	for _, part := range []string{
		"the sequence public.tickets goes on after 5: the column other.ticket.id draws from it", "the sequence public.down goes on after -5",
		"the sequence public.late goes on after 5", `the sequence public.User_id_seq goes on after 8: the routine other.next() draws from it`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	if strings.Contains(text, "public.inside goes on") {
		t.Errorf("nothing draws from it:\n%s", text)
	}
	const more = `INSERT INTO other.ticket SELECT FROM generate_series(1, 5); INSERT INTO other.guest SELECT FROM generate_series(1, 5)`
	h.reset(t, opt, "public")
	h.run(t, more)
	if n := h.number(t, `SELECT nextval('public.inside')`); n != 1 {
		t.Errorf("a sequence that nothing elsewhere draws from begins with %d", n)
	}
	h.undo(t, opt)
	h.run(t, more)
	h.undo(t, opt)
	h.run(t, more)
	if n := h.number(t, `SELECT count(*) FROM other.ticket`); n != 20 {
		t.Errorf("%d tickets", n)
	}
}

func TestSettingsThatPrismaCannotExpressComeBack(t *testing.T) {
	h := newShop(t)
	h.run(t, `ALTER TABLE "User" SET (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off); ALTER INDEX "User_email_key" SET (fillfactor = 60);
		ALTER TABLE "User" ALTER email SET STATISTICS 500, ALTER email SET STORAGE EXTERNAL, ALTER email SET COMPRESSION pglz, ALTER email SET (n_distinct = -0.5), ALTER email TYPE text COLLATE "C";
		ALTER TABLE "User" REPLICA IDENTITY USING INDEX "User_email_key", CLUSTER ON "User_email_key"; ALTER SEQUENCE "User_id_seq" START 1000 INCREMENT 10 CACHE 5;
		ALTER TABLE "User" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`)
	opt := h.options()
	opt.Seed = users
	h.keepsRights(t, opt, "public")
}

func TestSettingsOfAPluginsTablesComeBack(t *testing.T) {
	h := newShop(t)
	h.run(t, `SET search_path = "Plugin ""x""; --"; ALTER TABLE "Line" SET UNLOGGED, REPLICA IDENTITY FULL; CREATE DOMAIN amount AS int CHECK (VALUE > 0);
		ALTER TABLE "Order" ALTER "userId" TYPE amount; ALTER TABLE "Line" DROP CONSTRAINT "Line_pkey", ADD CONSTRAINT "Line_pkey" PRIMARY KEY (id) INCLUDE ("orderId");
		ALTER TABLE "Line" ALTER CONSTRAINT "Line_orderId_fkey" DEFERRABLE INITIALLY DEFERRED`)
	h.keepsRights(t, h.options(), plugin)
}

func TestIndexesAndKeysComeBackInTheKindThatTheyWere(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model T {\n  id Int @id @default(autoincrement())\n  a String @unique\n  b String\n  c String @unique\n  d Int\n  @@index([a, b])\n  @@index([b(sort: Desc)])\n  @@unique([c, d])\n}\n")
	h.run(t, `DROP INDEX "T_a_b_idx"; CREATE INDEX "T_a_b_idx" ON "T" (a text_pattern_ops, b) INCLUDE (c) WITH (fillfactor = 50); DROP INDEX "T_c_key"; ALTER TABLE "T" ADD CONSTRAINT "T_c_key" UNIQUE (c) DEFERRABLE INITIALLY DEFERRED;
		DROP INDEX "T_a_key"; CREATE UNIQUE INDEX "T_a_key" ON "T" (a) NULLS NOT DISTINCT; DROP INDEX "T_c_d_key"; ALTER TABLE "T" ADD CONSTRAINT "T_c_d_key" UNIQUE (c, d);
		ALTER TABLE "T" ALTER id DROP DEFAULT; DROP SEQUENCE "T_id_seq"; ALTER TABLE "T" ALTER id ADD GENERATED ALWAYS AS IDENTITY (INCREMENT 2); INSERT INTO "T" (a, b, c, d) VALUES ('a', 'b', 'c', 1)`)
	h.keepsRights(t, h.options(), "public")
}

// TestADriftedIndexIsMadeAsTheFileSays has an index with the file's name over other columns: that is drift rather than
// a setting.
func TestADriftedIndexIsMadeAsTheFileSays(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model T {\n  id Int @id\n  a String\n  b String\n  @@index([a])\n}\n")
	h.run(t, `DROP INDEX "T_a_idx"; CREATE INDEX "T_a_idx" ON "T" (b) INCLUDE (a)`)
	h.reset(t, h.options(), "public")
	if n := h.number(t, `SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexname = 'T_a_idx' AND indexdef LIKE '%(a)'`); n != 1 {
		t.Error("the index is not the file's")
	}
}

func TestAGeneratedColumnThatBecomesPlainIsNamed(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model T {\n  id Int @id\n  a Int?\n}\n")
	h.run(t, `ALTER TABLE "T" DROP a; ALTER TABLE "T" ADD a int GENERATED ALWAYS AS (id * 2) STORED`)
	p := h.plan(t, h.options(), "public")
	if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "- expression of the generated column public.T.a goes") || p.Err() != nil {
		t.Errorf("%v\n%s", p.Err(), text)
	}
}
