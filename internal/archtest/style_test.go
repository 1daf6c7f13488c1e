package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, s := range house(t) {
		if s.test {
			continue
		}
		dir := path.Dir(s.path)
		said[dir] = said[dir] || s.tree.Doc != nil && strings.TrimSpace(s.tree.Doc.Text()) != ""
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s: no file of it begins with a comment that says what the package is for", dir)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, s := range house(t) {
		if s.test || s.generated() || s.tree.Name.Name == "main" {
			continue
		}
		for _, decl := range s.tree.Decls {
			for _, name := range unexplained(decl) {
				t.Errorf("%s:%d: %s has no comment", s.path, s.files.Position(name.Pos()).Line, name.Name)
			}
		}
	}
}

// unexplained returns the exported names of a declaration without a comment: before the name, after it, or for a group
// of constants or variables, before the group or the first of a run.
func unexplained(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !wellKnown[d.Name.Name] {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil || d.Tok == token.IMPORT {
			return nil
		}
		var missing []*ast.Ident
		explained := false
		for _, spec := range d.Specs {
			switch sp := spec.(type) {
			case *ast.TypeSpec:
				if sp.Name.IsExported() && sp.Doc == nil && sp.Comment == nil {
					missing = append(missing, sp.Name)
				}
			case *ast.ValueSpec:
				explained = explained || sp.Doc != nil || sp.Comment != nil
				counted := sp.Values == nil && d.Tok == token.CONST // continues with the iota of the one above
				if sp.Names[0].IsExported() && !explained && !counted && sp.Type == nil {
					missing = append(missing, sp.Names[0])
				}
			}
		}
		return missing
	}
	return nil
}

// wellKnown are methods of the standard library's interfaces: their names explain them.
var wellKnown = map[string]bool{
	"Error": true, "Unwrap": true, "Is": true, "As": true, "String": true, "Close": true, "Read": true, "Write": true,
	"Len": true, "Less": true, "Swap": true, "MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true, "UnmarshalText": true,
	"Init": true, "Update": true, "View": true, "ShortHelp": true, "FullHelp": true, // bubbletea's
}

func exportedReceiver(d *ast.FuncDecl) bool { return d.Recv == nil || ast.IsExported(receiver(d)) }

// receiver returns the name of the type that a method is of.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch at := typ.(type) {
		case *ast.StarExpr:
			typ = at.X
		case *ast.IndexExpr:
			typ = at.X
		case *ast.IndexListExpr:
			typ = at.X
		case *ast.Ident:
			return at.Name
		default:
			return ""
		}
	}
}

// longest is the largest number of lines of a file written by hand: a file is a noun or a verb.
const longest = 600

func TestNoFileIsTooLongToRead(t *testing.T) {
	for _, s := range house(t) {
		if !s.generated() && s.lines > longest {
			t.Errorf("%s has %d lines; above %d it holds more than one thing", s.path, s.lines, longest)
		}
	}
}

// unfinished matches notes to oneself, which do not belong in what is finished.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func TestNothingIsLeftUnfinished(t *testing.T) {
	for _, s := range house(t) {
		s.words(t, func(line int, text string) {
			if found := unfinished.FindString(text); found != "" {
				t.Errorf("%s:%d: it says %s", s.path, line, found)
			}
		})
	}
}
