package workspace

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestRulesForMadeUpRowsAreRead(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "naap.toml"), `port = 5433

[fake."public.User.email"]
pattern = '{first}\.{last}@acme\.test'
null = 0.25

[fake."public.User.age"]
range = [18, 99]

[fake."public.User.born"]
range = { max = 2008-01-01 }

[fake]
"a.b.status" = { values = ["open", 7, true, 2.5], weights = [8, 1, 1, 0.5] }
"a.b.seen" = { constant = 2026-01-02T03:04:05Z }
"a.b.left" = { null = 1 }
`)
	var got strings.Builder
	for _, r := range mustFind(t, dir, nil).Settings.Fake {
		share := "usual"
		if r.Null != nil {
			share = fmt.Sprint(*r.Null)
		}
		fmt.Fprintf(&got, "%s %s %q %q %v %s..%s null %s\n", r.Where, r.Column, r.Pattern, r.Values, r.Weights, r.Min, r.Max, share)
	}
	want := `naap.toml:16 a.b.left "" [] [] .. null 1
naap.toml:15 a.b.seen "" ["2026-01-02 03:04:05+00"] [] .. null usual
naap.toml:14 a.b.status "" ["open" "7" "true" "2.5"] [8 1 1 0.5] .. null usual
naap.toml:7 public.User.age "" [] [] 18..99 null usual
naap.toml:10 public.User.born "" [] [] ..2008-01-01 null usual
naap.toml:3 public.User.email "{first}\\.{last}@acme\\.test" [] [] .. null 0.25
`
	if got.String() != want {
		t.Errorf("the rules are\n%swant\n%s", got.String(), want)
	}
}

func TestMistakesInRulesForMadeUpRowsAreNamedWithTheirPlace(t *testing.T) {
	for _, c := range []struct{ text, where, says string }{
		{"[fake.public.User.email]\nnull = 1\n", ":1:", "one pair of quotes"},
		{"[fake.\"User.email\"]\nnull = 1\n", ":1:", "one pair of quotes"},
		{"[fake.\"a.b.c\"]\n", ":1:", "says nothing"},
		{"[fake.\"a.b.c\"]\nnull = 1\npatern = \"x\"\n", ":3:1", "did you mean pattern?"},
		{"[fake.\"a.b.c\"]\nnull = 30\n", ":2:1", "from 0 to 1"},
		{"[fake.\"a.b.c\"]\nvalues = []\n", ":2:1", "values must be a list"},
		{"[fake.\"a.b.c\"]\nvalues = [\"a\"]\nweights = [1, 2]\n", ":1:", "weights 2, values 1"},
		{"[fake.\"a.b.c\"]\nvalues = [\"a\"]\nweights = [0]\n", ":3:1", "not all 0"},
		{"[fake.\"a.b.c\"]\nvalues = [[1]]\n", ":2:1", "values are strings"},
		{"[fake.\"a.b.c\"]\nrange = [1]\n", ":2:1", "list of two"},
		{"[fake.\"a.b.c\"]\nrange = {}\n", ":2:1", "list of two"},
		{"[fake.\"a.b.c\"]\nconstant = []\n", ":2:1", "one value"},
		{"[fake.\"a.b.c\"]\npattern = \"x\"\nconstant = 3\n", ":1:", "one of pattern and constant"},
		{"fake = 3\n", ":1:", "must be tables"},
		{"[fak.\"a.b.c\"]\nnull = 1\n", ":1:", "did you mean fake"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "naap.toml")
		write(t, path, c.text)
		_, err := find(t, dir, nil)
		text := remedy.Text(err)
		if remedy.Code(err) != "settings.file" || remedy.Exit(err) != remedy.ExitUsage || !strings.Contains(text, path+c.where) || !strings.Contains(text, c.says) {
			t.Errorf("%q: %s", c.text, text)
		}
	}
}
