package fakedata

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Decide looks at the database and returns what Apply would do. Tables that have rows are refused unless Append is set
// (code fake.rows, exit status 3), and so are names that do not exist (fake.unknown).
func Decide(ctx context.Context, q postgres.Querier, opt Options) (*Plan, error) {
	db, err := inspect(ctx, q)
	if err != nil {
		return nil, err
	}
	return decide(ctx, q, db, opt, nil)
}

func decide(ctx context.Context, q postgres.Querier, db *database, opt Options, resumed *run) (*Plan, error) {
	plan := &Plan{Seed: opt.Seed, options: opt, db: db, resumed: resumed}
	db.take(opt.Hints)
	if err := db.takeRules(opt.Rules); err != nil {
		return nil, err
	}
	if err := db.judgeRules(ctx, q); err != nil {
		return nil, err
	}
	db.referByName()
	db.settleReferences()
	for _, t := range db.tables {
		t.prepare(opt.Seed)
	}
	db.refuseHopeless()
	if err := db.findRows(ctx, q); err != nil {
		return nil, err
	}
	if err := db.choose(opt, resumed); err != nil {
		return nil, err
	}
	if !opt.Append && resumed == nil {
		if err := refuseFull(ctx, q, db, opt); err != nil {
			return nil, err
		}
	}
	if err := db.sampleShown(ctx, q); err != nil {
		return nil, err
	}
	for _, t := range db.tables {
		for _, c := range t.columns {
			c.settleShown()
			c.settleShape()
		}
	}
	if err := db.probeTypes(ctx, q); err != nil {
		return nil, err
	}
	if err := db.findStarts(ctx, q, resumed); err != nil {
		return nil, err
	}
	if err := db.sampleGiven(ctx, q); err != nil {
		return nil, err
	}
	db.settleRows()
	plan.groups = db.countGroups()
	plan.order()
	plan.describe()
	return plan, nil
}

// take adds what the Prisma file knows.
func (db *database) take(h Hints) {
	for _, t := range db.tables {
		for _, c := range t.columns {
			at := Column{t.ref, c.name}
			c.hint, c.comment, c.told = h.Defaults[at], h.Comments[at], h.Seen[at]
			c.seen = c.told
		}
	}
	for _, r := range h.Relations {
		from, to := db.table(r.From), db.table(r.To)
		if from == nil || to == nil {
			continue
		}
		f := &foreignKey{name: r.Name, from: from, to: to, virtual: true}
		for i := range r.Columns {
			if a, b := from.named(r.Columns[i]), to.named(r.Referenced[i]); a != nil && b != nil {
				f.columns, f.referenced = append(f.columns, a), append(f.referenced, b)
			}
		}
		if len(f.columns) == len(r.Columns) && !from.refers(f) {
			from.out = append(from.out, f)
		}
	}
}

func (t *table) refers(f *foreignKey) bool {
	return slices.ContainsFunc(t.out, func(x *foreignKey) bool {
		return x.to == f.to && slices.Equal(x.columns, f.columns)
	})
}

func (db *database) table(ref postgres.TableRef) *table {
	return first(db.tables, func(t *table) bool { return t.ref == ref })
}

// prepare gives the table its dice and reads its constraints.
func (t *table) prepare(seed int64) {
	t.key = mix(uint64(seed)) ^ hashOf("table", t.ref.Schema, t.ref.Name)
	for _, f := range t.out {
		f.key = mix(t.key ^ f.key)
	}
	for _, c := range t.columns {
		c.key = mix(t.key ^ hashOf("column", c.name))
		c.subject = mix(t.key ^ hashOf("subject", subjectOf(c.name)))
		c.omit = c.generated
	}
	t.settle()
	for _, f := range t.out { // a key must suit the columns that refer to it
		if f.named {
			continue
		}
		for i, c := range f.columns {
			to := f.referenced[i]
			if n := c.textLength(); n > 0 && (to.guide.maxLen == 0 || n < to.guide.maxLen) {
				if own := to.textLength(); own == 0 || n < own {
					to.guide.maxLen = n
				}
			}
		}
	}
}

// choose marks the tables that get rows: those asked for, and empty ones that they must refer to.
func (db *database) choose(opt Options, resumed *run) error {
	if resumed != nil {
		return resumed.choose(db)
	}
	if err := db.checkNames(opt); err != nil {
		return err
	}
	most := opt.Rows
	for _, t := range db.tables {
		all := len(opt.Schemas) == 0 && len(opt.Tables) == 0
		n, named := db.rowsOf(t, opt.RowsOf)
		if t.wanted = opt.Rows; named {
			t.wanted = n
		}
		chosen := all || named || slices.Contains(opt.Schemas, t.ref.Schema) || slices.Contains(opt.Tables, t.ref)
		t.planned, t.left = chosen && t.wanted > 0, named && n == 0
		if t.planned {
			most = max(most, t.wanted)
		}
	}
	db.addNeeded(most)
	for _, t := range db.tables {
		t.rows = t.wanted
	}
	return nil
}

// addNeeded adds empty tables that the chosen ones must refer to, with as many rows as the largest of these gets.
func (db *database) addNeeded(rows int64) {
	for changed := true; changed; {
		changed = false
		for _, t := range db.tables {
			for _, f := range t.out {
				if t.planned && !f.nulls && !f.to.planned && !f.to.hasRows && !(f.named && f.to.left) {
					f.to.planned, changed = true, true
					if f.to.wanted <= 0 {
						f.to.wanted = rows
					}
				}
			}
		}
	}
}

// rowsOf returns the count given for a table, by its full or its short name.
func (db *database) rowsOf(t *table, counts map[string]int64) (int64, bool) {
	if n, ok := counts[t.ref.String()]; ok {
		return n, true
	}
	n, ok := counts[t.ref.Name]
	return n, ok
}

func (db *database) checkNames(opt Options) error {
	unknown := func(what, name string) error {
		var there []string
		for _, t := range db.tables {
			if what == "schema" {
				there = append(there, t.ref.Schema)
			} else {
				there = append(there, t.ref.Name, t.ref.String())
			}
		}
		near := say.Nearest(name, there)
		return remedy.New("fake.unknown", remedy.ExitUsage, "there is no %s %q with tables to fill", what, name).
			WithHelp(remedy.Meant("dev seed", name, near, "--fake", fmt.Sprint(max(opt.Rows, 1)), near)...).WithHelp(remedy.Naap("dev status"))
	}
	for _, s := range opt.Schemas {
		if !slices.ContainsFunc(db.tables, func(t *table) bool { return t.ref.Schema == s }) {
			return unknown("schema", s)
		}
	}
	for _, ref := range opt.Tables {
		if db.table(ref) == nil {
			return unknown("table", ref.String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(opt.RowsOf)) {
		n := 0
		for _, t := range db.tables {
			if t.ref.String() == name || t.ref.Name == name {
				n++
			}
		}
		if n == 0 {
			return unknown("table", name)
		}
		if n > 1 {
			return remedy.New("fake.ambiguous", remedy.ExitUsage, "%s are named %q", say.Count(n, "table"), name).WithFix("write schema.table")
		}
	}
	return nil
}

// refuseFull returns the error for chosen tables that have rows.
func refuseFull(ctx context.Context, q postgres.Querier, db *database, opt Options) error {
	var full []string
	for _, t := range db.tables {
		if t.planned && t.hasRows {
			full = append(full, t.ref.String())
		}
	}
	if len(full) == 0 {
		return nil
	}
	err := remedy.New("fake.rows", remedy.ExitRefused, "%s %s rows already", say.Count(len(full), "table"), say.Form(len(full), "has", "have")).
		WithSeen(say.Some(full, 8))
	again := remedy.Again("dev seed", append([]string{"--fake", fmt.Sprint(max(opt.Rows, 1))}, opt.Schemas...)...)
	if run, noted := ledger.LastFakeRun(ctx, q); noted == nil && run != nil {
		if !run.Ended {
			err.WithHelp(remedy.Naap("dev seed", "--continue").Note("go on with the run that was broken off"))
		}
		err.WithHelp(again.With("--clean").Note("first remove the rows that were made up before"))
	}
	return err.WithHelp(again.With("--append").Note("keep the rows, and add to them"))
}

// settleRows finds how many rows each table can have. A table with fewer rows may leave fewer for those that refer to
// it, so this is repeated until nothing changes; the numbers can only fall.
func (db *database) settleRows() {
	for changed := true; changed; {
		changed = false
		for _, t := range db.tables {
			if !t.planned || t.refused != "" {
				continue
			}
			if reason := t.lacks(); reason != "" {
				t.refused, changed = reason, true
				continue
			}
			if n := t.assign(); n < t.rows {
				t.rows, changed = n, true
				if n <= 0 {
					t.refused = "no value is left that would keep to its unique keys"
				}
			}
		}
	}
}

// lacks returns why the table can have no rows at all.
func (t *table) lacks() string {
	for _, f := range slices.Clone(t.out) {
		if f.named && !f.nulls && f.supply() == 0 {
			t.forget(f)
		}
	}
	for _, c := range t.columns {
		c.omit = c.generated
		if c.owner != nil || c.omit || c.raw() != nil {
			continue
		}
		switch {
		case c.def != "" || c.identity:
			c.omit = true
		case !c.mayBeNull():
			return fmt.Sprintf("its column %s has the type %s, of which no values are known", c.name, c.typeText)
		}
	}
	for _, f := range t.out {
		if f.supply() > 0 && !(f.group && (f.to.given() || f.only != nil)) {
			continue
		}
		if !f.nulls {
			why := "which has no rows and gets none"
			if f.to.refused != "" {
				why = "which gets no rows"
			} else if f.to.given() || f.only != nil {
				why = "whose rows are there already, and which must agree with others in a column"
			}
			return fmt.Sprintf("its foreign key %s needs rows of %s, %s", f.name, f.to.ref, why)
		}
		f.always = true
	}
	return ""
}

// mostGroups limits the number of groups of rows that share a column, such as a tenant.
const mostGroups = 100

func (db *database) countGroups() int64 {
	groups := int64(mostGroups)
	for _, t := range db.tables {
		for _, f := range t.out {
			if t.planned && t.refused == "" && f.group && !f.always {
				for _, n := range []int64{t.rows, f.supply()} {
					groups = min(groups, max(int64(math.Sqrt(float64(n))), 1))
				}
			}
		}
	}
	return groups
}

// ruleTexts returns the rules of the table's columns.
func (t *table) ruleTexts() (list []string) {
	for _, c := range t.columns {
		if c.rule != nil {
			list = append(list, c.name+": "+c.rule.String())
		}
	}
	return list
}

// rulesOfKeys names the rules of columns that distinguish rows, or returns "".
func (t *table) rulesOfKeys() string {
	var list []string
	for _, c := range t.columns {
		if c.rule != nil && c.rule.gives() && slices.ContainsFunc(t.keys, func(k *uniqueKey) bool { return slices.Contains(k.columns, c) }) {
			list = append(list, c.name+" has the rule of "+c.rule.Where)
		}
	}
	if list == nil {
		return ""
	}
	return ", since " + say.And(list)
}

// describe fills in what the user reads.
func (p *Plan) describe() {
	for _, j := range p.jobs {
		for _, t := range j.tables {
			line := PlannedTable{Table: t.ref, Rows: t.rows, Done: t.done}
			if t.rows < t.wanted && p.resumed == nil {
				line.Limited = fmt.Sprintf("fewer than %d: its unique keys have no more%s", t.wanted, t.rulesOfKeys())
			}
			if t.staged {
				line.Note = "its constraints are left to the server to judge"
			}
			line.Rules, line.Conflicts = t.ruleTexts(), t.conflicts
			for _, f := range t.out {
				if to := f.referenced[0]; f.named && !f.always {
					line.Named = append(line.Named, f.columns[0].name+" → "+to.table.ref.String()+"."+to.name)
				}
			}
			p.Tables = append(p.Tables, line)
		}
	}
	for _, t := range p.db.tables {
		if t.planned && t.refused != "" {
			p.Refused = append(p.Refused, Refusal{t.ref, t.refused})
		}
	}
}
