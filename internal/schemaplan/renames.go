package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// candidate is a possible rename: of something that is dropped to something of the same form that is added.
type candidate struct {
	Rename
	table, to  qName // of a column: its table; of a table or an enum: from and to
	column     string
	wantColumn string
	value      string // of an enum value: its old and new name
	wantValue  string
	likely     bool // neither side has another match
	pos        prisma.Pos
}

// candidates returns the possible renames between what was found and what is desired; asked are the keys of those that
// must not be left out because there are many.
func candidates(have, want *Database, limit, asked []string) []candidate {
	d := newDiffer(have, want, nil, limit)
	var out []candidate
	out = append(out, enumCandidates(d, asked)...)
	out = append(out, tableCandidates(d, asked)...)
	out = append(out, valueCandidates(d)...)
	for _, w := range want.Tables {
		if h := have.table(w.qName); h != nil && h.Unmanaged == "" && d.in(w.Schema) {
			out = append(out, columnCandidates(h, w)...)
		}
	}
	return out
}

// pairUp decides which pairs are likely: those that leave no choice.
func pairUp(pairs []candidate) []candidate {
	from, to := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		from[p.From]++
		to[p.To]++
	}
	for i := range pairs {
		pairs[i].likely = from[pairs[i].From] == 1 && to[pairs[i].To] == 1
	}
	return pairs
}

func columnCandidates(h, w *Table) []candidate {
	var out []candidate
	for _, hc := range h.Columns {
		if w.column(hc.Name) != nil || hc.Generated {
			continue
		}
		for _, wc := range w.Columns {
			if h.column(wc.Name) == nil && hc.is(wc.Type, "") {
				from, to := h.String()+"."+hc.Name, h.String()+"."+wc.Name
				out = append(out, candidate{
					Rename: Rename{Key: from + ">" + wc.Name, Kind: "column", From: from, To: to, At: wc.Pos.String()},
					table:  h.qName, column: hc.Name, wantColumn: wc.Name, pos: wc.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

func tableCandidates(d *differ, asked []string) []candidate {
	gone, come := slices.Clone(d.have.Tables), slices.Clone(d.want.Tables)
	gone = slices.DeleteFunc(gone, func(h *Table) bool { return !d.in(h.Schema) || h.Unmanaged != "" || d.want.table(h.qName) != nil })
	come = slices.DeleteFunc(come, func(w *Table) bool { return !d.in(w.Schema) || d.have.table(w.qName) != nil })
	var out []candidate
	pairs(gone, come, asked, (*Table).form, func(h, w *Table) {
		if same, near := alike(h, w); same || near {
			out = append(out, candidate{
				Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "table", From: h.String(), To: w.String(), At: w.Pos.String(), guess: !same},
				table:  h.qName, to: w.qName, pos: w.Pos,
			})
		}
	})
	return pairUp(withoutGuesses(out))
}

// form returns the same for tables whose columns have the same names.
func (t *Table) form() string {
	names := say.Each(t.Columns, func(c *column) string { return c.Name })
	slices.Sort(names)
	return strings.Join(names, "\x00")
}

// manyPairs is how many pairs of what goes and what comes are each looked at: about a tenth of a second. A person who
// replaces more at once than that renames nothing in it, so that beyond it, only what is of exactly one form counts.
const manyPairs = 100_000

// pairs calls f with each pair of what goes and what comes. Beyond manyPairs, it does so only for those that are asked
// for by their keys, and for pairs of one form, without those of a form that either side has several of: none of these
// is a likely rename.
func pairs[T fmt.Stringer](gone, come []T, asked []string, form func(T) string, f func(h, w T)) {
	if len(gone)*len(come) <= manyPairs {
		for _, h := range gone {
			for _, w := range come {
				f(h, w)
			}
		}
		return
	}
	forms, names := map[string][]T{}, map[string]T{}
	for _, w := range come {
		forms[form(w)] = append(forms[form(w)], w)
		names[w.String()] = w
	}
	alone, wanted := map[string]int{}, map[string][]string{}
	for _, h := range gone {
		alone[form(h)]++
	}
	for _, key := range asked {
		for i := range len(key) {
			if key[i] == '>' { // which a name may contain too
				wanted[key[:i]] = append(wanted[key[:i]], key[i+1:])
			}
		}
	}
	for _, h := range gone {
		only := ""
		if same := forms[form(h)]; alone[form(h)] == 1 && len(same) == 1 {
			only = same[0].String()
			f(h, same[0])
		}
		for _, to := range wanted[h.String()] {
			if w, found := names[to]; found && to != only {
				f(h, w)
			}
		}
	}
}

// withoutGuesses removes pairs of tables that are only near where either has an exact match.
func withoutGuesses(pairs []candidate) []candidate {
	sure := map[string]bool{}
	for _, p := range pairs {
		if !p.guess {
			sure[p.From], sure[p.To] = true, true
		}
	}
	return slices.DeleteFunc(pairs, func(p candidate) bool { return p.guess && (sure[p.From] || sure[p.To]) })
}

// alike reports whether two tables have the same columns, and near whether one could be the other with a few columns
// renamed too: at least two of three columns have the same name. Enum types count only as lists or not, since they may
// have other names too.
func alike(h, w *Table) (same, near bool) {
	if len(h.Columns) != len(w.Columns) {
		return false, false
	}
	matched := 0
	var left []*column
	for _, hc := range h.Columns {
		wc := w.column(hc.Name)
		switch {
		case wc != nil && couldBe(hc, wc.Type):
			matched++
		case wc == nil:
			left = append(left, hc)
		default:
			return false, false
		}
	}
	for _, wc := range w.Columns {
		if h.column(wc.Name) != nil {
			continue
		}
		i := slices.IndexFunc(left, func(hc *column) bool { return couldBe(hc, wc.Type) })
		if i < 0 {
			return false, false
		}
		left = slices.Delete(left, i, i+1)
	}
	return matched == len(h.Columns), 3*matched >= 2*len(h.Columns)
}

// couldBe reports whether two columns' types are the same, or would be if an enum was renamed.
func couldBe(h *column, w columnType) bool {
	if h.Type.isEnum() && w.isEnum() {
		return h.Type.List == w.List
	}
	return h.is(w, "")
}

func enumCandidates(d *differ, asked []string) []candidate {
	gone, come := slices.Clone(d.have.Enums), slices.Clone(d.want.Enums)
	gone = slices.DeleteFunc(gone, func(h *enum) bool { return h.Unmanaged != "" || !d.in(h.Schema) || d.want.enum(h.qName) != nil })
	come = slices.DeleteFunc(come, func(w *enum) bool { return !d.in(w.Schema) || d.have.enum(w.qName) != nil })
	if len(gone) == 0 || len(come) == 0 {
		return nil
	}
	var out []candidate
	changes := enumChanges(d)
	pairs(gone, come, asked, func(e *enum) string { return strings.Join(e.Values, "\x00") }, func(h, w *enum) {
		if slices.Equal(h.Values, w.Values) || changes[[2]qName{h.qName, w.qName}] && overlap(h.Values, w.Values) {
			out = append(out, candidate{
				Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "enum", From: h.String(), To: w.String(), At: w.Pos.String()},
				table:  h.qName, to: w.qName, pos: w.Pos,
			})
		}
	})
	return pairUp(out)
}

// overlap reports whether an element of a is in b.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// enumChanges returns the pairs of enums between which a column changes.
func enumChanges(d *differ) map[[2]qName]bool {
	out := map[[2]qName]bool{}
	for _, t := range d.have.Tables {
		want := d.want.table(t.qName)
		if want == nil {
			continue
		}
		for _, c := range t.Columns {
			if !c.Type.isEnum() {
				continue
			}
			if wc := want.column(c.Name); wc != nil && wc.Type.isEnum() && c.Type.List == wc.Type.List {
				out[[2]qName{c.Type.Enum, wc.Type.Enum}] = true
			}
		}
	}
	return out
}

// valueCandidates are values of an enum that are removed while others are added. Those at the same place in otherwise
// equal lists are paired; elsewhere any added value may be any removed one's new name.
func valueCandidates(d *differ) []candidate {
	var out []candidate
	for _, w := range d.want.Enums {
		h := d.have.enum(w.qName)
		if h == nil || !d.in(w.Schema) {
			continue
		}
		gone, come := without(h.Values, w.Values), without(w.Values, h.Values)
		placed := len(h.Values) == len(w.Values)
		for i := range h.Values {
			placed = placed && (h.Values[i] == w.Values[i] || slices.Contains(gone, h.Values[i]) && slices.Contains(come, w.Values[i]))
		}
		var pairs []candidate
		for _, from := range gone {
			for _, to := range come {
				if placed && slices.Index(h.Values, from) != slices.Index(w.Values, to) {
					continue
				}
				name := w.String() + "."
				pairs = append(pairs, candidate{
					Rename: Rename{Key: name + from + ">" + to, Kind: "enum value", From: name + from, To: name + to, At: w.Pos.String()},
					table:  w.qName, value: from, wantValue: to, pos: w.Pos,
				})
			}
		}
		out = append(out, pairUp(pairs)...)
	}
	return out
}

// applyRenames returns the database as it will be after the requested renames, and the steps that do them. A key that
// names no possible rename is an error.
func applyRenames(have, want *Database, opt ComputeOptions) (*Database, []*Step, error) {
	if len(opt.Renames) == 0 {
		return have, nil, nil
	}
	after := have.clone()
	d := newDiffer(after, want, nil, opt.Schemas)
	left := slices.Clone(opt.Renames)
	for len(left) > 0 { // again, because a renamed table has new columns to compare
		possible := candidates(after, want, opt.Schemas, left)
		asked, taken := setOf(left), map[string]bool{}
		for _, c := range possible {
			if asked[c.Key] && !taken[c.From] && !taken[c.To] {
				c.apply(d)
				asked[c.Key], taken[c.From], taken[c.To] = false, true, true
			}
		}
		done := len(taken) > 0
		left = slices.DeleteFunc(left, func(key string) bool { return !asked[key] })
		if !done {
			e := remedy.New("push.rename", remedy.ExitUsage, "%q is not a possible rename", left[0])
			var keys []string
			for _, c := range possible {
				e.WithSeen("possible: " + c.Key)
				keys = append(keys, c.Key)
			}
			near := say.Nearest(left[0], keys)
			return nil, nil, e.WithHelp(remedy.Meant("dev push", left[0], near, "--rename", near)...)
		}
	}
	return after, d.steps, nil
}

func (c candidate) apply(d *differ) {
	summary := fmt.Sprintf("rename %s %s to %s", c.Kind, c.From, c.To)
	switch c.Kind {
	case "column":
		d.add(renameColumn, Changes, c.To, c.pos, summary,
			fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s", c.table.sql(), identList([]string{c.column, c.wantColumn}, " TO "))).within(c.table.Schema).
			needs(tableKey(c.table)).gives(columnKey(c.table, c.wantColumn))
		d.have.renameColumn(c.table, c.column, c.wantColumn)
	case "table":
		s := d.add(renameTable, Changes, c.To, c.pos, summary, moveSQL("TABLE", c.table, c.to)...)
		s.within(c.to.Schema).needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(tableKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameTable(c.table, c.to)
	case "enum":
		s := d.add(renameTable, Changes, c.To, c.pos, summary, moveSQL("TYPE", c.table, c.to)...)
		s.within(c.to.Schema).needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(typeKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameEnum(c.table, c.to)
	case "enum value":
		d.add(renameEnumValue, Changes, c.To, c.pos, summary,
			fmt.Sprintf("ALTER TYPE %s RENAME VALUE %s TO %s", c.table.sql(), literal(c.value), literal(c.wantValue))).within(c.table.Schema).
			needs(typeKey(c.table)).gives(valueKey(c.table, c.wantValue))
		d.have.renameValue(c.table, c.value, c.wantValue)
	}
}

// moveSQL moves a table or a type to another schema, another name, or both.
func moveSQL(what string, from, to qName) []string {
	var out []string
	if from.Schema != to.Schema {
		out = append(out, fmt.Sprintf("ALTER %s %s SET SCHEMA %s", what, from.sql(), postgres.Ident(to.Schema)))
		from.Schema = to.Schema
	}
	if from.Name != to.Name {
		out = append(out, fmt.Sprintf("ALTER %s %s RENAME TO %s", what, from.sql(), postgres.Ident(to.Name)))
	}
	return out
}
