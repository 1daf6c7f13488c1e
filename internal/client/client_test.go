package client

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// compared returns what the only client of a schema is, with the Prisma file at packages/db/prisma below root.
func compared(t *testing.T, root, schema string) *Client {
	t.Helper()
	sources := []prisma.Source{{Name: "schema.prisma", Text: schema}}
	parsed, err := prisma.Parse(sources...)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(root, "packages", "db", "prisma", "schema.prisma")
	write(t, root, map[string]string{"packages/db/prisma/schema.prisma": schema})
	p, ok := Find(parsed.Generators[0], at, root)
	if !ok {
		t.Fatal("it is not a generator of clients")
	}
	return p.Compare(t.Context(), sources)
}

// described returns a client in one line for each model that differs.
func described(c *Client) []string {
	return append([]string{string(c.State)}, say.Each(c.Models, func(m Model) string { return m.Schema + "." + m.String() })...)
}

func TestEveryVersionsClientIsComparedWithTheSchema(t *testing.T) {
	for _, l := range layouts {
		t.Run(l.name, func(t *testing.T) {
			old := schemaWith(l.provider, l.output, models)
			root := write(t, t.TempDir(), l.files(old))
			if got := described(compared(t, root, old)); !slices.Equal(got, []string{"fresh"}) {
				t.Errorf("unchanged: %q", got)
			}
			now := schemaWith(l.provider, l.output, changed(t, "  tags  String[]\n", "  tags  String[]\n  nick  String?\n"))
			if got := described(compared(t, root, now)); !slices.Equal(got, []string{"stale", "public.User: nick String? is new"}) {
				t.Errorf("with a field: %q", got)
			}
		})
	}
}

func TestAClientIsStaleByWhatItsCodeDependsOn(t *testing.T) {
	for _, c := range []struct{ old, now, want string }{
		{"email String? ", "email String ", "public.User: email is String, and was String?"},
		{"tags  String[]", "tags  Int[]", "public.User: tags is Int[], and was String[]"},
		{"tags  String[]", "tags  String?", "public.User: tags is String?, and was String[]"},
		{"  tags  String[]\n", "", "public.User: tags is gone"},
		{"@default(A)", "@default(B)", "public.User: role is Role @default(B), and was Role @default(A)"},
		{"String?  @unique", "String?", "public.User: @@unique([email]) is gone"},
		{"  userId Int\n", "  userId Int @map(\"user_id\")\n", `plugin_x.Post: userId is Int @map("user_id"), and was Int`},
		{`@@map("posts")`, `@@map("post")`, `plugin_x.Post: @@map is "post", and was "posts"`},
		{`  @@map("posts")` + "\n", "", "plugin_x.Post: @@map is gone"},
		{"  B @map(\"b\")\n", "  B @map(\"b\")\n  C\n", "public.Role: C is new"},
		{"  B @map(\"b\")\n", "  B\n", `public.Role: B is B, and was B @map("b")`},
		{"enum Role {", "model Tag {\n  id Int @id\n  @@schema(\"plugin_x\")\n}\n\nenum Role {", "plugin_x.Tag is new"},
		{"  body ", "  text ", `plugin_x.Post: text String @default("a\n\"b") is new; body is gone`},
		{"model Post {\n  id     Int                    @id\n", "model Post {\n  id     Int                    @id @default(autoincrement())\n",
			"plugin_x.Post: id is Int @default(autoincrement()), and was Int"},

		// What the code does not depend on.
		{"/// a", "/// another", ""},
		{"@db.VarChar(20)", "@db.VarChar(30)", ""},
		{"  @@map(\"posts\")\n", "  @@map(\"posts\")\n  @@index([userId])\n", ""},
		{"references: [id]", "references: [id], onDelete: Cascade", ""},
		{`Unsupported("circle")`, `Unsupported("box")`, ""},
		{"enum Role {", "model Hidden {\n  id Int @id\n  @@ignore\n  @@schema(\"public\")\n}\n\nenum Role {", ""},
		{"  tags  String[]\n", "  tags  String[]\n  old String? @ignore\n", ""},
		{"  @@map(\"posts\")\n  @@schema(\"plugin_x\")", "\t@@schema(\"plugin_x\")\r\n @@map(\"posts\")\r\n", ""},
	} {
		const provider, output = "prisma-client", "../src/generated"
		root := write(t, t.TempDir(), map[string]string{"packages/db/src/generated/internal/class.ts": config("7.10.0", schemaWith(provider, output, models))})
		want := []string{"stale", c.want}
		if c.want == "" {
			want = []string{"fresh"}
		}
		if got := described(compared(t, root, schemaWith(provider, output, changed(t, c.old, c.now)))); !slices.Equal(got, want) {
			t.Errorf("%q → %q:\n got %q\nwant %q", c.old, c.now, got, want)
		}
	}
}

func TestAModelThatIsGoneIsNamedWithItsSchema(t *testing.T) {
	const provider, output = "prisma-client", "../src/generated"
	more := models + "\nmodel Gone {\n  id Int @id\n\n  @@schema(\"plugin_x\")\n}\n"
	root := write(t, t.TempDir(), map[string]string{"packages/db/src/generated/internal/class.ts": config("7.10.0", schemaWith(provider, output, more))})
	if got := described(compared(t, root, schemaWith(provider, output, models))); !slices.Equal(got, []string{"stale", "plugin_x.Gone is gone"}) {
		t.Errorf("%q", got)
	}
}

func TestBlanksInAStringAreNotFormatting(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"a  b\n", "a b", true},
		{"a\r\n\tb", "ab", true},
		{`"a b"`, `"ab"`, false},
		{`"a\" b"`, `"a\"b"`, false},
		{`"a\" b" c`, `"a\" b"c`, true},
		{"// it's \"one\nx  y", "// it's \"one\nx y", true},
		{"a", "ab", false},
		{"ab", "a", false},
	} {
		if got := sameWords(c.a, []prisma.Source{{Text: c.b}}); got != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

func TestASchemaOfSeveralFilesIsComparedAsOne(t *testing.T) {
	const provider, output = "prisma-client", "../../src/generated"
	root := t.TempDir()
	whole := schemaWith(provider, output, models)
	at := strings.Index(whole, "datasource")
	sources := []prisma.Source{{Name: "a.prisma", Text: whole[at:]}, {Name: "sub/b.prisma", Text: whole[:at]}}
	write(t, root, map[string]string{"src/generated/internal/class.ts": config("6.19.0", whole), "schema/sub/b.prisma": "", "schema/a.prisma": ""})
	parsed, err := prisma.Parse(sources...)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := Find(parsed.Generators[0], filepath.Join(root, "schema", "sub", "b.prisma"), root) // the output is relative to its own file
	if got := described(p.Compare(t.Context(), sources)); !slices.Equal(got, []string{"fresh"}) {
		t.Errorf("%q", got)
	}
}

func TestOnlyClientsAreLookedFor(t *testing.T) {
	if _, ok := Find(&prisma.Generator{Provider: "zod-prisma", Output: "x"}, "/x/schema.prisma", "/x"); ok {
		t.Error("another generator's output is a client")
	}
}

func TestWhatIsNotThereOrCannotBeReadIsSaid(t *testing.T) {
	elsewhere := write(t, t.TempDir(), map[string]string{"generated/internal/class.ts": config("7.10.0", schemaWith("prisma-client", "../src/generated", models)), "schema.prisma": models})
	for _, c := range []struct {
		name, provider, output string
		files                  map[string]string
		link                   [2]string
		state                  State
		why                    string
	}{
		{name: "nothing installed", provider: "prisma-client-js", state: Missing, why: "@prisma/client is not installed"},
		{name: "nothing generated", provider: "prisma-client-js", files: map[string]string{
			"node_modules/@prisma/client/package.json": "{}", "node_modules/.prisma/client/default.js": "throw new Error('@prisma/client did not initialize yet')"}, state: Missing},
		{name: "no output yet", provider: "prisma-client", output: "../src/generated", state: Missing},
		{name: "a folder for a file", provider: "prisma-client", output: "../src/generated", files: map[string]string{"packages/db/src/generated/client.ts/x": ""}, state: Missing},
		{name: "beside the schema", provider: "prisma-client-js", output: ".", state: Missing},
		{name: "no output", provider: "prisma-client", state: Unread, why: "it does not say its output"},
		{name: "no schema in it", provider: "prisma-client", output: "../src/generated", files: map[string]string{"packages/db/src/generated/client.ts": "export {}"}, state: Unread, why: "the schema in its code was not found"},
		{name: "broken off", provider: "prisma-client", output: "../src/generated", files: map[string]string{"packages/db/src/generated/client.ts": `x = {"inlineSchema": "model A {\n`}, state: Unread, why: "the schema in its code was not found"},
		{name: "not a schema", provider: "prisma-client", output: "../src/generated", files: map[string]string{"packages/db/src/generated/client.ts": `x = {"inlineSchema": "Z2VuZXJhdG9yIGNsaWVudCB7"}`}, state: Unread, why: "the schema that it was generated for cannot be read"},
		{name: "outside by its name", provider: "prisma-client", output: "../../../../other/generated", state: Unread, why: "it is outside of the repository"},
		{name: "absolute", provider: "prisma-client", output: filepath.ToSlash(filepath.Join(elsewhere, "generated")), state: Unread, why: "it is outside of the repository"},
		{name: "outside by a link", provider: "prisma-client", output: "../src/generated", link: [2]string{filepath.Join(elsewhere, "generated"), "packages/db/src/generated"}, state: Unread, why: "it is outside of the repository"},
		{name: "a link in it", provider: "prisma-client-js", output: "../src", link: [2]string{filepath.Join(elsewhere, "schema.prisma"), "packages/db/src/schema.prisma"}, state: Unread, why: "it is outside of the repository"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := write(t, t.TempDir(), c.files)
			if c.link[0] != "" {
				at := write(t, root, map[string]string{filepath.ToSlash(filepath.Dir(c.link[1])) + "/keep": ""})
				if err := os.Symlink(c.link[0], filepath.Join(at, c.link[1])); err != nil {
					t.Skip(err)
				}
			}
			got := compared(t, root, schemaWith(c.provider, c.output, models))
			if got.State != c.state || got.Why != c.why {
				t.Errorf("%s, %q; want %s, %q", got.State, got.Why, c.state, c.why)
			}
		})
	}
}

// pnpm keeps the package, and with it the client, in its store, to which the packages' node_modules have links.
func TestTheClientIsInPnpmsStore(t *testing.T) {
	schema := schemaWith("prisma-client-js", "", models)
	const store = "node_modules/.pnpm/@prisma+client@6.19.0_prisma@6.19.0/node_modules"
	root := write(t, t.TempDir(), map[string]string{
		store + "/@prisma/client/package.json": "{}", store + "/.prisma/client/schema.prisma": schema,
		"packages/db/node_modules/@prisma/keep": "",
	})
	if err := os.Symlink(filepath.Join("..", "..", "..", "..", filepath.FromSlash(store), "@prisma", "client"), filepath.Join(root, "packages", "db", "node_modules", "@prisma", "client")); err != nil {
		t.Skip(err)
	}
	if got := compared(t, root, schema); got.State != Fresh {
		t.Errorf("%s, %q in %s", got.State, got.Why, got.Folder)
	}
}

func TestAnEndlessClientIsNotReadToItsEnd(t *testing.T) {
	root := write(t, t.TempDir(), map[string]string{"packages/db/src/generated/client.ts": ""})
	if err := os.Truncate(filepath.Join(root, "packages/db/src/generated/client.ts"), 1<<40); err != nil {
		t.Skip(err)
	}
	if got := compared(t, root, schemaWith("prisma-client", "../src/generated", models)); got.State != Unread || got.Why == "" {
		t.Errorf("%s, %q", got.State, got.Why)
	}
}

// BenchmarkFresh is what a status pays where the client is what the Prisma file says, BenchmarkStale where it is not.
func BenchmarkFresh(b *testing.B) { benchmark(b, "") }
func BenchmarkStale(b *testing.B) {
	benchmark(b, "\nmodel NewOne {\n  id Int @id\n  @@schema(\"public\")\n}\n")
}

func benchmark(b *testing.B, more string) {
	text, err := os.ReadFile(sharedtest.Path(b, "prisma/corpus/naap.prisma"))
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "schema.prisma")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		b.Fatal(err)
	}
	sources := []prisma.Source{{Name: "schema.prisma", Text: string(text) + more}}
	p := Place{File: file}
	want := Fresh
	if more != "" {
		want = Stale
	}
	for b.Loop() {
		if c := p.Compare(b.Context(), sources); c.State != want {
			b.Fatal(c.State, c.Why)
		}
	}
}
