package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func plan(t *testing.T, root, name, prefixName string) *AddPlan {
	t.Helper()
	p, err := PlanSchemaAdd(context.Background(), Options{Root: root}, name, prefixName)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Each file keeps its quotes, indents, order, line ends and last line.
func TestEachListIsChangedInItsOwnStyle(t *testing.T) {
	const datasource = "datasource db {\n  provider = \"postgresql\"\n  schemas = [\"public\",\"plugin_a\" , \"plugin_c\"]\n}\n"
	for name, c := range map[string]struct{ file, before, after string }{
		"an array on one line":             {"a.sh", "X_SCHEMAS=(public plugin_a 'plugin_c')\n", "X_SCHEMAS=(public plugin_a 'plugin_c' 'plugin_b')\n"},
		"an array on lines with CRLF":      {"a.sh", "SCHEMAS=(\r\n\t\"plugin_a\"\r\n\t\"plugin_c\"\r\n)\r\n", "SCHEMAS=(\r\n\t\"plugin_a\"\r\n\t\"plugin_c\"\r\n\t\"plugin_b\"\r\n)\r\n"},
		"a comment behind an element":      {"a.sh", "SCHEMAS=(\n  plugin_a # one\n  plugin_c # two\n)\n", "SCHEMAS=(\n  plugin_a # one\n  plugin_c # two\n  plugin_b\n)\n"},
		"comments above elements in order": {"a.sh", "SCHEMAS=(\n  # first\n  plugin_a\n  # third\n  # and last\n  plugin_c\n  plugin_d # d\n)\n", "SCHEMAS=(\n  # first\n  plugin_a\n  plugin_b\n  # third\n  # and last\n  plugin_c\n  plugin_d # d\n)\n"},
		"a selection is left alone":        {"a.sh", "SKIP_SCHEMAS=(plugin_a plugin_c)\nSCHEMAS_TO_DROP='plugin_a plugin_c'\n", "SKIP_SCHEMAS=(plugin_a plugin_c)\nSCHEMAS_TO_DROP='plugin_a plugin_c'\n"},
		"what a list is added to":          {"a.sh", "SCHEMAS=(plugin_a plugin_c)\nSCHEMAS+=(plugin_b)\n", "SCHEMAS=(plugin_a plugin_c)\nSCHEMAS+=(plugin_b)\n"},
		"SQL in a text":                    {"a.sh", "SCHEMA_SQL='CREATE SCHEMA plugin_a; CREATE SCHEMA plugin_c'\n", "SCHEMA_SQL='CREATE SCHEMA plugin_a; CREATE SCHEMA plugin_c'\n"},
		"SQL with comments":                {"docker/init-schemas.sql", "-- All of them.\nCREATE SCHEMA plugin_a; -- one\n\n-- Three.\nCREATE SCHEMA plugin_c -- three\n", "-- All of them.\nCREATE SCHEMA plugin_a; -- one\n\n-- Three.\nCREATE SCHEMA plugin_c; -- three\nCREATE SCHEMA plugin_b\n"},
		"SQL in order with comments":       {"docker/init-schemas.sql", "-- All.\nCREATE SCHEMA plugin_a;\n-- Three.\nCREATE SCHEMA plugin_c;\nCREATE SCHEMA plugin_d;\n", "-- All.\nCREATE SCHEMA plugin_a;\nCREATE SCHEMA plugin_b;\n-- Three.\nCREATE SCHEMA plugin_c;\nCREATE SCHEMA plugin_d;\n"},
		"an array in order":                {"a.sh", "SCHEMAS=(plugin_a plugin_c plugin_d)\n", "SCHEMAS=(plugin_a plugin_b plugin_c plugin_d)\n"},
		"a text with commas":               {"a.sh", "SCHEMAS='public, plugin_a, plugin_c'", "SCHEMAS='public, plugin_a, plugin_c, plugin_b'"},
		"a loop":                           {"a.sh", "for s in public plugin_a plugin_c; do :; done\n", "for s in public plugin_a plugin_c plugin_b; do :; done\n"},
		"SQL in small letters":             {"docker/init-schemas.sql", "create schema \"plugin_a\";\ncreate schema \"plugin_c\" authorization x;", "create schema \"plugin_a\";\ncreate schema \"plugin_c\" authorization x;\ncreate schema \"plugin_b\" authorization x;"},
		"SQL without a last semicolon":     {"docker/init-schemas.sql", "CREATE SCHEMA plugin_a;\nCREATE SCHEMA plugin_c\n", "CREATE SCHEMA plugin_a;\nCREATE SCHEMA plugin_c;\nCREATE SCHEMA plugin_b\n"},
		"SQL in order":                     {"docker/init-schemas.sql", "CREATE SCHEMA plugin_a; -- one\r\nCREATE SCHEMA plugin_c;\r\nCREATE SCHEMA plugin_d;\r\n", "CREATE SCHEMA plugin_a; -- one\r\nCREATE SCHEMA plugin_b;\r\nCREATE SCHEMA plugin_c;\r\nCREATE SCHEMA plugin_d;\r\n"},
		"the datasource":                   {defaultSchemaFile, datasource, strings.Replace(datasource, `"plugin_c"]`, `"plugin_c", "plugin_b"]`, 1)},
		"the datasource in order":          {defaultSchemaFile, strings.Replace(datasource, `"plugin_c"`, `"plugin_c", "plugin_d"`, 1), strings.Replace(datasource, `"plugin_c"`, `"plugin_b", "plugin_c", "plugin_d"`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, defaultSchemaFile, datasource)
			write(t, root, defaultInitSQL, "CREATE SCHEMA plugin_a;\nCREATE SCHEMA plugin_c;\n")
			write(t, root, c.file, c.before)
			p := plan(t, root, "plugin_b", "")
			if err := p.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := read(t, root, c.file)
			if c.file == defaultSchemaFile {
				got, _, _ = strings.Cut(got, "\n// plugin_b")
			}
			if got != c.after {
				t.Errorf("got\n%q\nwant\n%q\n%s", got, c.after, p.Diff())
			}
			if again := plan(t, root, "plugin_b", ""); !again.Empty() {
				t.Errorf("the second plan:\n%s", again.Diff())
			}
		})
	}
}

func TestTheFirstModelKeepsTheFilesEnd(t *testing.T) {
	const head = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\"]\n}"
	for _, c := range []struct{ before, between, end string }{
		{head + "\n", "}\n\n// plugin_b", "// }\n"},
		{head, "}\n\n// plugin_b", "// }"},
		{head + "\n\n", "}\n\n// plugin_b", "// }\n"},
		{strings.ReplaceAll(head+"\n", "\n", "\r\n"), "}\r\n\r\n// plugin_b", "// }\r\n"},
	} {
		root := t.TempDir()
		write(t, root, defaultSchemaFile, c.before)
		if err := plan(t, root, "b", "").Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := read(t, root, defaultSchemaFile)
		if !strings.Contains(got, c.between) || !strings.HasSuffix(got, c.end) {
			t.Errorf("%q became\n%q", c.before, got)
		}
		if strings.Contains(c.before, "\r") != strings.Contains(got, "\r\n// model") || strings.Count(got, "\r") != 0 && strings.Count(got, "\r") != strings.Count(got, "\n") {
			t.Errorf("line ends: %q", got)
		}
		if _, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: got}); err != nil {
			t.Error(err)
		}
	}
}

func TestNamesAndPrefixesThatCannotBeAreRefused(t *testing.T) {
	root := t.TempDir()
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_wallet\"]\n}\n")
	for _, c := range []struct{ name, prefix, code string }{
		{"", "", "schema.name"}, {"plugin_", "", "schema.name"}, {"Plugin_X", "", "schema.name"}, {"a;b", "", "schema.name"},
		{"1a", "", "schema.name"}, {strings.Repeat("a", 60), "", "schema.name"},
		{"x", "lower", "schema.prefix"}, {"x", "A-B", "schema.prefix"}, {"x", "Wallet", "schema.prefix-taken"},
	} {
		_, err := PlanSchemaAdd(context.Background(), Options{Root: root}, c.name, c.prefix)
		if remedy.Code(err) != c.code || remedy.Exit(err) != remedy.ExitUsage {
			t.Errorf("%q with prefix %q: %v", c.name, c.prefix, err)
		}
	}
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n}\n")
	if _, err := PlanSchemaAdd(context.Background(), Options{Root: root}, "x", ""); remedy.Code(err) != "schema.no-list" {
		t.Errorf("without a list: %v", err)
	}
}

func TestAPrefixThatTheNameDoesNotTellIsWrittenIntoTheSettings(t *testing.T) {
	const schema = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\"]\n}\n"
	for before, after := range map[string]string{
		"":                                "[check.prefixes]\nplugin_x = [\"Own\"]\n",
		"port = 1":                        "port = 1\n\n[check.prefixes]\nplugin_x = [\"Own\"]\n",
		"[check.prefixes]\na = [\"A\"]\n": "[check.prefixes]\nplugin_x = [\"Own\"]\na = [\"A\"]\n",
		"[check.prefixes]":                "[check.prefixes]\nplugin_x = [\"Own\"]\n",
		"[ check . prefixes ] # ours\nplugin_y = \"Y\"\n\n[owners]\nplugin_x = \"me\"\n": "[ check . prefixes ] # ours\nplugin_x = [\"Own\"]\nplugin_y = \"Y\"\n\n[owners]\nplugin_x = \"me\"\n",
		"[[check.allow]]\npath = \"a\"\nrule = \"2\"\nreason = \"b\"\n":                  "[[check.allow]]\npath = \"a\"\nrule = \"2\"\nreason = \"b\"\n\n[check.prefixes]\nplugin_x = [\"Own\"]\n",
	} {
		root := t.TempDir()
		write(t, root, defaultSchemaFile, schema)
		if before != "" {
			write(t, root, "naap.toml", before)
		}
		if err := plan(t, root, "x", "Own").Apply(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := read(t, root, "naap.toml"); got != after {
			t.Errorf("%q became\n%q\nwant\n%q", before, got, after)
		}
		ws, err := workspace.Find(t.Context(), root, workspace.Options{})
		if err != nil {
			t.Fatalf("%q became what cannot be read: %v", before, err)
		}
		if got := ws.Settings.Check.Prefixes["plugin_x"]; len(got) != 1 || got[0] != "Own" {
			t.Errorf("%q became a file with the prefixes %q", before, got)
		}
		if again := plan(t, root, "x", ""); len(again.Steps) > 0 {
			t.Errorf("the second plan:\n%s", again.Diff())
		}
	}
	root := t.TempDir()
	write(t, root, defaultSchemaFile, schema)
	for _, s := range plan(t, root, "x", "X").Steps {
		if s.Edit.Path == "naap.toml" {
			t.Error("the prefix that the name tells is written down")
		}
	}
}

func TestSettingsThatCannotBeAddedToAreLeftToAPerson(t *testing.T) {
	for _, text := range []string{
		"[check.prefixes]\nplugin_x = [\"Old\"]\n",
		"[check.prefixes]\n\"plugin_x\" = \"Old\"\n",
		"[check]\nprefixes = { plugin_y = \"Y\" }\n",
		"check = { prefixes = { plugin_y = \"Y\" } }\n",
		"check.prefixes.plugin_y = \"Y\"\n",
		"[\"check\".\"prefixes\"]\nplugin_y = \"Y\"\n",
		"image = \"\"\"\n[check.prefixes]\n\"\"\"\n",
	} {
		root := t.TempDir()
		write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\"]\n}\n")
		write(t, root, "naap.toml", text)
		_, err := PlanSchemaAdd(context.Background(), Options{Root: root}, "x", "Own")
		if remedy.Code(err) != "schema.prefix-setting" {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAPrefixThatTheModelsDoNotCarryIsRefused(t *testing.T) {
	root := t.TempDir()
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_wallet\"]\n}\n\n"+
		"model WalletEntry {\n  id String @id\n\n  @@schema(\"plugin_wallet\")\n}\n")
	_, err := PlanSchemaAdd(context.Background(), Options{Root: root}, "plugin_wallet", "Foo")
	if remedy.Code(err) != "schema.prefix-differs" || !strings.Contains(fmt.Sprint(err), "Foo") {
		t.Errorf("got %v", err)
	}
	plan(t, root, "plugin_wallet", "Wallet")
}

// What only looks like a plugin's folder may be another's.
func TestNothingIsWrittenIntoAFolderOfAnotherName(t *testing.T) {
	root := t.TempDir()
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_video_studio\"]\n}\n")
	write(t, root, "plugins/video-studio/backend/package.json", "{}\n")
	write(t, root, "plugins/my-video/backend/package.json", "{}\n")
	p := plan(t, root, "plugin_video", "")
	for _, s := range p.Steps {
		if strings.HasPrefix(s.Edit.Path, "plugins/") {
			t.Errorf("%s: %s", s.Edit.Path, s.Title)
		}
	}
	if p.Owner != "" {
		t.Errorf("the owner is %s", p.Owner)
	}
}

func TestAnInitScriptThatIsNotThereIsMade(t *testing.T) {
	const schema = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_a\"]\n}\n"
	for name, before := range map[string]string{"not there": "", "without a schema": "-- Nothing yet.\r\nSELECT 1;"} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, defaultSchemaFile, schema)
			if before != "" {
				write(t, root, defaultInitSQL, before)
			}
			if r := check(t, Options{Root: root}); r.clean() {
				t.Error("nothing is found")
			}
			if _, err := Mend(context.Background(), Options{Root: root}, nil); err != nil {
				t.Fatal(err)
			}
			nl := newline([]byte(before))
			fixed := strings.TrimPrefix(before+nl, "\n") + "CREATE SCHEMA IF NOT EXISTS plugin_a;" + nl
			if got := read(t, root, defaultInitSQL); got != fixed {
				t.Errorf("mended it is %q, want %q", got, fixed)
			}
			if r := check(t, Options{Root: root}); !r.clean() {
				t.Errorf("still found: %s", r.Findings[0].Message)
			}

			other := t.TempDir()
			write(t, other, defaultSchemaFile, schema)
			if before != "" {
				write(t, other, defaultInitSQL, before)
			}
			if err := plan(t, other, "b", "").Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, want := read(t, other, defaultInitSQL), fixed+"CREATE SCHEMA IF NOT EXISTS plugin_b;"+nl; got != want {
				t.Errorf("with another schema it is %q, want %q", got, want)
			}
			if again := plan(t, other, "b", ""); !again.Empty() {
				t.Errorf("the second plan:\n%s", again.Diff())
			}
		})
	}
}

// Grants and arrays get the new schema in the style in which they are written; what is only reported is left alone.
func TestASchemaIsAddedToGrantsAndArraysInTheirStyle(t *testing.T) {
	root := t.TempDir()
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\", \"plugin_wallet\", \"plugin_gateway\"]\n}\n")
	write(t, root, defaultInitSQL, "CREATE SCHEMA plugin_wallet;\nCREATE SCHEMA plugin_gateway;\n")
	before := map[string]string{
		"db/grants.sql": "GRANT USAGE ON SCHEMA public, plugin_wallet, plugin_gateway TO app;\n" +
			"GRANT SELECT ON ALL TABLES IN SCHEMA plugin_wallet TO app;\n  GRANT SELECT ON ALL TABLES IN SCHEMA plugin_gateway TO app;\n-- the end\n",
		"db/lines.sql":    "GRANT USAGE ON SCHEMA\n    \"plugin_wallet\",\n    \"plugin_gateway\"\n  TO app\n",
		"db/crlf.sql":     "grant usage on schema plugin_wallet to app;\r\ngrant usage on schema plugin_gateway to app\r\n",
		"bin/grants.sh":   "psql <<SQL\nGRANT USAGE ON SCHEMA plugin_wallet, plugin_gateway TO app;\nSQL\n",
		"bin/case.sh":     "case $1 in plugin_wallet|plugin_gateway) ;; esac\n",
		"docs/schemas.md": "| plugin_wallet | a |\n| plugin_gateway | b |\n",
		"src/short.ts":    "export const schemas = ['plugin_wallet', 'plugin_gateway'];\n",
		"src/lines.ts":    "export const PLUGIN_SCHEMAS = [\n\t\"plugin_wallet\", // the first\n\t\"plugin_gateway\", // the second\n] as const;\n",
		"src/bare.ts":     "const schemas = {\n  all: [\n    'plugin_wallet',\n    'plugin_gateway' // the second\n  ],\n};\n",
		"src/skip.ts":     "export const skipSchemas = ['plugin_wallet', 'plugin_gateway'];\n",
	}
	for name, text := range before {
		write(t, root, name, text)
	}
	plan, err := PlanSchemaAdd(t.Context(), Options{Root: root}, "chat", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"db/grants.sql": "GRANT USAGE ON SCHEMA public, plugin_wallet, plugin_gateway, plugin_chat TO app;\n" +
			"GRANT SELECT ON ALL TABLES IN SCHEMA plugin_wallet TO app;\n  GRANT SELECT ON ALL TABLES IN SCHEMA plugin_gateway TO app;\n" +
			"  GRANT SELECT ON ALL TABLES IN SCHEMA plugin_chat TO app;\n-- the end\n",
		"db/lines.sql":    "GRANT USAGE ON SCHEMA\n    \"plugin_wallet\",\n    \"plugin_gateway\",\n    \"plugin_chat\"\n  TO app\n",
		"db/crlf.sql":     "grant usage on schema plugin_wallet to app;\r\ngrant usage on schema plugin_gateway to app;\r\ngrant usage on schema plugin_chat to app\r\n",
		"bin/grants.sh":   "psql <<SQL\nGRANT USAGE ON SCHEMA plugin_wallet, plugin_gateway, plugin_chat TO app;\nSQL\n",
		"bin/case.sh":     before["bin/case.sh"],
		"docs/schemas.md": before["docs/schemas.md"],
		"src/short.ts":    "export const schemas = ['plugin_wallet', 'plugin_gateway', 'plugin_chat'];\n",
		"src/lines.ts":    "export const PLUGIN_SCHEMAS = [\n\t\"plugin_wallet\", // the first\n\t\"plugin_gateway\", // the second\n\t\"plugin_chat\",\n] as const;\n",
		"src/bare.ts":     "const schemas = {\n  all: [\n    'plugin_wallet',\n    'plugin_gateway', // the second\n    'plugin_chat'\n  ],\n};\n",
		"src/skip.ts":     before["src/skip.ts"],
	} {
		if got := read(t, root, name); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	again, err := PlanSchemaAdd(t.Context(), Options{Root: root}, "chat", "")
	if err != nil || !again.Empty() {
		t.Errorf("the second plan is not empty: %v\n%s", err, again.Diff())
	}
	var left []string
	for _, f := range check(t, Options{Root: root}).Findings {
		left = append(left, f.Place.Path)
	}
	slices.Sort(left)
	if got := strings.Join(left, " "); got != "bin/case.sh docs/schemas.md" {
		t.Errorf("after it, findings in %s", got)
	}
}
