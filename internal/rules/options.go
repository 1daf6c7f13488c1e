package rules

import (
	"cmp"
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Options say what to check and what is known of the workspace. Paths are relative to Root, with forward slashes.
type Options struct {
	Root string // absolute; "" checks the Files alone

	SchemaFile string // the unified schema, a file or a folder; defaultSchemaFile where empty
	InitSQL    string // the script that creates the schemas; defaultInitSQL where empty
	Container  string // the one database container's name; "naap-db" where empty
	Service    string // its service's name in the compose file; "database" where empty
	Port       int    // where the database listens on this machine; 5432 where 0
	Database   string // "naap" where empty

	// Prefixes are the model name prefixes of schemas, as naap.toml gives them. The platform's own need not be given.
	Prefixes map[string][]string
	Allow    []Allow
	// LiveSchemas are the schemas of the running database; nil where none runs.
	LiveSchemas []string
	// Target is what the commands that findings name have to say beside their words.
	Target remedy.Target

	// Only keeps the findings in these files, or in files below these folders. Empty keeps all.
	Only []string
	// Changed keeps the findings in files that git says changed since Base. An empty Base is the commit where the
	// branch left its upstream or the default branch.
	Changed bool
	Base    string

	// Files stand in for files on disk: the built-in workspace's, or the unsaved text of an editor.
	Files map[string]string
}

// Allow is an accepted exception: a rule that need not hold for some files.
type Allow struct {
	Path   string // a glob with **, relative to the root
	Rule   string // anything that byName takes
	Reason string
	File   string // where it stands, for the report: "naap.toml"
	Line   int    // counted from 1
}

// The layout of a NaaP workspace.
const (
	defaultSchemaFile = "packages/database/prisma/schema.prisma"
	defaultInitSQL    = "docker/init-schemas.sql"
	databasePackage   = "@naap/database"
	coreSchema        = "public"
)

func (o Options) withDefaults() Options {
	setDefault(&o.SchemaFile, defaultSchemaFile)
	setDefault(&o.InitSQL, defaultInitSQL)
	setDefault(&o.Container, "naap-db")
	setDefault(&o.Service, "database")
	setDefault(&o.Database, "naap")
	o.Port = cmp.Or(o.Port, 5432)
	return o
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// databaseDir is the folder of the package that owns the schema: the parent of the prisma folder.
func (o Options) databaseDir() string {
	dir := o.SchemaFile
	if strings.HasSuffix(dir, ".prisma") {
		dir = path.Dir(dir)
	}
	for at := dir; at != "." && at != "/"; at = path.Dir(at) {
		if path.Base(at) == "prisma" {
			return path.Dir(at)
		}
	}
	return dir
}

// inDatabase tells whether a file belongs to the database package.
func (o Options) inDatabase(file string) bool { return inFolder(o.databaseDir(), file) }

// inFolder tells whether a file lies in a folder, at any depth.
func inFolder(folder, file string) bool { return strings.HasPrefix(file, folder+"/") }

// isUnified tells whether a file is the unified schema, or a part of it.
func (o Options) isUnified(file string) bool {
	return file == o.SchemaFile || inFolder(o.SchemaFile, file)
}
