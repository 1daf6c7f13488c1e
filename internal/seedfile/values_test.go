package seedfile

import (
	"slices"
	"testing"
)

func TestTextsThatAFileGivesColumnsAreSeen(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"public.sql", `INSERT INTO "User" ("role", name, n) VALUES ('admin', 'O''Hara', 1), ('member'::text, upper('x'), 2) ON CONFLICT DO NOTHING;
-- INSERT INTO x (a) VALUES ('no');
INSERT INTO s.t (id, kind /* of it */, doc) OVERRIDING SYSTEM VALUE VALUES (1, 'big', '{"a": 1}'::jsonb), (2, 'a' || 'b', (SELECT 'c'));
INSERT INTO t SELECT 'x'; INSERT INTO t VALUES ('no names'); UPDATE t SET a = 'b';
COPY s.u (kind, note) FROM stdin;
one` + "\t" + `\N
two` + "\t" + `a\tb
\.
`, []string{"public.User.role=admin", "public.User.name=O'Hara", "public.User.role=member", "s.t.kind=big", `s.t.doc={"a": 1}`, "s.u.kind=one", "s.u.kind=two", "s.u.note=a\tb"}},
		{"public/T.csv", "a,b\nx,\n\"y,z\",1\n", []string{"public.T.a=x", "public.T.a=y,z", "public.T.b=1"}},
		{"public/T.jsonl", `{"a": "x", "b": {"c": [1]}, "d": null}` + "\n", []string{"public.T.a=x", `public.T.b={"c": [1]}`}},
	} {
		f, err := Parse(c.name, c.name, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		f.Texts(func(table Table, column, text string) bool {
			got = append(got, table.Schema+"."+table.Name+"."+column+"="+text)
			return true
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
