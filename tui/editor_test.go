package tui

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

func TestAnEditorIsNamedInWordsAsAShellReadsThem(t *testing.T) {
	home := t.TempDir()
	blank := scripttest.Write(t, filepath.Join(home, "my editor"), "true")
	for text, want := range map[string][]string{
		"":                              nil,
		"  ":                            nil,
		"vim":                           {"vim"},
		" code  --wait ":                {"code", "--wait"},
		`"/opt/my editor" -w`:           {"/opt/my editor", "-w"},
		`'/opt/it is' --eval '(a "b")'`: {"/opt/it is", "--eval", `(a "b")`},
		`/opt/my\ editor -w`:            {"/opt/my editor", "-w"},
		`a"b c"d ''`:                    {"ab cd", ""},
		`'a\b'`:                         {`a\b`},
		blank:                           {blank},
		blank + " -w":                   strings.Fields(blank + " -w"),
	} {
		if got, err := editorWords(text, false); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
	}
	if got, err := editorWords(`"C:\Program Files\x\x.exe" -multiInst C:\it's`, true); err != nil || !slices.Equal(got, []string{`C:\Program Files\x\x.exe`, "-multiInst", `C:\it's`}) {
		t.Errorf("on Windows: %q, %v", got, err)
	}
	for _, text := range []string{`vim 'a`, `"vim`, `vim \`} {
		if got, err := editorWords(text, false); err == nil {
			t.Errorf("%q is %q", text, got)
		}
	}
}

func TestVisualIsAskedBeforeEditor(t *testing.T) {
	dir := t.TempDir()
	mine, other := scripttest.Write(t, filepath.Join(dir, "a b", "mine"), "true"), scripttest.Write(t, filepath.Join(dir, "other"), "true")
	for _, c := range []struct {
		visual, editor, path string
		want                 string // the words of the command, or of the error
	}{
		{`"` + mine + `" -x`, other, "", mine + " -x FILE"},
		{"", other + " --wait", "", other + " --wait FILE"},
		{"  ", "other", dir, other + " FILE"},
		{"missing", "other", dir, "there is no missing on the PATH"},
		{"bin/mine", "", dir, "bin/mine is not started: its folder of the PATH is relative"},
		{`"` + mine, "", dir, "a quote is not closed"},
	} {
		f := program.Finder{Path: c.path, Environ: []string{"VISUAL=" + c.visual, "EDITOR=" + c.editor}}
		cmd, err := editor(t.Context(), f, "FILE")
		switch {
		case err != nil && (!strings.Contains(err.Error(), c.want) || remedy.Code(err) != "editor.missing"):
			t.Errorf("%q, %q: %v", c.visual, c.editor, err)
		case err == nil && strings.Join(cmd.Args, " ") != c.want:
			t.Errorf("%q, %q: %q", c.visual, c.editor, cmd.Args)
		}
	}
}

func TestWhatAnEditorLeftIsTakenOrKept(t *testing.T) {
	failed := errors.New("my-editor: exit status 3")
	for _, c := range []struct {
		name, before, left string
		failed             error
		want, code         string
		kept               bool
	}{
		{"a line feed at the end is the editor's", "a", "b\n", nil, "b", "", false},
		{"and one of Windows", "a", "b\r\n", nil, "b", "", false},
		{"but not where there was one", "a\n", "b\n", nil, "b\n", "", false},
		{"nothing is a text, too", "a", "", nil, "", "", false},
		{"it failed and wrote nothing", "a", "a", failed, "", "editor.failed", false},
		{"it failed and wrote", "a", "much work", failed, "", "editor.failed", true},
		{"it failed and wrote what is no text", "a", "\xff", failed, "", "editor.failed", true},
		{"not UTF-8", "a", "b\xff", nil, "", "editor.text", true},
		{"a NUL", "a", "b\x00", nil, "", "editor.text", true},
		{"too much", "a", strings.Repeat("x", 100), nil, "", "editor.text", true},
		{"as much as it was", strings.Repeat("y", 100), strings.Repeat("y", 100) + "\n", nil, strings.Repeat("y", 100), "", false},
	} {
		file, err := editedFile(c.before, ".sql")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(filepath.Dir(file))
		if err := os.WriteFile(file, []byte(c.left), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := edited(file, c.before, files.Limit(50), c.failed)
		if got != c.want || (err == nil) != (c.code == "") || err != nil && remedy.Code(err) != c.code {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		body, _ := os.ReadFile(file)
		if c.kept != (string(body) == c.left && body != nil) || c.kept != (err != nil && strings.Contains(remedy.Text(err), file)) {
			t.Errorf("%s: the file holds %q; %v", c.name, body, err)
		}
		if _, err := os.Lstat(filepath.Dir(file)); c.kept != (err == nil) {
			t.Errorf("%s: the folder: %v", c.name, err)
		}
	}
	file, err := editedFile("a", ".sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	if _, err := edited(file, "a", files.Small, nil); remedy.Code(err) != "editor.text" {
		t.Errorf("a file that is gone: %v", err)
	}
}
