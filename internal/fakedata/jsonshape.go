package fakedata

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// The default, seed files and existing rows show what a JSON column holds: which keys an object has, which type each
// value is, how long a list gets. New documents have that shape, with values that were seen at the same place.

// jsonShape describes documents, or their parts at one place.
type jsonShape struct {
	seen            int
	nulls, bools    int
	trues           int
	strings         []string
	numbers         []json.Number
	objects, arrays int
	keys            []string // in the order of their first appearance
	fields          map[string]*jsonShape
	element         *jsonShape
	shortest, most  int // of arrays
}

// Limits on what is kept of a shape.
const (
	mostShown  = 40 // values of one place
	mostFields = 60 // keys of one object: one with more is a map, whose keys are data
)

// shapeOf returns the shape of documents, or nil where none can be parsed.
func shapeOf(texts []string) *jsonShape {
	s := &jsonShape{}
	for _, text := range texts {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if value, err := decode(d); err == nil {
			s.add(value, 0)
		}
	}
	if s.seen == 0 {
		return nil
	}
	return s
}

// orderedObject is an object that keeps the order of its keys.
type orderedObject struct {
	keys   []string
	values []any
}

// decode reads the next value, whatever it is.
func decode(d *json.Decoder) (any, error) {
	token, err := d.Token()
	delim, nested := token.(json.Delim)
	if err != nil || !nested {
		return token, err
	}
	var keys []string
	values := []any{}
	for d.More() {
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			keys = append(keys, key.(string))
		}
		value, err := decode(d)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	if _, err := d.Token(); err != nil || delim == '[' {
		return values, err
	}
	return orderedObject{keys, values}, nil
}

func (s *jsonShape) add(value any, depth int) {
	s.seen++
	switch v := value.(type) {
	case nil:
		s.nulls++
	case bool:
		s.bools++
		if v {
			s.trues++
		}
	case string:
		if len(s.strings) < mostShown && !slices.Contains(s.strings, v) {
			s.strings = append(s.strings, v)
		}
	case json.Number:
		if len(s.numbers) < mostShown && !slices.Contains(s.numbers, v) {
			s.numbers = append(s.numbers, v)
		}
	case orderedObject:
		s.objects++
		if s.fields == nil {
			s.fields = map[string]*jsonShape{}
		}
		for i, key := range v.keys {
			if s.fields[key] == nil && len(s.keys) < mostFields {
				s.keys, s.fields[key] = append(s.keys, key), &jsonShape{}
			}
			if field := s.fields[key]; field != nil && depth < 12 {
				field.add(v.values[i], depth+1)
			}
		}
	case []any:
		if s.arrays++; s.arrays == 1 {
			s.shortest, s.element = len(v), &jsonShape{}
		}
		s.shortest, s.most = min(s.shortest, len(v)), max(s.most, len(v))
		for _, inner := range v {
			if depth < 12 {
				s.element.add(inner, depth+1)
			}
		}
	}
}

// append appends a document of the shape.
func (s *jsonShape) append(dst []byte, d *dice) []byte {
	texts, numbers := min(len(s.strings), 1), min(len(s.numbers), 1)
	kinds := s.nulls + s.bools + s.objects + s.arrays
	others := s.seen - kinds // texts and numbers were seen this often
	n := d.below(int64(max(s.seen, 1)))
	for _, part := range []struct {
		often int
		write func() []byte
	}{
		{s.nulls, func() []byte { return append(dst, "null"...) }},
		{s.bools, func() []byte { return strconv.AppendBool(dst, d.below(int64(max(s.bools, 1))) < int64(s.trues)) }},
		{s.objects, func() []byte { return s.appendObject(dst, d) }},
		{s.arrays, func() []byte { return s.appendArray(dst, d) }},
	} {
		if n -= int64(part.often); n < 0 {
			return part.write()
		}
	}
	if others > 0 && texts > 0 && (numbers == 0 || d.below(int64(len(s.strings)+len(s.numbers))) < int64(len(s.strings))) {
		return appendJSONText(dst, of(s.strings, d))
	}
	if numbers > 0 {
		return append(dst, s.numbers[d.below(int64(len(s.numbers)))]...)
	}
	return append(dst, "null"...)
}

func (s *jsonShape) appendObject(dst []byte, d *dice) []byte {
	dst = append(dst, '{')
	first := true
	for _, key := range s.keys {
		field := s.fields[key]
		if d.below(int64(s.objects)) >= int64(field.seen) { // as often as it was seen
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(appendJSONText(dst, key), ": "...)
		dst = field.append(dst, d)
	}
	return append(dst, '}')
}

func (s *jsonShape) appendArray(dst []byte, d *dice) []byte {
	dst = append(dst, '[')
	for k := range d.between(int64(s.shortest), int64(s.most)) {
		if k > 0 {
			dst = append(dst, ", "...)
		}
		dst = s.element.append(dst, d)
	}
	return append(dst, ']')
}

func appendJSONText(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text)
	return append(dst, quoted...)
}

// settleShape determines the shape of a JSON column. Where nothing shows it, the default decides.
func (c *column) settleShape() {
	c.shape = nil
	if u, _ := c.underlying(); u.name != "json" && u.name != "jsonb" {
		return
	}
	texts := slices.Clone(c.seen)
	if e := parseExpr(c.def); e != nil && e.kind == "const" && (len(texts) == 0 || e.text != "{}" && e.text != "[]") {
		texts = append(texts, e.text)
	}
	c.shape = shapeOf(texts)
	if c.shape != nil && c.guide.jsonType != "" && c.shape.typed(c.guide.jsonType) < c.shape.seen {
		c.shape = nil
	}
}

// typed returns how many documents have a type of jsonb_typeof.
func (s *jsonShape) typed(name string) int {
	return map[string]int{"object": s.objects, "array": s.arrays, "boolean": s.bools, "null": s.nulls}[name]
}
