// Package pull writes a database's tables into the Prisma file: what is in both stays as it is written, comments and all,
// what is new is added in Prisma's words, and what is gone goes. It makes a Plan of texts, and writes none.
package pull

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Plan is what a pull writes.
type Plan struct {
	Files    []File   // those that change
	Warnings []string // what the user should know about what was written, and about what is not in the file
	Adds     []string // what is written, each as the user reads it
	Drops    []string
	Changes  []string
}

// File is a file's new text.
type File struct {
	Name string // relative to the workspace's root, as that of its prisma.Source
	Was  string
	Text string
	New  bool // it is not there yet
}

// Empty reports whether nothing is written.
func (p *Plan) Empty() bool { return len(p.Files) == 0 }

// Make compares a Prisma file with what was found, and returns the file's new texts. Only schemas of limit are looked at, if
// there are any; folder is where a file for new models goes if the schema has several.
func Make(schema *prisma.Schema, found *schemaplan.Pulled, limit []string, folder string) *Plan {
	p := &puller{schema: schema, found: found, limit: limit, plan: &Plan{}, blocks: map[prisma.Pos]*block{}}
	p.readBlocks()
	p.name()
	p.enums()
	p.tables()
	p.relations()
	p.goneRelations()
	p.attributes()
	p.write(folder)
	p.warn()
	return p.plan
}

// puller carries out Make.
type puller struct {
	schema *prisma.Schema
	found  *schemaplan.Pulled
	limit  []string
	plan   *Plan
	blocks map[prisma.Pos]*block // by the place of the name
	files  []*file

	models    map[schemaplan.DBName]*model
	order     []*model // as found
	enumNames map[schemaplan.DBName]*enum
	taken     map[string]bool // names of models, views and enums
	newEnums  []string
	keeps     map[*prisma.Field]bool // relation fields that are in the database
}

// model is a table that was found, with its model: of the file, or a new one.
type model struct {
	*schemaplan.PulledTable
	name    string
	was     *prisma.Model // nil for a new one
	block   *block        // of the file; nil for a new one
	fields  []*field      // new: in the order of columns, then relations
	lines   []string      // new block attributes
	docs    []string      // new: lines above it
	names   map[string]bool
	columns map[string]*field
	ignored bool
	join    bool // an implicit many-to-many relation's table, which has no model
}

// field is a field of a model: a line of the file, or a new one.
type field struct {
	name       string
	typ        string
	attributes []string
	line       *line // nil for a new one
	column     *schemaplan.PulledColumn
}

func (f *field) text() string {
	return strings.TrimRight(f.name+" "+f.typ+" "+strings.Join(f.attributes, " "), " ")
}

// in reports whether a schema is looked at.
func (p *puller) in(schema string) bool {
	return len(p.limit) == 0 || slices.Contains(p.limit, schemaOf(schema))
}

func schemaOf(schema string) string {
	if schema == "" {
		return "public"
	}
	return schema
}

// native is the mark of native types: "@db.".
func (p *puller) native() string {
	if p.schema.Datasource == nil || p.schema.Datasource.Name == "" {
		return "@db."
	}
	return "@" + p.schema.Datasource.Name + "."
}

// named reports whether models name their schema.
func (p *puller) named() bool {
	return p.schema.Datasource != nil && len(p.schema.Datasource.Schemas) > 0
}

func (p *puller) emulates() bool {
	return p.schema.Datasource != nil && p.schema.Datasource.RelationMode == "prisma"
}

func (p *puller) adds(format string, args ...any) {
	p.plan.Adds = append(p.plan.Adds, fmt.Sprintf(format, args...))
}
func (p *puller) drops(format string, args ...any) {
	p.plan.Drops = append(p.plan.Drops, fmt.Sprintf(format, args...))
}
func (p *puller) changes(format string, args ...any) {
	p.plan.Changes = append(p.plan.Changes, fmt.Sprintf(format, args...))
}

// introspected is the name of the file for new models, as Prisma's, of a schema with several files.
func introspected(folder string) string { return path.Join(folder, "introspected.prisma") }
