package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

func TestFolderWithoutMarkUsesTheBuiltInWorkspace(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "docker-compose.yml"), "services: {web: {image: x, container_name: web}}\n")
	w := mustFind(t, dir, nil)
	equal(t, "kind", w.Kind, Builtin)
	equal(t, "root", w.Root, "")
	equal(t, "init script", w.Init.Path, "builtin:init-schemas.sql")
	if w.Init.OnDisk() || !strings.Contains(w.SchemaFiles[0].Text, "datasource") || w.Seeds.Files(t.Context()) == nil {
		t.Errorf("the built-in files are incomplete: %+v", w)
	}
	if !strings.Contains(w.Describe(), "built-in") {
		t.Errorf("Describe does not say that it is the built-in one: %s", w.Describe())
	}
	equal(t, "owner of plugin_wallet", w.OwnerOf("plugin_wallet"), "my-wallet")
	equal(t, "container", w.Settings.Container, "naap-db")
	equal(t, "volume", w.Settings.Volume, "naap-db-data")
	equal(t, "url", w.Settings.URL("localhost", 5432), "postgresql://postgres:postgres@localhost:5432/naap")
}

func TestMonorepoIsFoundFromASubfolder(t *testing.T) {
	root := tree(t, "monorepo")
	w := mustFind(t, filepath.Join(root, "plugins", "demo", "backend"), nil)
	equal(t, "kind", w.Kind, Monorepo)
	equal(t, "root", w.Root, root)
	equal(t, "mark", w.FoundBy, schemaMark)
	equal(t, "schema", w.SchemaName(), schemaMark)
	equal(t, "schema text", w.SchemaFiles[0].Text, "model User { id Int @id }\n")
	equal(t, "init script", w.Init.Name, "docker/init-schemas.sql")
	equal(t, "owner by folder", w.OwnerOf("plugin_demo"), "demo")
	equal(t, "owner by my-", w.OwnerOf("plugin_wallet"), "my-wallet")
	equal(t, "owner of public", w.OwnerOf("public"), "base-svc")
	equal(t, "owner of an unknown one", w.OwnerOf("plugin_some_thing"), "some-thing")
}

func TestNearestMarkWins(t *testing.T) {
	root := tree(t, "monorepo")
	inner := filepath.Join(root, "plugins", "demo")
	write(t, filepath.Join(inner, "naap.toml"), "port = 7000\n")
	w := mustFind(t, filepath.Join(inner, "backend"), nil)
	equal(t, "root", w.Root, inner)
	equal(t, "kind", w.Kind, Builtin)
	equal(t, "port", w.Settings.Port, 7000)
}

func TestSchemaFolderNamedByPackageJSONIsReadInOrder(t *testing.T) {
	root := tree(t, "folder")
	w := mustFind(t, filepath.Join(root, "sub", "deep"), nil)
	equal(t, "kind", w.Kind, Monorepo)
	var names []string
	for _, f := range w.SchemaFiles {
		names = append(names, f.Name)
	}
	equal(t, "files", strings.Join(names, " "), "packages/database/prisma/parts/a/a.prisma packages/database/prisma/parts/b.prisma packages/database/prisma/parts/migrations/x.prisma")
	equal(t, "seeds", w.Seeds.Name, "seeds")
	if w.Seeds.Files(t.Context()) == nil {
		t.Error("the seeds folder was not opened")
	}
	equal(t, "owner from naap.toml", w.OwnerOf("plugin_demo"), "the-demo")
	equal(t, "prefixes from naap.toml", strings.Join(w.Settings.Check.Prefixes["plugin_demo"], " "), "Demo Dm")
}

func TestSchemaPrismaMayBeAFolder(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, schemaMark, "one.prisma"), "model A { id Int @id }")
	w := mustFind(t, root, nil)
	equal(t, "kind", w.Kind, Monorepo)
	equal(t, "files", len(w.SchemaFiles), 1)
}

func TestComposeFileAloneHasNothingToPush(t *testing.T) {
	w := mustFind(t, tree(t, "override"), nil)
	equal(t, "kind", w.Kind, ComposeOnly)
	equal(t, "schema files", len(w.SchemaFiles), 0)
	if w.Init != nil {
		t.Errorf("an init script came from nowhere: %v", w.Init.Path)
	}
}

func TestMissingFilesThatAreSetAreErrors(t *testing.T) {
	dir := t.TempDir()
	for env, code := range map[string]string{
		"NAAP_SCHEMA=none.prisma": "workspace.schema",
		"NAAP_INIT_SQL=none.sql":  "workspace.init",
	} {
		_, err := find(t, dir, nil, env)
		equal(t, env, remedy.Code(err), code)
	}
	_, err := find(t, filepath.Join(dir, "nowhere"), nil)
	equal(t, "missing folder", remedy.Code(err), "workspace.dir")
	write(t, filepath.Join(dir, "file"), "")
	_, err = find(t, filepath.Join(dir, "file"), nil)
	equal(t, "file as a folder", remedy.Code(err), "workspace.dir")
}

func TestStateAndCacheFollowXDG(t *testing.T) {
	home := t.TempDir()
	state := filepath.Join(home, "s")
	f, err := foldersFrom(environment{"HOME": home, "XDG_STATE_HOME": state, "XDG_CACHE_HOME": "relative"})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "state", f.State, filepath.Join(state, "naap"))
	equal(t, "instance", f.Instance("x"), filepath.Join(state, "naap", "instances", "x"))
	if !strings.HasPrefix(f.Cache, home) {
		t.Errorf("a relative XDG folder must be ignored, cache is %s", f.Cache)
	}
}

func TestRealMonorepo(t *testing.T) {
	root := sharedtest.Path(t, "naap-repo")
	w := mustFind(t, filepath.Join(root, "packages", "database"), nil)
	equal(t, "kind", w.Kind, Monorepo)
	equal(t, "init script", w.Init.Name, "docker/init-schemas.sql")
	equal(t, "image", w.Settings.Image, "postgres:16-alpine")
	equal(t, "container", w.Settings.Container, "naap-db")
	equal(t, "volume", w.Settings.Volume, w.Compose.Project+"_naap-db-data")
	equal(t, "port", w.Settings.Port, 5432)
	equal(t, "init mount", w.Compose.InitMounts[0].Target, "/docker-entrypoint-initdb.d/01-init-schemas.sql")
	equal(t, "seed script", w.SeedCommands[0].Shown, "(cd packages/database && npm run db:seed)")
	for schema, owner := range map[string]string{
		"public": "base-svc", "plugin_community": "community", "plugin_wallet": "my-wallet", "plugin_dashboard": "my-dashboard",
		"plugin_daydream": "daydream-video", "plugin_gateway": "gateway-manager", "plugin_capacity": "capacity-planner",
		"plugin_developer_api": "developer-api", "plugin_service_gateway": "service-gateway",
		"plugin_orchestrator_leaderboard": "orchestrator-leaderboard",
	} {
		equal(t, "owner of "+schema, w.OwnerOf(schema), owner)
	}
	if len(w.SchemaFiles) != 1 || len(w.SchemaFiles[0].Text) < 50_000 {
		t.Error("the schema was not read whole")
	}
	data, err := os.ReadFile(w.SchemaPath)
	if err != nil || string(data) != w.SchemaFiles[0].Text {
		t.Errorf("the schema's text differs from its file: %v", err)
	}
}
