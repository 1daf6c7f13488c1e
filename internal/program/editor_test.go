package program

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

func TestTheEditorIsTheUsers(t *testing.T) {
	bin, repository := t.TempDir(), t.TempDir()
	for _, name := range []string{"ed one", "vi", "visual"} {
		scripttest.Write(t, filepath.Join(bin, name), "")
	}
	scripttest.Write(t, filepath.Join(repository, "vi"), "")
	for env, want := range map[string]string{
		"":                            "vi|f.sql",
		"EDITOR=":                     "vi|f.sql",
		"EDITOR=visual":               "visual|f.sql",
		"EDITOR=vi,VISUAL=visual":     "visual|f.sql",
		`EDITOR="ed one" -w  '--x y'`: "ed one|-w|--x y|f.sql",
		"EDITOR=" + filepath.Join(bin, "visual") + " -n": "visual|-n|f.sql",
		"EDITOR=missing": "",
		"EDITOR=" + filepath.Join(repository, "vi"): "",
		"EDITOR=../vi": "",
	} {
		f := Here(repository)
		f.Path, f.Environ = repository+string(filepath.ListSeparator)+bin, append(strings.Split(env, ","), "HOME=/home/me")
		cmd, err := f.Editor(t.Context(), "f.sql")
		got := ""
		if err == nil {
			got = strings.Join(append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:]...), "|")
			if filepath.Dir(cmd.Path) != bin || !slices.Contains(cmd.Env, "HOME=/home/me") {
				t.Errorf("%s: %s with %v", env, cmd.Path, cmd.Env)
			}
		}
		if got != want {
			t.Errorf("%s: got %q, %v, want %q", env, got, err, want)
		}
	}
}
