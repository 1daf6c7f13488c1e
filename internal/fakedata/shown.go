package fakedata

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// What a text may be is often shown outside the database's constraints: by the default, by a comment such as "active |
// pending | revoked", by rows of seed files and by existing rows. These values are examples, not requirements: they are
// used unless a unique key would leave too few rows.

// shows are the last words of names of columns that have few values.
var shows = lazy.Words{Text: "status state type kind role mode category level visibility tier severity priority protocol environment format theme strategy " +
	"stage phase scope source method action direction interval frequency period unit currency locale language region reason result outcome " +
	"operator operation channel platform algorithm variant gender plan access permission capability sort order"}

func (c *column) hasFewValues() bool {
	words := singulars(nameWords(c.name))
	return len(words) > 0 && shows.Has(words[len(words)-1])
}

// textType returns the type of the texts that a column holds, alone or in a list, or nil.
func (c *column) textType() *dataType {
	t, _ := c.underlying()
	if t.isArray() {
		t = t.elem
	}
	if t == nil || t.category != 'S' || t.kind != 'b' || t.name == "char" {
		return nil
	}
	return t
}

// settleShown collects the values that a column is shown to have.
func (c *column) settleShown() {
	c.shown = nil
	if c.textType() == nil || c.target || c.rule != nil && c.rule.gives() || c.guide.in != nil || c.guide.pattern != nil && !c.guide.pattern.byName || c.hint != "" {
		return
	}
	given := c.defaults()
	said := valuesIn(c.comment, c.hasFewValues() || slices.ContainsFunc(given, func(v string) bool { return strings.Contains(c.comment, v) }))
	var list []string
	if len(said) > 0 || c.hasFewValues() || c.saysNothing() {
		list = append(list, given...)
	}
	list = append(list, said...)
	if c.hasFewValues() || len(said) > 0 {
		list = append(list, c.few(30, 1)...)
	} else {
		list = append(list, c.few(8, 3)...)
	}
	if len(list) == 1 && isNumber(list[0]) {
		return
	}
	longest := c.textLength()
	for _, text := range c.allowed(list) {
		n := len([]rune(text))
		if n > 0 && n >= c.guide.minLen && (longest == 0 || n <= longest) && c.allows([]byte(text)) {
			c.shown = append(c.shown, text)
		}
	}
}

// few returns the values that were seen, if there are at most so many and each was seen often enough on average.
func (c *column) few(most, often int) []string {
	var list []string
	for _, text := range c.seen {
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
		if len(list) > most {
			return nil
		}
	}
	if len(list) == 0 || len(c.seen) < often*len(list) {
		return nil
	}
	return list
}

// defaults returns the texts in the default, those of a list one by one.
func (c *column) defaults() []string {
	e := parseExpr(c.def)
	if e == nil {
		return nil
	}
	u, _ := c.underlying()
	switch {
	case e.kind == "const" && u.isArray():
		return arrayTexts(e.text)
	case e.kind == "const":
		return []string{e.text}
	case e.kind == "array":
		var list []string
		for _, a := range e.args {
			if a.kind == "const" {
				list = append(list, a.text)
			}
		}
		return list
	}
	return nil
}

// arrayTexts returns the elements of {a,"b c"}.
func arrayTexts(text string) []string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.Trim(part, `" `); part != "" && part != "NULL" {
			list = append(list, part)
		}
	}
	return list
}

// saysNothing reports whether the column's name suggests no kind of text.
func (c *column) saysNothing() bool { return c.kindByName().vague }

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.Trim(text, "-.0123456789") == ""
}

// listForms are how comments list values. They are compiled when they are first needed: most commands need none.
var listForms = sync.OnceValue(func() (f struct{ introduced, example, quotedWord, quotedWhole, oneWord *regexp.Regexp }) {
	f.introduced = regexp.MustCompile(`(?i)^(?:(?:must be |is )?(?:one of|either|any of)|(?:allowed |possible )?values(?: are)?|options|enum|e\. ?g\.?|eg|for example|such as|like)\b[:,]?\s*`)
	f.example = regexp.MustCompile(`(?i)\b(?:e\. ?g\.?|for example|such as|like)[:,]?\s*`)
	f.quotedWord = regexp.MustCompile("[\"'`“‘]([\\w.:/+*-]+)[\"'`”’]")
	f.quotedWhole = regexp.MustCompile("^[\"'`“‘]([^\"'`“”‘’]+)[\"'`”’]$")
	f.oneWord = regexp.MustCompile(`^[\w.:+*-]+$`)
	return f
})

// valuesIn returns the values that a comment lists: a | b, 'a' | 'b', one of: a, b or c, and for a column known to have
// few values also a plain a, b, c.
func valuesIn(comment string, few bool) []string {
	forms := listForms()
	for line := range strings.Lines(comment) {
		line = strings.TrimSpace(line)
		if list := tokens(strings.Split(line, "|"), false); len(list) > 1 {
			return list
		}
		rest := forms.introduced.ReplaceAllString(line, "")
		if rest != line || few {
			if list := tokens(strings.Split(strings.ReplaceAll(rest, " or ", ", "), ","), true); len(list) > 1 {
				return list
			}
		}
		if few && !strings.Contains(line, " ") || few && strings.Contains(line, " / ") {
			if list := tokens(strings.Split(line, "/"), true); len(list) > 1 {
				return list
			}
		}
		var list []string
		for _, m := range forms.quotedWord.FindAllStringSubmatch(line, -1) {
			if !slices.Contains(list, m[1]) {
				list = append(list, m[1])
			}
		}
		if len(list) > 1 && few || len(list) > 0 && forms.example.MatchString(line) {
			return list
		}
	}
	return nil
}

// tokens returns the parts of a list, or nil where one is not a single word. Explanations before a colon at its
// beginning, and in brackets or after a dash at its end, are removed.
func tokens(parts []string, strict bool) []string {
	var list []string
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if at := strings.LastIndexAny(part, ":("); i == 0 && at >= 0 {
			part = strings.TrimSpace(part[at+1:])
		}
		if i == len(parts)-1 {
			for _, end := range []string{" (", ")", " —", " –", " - ", ". ", "; "} {
				part, _, _ = strings.Cut(part, end)
			}
			part = strings.TrimSuffix(part, ".")
		}
		part = strings.TrimPrefix(strings.TrimPrefix(part, "or "), "and ")
		if m := listForms().quotedWhole.FindStringSubmatch(part); m != nil {
			list = append(list, m[1])
			continue
		}
		switch strings.ToLower(strings.Trim(part, ". …")) {
		case "etc", "":
			if i > 0 {
				continue
			}
		}
		if !listForms().oneWord.MatchString(part) || strict && len(part) < 2 {
			return nil
		}
		list = append(list, part)
	}
	return list
}

// sampleShown reads what existing rows show of columns that get more, from the table's first pages.
func (db *database) sampleShown(ctx context.Context, q postgres.Querier) error {
	for _, t := range db.tables {
		if !t.planned || t.done || !t.hasRows {
			continue
		}
		for _, c := range t.columns {
			u, _ := c.underlying()
			document := u.name == "json" || u.name == "jsonb"
			if c.owner != nil || c.generated || c.guide.in != nil || !document && (c.textType() == nil || u.isArray()) {
				continue
			}
			texts, err := postgres.CollectStrings(q.Query(ctx, fmt.Sprintf(`SELECT left(%[1]s::text, 8000) FROM %[2]s WHERE ctid < '(30,0)' AND %[1]s IS NOT NULL ORDER BY ctid LIMIT 500`,
				postgres.Ident(c.name), t.ref.Quoted())))
			if _, said := postgres.AsServerError(err); said { // rows that cannot be read show nothing
				continue
			}
			if err != nil {
				return errors.Join(fmt.Errorf("look at the values of %s in %s", c.name, t.ref), err)
			}
			c.seen = append(slices.Clone(c.told), texts...)
		}
	}
	return nil
}

// pairShown distinguishes the rows of a key by the values that columns are shown to have and by what its foreign keys
// offer, where these are enough: by roles of members, say, rather than roles followed by a number.
func (t *table) pairShown(k *uniqueKey) bool {
	var dims []dimension
	shown := false
	for _, f := range t.out {
		if !slices.ContainsFunc(f.columns, func(c *column) bool { return c.owner == f && slices.Contains(k.columns, c) }) {
			continue
		}
		if f.always || f.group || f.only != nil || f.pinned != nil || !within(f.columns, k.columns) || t.first > 0 && !f.to.planned {
			return false
		}
		dims = append(dims, dimension{size: f.supply(), key: f, order: newShuffle(f.supply(), f.to.key)})
	}
	if t.first > 0 && len(dims) == 0 {
		return false
	}
	slices.SortStableFunc(dims, func(a, b dimension) int { return cmp.Compare(b.size, a.size) })
	for _, c := range k.columns {
		u, _ := c.underlying()
		switch n := c.capacity(); {
		case c.owner != nil:
		case c.grouped, c.forced != nil, c.guide.slots > 0:
			return false
		case c.shown != nil && !u.isArray():
			shown = true
			n = int64(len(c.shown))
			dims = append(dims, dimension{size: n, col: c, order: newShuffle(n, c.key)})
		case n > 0 && (c.guide.in != nil || u.kind == 'e' || u.name == "bool"):
			dims = append(dims, dimension{size: n, col: c, order: newShuffle(n, c.key)})
		default:
			return false
		}
	}
	if !shown || product(dims) < t.rows {
		return false
	}
	for _, d := range dims {
		if d.col != nil {
			d.col.showing = d.col.shown != nil
		}
	}
	t.pair(dims, t.rows)
	return true
}
