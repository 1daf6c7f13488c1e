package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/script"
)

// ruleClientFile: a backend that uses the database has the standard client file, which re-exports prisma from
// @naap/database. Source: the NaaP database architecture, rule 8.
var ruleClientFile = &Rule{
	ID: "naap/8-client-file", Number: 8,
	Title: "The standard client file re-exports prisma",
	Why: "Every backend takes its client from src/db/client.ts, so that tests replace it in one place and a change of " +
		"the client is one line.",
}

// clientFileText returns the standard client file.
func clientFileText(nl string) string {
	return strings.ReplaceAll("// The one database client of the platform. Import prisma from here, never from Prisma itself.\n"+
		"export { prisma } from '"+databasePackage+"';\n", "\n", nl)
}

func checkClientFile(r *run) {
	told := map[string]bool{}
	r.each(scriptFile, func(f *file) {
		i := slices.IndexFunc(f.facts.findings, func(x Finding) bool { return x.Rule == ruleClientFile })
		if i < 0 {
			return
		}
		backend := backendOf(f.path)
		if told[backend] {
			return
		}
		told[backend] = true
		r.findings = append(r.findings, f.facts.findings[i])
	})
}

// checkClient finds a script in a backend that uses the database without a client file, or is one that passes nothing
// on.
func (r *run) checkClient(f *file) {
	backend := backendOf(f.path)
	if backend == "" || isTest(f.path) {
		return
	}
	client := path.Join(backend, clientFileName)
	if f.path == client {
		if !passesPrismaOn(f) {
			r.report(ruleClientFile, Error, f, 0, 0,
				"the standard client file does not export prisma from "+databasePackage+": export { prisma } from '"+databasePackage+"'", nil)
		}
		return
	}
	for _, im := range f.imports {
		uses := (im.Specifier == databasePackage || im.Specifier == databasePackage+"/client") && !im.TypeOnly
		if !uses || r.has(client) {
			continue
		}
		r.report(ruleClientFile, Error, f, im.At.Start, im.At.End,
			"this backend uses the database and has no "+clientFileName,
			&Fix{Title: "make " + client, Safe: true, Edits: []Edit{{client, 0, 0, clientFileText(newline(f.data))}}})
		return
	}
}

// has reports whether a file exists, whether or not a rule wanted to read it.
func (r *run) has(name string) bool {
	return r.files[name] != nil || r.onDisk(name)
}

// backendOf returns the folder of the plugin's backend that contains a file: plugins/NAME/backend or
// examples/NAME/backend.
func backendOf(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) > 3 && (parts[0] == "plugins" || parts[0] == "examples") && parts[2] == "backend" {
		return path.Join(parts[:3]...)
	}
	return ""
}

// passesPrismaOn reports whether a file exports the name prisma, taken from @naap/database.
func passesPrismaOn(f *file) bool {
	local := ""
	for _, im := range f.imports {
		if im.Specifier != databasePackage || im.TypeOnly {
			continue
		}
		if im.Form == script.ReExport && (im.All || slices.Contains(im.Names, script.Name{Imported: "prisma", Local: "prisma"})) {
			return true
		}
		for _, n := range im.Names {
			if n.Imported == "prisma" && !n.TypeOnly && im.Form != script.ReExport {
				local = n.Local
			}
		}
	}
	return local != "" && f.script.Exports(local, "prisma")
}
