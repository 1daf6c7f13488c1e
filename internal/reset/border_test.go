package reset

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAFunctionElsewhereWithATypeWithinIsMadeAgain(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other;
		CREATE FUNCTION other.paid(s public."Status", t public."Status"[] DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$SELECT s = 'PAID'$$;
		CREATE FUNCTION other.all() RETURNS SETOF public."User" LANGUAGE sql AS 'SELECT * FROM public."User"';
		CREATE FUNCTION other.n() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM public."User"; END;
		COMMENT ON FUNCTION other.paid IS 'is it paid'; REVOKE ALL ON FUNCTION other.paid FROM PUBLIC;
		CREATE TABLE other.t (n bigint DEFAULT other.n(), p boolean DEFAULT other.paid('NEW')); CREATE VIEW other.v AS SELECT id, other.paid(status) AS paid FROM public."User"`)
	opt := h.options()
	opt.Seed = users
	h.keepsRights(t, opt, "public")
}

func TestACascadeWithFunctionsElsewhereCanBeUndone(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE TYPE public.shade AS (a int, b int); CREATE SCHEMA other; CREATE FUNCTION other.f(s public.shade) RETURNS int LANGUAGE sql AS 'SELECT s.a';
		CREATE FUNCTION other.g() RETURNS public.shade LANGUAGE sql AS 'SELECT row(1, 2)::public.shade'; CREATE VIEW other.v AS SELECT other.f(row(1, 2)::public.shade) AS f`)
	p := h.refused(t, h.options(), "reset.refused", "public")
	if text := strings.Join(p.Refused, "\n"); !strings.Contains(text, "other.f(public.shade)") || !p.CascadeHelps {
		t.Errorf("%s", text)
	}
	opt := h.options()
	opt.Cascade = true
	h.andBack(t, opt, nil, "public")
}

func TestAnAggregateElsewhereOfATypeWithinRefuses(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE FUNCTION other.later(public."Status", public."Status") RETURNS public."Status" IMMUTABLE LANGUAGE sql AS 'SELECT greatest($1, $2)';
		CREATE AGGREGATE other.latest(public."Status") (SFUNC = other.later, STYPE = public."Status")`)
	opt := h.options()
	opt.Cascade = true
	p := h.refused(t, opt, "reset.refused", "public")
	if !strings.Contains(strings.Join(p.Refused, "\n"), "other.latest") {
		t.Errorf("%q", p.Refused)
	}
}

func TestAViewOfAnEnumKeepsItsOwnerItsRightsAndWhatUsesIt(t *testing.T) {
	h := newShop(t)
	role := fmt.Sprint("viewer_", time.Now().UnixNano())
	h.run(t, `CREATE ROLE `+role+`; CREATE SCHEMA other; GRANT ALL ON SCHEMA other TO `+role+`; GRANT SELECT ON public."User" TO `+role+`;
		CREATE VIEW other.states WITH (security_barrier = true) AS SELECT id, status FROM public."User" WHERE status <> 'NEW'; ALTER VIEW other.states OWNER TO `+role+`;
		GRANT SELECT ON other.states TO PUBLIC; GRANT UPDATE (status) ON other.states TO PUBLIC; COMMENT ON VIEW other.states IS 'how'; COMMENT ON COLUMN other.states.status IS 'it is';
		CREATE VIEW other.again AS SELECT s.status, count(*) FROM other.states s GROUP BY 1; CREATE FUNCTION other.one() RETURNS SETOF other.states LANGUAGE sql AS 'SELECT * FROM other.states';
		CREATE FUNCTION other.no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER no INSTEAD OF UPDATE ON other.states FOR EACH ROW EXECUTE FUNCTION other.no();
		ALTER VIEW other.states ALTER COLUMN status SET DEFAULT 'PAID'; CREATE RULE deaf AS ON DELETE TO other.states DO INSTEAD NOTHING`)
	t.Cleanup(func() { pgtest.Exec(t, h.url, `DROP OWNED BY `+role+` CASCADE; DROP ROLE `+role) })
	opt := h.options()
	opt.Seed = users
	h.keepsRights(t, opt, "public")
}

func TestTablesThatInheritAcrossTheBorderRefuse(t *testing.T) {
	for name, sql := range map[string]string{
		"a partition within":    `CREATE SCHEMA other; CREATE TABLE other.log (id int) PARTITION BY RANGE (id); CREATE TABLE public.log_1 PARTITION OF other.log FOR VALUES FROM (0) TO (9)`,
		"a child within":        `CREATE SCHEMA other; CREATE TABLE other.log (id int); CREATE TABLE public.log_1 () INHERITS (other.log)`,
		"a partition elsewhere": `CREATE SCHEMA other; CREATE TABLE public.log (id int) PARTITION BY RANGE (id); CREATE TABLE other.log_1 PARTITION OF public.log FOR VALUES FROM (0) TO (9)`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newShop(t)
			h.run(t, sql)
			opt := h.options()
			opt.Cascade = true
			p := h.refused(t, opt, "reset.refused", "public")
			if text := strings.Join(p.Refused, "\n"); !strings.Contains(text, "log_1 is a") || p.CascadeHelps {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestWhatInheritsFromElsewhereIsNotDropped(t *testing.T) {
	h := newShop(t)
	h.reset(t, h.options(), plugin)
	h.run(t, `CREATE SCHEMA other; CREATE TABLE other.log (id int); CREATE TABLE naap_undo_1.log_1 () INHERITS (other.log); INSERT INTO naap_undo_1.log_1 VALUES (1)`)
	dropped, err := Evict(context.Background(), h.db, []int{1, 2})
	if err != nil || len(dropped) != 0 || h.number(t, `SELECT count(*) FROM other.log`) != 1 {
		t.Errorf("%v, %v", dropped, err)
	}
}

// TestWhatIsMovedAsideHoldsUpNothingElsewhere changes and drops what the old schema refers to.
func TestWhatIsMovedAsideHoldsUpNothingElsewhere(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE SCHEMA other; CREATE TABLE other.t (id int PRIMARY KEY, note text); INSERT INTO other.t VALUES (1, 'a'); CREATE SEQUENCE other.s;
		CREATE FUNCTION other.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE FUNCTION other.one() RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE VIEW public.v AS SELECT note FROM other.t; COMMENT ON VIEW public.v IS 'notes'; GRANT SELECT ON public.v TO PUBLIC; CREATE VIEW public.w AS SELECT * FROM public.v;
		CREATE MATERIALIZED VIEW public.m AS SELECT id, note FROM other.t; CREATE UNIQUE INDEX m_id ON public.m (id); CREATE VIEW other.over AS SELECT * FROM public.w;
		CREATE TRIGGER far BEFORE INSERT ON "User" FOR EACH ROW EXECUTE FUNCTION other.f(); ALTER TABLE "User" ALTER COLUMN id SET DEFAULT nextval('other.s');
		CREATE FUNCTION public.rows() RETURNS SETOF other.t LANGUAGE sql BEGIN ATOMIC SELECT * FROM other.t; END;
		CREATE POLICY near ON "User" USING (EXISTS (SELECT FROM other.t)); CREATE RULE too AS ON DELETE TO "User" DO ALSO DELETE FROM other.t;
		ALTER TABLE "User" ADD CONSTRAINT one CHECK (id > 0 OR other.one() = 1)`)
	opt := h.options()
	opt.Seed, opt.Cascade = users, true
	h.andBack(t, opt, nil, "public")

	h.reset(t, opt, "public")
	h.run(t, `DROP VIEW public.w CASCADE; DROP VIEW public.v; DROP MATERIALIZED VIEW public.m; DROP FUNCTION public.rows; DROP TRIGGER far ON "User"; DROP POLICY near ON "User";
		DROP RULE too ON "User"; ALTER TABLE "User" DROP CONSTRAINT one`)
	h.run(t, `ALTER TABLE other.t ALTER COLUMN note TYPE varchar(9); DROP SEQUENCE other.s; DROP FUNCTION other.f(), other.one(); DROP TABLE other.t`)
	_, err := Undo(context.Background(), h.db, 0, h.options())
	if remedy.Code(err) != "undo.refused" || !strings.Contains(remedy.Text(err), "public.v") || !strings.Contains(remedy.Text(err), "--cascade") {
		t.Errorf("%s", remedy.Text(err))
	}
	if h.undo(t, opt); h.number(t, `SELECT count(*) FROM "User"`) != 3 {
		t.Error("the users are not back")
	}
}

func TestAColumnThatIsMovedAsideLeavesItsEnumFree(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE TABLE "Plugin ""x""; --".state (id int PRIMARY KEY, s public."Status" DEFAULT 'PAID', l public."Status"[] DEFAULT '{NEW}', u public."Status" UNIQUE CHECK (u > 'NEW'));
		CREATE INDEX ON "Plugin ""x""; --".state (id) WHERE s = 'NEW'; CREATE VIEW "Plugin ""x""; --".states AS SELECT id, s IS NULL AS none FROM "Plugin ""x""; --".state;
		INSERT INTO "Plugin ""x""; --".state (id) VALUES (1); INSERT INTO "Plugin ""x""; --".state VALUES (2, NULL, '{PAID,NEW}', 'PAID')`)
	opt := h.options()
	opt.Cascade = true
	h.andBack(t, opt, nil, plugin)

	before := h.contents(t)
	entry := h.reset(t, opt, plugin)
	if n := h.number(t, `SELECT count(*) FROM pg_attribute WHERE atttypid IN ('"Status"'::regtype, '"Status"[]'::regtype) AND attrelid::regclass::text ~ 'naap_undo'`); n != 0 {
		t.Errorf("%d columns that are put away have the enum", n)
	}
	opt.Seed = users
	h.reset(t, opt, "public")
	h.run(t, `ALTER TYPE "Status" RENAME TO old; CREATE TYPE "Status" AS ENUM ('NEW', 'PAID', 'SENT'); ALTER TABLE "User" ALTER COLUMN status DROP DEFAULT,
		ALTER COLUMN status TYPE "Status" USING status::text::"Status", ALTER COLUMN status SET DEFAULT 'NEW'; DROP TYPE old`)
	if _, err := Undo(context.Background(), h.db, entry.ID, Options{Cascade: true}); err != nil {
		t.Fatal(remedy.Text(err))
	}
	if after := h.contents(t); after[plugin+".state"] != before[plugin+".state"] {
		t.Errorf("%s, want %s", after[plugin+".state"], before[plugin+".state"])
	}
}

func TestWhatPartitionsInheritIsMadeAgainOnce(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE FUNCTION public.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1';
		CREATE SCHEMA other; CREATE TABLE other.log (id int, d int DEFAULT public.twice(1), CONSTRAINT even CHECK (public.twice(id) > 1)) PARTITION BY RANGE (id);
		CREATE TABLE other.log_1 PARTITION OF other.log FOR VALUES FROM (0) TO (9); CREATE TABLE other.log_2 PARTITION OF other.log FOR VALUES FROM (9) TO (19);
		ALTER TABLE other.log_1 ALTER COLUMN d SET DEFAULT public.twice(7); CREATE TABLE other.plain (id int, CONSTRAINT odd CHECK (public.twice(id) > 1)); CREATE TABLE other.child () INHERITS (other.plain);
		CREATE TRIGGER far BEFORE INSERT ON other.log FOR EACH ROW EXECUTE FUNCTION public.touch(); CREATE INDEX "by ONLY twice" ON other.log (public.twice(id)); INSERT INTO other.log VALUES (1), (9)`)
	opt := h.options()
	opt.Seed = users
	h.keepsRights(t, opt, "public")
}
