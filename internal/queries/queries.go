// Package queries keeps a workspace's named queries: plain SQL files in its folder naap/queries, a query each, whose name
// is the file's and whose first comment says what it is for. It runs none of them.
package queries

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Folder is where the files are in a workspace, with forward slashes.
const Folder = "naap/queries"

// most is how many files are listed.
const most = 1000

// Query is one named query.
type Query struct {
	Name        string
	Description string // the first line of its first comment, or ""
	Text        string // with line feeds alone
	File        string // relative to the workspace's root, with forward slashes
	Err         error  // why the file cannot be read, or nil
}

// List returns the queries of the workspace at root, by name. A workspace without the folder has none.
func List(ctx context.Context, root string) ([]Query, error) {
	in, err := open(root)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	entries, err := files.List(ctx, filepath.Join(root, filepath.FromSlash(Folder)), most)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(err, Folder)
	}
	var list []Query
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".sql")
		if !ok || e.IsDir() || check(name) != nil {
			continue
		}
		q := Query{Name: name, File: path.Join(Folder, e.Name())}
		if q.Text, _, q.Err = read(ctx, in, q.File); q.Err == nil {
			q.Description = description(q.Text)
		}
		list = append(list, q)
	}
	return list, ctx.Err()
}

// Save writes a query. was is the text that the file had when it was read, nil for a file that is not there yet:
// otherwise nothing is written, and the error has the code query.exists or query.changed.
func Save(ctx context.Context, root, name, text string, was *string) (Query, error) {
	name = strings.TrimSuffix(name, ".sql")
	if err := check(name); err != nil {
		return Query{}, err
	}
	in, err := open(root)
	if err != nil {
		return Query{}, err
	}
	defer in.Close()
	text = strings.TrimRight(normal(text), " \t\n") + "\n"
	q := Query{Name: name, Description: description(text), Text: text, File: path.Join(Folder, name+".sql")}
	now, raw, err := read(ctx, in, q.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if was != nil {
			return q, remedy.New("query.changed", remedy.ExitRefused, "%s is not there any more", q.File)
		}
		return q, unwritable(in.Create(q.File, []byte(text)), q.File)
	case err != nil:
		return q, err
	case now == text:
		return q, nil
	case was == nil:
		return q, remedy.New("query.exists", remedy.ExitRefused, "there is a query %s already", name)
	case now != normal(*was):
		return q, remedy.New("query.changed", remedy.ExitRefused, "%s has changed since it was read", q.File)
	}
	written := text
	if strings.Contains(string(raw), "\r\n") { // as the file had them
		written = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if strings.HasPrefix(string(raw), mark) {
		written = mark + written
	}
	err = in.RewriteAll(ctx, []files.Rewrite{{Name: q.File, Was: raw, Text: []byte(written)}}, files.Settings)
	return q, unwritable(err, q.File)
}

func open(root string) (*files.Inside, error) {
	if root == "" {
		return nil, remedy.New("query.workspace", remedy.ExitRefused, "queries are kept in a workspace, and the built-in one has no folder").
			WithFix("run naap in a checkout, or make the folder a workspace with a naap.toml")
	}
	return files.OpenInside(root)
}

func read(ctx context.Context, in *files.Inside, name string) (text string, raw []byte, err error) {
	raw, err = in.Read(ctx, filepath.FromSlash(name), files.Settings)
	if err == nil {
		return normal(string(raw)), raw, lossy(normal(string(raw)), name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, err
	}
	return "", nil, unreadable(err, name)
}

// lossy returns why a text cannot be edited as one: saving it would lose what no editor of texts shows. nil where nothing
// would be lost.
func lossy(text, name string) error {
	for i, line := range strings.Split(text, "\n") {
		what := ""
		if !utf8.ValidString(line) {
			what = "what is not UTF-8"
		} else if c := strings.IndexFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }); c >= 0 {
			what = fmt.Sprintf("the control character %U", []rune(line[c:])[0])
		}
		if what != "" {
			return remedy.New("query.text", remedy.ExitFailed, "line %d of %s holds %s, which would be lost here", i+1, visible.String(name), what).
				WithFix("save the file as UTF-8, without control characters, with your editor")
		}
	}
	return nil
}

func unreadable(err error, name string) error {
	return files.Explain(err, remedy.New("query.file", remedy.ExitFailed, "%s cannot be read", visible.String(name)))
}

func unwritable(err error, name string) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return remedy.New("query.exists", remedy.ExitRefused, "there is a query %s already", strings.TrimSuffix(path.Base(name), ".sql"))
	}
	return files.Explain(err, remedy.New("query.write", remedy.ExitFailed, "%s cannot be written", visible.String(name)))
}

// mark is the mark of a text's byte order, as UTF-8.
const mark = "\ufeff"

// normal returns a text with line feeds alone, and without a mark of its byte order.
func normal(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, mark), "\r\n", "\n")
}

// check returns why a name cannot be that of a file on every system, or nil.
func check(name string) error {
	bad := func(why string) error {
		return remedy.New("query.name", remedy.ExitUsage, "a query cannot be called %q: %s", name, why).WithFix("letters, digits, and . _ - between them")
	}
	switch {
	case name == "":
		return bad("it has no name")
	case len(name) > 100:
		return bad("it is longer than 100 bytes")
	case strings.Trim(name[:1], ".-") == "" || strings.HasSuffix(name, "."):
		return bad("it begins or ends with a sign")
	case strings.ContainsFunc(name, isSign):
		return bad("it holds a sign")
	case slices.Contains(devices, strings.ToLower(strings.SplitN(name, ".", 2)[0])):
		return bad("Windows has a device of that name")
	}
	return nil
}

// isSign reports whether a character is not one of a name.
func isSign(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) && !strings.ContainsRune("._-", r)
}

// devices are the names that are not files on Windows, whatever comes behind their first point.
var devices = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// description returns the first line of the comment with which a text begins.
func description(text string) string {
	l := sqltext.Lexer{Text: strings.TrimLeft(text, " \t\n")}
	t, ok := l.Next()
	if !ok || t.Kind != sqltext.Space {
		return ""
	}
	for line := range strings.Lines(l.Text[t.Start:t.End]) {
		if line = strings.Trim(line, "-/* \t\n"); line != "" {
			return line
		}
	}
	return ""
}
