package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// copyTree copies a folder of read-only files into a new one that is writable.
func copyTree(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// write writes a file below root, creating its folders.
func write(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// snapshot returns the contents of all files of a tree.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func check(t *testing.T, o Options) *Report {
	t.Helper()
	r, err := Check(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The findings were examined one by one. Two things in the real workspace are right and look like breaches: its
// database package depends on Prisma, and its production stack has a database container with another name, which is the
// same database with the same schemas. The models of plugin_service_gateway have prefixes of their own, which one setting
// settles; DiscoveryPlan lacks that of its schema.
func TestThePlatformsRepositoryHasTheFindingsThatAPersonFinds(t *testing.T) {
	report := check(t, Options{Root: sharedtest.Path(t, "naap-repo")})
	var got []string
	for _, f := range report.Findings {
		if f.Rule != rulePrefix || f.Place.Path != defaultSchemaFile {
			t.Errorf("unexpected: %s:%d %s: %s", f.Place.Path, f.Place.Line, f.Rule.ID, f.Message)
		}
		name, _, _ := strings.Cut(f.Message, " ")
		got = append(got, f.Severity.String()+" "+name)
	}
	want := []string{"error 11", "warning DiscoveryPlan"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	setting := `set  plugin_service_gateway = ["Connector", "Gateway", "Service"]  in [check.prefixes]`
	if f := report.Findings[0]; !strings.Contains(f.Message, setting) || len(f.Related) != 10 || f.Fix == nil || f.Fix.Safe || !strings.Contains(f.Fix.Diff, "+[check.prefixes]") {
		t.Errorf("the family's finding is %+v", f)
	}
	if report.Files != 17 {
		t.Errorf("%d files were looked at, want 17", report.Files)
	}
}

// oracle asks Prisma's own parser, if it is installed on this machine. Where the collection is required, so is the
// parser.
func oracle(t *testing.T, schemaFile string) {
	t.Helper()
	dir := os.Getenv("PRISMA_ORACLE")
	if dir == "" {
		home, _ := os.UserHomeDir()
		dir = filepath.Join(home, ".cache", "prisma-oracle")
	}
	script := filepath.Join(dir, "ddl.sh")
	if _, err := os.Stat(script); err != nil {
		if os.Getenv("NAAP_TEST_SHARED") == "required" {
			t.Fatalf("Prisma's own parser is required: %v", err)
		}
		t.Log("Prisma's own parser is not set up here; only ours was asked")
		return
	}
	if out, err := exec.Command("bash", script, schemaFile).CombinedOutput(); err != nil {
		t.Errorf("Prisma refuses %s: %v\n%s", schemaFile, err, out)
	}
}

// The remaining findings on the platform itself are accepted with a reason, and prefixes are set; then the check is
// clean.
func TestThePlatformsRepositoryCanBeMadeClean(t *testing.T) {
	root := copyTree(t, sharedtest.Path(t, "naap-repo"))
	write(t, root, "plugins/late/backend/src/server.ts", "import { prisma } from '@naap/database';\n")
	write(t, root, "plugins/late/backend/package.json", "{\n  \"dependencies\": {\n    \"prisma\": \"^5\"\n  }\n}\n")
	write(t, root, "naap.toml", `[check.prefixes]
plugin_service_gateway = ["Service", "Connector", "Gateway"]

[[check.allow]]
path = "packages/database/prisma/schema.prisma"
rule = "7"
reason = "names from before the rule; renaming them is a migration of its own"
`)
	look := func() Options {
		ws, err := workspace.Find(t.Context(), root, workspace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return FromWorkspace(ws)
	}
	mended, err := Mend(t.Context(), look(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := mended.Report; !r.clean() || len(r.Accepted) == 0 || len(mended.Fixed) < 3 {
		t.Errorf("%d fixed, %d accepted, left %+v", len(mended.Fixed), len(r.Accepted), r.Findings)
	}
	plan, err := PlanSchemaAdd(t.Context(), look(), "tickets", "Tix")
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := check(t, look()); !r.clean() {
		t.Errorf("after a schema was added: %+v", r.Findings)
	}
	oracle(t, filepath.Join(root, filepath.FromSlash(defaultSchemaFile)))
}

func TestASchemaIsAddedToThePlatformsRepositoryInEveryPlace(t *testing.T) {
	root := copyTree(t, sharedtest.Path(t, "naap-repo"))
	write(t, root, "bin/start.sh", "#!/bin/bash\nPLUGIN_SCHEMAS=(\n  \"public\"\n  \"plugin_community\"\n  \"plugin_wallet\"\n  \"plugin_dashboard\"\n  \"plugin_daydream\"\n  \"plugin_gateway\"\n)\n")
	write(t, root, "plugins/video-studio/backend/package.json", "{\n  \"dependencies\": {\n    \"cors\": \"1\"\n  }\n}\n")
	o := Options{Root: root}
	before := check(t, o)
	plan, err := PlanSchemaAdd(context.Background(), o, "video-studio", "")
	if err != nil {
		t.Fatal(err)
	}
	if plan.Schema != "plugin_video_studio" || plan.Prefix != "VideoStudio" || plan.Owner != "plugins/video-studio" {
		t.Errorf("plan for %s, prefix %s, owner %s", plan.Schema, plan.Prefix, plan.Owner)
	}
	if err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		defaultSchemaFile: `"plugin_orchestrator_leaderboard", "plugin_video_studio"]`,
		defaultInitSQL:    "leaderboard;\nCREATE SCHEMA IF NOT EXISTS plugin_video_studio;\n",
		"bin/start.sh":    "  \"plugin_gateway\"\n  \"plugin_video_studio\"\n)\n",
		"plugins/video-studio/backend/src/db/client.ts": "import { prisma } from '@naap/database';\n\nexport { prisma };\nexport const db = prisma;\n",
		"plugins/video-studio/backend/package.json":     "  \"dependencies\": {\n    \"@naap/database\": \"*\",\n    \"cors\"",
	} {
		if text := read(t, root, name); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q:\n%s", name, want, text[max(0, len(text)-600):])
		}
	}
	if text := read(t, root, defaultSchemaFile); !strings.Contains(text, "// model VideoStudioItem {") {
		t.Error("no first model")
	}
	file := filepath.Join(root, filepath.FromSlash(defaultSchemaFile))
	if _, err := prisma.Parse(prisma.Source{Name: defaultSchemaFile, Text: read(t, root, defaultSchemaFile)}); err != nil {
		t.Errorf("our parser refuses the file: %v", err)
	}
	oracle(t, file)

	now := snapshot(t, root)
	again, err := PlanSchemaAdd(context.Background(), o, "plugin_video_studio", "")
	if err != nil {
		t.Fatal(err)
	}
	if !again.Empty() {
		t.Errorf("the second plan is not empty:\n%s", again.Diff())
	}
	if err := again.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(now, snapshot(t, root)) {
		t.Error("the second run changed files")
	}
	// The list in bin/start.sh lacked four schemas before, and still does; nothing is new.
	if after := check(t, o); len(after.Findings) != len(before.Findings) {
		t.Errorf("%d findings before, %d after", len(before.Findings), len(after.Findings))
	}
}

// The first model is a comment that becomes a model by removing the comment marks.
func TestTheFirstModelIsAcceptedByPrisma(t *testing.T) {
	root := copyTree(t, sharedtest.Path(t, "naap-repo"))
	plan, err := PlanSchemaAdd(context.Background(), Options{Root: root}, "tickets", "Tix")
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	text := read(t, root, defaultSchemaFile)
	head, model, found := strings.Cut(text, "// model TixItem {")
	if !found {
		t.Fatal("no first model")
	}
	var lines []string
	for line := range strings.SplitSeq("// model TixItem {"+model, "\n") {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	write(t, root, defaultSchemaFile, head+strings.Join(lines, "\n"))
	file := filepath.Join(root, filepath.FromSlash(defaultSchemaFile))
	schema, err := prisma.Parse(prisma.Source{Name: defaultSchemaFile, Text: read(t, root, defaultSchemaFile)})
	if err != nil {
		t.Fatal(err)
	}
	if last := schema.Models[len(schema.Models)-1]; last.Name != "TixItem" || last.Schema != "plugin_tickets" {
		t.Errorf("the last model is %s in %s", last.Name, last.Schema)
	}
	oracle(t, file)
	if got := read(t, root, "naap.toml"); got != "[check.prefixes]\nplugin_tickets = [\"Tix\"]\n" {
		t.Errorf("naap.toml:\n%s", got)
	}
	// The prefix in naap.toml applies once the caller passes it on.
	o := Options{Root: root, Prefixes: map[string][]string{"plugin_tickets": {"Tix"}}}
	for _, f := range check(t, o).Findings {
		if strings.Contains(f.Message, "Tix") {
			t.Errorf("found: %s", f.Message)
		}
	}
}

func TestTheSafeFixesMendACopyOfThePlatformsRepository(t *testing.T) {
	root := copyTree(t, sharedtest.Path(t, "naap-repo"))
	write(t, root, "packages/database/src/index.ts", "export * from './generated/client';\nexport { prisma } from './client';\n")
	write(t, root, "plugins/community/backend/src/server.ts", "import type { User } from \"@prisma/client\";\nimport { prisma } from '@naap/database';\n")
	write(t, root, "plugins/late/backend/src/server.ts", "import { prisma } from '@naap/database';\n")
	write(t, root, "plugins/late/backend/package.json", "{\n    \"name\": \"late\",\n    \"scripts\": {\n        \"db:push\": \"prisma db push\",\n        \"dev\": \"tsx\"\n    },\n    \"dependencies\": {\n        \"prisma\": \"^5\"\n    }\n}\n")
	write(t, root, "plugins/late/.env.example", "DATABASE_URL=\"postgresql://u:p@localhost:5439/late?x=1\" # why\n")
	write(t, root, "bin/x.sh", "SCHEMAS='public plugin_community plugin_wallet plugin_dashboard plugin_daydream plugin_gateway'\n")
	o := Options{Root: root}
	mended, err := Mend(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range mended.Report.Findings {
		if f.Rule != rulePrefix {
			t.Errorf("left: %s:%d %s: %s", f.Place.Path, f.Place.Line, f.Rule.ID, f.Message)
		}
	}
	for name, want := range map[string]string{
		"plugins/community/backend/src/server.ts": "import type { User } from \"@naap/database\";\nimport { prisma } from '@naap/database';\n",
		"plugins/late/backend/package.json":       "{\n    \"name\": \"late\",\n    \"scripts\": {\n        \"dev\": \"tsx\"\n    },\n    \"dependencies\": {\n        \"@naap/database\": \"*\"\n    }\n}\n",
		"plugins/late/.env.example":               "DATABASE_URL=\"postgresql://postgres:postgres@localhost:5432/naap?x=1\" # why\n",
		"bin/x.sh":                                "SCHEMAS='public plugin_community plugin_wallet plugin_dashboard plugin_daydream plugin_gateway plugin_capacity plugin_developer_api plugin_service_gateway plugin_orchestrator_leaderboard'\n",
	} {
		if got := read(t, root, name); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	now := snapshot(t, root)
	again, err := Mend(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Files) > 0 || !maps.Equal(now, snapshot(t, root)) {
		t.Errorf("the second run changed %q", again.Files)
	}
}

func TestTheMapListsEverySchemaWithItsOwnerAndModels(t *testing.T) {
	entries, err := SchemaMap(context.Background(), Options{Root: sharedtest.Path(t, "naap-repo")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	models := 0
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s %s %s %d", e.Schema, e.Owner, strings.Join(e.Prefix, ","), e.Models))
		models += e.Models
		if len(e.Missed) > 0 {
			t.Errorf("%s is said to miss in %q", e.Schema, e.Missed)
		}
	}
	want := []string{
		"public   52", "plugin_community community Community 9", "plugin_wallet my-wallet Wallet 19", "plugin_dashboard my-dashboard Dashboard 3",
		"plugin_daydream daydream-video Daydream 2", "plugin_gateway  Gateway 4", "plugin_capacity capacity-planner Capacity 3",
		"plugin_developer_api developer-api DevApi 4", "plugin_service_gateway  ServiceGateway 11", "plugin_orchestrator_leaderboard  Leaderboard 5",
	}
	if !slices.Equal(got, want) || models != 112 {
		text, _ := json.MarshalIndent(got, "", " ")
		t.Errorf("%d models in %s", models, text)
	}
}

func TestOnlyTheURLsOfTheOneDatabaseAreChangedUnseen(t *testing.T) {
	root := t.TempDir()
	before := "DATABASE_URL=postgresql://u:p@localhost:5433/x\n" +
		"TEST_DATABASE_URL=postgresql://u:p@localhost:5433/x_test\n" +
		"METABASE_DATABASE_URL=postgresql://u:p@localhost:5432/metabase\n" +
		"DIRECT_URL=postgresql://u:p@db.example.com:5432/x\n"
	write(t, root, ".env.example", before)
	mended, err := Mend(context.Background(), Options{Root: root}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, root, ".env.example"), strings.Replace(before, "u:p@localhost:5433/x\n", "postgres:postgres@localhost:5432/naap\n", 1); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, f := range mended.Report.Findings {
		if f.Place.Line == 3 && f.Severity != Warning {
			t.Errorf("another tool's database is an %s: %s", f.Severity, f.Message)
		}
	}
}

func TestAFixWritesALoginThatWorks(t *testing.T) {
	compose := "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n    environment:\n      POSTGRES_DB: naap\n" +
		"      POSTGRES_USER: naap\n      POSTGRES_PASSWORD: %s\n    volumes: [\"./docker/init-schemas.sql:/docker-entrypoint-initdb.d/1.sql\"]\n"
	for password, want := range map[string]string{
		"local":           "DATABASE_URL=postgresql://naap:local@localhost:5432/naap?x=1\n",
		"${PW:-fallback}": "DATABASE_URL=postgresql://naap:fallback@localhost:5432/naap?x=1\n",
		"${PW}":           "DATABASE_URL=postgresql://test:test@localhost:5433/test?x=1\n", // nobody here knows it
	} {
		root := t.TempDir()
		write(t, root, "docker-compose.yml", fmt.Sprintf(compose, password))
		write(t, root, ".env.example", "DATABASE_URL=postgresql://test:test@localhost:5433/test?x=1\n")
		if _, err := Mend(t.Context(), Options{Root: root}, nil); err != nil {
			t.Fatal(err)
		}
		if got := read(t, root, ".env.example"); got != want {
			t.Errorf("with the password %s: %s", password, got)
		}
	}
}
