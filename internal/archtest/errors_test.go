package archtest

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// errorCode is what the sources say of an error's code.
type errorCode struct {
	code     string
	exits    map[string]bool
	messages []string // as formats
}

var (
	codeText = regexp.MustCompile(`^[a-z]+(\.[a-z-]+)+$`)
	fileName = regexp.MustCompile(`\.(prisma|toml|json|sql|yml|yaml|sh|conf|dat|io|md|csv|lock|pid|dump|part|log|txt|exe|so|sock|env|internal|restored|unpacked|identity|unsynced|local)$`)
	exitsOf  = map[string]string{"ExitFailed": "1", "ExitUsage": "2", "ExitRefused": "3", "ExitBusy": "4", "ExitNoServer": "5", "ExitNotStarted": "126", "exitNotFound": "127"}
)

// composed are the codes that are put together from a verb's name.
var composed = map[string][]string{`verb + ".locked"`: {"reset.locked", "undo.locked"}, `verb + ".refused"`: {"reset.refused", "undo.refused"}}

// errorsOf collects the codes of the errors that naap's own sources make.
type errorsOf struct {
	named   map[string]map[string]ast.Expr // constants, by folder
	found   map[string]*errorCode
	dynamic map[string]map[string]bool // by folder: the exits of errors whose code comes from elsewhere
	later   []func()
	file    string // that is looked at
}

// errorCodes returns the errors that the module makes, by code.
func errorCodes(t *testing.T) map[string]*errorCode {
	t.Helper()
	e := &errorsOf{named: constants(t), found: map[string]*errorCode{}, dynamic: map[string]map[string]bool{}}
	for _, s := range house(t) {
		dir := path.Dir(s.path)
		if s.test || dir == "tui/fake" || strings.HasSuffix(dir, "test") || slices.Contains([]string{"internal/bench", "internal/remedy", "internal/doctor"}, dir) || s.path == "internal/workspace/keys.go" || s.path == "internal/workspace/tomltables.go" {
			continue
		}
		for _, decl := range s.tree.Decls {
			e.look(dir, s.path, decl)
		}
	}
	for _, f := range e.later {
		f()
	}
	maps.DeleteFunc(e.found, func(_ string, c *errorCode) bool { return len(c.exits) == 0 }) // settings
	return e.found
}

// look finds the codes in a declaration: in lists of expressions, which are arguments, elements, results and what is
// assigned.
func (e *errorsOf) look(dir, file string, decl ast.Decl) {
	e.file = file
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			e.call(dir, n)
		case *ast.CompositeLit:
			e.composite(dir, n)
		case *ast.AssignStmt:
			e.list(dir, n.Rhs)
			if name, ok := n.Lhs[0].(*ast.Ident); ok && strings.HasSuffix(strings.ToLower(name.Name), "code") {
				e.alone(dir, decl, n.Rhs[0])
			}
		case *ast.ReturnStmt:
			e.list(dir, n.Results)
		}
		return true
	})
}

// call reads a call of remedy.New, or of a function that makes an error of a code and a message.
func (e *errorsOf) call(dir string, n *ast.CallExpr) {
	if selected(n.Fun) != "remedy.New" || len(n.Args) < 3 {
		e.list(dir, n.Args)
		return
	}
	exit := exitOf(n.Args[1])
	codes := composed[exprText(n.Args[0])]
	if code, ok := e.value(dir, n.Args[0]); ok {
		codes = []string{code}
	}
	if codes == nil && exit != "" {
		for _, where := range []string{dir, e.file} {
			if e.dynamic[where] == nil {
				e.dynamic[where] = map[string]bool{}
			}
			e.dynamic[where][exit] = true
		}
	}
	message, _ := e.value(dir, n.Args[2])
	for _, code := range codes {
		e.add(code, exit, message)
	}
}

// message returns a text that says what happened, or the beginning of it. A function that takes a format may be given one.
func (e *errorsOf) message(dir string, x ast.Expr) (string, bool) {
	if sum, ok := x.(*ast.BinaryExpr); ok {
		return e.message(dir, sum.X)
	}
	if exprText(x) == "format" {
		return "", true
	}
	text, ok := e.value(dir, x)
	sentence := strings.Contains(text, " ") && (!unicode.IsUpper(rune(text[0])) || strings.HasPrefix(text, "PostgreSQL")) // a finding's title begins like a sentence
	return text, ok && sentence
}

// list finds a code that a message follows.
func (e *errorsOf) list(dir string, list []ast.Expr) {
	for i, x := range list {
		code, ok := e.value(dir, x)
		if !ok || !codeText.MatchString(code) || fileName.MatchString(code) || i+1 == len(list) {
			continue
		}
		for _, next := range list[i+1:] {
			if message, ok := e.message(dir, next); ok {
				file := e.file
				e.later = append(e.later, func() { e.addAll(code, cmp.Or(e.exitIn(file), e.exitIn(dir)), message) })
				break
			}
		}
	}
}

// composite reads an element with names, such as &remedy.Error{Code: …}, or without.
func (e *errorsOf) composite(dir string, n *ast.CompositeLit) {
	e.list(dir, n.Elts)
	fields := map[string]ast.Expr{}
	for _, x := range n.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			fields[strings.ToLower(exprText(kv.Key))] = kv.Value
		}
	}
	code, ok := e.value(dir, fields["code"])
	if kind := exprText(n.Type); !ok || !codeText.MatchString(code) || strings.HasSuffix(kind, "Finding") {
		return
	}
	message, _ := e.value(dir, fields["message"])
	exit := exitOf(fields["exit"])
	e.later = append(e.later, func() { e.addAll(code, cmp.Or(exit, e.exitIn(dir)), message) })
}

// alone reads a code that is assigned, and the message of the error that is made of it in the same function.
func (e *errorsOf) alone(dir string, decl ast.Decl, x ast.Expr) {
	code, ok := e.value(dir, x)
	if !ok || !codeText.MatchString(code) || fileName.MatchString(code) {
		return
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if ok && selected(call.Fun) == "remedy.New" && strings.HasSuffix(strings.ToLower(exprText(call.Args[0])), "code") {
			message, _ := e.value(dir, call.Args[2])
			e.add(code, exitOf(call.Args[1]), message)
		}
		return true
	})
}

// exitIn returns the exit status of the errors of a folder whose code is a variable, where there is only one.
func (e *errorsOf) exitIn(dir string) string {
	return strings.Join(slices.Sorted(maps.Keys(e.dynamic[dir])), ",")
}

// addAll is add for one or more exit statuses, with commas.
func (e *errorsOf) addAll(code, exits, message string) {
	for _, exit := range strings.Split(exits, ",") {
		e.add(code, exit, message)
	}
}

// add notes what is said of a code in one place.
func (e *errorsOf) add(code, exit, message string) {
	c := e.found[code]
	if c == nil {
		c = &errorCode{code: code, exits: map[string]bool{}}
		e.found[code] = c
	}
	if exit != "" {
		c.exits[exit] = true
	}
	if strings.Contains(message, " ") && !slices.Contains(c.messages, message) {
		c.messages = append(c.messages, message)
	}
}

// value returns the text of an expression: a constant of the folder or of another one.
func (e *errorsOf) value(dir string, x ast.Expr) (string, bool) {
	if s, ok := x.(*ast.SelectorExpr); ok {
		for other, named := range e.named {
			if path.Base(other) == exprText(s.X) && named[s.Sel.Name] != nil {
				return constant(named, named[s.Sel.Name])
			}
		}
		return "", false
	}
	if x == nil {
		return "", false
	}
	return constant(e.named[dir], x)
}

// selected returns "a.B" for that expression, or "".
func selected(x ast.Expr) string {
	if s, ok := x.(*ast.SelectorExpr); ok {
		if id, ok := s.X.(*ast.Ident); ok {
			return id.Name + "." + s.Sel.Name
		}
	}
	return ""
}

// exitOf returns the exit status that a constant stands for, or "".
func exitOf(x ast.Expr) string {
	text := exprText(x)
	return exitsOf[text[strings.LastIndex(text, ".")+1:]]
}

// exprText returns a name, or a sum of names and literals, as it is written.
func exprText(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return exprText(x.X) + "." + x.Sel.Name
	case *ast.BasicLit:
		return x.Value
	case *ast.BinaryExpr:
		return exprText(x.X) + " " + x.Op.String() + " " + exprText(x.Y)
	case *ast.StarExpr:
		return exprText(x.X)
	}
	return ""
}

// errorRow matches a row of docs/errors.md: code, exit statuses, what happened, what helps.
var errorRow = regexp.MustCompile("(?m)^\\| `([a-z._-]+)` \\| ([0-9, ]+) \\| (.*) \\| (.*) \\|$")

// TestThePageOfErrorsHasThemAll compares docs/errors.md with the codes that the sources give their errors.
func TestThePageOfErrorsHasThemAll(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	last := ""
	for _, row := range errorRow.FindAllStringSubmatch(string(page), -1) {
		code := row[1]
		if code <= last {
			t.Errorf("%s stands behind %s", code, last)
		}
		if strings.TrimSpace(row[3]) == "" || strings.TrimSpace(row[4]) == "" {
			t.Errorf("%s lacks what happened, or what helps", code)
		}
		listed[code], last = row[2], code
	}
	all := errorCodes(t)
	if len(all) < 300 {
		t.Errorf("only %d codes were found in the sources", len(all))
	}
	for _, code := range slices.Sorted(maps.Keys(all)) {
		want := strings.Join(slices.SortedFunc(maps.Keys(all[code].exits), func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }), ", ")
		switch got, ok := listed[code]; {
		case !ok:
			t.Errorf("docs/errors.md lacks a row: | `%s` | %s | %s | … |", code, want, strings.Join(all[code].messages, "; "))
		case got != want:
			t.Errorf("docs/errors.md says that %s has the exit status %s, and it is %s", code, got, want)
		}
		delete(listed, code)
	}
	for code := range listed {
		t.Errorf("docs/errors.md has %s, which is no error's code", code)
	}
}

// What makes an error is found however it is made.
func TestTheCodesOfErrorsAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
const gone = "server.gone"
func a() error { return remedy.New("a.plain", remedy.ExitUsage, "no %s", "b") }
func b() error { return remedy.New(gone, remedy.ExitNoServer, "it is gone") }
func c() error { return fail("c.called", "it failed: %s", err) }
func fail(code, format string, args ...any) error { return remedy.New(code, remedy.ExitFailed, format, args...) }
func d() error { return &remedy.Error{Code: "d.literal", Exit: remedy.ExitBusy, Message: "it is busy"} }
var e = []cause{{pattern, "e.listed", "the disk is full", nil}}
func f() error {
	code := "f.assigned"
	return remedy.New(code, remedy.ExitFailed, "it failed")
}
var g = remedy.Finding{Code: "g.finding", Title: "No error"}
var h = setting("h.setting", "how it is set")
`, 0)
	if err != nil {
		t.Fatal(err)
	}
	e := &errorsOf{named: map[string]map[string]ast.Expr{"x": {"gone": &ast.BasicLit{Kind: token.STRING, Value: `"server.gone"`}}}, found: map[string]*errorCode{}, dynamic: map[string]map[string]bool{}}
	for _, decl := range file.Decls {
		e.look("x", "x.go", decl)
	}
	for _, f := range e.later {
		f()
	}
	var got []string
	for _, code := range slices.Sorted(maps.Keys(e.found)) {
		got = append(got, code+" "+strings.Join(slices.Sorted(maps.Keys(e.found[code].exits)), ","))
	}
	if want := "a.plain 2; c.called 1; d.literal 4; e.listed 1; f.assigned 1; h.setting 1; server.gone 5"; strings.Join(got, "; ") != want {
		t.Errorf("found are %s", strings.Join(got, "; "))
	}
}
