package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/script"
)

var (
	schemaText = lazy.Regexp{Text: `(?m)^[ \t]*datasource[ \t]+\w+[ \t]*\{`}
	// dependencyText matches a dependency on Prisma in the text of a package.json.
	dependencyText = lazy.Regexp{Text: `["'](?:prisma|@prisma/client)["']\s*:\s*["'](?:[\^~<>=]*\s*[\d*]|latest|next|workspace:)`}
	versionText    = lazy.Regexp{Text: `^(?:[\^~<>=]*\s*[\d*]|latest$|next$|workspace:)`}
	imageText      = lazy.Regexp{Text: `(?mi)^[ \t]*FROM[ \t]+\S`}
	copyText       = lazy.Regexp{Text: `(?mi)^[ \t]*(?:COPY|ADD)[ \t]+[^\n]*`}
	runText        = lazy.Regexp{Text: `(?mi)^[ \t]*(?:RUN|CMD|ENTRYPOINT)[ \t]+([^\n]*)`}
)

// writers are the functions that write files.
var writers = map[string]bool{
	"writeFile": true, "writeFileSync": true, "outputFile": true, "outputFileSync": true, "write": true,
	"appendFile": true, "appendFileSync": true, "copyTpl": true, "addFile": true, "createFile": true,
	"copyFile": true, "copyFileSync": true, "writeJson": true, "writeJSON": true, "writeJsonSync": true, "outputJson": true,
	"createWriteStream": true, "generateFiles": true,
}

// checkGenerator finds code that gives a plugin a Prisma of its own: that writes a schema file, a package.json that
// depends on Prisma or a Dockerfile that generates a client, or that runs prisma init.
func (r *run) checkGenerator(f *file) {
	if r.options.inDatabase(f.path) || isTest(f.path) {
		return
	}
	g := &generator{run: r, file: f, Source: f.script, unified: map[int]bool{}, left: mostComposed}
	g.read()
	if bytes.Contains(f.data, []byte(".prisma")) {
		g.checkSchemas()
	}
	if g.writes || g.lists {
		g.checkDependencies()
		g.checkImages()
	}
	for _, c := range commandLines(f.script) {
		if slices.Contains(prismaCommands(c.line), "init") {
			g.found(c.first, "this makes a Prisma schema: a new plugin's models belong in "+r.options.SchemaFile)
		}
	}
	for _, im := range f.imports {
		if im.Specifier == "prisma/config" && !r.options.isConfig(f.path) {
			r.report(ruleOneSchema, Error, f, im.At.Start, im.At.End,
				"this configures a Prisma of its own: "+r.options.databaseDir()+" has the only one", nil)
		}
	}
}

// generator is a script that may write files of a plugin's.
type generator struct {
	*run
	*script.Source
	file *file

	writes  bool         // it calls something that writes files
	lists   bool         // it has a list of files to write, by their names
	unified map[int]bool // tokens of what is written into the database package
	paths   []int        // tokens of the schema files that calls write to, outside of the database package

	declared map[string]int // the first token of each variable's value
	left     int            // how many more tokens are looked at to find what paths are composed of
}

// mostComposed is how many tokens of a script are looked at, each as often as it is part of something, to find what
// paths are composed of.
const mostComposed = 200_000

func (g *generator) found(token int, message string) {
	t := g.Tokens[token]
	g.report(ruleOneSchema, Error, g.file, t.Start, t.End, message, nil)
}

// read notes which calls write files, and where to. What is written into the database package, and the variables that
// it is composed of, are left alone, whatever else the code does.
func (g *generator) read() {
	for i := range g.Tokens {
		if v, ok := g.Literal(i); ok && (g.Is(i+1, ":") || g.Is(i+1, "]") && g.Is(i+2, ":")) && (isPrismaPath(v) || strings.HasSuffix(v, "package.json") || strings.HasSuffix(v, "Dockerfile")) {
			g.lists = true
		}
		if g.Word(i) == "type" && g.Is(i+1, ":") { // plop's actions
			if v, ok := g.Literal(i + 2); ok && (v == "add" || v == "addMany") {
				g.writes = true
			}
		}
		if g.Kind(i) != script.Word || !g.Is(i+1, "(") || !writers[g.Word(i)] {
			continue
		}
		g.writes = true
		target, tokens := g.composed(i+2, 3)
		if !strings.Contains(target, g.options.databaseDir()) {
			if at := slices.IndexFunc(tokens, func(j int) bool { return isPrismaPath(g.Value(j)) }); at >= 0 {
				g.paths = append(g.paths, tokens[at])
			}
			continue
		}
		_, all := g.composed(i+1, 3)
		for _, j := range all {
			g.unified[j] = true
		}
	}
}

// composed returns the texts that an argument is composed of, joined as a path, and all its tokens. The argument begins
// at token i; at an opening parenthesis it is all of the arguments. Variables that the code declares are looked into.
func (g *generator) composed(i, deep int) (string, []int) {
	var texts []string
	var tokens []int
	depth := 0
	for j := i; j < len(g.Tokens) && g.left > 0; j++ {
		g.left--
		switch {
		case g.Is(j, "("), g.Is(j, "["), g.Is(j, "{"):
			depth++
		case g.Is(j, ")"), g.Is(j, "]"), g.Is(j, "}"):
			depth--
		case depth == 0 && (g.Is(j, ",") || g.Is(j, ";")), depth == 0 && j > i && isDeclaring(g.Word(j)):
			depth = -1
		}
		if depth < 0 {
			break
		}
		tokens = append(tokens, j)
		if v := g.Value(j); v != "" {
			texts = append(texts, strings.Trim(v, "/"))
		} else if from := g.declaration(j); from > 0 && deep > 0 {
			text, more := g.composed(from, deep-1)
			texts, tokens = append(texts, text), append(tokens, more...)
		}
		if depth == 0 && g.Is(j, ")") && g.Is(i, "(") {
			break
		}
	}
	return strings.Join(texts, "/"), tokens
}

func isDeclaring(word string) bool {
	return word == "const" || word == "let" || word == "var" || word == "export" || word == "await" || word == "import"
}

// declaration returns the first token of the value that the variable at token i is declared with, or 0.
func (g *generator) declaration(i int) int {
	name := g.Word(i)
	if name == "" || g.Is(i-1, ".") || g.Is(i+1, "(") || g.Is(i+1, ":") {
		return 0
	}
	if g.declared == nil {
		g.declared = map[string]int{}
		for j := range g.Tokens {
			if g.Is(j+1, "=") && isDeclaring(g.Word(j-1)) {
				g.declared[g.Word(j)] = j + 2
			}
		}
	}
	return g.declared[name]
}

// checkSchemas finds a call that writes to a path ending in .prisma, or a list of files to write with such a path,
// together with a schema's text. A text without a path, or without anything that writes, may be part of a message; a
// path that is written without a text in sight is less serious.
func (g *generator) checkSchemas() {
	var texts, keys []int // tokens: a schema's text, the path of a file in a list
	named := len(g.paths) > 0
	paths := g.paths
	for i := range g.Tokens {
		value := g.Value(i)
		switch {
		case g.unified[i] || strings.Contains(value, g.options.databaseDir()):
		case schemaText.Get().MatchString(value):
			texts = append(texts, i)
		case isPrismaPath(value):
			named = true
			if g.Is(i+1, ":") || g.Is(i+1, "]") && g.Is(i+2, ":") {
				keys = append(keys, i)
			}
			if g.writes && g.Word(i-2) == "path" && g.Is(i-1, ":") {
				paths = append(paths, i)
			}
		}
	}
	severity, at := Error, texts
	switch {
	case len(texts) > 0 && (g.writes && named || len(keys) > 0):
	case len(texts) == 0:
		severity, at = Warning, paths
	default:
		return
	}
	for _, i := range at {
		t := g.Tokens[i]
		g.report(ruleOneSchema, severity, g.file, t.Start, t.End,
			"this code generates a Prisma schema: a new plugin's models belong in "+g.options.SchemaFile, nil)
	}
}

// checkDependencies finds a package.json that depends on Prisma, as a text or as an object, that the code writes.
func (g *generator) checkDependencies() {
	message := "this code generates a package that depends on Prisma: a plugin has it through " + databasePackage + " alone"
	for i := range g.Tokens {
		switch value := g.Value(i); {
		case g.unified[i]:
		case dependencyText.Get().MatchString(value):
			g.found(i, message)
			return
		case (value == "prisma" || value == "@prisma/client" || g.Word(i) == "prisma") && g.givesVersion(i):
			g.found(i, message)
			return
		}
	}
}

// givesVersion reports whether token i is a package in an object of dependencies, or is set in one, to a version.
func (g *generator) givesVersion(i int) bool {
	isVersion := func(j int) bool {
		v, ok := g.Literal(j)
		return ok && versionText.Get().MatchString(v)
	}
	isSection := func(j int) bool {
		name := g.Word(j)
		if v, ok := g.Literal(j); ok {
			name = v
		}
		name = strings.ToLower(name)
		return strings.HasSuffix(name, "dependencies") || strings.HasSuffix(name, "deps")
	}
	switch {
	case g.Is(i+1, ":") && isVersion(i+2):
		open := opening(g.Source, i)
		if open > 1 && g.Is(open-1, "=") { // there may be a type in between
			for j := open - 2; j > 0 && j > open-16 && !g.Is(j, ";") && !g.Is(j, "}"); j-- {
				if isDeclaring(g.Word(j - 1)) {
					return isSection(j)
				}
			}
		}
		return open > 1 && (g.Is(open-1, ":") || g.Is(open-1, "=")) && isSection(open-2)
	case g.Is(i-1, ".") && g.Is(i+1, "=") && isVersion(i+2):
		return isSection(i - 2)
	case g.Is(i-1, "[") && g.Is(i+1, "]") && g.Is(i+2, "=") && isVersion(i+3):
		return isSection(i - 2)
	}
	return false
}

// checkImages finds a Dockerfile's text that copies a prisma folder or generates a client.
func (g *generator) checkImages() {
	for i := range g.Tokens {
		if value := g.Value(i); imageText.Get().MatchString(value) && g.imageHasPrisma(value) {
			g.found(i, "this code generates an image with a Prisma of its own: the client comes with "+databasePackage)
			return
		}
	}
}

// imageHasPrisma reports whether a Dockerfile's text copies a prisma folder, or runs Prisma, outside of the database
// package.
func (r *run) imageHasPrisma(text string) bool {
	for _, line := range copyText.Get().FindAllString(text, -1) {
		if words := strings.Fields(line); r.copiesPrisma(words[1:]) {
			return true
		}
	}
	for _, m := range runText.Get().FindAllStringSubmatch(text, -1) {
		if r.runsOwnPrisma(m[1]) && !strings.Contains(text, r.options.databaseDir()) {
			return true
		}
	}
	return false
}

func isPrismaPath(text string) bool {
	return strings.HasSuffix(text, ".prisma") && !strings.ContainsAny(text, " \n")
}
