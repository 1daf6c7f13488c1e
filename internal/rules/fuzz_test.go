package rules

import (
	"context"
	"strings"
	"testing"
)

// FuzzComposeFiles reads any text as a compose file and as a workflow: the place of every finding is in the file.
func FuzzComposeFiles(f *testing.F) {
	for _, seed := range []string{
		"services:\n  a: &x\n    image: postgres\n  b: *x\n  c:\n    <<: *x\n    extends: b\n",
		"services:\n  a:\n    extends: a\n    build: {context: ., dockerfile_inline: \"FROM postgres\"}\n",
		"x: &a [*a]\nservices: *a\n", "services: [postgres, {name: mysql}]\n", "a: &a {<<: *a}\nservices: *a",
		"jobs:\n  t:\n    services:\n      p:\n        image: postgres\n    steps:\n      - run: |\n          docker run postgres\n",
		"services:\n  é:\n    image: postgres\n    environment: [\"DATABASE_URL=postgresql://u:p@h/x\"]\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"docker-compose.yml", ".github/workflows/ci.yml"} {
			r, err := Check(context.Background(), Options{Files: map[string]string{name: text}})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Count(text, "\n") + 1
			for _, x := range r.Findings {
				if x.Place.Line < 1 || x.Place.Line > lines || x.Place.EndColumn <= x.Place.Column {
					t.Fatalf("%+v of %d lines", x.Place, lines)
				}
			}
		}
	})
}

// FuzzInitScripts adds a schema to any init script: it is there afterwards, and adding it again changes nothing.
func FuzzInitScripts(f *testing.F) {
	for _, seed := range []string{"CREATE SCHEMA a;", "create schema if not exists \"a\" -- x\n;", "$$CREATE SCHEMA a$$", "/* /* */ */ CREATE SCHEMA b", "'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := initList(&file{path: "x.sql", data: []byte(text)})
		if l == nil {
			return
		}
		after := applyEdits([]byte(text), l.add("plugin_new"))
		again := initList(&file{path: "x.sql", data: after})
		if again == nil || !again.has("plugin_new") && !l.has("plugin_new") {
			t.Fatalf("%q became %q, without the schema", text, after)
		}
		for _, n := range l.names {
			if !again.has(n.name) {
				t.Fatalf("%q became %q, without %s", text, after, n.name)
			}
		}
		if l.has("plugin_new") {
			return
		}
		// A second plan does not add a schema that is there; one for another schema leaves this one where it is.
		twice := applyEdits(after, again.add("plugin_other"))
		if third := initList(&file{path: "x.sql", data: twice}); third == nil || !third.has("plugin_new") || !third.has("plugin_other") ||
			len(third.names) < len(again.names)+1 {
			t.Fatalf("%q became %q and then %q", text, after, twice)
		}
	})
}
