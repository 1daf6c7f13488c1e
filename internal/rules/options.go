package rules

import (
	"cmp"
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Options says what to check and what is known about the workspace. Paths are relative to Root, with forward slashes.
type Options struct {
	Root string // absolute; "" checks only Files

	SchemaFile string // the unified schema, a file or a folder; defaultSchemaFile if empty
	InitSQL    string // the script that creates the schemas; defaultInitSQL if empty
	Container  string // the name of the one database container; "naap-db" if empty
	Service    string // the name of its service in the compose file; "database" if empty
	Port       int    // where the database listens on this machine; 5432 if 0
	Database   string // "naap" if empty

	// Prefixes are the model name prefixes of schemas, as naap.toml gives them. The platform's own need not be given.
	Prefixes map[string][]string
	Allow    []Allow
	// LiveSchemas are the schemas of the running database; nil if none is running.
	LiveSchemas []string
	// Migrations is what was found about the folder of migrations.
	Migrations []Migrations
	// Target is what is added to the commands that findings name.
	Target remedy.Target

	// Only keeps the findings in these files, or in files below these folders. If empty, all are kept. Where it names
	// files alone, only these and what their rules compare them with are read; git is not asked whether it ignores them.
	Only []string
	// Changed keeps the findings in files that git says changed since Base. An empty Base is the commit where the branch
	// left its upstream or the default branch.
	Changed bool
	Base    string

	// Files replace files on disk: the built-in workspace's, or an editor's unsaved text.
	Files map[string]string
}

// Allow is an accepted exception: a rule that does not apply to some files.
type Allow struct {
	Path   string // a glob with **, relative to the root
	Rule   string // anything that byName accepts
	Reason string
	File   string // where it is, for the report: "naap.toml"
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
	o.SchemaFile, o.InitSQL = cmp.Or(o.SchemaFile, defaultSchemaFile), cmp.Or(o.InitSQL, defaultInitSQL)
	o.Container, o.Service = cmp.Or(o.Container, "naap-db"), cmp.Or(o.Service, "database")
	o.Database, o.Port = cmp.Or(o.Database, "naap"), cmp.Or(o.Port, 5432)
	return o
}

// databaseDir returns the folder of the package that owns the schema: the parent of the prisma folder.
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

// inDatabase reports whether a file belongs to the database package.
func (o Options) inDatabase(file string) bool { return inFolder(o.databaseDir(), file) }

// inFolder reports whether a file is in a folder, at any depth.
func inFolder(folder, file string) bool { return strings.HasPrefix(file, folder+"/") }

// isConfig reports whether a file is a Prisma config of the unified schema: one in its folder or above it.
func (o Options) isConfig(file string) bool {
	dir, name := path.Split(strings.Replace(file, ".config/prisma.", "prisma.config.", 1))
	return strings.HasPrefix(name, "prisma.config.") && strings.HasPrefix(o.SchemaFile, dir)
}

// isUnified reports whether a file is the unified schema, or a part of it.
func (o Options) isUnified(file string) bool {
	return file == o.SchemaFile || inFolder(o.SchemaFile, file)
}

// isInit reports whether a file is the script that creates the schemas, or one that is named like it.
func (o Options) isInit(file string) bool {
	return file == o.InitSQL || strings.HasSuffix(file, "init-schemas.sql")
}
