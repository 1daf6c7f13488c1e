package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// findings returns what a search finds, each as "schema.table.column key: piece", and what else it says.
func findings(t *testing.T, db *DB, req FindRequest) (found, problems []string, last FindNews) {
	t.Helper()
	err := db.Find(t.Context(), req, func(n FindNews) bool {
		for _, f := range n.Found {
			var key []string
			for _, c := range f.Where {
				key = append(key, c.Column+string(c.Op)+c.Value)
			}
			if page, err := db.Page(t.Context(), PageRequest{Table: f.Table, Where: f.Where, Limit: 2}); err != nil || f.Keyed && len(page.Rows) != 1 || len(page.Rows) == 0 {
				t.Errorf("%+v leads to %+v, %v", f, page, err)
			}
			found = append(found, f.Table.String()+"."+f.Column+" "+strings.Join(key, ",")+": "+f.Piece)
		}
		if n.Problem != "" {
			problems = append(problems, n.Table.String()+" "+n.Problem)
		}
		if n.Step < last.Step || n.Step > n.Steps || n.Step > 0 && n.Table.Name == "" {
			t.Errorf("step %d of %d after %d, about %q", n.Step, n.Steps, last.Step, n.Table)
		}
		last = n
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found, problems, last
}

const places = `
CREATE SCHEMA plugin_a; CREATE SCHEMA naap_dev; CREATE SCHEMA naap_undo_3;
CREATE TYPE plugin_a.mood AS ENUM ('happy', 'Äußerst happy', 'sad');
CREATE DOMAIN plugin_a.word AS text; CREATE DOMAIN plugin_a.keyword AS plugin_a.word;
CREATE COLLATION plugin_a.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE plugin_a."User" (id uuid PRIMARY KEY, "E-Mail" text UNIQUE, plain text COLLATE "C", fixed char(12), nick plugin_a.keyword,
	loose text COLLATE plugin_a.caseless, mood plugin_a.mood, meta jsonb, tags text[], who name, "from" varchar(999));
INSERT INTO plugin_a."User" (id, "E-Mail", plain, fixed, nick, loose, mood, meta, tags, who, "from") VALUES
	('7c9e6679-7425-40de-944b-e07fc1f90001', 'anna@example.org', 'MÜLLER', 'abc', 'naïve_50%', 'ÄRGER', 'Äußerst happy', '{"ref": "7c9e6679-7425-40de-944b-e07fc1f90001"}', '{x,"anna@example.org"}', 'anna', 'ab\c''d"e'),
	('7c9e6679-7425-40de-944b-e07fc1f90002', 'bob@example.org', 'muller', NULL, 'naive 50', NULL, 'sad', NULL, NULL, NULL, repeat('x', 60) || 'needle' || repeat('y', 500));
CREATE TABLE plugin_a.note (line text);
INSERT INTO plugin_a.note VALUES ('mail to ANNA@example.org'), ('user 7c9e6679-7425-40de-944b-e07fc1f90001 came');
CREATE TABLE numbers (a int, b smallint, c bigint, n numeric, r real, d double precision, t text, PRIMARY KEY (a, c));
INSERT INTO numbers VALUES (42, 42, 42, 42.0, 42, 42, '42'), (1, 1, 9007199254740993, 0.1, 0.1, 0.1, 'nr. 42');
CREATE TABLE parent (id int PRIMARY KEY, v text); CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1, 'inherited'); INSERT INTO child VALUES (2, 'inherited');
CREATE TABLE parts (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
INSERT INTO parts VALUES (3, 'partitioned');
CREATE MATERIALIZED VIEW seen AS SELECT 9 AS id, 'materialized'::text AS v;
CREATE VIEW looked AS SELECT 'materialized'::text AS v;
CREATE TABLE naap_dev.own AS SELECT 'anna@example.org'::text AS v; CREATE TABLE naap_undo_3.old AS SELECT 'anna@example.org'::text AS v;`

func TestAValueIsFoundWhereverItIs(t *testing.T) {
	db := open(t, places)
	const user, anna, bob = "plugin_a.User.", " id=7c9e6679-7425-40de-944b-e07fc1f90001: ", " id=7c9e6679-7425-40de-944b-e07fc1f90002: "
	for value, want := range map[string][]string{
		"anna@example.org":                       {user + "E-Mail" + anna + "anna@example.org", "plugin_a.note.line linecontainsanna@example.org: mail to ANNA@example.org"},
		"ANNA@":                                  {user + "E-Mail" + anna + "anna@example.org", "plugin_a.note.line linecontainsANNA@: mail to ANNA@example.org"},
		"7c9e6679-7425-40de-944b-e07fc1f90001":   {user + "id" + anna + "7c9e6679-7425-40de-944b-e07fc1f90001"},
		"{7C9E6679742540de944be07fc1f90001}":     {user + "id" + anna + "7c9e6679-7425-40de-944b-e07fc1f90001"},
		"c1f90002":                               {user + "id" + bob + "7c9e6679-7425-40de-944b-e07fc1f90002"},
		"42":                                     {"public.numbers.a a=42,c=42: 42", "public.numbers.b a=42,c=42: 42", "public.numbers.c a=42,c=42: 42", "public.numbers.d a=42,c=42: 42", "public.numbers.n a=42,c=42: 42.0", "public.numbers.r a=42,c=42: 42", "public.numbers.t a=42,c=42: 42"},
		"+4.2e1":                                 {"public.numbers.a a=42,c=42: 42", "public.numbers.b a=42,c=42: 42", "public.numbers.c a=42,c=42: 42", "public.numbers.d a=42,c=42: 42", "public.numbers.n a=42,c=42: 42.0", "public.numbers.r a=42,c=42: 42"},
		"0.1":                                    {"public.numbers.d a=1,c=9007199254740993: 0.1", "public.numbers.n a=1,c=9007199254740993: 0.1", "public.numbers.r a=1,c=9007199254740993: 0.1"},
		"9007199254740993":                       {"public.numbers.c a=1,c=9007199254740993: 9007199254740993"},
		"1e-400":                                 nil,
		"99999999999999999999999999999999999999": nil,
		"müller":                                 {user + "plain" + anna + "MÜLLER"},
		"ärg":                                    {user + "loose" + anna + "ÄRGER"},
		"äußerst":                                {user + "mood" + anna + "Äußerst happy"},
		"ve_50%":                                 {user + "nick" + anna + "naïve_50%"},
		"_":                                      {user + "nick" + anna + "naïve_50%"},
		"%":                                      {user + "nick" + anna + "naïve_50%"},
		`b\c'd"e`:                                {user + "from" + anna + `ab\c'd"e`},
		`\`:                                      {user + "from" + anna + `ab\c'd"e`},
		"ABC":                                    {user + "fixed" + anna + "abc"},
		"inherited":                              {"public.child.v vcontainsinherited: inherited", "public.parent.v id=1: inherited"},
		"partitioned":                            {"public.parts.v id=3: partitioned"},
		"MATERIAL":                               {"public.seen.v vcontainsMATERIAL: materialized"},
		"needle":                                 {user + "from" + bob + strings.Repeat("x", 40) + "needle" + strings.Repeat("y", 154)},
		"nowhere to be found":                    nil,
	} {
		found, problems, last := findings(t, db, FindRequest{Value: value})
		if !slices.Equal(found, want) || len(problems) > 0 || last.Step != last.Steps {
			t.Errorf("%q is found\n%s\nwith %q at step %d of %d, want\n%s", value, strings.Join(found, "\n"), problems, last.Step, last.Steps, strings.Join(want, "\n"))
		}
	}
	// Inside of everything that is text.
	found, _, _ := findings(t, db, FindRequest{Value: "7c9e6679-7425-40de-944b-e07fc1f90001", Wide: true})
	if want := []string{user + "id" + anna, user + "meta" + anna, "plugin_a.note.line"}; !slices.EqualFunc(found, want, strings.HasPrefix) {
		t.Errorf("inside of texts and JSON: %q", found)
	}
	if found, _, _ = findings(t, db, FindRequest{Value: "anna@example.org", Wide: true}); len(found) != 3 || !strings.Contains(strings.Join(found, " "), "User.tags") {
		t.Errorf("inside of arrays: %q", found)
	}
	for value, why := range map[string]string{"": "empty", "a\x00b": "NUL", "a\xff": "UTF-8"} {
		err := db.Find(t.Context(), FindRequest{Value: value}, func(FindNews) bool { t.Error("it was looked for"); return false })
		if remedy.Code(err) != "find.value" || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestWhatAnIndexAnswersIsFoundFirstAndOnce(t *testing.T) {
	db := open(t, `CREATE TABLE a (id int PRIMARY KEY, v text); INSERT INTO a SELECT n, 'key and more ' || n FROM generate_series(1, 30) n;
		CREATE TABLE z (id int PRIMARY KEY, v text); CREATE INDEX ON z (v); INSERT INTO z VALUES (1, 'key'), (2, 'the key');
		CREATE TABLE empty (id int PRIMARY KEY, v text)`)
	var order []string
	more := false
	err := db.Find(t.Context(), FindRequest{Value: "key", Each: 10}, func(n FindNews) bool {
		for _, f := range n.Found {
			order = append(order, fmt.Sprintf("%s %s %v", f.Table.Name, f.Where[0].Value, n.Indexed))
		}
		more = more || n.More
		return true
	})
	if err != nil || len(order) != 12 || order[0] != "z 1 true" || !slices.Contains(order, "z 2 false") || slices.Contains(order[1:], "z 1 false") || !more {
		t.Errorf("found %q, more %v, %v", order, more, err)
	}
	told := 0
	if err := db.Find(t.Context(), FindRequest{Value: "key"}, func(n FindNews) bool { told++; return len(n.Found) == 0 }); err != nil || told > 4 {
		t.Errorf("went on after it was enough: %d, %v", told, err)
	}
}

func TestATableThatTakesLongOrIsLockedDoesNotKeepASearchFromTheOthers(t *testing.T) {
	admin, url := openURL(t, `DROP ROLE IF EXISTS find_guest; CREATE ROLE find_guest LOGIN PASSWORD 'guest';
		CREATE TABLE slow (id int PRIMARY KEY, v text); INSERT INTO slow SELECT n, 'key ' || n FROM generate_series(1, 300) n;
		ALTER TABLE slow ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON slow USING (pg_sleep(0.1) IS NOT NULL);
		CREATE TABLE locked (id int PRIMARY KEY, v text); INSERT INTO locked VALUES (1, 'key');
		CREATE TABLE secret (id int PRIMARY KEY, v text); INSERT INTO secret VALUES (1, 'key');
		CREATE TABLE zlast (id int PRIMARY KEY, v text); INSERT INTO zlast SELECT n, 'nothing' FROM generate_series(1, 3000) n; INSERT INTO zlast VALUES (0, 'key'); ANALYZE;
		GRANT SELECT ON slow, locked, zlast TO find_guest`)
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), `DROP OWNED BY find_guest; DROP ROLE find_guest`) })
	as(t, url, "gateway", `BEGIN; LOCK locked`)
	db, err := Open(t.Context(), withUser(t, url, "find_guest", "guest"), Options{Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var found, problems []string
	err = db.Find(t.Context(), FindRequest{Value: "key", Limit: 800 * time.Millisecond}, func(n FindNews) bool {
		for _, f := range n.Found {
			found = append(found, f.Table.Name)
		}
		if n.Problem != "" {
			problems = append(problems, n.Table.Name+" "+n.Problem)
		}
		return true
	})
	slices.Sort(problems)
	if err != nil || !slices.Contains(found, "slow") || found[len(found)-1] != "zlast" || slices.Contains(found, "secret") ||
		!slices.Equal(problems, []string{"locked not looked in: another session has locked it", "slow not looked in to its end: it takes longer than 800 ms"}) {
		t.Errorf("found %q, %q, %v", found, problems, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	err = db.Find(ctx, FindRequest{Value: "key", Limit: time.Hour}, func(n FindNews) bool {
		if n.Table.Name == "slow" {
			began = time.Now()
			time.AfterFunc(100*time.Millisecond, cancel)
		}
		return true
	})
	if err == nil || ctx.Err() == nil || time.Since(began) > 10*time.Second {
		t.Errorf("cancelled after %s: %v", time.Since(began), err)
	}
	eventually(t, "nothing runs any more", func() bool {
		all, err := admin.Sessions(t.Context())
		return err == nil && !slices.ContainsFunc(all, func(s ServerSession) bool { return s.User == "find_guest" && s.Active() })
	})
	// The connection is whole.
	if err := db.Find(t.Context(), FindRequest{Value: "nothing", Each: 1, Limit: 300 * time.Millisecond}, func(FindNews) bool { return true }); err != nil {
		t.Error(err)
	}
}
