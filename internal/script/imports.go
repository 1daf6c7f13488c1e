package script

import (
	"slices"
	"strings"
)

// Form is the way in which a module names another.
type Form int

const (
	Static      Form = iota + 1 // import … from "m", import "m"
	ReExport                    // export … from "m"
	Require                     // require("m"), require.resolve("m")
	Dynamic                     // import("m"), as an expression or as a type
	AssignedRef                 // import x = require("m")
)

// Import is one mention of another module.
type Import struct {
	Form      Form
	Specifier string // the module as named, escapes resolved
	At        Span   // the specifier, quotes included
	Statement Span   // from its first keyword to its last token
	TypeOnly  bool   // import type, export type, or every name of it is a type
	Default   string // the local name of the default import, or ""
	Namespace string // the local name for the whole module, or ""
	All       bool   // export * from
	Names     []Name
}

// Name is one name in the braces of an import or an export.
type Name struct {
	Imported, Local string
	TypeOnly        bool
}

// Imports returns the modules that the source mentions in code, in its order.
func (s *Source) Imports() []Import {
	var found []Import
	for i, t := range s.Tokens {
		if t.Kind != Word || s.member(i) {
			continue
		}
		var im *Import
		switch string(s.Text[t.Start:t.End]) {
		case "import":
			im = s.importAt(i)
		case "export":
			im = s.exportAt(i)
		case "require":
			im = s.requireAt(i)
		}
		if im != nil {
			found = append(found, *im)
		}
	}
	return found
}

// member reports whether token i is a property's name, as in a.import. module.require is the function itself.
func (s *Source) member(i int) bool {
	if !s.Is(i-1, ".") && !s.Is(i-1, "?.") {
		return false
	}
	return !(s.Is(i, "require") && s.Is(i-2, "module"))
}

func (s *Source) importAt(i int) *Import {
	if s.Is(i+1, "(") {
		return s.call(Dynamic, i, i+2)
	}
	im := &Import{Form: Static}
	j := i + 1
	if _, ok := s.Literal(j); ok {
		return s.from(im, i, j)
	}
	if (s.Is(j, "type") || s.Is(j, "typeof") || s.Is(j, "defer") || s.Is(j, "source")) && !s.Is(j+1, "from") && !s.Is(j+1, ",") && !s.Is(j+1, "=") {
		im.TypeOnly = s.Is(j, "type") || s.Is(j, "typeof")
		j++
	} else if s.Is(j, "type") && s.Is(j+1, "from") && s.Is(j+2, "from") { // import type from from "m"
		im.TypeOnly = true
		j++
	}
	if s.Kind(j) == Word {
		im.Default = string(s.text(j))
		if s.Is(j+1, "=") {
			return s.assigned(im, i, j)
		}
		j++
		if s.Is(j, ",") {
			j++
		}
	}
	switch {
	case s.Is(j, "*") && s.Is(j+1, "as") && s.Kind(j+2) == Word:
		im.Namespace = string(s.text(j + 2))
		j += 3
	case s.Is(j, "{"):
		if im.Names, j = s.names(j); j < 0 {
			return nil
		}
	}
	if !s.Is(j, "from") {
		return nil
	}
	return s.from(im, i, j+1)
}

// assigned reads import x = require("m"); import x = A.B does not name a module.
func (s *Source) assigned(im *Import, i, j int) *Import {
	if !s.Is(j+2, "require") {
		return nil
	}
	call := s.call(AssignedRef, i, j+4)
	if call == nil || !s.Is(j+3, "(") {
		return nil
	}
	call.TypeOnly, call.Namespace = im.TypeOnly, im.Default
	return call
}

func (s *Source) exportAt(i int) *Import {
	im := &Import{Form: ReExport}
	j := i + 1
	if s.Is(j, "type") && (s.Is(j+1, "{") || s.Is(j+1, "*")) {
		im.TypeOnly = true
		j++
	}
	switch {
	case s.Is(j, "*"):
		j++
		im.All = true
		if s.Is(j, "as") {
			if name, ok := s.Literal(j + 1); ok {
				im.Namespace = name
			} else if s.Kind(j+1) == Word {
				im.Namespace = string(s.text(j + 1))
			}
			im.All = false
			j += 2
		}
	case s.Is(j, "{"):
		if im.Names, j = s.names(j); j < 0 {
			return nil
		}
	default:
		return nil
	}
	if !s.Is(j, "from") {
		return nil
	}
	return s.from(im, i, j+1)
}

// names reads { a, b as c, type D, "e" as f } and returns the token after it, or -1 if there is no such list.
func (s *Source) names(j int) ([]Name, int) {
	var names []Name
	for j++; ; j++ {
		if s.Is(j, "}") {
			return names, j + 1
		}
		var n Name
		if s.Is(j, "type") && (s.Kind(j+1) == Word && !s.Is(j+1, "as") || s.Kind(j+1) == String ||
			s.Is(j+1, "as") && (s.Is(j+2, "}") || s.Is(j+2, ",") || s.Is(j+2, "as") && s.Kind(j+3) == Word)) {
			n.TypeOnly = true
			j++
		}
		var ok bool
		if n.Imported, ok = s.name(j); !ok {
			return nil, -1
		}
		n.Local = n.Imported
		if s.Is(j+1, "as") {
			if n.Local, ok = s.name(j + 2); !ok {
				return nil, -1
			}
			j += 2
		}
		names = append(names, n)
		if s.Is(j+1, ",") {
			j++
		} else if !s.Is(j+1, "}") {
			return nil, -1
		}
	}
}

func (s *Source) name(j int) (string, bool) {
	if s.Kind(j) == Word {
		return string(s.text(j)), true
	}
	return s.Literal(j)
}

// from finishes a statement whose module is named by token j.
func (s *Source) from(im *Import, i, j int) *Import {
	spec, ok := s.Literal(j)
	if !ok {
		return nil
	}
	im.Specifier = spec
	im.At = Span(s.span(j))
	im.Statement = Span{s.Tokens[i].Start, s.Tokens[j].End}
	if s.Is(j+1, ";") {
		im.Statement.End = s.Tokens[j+1].End
	}
	if im.Default == "" && im.Namespace == "" && len(im.Names) > 0 {
		im.TypeOnly = im.TypeOnly || !slices.ContainsFunc(im.Names, func(n Name) bool { return !n.TypeOnly })
	}
	return im
}

func (s *Source) span(j int) Span { return Span{s.Tokens[j].Start, s.Tokens[j].End} }

// requireAt reads require("m"), require.resolve("m") and, before either, const { a: b } = or const x =.
func (s *Source) requireAt(i int) *Import {
	open := i + 1
	if s.Is(open, ".") && s.Is(open+1, "resolve") {
		open += 2
	}
	if !s.Is(open, "(") || s.Is(i-1, "=") && (s.Is(i-3, "import") || s.Is(i-4, "import")) {
		return nil // import x = require("m") was read from its import on
	}
	return s.call(Require, i, open+1)
}

// call finishes a call whose first argument is token j.
func (s *Source) call(form Form, i, j int) *Import {
	spec, ok := s.Literal(j)
	if ok = ok && (s.Is(j+1, ")") || s.Is(j+1, ",")); !ok {
		// `@prisma/client/${part}` is some part of that module.
		if spec = s.Value(j); s.Kind(j) != Head || !strings.HasSuffix(spec, "/") {
			return nil
		}
	}
	im := &Import{Form: form, Specifier: spec, At: s.span(j)}
	im.Statement = Span{s.Tokens[i].Start, s.Tokens[min(j+1, len(s.Tokens)-1)].End}
	if form == Require || form == Dynamic {
		s.bindings(im, i)
	}
	return im
}

// bindings reads what a call's result is bound to, backwards from the "=" before it.
func (s *Source) bindings(im *Import, i int) {
	k := i - 1
	if s.Is(k, "module") || s.Is(k, ".") {
		k -= 2
	}
	if s.Is(k, "await") {
		k--
	}
	if !s.Is(k, "=") {
		return
	}
	if k--; s.Kind(k) == Word {
		im.Namespace = string(s.text(k))
		return
	}
	if !s.Is(k, "}") {
		return
	}
	open, depth := k, 0
	for ; open >= 0; open-- {
		if s.Is(open, "}") {
			depth++
		} else if s.Is(open, "{") {
			if depth--; depth == 0 {
				break
			}
		}
	}
	for j := open + 1; j < k; j++ {
		n := Name{}
		var ok bool
		if n.Imported, ok = s.name(j); !ok {
			continue
		}
		n.Local = n.Imported
		if s.Is(j+1, ":") && s.Kind(j+2) == Word {
			n.Local = string(s.text(j + 2))
			j += 2
		}
		im.Names = append(im.Names, n)
		for depth := 0; j+1 < k && (depth > 0 || !s.Is(j+1, ",")); j++ {
			if s.Is(j+1, "{") {
				depth++
			} else if s.Is(j+1, "}") {
				depth--
			}
		}
	}
}
