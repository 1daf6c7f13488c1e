package fakedata

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Rule describes what a column's values should be: at most one of a pattern, a list and a range, and a share of NULLs.
type Rule struct {
	Column   string // schema.Table.column
	Pattern  string
	Values   []string
	Weights  []float64 `json:",omitempty"` // of the values; empty where all are equally likely
	Min, Max string
	Null     *float64 `json:",omitempty"` // from 0 to 1; nil for the usual share
	Where    string   // the rule's place, such as naap.toml:12
}

// gives reports whether the rule determines values, and not only how many are NULL.
func (r *Rule) gives() bool { return r.Pattern != "" || r.Values != nil || r.Min != "" || r.Max != "" }

// String returns the rule for people, without its column.
func (r *Rule) String() string {
	var parts []string
	switch {
	case r.Pattern != "":
		parts = append(parts, "pattern "+r.Pattern)
	case len(r.Values) == 1:
		parts = append(parts, "always "+strconv.Quote(r.Values[0]))
	case r.Values != nil:
		list := make([]string, len(r.Values))
		for i, v := range r.Values {
			if list[i] = strconv.Quote(v); r.Weights != nil {
				list[i] += " × " + strconv.FormatFloat(r.Weights[i], 'f', -1, 64)
			}
		}
		parts = append(parts, "one of "+strings.Join(list, ", "))
	case r.Min != "" && r.Max != "":
		parts = append(parts, "from "+r.Min+" to "+r.Max)
	case r.Min != "":
		parts = append(parts, "from "+r.Min+" on")
	case r.Max != "":
		parts = append(parts, "up to "+r.Max)
	}
	if r.Null != nil {
		parts = append(parts, fmt.Sprintf("NULL in %s%% of the rows", strconv.FormatFloat(*r.Null*100, 'f', -1, 64)))
	}
	return strings.Join(parts, ", ") + " (" + r.Where + ")"
}

// errorf returns an error about the rule (code fake.rule, exit status 2).
func (r *Rule) errorf(format string, args ...any) *remedy.Error {
	return remedy.New("fake.rule", remedy.ExitUsage, "%s: %s", r.Where, fmt.Sprintf(format, args...)).WithSeen("[fake." + strconv.Quote(r.Column) + "]")
}

// takeRules assigns the rules to their columns. A rule for a column that does not exist, or that cannot have such
// values, is an error.
func (db *database) takeRules(rules []Rule) error {
	for i := range rules {
		r := &rules[i]
		c, err := db.columnNamed(r)
		if err != nil {
			return err
		}
		if c.rule = r; c.generated {
			return r.errorf("the server computes %s itself", c.name)
		}
		if err := c.checkRule(); err != nil {
			return err
		}
	}
	return nil
}

// columnNamed returns the column of a rule.
func (db *database) columnNamed(r *Rule) (*column, error) {
	var names []string
	for _, t := range db.tables {
		for _, c := range t.columns {
			name := t.ref.String() + "." + c.name
			if name == r.Column {
				return c, nil
			}
			names = append(names, name)
		}
	}
	err := r.errorf("there is no column %q in the database", r.Column)
	if near := say.Nearest(r.Column, names); near != "" {
		return nil, err.WithHelp(remedy.Words("did you mean " + near + "?"))
	}
	return nil, err.WithHelp(remedy.Words("write schema.Table.column as the database has them"), remedy.Naap("dev push").Note("if the tables are not there yet"))
}

// checkRule returns an error for what the column can never have.
func (c *column) checkRule() error {
	r := c.rule
	keys := c.table.foreignKeysOf(c)
	u, _ := c.underlying()
	switch {
	case r.Null != nil && *r.Null > 0 && !c.mayBeNull():
		return r.errorf("%s is NOT NULL", c.name).WithFix("leave null away, or write null = 0")
	case len(keys) > 0 && r.gives() && (r.Values == nil || len(keys) > 1 || len(keys[0].columns) > 1):
		return r.errorf("%s is a foreign key, %s: its rows must be there", c.name, keys[0].name).
			WithFix("values or a constant choose among the rows of " + keys[0].to.ref.String() + ", where it is a key of one column; null says how many refer to none")
	case (r.Min != "" || r.Max != "") && !slices.Contains([]string{"int2", "int4", "int8", "numeric", "float4", "float8", "date", "timestamp", "timestamptz"}, u.name):
		return r.errorf("a range is for numbers and dates, and %s has the type %s", c.name, c.typeText)
	case u.category == 'D' && !r.dated():
		return r.errorf("the ends of a range are written 2026-01-31, or 2026-01-31 12:00:00")
	case (r.Min != "" || r.Max != "") && r.backwards(u):
		return r.errorf("the range from %s to %s has nothing in it", r.Min, r.Max)
	case r.Pattern != "" && u.category != 'S':
		return r.errorf("a pattern is for texts, and %s has the type %s", c.name, c.typeText)
	case r.Pattern != "":
		p, err := parseTemplate(r.Pattern)
		if err != nil {
			return r.errorf("the pattern %s cannot be read: %v", r.Pattern, err)
		}
		p.fold = c.folds()
		c.template = p
	}
	return nil
}

// dated reports whether the ends of the range, where it has them, can be parsed here as instants.
func (r *Rule) dated() bool {
	return !slices.ContainsFunc([]string{r.Min, r.Max}, func(end string) bool {
		_, ok := (&bound{text: end}).time()
		return end != "" && !ok
	})
}

// backwards reports whether the range's end lies before its beginning.
func (r *Rule) backwards(t *dataType) bool {
	lo, hi := &bound{text: r.Min}, &bound{text: r.Max}
	if t.category != 'N' {
		a, okA := lo.time()
		b, okB := hi.time()
		return okA && okB && a > b
	}
	a, okA := lo.number()
	b, okB := hi.number()
	return okA && okB && a > b
}

func (t *table) foreignKeysOf(c *column) (list []*foreignKey) {
	for _, f := range t.out {
		if slices.Contains(f.columns, c) && !f.named {
			list = append(list, f)
		}
	}
	return list
}

// placeholders are what a pattern may contain of the row itself.
var placeholders = []string{"first", "last", "First", "Last", "slug", "word", "n"}

// parseTemplate parses a pattern: a regular expression with placeholders in braces.
func parseTemplate(text string) (*pattern, error) {
	var unknown string
	n := 0
	placeholder := regexp.MustCompile(`\\.|\{[A-Za-z_]+\}`)
	expression := placeholder.ReplaceAllStringFunc(text, func(m string) string {
		name := strings.Trim(m, "{}")
		switch {
		case m[0] == '\\':
			return m
		case !slices.Contains(placeholders, name):
			unknown = m
			return m
		}
		n++
		return fmt.Sprintf("(?P<naap_%s_%d>.)", name, n)
	})
	if unknown != "" {
		return nil, fmt.Errorf("there is no placeholder %s: there are {%s}", unknown, strings.Join(placeholders, "}, {"))
	}
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	return &pattern{re: re, write: true, most: repeats, template: true}, nil
}

// names returns the placeholders in a template.
func (p *pattern) names(re *syntax.Regexp) (list []string) {
	if name := placeholderOf(re); re.Op == syntax.OpCapture && name != "" {
		list = append(list, name)
	}
	for _, s := range re.Sub {
		list = append(list, p.names(s)...)
	}
	return list
}

// templateCapacity returns how many different texts a template is sure to have: names of persons and things may occur
// twice.
func (c *column) templateCapacity() int64 {
	names := c.template.names(c.template.re)
	switch {
	case slices.Contains(names, "n"):
		return math.MaxInt64
	case len(names) > 0:
		return 1
	}
	return max(c.template.size(), 1)
}

// templateText makes texts for the rule's pattern.
func (c *column) templateText() maker {
	p, key, subject, carrier := c.template, c.key, c.subject, c.carrier
	fill := map[string]writer{"first": lower(firstName().write), "last": lower(lastName().write), "First": firstName().write, "Last": lastName().write,
		"slug": c.slugKind().write, "word": word("noun")}
	numbered := (carrier || c.forced != nil) && len(p.names(p.re)) == 0
	order := newShuffle(p.size(), key)
	return func(dst []byte, i int64) ([]byte, bool) {
		d := roll(key, i)
		choose := &choices{then: &d}
		n := i
		if c.forced != nil {
			n = c.forced(i)
		}
		if numbered {
			choose = p.numbered(order.at(n), &d)
		}
		choose.part = func(dst []byte, name string) []byte {
			if name == "n" {
				return strconv.AppendInt(dst, i+1, 10)
			}
			dice := roll(subject, i)
			if name == "word" {
				dice = d
			}
			return fill[name](dst, &dice)
		}
		return p.append(dst, p.re, choose), true
	}
}

func lower(write writer) writer {
	var scratch []byte
	return func(dst []byte, d *dice) []byte {
		scratch = write(scratch[:0], d)
		return appendLower(dst, string(scratch))
	}
}

// obeyRule applies the rule to the column's guide, before its constraints are read.
func (c *column) obeyRule() {
	r := c.rule
	if r == nil || len(c.table.foreignKeysOf(c)) > 0 {
		return
	}
	if r.Values != nil {
		c.guide.in = c.accepted
	}
	if r.Min != "" {
		c.guide.min = &bound{text: r.Min}
	}
	if r.Max != "" {
		c.guide.max = &bound{text: r.Max}
	}
}

// weighted chooses among values as often as the rule says.
func (r *Rule) weighted(list []string, key uint64) func(i int64) int64 {
	sums := make([]uint64, len(list))
	sum := uint64(0)
	for i, text := range list {
		sum += uint64(math.Round(r.Weights[slices.Index(r.Values, text)] * 1_000_000))
		sums[i] = sum
	}
	return func(i int64) int64 {
		d := roll(key, i)
		n := uint64(d.below(int64(max(sum, 1))))
		at, _ := slices.BinarySearch(sums, n+1)
		return int64(min(at, len(list)-1))
	}
}

// samplesOfRule is how many texts of a pattern are shown to the server.
const samplesOfRule = 25

// judgeRules asks the server about the rules' values: whether the columns' types can hold them, whether constraints
// allow them, whether rows referred to exist. What a type cannot hold is an error; the others are conflicts, which the
// plan names.
func (db *database) judgeRules(ctx context.Context, q postgres.Querier) error {
	for _, t := range db.tables {
		for _, c := range t.columns {
			if c.rule == nil {
				continue
			}
			if err := c.judge(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *column) judge(ctx context.Context, q postgres.Querier) error {
	samples := c.ruleSamples()
	invalid, err := postgres.CollectStrings(q.Query(ctx, `SELECT v FROM unnest($1::text[]) AS v WHERE NOT pg_input_is_valid(v, $2)`, samples, c.typeText))
	if err != nil {
		return fmt.Errorf("look at the rule for %s: %w", c.rule.Column, err)
	}
	if len(invalid) > 0 {
		return c.rule.errorf("%s cannot hold %q: its type is %s", c.name, shortened(invalid[0]), c.typeText)
	}
	if c.rule.Null != nil && *c.rule.Null > 0 {
		if err := c.judgeNull(ctx, q); err != nil {
			return err
		}
	}
	allowed := samples
	for _, k := range c.table.checks {
		if !slices.Equal(k.columns, []*column{c}) || len(allowed) == 0 {
			continue
		}
		var kept []string
		kept, err = postgres.CollectStrings(q.Query(ctx, fmt.Sprintf(`SELECT naap_rule FROM unnest($1::text[]) WITH ORDINALITY AS x(naap_rule, naap_at),
LATERAL (SELECT naap_rule::%s AS %s) AS y WHERE (%s) IS NOT FALSE ORDER BY naap_at`, c.typeText, postgres.Ident(c.name), k.text), allowed))
		if _, said := postgres.AsServerError(err); err != nil && !said {
			return fmt.Errorf("look at the rule for %s: %w", c.rule.Column, err)
		}
		if refused := without(allowed, kept); len(refused) > 0 && err == nil {
			c.conflict("CHECK %s does not allow %s", k.name, quotedList(refused))
			allowed = kept
			if c.template != nil { // the server must judge its other texts one by one
				c.table.staged = true
			}
		}
	}
	if len(allowed) == 0 && len(samples) > 0 {
		c.hopeless = true
	}
	c.accepted = allowed
	return c.judgeKeys(ctx, q)
}

// judgeNull asks whether the constraints allow NULL.
func (c *column) judgeNull(ctx context.Context, q postgres.Querier) error {
	for _, k := range c.table.checks {
		if !slices.Equal(k.columns, []*column{c}) {
			continue
		}
		var ok bool
		err := q.QueryRow(ctx, fmt.Sprintf(`SELECT (%s) IS NOT FALSE FROM (SELECT NULL::%s AS %s) AS y`, k.text, c.typeText, postgres.Ident(c.name))).Scan(&ok)
		if _, said := postgres.AsServerError(err); err != nil && !said {
			return fmt.Errorf("look at the rule for %s: %w", c.rule.Column, err)
		}
		if err == nil && !ok {
			c.conflict("CHECK %s does not allow NULL", k.name)
			c.hopeless = c.hopeless || *c.rule.Null == 1
		}
	}
	return nil
}

// judgeKeys finds which rows a foreign key's values name.
func (c *column) judgeKeys(ctx context.Context, q postgres.Querier) error {
	keys := c.table.foreignKeysOf(c)
	if len(keys) == 0 || c.rule.Values == nil {
		return nil
	}
	f := keys[0]
	there, err := postgres.CollectStrings(q.Query(ctx, fmt.Sprintf(`SELECT v FROM unnest($1::text[]) WITH ORDINALITY AS x(v, n) WHERE EXISTS (SELECT FROM %s AS r WHERE r.%s = v::%s) ORDER BY n`,
		f.to.ref.Quoted(), postgres.Ident(f.referenced[0].name), c.typeText), c.accepted))
	if err != nil {
		return fmt.Errorf("look for the rows of the rule for %s: %w", c.rule.Column, err)
	}
	if missing := without(c.accepted, there); len(missing) > 0 {
		c.conflict("foreign key %s: %s has no row whose %s is %s", f.name, f.to.ref, f.referenced[0].name, quotedList(missing))
	}
	f.only = there
	c.hopeless = c.hopeless || len(there) == 0
	return nil
}

// ruleSamples returns values by which a rule is judged: all of a list, the ends of a range, some texts of a pattern.
func (c *column) ruleSamples() []string {
	r := c.rule
	list := slices.Clone(r.Values)
	list = append(list, c.rangeSamples()...)
	if c.template != nil {
		write := c.templateText()
		for i := range int64(samplesOfRule) {
			text, _ := write(nil, i*i*i*37)
			list = append(list, string(text))
		}
	}
	return list
}

// rangeSamples returns the ends of a rule's range, and a value between them.
func (c *column) rangeSamples() (list []string) {
	for _, end := range []string{c.rule.Min, c.rule.Max} {
		if end != "" {
			list = append(list, end)
		}
	}
	u, _ := c.underlying()
	if len(list) < 2 {
		return list
	}
	if u.category == 'D' {
		from, _ := (&bound{text: c.rule.Min}).time()
		to, _ := (&bound{text: c.rule.Max}).time()
		for k := range int64(5) {
			list = append(list, string(appendDate(nil, from+(to-from)/6*(k+1))))
		}
		return list
	}
	from, _ := (&bound{text: c.rule.Min}).number()
	to, _ := (&bound{text: c.rule.Max}).number()
	for k := range 5 {
		list = append(list, strconv.FormatFloat(math.Floor(from+(to-from)/6*float64(k+1)), 'f', -1, 64))
	}
	return list
}

// conflict notes that the rule contradicts a constraint.
func (c *column) conflict(format string, args ...any) {
	c.table.conflicts = append(c.table.conflicts, c.rule.Where+": "+c.name+": "+fmt.Sprintf(format, args...))
}

// without returns the texts of a list that are not in another.
func without(list, other []string) (out []string) {
	for _, text := range list {
		if !slices.Contains(other, text) {
			out = append(out, text)
		}
	}
	return out
}

func quotedList(list []string) string {
	quoted := say.Each(list, func(text string) string { return strconv.Quote(shortened(text)) })
	return say.Some(quoted, 3)
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

// refuseHopeless refuses tables with a rule that no value can satisfy.
func (db *database) refuseHopeless() {
	for _, t := range db.tables {
		for _, c := range t.columns {
			if c.hopeless && t.refused == "" {
				t.refused = "no value keeps to the rule of " + t.conflicts[len(t.conflicts)-1]
			}
		}
	}
}

// nullRule returns the rule that determines how many rows have no value of the foreign key, or nil.
func (f *foreignKey) nullRule() *Rule {
	for _, c := range f.columns {
		if c.rule != nil && c.rule.Null != nil {
			return c.rule
		}
	}
	return nil
}

// leaves reports whether a row is one of those that the rule leaves without a value.
func (r *Rule) leaves(key uint64, i int64) bool {
	d := roll(key, i)
	return d.below(1_000_000) < int64(math.Round(*r.Null*1_000_000))
}
