package migrate

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// endOf returns the end state of scripts that ran in a new database.
func endOf(t *testing.T, scripts ...string) endState {
	t.Helper()
	b := newBench(t, scripts...)
	b.must(b.deploy())
	_, err := b.db.Exec(t.Context(), "DROP TABLE _prisma_migrations")
	b.must(err)
	s, err := readEndState(t.Context(), b.db)
	b.must(err)
	return s
}

const endBase = `CREATE TABLE t (gone int, id serial PRIMARY KEY, n int CHECK (n > 0), d timestamptz DEFAULT now());
CREATE TYPE mood AS ENUM ('a', 'c'); CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t (n) VALUES (1), (2);
`

// Two ways to the same end: another order, holes where columns were, values that were inserted in an enum, other numbers.
func TestTheSameEndByAnotherWayIsTheSame(t *testing.T) {
	t.Parallel()
	one := endOf(t, `CREATE TABLE first (); DROP TABLE first;`+endBase+`ALTER TABLE t DROP COLUMN gone; ALTER TYPE mood ADD VALUE 'b' BEFORE 'c'; CREATE INDEX ON t (n) WHERE n > 1;`)
	two := endOf(t, `CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE TABLE t (id serial PRIMARY KEY, n int, d timestamptz DEFAULT now());
CREATE INDEX t_n_idx ON t (n) WHERE (n > 1); ALTER TABLE t ADD CHECK (n > 0); CREATE VIEW v AS SELECT t.id FROM public.t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t (n) VALUES (1), (2);`)
	twin := endOf(t, `CREATE TABLE first (); DROP TABLE first;`+endBase+`ALTER TABLE t DROP COLUMN gone; ALTER TYPE mood ADD VALUE 'b' BEFORE 'c'; CREATE INDEX ON t (n) WHERE n > 1;`)
	if !one.rowsDiffer(two) {
		t.Error("the moments of the two runs are not told apart")
	}
	if got := one.unlike(two, &twin); len(got) > 0 {
		t.Errorf("they differ: %s", strings.Join(got, "; "))
	}
}

func TestEveryKindOfDifferenceIsSeen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.db.Exec(t.Context(), endBase)
	b.must(err)
	base, err := readEndState(t.Context(), b.db)
	b.must(err)
	for script, want := range map[string]string{
		"CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT 1'":                                      "function public.h() is there",
		"CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$": "function public.f() is defined otherwise",
		"DROP TRIGGER g ON t":                                                    "trigger g on public.t is missing",
		"ALTER TABLE t DISABLE TRIGGER g":                                        "trigger g on public.t is defined otherwise",
		"ALTER TABLE t DROP CONSTRAINT t_n_check":                                "table constraint t_n_check on public.t is missing",
		"ALTER TABLE t ALTER n SET NOT NULL":                                     "column public.t.n is defined otherwise",
		"ALTER TABLE t ALTER d DROP DEFAULT":                                     "default value for public.t.d is missing",
		"ALTER TABLE t ADD x int":                                                "column public.t.x is there",
		"CREATE INDEX i ON t (n) WHERE n > 3":                                    "index public.i is there",
		"ALTER TYPE mood ADD VALUE 'b' BEFORE 'c'":                               "value 'c' of public.mood is defined otherwise",
		"ALTER TABLE t ENABLE ROW LEVEL SECURITY":                                "table public.t is defined otherwise",
		"CREATE POLICY p ON t USING (n > 1)":                                     "policy p on public.t is there",
		"GRANT SELECT ON t TO PUBLIC":                                            "table public.t is defined otherwise",
		"GRANT SELECT (n) ON t TO PUBLIC":                                        "column public.t.n is defined otherwise",
		"COMMENT ON COLUMN t.n IS 'x'":                                           "comment on table column public.t.n is there",
		"COMMENT ON SCHEMA public IS 'x'":                                        "comment on schema public is defined otherwise",
		"CREATE SCHEMA s":                                                        "schema s is there",
		"REVOKE ALL ON SCHEMA public FROM PUBLIC":                                "schema public is defined otherwise",
		"REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM PUBLIC":                "rights on the server's own functions is defined otherwise",
		"CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM t":                 "rule \"_RETURN\" on public.v is defined otherwise",
		"CREATE DOMAIN d AS int CHECK (VALUE > 1)":                               "type public.d is there",
		"CREATE EXTENSION IF NOT EXISTS plpgsql; DROP EXTENSION plpgsql CASCADE": "extension plpgsql is missing",
		"CREATE STATISTICS st ON id, n FROM t":                                   "statistics object public.st is there",
		"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC":              "default acl",
		"CREATE PUBLICATION p FOR TABLE t (n)":                                   "publication p is there",
		"UPDATE t SET n = 3 WHERE n = 2":                                         "rows of public.t have other values",
		"UPDATE t SET n = 3 - n":                                                 "rows of public.t have other values",
		"INSERT INTO t (id, n) VALUES (9, 9)":                                    "rows of public.t: 3 instead of 2",
		"SELECT nextval('t_id_seq')":                                             "sequence public.t_id_seq have other values in last_value",
		"ALTER SEQUENCE t_id_seq OWNED BY NONE":                                  "part sequence public.t_id_seq of table column public.t.id is missing",
		"ALTER TABLE t SET (fillfactor = 50)":                                    "table public.t is defined otherwise",
		"CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING":                     "rule r on public.t is there",
		"ALTER TABLE t REPLICA IDENTITY FULL":                                    "table public.t is defined otherwise",
		"CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR PUBLIC SERVER s": "user mapping for public on s",
	} {
		tx, err := b.db.Begin(t.Context())
		b.must(err)
		_, err = postgres.ExecScript(t.Context(), postgres.TxConn(tx), script)
		b.must(err)
		other, err := endStateIn(t.Context(), postgres.TxConn(tx))
		b.must(err)
		postgres.Rollback(t.Context(), tx)
		if got := strings.Join(base.unlike(other, nil), "; "); !strings.Contains(got, want) {
			t.Errorf("%s: %q, and not %q", script, got, want)
		}
	}
}
