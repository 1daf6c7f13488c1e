package workspace

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// FakeRule is what a [fake."schema.Table.column"] says about a column's made-up values: at most one of Pattern, Values
// and a range, and how many are NULL. Whether there is such a column, and what it can hold, is known only to the
// database.
type FakeRule struct {
	Column   string // schema.Table.column
	Pattern  string
	Values   []string  // as the server reads them; a constant is one value
	Weights  []float64 // of the values; empty where all are equally likely
	Min, Max string    // a range, of which either may be ""
	Null     *float64  // the share of rows without a value, from 0 to 1; nil for the usual share
	Where    string    // file:line
}

var fakeNames = []string{"pattern", "values", "weights", "range", "constant", "null"}

// fakeRules reads the table fake, ordered by the columns' names.
func (f *settingsFile) fakeRules(value any) ([]FakeRule, error) {
	if value == nil {
		return nil, nil
	}
	tables, ok := value.(map[string]any)
	if !ok {
		return nil, f.fakeError([]string{"fake"}, "fake must be tables, each of one column")
	}
	var rules []FakeRule
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		path := []string{"fake", name}
		fields, isTable := tables[name].(map[string]any)
		if !isTable || strings.Count(name, ".") < 2 {
			return nil, f.fakeError(path, "a rule for made-up rows names schema, table and column in one pair of quotes, and %q does not", name)
		}
		line := f.fakeLine(name)
		r := FakeRule{Column: name, Where: SettingsFileName + ":" + strconv.Itoa(line)}
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			if problem := r.read(field, fields[field]); problem != "" {
				return nil, f.fakeError(append(path, field), "%s", problem)
			}
		}
		if problem := r.check(fields); problem != "" {
			return nil, f.fakeError(path, "%s", problem)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// fakeLine returns the line of a rule's header, found by its text: position would decode the whole file for each name.
func (f *settingsFile) fakeLine(column string) int {
	for _, header := range []string{`[fake."` + column + `"]`, `[fake.'` + column + `']`, `"` + column + `"`} {
		if at := strings.Index(f.text, header); at >= 0 {
			return 1 + strings.Count(f.text[:at], "\n")
		}
	}
	line, _ := f.position([]string{"fake", column})
	return line
}

func (f *settingsFile) fakeError(path []string, format string, args ...any) error {
	return f.errorIn(path, format, args...).WithFix(`[fake."public.User.email"]`, `pattern = '{first}\.{last}@acme\.test'`)
}

// read reads one field and returns what is wrong with it, or "".
func (r *FakeRule) read(field string, value any) string {
	switch field {
	case "pattern":
		text, ok := value.(string)
		if r.Pattern = text; !ok || text == "" {
			return `pattern must be a string, such as '[A-Z]{2}-\d{4}'`
		}
	case "constant":
		text, ok := fakeValue(value)
		if r.Values = []string{text}; !ok {
			return "constant must be one value: a string, a number, a date, true or false"
		}
	case "values":
		list, _ := value.([]any)
		r.Values = nil
		for _, item := range list {
			text, ok := fakeValue(item)
			if !ok {
				return "values are strings, numbers, dates, true or false"
			}
			r.Values = append(r.Values, text)
		}
		if len(r.Values) == 0 {
			return `values must be a list, such as ["active", "closed"]`
		}
	case "weights":
		return r.readWeights(value)
	case "range":
		return r.readRange(value)
	case "null":
		share, ok := fakeNumber(value)
		if r.Null = &share; !ok || share < 0 || share > 1 {
			return "null is the share of rows without a value, from 0 to 1"
		}
	default:
		problem := fmt.Sprintf("a rule for made-up rows has no %q", visible.String(field))
		if near := say.Nearest(field, fakeNames); near != "" {
			return problem + ": did you mean " + near + "?"
		}
		return problem + ": it has " + strings.Join(fakeNames, ", ")
	}
	return ""
}

func (r *FakeRule) readWeights(value any) string {
	const must = "weights must be a list of numbers, one for each of the values, not all 0"
	list, _ := value.([]any)
	sum := 0.0
	for _, item := range list {
		n, ok := fakeNumber(item)
		if !ok || n < 0 {
			return must
		}
		r.Weights, sum = append(r.Weights, n), sum+n
	}
	if sum <= 0 {
		return must
	}
	return ""
}

func (r *FakeRule) readRange(value any) string {
	const must = "range must be a list of two, such as [18, 99], or { min = 18 } or { max = 2026-01-01 }"
	switch v := value.(type) {
	case []any:
		if len(v) != 2 {
			return must
		}
		return r.readRange(map[string]any{"min": v[0], "max": v[1]})
	case map[string]any:
		for name, bound := range v {
			text, ok := fakeValue(bound)
			switch {
			case ok && name == "min" && text != "":
				r.Min = text
			case ok && name == "max" && text != "":
				r.Max = text
			default:
				return must
			}
		}
	}
	if r.Min == "" && r.Max == "" {
		return must
	}
	return ""
}

// check returns what is wrong with the fields together, or "".
func (r *FakeRule) check(fields map[string]any) string {
	var kinds []string
	for _, name := range []string{"pattern", "values", "range", "constant"} {
		if _, ok := fields[name]; ok {
			kinds = append(kinds, name)
		}
	}
	_, weighted := fields["weights"]
	switch {
	case len(kinds) > 1:
		return "a column has one of " + say.And(kinds)
	case len(kinds) == 0 && r.Null == nil:
		return "the rule says nothing: it takes one of pattern, values, range and constant, and null"
	case weighted && len(r.Weights) != len(r.Values):
		return fmt.Sprintf("the lists differ in length: weights %d, values %d", len(r.Weights), len(r.Values))
	}
	return ""
}

func fakeNumber(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, v == v
	}
	return 0, false
}

// fakeValue returns a single TOML value as the server reads it.
func fakeValue(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	case time.Time:
		switch v.Location().String() { // this is how the library marks a time without an offset
		case "date-local":
			return v.Format("2006-01-02"), true
		case "time-local":
			return v.Format("15:04:05.999999"), true
		case "datetime-local":
			return v.Format("2006-01-02 15:04:05.999999"), true
		}
		return v.UTC().Format("2006-01-02 15:04:05.999999-07"), true
	}
	return "", false
}
