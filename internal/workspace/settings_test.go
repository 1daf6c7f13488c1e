package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestStrongerLayersWin(t *testing.T) {
	root := tree(t, "monorepo")
	check := func(want int, origin string, flags map[string]string, env ...string) {
		t.Helper()
		w := mustFind(t, root, flags, env...)
		equal(t, "port", w.Settings.Port, want)
		equal(t, "origin", w.Settings.Origin("port").String(), origin)
	}
	check(15432, "docker-compose.yml (service database)", nil)
	write(t, filepath.Join(root, "naap.toml"), "# settings\n\nport = 1111\n")
	check(1111, "naap.toml:3", nil)
	check(2222, "environment NAAP_PORT", nil, "NAAP_PORT=2222")
	check(3333, "flag --port", map[string]string{"port": "3333"}, "NAAP_PORT=2222")
	check(1111, "naap.toml:3", nil, "NAAP_PORT=")
}

func TestSettingsFileIsReadWhole(t *testing.T) {
	root := tree(t, "folder")
	s := mustFind(t, root, nil).Settings
	equal(t, "port", s.Port, 6000)
	equal(t, "lock timeout", s.LockTimeout, 90*time.Second)
	equal(t, "undo.keep", s.Undo.Keep, 3)
	equal(t, "undo.max-age", s.Undo.MaxAge, 14*24*time.Hour)
	equal(t, "undo.max-size", s.Undo.MaxSize, 512<<20)
	equal(t, "mouse", s.TUI.Mouse, false)
	equal(t, "keys", strings.Join(s.TUI.Keys["down"], " "), "j n")
	equal(t, "exception", s.Check.Allow[0], Exception{"plugins/old/**", "3", "kept until the move is done", 23})
}

func TestRelativePathsBelongToWhereTheyAreWritten(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "naap.toml"), "schema = \"db/a.prisma\"\n")
	write(t, filepath.Join(root, "db", "a.prisma"), "model A { id Int @id }")
	write(t, filepath.Join(root, "sub", "b.prisma"), "model B { id Int @id }")
	equal(t, "from the file", mustFind(t, filepath.Join(root, "sub"), nil).SchemaName(), "db/a.prisma")
	equal(t, "from the shell", mustFind(t, filepath.Join(root, "sub"), nil, "NAAP_SCHEMA=b.prisma").SchemaName(), "sub/b.prisma")
}

func TestMistakesInTheSettingsFileAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ text, where, says string }{
		{"port = 5432\nprot = 1\n", ":2:1", "did you mean port?"},
		{"[undo]\nkeep = 1\nmax_age = \"1d\"\n", ":3:1", "did you mean undo.max-age?"},
		{"[tiu]\ntheme = \"x\"\n", ":1:", `"tiu"`},
		{"port = \"5432\"\n", ":1:", "port must be a whole number"},
		{"no-push = \"yes\"\n", ":1:", "true or false"},
		{"compose.files = \"a.yml\"\n", ":1:", "list of strings"},
		{"port = \n", ":1:", "expected value"},
		{"[owners]\nplugin_a = 3\n", ":2:", "string"},
		{"[[check.allow]]\npath = \"a\"\nrule = \"1\"\n", ":1:", "needs a path, a rule and a reason"},
		{"\n[[check.allow]]\npath = \"a\"\nrule = \"1\"\nreson = \"b\"\n", ":2:", `"reson"`},
		{"[check]\nallow = 3\n", ":2:", "[[check.allow]]"},
		{"tui = 3\n", ":1:", `"tui"`},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "naap.toml")
		write(t, path, c.text)
		_, err := find(t, dir, nil)
		if remedy.Code(err) != "settings.file" || remedy.Exit(err) != remedy.ExitUsage {
			t.Errorf("%q: code %s, %v", c.text, remedy.Code(err), err)
			continue
		}
		if text := remedy.Text(err); !strings.Contains(text, path+c.where) || !strings.Contains(text, c.says) {
			t.Errorf("%q: %s", c.text, text)
		}
	}
}

func TestBadValuesSayWhoSetThem(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ env, says string }{
		{"NAAP_PORT=0", "environment NAAP_PORT says 0"},
		{"NAAP_PORT=70000", "1 to 65535"},
		{"NAAP_ENGINE=podman", "one of auto, docker, embedded"},
		{"NAAP_LOCK_TIMEOUT=fast", "a duration such as"},
		{"NAAP_UNDO_MAX_SIZE=12 parsecs", "a size such as"},
		{"NAAP_UNDO_KEEP=-1", "0 or more"},
		{"NAAP_VOLUME=./data", "absolute path of a folder"},
		{"NAAP_NO_SEED=maybe", "true or false"},
		{"NAAP_INSTANCE=No Spaces", "cannot be the name of an instance"},
		{"NAAP_DATABASE=host=db.example port=1", "take this for where a server is"},
		{"NAAP_DATABASE=postgresql://u:hidden-word@db.example/d", "take this for where a server is"},
		{"NAAP_DATABASE=postgres://db.example", "take this for where a server is"},
		{"NAAP_INSTANCE=../x", "cannot be the name of an instance"},
	} {
		_, err := find(t, dir, nil, c.env)
		if remedy.Exit(err) != remedy.ExitUsage || !strings.Contains(remedy.Text(err), c.says) || strings.Contains(remedy.Text(err), "hidden-word") {
			t.Errorf("%s: %s", c.env, remedy.Text(err))
		}
	}
	_, err := find(t, dir, map[string]string{"prot": "1"})
	equal(t, "unknown flag", remedy.Code(err), "settings.flag")
}

func TestMistakesBesideAPasswordHideIt(t *testing.T) {
	for _, text := range []string{"password = hidden-word\n", "password = \"hidden-word\n", "password = 3\ndatabase-url = hidden-word", "password = [\"hidden-word\"]\n",
		"database-url = \"\"\"\npostgres://u:hidden-word@h/d\n", "password = '''\nhidden-word\n", "\"pass\\u0077ord\" = hidden-word\n", "\"database\\u002Durl\" = [\"postgres://u:hidden-word@h/d\"]\n",
		"pasword = \"hidden-word\"\n", "DATABASE_URL = \"postgres://u:hidden-word@h/d\"\n", "[seed]\npassword = \"hidden-word\"\n"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "naap.toml"), text)
		_, err := find(t, dir, nil)
		if remedy.Code(err) != "settings.file" || strings.Contains(remedy.Text(err), "hidden") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestUnknownVariablesAreWarnedOf(t *testing.T) {
	w := mustFind(t, t.TempDir(), nil, "NAAP_PROT=1", "NAAP_TEST_X=1", "NAAP_SHARED=/x", "OTHER=1", "NAAP_PORT=5433")
	equal(t, "warnings", strings.Join(w.Warnings, "\n"),
		"environment: NAAP_PROT is not a setting of naap, and is ignored; did you mean NAAP_PORT?")
}

func TestTableMasksPasswords(t *testing.T) {
	for _, url := range []string{
		"postgresql://u:hidden-word@h/db", "postgres://h/db?user=u&password=hidden-word", "host=h password=hidden-word", ":hidden-word",
		"postgres://u:12/hidden-word@h/db", "postgres:u:hidden-word@h/db", "postgres://u:12#hidden-word@h/db", "postgres://h/db?passw%6Frd=hidden-word",
	} {
		w := mustFind(t, t.TempDir(), nil, "NAAP_PASSWORD=hidden-word", "NAAP_DATABASE_URL="+url, "NAAP_SEED_COMMAND=DATABASE_URL=postgres://u:hidden-word@h/d node seed.js")
		shown := fmt.Sprint(w.Settings.Table())
		if strings.Contains(shown, "hidden") {
			t.Errorf("a password is shown: %s", shown)
		}
	}
}

func TestTableShowsEverySettingWithItsOrigin(t *testing.T) {
	rows := map[string]Row{}
	s := mustFind(t, tree(t, "folder"), nil, "NAAP_IMAGE=postgres:16\x1b[2J").Settings
	for _, row := range s.Table() {
		rows[row.Name] = row
	}
	for _, k := range keys {
		if rows[k.Name].Doc == "" || rows[k.Name].Env != k.env() {
			t.Errorf("setting %s is not in the table", k.Name)
		}
	}
	equal(t, "undo.max-age", rows["undo.max-age"].Value, "14d")
	equal(t, "undo.max-size", rows["undo.max-size"].Value, "512MB")
	equal(t, "lock-timeout", rows["lock-timeout"].Value, "1m30s")
	equal(t, "lock-timeout's origin", rows["lock-timeout"].Origin, "naap.toml:2")
	equal(t, "keys", rows["tui.keys.down"].Value, "j n")
	equal(t, "image", rows["image"].Value, "postgres:16␛[2J")
}

func TestAVariableIsNamedAsItsSetting(t *testing.T) {
	for name, want := range map[string]string{"port": "NAAP_PORT", "database-url": "NAAP_DATABASE_URL", "undo.max-age": "NAAP_UNDO_MAX_AGE", "tui.ascii": "NAAP_TUI_ASCII"} {
		if k, ok := keyNamed(name); !ok || k.env() != want {
			t.Errorf("%s is set by %s, want %s", name, k.env(), want)
		}
	}
}

func TestSizesAndDurationsReadBackAsShown(t *testing.T) {
	for _, b := range []Bytes{0, 1, 1023, 1 << 10, 5 << 30, 1<<20 + 1, 3 << 40} {
		got, err := parseBytes(b.String())
		if b == 0 {
			got, err = parseBytes("0B")
		}
		if err != nil || got != b {
			t.Errorf("%d is shown as %s and read as %d, %v", b, b, got, err)
		}
	}
	for _, d := range []time.Duration{0, time.Second, 10 * time.Second, 90 * time.Second, 30 * time.Minute, 36 * time.Hour, 48 * time.Hour, 10*time.Minute + 30*time.Second} {
		got, err := parseDuration(formatDuration(d))
		if err != nil || got != d {
			t.Errorf("%s is shown as %s and read as %s, %v", d, formatDuration(d), got, err)
		}
	}
}

func FuzzSettingsFileNeverPanics(f *testing.F) {
	f.Add("port = 1\n[undo]\nkeep = 3\n")
	f.Add("[[check.allow]]\npath='a'\n[tui.keys]\na=['b']\n")
	f.Add("a.\"b c\".d = {x = [1, 2]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "naap.toml")
		write(t, path, text)
		if file, err := readSettingsFile(t.Context(), path); err == nil {
			s := defaults()
			_ = layers(file.values).apply(&s)
		}
	})
}
