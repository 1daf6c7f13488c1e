package devenv

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// What a pending migration makes is not pushed before it has run: it would fail on that. Once it has run, what only adds is.
func TestWatchPushesNothingBeforeMigrationsThatArePending(t *testing.T) {
	url := shadowed(t)
	root := t.TempDir()
	env := func(change func(map[string]string)) *Env {
		files := migrated()
		change(files)
		for name, text := range files {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return at(t, root, "NAAP_DATABASE_URL="+url)
	}
	saved := func(e *Env) Watched { return e.pushSaved(t.Context(), time.Now(), progress.Discard) }

	fresh := env(func(map[string]string) {})
	if out := saved(fresh); remedy.Code(out.Err) != "migrate.pending" || !strings.Contains(remedy.Text(out.Err), "naap dev up") {
		t.Fatalf("into an empty database it pushed: %+v", out)
	}
	upOn(t, fresh, UpOptions{AllowExternal: true})

	pulled := env(func(files map[string]string) {
		files["prisma/migrations/3_seen/migration.sql"] = `ALTER TABLE "Stall" ADD COLUMN seen INTEGER;`
		files["prisma/schema.prisma"] = strings.Replace(files["prisma/schema.prisma"], "note String?", "note String?\n  seen Int?\n  own Int?", 1)
	})
	out := saved(pulled)
	if text := remedy.Text(out.Err); remedy.Code(out.Err) != "migrate.pending" || !strings.Contains(text, "1 migration is to run first") || !strings.Contains(text, "naap migrate deploy") {
		t.Fatalf("it says %s, %+v", text, out)
	}
	plan, err := pulled.PlanMigrate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pulled.Migrate(t.Context(), plan, MigrateOptions{AllowExternal: true}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	if out := saved(pulled); out.Err != nil || out.Applied != 1 {
		t.Errorf("once it has run: %+v", out)
	}
}
