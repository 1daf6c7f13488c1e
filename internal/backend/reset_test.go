package backend_test

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const (
	thing     = "model Thing {\n  id   Int    @id @default(autoincrement())\n  name String\n}\n"
	makeThing = `CREATE TABLE "Thing" (id serial CONSTRAINT "Thing_pkey" PRIMARY KEY, name text NOT NULL)`
)

func TestTheScreensResetWithOptionsAndShowWhatAnUndoDoes(t *testing.T) {
	db := pgtest.NewDatabase(t)
	pgtest.Exec(t, db, makeThing)
	pgtest.Exec(t, db, `INSERT INTO "Thing" (name) VALUES ('a'), ('b')`)
	pgtest.Exec(t, db, `CREATE SCHEMA other`)
	pgtest.Exec(t, db, `CREATE TABLE other.t (thing int REFERENCES "Thing")`)
	pgtest.Exec(t, db, `INSERT INTO other.t VALUES (1)`)
	s, ctx := backend.New(envOf(t, db, map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": watchedHead + thing}), devenv.UpOptions{}), t.Context()
	plan, err := s.PlanReset(ctx, []string{"public"}, devenv.ResetOptions{})
	if err != nil || !strings.Contains(strings.Join(plan.Refused, "\n"), "1 row of other.t") {
		t.Fatalf("%+v, %v", plan, err)
	}
	if plan, err = s.PlanReset(ctx, []string{"public"}, devenv.ResetOptions{Cascade: true, TerminateBlockers: true}); err != nil || len(plan.Refused) > 0 || len(plan.Effects) != 1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	blocker, err := postgres.Connect(ctx, db, postgres.Options{})
	if err == nil {
		_, err = postgres.ExecScript(ctx, blocker, `BEGIN; SELECT FROM "Thing"`)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reset(ctx, plan, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	list, err := s.ListUndo(ctx)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	undo, err := s.PlanUndo(ctx, list[0].ID, devenv.UndoOptions{})
	if err != nil || !strings.Contains(strings.Join(undo.Lines(), "\n"), "brings back public: 2 rows") {
		t.Errorf("%+v, %v", undo, err)
	}
	if again, err := s.ListUndo(ctx); err != nil || len(again) != 1 {
		t.Errorf("the plan has undone it: %+v, %v", again, err)
	}
	if err := s.DropUndo(ctx, list[0].ID, progress.Discard); err != nil {
		t.Error(remedy.Text(err))
	}
	if again, err := s.ListUndo(ctx); err != nil || len(again) != 0 {
		t.Errorf("it is still there: %+v, %v", again, err)
	}
}
