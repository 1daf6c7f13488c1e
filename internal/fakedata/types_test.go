package fakedata

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// columnTypes are the types that columns may have, with limits and without.
var columnTypes = []string{
	"smallint", "int", "bigint", "oid", "numeric", "numeric(5)", "numeric(12,4)", "numeric(3,3)", "numeric(65,30)", "numeric(2,-3)", "real", "float8",
	"money", "boolean", "text", "varchar", "varchar(1)", "varchar(7)", "varchar(255)", "char", "char(2)", "char(42)", "name", `"char"`, "citext", "uuid",
	"bytea", "date", "time", "time(0)", "timetz", "timestamp", "timestamp(0)", "timestamp(3)", "timestamptz", "timestamptz(6)", "interval",
	"interval day to second", "interval(0)", "json", "jsonb", "jsonpath", "xml", "inet", "cidr", "macaddr", "macaddr8", "bit", "bit(5)", "bit(70)",
	"varbit", "varbit(9)", "point", "line", "lseg", "box", "path", "polygon", "circle", "tsvector", "tsquery", "pg_lsn", "hstore", "int4range",
	"int8range", "numrange", "tsrange", "tstzrange", "daterange", "int4multirange", "datemultirange", "mood", "pair", "amount", "mail", "regclass",
	"pg_snapshot", "ltree",
}

const typesScript = `
CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'back\slash'); CREATE TYPE pair AS (a text, "B c" mood, n numeric(4,1)[]);
CREATE DOMAIN amount AS numeric(9,2) CHECK (VALUE >= 0); CREATE DOMAIN mail AS varchar(40) CHECK (VALUE ~ '^[^@]+@[^@]+$');`

// TestColumnsOfEveryTypeAreFilled makes a table for each type and its arrays, with and without extremes: the server
// accepts every value.
func TestColumnsOfEveryTypeAreFilled(t *testing.T) {
	var script strings.Builder
	script.WriteString(typesScript)
	for i, typ := range columnTypes {
		fmt.Fprintf(&script, "CREATE TABLE t%03d (id int PRIMARY KEY, a %s, b %s NOT NULL", i, typ, typ)
		if typ != `"char"` {
			fmt.Fprintf(&script, ", c %s[], d %s[] NOT NULL", typ, typ)
		}
		script.WriteString(");\n")
	}
	for _, edge := range []bool{false, true} {
		db := newDatabase(t, script.String())
		mustFill(t, db, Options{Rows: 150, Seed: 11, Edge: edge})
		for i, typ := range columnTypes {
			expect(t, db, 150, fmt.Sprintf("SELECT count(b) FROM t%03d -- %s", i, typ))
			if n := number(t, db, fmt.Sprintf("SELECT count(a) FROM t%03d", i)); n < 60 {
				t.Errorf("%s: only %d of 150 optional values are there", typ, n)
			}
		}
	}
}

// TestRandomTablesAreFilled makes tables of random columns, defaults, unique keys and foreign keys.
func TestRandomTablesAreFilled(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 1))
		db := newDatabase(t, typesScript+randomTables(r, 12))
		plan := mustFill(t, db, Options{Rows: 60, Seed: int64(seed), Edge: seed%2 == 1})
		if len(plan.Tables) != 12 {
			t.Errorf("%d tables are filled", len(plan.Tables))
		}
	}
}

func randomTables(r *rand.Rand, tables int) string {
	var script strings.Builder
	keys := []string{"int", "bigint", "uuid", "text", "varchar(20)", "timestamptz", "numeric(12,2)", "bytea", "inet", "date"}
	var keyTypes []string
	for i := range tables {
		key := keys[r.IntN(len(keys))]
		fmt.Fprintf(&script, "CREATE TABLE r%d (id %s PRIMARY KEY", i, key)
		for c := range r.IntN(8) {
			fmt.Fprintf(&script, ", c%d %s", c, columnTypes[r.IntN(len(columnTypes))])
			if r.IntN(3) == 0 {
				script.WriteString(" NOT NULL")
			}
		}
		for f := range min(i, r.IntN(4)) {
			to := r.IntN(i)
			fmt.Fprintf(&script, ", f%d %s REFERENCES r%d", f, keyTypes[to], to)
			if r.IntN(2) == 0 {
				script.WriteString(" NOT NULL")
			}
			if r.IntN(3) == 0 {
				script.WriteString(" UNIQUE")
			}
		}
		fmt.Fprintf(&script, ", u1 %s, u2 smallint, UNIQUE (u1, u2)", keys[r.IntN(len(keys))])
		script.WriteString(");\n")
		keyTypes = append(keyTypes, key)
	}
	return script.String()
}

func TestValuesFitTheirNames(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE users (id text PRIMARY KEY, email varchar(60) UNIQUE NOT NULL, eth_address char(42) NOT NULL, "txHash" text NOT NULL,
slug text UNIQUE NOT NULL, website text NOT NULL, price numeric(10,2) NOT NULL, rating int NOT NULL, created_at timestamptz NOT NULL,
"updatedAt" timestamptz NOT NULL, expires_at timestamp NOT NULL, started_at timestamp NOT NULL, ended_at timestamp NOT NULL, ip inet NOT NULL)`)
	mustFill(t, db, Options{Rows: 1000, Seed: 1})
	expect(t, db, 1000, `SELECT count(*) FROM users WHERE email ~ '^[a-z]+\.[a-z]+\.[0-9a-z]+@[a-z.]*example\.(com|org|net)$' AND eth_address ~ '^0x[0-9a-f]{40}$'
AND "txHash" ~ '^0x[0-9a-f]{64}$' AND slug ~ '^[a-z0-9-]+$' AND website ~ '^https://[a-z0-9.-]+/' AND price > 0 AND rating BETWEEN 1 AND 5`)
	chain := newDatabase(t, `CREATE TABLE "WalletConnection" (id int PRIMARY KEY, address text NOT NULL, billing_address text NOT NULL);
CREATE TABLE balances (id int PRIMARY KEY, "chainId" int NOT NULL, address text NOT NULL);
CREATE TABLE shops (id int PRIMARY KEY, address text NOT NULL)`)
	mustFill(t, chain, Options{Rows: 100, Seed: 1})
	const wallet = `^0x[0-9a-f]{40}$`
	expect(t, chain, 100, `SELECT count(*) FROM "WalletConnection" WHERE address ~ '`+wallet+`' AND billing_address !~ '^0x'`)
	expect(t, chain, 100, `SELECT count(*) FROM balances WHERE address ~ '`+wallet+`'`)
	expect(t, chain, 100, `SELECT count(*) FROM shops WHERE address !~ '^0x'`)
	expect(t, db, 1000, `SELECT count(*) FROM users WHERE created_at <= "updatedAt" AND "updatedAt" <= '2026-01-01+00' AND expires_at > '2026-01-01' AND started_at <= ended_at`)
	if n := number(t, db, `SELECT count(DISTINCT price) FROM users`); n < 300 {
		t.Errorf("only %d prices", n)
	}
}

func TestWhatIsMadeComesBeforeWhatIsChangedAlsoInKeys(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE a (id int PRIMARY KEY, "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL UNIQUE);
CREATE TABLE b (id int PRIMARY KEY, created_at timestamp NOT NULL UNIQUE, updated_at timestamp NOT NULL);
CREATE TABLE c (id int PRIMARY KEY, created timestamp(0) NOT NULL UNIQUE, updated timestamp(0) NOT NULL UNIQUE);
CREATE TABLE d (kind text, created date NOT NULL, updated date NOT NULL, PRIMARY KEY (updated))`)
	mustFill(t, db, Options{Rows: 1000, Seed: 1})
	expect(t, db, 1000, `SELECT count(*) FROM a WHERE "createdAt" <= "updatedAt" AND "updatedAt" <= '2026-01-01+00'`)
	expect(t, db, 1000, `SELECT count(*) FROM b WHERE created_at <= updated_at AND updated_at <= '2026-01-01'`)
	expect(t, db, 1000, `SELECT count(*) FROM c WHERE created <= updated`)
	expect(t, db, 1000, `SELECT count(*) FROM d WHERE created <= updated`)
	if n := number(t, db, `SELECT count(DISTINCT date_trunc('month', "updatedAt")) FROM a`); n < 20 {
		t.Errorf("1000 rows are of %d months", n)
	}
}

// TestExtremesKeepToConstraints has constraints that most extremes violate: only those that do not are mixed in.
func TestExtremesKeepToConstraints(t *testing.T) {
	db := newDatabase(t, `CREATE DOMAIN percentage AS numeric(5,2) CHECK (VALUE BETWEEN 0 AND 100);
CREATE TABLE odd (id int PRIMARY KEY, n int NOT NULL CHECK (n >= 0), p percentage NOT NULL, name text NOT NULL CHECK (length(trim(name)) > 0),
short text NOT NULL CHECK (length(short) <= 30), low text NOT NULL CHECK (low = lower(low)), neat text NOT NULL CHECK (neat = btrim(neat)),
day date NOT NULL CHECK (day >= '2020-01-01'), j jsonb NOT NULL CHECK (jsonb_typeof(j) = 'object'), tags text[] NOT NULL CHECK (cardinality(tags) >= 1),
kind text NOT NULL CHECK (kind <> 'NULL'), price int NOT NULL, quantity int NOT NULL, total int GENERATED ALWAYS AS (price * quantity) STORED)`)
	plan := mustFill(t, db, Options{Rows: 3000, Seed: 1, Edge: true})
	if plan.Tables[0].Note != "" || plan.db.tables[0].staged {
		t.Errorf("the table is left to the server to judge: %s", plan)
	}
	for what, where := range map[string]string{
		"the largest number": `n = 2147483647`, "the smallest number": `n = 0`, "all of a hundred": `p = 100`, "emoji": `name ~ '👩'`,
		"emoji in a short text": `short ~ '👩'`, "a text of the longest": `length(short) = 30`, "a quote": `low ~ ''''`, "an object": `j = '{}'`,
		"NULL in an array": `array_position(tags, NULL) > 0`, "a day of long ahead": `day > '2100-01-01'`, "a newline": "kind ~ E'\\n'",
	} {
		if number(t, db, `SELECT count(*) FROM odd WHERE `+where) == 0 {
			t.Errorf("no row has %s", what)
		}
	}
}

func TestExtremesAreMixedIn(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE odd (id int PRIMARY KEY, s text NOT NULL, v varchar(9) NOT NULL, n int NOT NULL, f float8 NOT NULL, ts timestamptz NOT NULL, j jsonb NOT NULL, o text)`)
	mustFill(t, db, Options{Rows: 2000, Seed: 1, Edge: true})
	for what, where := range map[string]string{
		"an empty text": `s = ''`, "a long text": `length(s) >= 4000`, "emoji": `s ~ '👩'`, "right to left": `s ~ 'مرحبا'`, "a quote": `s ~ ''''`,
		"a backslash": `s ~ '\\'`, "a newline": "s ~ E'\\n'", "the longest text": `length(v) = 9`, "the largest number": `n = 2147483647`,
		"NaN": `f = 'NaN'`, "infinity": `ts = 'infinity'`, "a year before Christ": `ts::text ~ 'BC'`, "JSON null": `j = 'null'`, "NULL": `o IS NULL`,
	} {
		if number(t, db, `SELECT count(*) FROM odd WHERE `+where) == 0 {
			t.Errorf("no row has %s", what)
		}
	}
}
