package rules

import (
	"bytes"
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/script"
)

// ruleOneSchema: there is one Prisma schema, and no plugin's backend has a prisma folder. Templates and generators that
// would make one count. Source: the NaaP database architecture, rule 1.
var ruleOneSchema = &Rule{
	ID: "naap/1-one-schema", Number: 1,
	Title: "No Prisma schema but the unified one",
	Why: "A second schema is a second opinion on the same database: each push of one drops what only the other knows, " +
		"and no foreign key can cross between them.",
}

func checkOneSchema(r *run) {
	told := map[string]bool{} // prisma folders that already have a finding
	r.each(prismaFile, func(f *file) {
		if r.options.isUnified(f.path) {
			return
		}
		start, end := firstBlock(f)
		told[path.Dir(f.path)] = true
		what := "a Prisma schema of its own"
		if innerName(f.path) != path.Base(f.path) {
			what = "a template of a Prisma schema"
		}
		r.report(ruleOneSchema, Error, f, start, end,
			"this is "+what+": its models belong in "+r.options.SchemaFile+", in the plugin's schema", nil)
	})
	for _, name := range r.folders {
		dir := backendPrisma(name)
		if told[dir] || r.options.isUnified(name) || r.options.inDatabase(name) {
			continue
		}
		told[dir] = true
		f := r.files[name]
		if f == nil {
			f = &file{path: name}
		}
		r.report(ruleOneSchema, Error, f, 0, 0,
			dir+" is a prisma folder in a plugin's backend: seeds and migrations belong to "+r.options.databaseDir(), nil)
	}
	r.addScripts(ruleOneSchema)
}

// backendPrisma returns the prisma folder of a plugin's backend that contains a file, or "".
func backendPrisma(file string) string {
	if i := strings.Index("/"+file, "/backend/prisma/"); i >= 0 {
		return file[:i+len("/backend/prisma")-1]
	}
	return ""
}

func firstBlock(f *file) (start, end int) {
	if f.prisma != nil {
		for _, b := range f.prisma.Blocks {
			if b.Kind == prisma.DatasourceBlock || b.Kind == prisma.GeneratorBlock || b.Kind == prisma.ModelBlock {
				return b.Span.Start.Offset(), b.Span.End.Offset()
			}
		}
	}
	return 0, 0
}

var schemaText = lazy.Regexp{Text: `(?m)^[ \t]*datasource[ \t]+\w+[ \t]*\{`}

// writers are the functions that write files.
var writers = map[string]bool{
	"writeFile": true, "writeFileSync": true, "outputFile": true, "outputFileSync": true, "write": true,
	"appendFile": true, "appendFileSync": true, "copyTpl": true, "addFile": true, "createFile": true,
}

// checkGenerator finds code that writes a schema file: a call that writes to a path ending in .prisma, or a list of
// files to write with such a path, together with a schema's text. A text without a path, or without anything that
// writes, may be part of a message; a path that is written without a text in sight is less serious. Code that works on
// the unified schema names it.
func (r *run) checkGenerator(f *file) {
	if r.options.inDatabase(f.path) || isTest(f.path) {
		return
	}
	if bytes.Contains(f.data, []byte(".prisma")) && !r.namesUnified(f.script) {
		r.checkWrites(f)
	}
	for _, im := range f.imports {
		if im.Specifier == "prisma/config" {
			r.report(ruleOneSchema, Error, f, im.At.Start, im.At.End,
				"this configures a Prisma of its own: "+r.options.databaseDir()+" has the only one", nil)
		}
	}
}

// namesUnified reports whether the code contains the path of the unified schema.
func (r *run) namesUnified(s *script.Source) bool {
	dir := r.options.databaseDir()
	for i := range s.Tokens {
		if strings.Contains(s.Value(i), dir) {
			return true
		}
	}
	return false
}

func (r *run) checkWrites(f *file) {
	s := f.script
	var texts, keys, paths []int // tokens: a schema's text, the path of a file in a list, a path that a call writes to
	writes, named := false, false
	for i := range s.Tokens {
		value := s.Value(i)
		switch {
		case s.Kind(i) == script.Word && s.Is(i+1, "(") && writers[s.Word(i)]:
			writes = true
			if at := prismaPathIn(s, i+1); at > 0 {
				paths = append(paths, at)
			}
		case schemaText.Get().MatchString(value):
			texts = append(texts, i)
		case isPrismaPath(value):
			named = true
			if s.Is(i+1, ":") || s.Is(i+1, "]") && s.Is(i+2, ":") {
				keys = append(keys, i)
			}
		}
	}
	severity, at := Error, texts
	switch {
	case len(texts) > 0 && (writes && named || len(keys) > 0):
	case len(texts) == 0:
		severity, at = Warning, paths
	default:
		return
	}
	for _, i := range at {
		t := s.Tokens[i]
		r.report(ruleOneSchema, severity, f, t.Start, t.End,
			"this code generates a Prisma schema: a new plugin's models belong in "+r.options.SchemaFile, nil)
	}
}

// prismaPathIn returns the token of a path ending in .prisma among the arguments of the call that opens at the token,
// or 0.
func prismaPathIn(s *script.Source, open int) int {
	depth := 0
	for i := open; i < len(s.Tokens); i++ {
		switch {
		case s.Is(i, "("):
			depth++
		case s.Is(i, ")"):
			if depth--; depth == 0 {
				return 0
			}
		case isPrismaPath(s.Value(i)):
			return i
		}
	}
	return 0
}

func isPrismaPath(text string) bool {
	return strings.HasSuffix(text, ".prisma") && !strings.ContainsAny(text, " \n")
}
