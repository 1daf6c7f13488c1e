package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everywhere are the rooms that any other may use; they use only the standard library.
var everywhere = []string{"internal/hidden", "internal/lazy", "internal/progress", "internal/say", "internal/sqltext", "internal/visible"}

// arrows are, for each room, the rooms that it may import besides those of everywhere. A new room needs a line here,
// and in ARCHITECTURE.md.
var arrows = map[string][]string{
	".":        nil, // the built-in workspace's files
	"cmd/naap": {anyRoom},
	"tui": {
		"internal/backend", "internal/devenv", "internal/files", "internal/program", "internal/remedy",
		// For their types and constants only, which a test of its own holds.
		"internal/postgres", "internal/server", "internal/engine", "internal/schemaplan", "internal/reset", "internal/backup", "internal/seeding",
		"internal/migrate", "internal/seedfile", "internal/trust", "internal/watch", "internal/rowedit", "internal/queries",
	},

	"internal/backend": {
		"internal/devenv", "internal/backup", "internal/engine", "internal/ledger", "internal/migrate", "internal/postgres", "internal/program", "internal/remedy", "internal/reset",
		"internal/queries", "internal/rowedit", "internal/rules", "internal/schemaplan", "internal/seedfile", "internal/seeding", "internal/server", "internal/trust", "internal/watch", "internal/workspace",
	},
	"internal/client": {"internal/files", "internal/prisma"},
	"internal/mcpserver": {
		"internal/devenv", "internal/engine", "internal/files", "internal/postgres", "internal/prisma", "internal/remedy", "internal/reset", "internal/rules",
		"internal/schemaplan", "internal/workspace",
	},
	"internal/devenv": {
		"internal/client", "internal/doctor", "internal/engine", "internal/workspace", "internal/postgres", "internal/prisma", "internal/schemaplan", "internal/envfile",
		"internal/ledger", "internal/reset", "internal/backup", "internal/fakedata", "internal/fakehints", "internal/seeding", "internal/seedfile", "internal/remedy",
		"internal/dburl", "internal/files", "internal/loopback", "internal/migrate", "internal/password", "internal/pgtools", "internal/program", "internal/pull", "internal/reach", "internal/rowedit", "internal/command", "internal/server", "internal/trust", "internal/watch",
	},
	"internal/doctor": {
		"internal/client", "internal/dburl", "internal/engine", "internal/files", "internal/postgres", "internal/program", "internal/remedy", "internal/schemaplan", "internal/seeding", "internal/workspace", "internal/envfile", "internal/migrate",
	},
	"internal/engine":     {"internal/dburl", "dockerctl", "internal/embedpg", "internal/files", "internal/loopback", "internal/workspace", "internal/postgres", "internal/program", "internal/remedy", "internal/server", "internal/trust"},
	"internal/rules":      {"internal/dotenv", "internal/files", "internal/prisma", "internal/program", "internal/script", "internal/workspace", "internal/remedy"},
	"internal/reset":      {"internal/ledger", "internal/postgres", "internal/schemaplan", "internal/remedy"},
	"internal/rowedit":    {"internal/postgres", "internal/remedy"},
	"internal/backup":     {"internal/dburl", "internal/ledger", "internal/files", "internal/postgres", "internal/seedfile", "internal/remedy"},
	"internal/ledger":     {"internal/postgres", "internal/remedy"},
	"internal/migrate":    {"internal/dburl", "internal/files", "internal/postgres", "internal/remedy"},
	"internal/schemaplan": {"internal/prisma", "internal/postgres", "internal/remedy"},
	"internal/queries":    {"internal/files", "internal/remedy"},
	"internal/pull":       {"internal/prisma", "internal/schemaplan"},
	"internal/seeding":    {"internal/ledger", "internal/postgres", "internal/seedfile", "internal/remedy"},
	"internal/fakehints":  {"internal/fakedata", "internal/postgres", "internal/prisma", "internal/seedfile"},
	"internal/fakedata":   {"internal/ledger", "internal/postgres", "internal/remedy"},

	"dockerctl":          {"internal/files", "internal/dburl", "internal/loopback", "internal/program", "internal/remedy", "internal/server", "internal/workspace"},
	"internal/embedpg":   {"internal/files", "internal/loopback", "internal/program", "internal/remedy", "internal/server"},
	"internal/postgres":  {"internal/dburl", "internal/files", "internal/remedy"},
	"internal/workspace": {"internal/dburl", "internal/files", "internal/prisma", "internal/program", "internal/script", "internal/remedy", "internal/trust", "."},
	"internal/trust":     {"internal/files", "internal/remedy"},
	"internal/password":  {"internal/dburl", "internal/files", "internal/postgres", "internal/remedy", "internal/workspace"},
	"internal/pgtools":   {"internal/dburl", "internal/backup", "internal/engine", "internal/postgres", "internal/program", "internal/remedy", "internal/server", "internal/workspace"},
	"internal/reach":     {"internal/dburl", "internal/postgres", "internal/remedy", "internal/seedfile", "internal/trust", "internal/workspace"},
	"internal/command":   {"internal/dburl", "internal/program", "internal/workspace"},
	"internal/watch":     {"internal/files", "internal/workspace", "internal/remedy"},
	"internal/seedfile":  {"internal/remedy"},
	"internal/server":    {"internal/loopback", "internal/remedy"},

	"internal/dburl":    {"internal/remedy"},
	"internal/dotenv":   nil,
	"internal/envfile":  {"internal/dburl", "internal/dotenv", "internal/files", "internal/remedy", "internal/workspace"},
	"internal/files":    {"internal/remedy"},
	"internal/hidden":   {"internal/lazy"},
	"internal/lazy":     nil,
	"internal/loopback": {"internal/program"},
	"internal/prisma":   {"internal/files"},
	"internal/program":  {"internal/files"},
	"internal/progress": {"internal/say"},
	"internal/say":      nil,
	"internal/remedy":   nil,
	"internal/script":   nil,
	"internal/sqltext":  nil,
	"internal/visible":  nil,

	"internal/bench":      {anyRoom},
	"internal/release":    nil,
	"internal/leftovers":  {"internal/embedpg"},
	"internal/memtest":    nil,
	"internal/pgtest":     {"internal/embedpg", "internal/memtest", "internal/porttest"},
	"internal/porttest":   {"internal/loopback"},
	"internal/schematest": nil,
	"internal/scripttest": nil,
	"internal/sharedtest": {"internal/program"},
	"internal/usertest":   nil,
	"internal/archtest":   nil,
}

const anyRoom = "*"

// forTests are the rooms that any test may use: those that serve tests, a connection, schemas as text, and remedies.
var forTests = slices.Concat(helpers, []string{"internal/postgres", "internal/prisma", "internal/remedy"})

// ofTests are what the tests of single rooms may import besides: histories of migrations are compared with Prisma's with
// the scripts that are written for them.
var ofTests = map[string][]string{"internal/migrate": {"internal/schemaplan"}}

// helpers serve tests: what broken runs left, a place in memory, a real server, free ports, schemas of any size, programs that are scripts,
// real inputs, and other users.
var helpers = []string{"internal/leftovers", "internal/memtest", "internal/pgtest", "internal/porttest", "internal/schematest", "internal/scripttest", "internal/sharedtest", "internal/usertest"}

// owners are, for each outside library, the rooms that may import it. A library is identified by the beginning of its
// path.
var owners = map[string][]string{
	"github.com/charmbracelet/":        {"tui"},
	"github.com/muesli/termenv":        {"tui"},
	"github.com/rivo/uniseg":           {"tui"},
	"github.com/atotto/clipboard":      {"tui"},
	"github.com/aymanbagabas/go-osc52": {"tui"},

	"github.com/docker/":                {"dockerctl"},
	"github.com/containerd/errdefs":     {"dockerctl"},
	"github.com/distribution/reference": {"dockerctl"},

	"github.com/jackc/pgx/":          {"internal/postgres", "internal/pgtest"}, // pgtest: the tests of postgres itself use it
	"github.com/jackc/pgpassfile":    {"internal/postgres"},
	"github.com/jackc/pgservicefile": {"internal/postgres"},

	"github.com/spf13/": {"cmd/naap"},

	"github.com/compose-spec/compose-go/": {"internal/workspace"},
	// Its loader and its schema compile JSON schemas at every start of the program.
	"github.com/compose-spec/compose-go/v2/cli":    {tests},
	"github.com/compose-spec/compose-go/v2/loader": {tests},
	"github.com/compose-spec/compose-go/v2/schema": {tests},
	"github.com/go-viper/mapstructure/":            {"internal/workspace"},
	"github.com/sirupsen/logrus":                   {"internal/workspace"}, // to silence compose-go
	"github.com/BurntSushi/toml":                   {"internal/workspace"},
	"go.yaml.in/yaml/":                             {"internal/workspace", "internal/rules", tests},

	"github.com/bmatcuk/doublestar/":         {"internal/rules", "internal/workspace"},
	"github.com/brianvoe/gofakeit/":          {tests},
	"github.com/fsnotify/fsnotify":           {"internal/watch"},
	"github.com/gofrs/flock":                 {"internal/devenv", "internal/embedpg", "internal/leftovers", "internal/pgtest", "internal/trust"},
	"github.com/modelcontextprotocol/":       {"internal/mcpserver", tests},
	"github.com/google/jsonschema-go/":       {"internal/mcpserver"},
	"golang.org/x/term":                      {"cmd/naap", "tui"},
	"golang.org/x/":                          {anyRoom},
	"github.com/rogpeppe/go-internal/":       {tests},
	"github.com/creack/pty":                  {tests},
	"github.com/hinshun/vt10x":               {tests},
	"github.com/aymanbagabas/go-udiff":       {"internal/rules", "cmd/naap"},
	"github.com/santhosh-tekuri/jsonschema/": {tests},
}

// tests stands for the test files of every room.
const tests = "tests"

func TestTheArrowsPointOneWay(t *testing.T) {
	for _, s := range house(t) {
		allowed, known := arrows[s.room]
		if !known {
			t.Errorf("%s: the room %s has no line among the arrows; say what it may import", s.path, s.room)
			continue
		}
		for _, i := range s.imports {
			to, ours := roomImported(i.path)
			if !ours || to == s.room || mayImport(s, allowed, to) {
				continue
			}
			t.Errorf("%s:%d: %s may not import %s; it may import %s", s.path, i.line, s.room, to, list(append(allowed, everywhere...)))
		}
	}
}

func mayImport(s source, allowed []string, to string) bool {
	switch {
	case to == "cmd/naap":
		return false
	case to == "tui":
		return s.room == "cmd/naap"
	case slices.Contains(everywhere, to) && !slices.Contains(everywhere, s.room):
		return true
	case s.test && (slices.Contains(forTests, to) || slices.Contains(ofTests[s.room], to)):
		return true
	case slices.Contains(helpers, to):
		return s.room == "internal/bench" || slices.Contains(helpers, s.room) && slices.Contains(allowed, to)
	}
	return slices.Contains(allowed, to) || slices.Contains(allowed, anyRoom)
}

// roomImported returns the room that an import path leads to, if it leads into the house.
func roomImported(path string) (room string, ours bool) {
	if path == module {
		return ".", true
	}
	dir, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return "", false
	}
	return roomOf(dir), true
}

func TestEachOutsideLibraryHasItsOwner(t *testing.T) {
	for _, s := range house(t) {
		for _, i := range s.imports {
			if _, ours := roomImported(i.path); ours || !strings.Contains(strings.SplitN(i.path, "/", 2)[0], ".") {
				continue // the house's own, or the standard library's
			}
			_, who, known := owner(i.path)
			switch {
			case !known:
				t.Errorf("%s:%d: nobody owns %s; name the one room that may import it among the owners", s.path, i.line, i.path)
			case slices.Contains(who, s.room) || slices.Contains(who, anyRoom):
			case slices.Contains(who, tests) && (s.test || s.room == "internal/bench"):
			default:
				t.Errorf("%s:%d: %s may not import %s, which belongs to %s", s.path, i.line, s.room, i.path, list(who))
			}
		}
	}
}

func TestEachOwnerHasItsLibrary(t *testing.T) {
	used := map[string]bool{}
	for _, s := range house(t) {
		for _, i := range s.imports {
			if library, _, known := owner(i.path); known {
				used[library] = true
			}
		}
	}
	for library := range owners {
		if !used[library] {
			t.Errorf("nothing imports %s any more; take it off the owners", library)
		}
	}
}

// owner returns the entry with the longest matching beginning.
func owner(path string) (library string, who []string, known bool) {
	for _, prefix := range slices.Sorted(maps.Keys(owners)) {
		fits := path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
		if fits && (!known || len(prefix) > len(library)) {
			library, who, known = prefix, owners[prefix], true
		}
	}
	return library, who, known
}

// The lowest rooms are read and tested alone, so they need nothing but the standard library.
func TestTheLowestRoomsUseTheStandardLibraryOnly(t *testing.T) {
	lowest := []string{"internal/dburl", "internal/files", "internal/hidden", "internal/lazy", "internal/prisma", "internal/program", "internal/progress", "internal/remedy", "internal/say", "internal/script", "internal/sqltext", "internal/visible"}
	for _, s := range house(t) {
		if s.test || !slices.Contains(lowest, s.room) {
			continue
		}
		for _, i := range s.imports {
			to, ours := roomImported(i.path)
			if ours && (to == s.room || slices.Contains(everywhere, to) || slices.Contains(lowest, to)) {
				continue
			}
			if strings.Contains(strings.SplitN(i.path, "/", 2)[0], ".") {
				t.Errorf("%s:%d: %s imports %s, and may use the standard library only", s.path, i.line, s.room, i.path)
			}
		}
	}
}

// A panic in a goroutine that the terminal app starts leaves the terminal broken: bubbletea catches only what runs as a
// command of the program.
func TestTheTerminalAppStartsNoGoroutines(t *testing.T) {
	for _, s := range house(t) {
		if s.test || s.room != "tui" {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s:%d: a go statement; let a command do it", s.path, s.files.Position(g.Pos()).Line)
			}
			return true
		})
	}
}

func list(rooms []string) string {
	if len(rooms) == 0 {
		return "nothing"
	}
	return strings.Join(rooms, ", ")
}

// The rules above pass in silence; this shows that they can fail.
func TestAForbiddenImportIsSeen(t *testing.T) {
	for _, c := range []struct {
		from string
		test bool
		to   string
		want bool
	}{
		{"internal/prisma", false, "internal/remedy", false},
		{"internal/prisma", false, "internal/visible", true},
		{"internal/embedpg", false, "internal/postgres", false},
		{"internal/embedpg", true, "internal/postgres", true},
		{"internal/reset", false, "internal/pgtest", false},
		{"internal/reset", true, "internal/pgtest", true},
		{"internal/postgres", true, "internal/schemaplan", false},
		{"internal/devenv", false, "tui", false},
		{"internal/devenv", false, "internal/backend", false},
		{"internal/bench", false, "tui", false},
		{"cmd/naap", false, "tui", true},
		{"tui", false, "cmd/naap", false},
		{"internal/visible", false, "internal/progress", false},
	} {
		if got := mayImport(source{room: c.from, test: c.test}, arrows[c.from], c.to); got != c.want {
			t.Errorf("%s (test: %v) importing %s: allowed %v, want %v", c.from, c.test, c.to, got, c.want)
		}
	}
	for path, want := range map[string]string{
		"github.com/charmbracelet/x/ansi": "tui", "golang.org/x/term": "cmd/naap, tui", "golang.org/x/sync/errgroup": anyRoom,
		"github.com/jackc/pgx/v5/pgconn": "internal/postgres, internal/pgtest", "github.com/jackc/pgxmock": "",
	} {
		if _, who, known := owner(path); strings.Join(who, ", ") != want || known != (want != "") {
			t.Errorf("%s belongs to %v, want %s", path, who, want)
		}
	}
}

func TestTheDrawingShowsEveryRoom(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	drawing, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range house(t) {
		if s.room != "." && !strings.Contains(string(drawing), path.Base(s.room)+"/") {
			t.Errorf("ARCHITECTURE.md does not show %s", s.room)
		}
	}
}

// ledgersTable matches a statement on a table of the ledger, or on a schema that is kept for an undo.
var ledgersTable = regexp.MustCompile(`(?i)(\b(from|into|update|join|table|only|(create|drop|alter) schema( if (not )?exists)?)|regclass\(')\s*naap_(dev|undo)`)

// The schema naap_dev is the ledger's: one room says what its tables are, and what they are called.
func TestOnlyTheLedgerSpeaksToItsTables(t *testing.T) {
	if !ledgersTable.MatchString("DELETE FROM naap_dev.undo") || ledgersTable.MatchString("the notes in naap_dev.fake were copied") {
		t.Fatal("statements are not told from words")
	}
	for _, s := range house(t) {
		if s.test || s.room == "internal/ledger" || s.room == "internal/hidden" || s.room == "internal/bench" {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && ledgersTable.MatchString(l.Value) {
				t.Errorf("%s:%d: a statement on the ledger's tables; let internal/ledger have a function for it", s.path, s.files.Position(l.Pos()).Line)
			}
			return true
		})
	}
}
