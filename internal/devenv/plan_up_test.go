package devenv

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// A dry run says what the up after it does: the same values, in the same order, and the same steps skipped for the same
// reasons.
func TestTheDryRunOfAnUpIsWhatItDoes(t *testing.T) {
	with := func(more map[string]string) map[string]string {
		all := map[string]string{
			"naap.toml": "schema = \"schema.prisma\"\ninit-sql = \"init.sql\"\n",
			"init.sql":  "CREATE SCHEMA IF NOT EXISTS shop;\n",
			"schema.prisma": `datasource db {
  provider = "postgresql"
  url      = ""
  schemas  = ["public", "shop"]
}

model Person {
  id    Int    @id
  note  String
  bills Bill[]

  @@schema("public")
}

model Bill {
  id     Int    @id
  note   String
  payer  Int
  person Person @relation(fields: [payer], references: [id])

  @@schema("shop")
}
`,
			"seeds/1-shop.sql":   "INSERT INTO shop.\"Bill\" (id, note, payer) VALUES (1, 'a', 7) ON CONFLICT DO NOTHING;\n",
			"seeds/2-public.sql": "INSERT INTO \"Person\" (id, note) VALUES (7, 'b') ON CONFLICT DO NOTHING;\n",
		}
		maps.Copy(all, more)
		maps.DeleteFunc(all, func(_, text string) bool { return text == "" })
		return all
	}
	others := map[string]string{"naap.toml": "schema = \"schema.prisma\"\n",
		"schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n\nmodel Ledger {\n  code String @id\n  at DateTime\n  sum Decimal\n}\n"}
	command := with(map[string]string{"naap.toml": "schema = \"schema.prisma\"\ninit-sql = \"init.sql\"\n[seed]\ncommand = \"touch ran\"\n"})
	loses := strings.ReplaceAll(with(nil)["schema.prisma"], "  note  String\n", "")
	for _, c := range []struct {
		name   string
		files  map[string]string
		before func(t *testing.T, url, root string) // what was done to the database, or to the files
		opt    UpOptions
		env    []string
		says   []string
		not    []string
	}{
		{name: "an empty database", says: []string{"note that the database is this workspace's", "run init.sql", "+ create table public.Person", "apply 2-public.sql\napply 1-shop.sql"}, not: []string{"do not ", "create schema shop"}},
		{name: "no tables", opt: UpOptions{NoPush: true, NoSeed: true}, says: []string{"do not create tables: asked to leave the tables alone", "do not apply seeds: asked to leave the rows alone"}, not: []string{"+ create", "apply 1", "note that"}},
		{name: "no tables, by a setting", env: []string{"NAAP_NO_PUSH=true", "NAAP_NO_SEED=true"}, says: []string{"do not create tables: asked", "do not apply seeds: asked"}, not: []string{"+ create", "apply 1"}},
		{name: "no rows", opt: UpOptions{NoSeed: true}, says: []string{"+ create table", "do not apply seeds: asked"}, not: []string{"apply 1"}},
		{name: "rows without tables", opt: UpOptions{NoPush: true}, before: upAgain, says: []string{"do not create tables", "apply seeds: nothing to do"}},
		{name: "again", before: upAgain, says: []string{"run init.sql", "create tables: nothing to do", "apply seeds: nothing to do"}, not: []string{"note that", "+ create", "apply 1", "do not"}},
		{name: "a seed changed", before: func(t *testing.T, url, root string) {
			upAgain(t, url, root)
			write(t, root, "seeds/1-shop.sql", "INSERT INTO shop.\"Bill\" (id, note, payer) VALUES (1, 'other', 7);\n")
		}, says: []string{"leave 1-shop.sql as it is"}, not: []string{"apply 1"}},
		{name: "a column would be lost", before: func(t *testing.T, url, root string) {
			upAgain(t, url, root)
			write(t, root, "schema.prisma", loses)
		}, opt: UpOptions{NoSeed: true}, says: []string{"hold back 1 step (naap dev diff)"}, not: []string{"create tables"}},
		{name: "another workspace's, adopted", before: upOf(others), opt: UpOptions{Adopt: true}, says: []string{"note that the database is this workspace's: it was that of ", "+ create table"}, not: []string{"ask first"}},
		{name: "another workspace's, attached to", before: upOf(others), opt: UpOptions{NoPush: true, NoSeed: true}, says: []string{"do not create schemas: the tables there are another workspace's"}, not: []string{"run init.sql", "note that"}},
		{name: "without asking", opt: UpOptions{AllowExternal: true}, not: []string{"ask first"}, says: []string{"+ create table"}},
		{name: "no init script", files: with(map[string]string{"init.sql": "", "naap.toml": "schema = \"schema.prisma\"\n"}), says: []string{"do not create schemas: the workspace has no init script", "+ create schema shop"}},
		{name: "an init script that is not allowed", files: with(map[string]string{"init.sql": "COPY (SELECT 1) TO PROGRAM 'true';\n"}), env: []string{"NAAP_TRUST="}, says: []string{"do not create schemas: init.sql reaches out of the database"}, not: []string{"run init.sql"}},
		{name: "a seed that is not allowed", files: with(map[string]string{"seeds/1-shop.sql": "COPY (SELECT 1) TO PROGRAM 'true';\n"}), env: []string{"NAAP_TRUST="}, says: []string{"apply 2-public.sql\nleave 1-shop.sql out"}, not: []string{"apply 1"}},
		{name: "no seeds", files: with(map[string]string{"seeds/1-shop.sql": "", "seeds/2-public.sql": ""}), says: []string{"do not apply seeds: the workspace has no seed files"}},
		{name: "a Prisma file without models", files: map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n"}, says: []string{"schema.prisma has no model"}},
		{name: "a seed command", files: command, says: []string{"run the workspace's seed command: "}},
		{name: "a seed command that ran", files: command, before: upAgain, says: []string{"do not run the workspace's seed command: it ran already"}},
		{name: "a seed command that is not allowed", files: command, env: []string{"NAAP_TRUST="}, says: []string{"do not run the workspace's seed command: not run: touch ran was not allowed"}},
		{name: "a seed command, rows left alone", files: command, opt: UpOptions{NoSeed: true}, not: []string{"seed command"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := c.files
			if files == nil {
				files = with(nil)
			}
			url, root := pgtest.NewDatabase(t), folder(t, files)
			if c.before != nil {
				c.before(t, url, root)
			}
			c.opt.Confirm = yes
			e := at(t, root, append([]string{"NAAP_DATABASE_URL=" + url}, c.env...)...)
			plan, err := e.PlanUp(t.Context(), c.opt)
			if err != nil {
				t.Fatal(remedy.Text(err))
			}
			var steps []progress.Step
			up, err := e.Up(t.Context(), c.opt, func(s progress.Step) { steps = append(steps, s) })
			if err != nil {
				t.Fatal(remedy.Text(err))
			}
			said := strings.Join(plan.databaseLines(remedy.Target{}), "\n")
			if did := strings.Join(up.plan.databaseLines(remedy.Target{}), "\n"); said != did {
				t.Errorf("it says\n%s\nand does\n%s", said, did)
			}
			for _, want := range c.says {
				if !strings.Contains(said, want) {
					t.Errorf("it does not say %q:\n%s", want, said)
				}
			}
			for _, never := range c.not {
				if strings.Contains(said, never) {
					t.Errorf("it says %q:\n%s", never, said)
				}
			}
			plannedAsReported(t, said, steps)
			if n := strings.Count(said, "+ create table "); n != up.Tables.Created {
				t.Errorf("%d tables were created:\n%s", up.Tables.Created, said)
			}
			for _, s := range up.Seeds.Applied {
				if !strings.Contains(said+"\n", "apply "+s.Name+"\n") {
					t.Errorf("%s was applied:\n%s", s.Name, said)
				}
			}
			if n := strings.Count("\n"+said, "\napply "); n != len(up.Seeds.Applied) && !strings.Contains(said, "nothing to do") {
				t.Errorf("%d seeds were applied:\n%s", len(up.Seeds.Applied), said)
			}
		})
	}
}

// plannedAsReported compares what a plan says of each step in the database with what was reported of it.
func plannedAsReported(t *testing.T, said string, steps []progress.Step) {
	t.Helper()
	titles := map[string]string{initStep: initTitle, tablesStep: tablesTitle, seedsStep: seedsTitle, commandStep: commandTitle}
	last := map[string]progress.Step{}
	var order []string
	for _, s := range steps {
		if titles[s.Name] != "" && !slices.Contains(order, s.Name) {
			order = append(order, s.Name)
		}
		last[s.Name] = s
	}
	if want := []string{initStep, tablesStep, seedsStep, commandStep}[:len(order)]; !slices.Equal(order, want) {
		t.Errorf("the steps are %q", order)
	}
	for _, name := range order {
		s := last[name]
		line := "do not " + strings.ToLower(s.Title[:1]) + s.Title[1:] + ": "
		left := s.Status == progress.Skipped || s.Status == progress.Warned && strings.Contains(s.Detail, "not run")
		switch {
		case s.Status == progress.Running || s.Status == progress.Failed:
			t.Errorf("%s ended as %s: %s", name, s.Status, s.Detail)
		case left && !strings.Contains(said, line+s.Detail):
			t.Errorf("%s was left out, %q, which is not said:\n%s", name, s.Detail, said)
		case !left && strings.Contains(said, line):
			t.Errorf("%s was done, %q, which is denied:\n%s", name, s.Detail, said)
		}
	}
}

func upAgain(t *testing.T, url, root string) {
	t.Helper()
	wantCode(t, "the up before", "", upAt(t, at(t, root, "NAAP_DATABASE_URL="+url), UpOptions{}))
}

// upOf returns a function that runs an up in another folder with these files.
func upOf(files map[string]string) func(t *testing.T, url, root string) {
	return func(t *testing.T, url, _ string) {
		t.Helper()
		upAgain(t, url, folder(t, files))
	}
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
