package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// ownCommand matches a command of naap's own in a text.
var ownCommand = regexp.MustCompile(`\bnaap (dev|check|config)\b`)

// helpFields are where a command's help is written, which is not about any one database.
var helpFields = []string{"Use", "Short", "Long", "Example"}

// forServers are files with names by which naap appears among a server's sessions.
var forServers = []string{"internal/devenv/target_lock.go", "internal/postgres/health_asks.go"}

// A command that is printed as text does not name its database, and acts on another one: see remedy.Command.
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

// texts returns a file's string literals, except those of help.
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

// A command that is followed by words on its line is pasted with them: it ends the line, or stands in brackets.
func TestNoWordsFollowACommandOnItsLine(t *testing.T) {
	looked := 0
	for _, s := range house(t) {
		if s.test {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			behind := wordsBehind(n)
			looked += len(behind)
			for _, text := range behind {
				if text != "" && text[0] != ')' && text[0] != '\n' {
					t.Errorf("%s:%d: a command is followed by %q", s.path, s.files.Position(n.Pos()).Line, text)
				}
			}
			return true
		})
	}
	if looked < 15 {
		t.Errorf("only %d commands were looked at", looked)
	}
}

// verb matches a verb of a format.
var verb = regexp.MustCompile(`%[-+# 0]*[\d.]*[a-zA-Z]`)

// wordsBehind returns what an expression puts after the commands in it, those that a remedy.Target writes as a line.
func wordsBehind(n ast.Node) (behind []string) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		left := n.X
		if sum, ok := left.(*ast.BinaryExpr); ok {
			left = sum.Y
		}
		if text, ok := stringOf(n.Y); ok && isLine(left) {
			behind = append(behind, text)
		}
	case *ast.CallExpr:
		for at, arg := range n.Args {
			format, ok := stringOf(arg)
			if !ok {
				continue
			}
			ends := verb.FindAllStringIndex(format, -1)
			for i, value := range n.Args[at+1:] {
				if isLine(value) && i < len(ends) {
					behind = append(behind, format[ends[i][1]:])
				}
			}
			break
		}
	}
	return behind
}

func stringOf(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// isLine reports whether an expression is a call of remedy.Target's Line.
func isLine(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || method.Sel.Name != "Line" {
		return false
	}
	switch of := method.X.(type) {
	case *ast.Ident:
		return of.Name == "target"
	case *ast.SelectorExpr:
		return of.Sel.Name == "target" || of.Sel.Name == "Target"
	}
	return false
}
