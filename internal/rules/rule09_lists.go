package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleLists: the lists of schemas agree: the datasource's, the init script's, each list in a shell script and in
// TypeScript, what scripts grant to roles, tables in documents, and the database's if it is running. The schema public always exists and may be left out. Source: the NaaP database
// architecture, rule 9.
var ruleLists = &Rule{
	ID: "naap/9-lists", Number: 9,
	Title: "The lists of schemas agree",
	Why: "A schema that one list misses is not created on a new machine, not counted, or not backed up, and whoever added " +
		"it is long done.",
}

func checkLists(r *run) {
	r.checkUnified()
	r.checkInit()
	lists := r.lists()
	if len(lists) == 0 || r.schema.list == nil {
		return
	}
	datasource, others := lists[0], lists[1:]
	for _, l := range others {
		r.checkMissing(datasource, l, lists)
	}
	for _, n := range datasource.names {
		if n.name != coreSchema {
			r.checkLive(datasource, n)
		}
	}
	r.checkGrants(datasource, r.firstLists())
	r.checkShown(datasource, r.firstLists())
	r.checkStrangers(datasource, others)
	r.checkLiveStrangers(datasource)
}

// checkUnified finds a workspace without a unified schema, in which the rules about models could not find anything.
func (r *run) checkUnified() {
	unread := slices.ContainsFunc(r.unread, func(u unread) bool { return r.options.isUnified(u.path) })
	if len(r.schema.files) > 0 || unread { // a schema that cannot be read is reported where it is
		return
	}
	for _, name := range []string{r.options.InitSQL, r.options.databaseDir() + "/package.json"} {
		if f := r.files[name]; f != nil && (f.kind != sqlFile || initList(f) != nil) {
			r.report(ruleLists, Error, f, 0, 0, "the unified schema "+r.options.SchemaFile+" is not there", nil)
			return
		}
	}
}

// checkInit finds an init script that is missing, or creates no schemas: a new machine would have none.
func (r *run) checkInit() {
	var names []string
	for _, n := range r.schema.schemas {
		if n.Value != coreSchema {
			names = append(names, n.Value)
		}
	}
	if r.schema.list == nil || len(names) == 0 || r.createsSchemas() {
		return
	}
	fix := &Fix{Title: "make the schemas in " + r.options.InitSQL, Edits: r.initEdits(names), Safe: true}
	f := r.files[r.options.InitSQL]
	switch {
	case f == nil && r.has(r.options.InitSQL):
		r.report(ruleLists, Error, &file{path: r.options.InitSQL}, 0, 0, "this init script cannot be read", nil)
	case f == nil:
		list := r.schema.list.Span
		r.report(ruleLists, Error, r.schema.listIn, list.Start.Offset(), list.End.Offset(),
			"there is no "+r.options.InitSQL+", which makes the schemas on a new machine", fix)
	case !isClosed(f.data):
		r.report(ruleLists, Error, f, 0, 0, "this init script cannot be read: a quote or a comment in it is not closed", nil)
	default:
		r.report(ruleLists, Error, f, 0, 0, fmt.Sprintf("this init script makes none of the schemas %s", visible.String(strings.Join(names, ", "))), fix)
	}
}

// createsSchemas reports whether an init script creates schemas; then it is compared with the other lists.
func (r *run) createsSchemas() bool {
	found := false
	r.each(sqlFile, func(f *file) { found = found || r.options.isInit(f.path) && initList(f) != nil })
	return found
}

// initEdits returns edits that append the statements which create schemas to the init script.
func (r *run) initEdits(names []string) []Edit {
	data, _ := r.content(r.options.InitSQL)
	nl := newline(data)
	var b strings.Builder
	if len(data) > 0 && data[len(data)-1] != '\n' {
		b.WriteString(nl)
	}
	for _, name := range names {
		b.WriteString("CREATE SCHEMA IF NOT EXISTS " + quoteLike("", name) + ";" + nl)
	}
	return []Edit{{r.options.InitSQL, len(data), len(data), b.String()}}
}

func isClosed(data []byte) bool {
	_, closed := sqltext.CreatedSchemas(string(data))
	return closed
}

// checkMissing reports which of the datasource's schemas a list lacks, each with the places that have it.
func (r *run) checkMissing(datasource, l *schemaList, lists []*schemaList) {
	var names, parts []string
	var related []Place
	safe, severity := true, Error
	if l.isPart(knownSchemas(lists[:1])) {
		safe, severity = false, Warning
	}
	for _, n := range datasource.names {
		if n.name == coreSchema || l.has(n.name) {
			continue
		}
		var has []*schemaList
		for _, other := range lists {
			if other.has(n.name) {
				has = append(has, other)
			}
		}
		names = append(names, n.name)
		parts = append(parts, fmt.Sprintf("%s (in %s)", visible.String(n.name), where(has)))
		safe = safe && plainIdentifier.Get().MatchString(n.name)
		for _, h := range has {
			if p := h.shown(); !slices.Contains(related, p) {
				related = append(related, p)
			}
		}
	}
	if len(names) == 0 {
		return
	}
	r.report(ruleLists, severity, l.file, l.start, l.end,
		fmt.Sprintf("%s misses %s: %s", l.label, say.Count(len(names), "schema"), strings.Join(parts, ", ")),
		&Fix{Title: "add " + strings.Join(names, ", "), Edits: l.add(names...), Safe: safe}, related...)
}

// checkStrangers finds names that a list has and the datasource does not: Prisma does not create tables there.
func (r *run) checkStrangers(datasource *schemaList, others []*schemaList) {
	for _, l := range others {
		for _, n := range l.names {
			if n.name == coreSchema || datasource.has(n.name) || hidden.IsOwn(n.name) || l.onlyPlugins && !strings.HasPrefix(n.name, "plugin_") {
				continue
			}
			r.report(ruleLists, Error, l.file, n.start, n.end,
				fmt.Sprintf("%s names the schema %s, which is not in the datasource's list (%s)", l.label, visible.String(n.name), where([]*schemaList{datasource})),
				nil, datasource.shown())
		}
	}
}

func (r *run) checkLive(datasource *schemaList, n listed) {
	if r.options.LiveSchemas == nil || slices.Contains(r.options.LiveSchemas, n.name) {
		return
	}
	r.report(ruleLists, Warning, datasource.file, n.start, n.end,
		fmt.Sprintf("the running database has no schema %s; to create it: %s", visible.String(n.name), r.options.Target.Line(remedy.Naap("dev up"))), nil)
}

func (r *run) checkLiveStrangers(datasource *schemaList) {
	for _, name := range r.options.LiveSchemas {
		if strings.HasPrefix(name, "plugin_") && !datasource.has(name) {
			r.report(ruleLists, Warning, datasource.file, datasource.start, datasource.end,
				fmt.Sprintf("the running database has the schema %s, which no list knows", visible.String(name)), nil)
		}
	}
}
