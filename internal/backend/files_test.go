package backend_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/watch"
)

// steps returns how long a random walk is, and its source of randomness; see CONTRIBUTING.md.
func steps(t *testing.T, short int) (n int, random *rand.Rand) {
	t.Helper()
	n, seed := pgtest.Number(t, "NAAP_TEST_STEPS", short), pgtest.Number(t, "NAAP_TEST_SEED", 1)
	t.Logf("%d steps, seed %d", n, seed)
	return n, rand.New(rand.NewSource(int64(seed)))
}

// someModels returns a Prisma file of random models and columns, and the columns that it describes.
func someModels(random *rand.Rand) (text string, columns []string) {
	b := &strings.Builder{}
	b.WriteString(watchedHead)
	for _, model := range []string{"A", "B", "C"} {
		if random.Intn(3) == 0 {
			continue
		}
		fmt.Fprintf(b, "model %s {\n  id Int @id\n", model)
		columns = append(columns, model+".id")
		for _, column := range []string{"x", "y", "z"} {
			if random.Intn(2) == 0 {
				fmt.Fprintf(b, "  %s Int?\n", column)
				columns = append(columns, model+"."+column)
			}
		}
		b.WriteString("}\n")
	}
	return b.String(), columns
}

// textOf returns the single text that a query returns.
func textOf(t *testing.T, url, query string) (text string) {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
	check(t, err)
	defer conn.Close(context.Background())
	check(t, conn.QueryRow(t.Context(), query).Scan(&text))
	return text
}

func columnsOf(t *testing.T, url string) []string {
	t.Helper()
	text := textOf(t, url, `SELECT coalesce(string_agg(table_name || '.' || column_name, ' ' ORDER BY table_name, ordinal_position), '')
		FROM information_schema.columns WHERE table_schema = 'public'`)
	out := strings.Fields(text)
	slices.Sort(out)
	return out
}

// TestAPushFromTheAppIsThePlanThatWasShown edits, breaks, halves, removes and restores the files while the app is open,
// and pushes: what is applied is what the file said when the plan was shown, or nothing.
func TestAPushFromTheAppIsThePlanThatWasShown(t *testing.T) {
	env, url, file := onServer(t, "model A {\n  id Int @id\n}\n")
	screens := backend.New(env, devenv.UpOptions{})
	toml := filepath.Join(filepath.Dir(file), "..", "..", "..", "naap.toml")
	n, random := steps(t, 120)
	var (
		text, wanted = watchedHead + "model A {\n  id Int @id\n}\n", []string{"A.id"}
		there        = []string{}
		plan         *backend.PushPlan
		planned      []string
		plannedText  string
		onDisk       = text
		settings     = ""
		did          = map[string]int{}
	)
	write := func(content string) { check(t, os.WriteFile(file, []byte(content), 0o644)); onDisk = content }
	for range n {
		switch random.Intn(18) {
		case 0, 1:
			text, wanted = someModels(random)
			write(text)
		case 2: // saved by renaming, as editors do
			text, wanted = someModels(random)
			tmp := file + ".tmp"
			check(t, os.WriteFile(tmp, []byte(text), 0o644))
			check(t, os.Rename(tmp, file))
			onDisk = text
		case 3:
			write(text[:random.Intn(len(text))] + "model {")
		case 4:
			write("")
		case 5:
			_ = os.Remove(file)
			onDisk = "\x00"
		case 6, 7, 8, 9:
			write(text)
		case 10:
			settings = []string{"", "", "", "", "port = 5\n", "port = ", `database-url = "postgresql://elsewhere/x"` + "\n", "lock-timeout = \"3s\"\n"}[random.Intn(8)]
			check(t, os.WriteFile(toml, []byte(settings), 0o644))
		case 11, 12, 13, 14:
			shown, err := screens.PlanPush(t.Context())
			if valid := onDisk == text && !strings.HasPrefix(settings, "port"); valid != (err == nil) {
				t.Fatalf("planned %v with error %v of\n%s\n%s", shown, err, settings, onDisk)
			}
			if err == nil {
				plan, planned, plannedText = shown, wanted, onDisk
			}
		default:
			if plan == nil {
				continue
			}
			err := screens.Push(t.Context(), plan, true, progress.Discard)
			switch {
			case err == nil:
				there = slices.Clone(planned)
				slices.Sort(there)
				did["pushed"]++
			case onDisk == plannedText && !strings.HasPrefix(settings, "port"):
				t.Fatalf("the plan that was shown is refused: %v", err)
			default:
				did[remedy.Code(err)]++
			}
			if err == nil && onDisk != plannedText {
				t.Fatalf("a plan of\n%s\nwas carried out while the file says\n%s", plannedText, onDisk)
			}
			plan = nil
		}
		if now := columnsOf(t, url); !slices.Equal(now, there) {
			t.Fatalf("the database has %v, and not %v, after %v", now, there, did)
		}
	}
	t.Log(slices.Sorted(maps.Keys(did)), did)
	if did["pushed"] == 0 || did["plan.stale"] == 0 {
		t.Errorf("the walk pushed or refused nothing: %v", did)
	}
}

func TestASchemaThatIsGoneForAMomentIsNoOtherSchema(t *testing.T) {
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	screens := backend.New(env, devenv.UpOptions{})
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	check(t, os.MkdirAll(filepath.Join(root, "prisma"), 0o755))
	check(t, os.WriteFile(filepath.Join(root, "prisma", "schema.prisma"), []byte(watchedHead+"model Other {\n  id Int @id\n}\n"), 0o644))
	for _, other := range []bool{true, false} {
		if !other {
			check(t, os.RemoveAll(filepath.Join(root, "prisma")))
		}
		check(t, os.Rename(file, file+".away"))
		if plan, err := screens.PlanPush(t.Context()); remedy.Code(err) != "workspace.schema" {
			t.Errorf("with another schema %v: planned %+v, error %v", other, plan, err)
		}
		facts, err := screens.Facts(t.Context())
		check(t, err)
		if facts.DriftErr == nil || !strings.Contains(facts.DriftErr.Error(), "is gone") {
			t.Errorf("the drift is %+v", facts)
		}
		check(t, os.Rename(file+".away", file))
		_, err = screens.PlanPush(t.Context())
		check(t, err)
	}
}

func TestTheFactsSayWhatIsWrongWithTheFilesAndThatItIsMended(t *testing.T) {
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	toml, kept := filepath.Join(root, "naap.toml"), filepath.Join(root, "db", "kept.prisma")
	check(t, os.MkdirAll(filepath.Dir(kept), 0o755))
	check(t, os.Rename(file, kept))
	settings, good := "schema = \"db/kept.prisma\"\n", watchedHead+"model A {\n  id Int @id\n}\n"
	check(t, os.WriteFile(toml, []byte(settings), 0o644))
	env, err := env.Again(t.Context())
	check(t, err)
	screens := backend.New(env, devenv.UpOptions{})
	write := func(path, text string) func() error {
		return func() error { return os.WriteFile(path, []byte(text), 0o644) }
	}
	for says, spoil := range map[string]func() error{
		"settings file naap.toml is gone":        func() error { return os.Remove(toml) },
		"names the Prisma schema db/kept.prisma": write(toml, ""),
		"no Prisma schema at":                    write(toml, "schema = \"db/other.prisma\"\n"),
		"naap.toml":                              write(toml, "port = "),
		"settings name another database":         write(toml, settings+"instance = \"other\"\n"),
		"1 mistake in db/kept.prisma":            write(kept, good+"model B {\n  id Nope @id\n}\n"),
		"no Prisma schema at " + kept:            func() error { return os.Remove(kept) },
		"db/kept.prisma has no datasource":       write(kept, "model A {\n  id Int @id\n}\n"),
	} {
		check(t, spoil())
		facts, err := screens.Facts(t.Context())
		check(t, err)
		_, planErr := screens.PlanPush(t.Context())
		for _, err := range []error{facts.DriftErr, planErr} {
			if err == nil || !strings.Contains(err.Error(), says) || !backend.OfFiles(err) {
				t.Errorf("%s: %v, of files %v", says, err, backend.OfFiles(err))
			}
		}
		check(t, write(toml, settings)())
		check(t, write(kept, good)())
		facts, err = screens.Facts(t.Context())
		check(t, err)
		if facts.DriftErr != nil {
			t.Errorf("after %s: %v", says, facts.DriftErr)
		}
	}
}

// seeded returns the screens' backend of a workspace whose one table is there, with its Prisma file and its seed, which
// was not applied yet.
func seeded(t *testing.T) (screens backend.Backend, url, file, seed string) {
	t.Helper()
	env, url, file := onServer(t, "model A {\n  id Int @id\n}\n")
	seed = filepath.Join(filepath.Dir(file), "..", "..", "..", "seeds", "public.sql")
	check(t, os.MkdirAll(filepath.Dir(seed), 0o755))
	check(t, os.WriteFile(seed, []byte(`INSERT INTO "A" VALUES (1);`), 0o644))
	screens = backend.New(env, devenv.UpOptions{})
	push, err := screens.PlanPush(t.Context())
	check(t, err)
	check(t, screens.Push(t.Context(), push, true, progress.Discard))
	return screens, url, file, seed
}

func idsOf(t *testing.T, url string) string {
	return textOf(t, url, `SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM "A"`)
}

func TestAResetFromTheAppUsesTheFilesOfItsPlan(t *testing.T) {
	screens, url, file, seed := seeded(t)
	rows := func() string { return idsOf(t, url) }
	plan := func() *backend.ResetPlan {
		p, err := screens.PlanReset(t.Context(), []string{"public"}, devenv.ResetOptions{})
		check(t, err)
		return p
	}
	pgtest.Exec(t, url, `INSERT INTO "A" VALUES (7)`)

	shown := plan()
	check(t, os.WriteFile(seed, []byte(`INSERT INTO "A" VALUES (2);`), 0o644))
	if err := screens.Reset(t.Context(), shown, progress.Discard); remedy.Code(err) != "plan.stale" || rows() != "7" {
		t.Fatalf("a changed seed: %v, rows %s", err, rows())
	}
	shown = plan()
	check(t, os.WriteFile(file, []byte(watchedHead+"model A {\n  id Int @id\n  n Int?\n}\n"), 0o644))
	if err := screens.Reset(t.Context(), shown, progress.Discard); remedy.Code(err) != "plan.stale" || rows() != "7" {
		t.Fatalf("a changed schema: %v, rows %s", err, rows())
	}
	check(t, screens.Reset(t.Context(), plan(), progress.Discard))
	if rows() != "2" || !slices.Contains(columnsOf(t, url), "A.n") {
		t.Errorf("rows %s, columns %v", rows(), columnsOf(t, url))
	}
}

func TestTheAppIsToldOfEveryFileThatChanges(t *testing.T) {
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	root, err := filepath.Abs(filepath.Join(filepath.Dir(file), "..", "..", ".."))
	check(t, err)
	check(t, os.MkdirAll(filepath.Join(root, "seeds"), 0o755))
	check(t, os.MkdirAll(filepath.Join(root, "docker"), 0o755))
	check(t, os.WriteFile(filepath.Join(root, "docker", "init-schemas.sql"), nil, 0o644))
	env, err = env.Again(t.Context())
	check(t, err)
	screens := backend.New(env, devenv.UpOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	told := make(chan watch.Change, 100)
	go func() {
		_ = screens.WatchFiles(ctx, func(c watch.Change) bool { told <- c; return true })
	}()
	write := func(name, text string) {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		check(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o644))
	}
	// Until the watch has begun, a change may be part of its initial state.
	for began := false; !began; {
		write("naap.toml", fmt.Sprintf("# %d\n", time.Now().UnixNano()))
		select {
		case <-told:
			began = true
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("nothing was told")
		}
	}
	for _, name := range []string{"packages/database/prisma/schema.prisma", "docker/init-schemas.sql", "seeds/public.sql", "seeds/deep/public.csv",
		"packages/database/prisma/migrations/1_a/migration.sql", "packages/database/prisma/migrations/2_b/migration.sql",
		"naap.toml", "package.json", "packages/database/package.json", "docker-compose.yml", "docker-compose.override.yml", ".env"} {
		text := "# " + name + "\n"
		switch filepath.Ext(name) {
		case ".prisma":
			text = watchedHead + "model B {\n  id Int @id\n}\n"
		case ".yml":
			text = "services: {}\n"
		}
		write(name, text)
		for heard := false; !heard; {
			select {
			case c := <-told:
				heard = slices.Contains(c.Names, name)
			case <-ctx.Done():
				t.Fatalf("nothing was told of %s", name)
			}
		}
	}
}

func TestSeedsFromTheAppAreTheFilesOfTheirPlan(t *testing.T) {
	screens, url, _, seed := seeded(t)
	rows := func() string { return idsOf(t, url) }
	shown, err := screens.PlanSeeds(t.Context(), nil, false)
	check(t, err)
	check(t, os.WriteFile(seed, []byte(`INSERT INTO "A" VALUES (2);`), 0o644))
	if err := screens.ApplySeeds(t.Context(), shown, progress.Discard); remedy.Code(err) != "plan.stale" || rows() != "" {
		t.Fatalf("a changed seed: %v, rows %s", err, rows())
	}
	shown, err = screens.PlanSeeds(t.Context(), nil, false)
	check(t, err)
	check(t, screens.ApplySeeds(t.Context(), shown, progress.Discard))
	if rows() != "2" {
		t.Errorf("rows %s", rows())
	}
}

func TestTheFactsNameTheOwnersWhateverWasAskedBefore(t *testing.T) {
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	screens := backend.New(env, devenv.UpOptions{})
	for _, spoil := range []func() error{
		func() error { return nil },
		func() error { return os.Remove(file) }, // files that cannot be read take nobody's schema away
	} {
		check(t, spoil())
		facts, err := screens.Facts(t.Context())
		check(t, err)
		if got := facts.Owners["public"]; got != "base-svc" {
			t.Errorf("public belongs to %q", got)
		}
	}
}
