package fakedata

import (
	"cmp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Many columns name a row of another table without a foreign key: userId, created_by, billingProviderSlug. What they
// refer to is inferred from their names, by the rules of docs/made-up-rows.md, and is then treated like a foreign key
// that only the Prisma file knows, with three exceptions: it never keeps a row or table from being made, it makes no
// table wait for one that waits for it, and it is dropped where a unique key would leave too few rows.

// referByName makes columns without a foreign key refer to what their names suggest.
func (db *database) referByName() {
	x := newTableNames(db)
	for _, t := range db.tables {
		for _, c := range t.columns {
			if c.generated || c.rule != nil && c.rule.gives() || t.foreignKeysWith(c) > 0 {
				continue
			}
			if to := x.target(c); to != nil && !db.feedsGroups(c) {
				t.out = append(t.out, &foreignKey{name: "by name: " + c.name, from: t, to: to.table,
					columns: []*column{c}, referenced: []*column{to}, virtual: true, named: true})
			}
		}
	}
}

func (t *table) foreignKeysWith(c *column) (n int) {
	for _, f := range t.out {
		if slices.Contains(f.columns, c) {
			n++
		}
	}
	return n
}

// feedsGroups reports whether foreign keys refer to the column such that rows may have to agree in it. The settling of
// groups decides that before it is known whether a name's suggestion holds.
func (db *database) feedsGroups(c *column) bool {
	return slices.ContainsFunc(db.referringTo(c), func(f *foreignKey) bool {
		from := f.columns[0]
		return len(f.columns) > 1 || f.from.foreignKeysWith(from) > 1 || len(db.referringTo(from)) > 0
	})
}

func (db *database) referringTo(c *column) (list []*foreignKey) {
	for _, t := range db.tables {
		for _, f := range t.out {
			if !f.named && slices.Contains(f.referenced, c) {
				list = append(list, f)
			}
		}
	}
	return list
}

// forget takes back a reference that a name suggested: the column is like any other again.
func (t *table) forget(f *foreignKey) {
	t.out = slices.DeleteFunc(t.out, func(x *foreignKey) bool { return x == f })
	for _, c := range f.columns {
		if c.owner == f {
			c.owner = nil
		}
	}
}

// tableNames finds tables by what columns call them.
type tableNames struct {
	db    *database
	words map[*table][]string // of its name, each in the singular
}

func newTableNames(db *database) *tableNames {
	x := &tableNames{db: db, words: map[*table][]string{}}
	for _, t := range db.tables {
		x.words[t] = singulars(nameWords(t.ref.Name))
	}
	return x
}

// Words in column names. A person word means a user where no table has that name; a foreign word means that the row is
// not in this database; an own word means a row of the same table.
var (
	personWords = lazy.Words{Text: "owner author creator editor updater assignee assigner reviewer approver sender recipient receiver inviter invitee " +
		"publisher manager requester requestor reporter actor follower following uploader moderator operator admin customer buyer seller " +
		"host guest participant initiator installer submitter winner user member person"}
	foreignWords = lazy.Words{Text: "provider external ext remote upstream foreign legacy third stripe github gitlab google discord slack twitter facebook " +
		"apple microsoft azure aws paypal openai sentry vercel auth0 okta client metabase openmeter hubspot shopify oauth auth"}
	ownWords    = lazy.Words{Text: "parent previous prev next root original replaces replaced superseded forked"}
	userNames   = []string{"user", "appuser", "account", "member", "person"}
	participles = lazy.Words{Text: "by made sent run done written built given held paid sold taken won set put seen read"}
	// naming are columns that identify a row as its key does, where the other table has a unique one of that name.
	naming  = lazy.Words{Text: "slug key code email username handle"}
	shorter = map[string]string{"app": "application", "org": "organization", "organisation": "organization", "repo": "repository",
		"env": "environment", "doc": "document", "img": "image", "msg": "message", "txn": "transaction"}
)

// target returns the column that c refers to by its name, or nil.
func (x *tableNames) target(c *column) *column {
	words := singulars(nameWords(c.name))
	if len(words) == 1 && strings.HasSuffix(words[0], "id") && len(words[0]) > 4 { // userid
		words = []string{strings.TrimSuffix(words[0], "id"), "id"}
	}
	if len(words) < 2 {
		return nil
	}
	stem, last := words[:len(words)-1], words[len(words)-1]
	switch {
	case last == "id" && len(stem) > 1 && stem[len(stem)-1] == "by": // createdById
		return x.person(c, stem[:len(stem)-1])
	case last == "id" || last == "uuid" || last == "uid":
		return x.row(c, stem)
	case last == "by":
		return x.person(c, stem)
	case naming.Has(last):
		return x.named(c, stem, last)
	}
	return nil
}

// person returns a user's key, for what someone did: createdBy, last_updated_by.
func (x *tableNames) person(c *column, stem []string) *column {
	if !byPerson(stem) {
		return nil
	}
	return x.user(c)
}

// byPerson reports whether the words before "by" say that someone did something, unlike those of sortBy.
func byPerson(stem []string) bool {
	return len(stem) > 0 && (strings.HasSuffix(stem[len(stem)-1], "ed") || participles.Has(stem[len(stem)-1]))
}

func (x *tableNames) user(c *column) *column {
	for _, name := range userNames {
		if to := x.pick(c, []string{name}, exactly, c.takesKeyOf); to != nil {
			return to
		}
	}
	return nil
}

// row returns the key of the row that the words before "id" name: all of them, or the last ones.
func (x *tableNames) row(c *column, stem []string) *column {
	if c.hasSibling(stem, "type", "kind", "model") { // another column names the table
		return nil
	}
	sole := c.alone() && c.table.primary(c)
	for from := range stem {
		before, rest := stem[:from], stem[from:]
		if from > 0 && (sole || foreignWords.Has(stem[from-1])) {
			return nil
		}
		for _, how := range []match{exactly, relative, ending} {
			if how == ending && from > 0 {
				continue
			}
			to := x.pick(c, rest, how, c.takesKeyOf)
			if to != nil && to.table == c.table && !slices.ContainsFunc(before, func(w string) bool { return ownWords.Has(w) }) {
				return nil // its own number in another system
			}
			if to != nil && !(sole && how != exactly) {
				return to
			}
		}
	}
	last := stem[len(stem)-1]
	switch {
	case sole:
	case ownWords.Has(last):
		return c.takesKeyOf(c.table)
	case personWords.Has(last):
		return x.user(c)
	}
	return nil
}

// named returns a unique column, such as the slug for billingProviderSlug.
func (x *tableNames) named(c *column, stem []string, last string) *column {
	if c.alone() {
		return nil
	}
	key := func(t *table) *column {
		return first(t.columns, func(r *column) bool {
			return slices.Equal(nameWords(r.name), []string{last}) && r.notNull && r.alone() && c.takes(r)
		})
	}
	for _, how := range []match{exactly, relative, ending} {
		if to := x.pick(c, stem, how, key); to != nil && to.table != c.table {
			return to
		}
	}
	return nil
}

// match is how far a table's name must agree with the words.
type match int

const (
	exactly  match = iota
	relative       // with a prefix that the column's own table also has: planId of GatewayKey means GatewayPlan
	ending         // with any prefix, where one table of the same schema ends like this
)

// pick chooses among the tables with that name: one of the same schema, one of public, the first by name.
func (x *tableNames) pick(c *column, words []string, how match, key func(*table) *column) *column {
	var found []*column
	for _, t := range x.db.tables {
		if !x.called(t, c.table, words, how) {
			continue
		}
		if to := key(t); to != nil && to != c {
			found = append(found, to)
		}
	}
	if how == ending && len(found) != 1 {
		return nil
	}
	in := func(schema string) *column {
		return first(found, func(to *column) bool { return to.table.ref.Schema == schema })
	}
	return cmp.Or(in(c.table.ref.Schema), in("public"), first(found, func(*column) bool { return true })) // tables are in the order of their names
}

func (x *tableNames) called(t, by *table, words []string, how match) bool {
	name := x.words[t]
	if how == exactly {
		return strings.Join(name, "") == strings.Join(words, "")
	}
	extra := len(name) - len(words)
	if t == by || extra <= 0 || !slices.Equal(name[extra:], words) {
		return false
	}
	if how == relative {
		own := x.words[by]
		return len(own) >= extra && slices.Equal(own[:extra], name[:extra])
	}
	return t.ref.Schema == by.ref.Schema && !foreignWords.Has(name[extra-1])
}

// hasSibling reports whether the table also has a column of the same words with another ending.
func (c *column) hasSibling(stem []string, ends ...string) bool {
	return slices.ContainsFunc(c.table.columns, func(o *column) bool {
		words := singulars(nameWords(o.name))
		return len(words) == len(stem)+1 && slices.Equal(words[:len(stem)], stem) && slices.Contains(ends, words[len(stem)])
	})
}

// takesKeyOf returns the other table's primary key, if it is one column that is called an id and c can hold its values.
func (c *column) takesKeyOf(t *table) *column {
	k := first(t.keys, func(k *uniqueKey) bool {
		return k.primary && len(k.columns) == 1 && c.takes(k.columns[0]) && k.columns[0].isID()
	})
	if k == nil {
		return nil
	}
	return k.columns[0]
}

// isID reports whether a column is called id, or like its table followed by id.
func (c *column) isID() bool {
	words := singulars(nameWords(c.name))
	n := len(words) - 1
	if n < 0 || words[n] != "id" && words[n] != "uuid" && words[n] != "uid" && words[n] != "guid" {
		return false
	}
	table := singulars(nameWords(c.table.ref.Name))
	return n == 0 || n <= len(table) && slices.Equal(words[:n], table[len(table)-n:])
}

func (t *table) primary(c *column) bool {
	return slices.ContainsFunc(t.keys, func(k *uniqueKey) bool { return k.primary && slices.Contains(k.columns, c) })
}

// takes reports whether this column can hold every value of another.
func (c *column) takes(to *column) bool {
	a, _ := c.underlying()
	b, _ := to.underlying()
	if c.typ.kind == 'd' && c.typ != to.typ || to.generated {
		return false
	}
	if a.category == 'S' && b.category == 'S' && a.kind == 'b' && b.kind == 'b' {
		room, need := c.textLength(), to.textLength()
		return room == 0 || need > 0 && need <= room || need == 0 && room >= 36
	}
	wide := map[string]int{"int2": 2, "int4": 4, "int8": 8}
	if wide[a.name] > 0 && wide[b.name] > 0 {
		return wide[a.name] >= wide[b.name]
	}
	return a == b
}

// singulars returns the words in the singular, as far as that is regular, with abbreviations written out.
func singulars(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		switch {
		case len(w) > 4 && strings.HasSuffix(w, "ies"):
			w = w[:len(w)-3] + "y"
		case len(w) > 4 && (strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes")):
			w = w[:len(w)-2]
		case w == "people":
			w = "person"
		case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
			w = w[:len(w)-1]
		}
		if long, ok := shorter[w]; ok {
			w = long
		}
		out[i] = w
	}
	return out
}
