package fakedata

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestCommentsListValues(t *testing.T) {
	for _, c := range []struct {
		comment string
		few     bool
		want    []string
	}{
		{"pending | active | closed", false, []string{"pending", "active", "closed"}},
		{"'cdn' | 'container'", false, []string{"cdn", "container"}},
		{`"transcoding" | "realtime_ai" | "other"`, false, []string{"transcoding", "realtime_ai", "other"}},
		{"Phase 2 lifecycle (approved requests): building|deploying|live|failed", true, []string{"building", "deploying", "live", "failed"}},
		{"which IO field the comment is on ('input' | 'output')", false, []string{"input", "output"}},
		{"one of: a1, b2 or c3", false, []string{"a1", "b2", "c3"}},
		{"TOKENS, CHARACTERS, SECONDS, or IMAGES", true, []string{"TOKENS", "CHARACTERS", "SECONDS", "IMAGES"}},
		{"open, investigating, closed", false, nil},
		{"open, investigating, closed", true, []string{"open", "investigating", "closed"}},
		{`e.g. "okta", ee/sso/types.ts`, false, []string{"okta"}},
		{"jwt / apiKey", true, []string{"jwt", "apiKey"}},
		{"draft | published (default) | archived", false, nil},
		{"admin | member | viewer (the last may only read)", false, []string{"admin", "member", "viewer"}},
		{"set for team-scoped apps", true, nil}, {"Invite target email while pending; informational once accepted.", true, nil},
		{"like Pony, SDXL, etc", false, []string{"Pony", "SDXL"}}, {"", true, nil}, {"generic capability ids, or \"*\"", false, nil},
		{"first line says nothing\nred | green", false, []string{"red", "green"}},
	} {
		if got := valuesIn(c.comment, c.few); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.comment, got, c.want)
		}
	}
}

// TestTextsTakeTheValuesThatAreShown has such values in defaults, comments, seed files and existing rows, and in a key.
func TestTextsTakeTheValuesThatAreShown(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE member (id int PRIMARY KEY, team_id int NOT NULL REFERENCES team, role text NOT NULL DEFAULT 'viewer', UNIQUE (team_id, role));
CREATE TABLE seat (id int PRIMARY KEY, status text NOT NULL DEFAULT 'active', type text NOT NULL DEFAULT 'app', scopes text[] NOT NULL, origin text NOT NULL,
	kind text NOT NULL CHECK (kind <> 'b'), "jobType" text NOT NULL, unused varchar(3) NOT NULL DEFAULT 'eur', slug text NOT NULL UNIQUE DEFAULT 'none');
INSERT INTO seat VALUES (1, 'active', 'app', '{}', 'web', 'q', 'resize', 'usd', 'a'), (2, 'lost', 'app', '{}', 'api', 'q', 'crop', 'usd', 'b')`)
	at := func(table, name string) Column { return Column{postgres.TableRef{Schema: "public", Name: table}, name} }
	mustFill(t, db, Options{Rows: 200, RowsOf: map[string]int64{"member": 300}, Seed: 1, Append: true, Hints: Hints{
		Comments: map[Column]string{at("member", "role"): "admin | member | viewer", at("seat", "scopes"): "read | write | much_longer_than_that", at("seat", "kind"): "a | b | c"},
		Seen:     map[Column][]string{at("seat", "origin"): {"web", "api", "web", "web", "web", "api"}}}})
	expect(t, db, 3, "SELECT count(DISTINCT role) FROM member WHERE role IN ('admin', 'member', 'viewer')")
	expect(t, db, 300, "SELECT count(*) FROM member WHERE role IN ('admin', 'member', 'viewer')")
	for _, where := range []string{"status IN ('active', 'lost')", "type = 'app'", "scopes <@ '{read,write,much_longer_than_that}'", "origin IN ('web', 'api')",
		"kind IN ('a', 'c', 'q')", `"jobType" IN ('resize', 'crop')`, "unused IN ('eur', 'usd')", "slug NOT LIKE 'none%'"} {
		if n := number(t, db, "SELECT count(*) FROM seat WHERE id > 2 AND NOT ("+where+")"); n > 0 {
			t.Errorf("%d of 200 rows: NOT %s", n, where)
		}
	}
	expect(t, db, 3, "SELECT count(DISTINCT kind) FROM seat")
	expect(t, db, 2, "SELECT count(DISTINCT status) FROM seat")
}

func TestJSONHasTheShapeOfTheDefaultAndOfOtherRows(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE a (id int PRIMARY KEY, prefs jsonb NOT NULL DEFAULT '{"size": "pruned", "tags": [], "n": 3}', list json NOT NULL DEFAULT '[]', empty jsonb NOT NULL DEFAULT '{}', doc jsonb NOT NULL);
INSERT INTO a (id, doc) VALUES (1, '{"to": ["x", "y"], "when": {"day": 1, "exact": true}}'), (2, '{"to": ["z"], "when": {"day": 9}, "note": "hi"}')`)
	mustFill(t, db, Options{Rows: 300, Seed: 1, Append: true})
	for _, where := range []string{
		`prefs = '{"size": "pruned", "tags": [], "n": 3}'`, `list::text = '[]'`, `empty = '{}'`, `jsonb_typeof(doc->'to') = 'array' AND doc->'to' <@ '["x", "y", "z"]'`,
		`jsonb_array_length(doc->'to') IN (1, 2)`, `(doc->'when'->>'day')::int IN (1, 9)`, `doc - '{to,when,note}'::text[] = '{}'`,
	} {
		expect(t, db, 0, "SELECT count(*) FROM a WHERE NOT ("+where+")")
	}
	if n := number(t, db, "SELECT count(*) FROM a WHERE doc ? 'note'"); n < 60 || n > 240 {
		t.Errorf("%d of 300 documents have the key that half of them had", n)
	}
}

func TestTheNamesOfARowAgree(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE users (id int PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, "fullName" text NOT NULL, "displayName" text NOT NULL, email text NOT NULL UNIQUE,
	username varchar(40) NOT NULL UNIQUE, slug text NOT NULL);
CREATE TABLE message (id int PRIMARY KEY, "senderName" text NOT NULL, sender_email text NOT NULL, "recipientName" text NOT NULL, recipient_email text NOT NULL);
CREATE TABLE article (id int PRIMARY KEY, title text NOT NULL, slug text NOT NULL UNIQUE); CREATE TABLE company (id int PRIMARY KEY, name text NOT NULL UNIQUE, slug text NOT NULL UNIQUE)`)
	mustFill(t, db, Options{Rows: 300, Seed: 1})
	plain := func(e string) string { return "regexp_replace(lower(" + e + "), '[^a-z]', '', 'g')" }
	for _, c := range []struct{ table, where string }{
		{"users", `"fullName" = first_name || ' ' || last_name AND "displayName" = "fullName"`},
		{"users", plain("split_part(email, '@', 1)") + " LIKE " + plain(`"fullName"`) + " || '%'"},
		{"users", plain("username") + " LIKE " + plain(`"fullName"`) + " || '%'"}, {"users", plain("slug") + " = " + plain(`"fullName"`)},
		{"message", plain("split_part(sender_email, '@', 1)") + " = " + plain(`"senderName"`)},
		{"message", plain("split_part(recipient_email, '@', 1)") + " = " + plain(`"recipientName"`)},
		{"article", "replace(slug, '-', '') ~ ('^' || left(regexp_replace(lower(title), '[^a-z0-9]', '', 'g'), 20))"},
		{"company", "replace(slug, '-', '') ~ ('^' || left(regexp_replace(lower(name), '[^a-z0-9]', '', 'g'), 4))"},
	} {
		expect(t, db, 0, "SELECT count(*) FROM "+c.table+" WHERE NOT ("+c.where+")")
	}
	if n := number(t, db, `SELECT count(*) FROM message WHERE "senderName" = "recipientName"`); n > 20 {
		t.Errorf("%d of 300 messages are to oneself", n)
	}
}
