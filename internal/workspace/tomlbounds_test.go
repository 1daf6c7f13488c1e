package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestSettingsThatNobodyWroteAreRefusedBeforeTheyAreParsed(t *testing.T) {
	many := func(line string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, line+"\n", i)
		}
		return b.String()
	}
	path := filepath.Join(t.TempDir(), SettingsFileName)
	for name, text := range map[string]string{
		"dots in a key":           "a" + strings.Repeat(".a", 10_000) + " = 1",
		"dots and spaces":         "a" + strings.Repeat(" . 'a'", 10_000) + " = 1",
		"dots in a header":        "[a" + strings.Repeat(".a", 10_000) + "]",
		"dots in an inline table": "x = { a" + strings.Repeat(".a", 10_000) + " = 1 }",
		"arrays":                  "a = " + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"arrays over lines":       "a = " + strings.Repeat("[\n", 100_000),
		"inline tables":           "a = " + strings.Repeat("{a=", 20_000) + "1" + strings.Repeat("}", 20_000),
		"behind a string":         `s = "\"[" # "` + "\na = " + strings.Repeat("[", 100),
		"keys":                    many("k%d = 1", 60_000),
		"headers":                 many("[fake.\"a.b.c%d\"]\nconstant = 1", 20_000),
		"tables of an array":      many("[[check.allow]] # %d", 30_000),
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := readSettingsFile(t.Context(), path)
		if remedy.Code(err) != "settings.file" || !strings.Contains(err.Error(), "naap reads at most") {
			t.Errorf("%s: %.200v", name, err)
		}
	}
	for _, text := range []string{
		"check.prefixes.plugin_a = [\"A\"] # a.b.c.d" + strings.Repeat(".e", 100),
		"image = '" + strings.Repeat("[.", 1000) + "'", "image = \"" + strings.Repeat(`\"[`, 1000) + "\"",
		"image = '''\n" + strings.Repeat("[=.\n", 10_000) + "'''", `image = """` + strings.Repeat(`\"""[`, 1000) + `"""`,
	} {
		if err := (&settingsFile{text: text}).tooDeep(); err != nil {
			t.Errorf("%.60q…: %v", text, err)
		}
	}
	if err := os.WriteFile(path, []byte("port = "+strings.Repeat("9", 500_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readSettingsFile(t.Context(), path); len(remedy.Text(err)) > 2000 {
		t.Errorf("the error has %d bytes", len(remedy.Text(err)))
	}
}

func TestTheLineOfARuleForMadeUpRowsIsItsHeaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), SettingsFileName)
	text := "# of a.b.c\n[fake.\"a.b.c\"]\nconstant = 1\n\n[fake.'a.b.d']\nconstant = 1\n[fake]\n\"a.b.e\".constant = 2\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := readSettingsFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var where []string
	for _, r := range f.free.Fake {
		where = append(where, r.Where)
	}
	if got := strings.Join(where, " "); got != "naap.toml:2 naap.toml:5 naap.toml:8" {
		t.Error(got)
	}
}
