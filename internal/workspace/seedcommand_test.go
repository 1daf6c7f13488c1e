package workspace

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func onlyCommand(t *testing.T, w *Workspace) SeedCommand {
	t.Helper()
	if len(w.SeedCommands) != 1 {
		t.Fatalf("there are %d commands: %+v", len(w.SeedCommands), w.SeedCommands)
	}
	return w.SeedCommands[0]
}

func TestSeedCommandOfPackageJSON(t *testing.T) {
	w := mustFind(t, tree(t, "monorepo"), nil)
	c := onlyCommand(t, w)
	equal(t, "script", c.Text, "tsx prisma/seed.ts")
	equal(t, "arguments", strings.Join(c.Args, " "), "pnpm run db:seed")
	equal(t, "shown", c.Shown, "(cd packages/database && pnpm run db:seed)")
	if why := c.Missing(w); !strings.Contains(why, "node_modules") {
		t.Errorf("it does not say what is missing: %q", why)
	}

	w = mustFind(t, tree(t, "folder"), nil)
	c = onlyCommand(t, w)
	equal(t, "source", c.Source, "packages/database/package.json prisma.seed")
	equal(t, "ledger", c.LedgerName(), "command: packages/database/package.json prisma.seed")
	equal(t, "command", c.Text, "node seed.js")
	equal(t, "missing", c.Missing(w), "")
	equal(t, "first bin folder", c.Bin[0], filepath.Join(w.Root, "packages/database/node_modules/.bin"))

	if w = mustFind(t, w.Root, nil, "NAAP_SEED_COMMAND=-"); len(w.SeedCommands) > 0 {
		t.Errorf("a command is left although it was switched off: %+v", w.SeedCommands)
	}
	w = mustFind(t, w.Root, nil, "NAAP_SEED_COMMAND=make seed")
	equal(t, "command", onlyCommand(t, w).Text, "make seed")
}

// commands returns a workspace with a naap.toml and other files, whose Prisma file is in packages/database.
func withCommands(t *testing.T, toml string, files map[string]string) *Workspace {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "naap.toml"), toml)
	write(t, filepath.Join(root, schemaMark), plain)
	for name, text := range files {
		write(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	return mustFind(t, root, nil)
}

func TestSeveralSeedCommandsKeepTheirOrderAndSayWhen(t *testing.T) {
	w := withCommands(t, `[[seed.command]]
run = "./first.sh"
[[seed.command]]
name = "web"
run = "make seed"
dir = "apps/web"
when = "empty:public.User"
needs = "apps/web/node_modules"
watch = ["apps/web/seeds/**", "apps/web/seed.ts"]
  [[ seed.command ]]
name = "last"
run = "true"
when = "always"
`, map[string]string{"apps/web/seed.ts": ""})
	var got []string
	for _, c := range w.SeedCommands {
		got = append(got, strings.Join([]string{c.Name, c.Where, c.Occasion(), c.Shown, c.Missing(w)}, "|"))
	}
	equal(t, "commands", strings.Join(got, "\n"), "./first.sh|naap.toml:1|once|./first.sh|\n"+
		"web|naap.toml:3|empty:public.User|(cd apps/web && make seed)|it needs apps/web/node_modules, which is not there: install the dependencies\n"+
		"last|naap.toml:10|always|true|")
	rows := 0
	for _, row := range w.Settings.Table() {
		if row.Name == "seed.command" && row.Origin != "default" {
			rows++
		}
	}
	equal(t, "rows of the settings", rows, 3)
}

// What is asked about, and what has run, is the script behind `npm run`, not these words.
func TestASeedCommandIsTheScriptThatItRuns(t *testing.T) {
	files := map[string]string{
		"packages/database/package.json": `{"prisma": {"seed": "tsx seed.ts"}, "scripts": {"db:seed": "tsx other.ts", "predb:seed": "id"}}`,
		"apps/web/package.json":          `{"scripts": {"seed": "node seed.js"}}`,
	}
	entry := func(run, dir string) SeedCommand {
		return onlyCommand(t, withCommands(t, "[[seed.command]]\nname = \"x\"\nrun = \""+run+"\"\ndir = \""+dir+"\"\n", files))
	}
	before := onlyCommand(t, withCommands(t, "", files))
	now := entry("npx  prisma db seed", "packages/database")
	equal(t, "text", now.Text, "tsx seed.ts")
	equal(t, "hash of what was allowed", now.Item().Hash(), before.Item().Hash())
	equal(t, "former names", strings.Join(now.FormerNames(), ","), before.LedgerName())
	equal(t, "script", entry("npm run db:seed", "packages/database").Text, "predb:seed: id\ndb:seed: tsx other.ts")
	equal(t, "short form", entry("yarn seed", "apps/web").Text, "node seed.js")
	equal(t, "unknown script", entry("npm run seed:x", "apps/web").Text, "(cd apps/web && npm run seed:x)")
	equal(t, "more than a script", entry("npm run seed && id", "apps/web").Text, "(cd apps/web && npm run seed && id)")
}

func TestAnotherNameOrTimeIsNotAnotherText(t *testing.T) {
	hash := func(toml string) string { return onlyCommand(t, withCommands(t, toml, nil)).Item().Hash() }
	one := hash("[[seed.command]]\nname = \"a\"\nrun = \"make seed\"\n")
	equal(t, "another name, time and line", hash("# a word\n[[seed.command]]\nname = \"b\"\nrun = \"make seed\"\nwhen = \"always\"\nneeds = \"x\"\n"), one)
	long := strings.Repeat("x", 50)
	if hash("[[seed.command]]\nrun = \""+long+"a\"\n") == hash("[[seed.command]]\nrun = \""+long+"b\"\n") {
		t.Error("another end of a long text is the same")
	}
	if hash("[[seed.command]]\nname = \"a\"\nrun = \"make seed2\"\n") == one || hash("[[seed.command]]\nname = \"a\"\nrun = \"make seed\"\ndir = \"x\"\n") == one {
		t.Error("another text, or another folder, is the same")
	}
}

func TestAWatchedFileChangesItsCommand(t *testing.T) {
	w := withCommands(t, "[[seed.command]]\nname = \"a\"\nrun = \"make seed\"\ndir = \"app\"\nwatch = [\"app/data/**/*.json\", \"app/seed.ts\"]\n", map[string]string{
		"app/data/deep/a.json": "1", "app/data/b.txt": "1", "app/seed.ts": "1", "app/data/node_modules/c.json": "1", "Makefile": "seed:\n",
	})
	c := onlyCommand(t, w)
	at := func(name string) string { return filepath.Join(w.Root, filepath.FromSlash(name)) }
	last := c.Hash(t.Context(), w)
	for _, step := range []struct {
		name    string
		changed bool
	}{{"app/data/deep/a.json", true}, {"app/seed.ts", true}, {"app/data/new.json", true}, {"app/data/b.txt", false}, {"app/data/node_modules/c.json", false}, {"Makefile", false}} {
		write(t, at(step.name), "2")
		now := c.Hash(t.Context(), w)
		equal(t, step.name+" changes it", now != last, step.changed)
		last = now
	}
	if err := os.Rename(at("app/data/new.json"), at("app/data/newer.json")); err != nil {
		t.Fatal(err)
	}
	equal(t, "a new name changes it", c.Hash(t.Context(), w) != last, true)
}

func TestSeedCommandsThatNothingChoosesAreFound(t *testing.T) {
	files := map[string]string{
		"package.json":                            `{"scripts": {"db:seed": "./bin/seed.sh"}}`,
		"packages/database/package.json":          `{"scripts": {"db:seed": "tsx seed.ts"}}`,
		"apps/web/package.json":                   "{\n\"prisma\": {\n\"seed\": \"tsx web.ts\"}}",
		"apps/new/package.json":                   "{}",
		"apps/new/prisma.config.ts":               "export default { migrations: { seed: 'tsx new.ts' } }",
		"apps/web/node_modules/dep/package.json":  `{"scripts": {"db:seed": "no"}}`,
		"plugins/a/backend/package.json":          `{"scripts": {"db:seed": "tsx a.ts"}}`,
		"plugins/broken/package.json":             `{`,
		".hidden/package.json":                    `{"scripts": {"db:seed": "no"}}`,
		"a/b/c/d/e/too/deep/package.json":         `{"scripts": {"db:seed": "no"}}`,
		"packages/database/prisma/seed/README.md": "",
	}
	found := func(w *Workspace) string {
		var got []string
		for _, c := range w.OtherSeedCommands(t.Context()) {
			got = append(got, c.Source+" ("+c.Where+"): "+strings.Join(c.Entry(w), "; "))
		}
		return strings.Join(got, "\n")
	}
	w := withCommands(t, "", files)
	equal(t, "chosen", onlyCommand(t, w).Source, "packages/database/package.json scripts.db:seed")
	equal(t, "found", found(w), `package.json scripts.db:seed (package.json:1): [[seed.command]]; run = "npm run db:seed"
apps/new/prisma.config.ts migrations.seed (apps/new/prisma.config.ts): [[seed.command]]; run = "npx prisma db seed"; dir = "apps/new"
apps/web/package.json prisma.seed (apps/web/package.json:3): [[seed.command]]; run = "npx prisma db seed"; dir = "apps/web"
plugins/a/backend/package.json scripts.db:seed (plugins/a/backend/package.json:1): [[seed.command]]; run = "npm run db:seed"; dir = "plugins/a/backend"`)
	// What is chosen as it was shown is not found any more.
	w = withCommands(t, "[[seed.command]]\nrun = \"npx prisma db seed\"\ndir = \"apps/web\"\n[[seed.command]]\nrun = \"npm run db:seed\"\n", files)
	if got := found(w); strings.Contains(got, "apps/web") || strings.Contains(got, "\npackage.json") || !strings.Contains(got, "packages/database/package.json scripts.db:seed") {
		t.Errorf("found: %s", got)
	}
}

func TestMistakesInSeedCommandsAndHooksAreNamed(t *testing.T) {
	for toml, says := range map[string]string{
		"[[seed.command]]\nname = \"a\"\n":                               "it needs what to run",
		"[[seed.command]]\nrun = 3\n":                                    "run must be a string",
		"[[seed.command]]\nrun = \"a\"\nwatsh = []\n":                    "did you mean watch?",
		"[[seed.command]]\nrun = \"a\"\nwatch = \"a\"\n":                 "watch must be a list of patterns",
		"[[seed.command]]\nrun = \"a\"\nwatch = [\"[\"]\n":               "watch must be a list of patterns",
		"[[seed.command]]\nrun = \"a\"\nwatch = [\"../x/*\"]\n":          "watch must be a list of patterns",
		"[[seed.command]]\nrun = \"a\"\nwhen = \"weekly\"\n":             "once, changed, always or empty:TABLE",
		"[[seed.command]]\nrun = \"a\"\nwhen = \"empty:\"\n":             "once, changed, always or empty:TABLE",
		"[[seed.command]]\nrun = \"a\"\ndir = \"../other\"\n":            "dir must be a folder of the workspace",
		"[[seed.command]]\nrun = \"a\"\ndir = \"/etc\"\n":                "dir must be a folder of the workspace",
		"[[seed.command]]\nrun = \"a\"\nneeds = \"/etc/passwd\"\n":       "needs must be a file or folder",
		"[[seed.command]]\nrun = \"a\"\n[[seed.command]]\nrun = \"a\"\n": `two seed commands are called "a"`,
		"[seed.command]\nrun = \"a\"\n":                                  "seed.command must be",
		"[push]\nafter = \"npx prisma generate\"\n":                      "push.after must be a list of commands",
		"[push]\nafter = [\"\"]\n":                                       "push.after must be a list of commands",
		"[push]\nbefore = [\"a\"]\n":                                     `no setting "push.before"`,
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "naap.toml"), toml)
		_, err := Find(context.Background(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
		if remedy.Code(err) != "settings.file" || !strings.Contains(remedy.Text(err), says) {
			t.Errorf("%q: %s", toml, remedy.Text(err))
		}
	}
}

func TestASeedCommandsFolderDoesNotLeadOutOfTheWorkspace(t *testing.T) {
	w := withCommands(t, "[[seed.command]]\nrun = \"true\"\ndir = \"link\"\n", nil)
	if err := os.Symlink(t.TempDir(), filepath.Join(w.Root, "link")); err != nil {
		t.Skip(err)
	}
	if why := onlyCommand(t, w).Missing(w); !strings.Contains(why, "leads out of the workspace") {
		t.Errorf("it would run there: %q", why)
	}
}
