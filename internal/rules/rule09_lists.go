package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleLists: the lists of schemas agree: the datasource's, the init script's, each list in a shell script, and the
// database's where it runs. The schema public exists in any case and may be left out. Source: the NaaP database
// architecture, rule 9.
var ruleLists = &Rule{
	ID: "naap/9-lists", Number: 9,
	Title: "The lists of schemas agree",
	Why: "A schema that one list misses is not created on a new machine, not counted, or not backed up, and whoever added " +
		"it is long done.",
}

func checkLists(r *run) {
	lists := r.lists()
	if len(lists) == 0 || r.schema.list == nil {
		return
	}
	datasource, others := lists[0], lists[1:]
	for _, l := range others {
		r.checkMissing(datasource, l, lists)
	}
	for _, n := range datasource.names {
		if n.name != CoreSchema {
			r.checkLive(datasource, n)
		}
	}
	r.checkStrangers(datasource, others)
	r.checkLiveStrangers(datasource)
}

// checkMissing tells which of the datasource's schemas a list misses, each with the places that have it.
func (r *run) checkMissing(datasource, l *schemaList, lists []*schemaList) {
	var names, parts []string
	var related []Place
	safe, severity := true, Error
	if l.isPart(knownSchemas(lists[:1])) {
		safe, severity = false, Warning
	}
	for _, n := range datasource.names {
		if n.name == CoreSchema || l.has(n.name) {
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
		safe = safe && plainIdentifier.MatchString(n.name)
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
		fmt.Sprintf("%s misses %s: %s", l.label, plural(len(names), "schema"), strings.Join(parts, ", ")),
		&Fix{Title: "add " + strings.Join(names, ", "), Edits: l.add(names...), Safe: safe}, related...)
}

// checkStrangers finds names that some list has and the datasource does not: Prisma makes no table there.
func (r *run) checkStrangers(datasource *schemaList, others []*schemaList) {
	for _, l := range others {
		for _, n := range l.names {
			if n.name == CoreSchema || datasource.has(n.name) || strings.HasPrefix(n.name, "naap_") {
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
		fmt.Sprintf("the running database has no schema %s: naap dev up creates it", visible.String(n.name)), nil)
}

func (r *run) checkLiveStrangers(datasource *schemaList) {
	for _, name := range r.options.LiveSchemas {
		if strings.HasPrefix(name, "plugin_") && !datasource.has(name) {
			r.report(ruleLists, Warning, datasource.file, datasource.start, datasource.end,
				fmt.Sprintf("the running database has the schema %s, which no list knows", visible.String(name)), nil)
		}
	}
}
