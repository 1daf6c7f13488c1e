package rules

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/script"
)

// ruleOwnClient: the client comes from @naap/database. Nothing else imports @prisma/client or a generated client, makes
// a PrismaClient, or keeps a generated client. Source: the NaaP database architecture, rule 2.
var ruleOwnClient = &Rule{
	ID: "naap/2-own-client", Number: 2,
	Title: "No generated clients and no PrismaClient of one's own",
	Why: "Each PrismaClient has a connection pool of its own, and a client generated elsewhere knows another version of " +
		"the tables. The package " + databasePackage + " has one of each.",
}

func checkOwnClient(r *run) {
	r.addScripts(ruleOwnClient)
	told := map[string]bool{}
	for _, name := range r.clients {
		dir := path.Dir(name)
		if r.options.inDatabase(name) || slices.ContainsFunc([]string{dir, path.Dir(dir)}, func(d string) bool { return told[d] }) {
			continue
		}
		told[dir] = true
		r.report(ruleOwnClient, Error, &file{path: name}, 0, 0,
			dir+" holds a generated Prisma client: the only one is generated in "+r.options.databaseDir(), nil)
	}
}

// checkClients finds the clients that a script imports or makes.
func (r *run) checkClients(f *file) {
	if r.options.inDatabase(f.path) {
		return
	}
	own := map[string]*fault{} // by the local name under which a forbidden import gives a client, or the module of one
	for _, im := range f.imports {
		if r.isClient(f, im) {
			r.report(ruleOwnClient, Error, f, im.At.Start, im.At.End, clientMessage(im), r.importFix(f, im))
			r.since(f, im.Statement.Start)
			if whole := instancesOf(im); !im.TypeOnly {
				r.partOf(whole)
				for _, name := range append(clientNames(im), im.Namespace, im.Default) {
					own[name] = whole
				}
			}
		} else if message := r.goesAround(f, im); message != "" {
			r.report(ruleOwnClient, Warning, f, im.At.Start, im.At.End, message, nil)
			r.since(f, im.Statement.Start)
		}
	}
	delete(own, "")
	r.checkInstances(f, own)
}

// instancesOf returns the fault that an import of a client and the instances that the code makes of it are together.
func instancesOf(im script.Import) *fault {
	return &fault{
		least: 2,
		label: func(Finding) string { return "makes a client of it" },
		message: func([]Finding) string {
			return fmt.Sprintf("this imports %s, and the code makes a client of its own of it, with its own connections: import { prisma } from '%s'",
				clientModule(im), databasePackage)
		},
	}
}

// clientNames returns the local names of the class in an import.
func clientNames(im script.Import) []string {
	var names []string
	for _, n := range im.Names {
		if n.Imported == "PrismaClient" && !n.TypeOnly {
			names = append(names, n.Local)
		}
	}
	return names
}

// isClient reports whether an import names a Prisma client: the package itself, or a generated one by its path. Other
// tools generate clients too: if the path does not name Prisma, what is imported or what is there must do so.
func (r *run) isClient(f *file, im script.Import) bool {
	if !isClientPath(im) {
		return false
	}
	return strings.Contains(im.Specifier, "prisma") || hasClientName(im) || bytes.Contains(f.data, []byte("PrismaClient")) ||
		slices.ContainsFunc(im.Names, func(n script.Name) bool { return r.schema.declares(n.Imported) }) ||
		r.onDisk(path.Join(path.Dir(f.path), im.Specifier, "schema.prisma")) ||
		slices.ContainsFunc(r.clients, func(name string) bool {
			return path.Dir(name) == path.Join(path.Dir(f.path), im.Specifier) || path.Dir(name) == path.Dir(path.Join(path.Dir(f.path), im.Specifier))
		})
}

// drivers are packages that open connections to PostgreSQL themselves.
var drivers = map[string]bool{"pg": true, "pg-promise": true, "postgres": true, "slonik": true}

// goesAround says how an import in a plugin, a service or an app reaches the database without @naap/database. Importing
// its source by a path makes a second client beside the package's; what a database driver is used for is only a guess.
func (r *run) goesAround(f *file, im script.Import) string {
	top, _, _ := strings.Cut(f.path, "/")
	if !slices.Contains([]string{"plugins", "examples", "services", "apps"}, top) || isTest(f.path) || im.TypeOnly {
		return ""
	}
	if strings.HasPrefix(im.Specifier, ".") && inFolder(r.options.databaseDir()+"/src", path.Join(path.Dir(f.path), im.Specifier)+"/") {
		return "this imports the source of the database package by its path: import from '" + databasePackage + "'"
	}
	if drivers[im.Specifier] && (top == "services" || strings.Contains(f.path, "/backend/")) {
		return "this has connections of its own through " + im.Specifier + ": import { prisma } from '" + databasePackage + "'"
	}
	return ""
}

// isClientPath reports whether an import's path may be that of a Prisma client.
func isClientPath(im script.Import) bool {
	spec := im.Specifier
	if spec == "@prisma/client" || strings.HasPrefix(spec, "@prisma/client/") {
		return true
	}
	parts := strings.Split(spec, "/")
	i := slices.IndexFunc(parts, func(p string) bool { return generatedFolders[p] })
	if i < 0 {
		return false
	}
	if parts[i] == ".prisma" || hasClientName(im) {
		return true
	}
	for _, p := range parts[i+1:] {
		p = strings.TrimSuffix(strings.TrimSuffix(p, ".js"), ".ts")
		if p == "client" || p == "prisma" || p == "prisma-client" || strings.HasSuffix(p, "-prisma-client") {
			return true
		}
	}
	return i > 0 && parts[i-1] == "prisma"
}

// hasClientName reports whether an import takes names that only a Prisma client has.
func hasClientName(im script.Import) bool {
	return slices.ContainsFunc(im.Names, func(n script.Name) bool {
		return n.Imported == "PrismaClient" || n.Imported == "Prisma"
	})
}

func clientMessage(im script.Import) string {
	from := "import { prisma } from '" + databasePackage + "'"
	if im.TypeOnly {
		from = "types come from " + databasePackage + " too"
	}
	return fmt.Sprintf("this imports %s: %s", clientModule(im), from)
}

// clientModule says which module an import of a client names.
func clientModule(im script.Import) string {
	if strings.HasPrefix(im.Specifier, "@prisma/client") {
		return "@prisma/client"
	}
	return "a generated client"
}

// importFix makes an import refer to the database package, if it takes only names that the package's client has:
// Prisma, and the models, enums and views of the unified schema. It is safe if the package's index re-exports
// everything of its client. PrismaClient is taken only as a type.
func (r *run) importFix(f *file, im script.Import) *Fix {
	if im.Form != script.Static && im.Form != script.ReExport || im.Default != "" || im.Namespace != "" || im.All || len(im.Names) == 0 {
		return nil
	}
	if strings.HasPrefix(im.Specifier, "@prisma/client/") {
		return nil // a client for another runtime, or a part that the package does not re-export
	}
	for _, n := range im.Names {
		typeOnly := im.TypeOnly || n.TypeOnly
		if !(n.Imported == "Prisma" || n.Imported == "PrismaClient" && typeOnly || r.schema.declares(n.Imported)) {
			return nil
		}
	}
	quote := f.data[im.At.Start]
	return &Fix{
		Title: "import from " + databasePackage,
		Edits: []Edit{{f.path, im.At.Start, im.At.End, string(quote) + databasePackage + string(quote)}},
		Safe:  r.passesOn,
	}
}

// declares reports whether the unified schema has a model, an enum or a view with that name.
func (s *schemaFacts) declares(name string) bool {
	return slices.ContainsFunc(s.types, func(t typeFacts) bool { return t.block.Name.Value == name })
}

// checkInstances finds new PrismaClient() and classes that extend it, whatever the name it was imported under. Those of
// a forbidden import are a part of its fault.
func (r *run) checkInstances(f *file, own map[string]*fault) {
	local := map[string]bool{}
	for _, im := range f.imports {
		for _, name := range clientNames(im) {
			local[name] = true
		}
	}
	if !local["PrismaClient"] && !f.script.Declares("PrismaClient") {
		local["PrismaClient"] = true
	}
	for _, u := range f.script.Uses() {
		if !(len(u.Path) == 1 && local[u.Path[0]]) && !(len(u.Path) > 1 && u.Last() == "PrismaClient") {
			continue
		}
		message := "this makes a PrismaClient of its own, with its own connections: import { prisma } from '" + databasePackage + "'"
		if u.Extends {
			message = "this class is a PrismaClient of its own: import { prisma } from '" + databasePackage + "' and hold that"
		}
		r.report(ruleOwnClient, Error, f, u.At.Start, u.At.End, message, nil)
		r.partOf(own[u.Path[0]])
	}
}
