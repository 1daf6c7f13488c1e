package rules

import (
	"path"
	"regexp"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/rules/script"
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
	told := map[string]bool{} // prisma folders that have a finding already
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
	r.each(scriptFile, func(f *file) {
		if !r.options.inDatabase(f.path) && !isTest(f.path) {
			r.checkGenerator(f)
		}
	})
}

// backendPrisma is the prisma folder of a plugin's backend that a file lies in, or "".
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
				return b.Span.Start.Offset, b.Span.End.Offset
			}
		}
	}
	return 0, 0
}

var schemaText = regexp.MustCompile(`(?m)^[ \t]*datasource[ \t]+\w+[ \t]*\{`)

// writers are the functions that write files.
var writers = map[string]bool{
	"writeFile": true, "writeFileSync": true, "outputFile": true, "outputFileSync": true, "write": true,
	"appendFile": true, "appendFileSync": true, "copyTpl": true, "addFile": true, "createFile": true,
}

// checkGenerator finds code that writes a schema file: a call of a writing function with a schema's text and a path that
// ends in .prisma. A text alone may be a test's or a message's.
func (r *run) checkGenerator(f *file) {
	s := f.script
	for i := range s.Tokens {
		if s.Kind(i) != script.Word || !s.Is(i+1, "(") || !writers[s.Word(i)] {
			continue
		}
		named, text := false, -1
		for j := i + 2; j < len(s.Tokens) && !s.Closes(i+1, j); j++ {
			switch s.Kind(j) {
			case script.String, script.Template, script.Head, script.Middle, script.Tail:
				value := s.Value(j)
				named = named || strings.HasSuffix(value, ".prisma")
				if loc := schemaText.FindStringIndex(value); loc != nil && text < 0 {
					text = j
				}
			}
		}
		if named && text >= 0 {
			at := s.Tokens[text]
			r.report(ruleOneSchema, Error, f, at.Start, at.End,
				"this code generates a Prisma schema: a new plugin's models belong in "+r.options.SchemaFile, nil)
		}
	}
	for _, im := range f.imports {
		if im.Specifier == "prisma/config" {
			r.report(ruleOneSchema, Error, f, im.At.Start, im.At.End,
				"this configures a Prisma of its own: "+r.options.databaseDir()+" has the only one", nil)
		}
	}
}
