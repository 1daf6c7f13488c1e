package backend_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

// betterSQL are functions of public that match better than the server's own, although the search_path has pg_catalog
// first, and write into the server's log who called them.
const betterSQL = `
DO $do$
DECLARE f text;
BEGIN
	FOREACH f IN ARRAY ARRAY['json_build_array(name) json', 'json_build_array(name, name) json', 'json_build_array(name, text) json', 'json_build_object(text, name) json',
		'format(text, name) text', 'format(text, name, name) text', 'format(text, text) text', 'format(text, text, text) text', 'concat(text, text) text', 'concat(name, text) text',
		'concat_ws(text, text, text) text', 'concat_ws(text, name, name) text', 'quote_ident(name) text', 'array_to_json(name[]) json', 'array_to_string(name[], text) text',
		'unnest(name[]) name', 'unnest(text[]) text', 'to_jsonb(text) jsonb', 'to_json(text) json', 'to_regclass(name) regclass', 'hashtext(name) int', 'length(name) int', 'md5(name) text',
		'array_position(text[], text) int', 'array_length(text[], int) int', 'cardinality(text[]) int', 'age(xid, int) int', 'num_nulls(text, text) int']
	LOOP
		EXECUTE format('CREATE FUNCTION public.%s RETURNS %s LANGUAGE plpgsql SET search_path = pg_catalog AS %L', left(f, -length(substring(f FROM '\) (.*)$')) - 1), substring(f FROM '\) (.*)$'),
			format('BEGIN RAISE LOG ''trap %s < %%'', current_query(); RETURN NULL; END', f));
	END LOOP;
	CREATE FUNCTION public.same(a name, b text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE LOG 'trap =(name, text) < %', current_query(); RETURN a = b; END $$;
	CREATE FUNCTION public.same(a "char", b text) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE LOG 'trap =(char, text) < %', current_query(); RETURN a = b; END $$;
	CREATE FUNCTION public.joined(a name, b text) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE LOG 'trap ||(name, text) < %', current_query(); RETURN a || b; END $$;
	CREATE FUNCTION public.joined(a text, b name) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN RAISE LOG 'trap ||(text, name) < %', current_query(); RETURN a || b; END $$;
	CREATE OPERATOR public.= (LEFTARG = "char", RIGHTARG = text, FUNCTION = public.same);
	CREATE OPERATOR public.|| (LEFTARG = name, RIGHTARG = text, FUNCTION = public.joined);
	CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = name, FUNCTION = public.joined);
END $do$;`

const trapped = `datasource db {
  provider = "postgresql"
  url = ""
  schemas = ["public", "shop"]
}

model Stall {
  id   Int    @id
  note String
  kind Kind   @default(OPEN)
  wares Ware[]
  @@schema("shop")
}

model Ware {
  id    Int   @id @default(autoincrement())
  name  String @db.VarChar(20)
  stall Stall @relation(fields: [at], references: [id])
  at    Int
  @@index([at])
  @@schema("shop")
}

enum Kind {
  OPEN
  SHUT
  @@schema("shop")
}
`

// Whatever a superuser's session calls for naap is the server's own function (CVE-2018-1058).
func TestNoVerbCallsAFunctionThatStandsInForTheServersOwn(t *testing.T) {
	server := pgtest.Server(t)
	url := server.NewDatabase(t)
	pgtest.Exec(t, url, betterSQL)
	e := envOf(t, url, map[string]string{
		"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": trapped,
		"seeds/shop.sql": "INSERT INTO shop.\"Stall\" (id, note) VALUES (1, 'seeded'), (2, 'too');\nINSERT INTO shop.\"Ware\" (name, at) VALUES ('one', 1);\n",
	})
	seen := map[string]bool{}
	walk(t, e, func(verb string) {
		for _, line := range calledTraps(server) {
			if !seen[line] {
				t.Errorf("%s calls %s", verb, line)
			}
			seen[line] = true
		}
	})
}

// calledTraps returns the traps in the server's log, each of them once.
func calledTraps(server *pgtest.Instance) []string {
	found := map[string]bool{}
	for _, line := range strings.Split(server.Log(), "\n") {
		if _, said, ok := strings.Cut(line, "LOG:  trap "); ok {
			found[said[:min(len(said), 200)]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// walk does with an instance everything that naap can do with one.
func walk(t *testing.T, e *devenv.Env, after func(verb string)) {
	t.Helper()
	ctx := t.Context()
	rows := devenv.FakeOptions{AllowExternal: true}
	rows.Rows, rows.Seed, rows.Append = 20, 1, true
	again := rows
	again.Clean = true
	s := backend.New(e, devenv.UpOptions{})
	for _, step := range []struct {
		verb string
		do   func() error
	}{
		{"up", func() error {
			_, err := e.Up(ctx, devenv.UpOptions{Confirm: func(string) bool { return true }}, progress.Discard)
			return err
		}},
		{"status", func() error { _, err := e.Status(ctx, devenv.StatusOptions{All: true}); return err }},
		{"doctor", func() error { e.Doctor(ctx); return nil }},
		{"diff", func() error { _, err := e.Diff(ctx, devenv.PushOptions{}); return err }},
		{"seed", func() error {
			_, err := e.Seed(ctx, devenv.SeedOptions{Force: true, AllowExternal: true}, progress.Discard)
			return err
		}},
		{"fake", func() error {
			_, _, err := e.Fake(ctx, rows, progress.Discard)
			return err
		}},
		{"fake again", func() error {
			_, _, err := e.Fake(ctx, again, progress.Discard)
			return err
		}},
		{"reset", func() error {
			plan, err := e.PlanReset(ctx, []string{"shop"}, devenv.ResetOptions{AllowExternal: true})
			if err != nil {
				return err
			}
			_, err = e.Reset(ctx, plan, devenv.ResetOptions{AllowExternal: true}, progress.Discard)
			return err
		}},
		{"undo", func() error {
			all, err := e.ListUndo(ctx)
			if err != nil || len(all) == 0 {
				return errors.Join(err, errors.New("nothing to undo"))
			}
			_, err = e.Undo(ctx, all[0].ID, devenv.UndoOptions{AllowExternal: true}, progress.Discard)
			return err
		}},
		{"the app", func() error { return refresh(ctx, s) }},
		{"rows", func() error { return changeRows(ctx, s) }},
		{"snapshot", func() error {
			_, err := e.SaveSnapshot(ctx, "kept", devenv.CopyOptions{AllowExternal: true, TerminateSessions: true}, progress.Discard)
			return err
		}},
		{"restore", func() error {
			plan, err := e.PlanRestoreSnapshot(ctx, "kept")
			if err != nil {
				return err
			}
			return e.Restore(ctx, plan, devenv.CopyOptions{AllowExternal: true, TerminateSessions: true, AcceptDataLoss: true}, progress.Discard)
		}},
		{"delete the snapshot", func() error {
			return e.DeleteSnapshot(ctx, "kept", devenv.CopyOptions{AllowExternal: true, TerminateSessions: true})
		}},
		{"backup", func() error {
			_, err := e.Backup(ctx, filepath.Join(t.TempDir(), "b.dump"), devenv.BackupOptions{}, progress.Discard)
			return err
		}},
	} {
		if err := step.do(); remedy.Code(err) == "backup.tools" {
			t.Logf("%s: %v", step.verb, err) // what pg_dump calls is not naap's doing
		} else if err != nil {
			t.Errorf("%s: %s", step.verb, remedy.Text(err))
		}
		after(step.verb)
	}
}

// changeRows changes a row and takes that back, and tries to delete one that others refer to.
func changeRows(ctx context.Context, s backend.Backend) error {
	var pending rowedit.Pending
	for _, name := range []string{"Ware", "Stall"} {
		table := postgres.TableRef{Schema: "shop", Name: name}
		p, err := s.Page(ctx, postgres.PageRequest{Table: table})
		if err != nil {
			return err
		}
		row, err := s.EditRow(ctx, table, p.Cursors[0])
		if err != nil {
			return err
		}
		if name == "Stall" {
			pending.Delete(row)
			continue
		}
		pending.Update(row, map[string]rowedit.Value{"name": {Text: "other"}})
		column := row.Table.Columns[row.Table.Find("name")]
		_, wrong := s.CheckValue(ctx, column, "other")
		_, none := s.KeyChoices(ctx, *row.Table.KeyOf("at"), "1")
		if err := errors.Join(wrong, none); err != nil {
			return err
		}
	}
	if _, err := s.TryRows(ctx, pending.Plan()); remedy.Code(err) != "rows.denied" { // wares stand on the stall
		return errors.Join(err, errors.New("a stall with wares is deleted"))
	}
	pending.Drop(pending.List()[pending.Len()-1])
	done, err := s.ChangeRows(ctx, pending.Plan())
	if err != nil || done.Commit == nil {
		return errors.Join(err, errors.New("nothing is committed"))
	}
	_, err = s.ChangeRows(ctx, rowedit.Plan{Changes: done.Commit.Back})
	return err
}

// refresh reads all that the terminal app shows.
func refresh(ctx context.Context, s backend.Backend) error {
	table := postgres.TableRef{Schema: "shop", Name: "Ware"}
	for _, look := range []func() error{
		func() error { _, err := s.Snapshot(ctx, true); return err },
		func() error { _, err := s.Detail(ctx, table); return err },
		func() error { _, err := s.Page(ctx, postgres.PageRequest{Table: table}); return err },
		func() error { _, err := s.Completion(ctx); return err },
		func() error { _, err := s.Facts(ctx); return err },
		func() error { _, err := s.Seeds(ctx); return err },
		func() error { _, err := s.ListUndo(ctx); return err },
		func() error { _, err := s.Snapshots(ctx); return err },
	} {
		if err := look(); err != nil {
			return err
		}
	}
	return nil
}
