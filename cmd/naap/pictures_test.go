//go:build unix

package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/pgtest"
)

var updatePictures = flag.Bool("update-pictures", false, "make the pictures of docs/pictures anew")

const picturesFolder = "../../docs/pictures"

// newBookshop returns naap in a copy of the example, whose instance has the name that the example gives it.
func newBookshop(t *testing.T) *program {
	t.Helper()
	p := newProgram(t, "embedded")
	p.rename(t, "bookshop")
	p.dir = filepath.Join(p.dir, "bookshop")
	if err := os.CopyFS(p.dir, os.DirFS("../../examples/bookshop")); err != nil {
		t.Fatal(err)
	}
	p.fill(t, empty)
	return p
}

// rename gives the instance the name that it has on the reader's machine.
func (p *program) rename(t *testing.T, name string) {
	t.Helper()
	p.instance = name
	p.env = append(slices.Clone(p.env), "NAAP_INSTANCE="+name)
	// Only what lies in the test's own home: a container of that name would be the user's.
	err := errors.Join(os.MkdirAll(p.instanceDir(), 0o755), leftovers.Note(leftovers.Embedded, filepath.Join(p.instanceDir(), "embedded")))
	if err != nil {
		t.Fatal(err)
	}
}

// tour takes pictures of naap in a terminal as it goes along.
type tour struct {
	*sitting
	stills map[string][][]row // by name: the screen in each theme
	frames [][]frame          // in each theme
}

// screenNow returns what the terminal shows in one theme, with what differs between runs masked, once it no longer
// changes.
func (s *tour) screenNow(th theme) (screen []row) {
	s.t.Helper()
	s.types("\x1b]11;rgb:" + th.asks + "\x1b\\")
	var last string
	calm := 0
	s.until("the "+th.name+" theme to stay", func(string) bool {
		screen = s.rows()
		text := ""
		for _, r := range screen {
			text += r.text() + "\n"
		}
		if calm++; text != last || screen[0][0].BG != th.bar {
			last, calm = text, 0
		}
		return calm > 40
	})
	return screen
}

// rows returns the cells of the terminal, masked.
func (s *sitting) rows() (screen []row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, h := s.term.Size()
	for y := range h {
		r := make(row, w)
		for x := range w {
			r[x] = s.term.Cell(x, y)
		}
		screen = append(screen, masked(r))
	}
	if s.term.Mode()&vt10x.ModeAltScreen != 0 {
		for x := range w {
			screen[h-2][x].Char = ' ' // what happened last: two things may happen at once
		}
	}
	return screen
}

// shows takes the screen into the film, for so many seconds, and as a picture of its own where it has a name.
func (s *tour) shows(name, caption string, seconds float64) *tour {
	s.t.Helper()
	for i, th := range themes {
		screen := s.screenNow(th)
		s.frames[i] = append(s.frames[i], frame{seconds, caption, screen})
		if name != "" {
			s.stills[name] = append(s.stills[name], screen)
		}
	}
	return s
}

// edits changes a file of the workspace as an editor does.
func (s *tour) edits(name, old, changed string) {
	s.t.Helper()
	path := filepath.Join(s.cmd.Dir, filepath.FromSlash(name))
	text, err := os.ReadFile(path)
	if err == nil && !bytes.Contains(text, []byte(old)) {
		err = errors.New("the text to be changed is not there")
	}
	if err == nil {
		err = os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(changed), 1), 0o644)
	}
	if err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
}

// TestThePicturesShowTheProgram walks through the example as the README's tour does, and compares the pictures with what
// the program shows.
func TestThePicturesShowTheProgram(t *testing.T) {
	t.Parallel()
	if !*updatePictures {
		pgtest.Long(t)
	}
	p := newBookshop(t)
	s := &tour{sitting: sit(t, p, 100, 28, "dev", "up"), stills: map[string][][]row{}, frames: make([][]frame, len(themes))}
	s.walk()
	s.leaves()
	for i, th := range themes {
		for name, screens := range s.stills {
			s.keep(name, th, still(th, alt[name], screens[i]), 40_000)
		}
		s.keep("tour", th, film(th, alt["tour"], s.frames[i]), 300_000)
	}
}

// alt says what each picture shows, to those who cannot see it.
var alt = map[string]string{
	"dashboard": "The dashboard: schemas with their tables and rows, the tables of one schema, the columns of a table",
	"rows":      "The rows of the table CatalogBook; an arrow marks the column that is a foreign key",
	"push":      "The plan of a push: one statement destroys five values, another adds a column",
	"reset":     "The question before the reset of a schema: what would go, and the name that must be typed",
	"undo":      "The question before an undo: 360 rows come back",
	"check":     "Two broken rules, with file, line, reason and remedy",
	"tour":      "A tour: dashboard, rows, a foreign key followed, a reset and its undo, a push, and the rules",
}

// walk goes the README's way: look around, follow a key, reset and undo, push after an edit, check.
func (s *tour) walk() {
	s.t.Helper()
	s.sees("1 Schemas", "plugin_catalog", "healthy", "Σ", "counted 6 tables", "ready after", "Answers SQL", "born")
	s.shows("dashboard", "naap dev up: the server runs, with the tables of schema.prisma and their rows", 5)
	s.types(tabKey, "j").sees("5 CatalogBook", "CatalogAu", "tags")
	s.shows("", "tab, j: the next pane, the next table", 2)
	s.types(enter).sees("> CatalogBook").types("4").sees("keyset(id)", "The Tale of Genji")
	s.types(right, right).sees("title text")
	s.shows("rows", "enter, 4: the rows of a table", 4)
	s.types(right).sees("authorId integer").types(enter).sees("CatalogBook > CatalogAuthor", "Jane Austen")
	s.shows("", "enter: the row that a foreign key points at", 3)
	s.escapes().loses("> CatalogAuthor").escapes().sees("1 Schemas").types("1", "j").sees("2 plugin_shop")

	s.types("X").sees("Type plugin_shop to go on", "then seeded from")
	s.shows("reset", "X: reset a schema. It says first what would go", 4)
	s.types("plugin_shop").sees("on: plugin_shop")
	s.shows("", "the schema's name confirms it", 2)
	s.types(enter).until("the reset, and what is said of it behind its dialog", func(screen string) bool {
		return verbDone.MatchString(screen) && !strings.Contains(screen, "Answers SQL")
	})
	s.shows("", "its tables are made again and seeded", 3)
	s.escapes().loses("esc closes")
	s.types("U").until("the list", resetListed.MatchString)
	s.types(enter).sees("Undo the reset of", "written since")
	s.shows("undo", "U: an undo brings every row back", 4)
	s.types(tabKey, enter).until("the undo, and the list with it", func(screen string) bool {
		return verbDone.MatchString(screen) && undoListed.MatchString(screen)
	})
	s.shows("", "as it was", 2)
	s.escapes().escapes().sees("1 Schemas")

	schema := "packages/database/prisma/schema.prisma"
	s.edits(schema, "  born  Int?\n", "")
	s.edits(schema, "  published Int\n", "  published Int\n  language  String          @default(\"en\")\n")
	s.types("P").sees("> drift", "2 statements, 1 destructive", "loses 5 values")
	s.shows("push", "schema.prisma was edited. P: what a push would do", 5)
	s.types("a").sees("Type destroy to go on", "save a snapshot first").types("destroy").sees("on: destroy")
	s.shows("", "a: what destroys is said, and has to be confirmed; a snapshot comes first", 4)
	s.types(enter).until("the push, and the page with it", func(screen string) bool {
		return verbDone.MatchString(screen) && strings.Contains(screen, "the database is what schema.prisma")
	})
	s.shows("", "pushed", 2)
	s.escapes().escapes().sees("1 Schemas")

	s.edits("plugins/shop/backend/src/db/client.ts", "import { prisma } from '@naap/database';\n\nexport const db = prisma;\n", report)
	s.types(":", "check", enter).sees("> rules", "2-own-client", "5-one-url", "at  plugins/shop")
	s.shows("check", ":check: the platform's rules, with place, reason and remedy", 5)
	s.escapes().sees("1 Schemas")
}

// What a verb's dialog says at its end, and the list of what can be undone, of an undo.
var (
	verbDone    = regexp.MustCompile(`done in [\d.]+ m?s; esc closes`)
	resetListed = regexp.MustCompile(`:\d\d +reset +plugin_shop`)
	undoListed  = regexp.MustCompile(`:\d\d +undo +plugin_shop`)
)

// report is a file that breaks two rules.
const report = `import { PrismaClient } from '@prisma/client';

export const db = new PrismaClient({
  datasources: { db: { url: 'postgresql://postgres:postgres@localhost:5440/shop' } },
});
`

// keep compares a picture with the one that is kept, or keeps it.
func (s *tour) keep(name string, th theme, picture []byte, most int) {
	s.t.Helper()
	path := filepath.Join(picturesFolder, name+"-"+th.name+".svg")
	if len(picture) > most {
		s.t.Errorf("%s would have %d bytes, and may have %d", path, len(picture), most)
	}
	if *updatePictures {
		if err := errors.Join(os.MkdirAll(picturesFolder, 0o755), os.WriteFile(path, picture, 0o644)); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Equal(kept, picture) {
		s.t.Errorf("%s is not what the program shows: %s\ngo test ./cmd/naap -run Pictures -update-pictures makes it anew", path, firstUnlike(string(kept), string(picture)))
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// firstUnlike returns the first lines of two pictures that differ: of what they say, or else of how they look.
func firstUnlike(kept, now string) string {
	said := func(line string) string {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "@") {
			return "" // CSS
		}
		return tags.ReplaceAllString(line, " ")
	}
	for _, seen := range []func(string) string{said, strings.TrimSpace} {
		was, is := strings.Split(kept, "\n"), strings.Split(now, "\n")
		for len(was) > 0 && len(is) > 0 && seen(was[0]) == seen(is[0]) {
			was, is = was[1:], is[1:]
		}
		if len(was) > 0 && len(is) > 0 {
			return "\nwas " + seen(was[0]) + "\nis  " + seen(is[0])
		}
	}
	return "one of them goes on"
}
