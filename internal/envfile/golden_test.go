package envfile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/livepeer/naap-dev/internal/workspace"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// TestGolden reads each archive of testdata: the files, what is found in them, the diff, and the files as they are
// afterwards. The comment of an archive says what is special about its files.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { golden(t, name) })
	}
}

func golden(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	check(t, err)
	directives := directivesOf(string(archive.Comment))
	root := t.TempDir()
	written := map[string][]byte{}
	kept := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want/") {
			continue
		}
		kept.Files = append(kept.Files, f)
		data := made(f.Data, directives, f.Name)
		put(t, root, f.Name, data)
		written[f.Name] = data
	}
	o := options(root)
	for _, dir := range directives["near"] {
		o.Near = append(o.Near, filepath.Join(root, dir))
	}
	o.OneSchema = len(directives["one-schema"]) > 0
	r := read(t, o)
	p := r.Plan()
	add := func(name, text string) {
		kept.Files = append(kept.Files, txtar.File{Name: "want/" + name, Data: []byte(text)})
	}
	add("report", describe(r))
	add("diff", p.Diff())
	check(t, p.Apply(t.Context()))
	for _, f := range archive.Files {
		if was, ok := written[f.Name]; ok {
			now, err := os.ReadFile(filepath.Join(root, f.Name))
			check(t, err)
			if !bytes.Equal(was, now) {
				add("after/"+f.Name, strings.ReplaceAll(strings.ReplaceAll(string(now), "\r", "<CR>"), "\ufeff", "<BOM>")+missingEnd(now))
			}
		}
	}
	if again := read(t, o); !again.Plan().Empty() {
		t.Errorf("a second run writes again:\n%s", again.Plan().Diff())
	}
	for _, secret := range directives["secret"] {
		if said := describe(r) + p.Diff(); strings.Contains(said, secret) {
			t.Errorf("%s is shown:\n%s", secret, said)
		}
	}
	if *update {
		check(t, os.WriteFile(name, txtar.Format(kept), 0o644))
		return
	}
	if got, want := string(txtar.Format(kept)), string(txtar.Format(archive)); got != want {
		t.Errorf("got\n%s\nwant\n%s\n(go test ./internal/envfile -update writes it)", got, want)
	}
}

// missingEnd marks the end of a file without a line end, which an archive cannot hold.
func missingEnd(text []byte) string {
	if bytes.HasSuffix(text, []byte("\n")) || len(text) == 0 {
		return ""
	}
	return "<END>\n"
}

// directivesOf reads the lines "name: word word" of a comment.
func directivesOf(comment string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(comment) {
		if name, words, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.Contains(name, " ") {
			out[name] = append(out[name], strings.Fields(words)...)
		}
	}
	return out
}

// made returns a file with the line ends and marks that an archive cannot hold.
func made(data []byte, directives map[string][]string, name string) []byte {
	for _, word := range []string{"crlf", "bom", "no-end"} {
		for _, of := range directives[word] {
			switch {
			case of != name:
			case word == "crlf":
				data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
			case word == "bom":
				data = append([]byte("\ufeff"), data...)
			default:
				data = bytes.TrimRight(data, "\r\n")
			}
		}
	}
	return data
}

func options(root string) Options {
	return Options{
		Root: root, URL: "postgresql://postgres:postgres@localhost:5432/naap", Others: map[int]string{5433: "two"}, Hosts: []string{"naap-db"},
		Variables: []workspace.DatabaseVariable{
			{Name: "DATABASE_URL", Use: workspace.UseURL}, {Name: "DATABASE_URL_UNPOOLED", Use: workspace.UseDirect}, {Name: "SHADOW_DATABASE_URL", Use: workspace.UseShadow},
		},
	}
}

// describe returns what a report says, a line each.
func describe(r *Report) string {
	var b strings.Builder
	for _, f := range r.Files {
		fmt.Fprintf(&b, "%s %s\n", f.Path, f.Kind)
		if f.SameAs != "" {
			fmt.Fprintf(&b, "  is %s\n", f.SameAs)
		}
		if f.Problem != "" {
			fmt.Fprintf(&b, "  problem: %s\n", f.Problem)
		}
		for _, l := range f.Lines {
			fmt.Fprintf(&b, "  %d %s %s %s: %s\n", l.Number, l.Verdict, l.Name, l.Shown, strings.Join(l.Why, "; "))
			if l.Becomes != "" {
				fmt.Fprintf(&b, "    becomes %s\n", l.Becomes)
			}
		}
		if f.Refused != "" {
			fmt.Fprintf(&b, "  refused: %s\n", f.Refused)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func read(t *testing.T, o Options) *Report {
	t.Helper()
	r, err := Read(t.Context(), o)
	check(t, err)
	return r
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, root, name string, data []byte) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(name))
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, data, 0o640))
}
