package composefile

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// shape is what a value of a compose file may look like. All of them are in shapes.go: numbers in there are indexes of
// it, and 0 is the shape of anything. compose-go has them as a JSON schema instead, whose compiler takes 7 ms at every
// start of a program that is linked with it, and 15 ms more for the schema.
type shape struct {
	kinds    kinds // 0 for any
	keys     []key
	rest     int16        // what the other keys have
	names    *lazy.Regexp // what the other keys must match; nil for anything
	closed   bool         // there may be no other keys
	extras   bool         // but those that begin with x-
	required []string
	items    int16
	unique   bool    // no two items are equal
	oneOf    []int16 // what it must look like besides
	enum     []string
	pattern  string
	bounded  bool // by the next two
	least    float64
	most     float64 // 0 for no limit
}

var (
	usualName = lazy.Regexp{Text: `^[a-zA-Z0-9._-]+$`}
	lowerName = lazy.Regexp{Text: `^[a-z]+$`}
)

type key struct {
	name  string
	shape int16
}

// kinds is a set of JSON's kinds of values.
type kinds uint8

const (
	aNull kinds = 1 << iota
	aBoolean
	aInteger
	aNumber
	aString
	aArray
	aObject
)

// kindNames are what messages call them, as compose does.
var kindNames = [...]string{"null", "boolean", "integer", "number", "string", "array", "mapping"}

func (k kinds) String() string {
	var names []string
	for i, name := range kindNames {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// kindsOf returns the kinds that a value has: a whole number is an integer and a number.
func kindsOf(v any) kinds {
	switch v.(type) {
	case nil:
		return aNull
	case map[string]any:
		return aObject
	case []any:
		return aArray
	}
	switch r := reflect.ValueOf(v); {
	case r.Kind() == reflect.Bool:
		return aBoolean
	case r.CanInt() || r.CanUint() || r.CanFloat() && r.Float() == float64(int64(r.Float())):
		return aInteger | aNumber
	case r.CanFloat():
		return aNumber
	}
	return aString // of a time, too
}

// misfit says where a value has not the shape that it should have.
type misfit struct {
	path []string
	says string
}

func (m *misfit) Error() string { return strings.Join(m.path, ".") + " " + m.says }

// deeper returns the one that is deeper in the file: where a value may have several shapes, it is about the one that
// was meant.
func deeper(a, b *misfit) *misfit {
	if a == nil || b != nil && len(b.path) > len(a.path) {
		return b
	}
	return a
}

// fit returns where a file has not the shape of a compose file, or nil.
func fit(file map[string]any) error {
	if m := fits(wholeFile, file, nil); m != nil {
		return m
	}
	return nil
}

func fits(number int16, v any, path []string) *misfit {
	s := &shapes[number]
	fail := func(format string, args ...any) *misfit {
		return &misfit{slices.Clone(path), fmt.Sprintf(format, args...)}
	}
	if s.kinds != 0 && s.kinds&kindsOf(v) == 0 {
		return fail("must be a %s", s.kinds)
	}
	var found *misfit
	switch v := v.(type) {
	case map[string]any:
		found = s.fitKeys(v, path)
	case []any:
		found = s.fitItems(v, path)
	default:
		if says := s.refuses(v); says != "" {
			found = fail("%s", says)
		}
	}
	if len(s.oneOf) == 0 {
		return found
	}
	var all *misfit
	for _, one := range s.oneOf {
		m := fits(one, v, path)
		if m == nil {
			return found
		}
		all = deeper(all, m)
	}
	return deeper(found, all)
}

func (s *shape) fitKeys(v map[string]any, path []string) (found *misfit) {
	for _, name := range s.required {
		if _, ok := v[name]; !ok {
			found = deeper(found, &misfit{slices.Clone(path), "missing property '" + name + "'"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		at := append(slices.Clip(path), name)
		i, known := slices.BinarySearchFunc(s.keys, name, func(k key, name string) int { return cmp.Compare(k.name, name) })
		switch {
		case known:
			found = deeper(found, fits(s.keys[i].shape, v[name], at))
		case s.extras && strings.HasPrefix(name, "x-"):
		case s.names != nil && s.names.Get().MatchString(name) || s.names == nil && !s.closed:
			found = deeper(found, fits(s.rest, v[name], at))
		case s.closed:
			found = deeper(found, &misfit{at, "is an additional property, which is not allowed"})
		}
	}
	return found
}

func (s *shape) fitItems(v []any, path []string) (found *misfit) {
	for i, item := range v {
		found = deeper(found, fits(s.items, item, append(slices.Clip(path), strconv.Itoa(i))))
		if s.unique {
			if same := slices.IndexFunc(v[:i], func(other any) bool { return reflect.DeepEqual(item, other) }); same >= 0 {
				found = deeper(found, &misfit{slices.Clone(path), fmt.Sprintf("items at %d and %d are equal", same, i)})
			}
		}
	}
	return found
}

// refuses returns what is wrong with a value that is neither a mapping nor a list, or "".
func (s *shape) refuses(v any) string {
	text, isText := v.(string)
	switch {
	case s.enum != nil && !slices.Contains(s.enum, text):
		return "value must be one of '" + strings.Join(s.enum, "', '") + "'"
	case isText && s.pattern != "" && !regexp.MustCompile(s.pattern).MatchString(text):
		return fmt.Sprintf("'%s' does not match pattern '%s'", text, s.pattern)
	case s.bounded && !isText && v != nil:
		n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		switch {
		case err != nil:
		case n < s.least:
			return fmt.Sprintf("must be greater than or equal to %g", s.least)
		case s.most != 0 && n > s.most:
			return fmt.Sprintf("must be less than or equal to %g", s.most)
		}
	}
	return ""
}
