package fakedata

import (
	"context"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestKeysAreConsistentAcrossSchemas(t *testing.T) {
	db := newDatabase(t, `
CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TABLE a."User" (id uuid PRIMARY KEY, email varchar(60) NOT NULL UNIQUE);
CREATE TABLE b.post (id bigserial PRIMARY KEY, author uuid NOT NULL REFERENCES a."User", slug text UNIQUE);
CREATE TABLE b.profile (user_id uuid PRIMARY KEY REFERENCES a."User", bio text);
CREATE TABLE b.badge (profile uuid NOT NULL UNIQUE REFERENCES b.profile, n int);
CREATE TABLE b.likes (post bigint REFERENCES b.post, "user" uuid REFERENCES a."User", PRIMARY KEY (post, "user"));
CREATE TABLE b.vote (email varchar(60) REFERENCES a."User" (email), post bigint NOT NULL REFERENCES b.post, kind text NOT NULL, UNIQUE (email, post))`)
	mustFill(t, db, Options{Rows: 700, Seed: 1})
	for _, table := range []string{`a."User"`, "b.post", "b.profile", "b.badge", "b.likes", "b.vote"} {
		expect(t, db, 700, "SELECT count(*) FROM "+table)
	}
	expect(t, db, 701, "SELECT nextval('b.post_id_seq')")
	top := number(t, db, "SELECT max(n) FROM (SELECT count(*) AS n FROM b.post GROUP BY author) AS x")
	if top < 20 {
		t.Errorf("the busiest author has %d of 700 posts: no skew", top)
	}
	authors := number(t, db, "SELECT count(DISTINCT author) FROM b.post")
	if authors < 100 {
		t.Errorf("only %d authors", authors)
	}
}

func TestCirclesAndSelfReferencesAreFilled(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node, CHECK (parent <> id));
CREATE TABLE strict (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, up int NOT NULL REFERENCES strict);
CREATE TABLE chain (id uuid PRIMARY KEY, next uuid UNIQUE REFERENCES chain);
CREATE TABLE team (id uuid PRIMARY KEY, lead uuid NOT NULL);
CREATE TABLE member (id uuid PRIMARY KEY, team uuid NOT NULL REFERENCES team);
ALTER TABLE team ADD FOREIGN KEY (lead) REFERENCES member;
CREATE TABLE x (id int PRIMARY KEY, y int); CREATE TABLE y (id int PRIMARY KEY, z int); CREATE TABLE z (id int PRIMARY KEY, x int);
ALTER TABLE x ADD CONSTRAINT xy FOREIGN KEY (y) REFERENCES y; ALTER TABLE y ADD FOREIGN KEY (z) REFERENCES z DEFERRABLE;
ALTER TABLE z ADD FOREIGN KEY (x) REFERENCES x`)
	before := number(t, db, `SELECT count(*) FROM pg_constraint WHERE condeferrable`)
	mustFill(t, db, Options{Rows: 300, Seed: 1})
	for _, table := range []string{"node", "strict", "chain", "team", "member", "x", "y", "z"} {
		expect(t, db, 300, "SELECT count(*) FROM "+table)
	}
	expect(t, db, before, `SELECT count(*) FROM pg_constraint WHERE condeferrable`)
	expect(t, db, 0, `SELECT count(*) FROM pg_constraint WHERE condeferred`)
	if n := number(t, db, `SELECT count(*) FROM node WHERE parent IS NULL`); n == 0 || n == 300 {
		t.Errorf("%d of 300 nodes are roots", n)
	}
	if n := number(t, db, `SELECT count(x.y) FROM x`); n < 200 {
		t.Errorf("only %d rows of x refer to y", n)
	}
}

func TestKeysThatShareAColumnAgree(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE tenant (id uuid PRIMARY KEY, name text);
CREATE TABLE project (id uuid, tenant uuid REFERENCES tenant, PRIMARY KEY (tenant, id));
CREATE TABLE team (id uuid, tenant uuid REFERENCES tenant, parent uuid, PRIMARY KEY (tenant, id), FOREIGN KEY (tenant, parent) REFERENCES team);
CREATE TABLE task (id uuid PRIMARY KEY, tenant uuid NOT NULL REFERENCES tenant, project uuid NOT NULL, team uuid,
	FOREIGN KEY (tenant, project) REFERENCES project, FOREIGN KEY (tenant, team) REFERENCES team);
CREATE TABLE lone (org text NOT NULL, id uuid, up uuid, PRIMARY KEY (org, id), FOREIGN KEY (org, up) REFERENCES lone)`)
	mustFill(t, db, Options{Rows: 400, Seed: 5})
	expect(t, db, 400, `SELECT count(*) FROM task`)
	if n := number(t, db, `SELECT count(DISTINCT tenant) FROM task`); n < 5 {
		t.Errorf("all tasks are of %d tenants", n)
	}
	if n := number(t, db, `SELECT count(team) FROM task`); n < 100 {
		t.Errorf("only %d tasks have a team", n)
	}
	if n := number(t, db, `SELECT count(up) FROM lone`); n < 100 {
		t.Errorf("only %d rows refer to another of their table", n)
	}
}

func TestUniqueKeysOfEveryKindHold(t *testing.T) {
	db := newDatabase(t, `
CREATE EXTENSION citext; CREATE EXTENSION btree_gist;
CREATE TYPE color AS ENUM ('red', 'green', 'blue');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE few (c color PRIMARY KEY, note text);
CREATE TABLE pairs (c color, b boolean, n smallint CHECK (n BETWEEN 1 AND 20), PRIMARY KEY (c, b, n));
CREATE TABLE partial (id serial PRIMARY KEY, owner int NOT NULL REFERENCES p, main boolean NOT NULL, gone timestamptz);
CREATE UNIQUE INDEX ON partial (owner) WHERE main;
CREATE TABLE folded (id serial PRIMARY KEY, email text NOT NULL, name citext UNIQUE);
CREATE UNIQUE INDEX ON folded (lower(email));
CREATE TABLE nulls (id serial PRIMARY KEY, b boolean UNIQUE, c char(1) UNIQUE NULLS NOT DISTINCT);
CREATE TABLE booking (room int NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE TABLE slots (during int4range NOT NULL, EXCLUDE USING gist (during WITH &&));
CREATE TABLE dated (d date PRIMARY KEY, t time UNIQUE, n numeric(8,2) UNIQUE, f float8 UNIQUE, i inet UNIQUE, m macaddr UNIQUE,
	bits bit(12) UNIQUE, bytes bytea UNIQUE, iv interval UNIQUE, arr int[] UNIQUE, r int8range UNIQUE, ts timestamp(0) UNIQUE, j jsonb UNIQUE);
CREATE TABLE coded (code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}-[0-9]{3}$'))`)
	plan := mustDecide(t, db, Options{Rows: 250, Seed: 2, RowsOf: map[string]int64{"p": 40, "pairs": 100}})
	if _, err := Apply(context.Background(), db, plan, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	for table, n := range map[string]int64{"few": 3, "pairs": 100, "partial": 250, "folded": 250, "nulls": 36, "booking": 250, "slots": 250, "dated": 250, "coded": 250} {
		expect(t, db, n, "SELECT count(*) FROM "+table)
	}
	if !strings.Contains(plan.String(), "fewer than 250") {
		t.Errorf("the plan does not say that the table few has fewer rows:\n%s", plan)
	}
}

func TestRowsAreAddedToThoseThatAreThere(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE a (id serial PRIMARY KEY, email text UNIQUE NOT NULL, n numeric(6,1) UNIQUE);
CREATE TABLE b (id text PRIMARY KEY, a int NOT NULL REFERENCES a, slug varchar(12) NOT NULL UNIQUE, during int4range, EXCLUDE USING gist (during WITH &&));
CREATE TABLE ab (a int REFERENCES a, b text REFERENCES b, PRIMARY KEY (a, b));
INSERT INTO a VALUES (500, 'someone@example.com', 12.5)`)
	ctx := context.Background()
	_, err := Decide(ctx, db, Options{Rows: 100})
	if remedy.Code(err) != "fake.rows" || remedy.Exit(err) != remedy.ExitRefused {
		t.Fatalf("tables with rows: %v", err)
	}
	for round := int64(1); round <= 3; round++ {
		mustFill(t, db, Options{Rows: 100, Seed: round % 2, Append: true})
		expect(t, db, 100*round+1, "SELECT count(*) FROM a")
		expect(t, db, 100*round, "SELECT count(*) FROM ab")
	}
	mustFill(t, db, Options{Tables: []postgres.TableRef{{Schema: "public", Name: "b"}}, Rows: 50, Seed: 1, Append: true})
	expect(t, db, 350, "SELECT count(*) FROM b")
	if next := number(t, db, "SELECT nextval('a_id_seq')"); next <= number(t, db, "SELECT max(id) FROM a") {
		t.Errorf("the sequence goes on at %d", next)
	}
}

func TestOneTableBringsWhatItNeeds(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a, c int);
CREATE TABLE c (id int PRIMARY KEY); ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c; CREATE TABLE d (id int PRIMARY KEY)`)
	plan := mustFill(t, db, Options{Tables: []postgres.TableRef{{Schema: "public", Name: "b"}}, Rows: 10})
	want := "        10 rows  public.a\n        10 rows  public.b\n"
	if plan.String() != want {
		t.Errorf("the plan is\n%swant\n%s", plan, want)
	}
	expect(t, db, 0, "SELECT count(c) FROM b")
}

func TestATableThatIsCountedByNameIsChosen(t *testing.T) {
	db := newDatabase(t, `CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.x (id int PRIMARY KEY); CREATE TABLE b.y (id int PRIMARY KEY); CREATE TABLE b.z (id int PRIMARY KEY)`)
	plan := mustFill(t, db, Options{Schemas: []string{"a"}, Rows: 10, RowsOf: map[string]int64{"b.y": 5}})
	if want := "        10 rows  a.x\n         5 rows  b.y\n"; plan.String() != want {
		t.Errorf("the plan is\n%swant\n%s", plan, want)
	}
}

func TestTheSameSeedMakesTheSameRows(t *testing.T) {
	const script = `CREATE TABLE a (id uuid PRIMARY KEY, name text, at timestamptz, n int, tags text[], j jsonb);
CREATE TABLE b (id serial PRIMARY KEY, a uuid NOT NULL REFERENCES a); CREATE TABLE c (id serial PRIMARY KEY, b int REFERENCES b)`
	var sums [3]string
	for i, seed := range []int64{9, 9, 10} {
		db := newDatabase(t, script)
		mustFill(t, db, Options{Rows: 500, Seed: seed})
		sums[i] = sum(t, db)
	}
	if sums[0] != sums[1] {
		t.Errorf("the same seed gave\n%s\nand\n%s", sums[0], sums[1])
	}
	if sums[0] == sums[2] {
		t.Error("another seed gave the same rows")
	}
}

func TestWhatCannotBeFilledIsNamed(t *testing.T) {
	db := newDatabase(t, `
CREATE TYPE odd; CREATE FUNCTION odd_in(cstring) RETURNS odd LANGUAGE internal IMMUTABLE STRICT AS 'pg_node_tree_in';
CREATE FUNCTION odd_out(odd) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE odd (INPUT = odd_in, OUTPUT = odd_out);
CREATE TABLE a (id int PRIMARY KEY, o odd NOT NULL); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, a int REFERENCES a, o odd);
CREATE TABLE never (id int PRIMARY KEY, CHECK (id % 2 = 0 AND id % 2 = 1))`)
	plan := mustDecide(t, db, Options{Rows: 10})
	text := plan.String()
	for _, want := range []string{"public.a: its column o has the type odd", "public.b: its foreign key b_a_fkey needs rows of public.a, which gets no rows", "10 rows  public.c"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q:\n%s", want, text)
		}
	}
	_, err := Apply(context.Background(), db, plan, progress.Discard)
	if remedy.Code(err) != "fake.failed" || !strings.Contains(remedy.Text(err), "public.never: no values were found that keep to its constraints (never_id_check)") {
		t.Errorf("the error is %s", remedy.Text(err))
	}
	expect(t, db, 10, "SELECT count(*) FROM c")
	expect(t, db, 0, "SELECT count(*) FROM never")
}
