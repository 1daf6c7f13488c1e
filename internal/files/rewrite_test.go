package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAFileThatChangedSinceItWasReadIsNotRewrittenAndNeitherAreTheOthers(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	in, err := OpenInside(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	put("a", "1")
	put("b", "edited")
	first := Rewrite{Name: "a", Was: []byte("1"), Text: []byte("2")}
	for name, second := range map[string]Rewrite{
		"other text": {Name: "b", Was: []byte("1"), Text: []byte("2")},
		"was new":    {Name: "b", Text: []byte("2")},
		"is gone":    {Name: "c", Was: []byte("1"), Text: []byte("2")},
	} {
		if err := in.RewriteAll(t.Context(), []Rewrite{first, second}, Small); remedy.Code(err) != "file.changed" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "a")); string(got) != "1" {
		t.Errorf("a is %q", got)
	}
	fresh := Rewrite{Name: "new", Text: []byte("3")}
	if err := in.RewriteAll(t.Context(), []Rewrite{first, fresh}, Small); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "2", "new": "3"} {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 3 || strings.HasPrefix(list[0].Name(), ".naap") {
		t.Error(list, err)
	}
}
