package rules

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
)

// checkMigrations finds folders of migrations besides the one of the unified schema. told are the folders that have a
// finding already.
func (r *run) checkMigrations(told map[string]bool) {
	own := path.Join(path.Dir(r.options.SchemaFile), "migrations") // beside the schema, or the first of its package
	if !r.onDisk(own+"/migration_lock.toml") && !slices.ContainsFunc(r.migrations, func(name string) bool { return inFolder(own, name) }) {
		if i := slices.IndexFunc(r.migrations, r.options.inDatabase); i >= 0 {
			own = migrationsOf(r.migrations[i])
		}
	}
	for _, name := range r.migrations {
		dir := migrationsOf(name)
		if dir == own || told[dir] || told[path.Dir(dir)] || told[backendPrisma(name)] {
			continue
		}
		told[dir] = true
		f := r.files[name]
		if f == nil {
			f = &file{path: name}
		}
		r.report(ruleOneSchema, Error, f, 0, 0, dir+" is a second folder of migrations: tables change by those of "+r.options.databaseDir()+" alone", nil)
	}
}

// migrationsOf returns the folder of migrations that a file belongs to, or "": one that Prisma wrote, or a plugin's
// with SQL in it.
func migrationsOf(name string) string {
	base := path.Base(name)
	written := base == "migration.sql" || base == "migration_lock.toml"
	if !written && (path.Ext(name) != ".sql" || !isOfPlugin(name)) {
		return ""
	}
	i := strings.LastIndex("/"+path.Dir(name)+"/", "/migrations/")
	if i < 0 || isTest(name) {
		return ""
	}
	return name[:i+len("migrations")]
}

// isOfPlugin reports whether a file is in a folder of plugins or services, or in a template of one.
func isOfPlugin(name string) bool {
	top, _, _ := strings.Cut(name, "/")
	return slices.Contains([]string{"plugins", "examples", "services"}, top) || strings.Contains(name, "template")
}

// templateTarget matches the line of a hygen template that says where its text goes.
var templateTarget = lazy.Regexp{Text: `(?m)^to:[ \t]*(\S.*)$`}

// addsToUnified reports whether a template's text goes into the database package.
func (r *run) addsToUnified(f *file) bool {
	if innerName(f.path) == path.Base(f.path) {
		return false
	}
	m := templateTarget.Get().FindSubmatch(f.data[:min(len(f.data), 2000)])
	return m != nil && bytes.Contains(m[1], []byte(r.options.databaseDir()))
}

// checkTemplate finds a schema's text, a dependency on Prisma or a plugin's image in a template whose name does not say
// what it makes.
func (r *run) checkTemplate(f *file) {
	if !isTemplate(f.path) || r.addsToUnified(f) {
		return
	}
	message := ""
	at := schemaText.Get().FindIndex(f.data)
	switch {
	case at != nil:
		message = "this is a template of a Prisma schema: its models belong in " + r.options.SchemaFile + ", in the plugin's schema"
	case imageText.Get().Match(f.data) && r.imageHasPrisma(string(f.data)):
		message = "this is a template of an image with a Prisma of its own: the client comes with " + databasePackage
		at = []int{0, 0}
	default:
		return
	}
	r.report(ruleOneSchema, Error, f, at[0], at[1], message, nil)
}

// isTemplate reports whether a file's name says that something is made from it.
func isTemplate(name string) bool {
	return innerName(name) != path.Base(name) && !strings.HasSuffix(name, ".txt") && !strings.HasSuffix(name, ".example")
}

// holdsTemplate reports whether a template's text is one that checkTemplate looks for, as far as it can be told from
// the text alone.
func (o Options) holdsTemplate(name string, data []byte) bool {
	if !isTemplate(name) || !bytes.Contains(data, []byte("prisma")) && !bytes.Contains(data, []byte("datasource")) {
		return false
	}
	r := &run{options: o}
	return schemaText.Get().Match(data) || imageText.Get().Match(data) && r.imageHasPrisma(string(data))
}

// checkManifestTemplate finds a dependency on Prisma in the template of a package.json that is not JSON yet.
func (r *run) checkManifestTemplate(f *file) {
	if f.pkg != nil || !isTemplate(f.path) || r.addsToUnified(f) {
		return
	}
	if at := dependencyText.Get().FindIndex(f.data); at != nil {
		r.report(ruleOneSchema, Error, f, at[0], at[1], "this is a template of a package that depends on Prisma: a plugin has it through "+databasePackage+" alone", nil)
	}
}

// checkImagesPrisma finds what gives a plugin's image a Prisma of its own: COPY prisma, RUN prisma generate.
func (r *run) checkImagesPrisma(f *file) {
	if f.docker == nil || !isOfPlugin(f.path) && !isTemplate(f.path) && !r.onDisk(path.Join(path.Dir(f.path), "plugin.json")) {
		return
	}
	whole := &fault{
		least: 2,
		label: func(Finding) string { return "and here" },
		message: func(parts []Finding) string {
			return fmt.Sprintf("this image has a Prisma of its own, in %d places: the client comes with %s", len(parts), databasePackage)
		},
	}
	folder := ""
	for _, c := range f.docker.Commands {
		message := ""
		switch c.Name {
		case "WORKDIR":
			folder = c.Text()
		case "COPY", "ADD":
			if r.copiesPrisma(c.Words) {
				message = "this copies a prisma folder into the image: the one schema is in " + r.options.databaseDir()
			}
		case "RUN", "CMD", "ENTRYPOINT":
			if !strings.Contains(folder, r.options.databaseDir()) && r.runsOwnPrisma(c.Text()) {
				message = "this runs Prisma for the plugin: the client is generated in " + r.options.databaseDir()
			}
		}
		if message != "" {
			r.report(ruleOneSchema, Error, f, c.At.Start, c.At.End, message, nil)
			r.partOf(whole)
		}
	}
}

// copiesPrisma reports whether the words of a COPY name a prisma folder, or a schema, outside of the database package.
// What another stage has is not a folder of the repository.
func (r *run) copiesPrisma(words []string) bool {
	if len(words) == 0 || slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--from=") }) {
		return false
	}
	return slices.ContainsFunc(words[:len(words)-1], func(w string) bool {
		w = strings.Trim(w, `",[]`)
		return !strings.Contains(w, r.options.databaseDir()) && (slices.Contains(strings.Split(w, "/"), "prisma") || isPrismaPath(w))
	})
}

// runsOwnPrisma reports whether a command line generates a client or changes tables with a schema other than the
// unified one.
func (r *run) runsOwnPrisma(line string) bool {
	if strings.HasPrefix(strings.TrimSpace(line), "[") { // ["npx", "prisma", "generate"]
		line = strings.NewReplacer("[", " ", "]", " ", ",", " ", `"`, " ").Replace(line)
	}
	return !strings.Contains(line, r.options.databaseDir()) && !strings.Contains(line, databasePackage) && runsPrisma(line)
}

// checkShellGenerator finds a shell script that writes a schema file, or a package.json that depends on Prisma, or runs
// prisma init.
func (r *run) checkShellGenerator(f *file) {
	if f.shell == nil || r.options.inDatabase(f.path) || isTest(f.path) {
		return
	}
	inside := false // the database package is the working directory
	for _, c := range f.shell.Commands {
		if len(c.Words) > 1 && (c.Words[0].Text == "cd" || c.Words[0].Text == "pushd") {
			inside = r.mayBeDatabase(c.Words[1].Text)
			continue
		}
		if inside {
			continue
		}
		if w, made := r.generates(c); made != "" {
			r.report(ruleOneSchema, Error, f, w.At.Start, w.At.End, made, nil)
		}
	}
}

// mayBeDatabase reports whether a folder is the database package, or a variable that may name it.
func (r *run) mayBeDatabase(folder string) bool {
	return strings.Contains(folder, r.options.databaseDir()) || databaseVariable.Get().MatchString(folder)
}

var databaseVariable = lazy.Regexp{Text: `(?i)\$\{?\w*(database|db|prisma)`}

// generates says what a command makes that a plugin must not have, and by which word it can be told.
func (r *run) generates(c shell.Command) (shell.Word, string) {
	if slices.Contains(commandsOf(c), "init") {
		return c.Words[0], "this makes a Prisma schema: a new plugin's models belong in " + r.options.SchemaFile
	}
	for _, w := range writtenTo(c) {
		if r.mayBeDatabase(w.Text) || strings.HasPrefix(w.Text, "/tmp/") || strings.Contains(strings.ToLower(w.Text), "$tmp") {
			continue
		}
		switch {
		case isPrismaPath(w.Text):
			return w, "this script generates a Prisma schema: a new plugin's models belong in " + r.options.SchemaFile
		case strings.HasSuffix(w.Text, "package.json") && slices.ContainsFunc(c.Documents, func(d *shell.Document) bool { return dependencyText.Get().MatchString(d.Text) }):
			return w, "this script generates a package that depends on Prisma: a plugin has it through " + databasePackage + " alone"
		case isDockerfile.Get().MatchString(path.Base(w.Text)) && slices.ContainsFunc(c.Documents, func(d *shell.Document) bool { return r.imageHasPrisma(d.Text) }):
			return w, "this script generates an image with a Prisma of its own: the client comes with " + databasePackage
		}
	}
	return shell.Word{}, ""
}

// writtenTo returns the files that a command writes.
func writtenTo(c shell.Command) []shell.Word {
	words := unwrapped(c.Words)
	targets := slices.Clone(c.Targets)
	switch {
	case len(words) == 0:
	case words[0].Text == "tee":
		targets = append(targets, words[1:]...)
	case len(words) > 2 && slices.Contains([]string{"cp", "mv", "install", "ln", "curl", "wget"}, path.Base(words[0].Text)):
		targets = append(targets, words[len(words)-1])
	}
	return targets
}
