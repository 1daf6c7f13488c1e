package rules

import (
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// ruleOneSchema: there is one Prisma schema with one folder of migrations, and no plugin's backend has a prisma folder.
// Templates and generators that would make one count, and images that are built with one. Source: the NaaP database architecture, rule 1.
var ruleOneSchema = &Rule{
	ID: "naap/1-one-schema", Number: 1,
	Title: "No Prisma schema but the unified one",
	Why: "A second schema is a second opinion on the same database: each push of one drops what only the other knows, " +
		"and no foreign key can cross between them.",
}

func checkOneSchema(r *run) {
	told := map[string]bool{} // prisma folders that already have a finding
	r.each(prismaFile, func(f *file) {
		if r.options.isUnified(f.path) || r.addsToUnified(f) {
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
	r.checkMigrations(told)
	r.each(textFile, r.checkTemplate)
	r.each(dockerFile, r.checkImagesPrisma)
	for _, k := range []kind{shellFile, makeFile, unnamed} {
		r.each(k, r.checkShellGenerator)
	}
	r.each(manifestFile, r.checkManifestTemplate)
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
