package queries

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// folder makes a workspace with files.
func folder(t *testing.T, content map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range content {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestQueriesAreTheFilesOfTheirFolder(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.sql")
	if err := os.WriteFile(secret, []byte("-- do not show"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := folder(t, map[string]string{
		"naap/queries/by-owner.sql":  "\ufeff-- Notes of an owner\r\nSELECT * FROM note\r\nWHERE owner = :owner;\r\n",
		"naap/queries/above.sql":     "\n/*\n * What is above\n */\nSELECT 1",
		"naap/queries/none.sql":      "SELECT 1 -- later",
		"naap/queries/README.md":     "no query",
		"naap/queries/old/gone.sql":  "no query either",
		"naap/queries/.hidden.sql":   "no query either",
		"naap/queries/large.sql":     strings.Repeat("x", 2<<20),
		"naap/queries/größe-漢.1.sql": "SELECT 2",
	})
	outside := os.Symlink(secret, filepath.Join(root, "naap", "queries", "outside.sql")) == nil
	list, err := List(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Query{}
	var names []string
	for _, q := range list {
		got[q.Name] = q
		names = append(names, q.Name)
	}
	want := "above by-owner größe-漢.1 large none"
	if outside {
		want += " outside"
	}
	if strings.Join(names, " ") != want {
		t.Errorf("got %v, want %s", names, want)
	}
	if q := got["by-owner"]; q.Description != "Notes of an owner" || q.Text != "-- Notes of an owner\nSELECT * FROM note\nWHERE owner = :owner;\n" || q.File != "naap/queries/by-owner.sql" {
		t.Errorf("%+v", q)
	}
	if got["above"].Description != "What is above" || got["none"].Description != "" {
		t.Errorf("%+v %+v", got["above"], got["none"])
	}
	if remedy.Code(got["large"].Err) != "file.size" || outside && (remedy.Code(got["outside"].Err) != "file.outside" || got["outside"].Text != "") {
		t.Errorf("%v %+v", got["large"].Err, got["outside"])
	}
	if list, err := List(t.Context(), t.TempDir()); err != nil || list != nil {
		t.Errorf("without the folder: %v %v", list, err)
	}
	if _, err := List(t.Context(), ""); remedy.Code(err) != "query.workspace" {
		t.Errorf("the built-in workspace: %v", err)
	}
}

func TestAQueryIsWrittenOnlyOverWhatWasRead(t *testing.T) {
	root := folder(t, nil)
	path := filepath.Join(root, "naap", "queries", "a.sql")
	save := func(name, text string, was *string, code string) {
		t.Helper()
		if _, err := Save(t.Context(), root, name, text, was); (err == nil) != (code == "") || err != nil && remedy.Code(err) != code {
			t.Errorf("%s: %v, want %q", name, err, code)
		}
	}
	holds := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(path); string(got) != want {
			t.Errorf("the file holds %q, %v, want %q", got, err, want)
		}
	}
	one, two := "SELECT 1", "SELECT 2"
	save("a.sql", "-- one\n"+one+"\n\n", nil, "")
	holds("-- one\nSELECT 1\n")
	save("a", two, nil, "query.exists")
	save("a", two, &one, "query.changed")
	holds("-- one\nSELECT 1\n")
	was := "-- one\nSELECT 1\n"
	save("a", two, &was, "")
	holds("SELECT 2\n")
	save("a", two, nil, "") // it is that already
	if err := os.WriteFile(path, []byte("SELECT\r\n3\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	was = "SELECT\n3\n"
	save("a", "SELECT\n4", &was, "")
	holds("SELECT\r\n4\r\n")
	if err := os.WriteFile(path, []byte("\ufeffSELECT\t4\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	was = "SELECT\t4\n"
	save("a", "SELECT\t5", &was, "")
	holds("\ufeffSELECT\t5\r\n")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	save("a", two, &was, "query.changed")
	for _, name := range []string{"", ".sql", "../a", "a/b", `a\b`, "CON", "nul.x", "a b", "-a", "a.", "a\x1b", strings.Repeat("a", 200), "a:b"} {
		save(name, one, nil, "query.name")
	}
	if os.Symlink(t.TempDir(), filepath.Join(root, "naap", "queries", "b.sql")) == nil {
		save("b", one, nil, "file.outside")
	}
	outside := folder(t, nil)
	if os.Symlink(t.TempDir(), filepath.Join(outside, "naap")) == nil {
		if _, err := Save(t.Context(), outside, "a", one, nil); remedy.Code(err) != "file.outside" {
			t.Errorf("through a link: %v", err)
		}
	}
}

func TestAQueryThatSavingWouldChangeUnseenIsNotOpened(t *testing.T) {
	for text, want := range map[string]string{
		"-- q\nSELECT '\xff'":            "line 2 of naap/queries/q.sql holds what is not UTF-8",
		"\xff\xfeS\x00E\x00":             "line 1 of naap/queries/q.sql holds what is not UTF-8", // UTF-16
		"SELECT 1;\r\n\r\nSELECT '\x1b'": "line 3 of naap/queries/q.sql holds the control character U+001B",
		"SELECT 'a\rb'":                  "holds the control character U+000D",
		"SELECT 'a\x00b'":                "holds the control character U+0000",
		"SELECT '\u0085'":                "holds the control character U+0085",
		"\ufeffSELECT '\tä\u200b'\r\n":   "",
	} {
		root := folder(t, map[string]string{"naap/queries/q.sql": text})
		list, err := List(t.Context(), root)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if q := list[0]; (q.Err == nil) != (want == "") || q.Err != nil && (remedy.Code(q.Err) != "query.text" || !strings.Contains(q.Err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, q.Err, want)
		}
		if want == "" {
			continue
		}
		if _, err := Save(t.Context(), root, "q", "SELECT 2", &list[0].Text); remedy.Code(err) != "query.text" {
			t.Errorf("%q: written over: %v", text, err)
		}
	}
}
