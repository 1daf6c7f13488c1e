package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// ownCommand is a command of naap's own in a text.
var ownCommand = regexp.MustCompile(`\bnaap (dev|check|config)\b`)

// helpFields are where a command's help is written: what stands there is about no database.
var helpFields = []string{"Use", "Short", "Long", "Example"}

// forServers are files with names that naap has among a server's sessions.
var forServers = []string{"internal/devenv/target_lock.go", "internal/postgres/health_asks.go"}

// A command that is printed as text lacks what names its database, and acts on another one: see remedy.Command.
func TestACommandForPeopleIsAValueAndNoText(t *testing.T) {
	looked := 0
	for _, s := range house(t) {
		if s.test || s.room == "internal/remedy" || s.room == "internal/bench" || slices.Contains(forServers, s.path) {
			continue
		}
		for _, lit := range texts(s.tree) {
			looked++
			if text, err := strconv.Unquote(lit.Value); err == nil && ownCommand.MatchString(text) {
				t.Errorf("%s:%d: %s\nwrite it with remedy.Naap or remedy.Again", s.path, s.files.Position(lit.Pos()).Line, lit.Value)
			}
		}
	}
	if looked < 1000 {
		t.Errorf("only %d texts were looked at", looked)
	}
}

// texts are a file's string literals but for those of help.
func texts(file *ast.File) []*ast.BasicLit {
	var out []*ast.BasicLit
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			key, ok := n.Key.(*ast.Ident)
			return !ok || !slices.Contains(helpFields, key.Name)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				out = append(out, n)
			}
		}
		return true
	})
	return out
}
