package schemaplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// externalReason is why an external table is left alone.
const externalReason = "it is named as external"

// outside is an External as sets, which every step is looked up in.
type outside struct{ tables, enums map[string]bool }

func (x External) sets() outside { return outside{setOf(x.Tables), setOf(x.Enums)} }

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

func (o outside) table(name qName) bool { return listed(o.tables, name) }
func (o outside) enum(name qName) bool  { return listed(o.enums, name) }

func listed(set map[string]bool, name qName) bool {
	return len(set) > 0 && (set[name.String()] || set[name.Name] && !strings.Contains(name.Name, "."))
}

// leaveOut removes what is external from the desired database.
func (d *Database) leaveOut(x External) {
	d.external, d.outside = x, x.sets()
	d.Tables = slices.DeleteFunc(d.Tables, func(t *Table) bool { return d.outside.table(t.qName) })
	d.Enums = slices.DeleteFunc(d.Enums, func(e *enum) bool { return d.outside.enum(e.qName) })
	maps.DeleteFunc(d.tables, func(name qName, _ *Table) bool { return d.outside.table(name) })
	maps.DeleteFunc(d.enums, func(name qName, _ *enum) bool { return d.outside.enum(name) })
}

// setApart marks what is external in the database that was found. Its foreign keys count as those of a table outside
// the scope, and so do its columns of enums that the schema file manages.
func (d *Database) setApart(external External) {
	x := external.sets()
	for _, t := range d.Tables {
		if x.table(t.qName) && t.Unmanaged == "" {
			t.Unmanaged = externalReason
		}
		if t.Unmanaged == "" {
			continue
		}
		for _, k := range t.ForeignKeys {
			if to := d.table(k.References); to != nil && to != t {
				d.inbound = append(d.inbound, inboundKey{t.qName, k})
			}
		}
	}
	for _, e := range d.Enums {
		if x.enum(e.qName) {
			e.Unmanaged = externalReason
		}
	}
}

// ruler returns, for a refusal, why the schema file does not manage a table.
func (d *differ) ruler(table qName) string {
	if t := d.have.table(table); t != nil && t.Unmanaged != "" {
		return "that table is left alone, because " + t.Unmanaged
	}
	return fmt.Sprintf("schema %s is not ruled by this schema file", table.Schema)
}

// needsExternal blocks a step that refers to a table or an enum that is external and does not exist yet.
func (d *differ) needsExternal(s *Step, table, enum qName) {
	switch {
	case d.want.outside.table(table) && d.have.table(table) == nil && table.Name != "":
		s.block(1, fmt.Sprintf("the external table %s is not there", table), "have it made by whoever it belongs to, then push again")
	case d.want.outside.enum(enum) && d.have.enum(enum) == nil && enum.Name != "":
		s.block(1, fmt.Sprintf("the external enum %s is not there", enum), "have it made by whoever it belongs to, then push again")
	}
}
