package migrate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// lintSetup is what is there before each of the statements below.
const lintSetup = `
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE FUNCTION steady() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 1';
CREATE FUNCTION shaky() RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE o (id integer PRIMARY KEY, a integer);
CREATE TABLE t (
	id integer PRIMARY KEY, i integer, n integer NOT NULL, v varchar(10), long varchar, txt text, num numeric(10,2), ts timestamp(3), tz timestamptz(3),
	net cidr, m mood, list integer[], word varchar(5)[], ref integer, b bit varying(4), c char(3)
);
CREATE INDEX t_i ON t (i);
CREATE VIEW seen AS SELECT id FROM o;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM o;
CREATE TABLE parts (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE one_part (id integer, at date);
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE t ADD CONSTRAINT proven CHECK (ref IS NOT NULL) NOT VALID;
ALTER TABLE t ADD CONSTRAINT certain CHECK (i IS NOT NULL);
CREATE UNIQUE INDEX t_n ON t (n);
INSERT INTO o SELECT i, i FROM generate_series(1, 5) i;
INSERT INTO t (id, i, n, ref, v, net) SELECT i, i, i, i, 'v', '10.0.0.0/8' FROM generate_series(1, 5) i;`

// TestLintKnowsWhatTheServerDoes runs each statement on a real server, and compares which tables it rewrites, reads
// through and locks, and how, with what Lint says of its text.
func TestLintKnowsWhatTheServerDoes(t *testing.T) {
	b := newBench(t)
	if _, err := postgres.ExecScript(t.Context(), acquire(t, b.db), lintSetup); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		// Columns that are added.
		"ALTER TABLE t ADD COLUMN x integer", "ALTER TABLE t ADD x integer DEFAULT 1 NOT NULL", "ALTER TABLE t ADD COLUMN x timestamptz DEFAULT now()",
		"ALTER TABLE t ADD COLUMN x timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP", "ALTER TABLE t ADD COLUMN x uuid DEFAULT gen_random_uuid()",
		"ALTER TABLE t ADD COLUMN x timestamptz DEFAULT clock_timestamp()", "ALTER TABLE t ADD COLUMN x double precision DEFAULT random() * 2",
		"ALTER TABLE t ADD COLUMN x integer DEFAULT steady()", "ALTER TABLE t ADD COLUMN x integer DEFAULT shaky()", "ALTER TABLE t ADD COLUMN x serial",
		"ALTER TABLE t ADD COLUMN x integer GENERATED ALWAYS AS IDENTITY", "ALTER TABLE t ADD COLUMN x integer GENERATED ALWAYS AS (id * 2) STORED",
		"ALTER TABLE t ADD COLUMN x varchar(10) DEFAULT 'a'::varchar(10)", "ALTER TABLE t ADD COLUMN x text DEFAULT upper('a') || 'b'",
		"ALTER TABLE t ADD COLUMN x integer REFERENCES o", "ALTER TABLE t ADD COLUMN x integer DEFAULT 1 REFERENCES o (id)",
		"ALTER TABLE t ADD COLUMN x integer CHECK (x > 0)", "ALTER TABLE t ADD COLUMN IF NOT EXISTS x jsonb NOT NULL DEFAULT '{}', ADD COLUMN y text[] DEFAULT ARRAY[]::text[]",
		"ALTER TABLE t ADD COLUMN x integer UNIQUE",
		// Types that are changed.
		"ALTER TABLE t ALTER COLUMN i TYPE bigint", "ALTER TABLE t ALTER n SET DATA TYPE int4", "ALTER TABLE t ALTER COLUMN v TYPE varchar(20)", "ALTER TABLE t ALTER COLUMN v TYPE varchar(5)",
		"ALTER TABLE t ALTER COLUMN v TYPE text", "ALTER TABLE t ALTER COLUMN v TYPE character varying", "ALTER TABLE t ALTER COLUMN txt TYPE varchar", "ALTER TABLE t ALTER COLUMN txt TYPE varchar(9)",
		"ALTER TABLE t ALTER COLUMN num TYPE numeric(12,2)", "ALTER TABLE t ALTER COLUMN num TYPE numeric(12,3)", "ALTER TABLE t ALTER COLUMN num TYPE decimal",
		"ALTER TABLE t ALTER COLUMN ts TYPE timestamp(6)", "ALTER TABLE t ALTER COLUMN ts TYPE timestamp", "ALTER TABLE t ALTER COLUMN ts TYPE timestamp(0)", "ALTER TABLE t ALTER COLUMN tz TYPE timestamp(6) with time zone",
		"ALTER TABLE t ALTER COLUMN net TYPE inet", "ALTER TABLE t ALTER COLUMN m TYPE text", "ALTER TABLE t ALTER COLUMN list TYPE bigint[]", "ALTER TABLE t ALTER COLUMN b TYPE varbit(8)",
		"ALTER TABLE t ALTER COLUMN c TYPE text", "ALTER TABLE t ALTER COLUMN c TYPE char(5)", "ALTER TABLE t ALTER COLUMN i TYPE text USING i::text", "ALTER TABLE t ALTER COLUMN v TYPE text USING v::text",
		"ALTER TABLE t ALTER COLUMN v TYPE text USING lower(v)", "ALTER TABLE t ALTER COLUMN v TYPE text USING (\"v\")",
		// Other parts of ALTER TABLE.
		"ALTER TABLE t DROP COLUMN v", "ALTER TABLE t ALTER COLUMN v SET DEFAULT 'a'", "ALTER TABLE t ALTER COLUMN v SET NOT NULL", "ALTER TABLE t ALTER COLUMN n SET NOT NULL",
		"ALTER TABLE t ALTER COLUMN i SET NOT NULL", "ALTER TABLE t ALTER COLUMN ref SET NOT NULL", "ALTER TABLE t ALTER COLUMN n DROP NOT NULL", "ALTER TABLE t ALTER COLUMN v SET STATISTICS 10",
		"ALTER TABLE t ALTER COLUMN v SET (n_distinct = 3)", "ALTER TABLE t ALTER COLUMN v SET STORAGE EXTERNAL", "ALTER TABLE t SET (fillfactor = 80)", "ALTER TABLE t SET UNLOGGED",
		"ALTER TABLE t ADD CONSTRAINT pos CHECK (i > 0)", "ALTER TABLE t ADD CONSTRAINT pos CHECK (i > 0) NOT VALID", "ALTER TABLE t VALIDATE CONSTRAINT proven", "ALTER TABLE t DROP CONSTRAINT certain",
		"ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (ref) REFERENCES o (id)", "ALTER TABLE t ADD FOREIGN KEY (ref) REFERENCES o ON DELETE CASCADE NOT VALID",
		"ALTER TABLE t ADD CONSTRAINT one UNIQUE (i)", "ALTER TABLE t ADD CONSTRAINT one UNIQUE USING INDEX t_n", "ALTER TABLE t RENAME COLUMN v TO w", "ALTER TABLE t RENAME TO u", "ALTER TABLE t RENAME CONSTRAINT proven TO w",
		"ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t DISABLE TRIGGER tr", "ALTER TABLE t ENABLE ALWAYS TRIGGER tr", "ALTER TABLE t REPLICA IDENTITY FULL", "ALTER TABLE t OWNER TO CURRENT_USER",
		"ALTER TABLE t CLUSTER ON t_i", "ALTER TABLE parts ATTACH PARTITION one_part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
		"ALTER TABLE ONLY t ALTER COLUMN i DROP DEFAULT, ADD COLUMN x integer",
		// Others.
		"CREATE INDEX ON t (v)", "CREATE UNIQUE INDEX x ON t USING btree (id, v) WHERE v IS NOT NULL", "DROP INDEX t_i", "REINDEX TABLE t", "REINDEX INDEX t_i",
		"CREATE TABLE x (id integer REFERENCES o)", "CREATE TABLE x PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')", "CREATE TABLE x (y integer) INHERITS (o)",
		"CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION noted()", "DROP TRIGGER tr ON t", "ALTER TRIGGER tr ON t RENAME TO x", "CREATE POLICY p ON t USING (true)", "CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING",
		"CREATE STATISTICS s ON i, n FROM t", "COMMENT ON TABLE t IS 'x'", "TRUNCATE t", "TRUNCATE TABLE ONLY t, o", "DROP TABLE t", "DROP TABLE IF EXISTS t, one_part", "DROP VIEW seen", "DELETE FROM t", "UPDATE t SET v = 'a' WHERE id = 1",
		"INSERT INTO o VALUES (9, 9)", "LOCK TABLE t IN SHARE MODE", "LOCK t", "LOCK TABLE o IN SHARE ROW EXCLUSIVE MODE", "REFRESH MATERIALIZED VIEW counted", "CLUSTER t USING t_i", "ANALYZE t",
		"ALTER TYPE mood ADD VALUE 'great'", "ALTER INDEX t_i RENAME TO x", "CREATE VIEW x AS SELECT * FROM t",
	} {
		t.Run(sql, func(t *testing.T) {
			rewritten, read, locked := b.does(t, sql)
			switch verb, _, _ := strings.Cut(sql, " "); {
			case verb == "TRUNCATE":
				rewritten = "" // the rows are gone, and reported as that
			case verb == "DELETE", verb == "UPDATE", verb == "REFRESH", strings.Contains(sql, "VALIDATE"):
				read = "" // nobody is kept out meanwhile
			}
			if rw, rd, lk := linted(t, sql); rw != rewritten || rd != read || lk != locked {
				t.Errorf("the server: rewrites %q, reads %q, locks %s\nLint:       rewrites %q, reads %q, locks %s", rewritten, read, locked, rw, rd, lk)
			}
		})
	}
}

func acquire(t *testing.T, db *postgres.DB) *postgres.Conn {
	t.Helper()
	c, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Release)
	return c.Conn()
}

// does runs a statement and rolls it back. It returns the tables that got other files, those that were read in full
// while their files stayed (t for the one that a foreign key of t points to), and the locks from SHARE UPDATE EXCLUSIVE on, of relations that were there.
func (b *bench) does(t *testing.T, sql string) (rewritten, read, locked string) {
	t.Helper()
	tx, err := b.db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer postgres.Rollback(t.Context(), tx)
	ask := func(sql string) string {
		list, err := postgres.CollectStrings(tx.Query(t.Context(), sql))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(list, " ")
	}
	const before = `CREATE TEMP TABLE before ON COMMIT DROP AS SELECT oid, relname, relkind, pg_relation_filenode(oid) AS node, pg_stat_get_xact_numscans(oid) AS scans
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v')`
	if _, err := tx.Exec(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	rewritten = ask(`SELECT b.relname::text FROM before b JOIN pg_class c USING (oid) WHERE b.node <> pg_relation_filenode(c.oid) AND b.relkind = 'r' ORDER BY 1`)
	read = ask(`SELECT DISTINCT regexp_replace(b.relname, '^o$', 't')::text FROM before b JOIN pg_class c USING (oid) WHERE b.node = pg_relation_filenode(c.oid) AND pg_stat_get_xact_numscans(oid) > scans AND b.relkind = 'r' ORDER BY 1`)
	locked = ask(`SELECT b.relname || ':' || max(array_position(ARRAY['ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'], l.mode))
FROM before b JOIN pg_locks l ON l.relation = b.oid AND l.pid = pg_backend_pid() AND l.mode ~ '^(ShareU|ShareL|ShareRow|Excl|AccessE)' GROUP BY b.relname ORDER BY 1`)
	return rewritten, read, locked
}

// linted returns what Lint says about the statement in the same words.
func linted(t *testing.T, sql string) (rewritten, read, locked string) {
	t.Helper()
	l := &linter{opt: LintOptions{Schema: "public"}, catalogue: newCatalogue(), silent: true}
	l.migration(Migration{Name: "1", Script: lintSetup})
	l.silent = false
	l.migration(Migration{Name: "2", Script: sql})
	strongest := map[string]lockMode{}
	for _, lock := range l.locks {
		if lock.mode >= shareUpdateExclusive {
			strongest[lock.name] = max(strongest[lock.name], lock.mode)
		}
	}
	var locks []string
	for name, mode := range strongest {
		locks = append(locks, fmt.Sprintf("%s:%d", name, mode-shareUpdateExclusive+1))
	}
	slices.SortFunc(locks, cmp.Compare)
	on := map[*LintRule]string{}
	for _, f := range l.findings {
		if f.Severity != remedy.Notable {
			on[f.Rule] = "t"
			if strings.Contains(f.Text, "one_part") {
				on[f.Rule] = "one_part"
			}
		}
	}
	return on[lintRewrite], cmp.Or(on[lintScan], on[lintIndex]), strings.Join(locks, " ")
}
