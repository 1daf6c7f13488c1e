package fakedata

import (
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// guide is what constraints require of a column's values.
type guide struct {
	min, max       *bound
	minLen, maxLen int      // characters, or elements of an array; maxLen 0 is no limit
	in             []string // only these, unless nil
	not            []string
	pattern        *pattern
	lower, upper   bool
	trimmed        bool // without surrounding blanks
	notNull, null  bool
	jsonType       string
	slot, slots    int // of columns that must grow from one to the next, this one's place: 0 of 2, 1 of 2
}

type bound struct {
	text   string
	strict bool
}

func (b *bound) number() (float64, bool) {
	n, err := strconv.ParseFloat(b.text, 64)
	return n, err == nil
}

// settle turns the table's constraints into its columns' guides. Where one is not wholly understood, the server has to
// judge the rows.
func (t *table) settle() {
	defer func() {
		for _, pair := range t.orders {
			t.staged = t.staged || !ordered(pair[0], pair[1])
		}
		for _, c := range t.columns {
			if c.guide.pattern != nil && !c.settlePattern() {
				c.guide.pattern, t.staged = nil, true
			}
		}
	}()
	for _, c := range t.columns {
		c.obeyRule()
	}
	for _, k := range t.checks {
		e := parseExpr(k.text)
		if e == nil || !t.obey(e) {
			t.staged = true
			t.forgetIn(k.text)
		}
	}
	for _, c := range t.columns {
		if !c.settleDomain(t) || c.typ.hidesDomain() {
			t.staged = true
		}
	}
}

// ordered reports whether the order that inOrder noted of two columns is ensured: the whole range of one lies before
// the other's.
func ordered(a, b *column) bool {
	t, _ := a.underlying()
	u, _ := b.underlying()
	if t.category == 'N' && u.category == 'N' {
		x, y := a.numbersOf(), b.numbersOf()
		return float64(x.hi)*math.Pow10(-x.scale) < float64(y.lo)*math.Pow10(-y.scale)
	}
	_, _, before := a.span()
	_, _, behind := b.span()
	return t.name == u.name && t.name != "time" && t.name != "timetz" && !before && !behind && !a.isBirth() && !b.isBirth()
}

// settleDomain reads the constraints of the column's domains, and reports whether all were understood.
func (c *column) settleDomain(t *table) bool {
	understood := true
	for d := c.typ; d.kind == 'd'; d = d.base {
		for _, text := range d.checks {
			e := parseExpr(text)
			if e == nil || !t.obey(e.about(c.name)) {
				understood = false
			}
		}
	}
	return understood
}

// hidesDomain reports whether values have parts of a domain whose constraint is not understood.
func (t *dataType) hidesDomain() bool {
	switch {
	case t.isArray(), t.kind == 'r', t.kind == 'm':
		return t.elem != nil && (t.elem.hidesDomain() || !t.elem.understood())
	case t.kind == 'c':
		for _, f := range t.fields {
			if f.typ != nil && (f.typ.hidesDomain() || !f.typ.understood()) {
				return true
			}
		}
	}
	return false
}

// understood reports whether values can be made that satisfy the domain's constraints.
func (t *dataType) understood() bool {
	if t.kind != 'd' {
		return true
	}
	c := &column{table: &table{}, name: "value", typ: t, typmod: -1}
	return c.settleDomain(&table{columns: []*column{c}})
}

// about returns a domain's constraint with VALUE replaced by a column.
func (e *expr) about(column string) *expr {
	out := *e
	if e.kind == "column" && strings.EqualFold(e.text, "value") {
		out.text = column
	}
	out.args = say.Each(e.args, func(a *expr) *expr { return a.about(column) })
	return &out
}

// obey changes the guides so that the expression holds, and reports whether it now does. Otherwise they stay as they
// were.
func (t *table) obey(e *expr) bool {
	before := say.Each(t.columns, func(c *column) guide { return c.guide })
	if t.hold(e) && t.consistent() {
		return true
	}
	for i, c := range t.columns {
		c.guide = before[i]
	}
	return false
}

func (t *table) hold(e *expr) bool {
	switch e.kind {
	case "and":
		return !slices.ContainsFunc(e.args, func(a *expr) bool { return !t.hold(a) })
	case "or":
		return t.holdOne(e.args)
	case "not":
		return t.deny(e.args[0])
	case "is null":
		if c := t.named(e.args[0].text); e.args[0].kind == "column" && c != nil && c.owner != nil && c.owner.named {
			return t.neverRefer(e.args[0])
		}
		c := t.columnOf(e.args[0])
		if c == nil || !c.mayBeNull() {
			return false
		}
		c.guide.null = true
		return true
	case "column":
		return t.holdIn(t.columnOf(e), []string{"true"})
	case "const":
		return e.text == "true"
	case "cmp":
		return t.compare(e.op, e.args[0], e.args[1])
	}
	return false
}

// holdOne makes the first possible branch of an OR hold, preferring those that need values to those that need NULL.
func (t *table) holdOne(branches []*expr) bool {
	sorted := slices.Clone(branches)
	slices.SortStableFunc(sorted, func(a, b *expr) int { return wantsNull(a) - wantsNull(b) })
	return slices.ContainsFunc(sorted, t.obey)
}

func wantsNull(e *expr) int {
	if e.kind == "is null" {
		return 1
	}
	if e.kind == "not" {
		return 0
	}
	n := 0
	for _, a := range e.args {
		n += wantsNull(a)
	}
	return n
}

var opposite = map[string]string{"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "<>", "<>": "=", "= any": "<> all", "<> all": "= any"}
var mirrored = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}

func (t *table) deny(e *expr) bool {
	switch e.kind {
	case "not":
		return t.hold(e.args[0])
	case "is null":
		if a := e.args[0]; a.kind == "column" && t.named(a.text) != nil {
			t.named(a.text).guide.notNull = true
			return true
		}
	case "and", "or":
		not := func(a *expr) *expr { return &expr{kind: "not", args: []*expr{a}} }
		return t.hold(&expr{kind: map[string]string{"and": "or", "or": "and"}[e.kind], args: say.Each(e.args, not)})
	case "column":
		return t.holdIn(t.columnOf(e), []string{"false"})
	case "cmp":
		if op, ok := opposite[e.op]; ok {
			return t.compare(op, e.args[0], e.args[1])
		}
	}
	return false
}

// columnOf returns the free column that an expression names, or nil for anything else, including a column whose values
// another table determines.
func (t *table) columnOf(e *expr) *column {
	if e.kind != "column" {
		return nil
	}
	c := t.named(e.text)
	if c == nil || c.generated {
		return nil
	}
	if c.owner != nil && c.owner.named { // the constraint says more about its values than its name does
		t.forget(c.owner)
	}
	if c.owner != nil {
		return nil
	}
	return c
}

// forgetIn takes back what names suggested for the columns of an expression that is not understood.
func (t *table) forgetIn(text string) {
	for _, token := range scanExpr(text) {
		if c := t.named(token.text); (token.kind == 'w' || token.kind == 'q') && c != nil && c.owner != nil && c.owner.named {
			t.forget(c.owner)
		}
	}
}

func (t *table) compare(op string, left, right *expr) bool {
	if left.kind == "is null" && right.kind == "is null" && (op == "=" || op == "<>") {
		return t.bothOrOne(left.args[0], right.args[0], op == "=")
	}
	if left.kind == "const" || left.kind == "now" {
		if m, ok := mirrored[op]; ok {
			op, left, right = m, right, left
		}
	}
	if left.kind == "call" {
		return t.compareCall(op, left, right)
	}
	c := t.columnOf(left)
	if c == nil {
		return false
	}
	switch right.kind {
	case "array":
		return t.compareList(op, c, right)
	case "column":
		if other := t.columnOf(right); other != nil && other != c {
			return inOrder(op, c, other)
		}
		return false
	case "now":
		right = &expr{kind: "const", text: now.Format("2006-01-02 15:04:05")}
		if op != "<" && op != "<=" {
			return false
		}
	case "call": // column = lower(column)
		return op == "=" && t.compareCall(op, right, left)
	}
	if right.kind != "const" {
		return false
	}
	return c.compareConst(op, right.text)
}

func (c *column) compareConst(op, text string) bool {
	g := &c.guide
	if strings.ContainsAny(op, "<>") && op != "<>" && !c.comparable(text) {
		return false
	}
	switch op {
	case "<", "<=":
		g.max = tighter(g.max, &bound{text, op == "<"}, -1)
	case ">", ">=":
		g.min = tighter(g.min, &bound{text, op == ">"}, 1)
	case "=":
		return c.table.holdIn(c, []string{text})
	case "<>":
		if text == "" {
			g.minLen = max(g.minLen, 1)
			return true
		}
		g.not = append(slices.Clone(g.not), text)
	case "~":
		return c.holdPattern(text, 0)
	case "~*":
		return c.holdPattern(text, syntax.FoldCase)
	case "~~":
		return c.holdLike(text)
	default:
		return false
	}
	return true
}

// comparable reports whether values can be made that are less than, or greater than, the constant.
func (c *column) comparable(text string) bool {
	t, _ := c.underlying()
	b := &bound{text: text}
	switch t.name {
	case "date", "timestamp", "timestamptz":
		_, ok := b.time()
		return ok
	case "int2", "int4", "int8", "oid", "numeric", "float4", "float8":
		_, ok := b.number()
		return ok
	}
	return false
}

// tighter returns the stricter of two bounds; direction is 1 for lower ones.
func tighter(a, b *bound, direction float64) *bound {
	if a == nil {
		return b
	}
	x, okX := a.number()
	y, okY := b.number()
	if okX && okY && (x-y)*direction > 0 || !okX && !okY && (a.text > b.text) == (direction > 0) {
		return a
	}
	return b
}

func (t *table) holdIn(c *column, list []string) bool {
	if c == nil {
		return false
	}
	if c.guide.in != nil {
		list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(c.guide.in, s) })
	}
	c.guide.in = list
	return len(list) > 0
}

// holdPattern makes texts match a regular expression of the server's, as far as it means the same in Go.
func (c *column) holdPattern(text string, flags syntax.Flags) bool {
	re, err := syntax.Parse(text, syntax.Perl|flags)
	if err != nil {
		return false
	}
	prefix := ""
	if flags&syntax.FoldCase != 0 {
		prefix = "(?i)"
	}
	return c.hold(re, prefix+text)
}

// holdLike makes texts match a LIKE pattern. Where the percent sign stands for anything, a word is written.
func (c *column) holdLike(like string) bool {
	write, match := likePattern(like)
	re, err := syntax.Parse(write, syntax.Perl)
	return err == nil && c.hold(re, match)
}

// hold adds an expression that texts must match; they are generated from re.
func (c *column) hold(re *syntax.Regexp, match string) bool {
	whole, err := regexp.Compile(match)
	if t, _ := c.underlying(); err != nil || t.category != 'S' {
		return false
	}
	p := &pattern{re: re}
	if had := c.guide.pattern; had != nil {
		p.re, p.all = had.re, had.all
	}
	p.all = append(slices.Clone(p.all), whole)
	c.guide.pattern = p
	return c.settlePattern()
}

// likePattern returns two regular expressions for a LIKE pattern: one to generate texts from, and one that matches.
func likePattern(like string) (write, match string) {
	var w, m strings.Builder
	escaped := false
	for _, r := range like {
		switch {
		case r == '\\' && !escaped:
			escaped = true
			continue
		case r == '%' && !escaped:
			w.WriteString("[a-z]{3,8}")
			m.WriteString(".*")
		case r == '_' && !escaped:
			w.WriteString("[a-z]")
			m.WriteString(".")
		default:
			w.WriteString(regexp.QuoteMeta(string(r)))
			m.WriteString(regexp.QuoteMeta(string(r)))
		}
		escaped = false
	}
	return "^" + w.String() + "$", "(?s)^" + m.String() + "$"
}

func (t *table) compareList(op string, c *column, list *expr) bool {
	var values []string
	for _, a := range list.args {
		if a.kind != "const" {
			return false
		}
		values = append(values, a.text)
	}
	switch op {
	case "= any":
		return t.holdIn(c, values)
	case "<> all":
		c.guide.not = append(slices.Clone(c.guide.not), values...)
		return true
	case "~~ any", "~ any":
		return len(values) > 0 && c.compareConst(strings.TrimSuffix(op, " any"), values[0])
	}
	return false
}

// inOrder notes that one column's values are less than another's.
func inOrder(op string, a, b *column) bool {
	switch op {
	case ">", ">=":
		a, b = b, a
	case "<>":
		// Halves of one range have no value in common.
	case "<", "<=":
	default:
		return false
	}
	if !a.sortable() || !b.sortable() {
		return false
	}
	a.table.orders = append(a.table.orders, [2]*column{a, b})
	switch {
	case a.guide.slots == 0 && b.guide.slots == 0:
		a.guide.slot, a.guide.slots, b.guide.slot, b.guide.slots = 0, 4, 2, 4
	case b.guide.slots == 0 && a.guide.slot < 3:
		b.guide.slot, b.guide.slots = a.guide.slot+1, 4
	case a.guide.slots == 0 && b.guide.slot > 0:
		a.guide.slot, a.guide.slots = b.guide.slot-1, 4
	default:
		return a.guide.slots > 0 && a.guide.slot < b.guide.slot
	}
	return true
}

// sortable reports whether the column's values can be placed in a part of their range.
func (c *column) sortable() bool {
	t, _ := c.underlying()
	return t.category == 'N' || t.category == 'D'
}

// bothOrOne makes two columns never NULL (same), or exactly one of them.
func (t *table) bothOrOne(a, b *expr, same bool) bool {
	if same {
		return t.deny(&expr{kind: "is null", args: []*expr{a}}) && t.deny(&expr{kind: "is null", args: []*expr{b}})
	}
	return t.exactly(1, []*expr{a, b})
}

// exactly makes n of the columns have values and the others NULL.
func (t *table) exactly(n int, columns []*expr) bool {
	for i, e := range columns {
		isNull := &expr{kind: "is null", args: []*expr{e}}
		if i < n && !t.deny(isNull) || i >= n && !t.hold(isNull) && !t.neverRefer(e) {
			return false
		}
	}
	return true
}

// neverRefer makes a foreign key's column NULL in every row.
func (t *table) neverRefer(e *expr) bool {
	c := t.named(e.text)
	if e.kind != "column" || c == nil || c.owner == nil || !c.owner.nulls {
		return false
	}
	c.owner.always = true
	return true
}

func (t *table) compareCall(op string, call, right *expr) bool {
	if call.op == "num_nonnulls" && right.kind == "const" && (op == "=" || op == ">=") {
		n, err := strconv.Atoi(right.text)
		if op == ">=" {
			return err == nil && n <= len(call.args) && t.exactly(n, call.args[:n])
		}
		return err == nil && t.exactly(n, call.args)
	}
	if len(call.args) == 0 {
		return false
	}
	arg := call.args[0]
	if arg.kind == "call" && (arg.op == "btrim" || arg.op == "trim") && len(arg.args) > 0 { // texts made here have no surrounding blanks
		arg = arg.args[0]
		if c := t.columnOf(arg); c != nil {
			c.guide.trimmed = true
		}
	}
	c := t.columnOf(arg)
	if c == nil {
		return false
	}
	switch call.op {
	case "lower", "upper":
		c.guide.lower = c.guide.lower || call.op == "lower"
		c.guide.upper = c.guide.upper || call.op == "upper"
		return op == "=" && right.kind == "column" && t.columnOf(right) == c
	case "btrim", "ltrim", "rtrim":
		if op == "<>" && right.kind == "const" && right.text == "" {
			c.guide.minLen, c.guide.trimmed = max(c.guide.minLen, 1), true
			return true
		}
		c.guide.trimmed = true
		return op == "=" && right.kind == "column" && t.columnOf(right) == c
	case "jsonb_typeof", "json_typeof":
		c.guide.jsonType = right.text
		return op == "=" && right.kind == "const" && right.text != "null"
	case "length", "char_length", "character_length", "octet_length", "cardinality", "array_length":
		n, err := strconv.Atoi(right.text)
		return right.kind == "const" && err == nil && c.guide.length(op, n)
	}
	return false
}

func (g *guide) length(op string, n int) bool {
	shortest, longest := g.minLen, g.maxLen
	switch op {
	case "=":
		shortest, longest = max(shortest, n), n
	case ">":
		shortest = max(shortest, n+1)
	case ">=":
		shortest = max(shortest, n)
	case "<", "<=":
		if op == "<" {
			n--
		}
		if longest == 0 || n < longest {
			longest = n
		}
	case "<>":
		if n != 0 {
			return false
		}
		shortest = max(shortest, 1)
	default:
		return false
	}
	if longest < 0 || longest == 0 && g.maxLen == 0 && (op == "=" || op == "<" || op == "<=") {
		return false
	}
	g.minLen, g.maxLen = shortest, longest
	return true
}

// consistent reports whether no guide contradicts itself.
func (t *table) consistent() bool {
	for _, c := range t.columns {
		g := &c.guide
		if g.null && (g.notNull || c.notNull) || g.maxLen > 0 && g.minLen > g.maxLen {
			return false
		}
		if g.min != nil && g.max != nil {
			lo, okLo := g.min.number()
			hi, okHi := g.max.number()
			if okLo && okHi && lo > hi {
				return false
			}
		}
	}
	return true
}
