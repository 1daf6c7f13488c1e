package reset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

func TestWhatIsSaidOfObjectsElsewhereStays(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE FUNCTION public.twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2 * $1'; CREATE SCHEMA other;
		CREATE TABLE other.t (id int NOT NULL, CONSTRAINT even CHECK (public.twice(id) > 1)); INSERT INTO other.t VALUES (1);
		CREATE INDEX by_twice ON other.t (public.twice(id)); ALTER INDEX other.by_twice ALTER COLUMN 1 SET STATISTICS 77; ALTER TABLE other.t CLUSTER ON by_twice;
		CREATE UNIQUE INDEX one ON other.t (id) WHERE id > 0; CREATE POLICY far ON other.t USING (public.twice(id) = 4);
		CREATE FUNCTION other.f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT public.twice(2); END;
		COMMENT ON INDEX other.by_twice IS 'an index'; COMMENT ON CONSTRAINT even ON other.t IS 'a check'; COMMENT ON POLICY far ON other.t IS 'a policy'; COMMENT ON FUNCTION other.f IS 'a function'`)
	before := h.rights(t)
	for _, part := range []string{"an index", "a check", "a policy", "a function", "1:77"} {
		if !strings.Contains(before, part) {
			t.Fatalf("the test does not see %q", part)
		}
	}
	opt := h.options()
	opt.Seed = users
	h.andBack(t, opt, func(*Plan) {
		if d := differences(before, h.rights(t)); d != "" {
			t.Errorf("after the reset it is not as before:\n%s", d)
		}
	}, "public")
}

func TestWhatIsKeptWithinComesBackAsItWas(t *testing.T) {
	h := newShop(t)
	role := fmt.Sprint("keeper_", time.Now().UnixNano())
	h.run(t, `CREATE ROLE `+role+`; GRANT ALL ON SCHEMA public TO `+role+`; CREATE FUNCTION public.f(INOUT a int DEFAULT 1) LANGUAGE sql AS 'SELECT 2 * $1'; COMMENT ON FUNCTION public.f IS 'a function';
		ALTER FUNCTION public.f OWNER TO `+role+`; CREATE INDEX "an INDEX of" ON "User" (lower(email)) WHERE email <> ' INDEX '; COMMENT ON INDEX "an INDEX of" IS 'an index'; COMMENT ON INDEX "User_email_key" IS 'of Prisma';
		COMMENT ON CONSTRAINT "User_pkey" ON "User" IS 'a key'; ALTER TABLE "User" FORCE ROW LEVEL SECURITY; ALTER TABLE "User" ADD CONSTRAINT short CHECK (length(email) < 100); COMMENT ON CONSTRAINT short ON "User" IS 'a check';
		CREATE POLICY own ON "User" USING (true); COMMENT ON POLICY own ON "User" IS 'a policy'; COMMENT ON TYPE "Status" IS 'an enum'; REVOKE ALL ON TYPE "Status" FROM PUBLIC;
		CREATE DOMAIN age AS int CONSTRAINT old CHECK (VALUE > 0); COMMENT ON DOMAIN age IS 'a domain'; COMMENT ON CONSTRAINT old ON DOMAIN age IS 'of a domain'; GRANT USAGE ON TYPE age TO `+role+`;
		CREATE SEQUENCE counter; ALTER SEQUENCE counter OWNER TO `+role+`; CREATE STATISTICS pair ON id, email FROM "User"; COMMENT ON STATISTICS pair IS 'together'`)
	t.Cleanup(func() { pgtest.Exec(t, h.url, `DROP OWNED BY `+role+` CASCADE; DROP ROLE `+role) })
	opt := h.options()
	opt.Seed = users
	h.keepsRights(t, opt, "public")
}

func TestWhatHasNoTextIsNamedBeforeItGoes(t *testing.T) {
	h := newShop(t)
	h.run(t, `CREATE FUNCTION public.eq(int, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1::text = $2'; CREATE OPERATOR public.=== (FUNCTION = public.eq, LEFTARG = int, RIGHTARG = text);
		CREATE COLLATION public.plain FROM "C"; CREATE TEXT SEARCH CONFIGURATION public.words (COPY = simple)`)
	opt := h.options()
	opt.Seed = users
	text := strings.Join(h.refused(t, opt, "reset.refused", "public").Refused, "\n")
	for _, part := range []string{"operator public.===", "collation public.plain", "text search configuration public.words"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	opt.Cascade = true
	h.andBack(t, opt, nil, "public")
}
