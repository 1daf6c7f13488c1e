package reset

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// shop is a schema file with two schemas, one with a name that must be quoted; they refer to each other's tables.
const shop = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "Plugin \"x\"; --"]
}
generator client {
  provider        = "prisma-client-js"
  previewFeatures = ["multiSchema"]
}
enum Status {
  NEW
  PAID
  @@schema("public")
}
model User {
  id     Int    @id @default(autoincrement())
  email  String @unique
  status Status @default(NEW)
  orders Order[]
  @@schema("public")
}
model Order {
  id     Int    @id @default(autoincrement())
  userId Int?
  user   User?  @relation(fields: [userId], references: [id], onDelete: SetNull)
  lines  Line[]
  @@schema("Plugin \"x\"; --")
}
model Line {
  id      Int    @id
  orderId Int
  order   Order  @relation(fields: [orderId], references: [id])
  @@schema("Plugin \"x\"; --")
}
`

const plugin = `Plugin "x"; --`

func newShop(t testing.TB) *house {
	t.Helper()
	h := newHouse(t, pgtest.NewDatabase(t), shop)
	h.run(t, `INSERT INTO "User" (email) VALUES ('a'), ('b'), ('c');
		INSERT INTO "Plugin ""x""; --"."Order" ("userId") VALUES (1), (2), (NULL);
		INSERT INTO "Plugin ""x""; --"."Line" VALUES (1, 1), (2, 2), (3, 3)`)
	return h
}

// users is a seed that inserts the users again, so that orders keep theirs.
func users(ctx context.Context, tx postgres.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO "User" (email) VALUES ('a'), ('b'), ('c'), ('d')`)
	return err
}

// andBack resets, runs the check, and undoes: everything must be as before.
func (h *house) andBack(t *testing.T, opt Options, check func(*Plan), schemas ...string) {
	t.Helper()
	before := h.snapshot(t)
	p := h.plan(t, opt, schemas...)
	before.same(t, "after the plan", h.snapshot(t))
	if _, err := Apply(context.Background(), h.db, p, opt); err != nil {
		t.Fatalf("%s\n%s", remedy.Text(err), strings.Join(p.Lines(), "\n"))
	}
	if check != nil {
		check(p)
	}
	reset := h.snapshot(t)
	h.undo(t, opt)
	before.same(t, "after the undo", h.snapshot(t))
	h.undo(t, opt)
	reset.same(t, "after the second undo", h.snapshot(t))
	h.undo(t, opt)
	before.same(t, "after the third undo", h.snapshot(t))
}

// refused returns a plan that is refused, and makes sure that nothing has changed.
func (h *house) refused(t *testing.T, opt Options, code string, schemas ...string) *Plan {
	t.Helper()
	before := h.snapshot(t)
	p := h.plan(t, opt, schemas...)
	_, err := Apply(context.Background(), h.db, p, opt)
	if remedy.Code(err) != code || remedy.Exit(err) != remedy.ExitRefused {
		t.Fatalf("%v, want %s\n%s", err, code, strings.Join(p.Lines(), "\n"))
	}
	before.same(t, "after the refusal", h.snapshot(t))
	return p
}

func TestASchemaOfAnyNameIsReset(t *testing.T) {
	h := newShop(t)
	h.andBack(t, h.options(), func(*Plan) {
		if n := h.number(t, `SELECT count(*) FROM "Plugin ""x""; --"."Order"`); n != 0 {
			t.Errorf("%d orders", n)
		}
		if n := h.number(t, `SELECT nextval('"Plugin ""x""; --"."Order_id_seq"')`); n != 1 {
			t.Errorf("the sequence goes on at %d", n)
		}
		h.run(t, `SELECT setval('"Plugin ""x""; --"."Order_id_seq"', 1, false)`)
	}, plugin)
}

func TestPublicIsResetAndOrdersKeepTheirUsers(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(p *Plan) {
		if len(p.Keys) != 1 || len(p.Effects) != 0 || !p.Rehearsed {
			t.Errorf("%+v", p)
		}
		if n := h.number(t, `SELECT count("userId") FROM "Plugin ""x""; --"."Order"`); n != 2 {
			t.Errorf("%d orders have a user", n)
		}
	}, "public")
}

func TestOrphansAreCountedAndSetToNullOnlyWithCascade(t *testing.T) {
	h := newShop(t)
	p := h.refused(t, h.options(), "reset.refused", "public")
	if len(p.Effects) != 1 || p.Effects[0].Rows != 2 {
		t.Errorf("%+v", p.Effects)
	}
	opt := h.options()
	opt.Cascade = true
	h.andBack(t, opt, func(p *Plan) {
		if len(p.Effects) != 1 || p.Effects[0].Rows != 2 || p.Effects[0].Action != "set to NULL" {
			t.Errorf("%+v", p.Effects)
		}
		if n := h.number(t, `SELECT count("userId") FROM "Plugin ""x""; --"."Order"`); n != 0 {
			t.Errorf("%d orders have a user", n)
		}
	}, "public")
}

func TestCascadeDeletesTransitively(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('glad', 'sad');
		CREATE TABLE other.visit (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "user" int NOT NULL REFERENCES "User" ON DELETE RESTRICT,
			at timestamptz DEFAULT now(), price numeric DEFAULT 1.500, note char(8) DEFAULT 'x', mood other.mood DEFAULT 'sad', data jsonb DEFAULT 'null', twice int GENERATED ALWAYS AS ("user" * 2) STORED);
		CREATE TABLE other.step (visit uuid REFERENCES other.visit ON DELETE CASCADE, n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, next int REFERENCES other.step);
		INSERT INTO other.visit ("user") VALUES (1), (2), (2), (3);
		INSERT INTO other.step (visit) SELECT id FROM other.visit; UPDATE other.step SET next = 5 - n;
		CREATE FUNCTION other.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END';
		CREATE TRIGGER no BEFORE DELETE ON other.visit EXECUTE FUNCTION other.no()`)
	opt := h.options()
	opt.Cascade = true
	h.andBack(t, opt, func(p *Plan) {
		if n := h.number(t, `SELECT (SELECT count(*) FROM other.visit) + (SELECT count(*) FROM other.step)`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		deleted := map[string]int64{}
		for _, e := range p.Effects {
			deleted[e.Table.String()+" "+e.Action] += e.Rows
		}
		if deleted["other.visit deleted"] != 4 || deleted["other.step deleted"] != 4 {
			t.Errorf("%v", deleted)
		}
	}, "public")
}

func TestAViewElsewhereIsKeptWhereItCan(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE VIEW other.emails WITH (security_barrier=true) AS SELECT u.id, u.email FROM public."User" u;
		CREATE VIEW other.short AS SELECT email FROM other.emails; COMMENT ON VIEW other.emails IS 'all'`)
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(p *Plan) {
		if n := h.number(t, `SELECT count(*) FROM other.short`); n != 4 {
			t.Errorf("the view shows %d rows", n)
		}
	}, "public")
}

func TestAViewThatCannotBeKeptGoesOnlyWithCascade(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; ALTER TABLE "User" ADD COLUMN extra int; CREATE VIEW other.states AS SELECT id, extra FROM public."User";
		CREATE VIEW other.on_it AS SELECT count(*) AS n FROM other.states; CREATE MATERIALIZED VIEW other.copy AS SELECT id FROM "User"`)
	opt := h.options()
	opt.Seed = users
	p := h.refused(t, opt, "reset.refused", "public")
	if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "view other.states goes") || !strings.Contains(text, "materialized view other.copy goes") {
		t.Errorf("they are not named:\n%s", text)
	}
	opt.Cascade = true
	h.andBack(t, opt, func(*Plan) {
		if n := h.number(t, `SELECT count(*) FROM pg_class WHERE relnamespace = 'other'::regnamespace`); n != 0 {
			t.Errorf("%d relations are left", n)
		}
	}, "public")
}

func TestWhatTheSchemaFileDoesNotKnowIsMadeAgain(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
		REVOKE ALL ON FUNCTION public.touch() FROM PUBLIC; CREATE SCHEMA other; CREATE TABLE other.t (id int CHECK (id > 0));
		CREATE TRIGGER far BEFORE INSERT ON other.t FOR EACH ROW EXECUTE FUNCTION public.touch();
		CREATE TRIGGER near BEFORE INSERT ON "User" FOR EACH ROW EXECUTE FUNCTION public.touch(); ALTER TABLE "User" DISABLE TRIGGER near;
		CREATE FUNCTION public.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
		ALTER TABLE other.t ADD COLUMN d int DEFAULT public.twice(4), ADD CONSTRAINT even CHECK (public.twice(id) > 1);
		CREATE INDEX by_twice ON other.t (public.twice(id));
		ALTER TABLE "User" ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON "User" FOR UPDATE TO PUBLIC USING (email = 'x') WITH CHECK (id > 0);
		CREATE POLICY far ON other.t USING (public.twice(id) = 4 AND EXISTS (SELECT FROM public."User"));
		CREATE VIEW public.v AS SELECT email FROM "User"; ALTER TABLE "User" ADD CONSTRAINT short CHECK (length(email) < 100);
		CREATE UNIQUE INDEX lower_email ON "User" (lower(email)) WHERE id > 1; CREATE DOMAIN public.age AS int CHECK (VALUE > 0);
		CREATE SEQUENCE public.counter START 7; CREATE TYPE public.shade AS ENUM ('dark', 'light');
		INSERT INTO other.t VALUES (1), (2)`)
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(p *Plan) {
		for _, o := range p.Objects {
			if !o.Kept {
				t.Errorf("%s", o.line())
			}
		}
		if len(p.Objects) != 16 {
			t.Errorf("%d objects:\n%s", len(p.Objects), strings.Join(p.Lines(), "\n"))
		}
		h.run(t, `INSERT INTO other.t VALUES (3); DELETE FROM other.t WHERE id = 3`)
	}, "public")
}

func TestAColumnElsewhereGetsTheNewEnum(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY, s public."Status" DEFAULT 'PAID', l public."Status"[] DEFAULT '{NEW}');
		INSERT INTO other.t VALUES (1), (2); UPDATE other.t SET s = NULL, l = '{PAID,NEW}' WHERE id = 2`)
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(p *Plan) {
		if len(p.Columns) != 2 {
			t.Errorf("%+v", p.Columns)
		}
		h.run(t, `SELECT FROM other.t JOIN "User" u ON u.status = t.s`)
	}, "public")
}

func TestAColumnElsewhereOfATypeThatIsNotMadeAgainRefuses(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE DOMAIN public.age AS int; CREATE SCHEMA other; CREATE TABLE other.t (a public.age)`)
	opt := h.options()
	opt.Seed, opt.Cascade = users, true
	p := h.refused(t, opt, "reset.refused", "public")
	if !strings.Contains(strings.Join(p.Refused, "\n"), "column a of table other.t") || p.CascadeHelps {
		t.Errorf("%q", p.Refused)
	}
}

func TestExtensionsAndPrismasHistoryStayInPlace(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE EXTENSION citext SCHEMA public; CREATE EXTENSION pg_trgm SCHEMA public; CREATE SCHEMA other; CREATE TABLE other.t (c public.citext PRIMARY KEY);
		CREATE INDEX ON other.t USING gin ((c::text) gin_trgm_ops); INSERT INTO other.t VALUES ('Ab');
		CREATE TABLE public._prisma_migrations (id varchar(36) PRIMARY KEY, name text); INSERT INTO _prisma_migrations VALUES ('1', 'init')`)
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(p *Plan) {
		if len(p.Extensions) != 2 {
			t.Errorf("%v", p.Extensions)
		}
		if n := h.number(t, `SELECT (SELECT count(*) FROM _prisma_migrations) + (SELECT count(*) FROM other.t WHERE c = 'aB')`); n != 2 {
			t.Errorf("%d, want 2", n)
		}
	}, "public")
}

func TestRightsStayWithTheSchemaAndItsTables(t *testing.T) {
	h := newShop(t)
	role := "reset_" + strings.ReplaceAll(h.want.Scope[0], `"`, "") + fmt.Sprint(time.Now().UnixNano())
	h.run(t, `CREATE ROLE `+role+`; GRANT USAGE ON SCHEMA public TO `+role+` WITH GRANT OPTION; COMMENT ON SCHEMA public IS 'ours';
		ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO `+role+`; ALTER TABLE "User" OWNER TO `+role+`;
		GRANT UPDATE (email) ON "User" TO PUBLIC; GRANT DELETE ON "User" TO PUBLIC; COMMENT ON COLUMN "User".email IS 'where to write';
		ALTER SCHEMA "Plugin ""x""; --" OWNER TO `+role+`; CREATE PUBLICATION p_`+role+` FOR TABLE "User" WHERE (id > 1), TABLES IN SCHEMA "Plugin ""x""; --"; CREATE PUBLICATION c_`+role+` FOR TABLE "User" (id, email)`)
	t.Cleanup(func() {
		pgtest.Exec(t, h.url, `DROP PUBLICATION p_`+role+`, c_`+role+`; DROP OWNED BY `+role+` CASCADE; REASSIGN OWNED BY `+role+` TO CURRENT_USER; DROP ROLE `+role)
	})
	opt := h.options()
	opt.Seed = users
	before := h.rights(t)
	h.andBack(t, opt, func(*Plan) {
		if d := differences(before, h.rights(t)); d != "" {
			t.Errorf("rights differ after the reset:\n%s", d)
		}
	}, "public", plugin)
}

func TestATableWithAThousandPartitions(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE TABLE public.log (id int, at int) PARTITION BY RANGE (at); CREATE INDEX ON log (at);
		DO $$ BEGIN FOR i IN 0..999 LOOP EXECUTE format('CREATE TABLE public.log_%s PARTITION OF public.log FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$;
		INSERT INTO log SELECT i, i % 1000 FROM generate_series(1, 3000) i`)
	opt := h.options()
	opt.Seed = users
	before := h.contents(t)
	p := h.plan(t, opt, "public")
	if text := strings.Join(p.Lines(), "\n"); !strings.Contains(text, "public.log: 3,000 rows") || !strings.Contains(text, "public.log is not in the Prisma file") {
		t.Errorf("%s", text)
	}
	h.reset(t, opt, "public")
	if n := h.number(t, `SELECT count(*) FROM pg_class WHERE relname LIKE 'log%' AND relnamespace = 'public'::regnamespace`); n != 0 {
		t.Errorf("%d relations are left", n)
	}
	h.undo(t, opt)
	sameContents(t, "after the undo", before, h.contents(t))
	h.reset(t, opt, "public")
	dropped, err := Evict(context.Background(), h.db, []int{2, 3})
	if err != nil || len(dropped) != 2 {
		t.Errorf("%v, %v", dropped, err)
	}
	if n := h.number(t, `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'naap\_undo\_%'`); n != 0 {
		t.Errorf("%d schemas are left", n)
	}
}

func TestAPartitionedTableThatTheFileKnowsBecomesPlainOnlyWithCascade(t *testing.T) {
	h := newHouse(t, pgtest.NewDatabase(t), "model Log {\n  id Int @id\n}\n")
	h.run(t, `DROP TABLE "Log"; CREATE TABLE "Log" (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE "Log_1" PARTITION OF "Log" FOR VALUES FROM (0) TO (9)`)
	p := h.refused(t, h.options(), "reset.refused", "public")
	if !strings.Contains(strings.Join(p.Refused, "\n"), "partitioning of public.Log") {
		t.Errorf("%q", p.Refused)
	}
	opt := h.options()
	opt.Cascade = true
	h.andBack(t, opt, nil, "public")
}

func TestASessionThatHoldsALockIsNamedAndEndedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	h := newShop(t)
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, h.url, postgres.Options{Application: "next dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := postgres.ExecScript(ctx, conn, `BEGIN; SELECT * FROM "User"`); err != nil {
		t.Fatal(err)
	}
	before := h.snapshot(t)
	opt := h.options()
	opt.Seed, opt.LockTimeout = users, heldFor
	p := h.plan(t, opt, "public")
	if text := strings.Join(p.Warnings, "\n"); !strings.Contains(text, "next dev") {
		t.Errorf("the plan does not name who holds the lock: %s", text)
	}
	_, err = Apply(ctx, h.db, p, opt)
	text := remedy.Text(err)
	for _, part := range []string{fmt.Sprintf("pid %d", postgres.BackendPID(conn)), "next dev", "SELECT * FROM", "idle in transaction", "--terminate-blockers"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	if remedy.Code(err) != "reset.locked" || remedy.Exit(err) != remedy.ExitBusy {
		t.Errorf("%s, exit %d", remedy.Code(err), remedy.Exit(err))
	}
	before.same(t, "after the refusal", h.snapshot(t))

	opt.TerminateBlockers = true
	if _, err := Apply(ctx, h.db, p, opt); err != nil {
		t.Fatal(remedy.Text(err))
	}
	if err := conn.Ping(ctx); err == nil {
		t.Error("the session lives on")
	}
}

func TestAPlanThatNoLongerFitsIsRefused(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	opt.Seed = users
	p := h.plan(t, opt, "public")
	h.run(t, `ALTER TABLE "User" ADD CONSTRAINT late CHECK (id > 0)`)
	before := h.snapshot(t)
	if _, err := Apply(context.Background(), h.db, p, opt); remedy.Code(err) != "reset.stale" {
		t.Errorf("%v", err)
	}
	opt.Cascade, opt.Seed = true, nil
	p = h.plan(t, opt, "public")
	before.same(t, "after the plan", h.snapshot(t))
	h.run(t, `INSERT INTO "Plugin ""x""; --"."Order" ("userId") VALUES (3)`)
	if _, err := Apply(context.Background(), h.db, p, opt); remedy.Code(err) != "reset.stale" {
		t.Errorf("one more row elsewhere is affected than the plan says: %v", err)
	}
}

func TestUnknownAndHiddenSchemasAreNotReset(t *testing.T) {
	h := newShop(t)
	h.reset(t, h.options(), plugin)
	for _, name := range []string{"nowhere", "naap_dev", "naap_undo_1", "pg_catalog", "information_schema"} {
		if _, err := Compute(context.Background(), h.db, []string{name}, h.options()); remedy.Code(err) != "reset.unknown" || remedy.Exit(err) != remedy.ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatUndoKeepsHoldsUpNobody(t *testing.T) {
	h := newShop(t)
	h.reset(t, h.options(), plugin)
	h.run(t, `DELETE FROM "User" WHERE id = 1; DROP TABLE "User" CASCADE`)
	_, err := Undo(context.Background(), h.db, 0, h.options())
	if remedy.Code(err) != "undo.refused" {
		t.Errorf("an undo whose users are gone: %v", err)
	}
}

func TestTheUndoIsRefusedWithCountsWhereRowsElsewhereAreGone(t *testing.T) {
	h := newShop(t)
	h.reset(t, h.options(), plugin)
	h.run(t, `DELETE FROM "User" WHERE id = 1`)
	before := h.snapshot(t)
	_, err := Undo(context.Background(), h.db, 0, h.options())
	if remedy.Code(err) != "undo.refused" || !strings.Contains(remedy.Text(err), "1 row of "+plugin+".Order") {
		t.Errorf("%s", remedy.Text(err))
	}
	before.same(t, "after the refused undo", h.snapshot(t))
	opt := h.options()
	opt.Cascade, opt.DryRun = true, true
	if u := h.undo(t, opt); len(u.Effects) != 1 {
		t.Errorf("the dry run tells %+v", u.Effects)
	}
	before.same(t, "after the dry run", h.snapshot(t))
	opt.DryRun = false
	u := h.undo(t, opt)
	if len(u.Effects) != 1 || u.Effects[0].Action != "set to NULL" || h.number(t, `SELECT count(*) FROM "Plugin ""x""; --"."Order"`) != 3 {
		t.Errorf("%+v", u.Effects)
	}
}

func TestWhatTheLedgerSaysOfASchemaComesBack(t *testing.T) {
	h := newShop(t)
	note := func(hash string) {
		err := h.db.InTx(context.Background(), func(tx postgres.Tx) error {
			if err := ledger.Prepare(context.Background(), tx); err != nil {
				return err
			}
			_, err := ledger.BeginSeed(context.Background(), tx, "seed.sql", plugin, hash)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	known := func() string {
		seeds, err := ledger.Seeds(context.Background(), h.db)
		if err != nil {
			t.Fatal(err)
		}
		return seeds["seed.sql"].Hash
	}
	note("old")
	h.reset(t, h.options(), plugin)
	note("new")
	h.undo(t, h.options())
	if got := known(); got != "old" {
		t.Errorf("after the undo it is %q", got)
	}
	h.undo(t, h.options())
	if got := known(); got != "new" {
		t.Errorf("after the second undo it is %q", got)
	}
}

func TestLimitsDropTheOldestFirst(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	for range 4 {
		h.run(t, `INSERT INTO "Plugin ""x""; --"."Order" ("userId") VALUES (1)`)
		h.reset(t, opt, plugin)
	}
	opt.Limits = Limits{Keep: 4}
	p := h.plan(t, opt, plugin)
	if dropped, err := Evict(context.Background(), h.db, p.EvictedIDs()); err != nil || len(dropped) != 0 {
		t.Fatalf("an empty schema costs nothing: %+v, %v", dropped, err)
	}
	h.run(t, `UPDATE naap_dev.undo SET at = now() - interval '2 days' WHERE id < 3`)
	opt.Limits.MaxAge = 24 * time.Hour
	dropped, err := Evict(context.Background(), h.db, h.plan(t, opt, plugin).EvictedIDs())
	if err != nil || len(dropped) != 2 || dropped[0].ID != 1 {
		t.Fatalf("%+v, %v", dropped, err)
	}
	list, err := List(context.Background(), h.db)
	if err != nil || len(list) != 2 || list[0].ID != 4 {
		t.Errorf("%+v, %v", list, err)
	}
	if n := h.number(t, `SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'naap\_undo\_%'`); n != 2 {
		t.Errorf("%d schemas are kept", n)
	}
}

func TestOneEntryIsGivenUp(t *testing.T) {
	h := newShop(t)
	for range 2 {
		h.reset(t, h.options(), plugin)
	}
	if e, err := Drop(context.Background(), h.db, 1); err != nil || e.ID != 1 {
		t.Fatalf("%+v, %v", e, err)
	}
	if n := h.number(t, `SELECT count(*) FROM pg_namespace WHERE nspname = 'naap_undo_1'`); n != 0 {
		t.Error("its schema is still there")
	}
	if _, err := Drop(context.Background(), h.db, 1); remedy.Code(err) != "undo.unknown" {
		t.Errorf("%v", err)
	}
	h.undo(t, h.options())
}

func TestPruningDoesNotWaitForLong(t *testing.T) {
	h := newShop(t)
	h.reset(t, h.options(), plugin)
	conn := h.inTheWay(t, `SELECT FROM naap_undo_1."Order"`)
	if gone, err := Evict(context.Background(), h.db, []int{1}); !postgres.HasCode(err, lockNotAvailable) || len(gone) != 0 {
		t.Errorf("%v, %v", gone, err)
	}
	conn.Close(context.Background())
	if gone, err := Evict(context.Background(), h.db, []int{1}); err != nil || len(gone) != 1 {
		t.Errorf("the next call goes on: %v, %v", gone, err)
	}
}

func TestSeedsMayLeaveChecksToTheEnd(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE TABLE other.t (u int REFERENCES "User" DEFERRABLE INITIALLY DEFERRED); INSERT INTO other.t VALUES (1)`)
	opt := h.options()
	opt.Seed = func(ctx context.Context, tx postgres.Tx) error {
		if err := users(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `CREATE TABLE other.late (u int REFERENCES "User" DEFERRABLE INITIALLY DEFERRED)`)
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO other.late VALUES (2)`)
		}
		return err
	}
	h.reset(t, opt, "public")
	if n := h.number(t, `SELECT count(*) FROM other.t JOIN "User" ON id = u`); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func TestASeedThatFailsLeavesEverythingAsItWas(t *testing.T) {
	h := newShop(t)
	before := h.snapshot(t)
	opt := h.options()
	opt.Seed = users
	p := h.plan(t, opt, "public")
	opt.Seed = func(ctx context.Context, tx postgres.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO "User" (email) VALUES ('a'), ('a')`)
		return err
	}
	if _, err := Apply(context.Background(), h.db, p, opt); !postgres.HasCode(err, "23505") {
		t.Errorf("%v", err)
	}
	before.same(t, "after the failure", h.snapshot(t))
}

func TestALookAloneTakesNoLockAndSaysSo(t *testing.T) {
	h := newShop(t)
	opt := h.options()
	opt.LookOnly = true
	p := h.plan(t, opt, "public")
	if p.Rehearsed || len(p.Warnings) != 1 || p.Err() != nil {
		t.Errorf("%+v", p)
	}
	if _, err := Apply(context.Background(), h.db, p, h.options()); remedy.Code(err) != "reset.refused" {
		t.Errorf("orphans that were not seen before: %v", err)
	}
}
