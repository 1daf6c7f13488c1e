package rules

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

const soundSchema = "datasource db {\n  provider = \"postgresql\"\n  schemas  = [\"public\"]\n}\n\nmodel A {\n  id Int @id\n\n  @@schema(\"public\")\n}\n"

// secret is the content of a file outside of the tree.
const secret = "HIDE-ME-7"

func inUTF16(text string, order binary.AppendByteOrder, mark bool) string {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

// plant is a change to a valid workspace; outside is a folder beside it that contains a file with a secret.
type plant func(t *testing.T, root, outside string)

func file1(name, text string) plant {
	return func(t *testing.T, root, _ string) { write(t, root, name, text) }
}

func linkTo(name, target string) plant {
	return func(t *testing.T, root, outside string) {
		at := filepath.Join(root, filepath.FromSlash(name))
		_ = os.Remove(at)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(strings.ReplaceAll(target, "OUTSIDE", outside), at); err != nil {
			t.Fatal(err)
		}
	}
}

func both(all ...plant) plant {
	return func(t *testing.T, root, outside string) {
		for _, p := range all {
			p(t, root, outside)
		}
	}
}

// told returns all that a report says, in each of its formats.
func told(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	for _, err := range []error{r.Text(&out, TextStyle{Diffs: true}), r.JSON(&out), r.SARIF(&out, "v1.0.0"), r.GitHub(&out)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestWhatCannotBeReadIsFoundAndNeverQuoted(t *testing.T) {
	long := strings.Repeat("// "+strings.Repeat("x", 97)+"\n", largest/100+2)
	const own = "plugins/x/backend/src/own.ts"
	for name, c := range map[string]struct {
		plant plant
		path  string // where it is reported
		error bool
	}{
		"a schema with zeros":                   {file1(defaultSchemaFile, soundSchema+"\x00\x00"), defaultSchemaFile, true},
		"a binary schema":                       {file1(defaultSchemaFile, "\x7fELF\x02\x01\x01\x00\x00\xff\xfe"), defaultSchemaFile, true},
		"a schema in UTF-16LE":                  {file1(defaultSchemaFile, inUTF16(soundSchema, binary.LittleEndian, true)), defaultSchemaFile, true},
		"a schema in UTF-16BE":                  {file1(defaultSchemaFile, inUTF16(soundSchema, binary.BigEndian, true)), defaultSchemaFile, true},
		"one in UTF-16LE without its mark":      {file1(defaultSchemaFile, inUTF16(soundSchema, binary.LittleEndian, false)), defaultSchemaFile, true},
		"one in UTF-16BE without its mark":      {file1(defaultSchemaFile, inUTF16(soundSchema, binary.BigEndian, false)), defaultSchemaFile, true},
		"a schema in Latin-1":                   {file1(defaultSchemaFile, soundSchema+"// gr\xf6\xdfe\n"), defaultSchemaFile, true},
		"an empty schema":                       {file1(defaultSchemaFile, ""), defaultSchemaFile, true},
		"a schema of comments":                  {file1(defaultSchemaFile, "// nothing here\n\n"), defaultSchemaFile, true},
		"a schema too large":                    {file1(defaultSchemaFile, soundSchema+long), defaultSchemaFile, true},
		"a schema that is a link outside":       {linkTo(defaultSchemaFile, "OUTSIDE/secret"), defaultSchemaFile, true},
		"a schema linked to /etc/passwd":        {linkTo(defaultSchemaFile, "/etc/passwd"), defaultSchemaFile, true},
		"an init script that is a link outside": {linkTo(defaultInitSQL, "OUTSIDE/secret"), defaultInitSQL, true},
		"another schema that is a link outside": {linkTo("plugins/x/schema.prisma", "OUTSIDE/secret"), "plugins/x/schema.prisma", true},
		"a folder above that is a link outside": {func(t *testing.T, root, outside string) {
			if err := os.RemoveAll(filepath.Join(root, "packages")); err != nil {
				t.Fatal(err)
			}
			write(t, outside, "database/prisma/schema.prisma", soundSchema+"// "+secret+"\n")
			linkTo("packages", "OUTSIDE")(t, root, outside)
		}, defaultSchemaFile, true},
		"TypeScript in UTF-16":              {file1(own, inUTF16(breach, binary.LittleEndian, true)), own, true},
		"TypeScript in UTF-16BE":            {file1(own, inUTF16(breach, binary.BigEndian, true)), own, true},
		"TypeScript too large":              {file1(own, long+breach), own, false},
		"a compose file in UTF-16":          {file1("compose.yaml", inUTF16("services:\n  a:\n    image: postgres\n", binary.LittleEndian, true)), "compose.yaml", true},
		"a shell script with a zero":        {file1("bin/up.sh", "#!/bin/sh\npri\x00sma db push\n"), "bin/up.sh", false},
		"variables in UTF-16":               {file1("plugins/x/.env", inUTF16("DATABASE_URL=postgresql://a/b\n", binary.LittleEndian, true)), "plugins/x/.env", true},
		"a Dockerfile with a zero":          {file1("Dockerfile", "FROM postgres:16\n# \x00\n"), "Dockerfile", false},
		"a schema that nobody may exempt":   {both(file1(defaultSchemaFile, ""), file1("x.ts", "// naap-allow: readable it is fine\n")), defaultSchemaFile, true},
		"a link under the name of a script": {both(file1("notes.txt", breach), linkTo(own, "../../../../notes.txt")), own, true},
		"a link into what git ignores":      {both(file1(".gitignore", "hidden/\n"), file1("hidden/db.ts", breach), linkTo(own, "../../../../hidden/db.ts")), own, true},
		"the schema, ignored by git":        {both(file1(".gitignore", "*.prisma\n"), file1(defaultSchemaFile, soundSchema+"model B {\n  id Int @id\n}\n")), defaultSchemaFile, true},
	} {
		t.Run(name, func(t *testing.T) {
			root, outside := t.TempDir(), t.TempDir()
			write(t, outside, "secret", secret+" {\n")
			write(t, root, defaultSchemaFile, soundSchema)
			write(t, root, defaultInitSQL, "CREATE SCHEMA IF NOT EXISTS public;\n")
			c.plant(t, root, outside)
			r := check(t, Options{Root: root, Allow: []Allow{{Path: "packages/**", Rule: "readable", Reason: "it is fine", Line: 1}}})
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Place.Path == c.path })
			if i < 0 || c.error && r.Findings[i].Severity != Error {
				t.Errorf("found is %+v", r.Findings)
			}
			text := told(t, r)
			if strings.Contains(text, "all rules hold") || strings.Contains(text, secret) || strings.Contains(text, "root:x:") {
				t.Errorf("it says\n%s", text)
			}
		})
	}
}

func TestASchemaElsewhereIsNotTakenForOneThatHolds(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	write(t, outside, "other.prisma", "model "+secret+" {}\n")
	write(t, root, "node_modules/evil/schema.prisma", soundSchema+"model B {\n  id Int @id\n}\n")
	for place, want := range map[string]string{
		filepath.Join(outside, "other.prisma"): "outside of the workspace",
		"/etc/passwd":                          "outside of the workspace",
		"node_modules/evil/schema.prisma":      "the model B has no @@schema",
	} {
		r := check(t, Options{Root: root, SchemaFile: place})
		if text := told(t, r); r.clean() || !strings.Contains(text, want) || strings.Contains(text, secret) || strings.Contains(text, "root:x:") {
			t.Errorf("%s: it says\n%s", place, text)
		}
	}
}

func TestWhatIsLeftOutIsNamedInEveryFormat(t *testing.T) {
	for name, c := range map[string]struct {
		plant plant
		path  string
	}{
		"another repository":             {both(file1("plugins/x/.git/HEAD", "ref: refs/heads/main\n"), file1("plugins/x/own.ts", breach)), "plugins/x"},
		"a submodule":                    {both(file1("plugins/x/.git", "gitdir: ../../.git/modules/x\n"), file1("plugins/x/own.ts", breach)), "plugins/x"},
		"a folder called node_modules":   {file1("plugins/x/node_modules/own.ts", breach), "plugins/x/node_modules"},
		"a folder called vendor":         {file1("plugins/x/vendor/own.ts", breach), "plugins/x/vendor"},
		"a folder of generated code":     {file1("plugins/x/generated/own.ts", breach), "plugins/x/generated"},
		"a file that says it is made":    {file1("plugins/x/own.ts", "// @generated\n"+breach), "plugins/x/own.ts"},
		"a script that is a link":        {linkTo("plugins/x/own.ts", "OUTSIDE/secret"), "plugins/x/own.ts"},
		"a folder that is a link":        {linkTo("plugins/x", "OUTSIDE"), "plugins/x"},
		"variables that are a link":      {linkTo("plugins/x/.env", "OUTSIDE/secret"), "plugins/x/.env"},
		"a compose file that is a link":  {linkTo("docker-compose.yml", "OUTSIDE/secret"), "docker-compose.yml"},
		"a package.json that is a link":  {linkTo("plugins/x/package.json", "OUTSIDE/secret"), "plugins/x/package.json"},
		"a script by way of two links":   {both(linkTo("a", "OUTSIDE/secret"), linkTo("plugins/x/own.ts", "../../a")), "plugins/x/own.ts"},
		"a name that tries something":    {linkTo("plugins/x/\u202e\x1b]0;x\x07.ts", "OUTSIDE/secret"), "plugins/x/\u202e\x1b]0;x\x07.ts"},
		"a link to a file without a way": {linkTo("plugins/x/own.ts", "/proc/self/environ"), "plugins/x/own.ts"},
	} {
		t.Run(name, func(t *testing.T) {
			root, outside := t.TempDir(), t.TempDir()
			write(t, outside, "secret", secret)
			write(t, root, defaultSchemaFile, soundSchema)
			write(t, root, defaultInitSQL, "CREATE SCHEMA IF NOT EXISTS public;\n")
			c.plant(t, root, outside)
			r := check(t, Options{Root: root})
			if !r.clean() || len(r.LeftOut) == 0 || !slices.ContainsFunc(r.LeftOut, func(l LeftOut) bool { return l.Path == c.path }) {
				t.Fatalf("left out is %v; found is %v", r.LeftOut, r.Findings)
			}
			for format, write := range map[string]func(*bytes.Buffer) error{
				"text":   func(b *bytes.Buffer) error { return r.Text(b, TextStyle{}) },
				"json":   func(b *bytes.Buffer) error { return r.JSON(b) },
				"sarif":  func(b *bytes.Buffer) error { return r.SARIF(b, "v1.0.0") },
				"github": func(b *bytes.Buffer) error { return r.GitHub(b) },
			} {
				var out bytes.Buffer
				if err := write(&out); err != nil {
					t.Fatal(err)
				}
				if text := out.String(); !strings.Contains(text, "plugins/x") && !strings.Contains(text, c.path) || strings.Contains(text, secret) || strings.Contains(text, "all rules hold;") {
					t.Errorf("%s says\n%s", format, text)
				}
			}
		})
	}
}

func TestAnEmptyGitFolderHidesNothing(t *testing.T) {
	for _, name := range []string{"plugins/x/.git/keep", "plugins/x/.git"} {
		root := t.TempDir()
		write(t, root, name, "")
		write(t, root, "plugins/x/own.ts", breach)
		if r := check(t, Options{Root: root}); len(r.Findings) != 1 {
			t.Errorf("%s: found is %v", name, r.Findings)
		}
	}
}

func TestTheMarkOfUTF8ChangesNothing(t *testing.T) {
	const mark = "\ufeff"
	for name, text := range map[string]string{
		defaultSchemaFile:           soundSchema + "model B {\n  id Int @id\n}\n",
		"own.ts":                    breach,
		"plugins/x/.env":            "DATABASE_URL=postgresql://elsewhere/x\n",
		"compose.yaml":              "services:\n  a:\n    image: postgres:16\n",
		"plugins/x/package.json":    `{"dependencies": {"prisma": "1"}}` + "\n",
		"plugins/x/docker/a.env":    "DATABASE_URL=postgresql://elsewhere/x\n",
		"bin/init-schemas.sql":      "CREATE SCHEMA a;\n",
		"plugins/x/backend/up.yaml": "services:\n  a:\n    image: postgres:16\n",
	} {
		plain, marked := t.TempDir(), t.TempDir()
		write(t, plain, name, text)
		write(t, marked, name, mark+text)
		a, b := check(t, Options{Root: plain}), check(t, Options{Root: marked})
		var want, got []string
		for _, f := range a.Findings {
			want = append(want, f.Rule.ID+" "+f.Message)
		}
		for _, f := range b.Findings {
			got = append(got, f.Rule.ID+" "+f.Message)
		}
		if !slices.Equal(got, want) || name != "bin/init-schemas.sql" && len(got) == 0 {
			t.Errorf("%s: with the mark %q, without it %q", name, got, want)
		}
	}
}

func TestWhatIsSetAsideIsCountedByPlace(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"a.ts", "b.ts", "c.ts"} {
		write(t, root, name, breach)
	}
	write(t, root, "d.ts", "// naap-allow: own-client [see](https://evil.example)\n"+breach)
	r := check(t, Options{Root: root, Allow: []Allow{{Path: "**", Rule: "2", Reason: "all of it", File: "naap.toml", Line: 7}}})
	if len(r.Exceptions) != 1 || r.Exceptions[0].Findings != 4 {
		t.Errorf("%+v", r.Exceptions)
	}
	text := told(t, r)
	for _, want := range []string{
		"naap.toml:7 sets aside 4 findings of naap/2-own-client: all of it",
		`"findings": 4`, "::notice file=naap.toml,line=7,",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %s in\n%s", want, text)
		}
	}
	r = check(t, Options{Root: root})
	var sarif bytes.Buffer
	if err := r.SARIF(&sarif, ""); err != nil || !strings.Contains(sarif.String(), `[see\\](https`) {
		t.Errorf("a reason is a link: %v\n%s", err, sarif.String())
	}
}
