package fakedata

import (
	"strconv"
	"sync"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// lexicon is what most texts are made of, kept at hand to save the lookup in the stocks.
type lexicon struct{ nouns, adjectives []string }

var common = sync.OnceValue(func() lexicon { return lexicon{stock("noun"), stock("adjective")} })

// plausible are keys that occur in any settings and notes, with values of their types.
var plausible = []struct {
	key   string
	write func(dst []byte, d *dice) []byte
}{
	{"source", func(dst []byte, d *dice) []byte { return strconv.AppendQuote(dst, of(sources, d)) }},
	{"enabled", func(dst []byte, d *dice) []byte { return strconv.AppendBool(dst, d.percent(70)) }},
	{"version", func(dst []byte, d *dice) []byte { return strconv.AppendInt(dst, d.between(1, 5), 10) }},
	{"label", func(dst []byte, d *dice) []byte { return strconv.AppendQuote(dst, of(common().nouns, d)) }},
	{"tags", appendStrings},
	{"limit", func(dst []byte, d *dice) []byte { return strconv.AppendInt(dst, d.between(1, 20)*50, 10) }},
	{"note", func(dst []byte, d *dice) []byte {
		return strconv.AppendQuote(dst, of(common().adjectives, d)+" "+of(common().nouns, d))
	}},
}

var sources = []string{"web", "api", "import", "cli", "manual"}

// appendObject appends a small JSON object with some of the plausible keys.
func appendObject(dst []byte, d *dice) []byte {
	dst = append(dst, '{')
	half := d.next() // half of them; on average a quarter
	chosen := half & d.next()
	if chosen&(1<<len(plausible)-1) == 0 {
		chosen = 1
	}
	first := true
	for k, field := range plausible {
		if chosen>>k&1 == 0 {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = field.write(append(strconv.AppendQuote(dst, field.key), ": "...), d)
	}
	return append(dst, '}')
}

func appendStrings(dst []byte, d *dice) []byte {
	dst = append(dst, '[')
	for n := d.below(4); n > 0; n-- {
		dst = append(append(append(dst, '"'), of(common().nouns, d)...), '"')
		if n > 1 {
			dst = append(dst, ", "...)
		}
	}
	return append(dst, ']')
}

// document makes JSON of the kind that the guide or the name asks for. Documents that must distinguish rows contain the
// row's number.
func (c *column) document() maker {
	form, carrier, shape := c.guide.jsonType, c.carrier, c.shape
	if form == "" && says(c.name, &lists) {
		form = "array"
	}
	return c.drawn(func(dst []byte, i int64, d *dice) []byte {
		switch {
		case carrier:
			return append(strconv.AppendInt(append(dst, `{"number": `...), i, 10), '}')
		case shape != nil:
			return shape.append(dst, d)
		case form == "array":
			return appendStrings(dst, d)
		case form == "string":
			return strconv.AppendQuote(dst, of(common().nouns, d))
		case form == "number":
			return strconv.AppendInt(dst, d.below(1000), 10)
		case form == "boolean":
			return strconv.AppendBool(dst, d.percent(50))
		}
		return appendObject(dst, d)
	})
}

// lists are words for documents that are arrays.
var lists = lazy.Words{Text: "tags labels permissions roles scopes features items list keywords categories capabilities"}

// list makes arrays of few elements, without NULLs, whose lengths the guide allows.
func (c *column) list(elem *column) maker {
	element := elem.raw()
	least, most := int64(c.guide.minLen), int64(4)
	if n := int64(c.guide.maxLen); n > 0 {
		most = min(most, n)
	}
	most = max(most, least)
	carrier, shown := c.carrier, elem.shown
	dims, _ := c.underlying()
	joint := byte(',')
	if dims.elem.name == "box" {
		joint = ';'
	}
	var scratch []byte
	return c.drawn(func(dst []byte, i int64, d *dice) []byte {
		n, at := d.between(least, most), int64(0)
		if carrier {
			n = max(n, 1)
		} else if shown != nil { // each at most once
			n, at = min(n, int64(len(shown))), d.below(int64(len(shown)))
		}
		dst = append(dst, '{')
		for k := range n {
			if k > 0 {
				dst = append(dst, joint)
			}
			switch {
			case shown != nil && !carrier:
				scratch = append(scratch[:0], shown[(at+k)%int64(len(shown))]...)
			case k > 0 || !carrier:
				scratch, _ = element(scratch[:0], i*8+k)
			default:
				scratch, _ = element(scratch[:0], i)
			}
			dst = appendQuoted(dst, scratch)
		}
		return append(dst, '}')
	})
}

// appendQuoted appends a value in the quotes of arrays, ranges and composite values, in which a backslash escapes.
func appendQuoted(dst, value []byte) []byte {
	dst = append(dst, '"')
	for _, b := range value {
		if b == '"' || b == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, b)
	}
	return append(dst, '"')
}

// ranges makes ranges [low, high). Those that must not overlap follow one another.
func (c *column) ranges(elem *column, multi bool) maker {
	low, high := *elem, *elem
	low.guide.slot, low.guide.slots = 0, 4
	high.guide.slot, high.guide.slots = 2, 4
	var from, to maker
	if c.carrier {
		from, to = c.apart(elem)
	} else {
		from, to = low.raw(), high.raw()
	}
	var a, b []byte
	return func(dst []byte, i int64) ([]byte, bool) {
		a, _ = from(a[:0], i)
		b, _ = to(b[:0], i)
		if multi {
			dst = append(dst, '{')
		}
		dst = appendQuoted(append(dst, '['), a)
		dst = append(appendQuoted(append(dst, ','), b), ')')
		if multi {
			dst = append(dst, '}')
		}
		return dst, true
	}
}

// apart returns bounds of ranges of which no two overlap.
func (c *column) apart(elem *column) (from, to maker) {
	low, high := *elem, *elem
	low.carrier, high.carrier = true, true
	low.start, high.start = c.table.first, c.table.first // counted from the first row of all, not of this run
	begins, ends := low.raw(), high.raw()
	return func(dst []byte, i int64) ([]byte, bool) { return begins(dst, i*2) },
		func(dst []byte, i int64) ([]byte, bool) { return ends(dst, i*2+1) }
}

// record makes values of a composite type.
func (c *column) record(t *dataType) maker {
	var parts []maker
	for n, f := range t.fields {
		if f.typ == nil {
			return nil
		}
		m := c.inner(f.typ, f.typmod, uint64(n+1), f.name).raw()
		if m == nil {
			return nil
		}
		parts = append(parts, m)
	}
	var scratch []byte
	return func(dst []byte, i int64) ([]byte, bool) {
		dst = append(dst, '(')
		for n, part := range parts {
			if n > 0 {
				dst = append(dst, ',')
			}
			var ok bool
			if scratch, ok = part(scratch[:0], i); ok {
				dst = appendQuoted(dst, scratch)
			}
		}
		return append(dst, ')'), true
	}
}

// inner returns a column for a part of this one's values. No constraint of the table concerns it, but a domain has its
// own.
func (c *column) inner(t *dataType, mod int32, n uint64, name string) *column {
	in := &column{table: c.table, name: name, typ: t, typmod: mod, notNull: true, key: mix(c.key + n), subject: mix(c.key ^ n)}
	if u, _ := c.underlying(); u.isArray() {
		in.shown = c.shown
	}
	if t != nil && t.kind == 'd' {
		in.settleDomain(&table{columns: []*column{in}})
	}
	return in
}
