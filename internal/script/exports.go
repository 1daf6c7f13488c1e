package script

import (
	"bytes"
	"slices"
)

// PassedOn returns the names under which the code exports a value that it takes from other modules, however it is
// renamed, assigned or returned on the way. holding returns the names under which a module exports that value, or none.
// An export that only holds a part of the value, such as one of its methods, does not count.
func (s *Source) PassedOn(holding func(specifier string) []string) []string {
	asked := map[string][]string{}
	once := func(specifier string) []string {
		held, known := asked[specifier]
		if !known {
			held = holding(specifier)
			asked[specifier] = held
		}
		return held
	}
	p := &passing{Source: s, holding: once, values: map[string]bool{}, modules: map[string][]string{}, left: mostFollowed}
	p.take()
	for range 3 { // an alias of an alias may be above it
		p.alias()
	}
	for i := range s.Tokens {
		switch {
		case s.member(i):
		case s.Is(i, "export"):
			p.export(i + 1)
		case s.Is(i, "exports"):
			p.assign(i + 1)
		case s.Is(i, "module") && s.Is(i+1, ".") && s.Is(i+2, "exports"):
			p.assign(i + 3)
		}
	}
	return p.found
}

// mostFollowed is how many tokens are looked at in all, each as often as it is part of something, so that the time for a
// text without an end to its brackets is limited. A client's file has some hundred.
const mostFollowed = 1_000_000

// passing follows a value from the modules that hold it to what is exported.
type passing struct {
	*Source
	holding func(specifier string) []string
	values  map[string]bool     // local names of the value
	modules map[string][]string // local names of whole modules, with those of their exports that are the value
	found   []string
	left    int // how many more tokens are looked at
}

// take notes what the imports bind, and what re-exports pass on.
func (p *passing) take() {
	for _, im := range p.Imports() {
		held := p.holding(im.Specifier)
		if len(held) == 0 || im.TypeOnly {
			continue
		}
		if im.Form == ReExport {
			p.reExport(im, held)
			continue
		}
		if im.Namespace != "" && !bytes.HasPrefix(bytes.TrimLeft(p.Text[im.Statement.End:], " \t\r\n)"), []byte(".")) { // not require("m").x
			p.modules[im.Namespace] = held
		}
		if im.Default != "" {
			p.values[im.Default] = slices.Contains(held, "default")
			p.modules[im.Default] = held
		}
		for _, n := range im.Names {
			if !n.TypeOnly && slices.Contains(held, n.Imported) {
				p.values[n.Local] = true
			}
		}
	}
}

func (p *passing) reExport(im Import, held []string) {
	switch {
	case im.All:
		p.found = append(p.found, held...)
	case im.Namespace != "":
		p.found = append(p.found, im.Namespace)
	}
	for _, n := range im.Names {
		if !n.TypeOnly && slices.Contains(held, n.Imported) {
			p.found = append(p.found, n.Local)
		}
	}
}

// alias notes the variables that are assigned the value, or that take it out of a whole module.
func (p *passing) alias() {
	for i := range p.Tokens {
		if !isDeclaration(p.Source, i) {
			continue
		}
		if name, from := p.declared(i + 1); name != "" && p.isValue(from) {
			p.values[name] = true
		}
		if !p.Is(i+1, "{") {
			continue
		}
		var im Import
		equals := p.closing(i+1) + 1
		held := p.modules[p.Word(equals+1)]
		if p.Is(equals, "=") && len(held) > 0 {
			p.bindings(&im, equals+1)
		}
		for _, n := range im.Names {
			if slices.Contains(held, n.Imported) {
				p.values[n.Local] = true
			}
		}
	}
}

func isDeclaration(s *Source, i int) bool {
	return s.Is(i, "const") || s.Is(i, "let") || s.Is(i, "var")
}

// declared reads NAME = or NAME: type = at token i, and returns the first token of what is assigned.
func (p *passing) declared(i int) (name string, from int) {
	name = p.Word(i)
	if name == "" {
		return "", 0
	}
	depth := 0
	for j := i + 1; j < len(p.Tokens) && j < i+60; j++ { // there may be a type in between
		switch {
		case p.Is(j, "=") && depth == 0:
			return name, j + 1
		case p.Is(j, ";") && depth == 0:
			return "", 0
		case p.Is(j, "{"), p.Is(j, "("), p.Is(j, "["):
			depth++
		case p.Is(j, "}"), p.Is(j, ")"), p.Is(j, "]"):
			depth--
		}
	}
	return "", 0
}

// export reads what follows the keyword.
func (p *passing) export(i int) {
	switch {
	case p.Is(i, "{"):
		names, next := p.names(i)
		if next < 0 || p.Is(next, "from") {
			return
		}
		for _, n := range names {
			if !n.TypeOnly && (p.values[n.Imported] || len(p.modules[n.Imported]) > 0) {
				p.found = append(p.found, n.Local)
			}
		}
	case isDeclaration(p.Source, i) && p.Is(i+1, "{"):
		for j, end := i+2, p.closing(i+1); j < end && p.left > 0; j++ {
			p.left--
			if p.values[p.Word(j)] && !p.Is(j+1, ":") {
				p.found = append(p.found, p.Word(j))
			}
		}
	case isDeclaration(p.Source, i):
		if name, from := p.declared(i + 1); name != "" && p.isValue(from) {
			p.found = append(p.found, name)
		}
	case p.Is(i, "="):
		p.add("default", i+1)
	case p.Is(i, "default"):
		p.add("default", i+1)
	case p.Is(i, "function"), p.Is(i, "async"):
		if p.Is(i, "async") {
			i++
		}
		p.add(p.Word(i+1), i)
	}
}

func (p *passing) add(name string, from int) {
	if p.isValue(from) {
		p.found = append(p.found, name)
	}
}

// assign reads what follows exports: .name = value, = value, = { … }.
func (p *passing) assign(i int) {
	if p.Is(i, ".") && p.Is(i+2, "=") {
		p.add(p.Word(i+1), i+3)
		return
	}
	if !p.Is(i, "=") {
		return
	}
	if !p.Is(i+1, "{") {
		if held := p.whole(i + 1); len(held) > 0 {
			p.found = append(p.found, held...)
		} else {
			p.add("default", i+1)
		}
		return
	}
	end := p.closing(i + 1)
	for j := i + 2; j < end && p.left > 0; j++ {
		p.left--
		switch {
		case p.Is(j, "...") || p.Is(j, ".") && p.Is(j+1, ".") && p.Is(j+2, "."):
			for p.Is(j, ".") || p.Is(j, "...") {
				j++
			}
			p.found = append(p.found, p.whole(j)...)
		case p.Is(j+1, ":"):
			p.add(p.Word(j), j+2)
		case p.values[p.Word(j)]:
			p.found = append(p.found, p.Word(j))
		}
		for depth := 0; j < end && (depth > 0 || !p.Is(j, ",")); j++ {
			depth += p.step(j)
		}
	}
}

// whole returns what the module at token i holds, if the whole of it is meant there.
func (p *passing) whole(i int) []string {
	if p.Is(i, "require") && p.Is(i+1, "(") && p.Is(i+3, ")") && !p.Is(i+4, ".") {
		spec, _ := p.Literal(i + 2)
		return p.holding(spec)
	}
	if p.Is(i+1, ".") {
		return nil
	}
	return p.modules[p.Word(i)]
}

// isValue reports whether the expression that begins at token i is the value, an extension of it, or a function that
// returns it.
func (p *passing) isValue(i int) bool {
	for p.Is(i, "(") && p.Kind(i+1) == Word && !p.Is(i+2, ")") && !p.Is(i+2, ",") && !p.Is(i+2, ":") {
		i++
	}
	depth := 0
	for j := i; j < len(p.Tokens) && p.left > 0; j++ {
		p.left--
		switch {
		case depth == 0 && (p.Is(j, ";") || p.Is(j, ",") || j > i && p.beginsStatement(j)):
			return false
		case depth == 0 && p.holdsAt(j), p.Is(j-1, "return") && p.holdsAt(j):
			return true
		}
		if depth += p.step(j); depth < 0 {
			return false
		}
		if depth == 0 && p.Is(j, "}") && p.Is(i, "function") {
			return false
		}
	}
	return false
}

// holdsAt reports whether the value itself is named at token j: not a part of it, except an extension.
func (p *passing) holdsAt(j int) bool {
	if p.member(j) || p.Is(j+1, "=>") {
		return false
	}
	end := j
	switch held := p.modules[p.Word(j)]; {
	case p.Is(j, "require") && p.Is(j+1, "(") && p.Is(j+3, ")") && p.Is(j+4, "."):
		spec, _ := p.Literal(j + 2)
		if !slices.Contains(p.holding(spec), p.Word(j+5)) {
			return false
		}
		end = j + 5
	case len(held) > 0 && p.Is(j+1, ".") && slices.Contains(held, p.Word(j+2)):
		end = j + 2
	case !p.values[p.Word(j)]:
		return false
	}
	return !p.Is(end+1, "(") && !p.Is(end+1, "[") && (!p.Is(end+1, ".") && !p.Is(end+1, "?.") || p.Is(end+2, "$extends"))
}

var statements = []string{"export", "import", "const", "let", "var", "class", "interface", "module", "exports", "if", "for"}

// beginsStatement reports whether token j begins a statement, after one that no semicolon ended.
func (p *passing) beginsStatement(j int) bool {
	return slices.Contains(statements, p.Word(j)) && !p.member(j)
}

// step returns how much deeper in brackets one is after token j.
func (p *passing) step(j int) int {
	switch {
	case p.Is(j, "{"), p.Is(j, "("), p.Is(j, "["):
		return 1
	case p.Is(j, "}"), p.Is(j, ")"), p.Is(j, "]"):
		return -1
	}
	return 0
}

// closing returns the token that closes the bracket at token i, or the end.
func (p *passing) closing(i int) int {
	depth := 0
	for j := i; j < len(p.Tokens) && p.left > 0; j++ {
		p.left--
		if depth += p.step(j); depth == 0 {
			return j
		}
	}
	return len(p.Tokens)
}
