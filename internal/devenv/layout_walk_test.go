package devenv_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
)

// layoutWalk is a schema of eight models that is split, merged, moved, broken and mended, and pushed after each step.
type layoutWalk struct {
	*layout
	*rand.Rand
	did []string
}

var walkModels = []string{"A", "B", "C", "D", "E", "F", "G", "H"}

// schemaFiles are the *.prisma files there, relative to the folder of the schema; links are not among them.
func (w *layoutWalk) schemaFiles() []string {
	var out []string
	check(w.T, filepath.WalkDir(w.path(inPackage), func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(p) == ".prisma" {
			rel, _ := filepath.Rel(w.path(inPackage), p)
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	}))
	return out
}

func (w *layoutWalk) read(name string) string {
	text, err := os.ReadFile(w.path(inPackage + name))
	if err != nil {
		return ""
	}
	return string(text)
}

func pick[T any](w *layoutWalk, list []T) T { return list[w.IntN(len(list))] }

// place returns a file to write to: an existing one, or a new one.
func (w *layoutWalk) place() string {
	if files := w.schemaFiles(); len(files) > 0 && w.IntN(2) == 0 {
		return pick(w, files)
	}
	return pick(w, []string{"schema.prisma", "a.prisma", "models/a.prisma", "models/b.prisma", "models/deep/c.prisma", ".d/d.prisma"})
}

// steps are what people, editors and tools do to the files.
var layoutSteps = []func(w *layoutWalk) string{
	func(w *layoutWalk) string { // a model moves
		model, to := pick(w, walkModels), w.place()
		for _, f := range w.schemaFiles() {
			w.write(inPackage+f, strings.ReplaceAll(w.read(f), modelText(model), ""))
		}
		w.write(inPackage+to, w.read(to)+modelText(model))
		return "move " + model + " to " + to
	},
	func(w *layoutWalk) string { // the datasource and generator move
		to := w.place()
		for _, f := range w.schemaFiles() {
			w.write(inPackage+f, strings.ReplaceAll(w.read(f), watchedHead, ""))
		}
		w.write(inPackage+to, watchedHead+w.read(to))
		return "move the datasource to " + to
	},
	func(w *layoutWalk) string { // all in one file again
		check(w.T, os.RemoveAll(w.path(inPackage)))
		text := watchedHead
		for _, m := range walkModels {
			text += modelText(m)
		}
		w.write(inPackage+"schema.prisma", text)
		return "merge"
	},
	func(w *layoutWalk) string { // one file a model
		check(w.T, os.RemoveAll(w.path(inPackage)))
		w.write(inPackage+"schema.prisma", watchedHead)
		for _, m := range walkModels {
			w.write(inPackage+"models/"+strings.ToLower(m)+".prisma", modelText(m))
		}
		return "split"
	},
	func(w *layoutWalk) string {
		f := w.place()
		w.write(inPackage+f, "")
		return "empty " + f
	},
	func(w *layoutWalk) string {
		f := w.place()
		text := w.read(f)
		w.write(inPackage+f, text[:w.IntN(len(text)+1)])
		return "half-write " + f
	},
	func(w *layoutWalk) string {
		f := w.place()
		_ = os.Remove(w.path(inPackage + f))
		return "delete " + f
	},
	func(w *layoutWalk) string { // a file goes elsewhere, a link stays
		f := w.place()
		text := w.read(f)
		if text == "" {
			return "link nothing"
		}
		away := filepath.Join(w.TempDir(), "away.prisma")
		check(w.T, os.WriteFile(away, []byte(text), 0o644))
		check(w.T, os.Remove(w.path(inPackage+f)))
		check(w.T, os.Symlink(away, w.path(inPackage+f)))
		return "link " + f
	},
	func(w *layoutWalk) string { // links in a circle, and to nothing
		target, name := pick(w, []string{"..", ".", "gone", "models", "schema.prisma"}), pick(w, []string{"round", "models/round", "x.prisma"})
		check(w.T, os.MkdirAll(w.path(inPackage+"models"), 0o755))
		_ = os.Remove(w.path(inPackage + name))
		_ = os.Symlink(target, w.path(inPackage+name))
		return "link " + name + " to " + target
	},
	func(w *layoutWalk) string {
		for _, name := range []string{"round", "models/round", "x.prisma"} {
			_ = os.Remove(w.path(inPackage + name))
		}
		return "remove the links"
	},
	func(w *layoutWalk) string { // Prisma's own settings
		for _, name := range []string{"packages/database/package.json", "packages/database/prisma.config.ts"} {
			_ = os.Remove(w.path(name))
		}
		place := pick(w, []string{"", "prisma", "prisma/schema.prisma"})
		switch {
		case place == "":
		case w.IntN(2) == 0:
			w.write("packages/database/package.json", `{"prisma": {"schema": "`+place+`"}}`)
		default:
			w.write("packages/database/prisma.config.ts", `export default { schema: "`+place+`" }`)
		}
		return "name " + place
	},
	func(w *layoutWalk) string { // a row of the user's own
		if table := pick(w, walkModels); strings.Contains(" "+w.tables()+" ", " "+table+" ") {
			pgtest.Exec(w.T, w.url, fmt.Sprintf(`INSERT INTO %q VALUES (%d) ON CONFLICT DO NOTHING`, table, w.IntN(5)))
			return "a row for " + table
		}
		return "no row"
	},
}

// named reports whether Prisma's own settings name a single file, which is then the whole schema.
func (w *layoutWalk) named() bool {
	for _, name := range []string{"packages/database/package.json", "packages/database/prisma.config.ts"} {
		if text, err := os.ReadFile(w.path(name)); err == nil && strings.Contains(string(text), "schema.prisma") {
			return true
		}
	}
	return false
}

// written returns the models that some file has, even if the files have mistakes.
func (w *layoutWalk) written() string {
	all := ""
	files, err := prisma.Files(context.Background(), w.path(inPackage), "")
	if err != nil {
		return all
	}
	for _, f := range files {
		text, _ := os.ReadFile(f)
		all += string(text)
	}
	return all
}

func (w *layoutWalk) rows() map[string]string {
	out := map[string]string{}
	for _, table := range strings.Fields(w.tables()) {
		out[table] = w.ask(`SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM "` + table + `"`)
	}
	return out
}

var droppedTable = regexp.MustCompile(`drop table public\.(\w+)`)

// TestNoLayoutOfTheFilesLosesATableUnasked walks at random. Without permission, a push may drop a table only if it is
// empty, the plan named it, no file has it (unless one file is named as the schema, which is then the whole schema, as
// it is for Prisma), and it is not one of the majority.
func TestNoLayoutOfTheFilesLosesATableUnasked(t *testing.T) {
	seed := uint64(pgtest.Number(t, "NAAP_TEST_SEED", 1))
	steps := pgtest.Number(t, "NAAP_TEST_STEPS", 15)
	t.Logf("seed %d, %d steps", seed, steps)
	w := &layoutWalk{layout: newLayout(t, nil), Rand: rand.New(rand.NewPCG(seed, 8))}
	layoutSteps[2](w)
	_, err := w.push(false)
	check(t, err)
	pushed, refused := 0, 0
	for i := range steps {
		w.did = append(w.did, pick(w, layoutSteps)(w))
		before := w.rows()
		summary, err := w.push(false)
		after := w.rows()
		if err == nil {
			pushed++
		} else {
			refused++
		}
		w.judge(before, after, summary, err)
		if t.Failed() {
			t.Fatalf("seed %d, step %d, after: %s\nthe push: %v\n%s", seed, i, strings.Join(w.did[max(0, len(w.did)-12):], "; "), err, summary)
		}
	}
	t.Logf("%d pushes, %d refusals", pushed, refused)
}

func (w *layoutWalk) judge(before, after map[string]string, summary string, err error) {
	w.Helper()
	named := map[string]bool{}
	for _, m := range droppedTable.FindAllStringSubmatch(summary, -1) {
		named[m[1]] = true
	}
	gone := 0
	for table, rows := range before {
		now, there := after[table]
		if there && now != rows {
			w.Errorf("the rows of %s are %q and were %q", table, now, rows)
		}
		if there {
			continue
		}
		gone++
		switch {
		case err != nil:
			w.Errorf("a push that failed dropped %s", table)
		case rows != "":
			w.Errorf("%s is gone with the rows %s", table, rows)
		case !named[table]:
			w.Errorf("%s is gone, and the plan does not name it", table)
		case !w.named() && strings.Contains(w.written(), modelText(table)):
			w.Errorf("%s is gone, and a file has it", table)
		}
	}
	if gone > 0 && 2*gone > len(before) {
		w.Errorf("%d of %d tables are gone unasked", gone, len(before))
	}
	if missing := slices.DeleteFunc(slices.Clone(walkModels), func(m string) bool { _, ok := after[m]; return ok }); err == nil && len(missing) == len(walkModels) {
		w.Error("no table is left")
	}
}
