package seedfile

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestNamesSaySchemaPartAndOrder(t *testing.T) {
	for name, want := range map[string]string{
		"public.sql":                 "public||sql|0|",
		"10-plugin_wallet.sql":       "plugin_wallet||sql|10|",
		"010-public.users.sql":       "public||sql|10|users",
		"public.users.more.sql":      "public||sql|0|users.more",
		"odd-name.sql":               "odd-name||sql|0|",
		"public/User.csv":            "public|User|csv|0|",
		"20-public/User.jsonl":       "public|User|jsonl|20|",
		"public/05-wallet_tick.csv":  "public|wallet_tick|csv|5|",
		"public/Table.With.Dots.csv": "public|Table.With.Dots|csv|0|",
		"public/rest.SQL":            "public||sql|0|rest",
		"User.csv":                   "no",
		"schema.prisma":              "no",
		"README.md":                  "no",
		".hidden.sql":                "no",
		"a/b/c.csv":                  "no",
		".sql":                       "no",
		"public/.csv":                "no",
		"99999999999999-public.sql":  "99999999999999-public||sql|0|",
		"public/10-.csv":             "public|10-|csv|0|",
	} {
		f := File{Name: name}
		got := "no"
		if f.parseName() {
			got = fmt.Sprintf("%s|%s|%s|%d|%s", f.Schema, f.Table, f.Format, f.Order, f.Part)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestANameThatSaysTheSameIsARename(t *testing.T) {
	f := File{Name: "10-public.users.sql"}
	f.parseName()
	csv := File{Name: "public/User.csv"}
	csv.parseName()
	for name, want := range map[string][2]bool{"public.sql": {true, false}, "public/users.sql": {true, false}, "other.sql": {false, false},
		"20-public/3-User.csv": {false, true}, "public/Users.csv": {false, false}, "public/User.jsonl": {false, false}, "README.md": {false, false}} {
		if got := [2]bool{f.WasNamed(name), csv.WasNamed(name)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestDiscoverySortsAndLeavesOutOtherFiles(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, name := range []string{"public.sql", "plugin_b.sql", "20-plugin_a.sql", "10-plugin_a.sql", "public/User.csv", "schema.prisma",
		"README.md", "public.sql~", ".draft.sql", ".git/x.sql", "deep/er/x.sql", "node_modules/x.sql"} {
		fsys[name] = &fstest.MapFile{Data: []byte("id\n1\n")}
	}
	files, err := Discover(fsys, "seeds")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	if got, want := strings.Join(names, " "), "plugin_b.sql public.sql public/User.csv 10-plugin_a.sql 20-plugin_a.sql"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if files[2].Path != "seeds/public/User.csv" {
		t.Errorf("path is %s", files[2].Path)
	}
	if none, err := Discover(nil, ""); none != nil || err != nil {
		t.Errorf("no folder: %v, %v", none, err)
	}
}

func TestHashIsTheSameForEitherLineEnd(t *testing.T) {
	a, b := parse(t, "SELECT 1;\nSELECT 2;\n"), parse(t, "\ufeffSELECT 1;\r\nSELECT 2;\r\n")
	if a.Hash != b.Hash || len(a.Hash) != 64 {
		t.Errorf("%s and %s", a.Hash, b.Hash)
	}
	if c := parse(t, "SELECT 1;\nSELECT 3;\n"); c.Hash == a.Hash {
		t.Error("another content has the same hash")
	}
}

func TestHeaderNamesKeysAndWhatComesFirst(t *testing.T) {
	f := parse(t, "-- People.\n-- naap: key=email after=plugin_x,10-public.sql\n\n"+
		`-- naap: key=Role(name) key=plugin_y."Odd.Table"(a, "b")`+"\nSELECT 1;\n-- naap: key=ignored\n")
	if fmt.Sprint(f.After) != "[plugin_x 10-public.sql]" {
		t.Errorf("after: %v", f.After)
	}
	for table, want := range map[string]string{"public.User": "[email]", "public.Role": "[name]", "plugin_y.Odd.Table": "[a b]", "plugin_y.Other": "[]"} {
		schema, name, _ := strings.Cut(table, ".")
		if key, ok := f.KeyOf(schema, name); fmt.Sprint(key.Columns) != want || ok != (want != "[]") {
			t.Errorf("key of %s is %v, want %s", table, key.Columns, want)
		}
	}
}

func TestWrongHeadersAreErrors(t *testing.T) {
	for _, header := range []string{"key=", "key=()", "key=A(", "key=A(b,)", "after=", "order=3", "key=a.b.c(d)"} {
		_, err := Parse("public.sql", "p", []byte("-- fine\n-- naap: "+header+"\n"))
		if remedy.Code(err) != "seed.header" || !strings.Contains(err.Error(), "p:2:1") {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestCSVIsCheckedLineByLine(t *testing.T) {
	text := "# naap: key=id\n# a remark\nid,name,note\n1,Ada,\"two\nlines\"\n2,\"\",\n"
	f, err := Parse("public/User.csv", "seeds/public/User.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	columns, err := f.Columns()
	if fmt.Sprint(columns) != "[id name note]" || err != nil {
		t.Errorf("columns %v, %v", columns, err)
	}
	if f.FirstLine() != 3 || !strings.HasPrefix(f.Data(), "id,name") {
		t.Errorf("the data begin in line %d: %q", f.FirstLine(), f.Data())
	}
	if key, _ := f.KeyOf("public", "User"); fmt.Sprint(key.Columns, key.Line, f.Tables()) != "[id] 1 [{public User}]" {
		t.Errorf("key %v of %v", key, f.Tables())
	}
	for text, where := range map[string]string{
		"":                     ":1:1",
		"a,b\n1,2\n3\n":        ":3:",
		"# x\na,b\n1,\"2\n":    ":3:",
		"a,b\n\n1,2\nx\"y,2\n": ":4:",
		"a,a\n1,2\n":           ":1:2",
		"a,\n1,2\n":            ":1:2",
	} {
		_, err := Parse("public/User.csv", "u.csv", []byte(text))
		if remedy.Code(err) != "seed.csv" || !strings.Contains(fmt.Sprint(err), "u.csv"+where) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRowsBeginAtTheLineOfNames(t *testing.T) {
	for text, want := range map[string]string{
		"\n\n# a remark\n\nid,name\n1,Ada\n": "5 id,name\n1,Ada\n",
		"#id,name\n1,Ada\n":                  "1 #id,name\n1,Ada\n",
		"#naap: key=id\n#\nid\n1\n":          "3 id\n1\n",
	} {
		f, err := Parse("public/User.csv", "u.csv", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := fmt.Sprint(f.FirstLine(), " ", f.Data()); got != want {
			t.Errorf("%q: rows begin with %q, want %q", text, got, want)
		}
	}
}

func TestADotBehindABackslashIsAValue(t *testing.T) {
	for text, want := range map[string]string{
		"a\n1\n\\.\n2\n":           "a\n1\n\"\\.\"\n2\n",
		"a\r\n\\.\r\n\r\n\\.":      "a\r\n\"\\.\"\r\n\r\n\"\\.\"",
		"a\n\"two\n\\.\nlines\"\n": "a\n\"two\n\\.\nlines\"\n",
	} {
		f, err := Parse("public/User.csv", "u.csv", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := f.CopyData(); got != want {
			t.Errorf("%q is copied as %q, want %q", text, got, want)
		}
	}
}

func TestJSONLinesKeepNumbersAndOrder(t *testing.T) {
	text := "# naap: after=plugin_x\n\n{\"id\": 9007199254740993, \"tags\": [1, {\"a\": 2}]}\n# remark\n{}\n"
	f, err := Parse("public/User.jsonl", "u.jsonl", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := f.Objects()
	if err != nil || len(objects) != 2 {
		t.Fatalf("%+v, %v", objects, err)
	}
	if o := objects[0]; o.Line != 3 || fmt.Sprint(o.Keys) != "[id tags]" || !strings.Contains(o.Text, "9007199254740993") {
		t.Errorf("%+v", o)
	}
	if objects[1].Line != 5 {
		t.Errorf("%+v", objects[1])
	}
	for _, line := range []string{"[1]", "3", "{\"a\": 1,}", "{\"a\": 1} x", "{\"a\": 1, \"a\": 2}", "{\"a\": ", "{"} {
		_, err := Parse("public/User.jsonl", "u.jsonl", []byte("{}\n"+line+"\n"))
		if remedy.Code(err) != "seed.jsonl" || !strings.Contains(err.Error(), "u.jsonl:2:1") {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestOtherEncodingsAreRefusedWithTheirPlace(t *testing.T) {
	for _, text := range []string{"SELECT 1;\nSELECT 'Gr\xfc\xdfe';", "SELECT 1;\nSELECT '\x00';"} {
		_, err := Parse("public.sql", "p.sql", []byte(text))
		if remedy.Code(err) != "seed.encoding" || !strings.Contains(err.Error(), "p.sql:2:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestBuiltInSeedsCanBeRead(t *testing.T) {
	files, err := Discover(os.DirFS("../../seeds"), "seeds")
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	if len(files) != 8 {
		t.Fatalf("%d files, want one for each of 8 schemas", len(files))
	}
	tables := 0
	for _, f := range files {
		statements, err := f.Statements()
		if err != nil || len(statements) == 0 {
			t.Errorf("%s: %d statements, %v", f.Name, len(statements), err)
		}
		for _, table := range f.Tables() {
			if table.Schema != f.Schema {
				t.Errorf("%s fills %v, which is another schema's", f.Name, table)
			}
			tables++
		}
	}
	if tables != 75 {
		t.Errorf("%d tables are filled, want all 75", tables)
	}
}
