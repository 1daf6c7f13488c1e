package rules

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/rules/manifest"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/visible"
)

// rulePackage: a plugin's package depends on @naap/database if its code uses the database, never on Prisma, and has no
// scripts that generate a client or change tables. Source: the NaaP database architecture, rule 6; it applies to
// services too, by the golden rule that every plugin and service uses @naap/database.
var rulePackage = &Rule{
	ID: "naap/6-package", Number: 6,
	Title: "A plugin depends on @naap/database, never on Prisma, and has no db: scripts",
	Why: "A package that has Prisma itself gets another version of it, and its scripts push a part of the schema as if " +
		"it were the whole.",
}

// prismaPackages are those that only the database package may depend on.
var prismaPackages = []string{"prisma", "@prisma/client"}

func checkPackage(r *run) {
	users := r.packageUsers()
	r.each(manifestFile, func(f *file) {
		if !r.isPlugin(f.path) {
			return
		}
		if f.pkg == nil && isTemplate(f.path) {
			return // it is not JSON yet
		}
		if f.pkg == nil {
			r.report(rulePackage, Warning, f, 0, 0, "this package.json cannot be read: "+visible.String(fmt.Sprint(f.broken)), nil)
			return
		}
		r.checkDependencies(f, users[path.Dir(f.path)])
		r.checkDatabaseScripts(f)
	})
}

// isPlugin reports whether a package.json belongs to a plugin or a service: it is below plugins, examples or services,
// beside or above a folder with a plugin.json, or is a template of one.
func (r *run) isPlugin(file string) bool {
	if r.options.inDatabase(file) {
		return false
	}
	for _, dir := range []string{"plugins", "examples", "services"} {
		if inFolder(dir, file) {
			return true
		}
	}
	dir := path.Dir(file)
	for _, d := range []string{dir, path.Dir(dir)} {
		if r.onDisk(path.Join(d, "plugin.json")) {
			return true
		}
	}
	return strings.Contains(file, "template") && strings.Contains(file, "backend/")
}

// packageUsers returns, for the folder of each package, the first of its files that imports @naap/database. A file
// belongs to the nearest package above it.
func (r *run) packageUsers() map[string]usage {
	users := map[string]usage{}
	r.each(scriptFile, func(f *file) {
		if f.facts.uses.Path == "" {
			return
		}
		dir := r.packageOf(f.path)
		u, ok := users[dir]
		if !ok {
			u = usage{at: f.facts.uses}
		}
		u.tested = (u.tested || !ok) && isTest(f.path)
		users[dir] = u
	})
	return users
}

// usage says where a package uses the database.
type usage struct {
	at     Place // in the first of its files that does; its Path is "" where none does
	tested bool  // only its tests use it
}

func (r *run) packageOf(file string) string {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if f := r.files[path.Join(dir, "package.json")]; f != nil {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

func (r *run) checkDependencies(f *file, use usage) {
	for _, name := range prismaPackages {
		for _, section := range manifest.Dependencies {
			s := f.pkg.Section(section)
			m := s.Find(name)
			if m == nil {
				continue
			}
			r.report(rulePackage, Error, f, m.At.Start, m.At.End,
				fmt.Sprintf("%s is in %s: a plugin has Prisma through %s alone", name, section, databasePackage),
				&Fix{Title: "drop " + name, Edits: []Edit{removeMember(f, s, m)}, Safe: !scriptsRunPrisma(f) && !r.importsFrom(path.Dir(f.path), name)})
		}
	}
	if use.at.Path == "" {
		return
	}
	m, s := f.pkg.Depends(databasePackage)
	switch {
	case m == nil:
		at := f.pkg.At
		if s := f.pkg.Section("dependencies"); s != nil {
			at = s.NameAt
		}
		p := use.at
		p.Label = "uses " + databasePackage
		r.report(rulePackage, Error, f, at.Start, min(at.End, at.Start+len(`"dependencies"`)),
			fmt.Sprintf("the code uses %s, and the package does not depend on it", databasePackage), r.dependencyFix(f), p)
	case s.Name == "devDependencies" && !use.tested:
		r.report(rulePackage, Error, f, m.At.Start, m.At.End,
			fmt.Sprintf("%s is in devDependencies, and the code uses it when it runs: it belongs in dependencies", databasePackage), nil)
	}
}

// importsFrom reports whether a script of the package in dir imports another package.
func (r *run) importsFrom(dir, pkg string) bool {
	for _, name := range r.order {
		f := r.files[name]
		if f.kind == scriptFile && inFolder(dir, name) && slices.Contains(f.facts.packages, pkg) {
			return true
		}
	}
	return false
}

// forbiddenScripts are names that a plugin's package.json must not have, also when followed by another colon and any
// text.
var forbiddenScripts = []string{"db:generate", "db:push", "db:migrate", "db:seed"}

func (r *run) checkDatabaseScripts(f *file) {
	for _, m := range f.pkg.Scripts() {
		named := isForbiddenScript(m.Name)
		if !named && !runsPrisma(m.Value) {
			continue
		}
		r.report(rulePackage, Error, f, m.At.Start, m.At.End,
			fmt.Sprintf("the script %s belongs to %s alone", visible.String(m.Name), r.options.databaseDir()),
			&Fix{Title: "drop the script " + m.Name, Edits: []Edit{removeMember(f, f.pkg.Section("scripts"), &m)}, Safe: named && !r.calledByOthers(f, m.Name)})
	}
	if s := f.pkg.Section("prisma"); s != nil {
		r.report(rulePackage, Error, f, s.NameAt.Start, s.NameAt.End,
			"this configures Prisma for a plugin: only "+r.options.databaseDir()+" has a schema and seeds", nil)
	}
}

func isForbiddenScript(name string) bool {
	return slices.ContainsFunc(forbiddenScripts, func(forbidden string) bool {
		return name == forbidden || strings.HasPrefix(name, forbidden+":")
	})
}

// runsPrisma reports whether a command line runs one of Prisma's commands that generate a client or change a database.
func runsPrisma(line string) bool {
	return slices.ContainsFunc(prismaCommands(line), func(command string) bool {
		return slices.Contains([]string{"generate", "db", "migrate", "studio"}, command)
	})
}

// prismaCommands returns the commands of Prisma's that a command line runs; "" stands for Prisma without a command.
func prismaCommands(line string) []string {
	var found []string
	for _, c := range shell.Read([]byte(line)).Commands {
		found = append(found, commandsOf(c)...)
	}
	return found
}

// commandsOf returns the commands of Prisma's that a command runs.
func commandsOf(c shell.Command) []string {
	var found []string
	for i, w := range c.Words {
		if w.Text != "prisma" && !strings.HasPrefix(w.Text, "prisma@") || i == 1 && c.Words[0].Text == "echo" {
			continue
		}
		command := ""
		for j := i + 1; j < len(c.Words) && command == ""; j++ {
			switch word := c.Words[j].Text; {
			case word == "--schema" || word == "--config":
				j++
			case !strings.HasPrefix(word, "-"):
				command = word
			}
		}
		found = append(found, command)
	}
	return found
}

// scriptsRunPrisma reports whether a script of the package runs Prisma, which then must be installed.
func scriptsRunPrisma(f *file) bool {
	return slices.ContainsFunc(f.pkg.Scripts(), func(m manifest.Member) bool { return len(prismaCommands(m.Value)) > 0 })
}

// calledByOthers reports whether anything else in the workspace names a package's script: another script of this
// package or of any, a shell script, a Makefile, a Dockerfile, a workflow, or code that runs commands. Which package
// such a call is about is not certain.
func (r *run) calledByOthers(f *file, name string) bool {
	called := callOf(name)
	for _, other := range r.order {
		switch o := r.files[other]; o.kind {
		case manifestFile:
			for _, m := range o.pkg.Scripts() {
				if (o != f || m.Name != name) && called.MatchString(m.Value) {
					return true
				}
			}
		case scriptFile:
			if slices.Contains(o.facts.calls, name) {
				return true
			}
		case shellFile, makeFile, unnamed, workflowFile, composeFile, dockerFile:
			if called.Match(o.data) {
				return true
			}
		}
	}
	return false
}

// callOf returns what finds a script's name where it is called.
func callOf(name string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^\w-])` + regexp.QuoteMeta(name) + `($|[^\w:-])`)
}

// removeMember removes a member from its object, with its line and the comma that would be left over.
func removeMember(f *file, s *manifest.Section, m *manifest.Member) Edit {
	i := slices.IndexFunc(s.Members, func(x manifest.Member) bool { return x.At == m.At })
	switch {
	case i+1 < len(s.Members):
		return Edit{f.path, m.At.Start, s.Members[i+1].At.Start, ""}
	case i > 0:
		return Edit{f.path, s.Members[i-1].At.End, m.At.End, ""}
	}
	return Edit{f.path, s.At.Start, s.At.End, "{}"}
}

// dependencyFix adds @naap/database at its place in the order of names.
func (r *run) dependencyFix(f *file) *Fix {
	entry := `"` + databasePackage + `": "` + r.databaseRange(f) + `"`
	fix := &Fix{Title: "depend on " + databasePackage, Safe: true}
	s := f.pkg.Section("dependencies")
	nl := newline(f.data)
	switch {
	case s == nil:
		// after the last member of the package's object
		end := f.pkg.At.End - 1
		last := bytes.TrimRight(f.data[:end], " \t\r\n")
		indent := "  "
		if len(f.pkg.Sections) > 0 {
			indent = indentAt(f.data, f.pkg.Sections[0].NameAt.Start)
		}
		comma := ","
		if last[len(last)-1] == '{' {
			comma = ""
		}
		text := comma + nl + indent + `"dependencies": {` + nl + indent + indent + entry + nl + indent + "}"
		fix.Edits = []Edit{{f.path, len(last), len(last), text}}
	case len(s.Members) == 0:
		indent := indentAt(f.data, s.NameAt.Start)
		fix.Edits = []Edit{{f.path, s.At.Start, s.At.End, "{" + nl + indent + indent + entry + nl + indent + "}"}}
	default:
		i := slices.IndexFunc(s.Members, func(m manifest.Member) bool { return m.Name > databasePackage })
		if i < 0 {
			last := s.Members[len(s.Members)-1]
			fix.Edits = []Edit{{f.path, last.At.End, last.At.End, "," + gap(f.data, s, len(s.Members)-1) + entry}}
		} else {
			at := s.Members[i].At.Start
			fix.Edits = []Edit{{f.path, at, at, entry + "," + gap(f.data, s, i)}}
		}
	}
	return fix
}

// databaseRange returns the version range for the database package: the one that another package uses, or the one that
// this package uses for another package of the workspace.
func (r *run) databaseRange(f *file) string {
	for _, section := range manifest.Dependencies {
		s := f.pkg.Section(section)
		if s == nil {
			continue
		}
		for _, m := range s.Members {
			if strings.HasPrefix(m.Name, "@naap/") && (m.Value == "*" || strings.HasPrefix(m.Value, "workspace:")) {
				return m.Value
			}
		}
	}
	found := ""
	r.each(manifestFile, func(other *file) {
		if m, _ := other.pkg.Depends(databasePackage); found == "" && m != nil && !strings.Contains(m.Value, "/") && !strings.HasPrefix(m.Value, "file:") && !strings.HasPrefix(m.Value, "link:") {
			found = m.Value
		}
	})
	return cmp.Or(found, "*")
}

// gap returns the white space before member i: a line end and its indent, or a blank in an object on one line.
func gap(data []byte, s *manifest.Section, i int) string {
	end := s.Members[i].At.Start
	start := end
	for start > 0 && bytes.IndexByte([]byte(" \t\r\n"), data[start-1]) >= 0 {
		start--
	}
	if start == end {
		return " "
	}
	return string(data[start:end])
}
