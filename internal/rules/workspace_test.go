package rules

import (
	"context"
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/workspace"
)

func findWorkspace(t *testing.T, dir string, env ...string) *workspace.Workspace {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	ws, err := workspace.Find(context.Background(), dir, workspace.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

func TestTheBuiltInWorkspaceKeepsTheRules(t *testing.T) {
	o := FromWorkspace(findWorkspace(t, t.TempDir()))
	r := check(t, o)
	for _, f := range r.Findings {
		t.Errorf("%s:%d %s: %s", f.Place.Path, f.Place.Line, f.Rule.ID, f.Message)
	}
	if r.Files != 2 {
		t.Errorf("%d files were looked at, want the schema and the init script", r.Files)
	}
	entries, err := SchemaMap(context.Background(), o)
	if err != nil || len(entries) != 8 {
		t.Errorf("%d schemas: %v", len(entries), err)
	}
}

func TestTheSettingsOfAWorkspaceBecomeOptions(t *testing.T) {
	root := t.TempDir()
	write(t, root, defaultSchemaFile, "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n  schemas  = [\"public\", \"plugin_market\"]\n}\n\nmodel StallBox {\n  id String @id\n\n  @@schema(\"plugin_market\")\n}\n")
	write(t, root, defaultInitSQL, "CREATE SCHEMA plugin_market;\n")
	write(t, root, "naap.toml", "port = 15432\n\n[check.prefixes]\nplugin_market = [\"Market\", \"Stall\"]\n\n[[check.allow]]\npath = \"examples/**\"\nrule = 2\nreason = \"shows the old layout\"\n")
	write(t, root, "examples/x/a.ts", breach)
	write(t, root, ".env", "DATABASE_URL=postgresql://postgres:postgres@localhost:15432/naap\n")
	o := FromWorkspace(findWorkspace(t, root, "NAAP_PORT=7777"))
	if o.Root == "" || o.SchemaFile != defaultSchemaFile || o.InitSQL != defaultInitSQL || !slices.Equal(o.Prefixes["plugin_market"], []string{"Market", "Stall"}) {
		t.Errorf("options %+v", o)
	}
	if len(o.Allow) != 1 || o.Allow[0].Rule != "2" || o.Allow[0].File != "naap.toml" || o.Allow[0].Line != 6 {
		t.Errorf("exceptions %+v", o.Allow)
	}
	// A port set by one machine's environment is not what the files should say. This test can only see that it is not
	// used: the file's own port is hidden behind it.
	if o.Port == 7777 {
		t.Error("the environment's port is taken for the workspace's")
	}
	if r := check(t, FromWorkspace(findWorkspace(t, root))); !r.clean() || len(r.Accepted) != 1 {
		t.Errorf("findings %+v, accepted %d", r.Findings, len(r.Accepted))
	}
}
