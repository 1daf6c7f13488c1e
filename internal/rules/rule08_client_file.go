package rules

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
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

// clientFileText returns the standard client file. It exports prisma under both names that are in use.
func clientFileText(nl string) string {
	return strings.ReplaceAll("// The one database client of the platform. Import db from here, never from Prisma itself.\n"+
		"import { prisma } from '"+databasePackage+"';\n\n"+
		"export { prisma };\nexport const db = prisma;\n", "\n", nl)
}

// isClientFile reports whether a file is the standard client file of a backend, in either language.
func isClientFile(file string) bool {
	backend := backendOf(file)
	if backend == "" {
		return false
	}
	rest := strings.TrimSuffix(strings.TrimPrefix(file, backend+"/"), path.Ext(file))
	return (rest == clientFileBase || rest == clientFileBase+"/index") && slices.Contains(moduleEndings, path.Ext(file))
}

// moduleEndings are what a module's file name ends in, in the order in which an import without an ending finds them.
var moduleEndings = []string{".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"}

// hasClientFile reports whether a backend has its client file.
func (r *run) hasClientFile(backend string) bool {
	return slices.ContainsFunc(moduleEndings, func(ending string) bool {
		return r.has(path.Join(backend, clientFileBase+ending)) || r.has(path.Join(backend, clientFileBase, "index"+ending))
	})
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
	if isClientFile(f.path) {
		if len(r.passedOn(f, map[string][]string{})) == 0 && !r.importsOwnClient(f) { // which is the fault, and has its finding
			r.report(ruleClientFile, Error, f, 0, 0,
				"the standard client file does not pass on prisma from "+databasePackage+": export const db = prisma, or any other name", nil)
		}
		return
	}
	client := path.Join(backend, clientFileName)
	for _, im := range f.imports {
		uses := (im.Specifier == databasePackage || im.Specifier == databasePackage+"/client") && !im.TypeOnly
		if !uses || r.hasClientFile(backend) {
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

// heldByPackage are the names under which @naap/database exports its client.
var heldByPackage = []string{"prisma", "default", "db"}

// mostModules is how many modules of a backend are read to follow its client.
const mostModules = 50

// passedOn returns the names under which a script exports the client of @naap/database, which it may take through other
// modules of its own: '../prisma', './index.js'. seen has what is known of these, by path without an ending.
func (r *run) passedOn(f *file, seen map[string][]string) []string {
	return f.script.PassedOn(func(specifier string) []string {
		if specifier == databasePackage {
			return heldByPackage
		}
		at := path.Join(path.Dir(f.path), specifier)
		held, known := seen[at]
		if known || !strings.HasPrefix(specifier, ".") || len(seen) == mostModules {
			return held
		}
		seen[at] = nil // in a circle, nothing is added
		if next := r.module(at); next != nil {
			seen[at] = r.passedOn(next, seen)
		}
		return seen[at]
	})
}

// module reads the module at a path as an import writes it: without an ending, with that of its compiled form, or as a
// folder. It returns nil if there is none below the root.
func (r *run) module(at string) *file {
	if strings.HasPrefix(at, "../") {
		return nil
	}
	stem := at
	if ending := path.Ext(at); slices.Contains(moduleEndings, ending) {
		stem = strings.TrimSuffix(at, ending)
	}
	for _, name := range []string{stem, stem + "/index"} {
		for _, ending := range moduleEndings {
			if data, ok := r.text(name + ending); ok {
				f := &file{path: name + ending, kind: scriptFile, data: data}
				f.parse()
				return f
			}
		}
	}
	return nil
}

// text returns a file's text: what the caller has of it, or what is on the disk below the root.
func (r *run) text(name string) ([]byte, bool) {
	if text, ok := r.options.Files[name]; ok {
		return []byte(text), true
	}
	if !r.onDisk(name) {
		return nil, false
	}
	in, err := files.OpenInside(r.options.Root)
	if err != nil {
		return nil, false
	}
	defer in.Close()
	data, err := in.Read(context.Background(), name, files.Source)
	return data, err == nil
}

// importsOwnClient reports whether a script imports a Prisma client that rule 2 forbids.
func (r *run) importsOwnClient(f *file) bool {
	return slices.ContainsFunc(f.imports, func(im script.Import) bool { return !im.TypeOnly && r.isClient(f, im) })
}
