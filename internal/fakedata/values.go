package fakedata

import (
	"encoding/hex"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// raw makes the column's values, except NULLs, extremes and foreign keys. It returns nil for a type without known
// values.
func (c *column) raw() maker {
	m := c.known()
	if value := c.sample; m == nil && value != "" { // one that the server accepted, in every row
		return func(dst []byte, _ int64) ([]byte, bool) { return append(dst, value...), true }
	}
	return m
}

// known makes values of the types that are known here.
func (c *column) known() maker {
	if c.template != nil {
		return c.templateText()
	}
	if c.guide.in != nil {
		return c.listed(c.allowed(c.guide.in))
	}
	t, mod := c.underlying()
	switch {
	case t.kind == 'e':
		return c.listed(c.allowed(t.labels))
	case t.isArray():
		elem := c.inner(t.elem, mod, 1, c.name)
		elem.carrier, elem.start = c.carrier, c.table.first
		if elem.raw() == nil {
			return nil
		}
		return c.list(elem)
	case t.kind == 'r', t.kind == 'm':
		elem := t
		for elem.kind == 'm' || elem.kind == 'r' {
			elem = elem.elem
		}
		return c.ranges(c.inner(elem, -1, 1, c.name), t.kind == 'm')
	case t.kind == 'c':
		return c.record(t)
	}
	return c.scalar(t, mod)
}

// listed chooses from a list, the first ones more often.
func (c *column) listed(list []string) maker {
	if len(list) == 0 {
		return nil
	}
	key, n := c.key, int64(len(list))
	if c.rule != nil && c.rule.Weights != nil && c.forced == nil && !c.carrier {
		choose := c.rule.weighted(list, key)
		return func(dst []byte, i int64) ([]byte, bool) { return append(dst, list[choose(i)]...), true }
	}
	return func(dst []byte, i int64) ([]byte, bool) {
		if c.forced != nil {
			return append(dst, list[c.forced(i)%n]...), true
		}
		if c.carrier {
			return append(dst, list[(i-c.table.first)%n]...), true
		}
		d := roll(key, i)
		k := d.below(n)
		if n > 2 {
			k = min(k, d.below(n))
		}
		return append(dst, list[k]...), true
	}
}

// allowed removes from a list what the guide does not allow, and what the column considers equal to an earlier element.
func (c *column) allowed(list []string) []string {
	var out []string
	for _, s := range list {
		if !c.refusesText(s) && !slices.ContainsFunc(out, func(o string) bool { return c.fold(o) == c.fold(s) }) {
			out = append(out, s)
		}
	}
	return out
}

func (c *column) scalar(t *dataType, mod int32) maker {
	switch t.name {
	case "int2", "int4", "int8", "oid", "xid", "numeric", "float4", "float8", "money":
		return c.number()
	case "bool":
		return c.flag(c.allowed(boolsFor(c.name)))
	case "text", "varchar", "bpchar", "name", "citext", "char":
		return c.text()
	case "uuid":
		return c.drawn(func(dst []byte, _ int64, d *dice) []byte { return appendUUID(dst, d) })
	case "json", "jsonb":
		return c.document()
	case "date", "time", "timetz", "timestamp", "timestamptz":
		return c.temporal(t.name, mod)
	case "bit", "varbit":
		return c.bits(t.name, mod)
	}
	return c.rare(t)
}

// flag makes true and false; what its name calls rare is true in few rows.
func (c *column) flag(list []string) maker {
	if len(list) < 2 || list[0] != "false" || c.carrier || c.forced != nil {
		return c.listed(list)
	}
	return c.drawn(func(dst []byte, _ int64, d *dice) []byte { return strconv.AppendBool(dst, d.percent(12)) })
}

// drawn makes values with the dice of the column's cells.
func (c *column) drawn(write func(dst []byte, i int64, d *dice) []byte) maker {
	key := c.key
	return func(dst []byte, i int64) ([]byte, bool) {
		d := roll(key, i)
		return write(dst, i, &d), true
	}
}

// boolsFor lists the more frequent value first, in the proportion that a flag's name suggests.
func boolsFor(name string) []string {
	if says(name, &rarelyTrue) {
		return []string{"false", "true"}
	}
	return []string{"true", "false"}
}

var rarelyTrue = lazy.Words{Text: "deleted archived revoked banned locked disabled hidden spam nsfw deprecated admin superuser suspended system pinned core test"}

func (c *column) bits(name string, mod int32) maker {
	width := int(mod)
	if width <= 0 {
		width = 1
		if name == "varbit" {
			width = 32
		}
	}
	return c.drawn(func(dst []byte, i int64, d *dice) []byte {
		n := uint64(i)
		if c.forced != nil {
			n = uint64(c.forced(i))
		}
		for k := width - 1; k >= 0; k-- {
			bit := n >> k & 1 // 0 where the number has fewer bits
			if !c.carrier && c.forced == nil {
				bit = d.next() & 1
			}
			dst = append(dst, byte('0'+bit))
		}
		return dst
	})
}

// rare makes values of the server's less frequent types. Those that cannot be ordered never distinguish rows.
func (c *column) rare(t *dataType) maker {
	unique := c.carrier
	coordinate := func(dst []byte, d *dice) []byte {
		return scaled{scale: 3}.write(dst, d.between(-90_000, 90_000))
	}
	write := map[string]func(dst []byte, i int64, d *dice) []byte{
		"bytea": func(dst []byte, i int64, d *dice) []byte {
			var b [16]byte
			for k := range b {
				b[k] = byte(d.next())
			}
			return hex.AppendEncode(append(dst, `\x`...), b[:])
		},
		"interval": func(dst []byte, i int64, d *dice) []byte {
			if unique {
				return append(strconv.AppendInt(dst, i+1, 10), " seconds"...)
			}
			return append(strconv.AppendInt(dst, d.between(1, 86400*30), 10), " seconds"...)
		},
		"inet":     func(dst []byte, i int64, d *dice) []byte { return appendAddress(dst, i, unique, d) },
		"cidr":     func(dst []byte, i int64, d *dice) []byte { return append(appendAddress(dst, i, unique, d), "/32"...) },
		"macaddr":  func(dst []byte, i int64, d *dice) []byte { return appendMAC(dst, i, 6, unique, d) },
		"macaddr8": func(dst []byte, i int64, d *dice) []byte { return appendMAC(dst, i, 8, unique, d) },
		"xml": func(dst []byte, i int64, d *dice) []byte {
			w := of(common().nouns, d)
			return append(append(append(append(append(dst, "<note><subject>"...), w...), "</subject><size>"...), strconv.Itoa(int(d.below(100)))...), "</size></note>"...)
		},
		"tsvector": func(dst []byte, i int64, d *dice) []byte {
			dst = append(append(dst, of(common().nouns, d)...), ' ')
			if unique {
				return append(appendPadded(append(dst, 'r'), i, 1), ' ')
			}
			return append(dst, of(common().adjectives, d)...)
		},
		"tsquery": func(dst []byte, i int64, d *dice) []byte {
			return append(append(append(dst, of(common().nouns, d)...), " & "...), of(common().adjectives, d)...)
		},
		"hstore": func(dst []byte, i int64, d *dice) []byte {
			return append(append(append(append(append(dst, '"'), of(common().nouns, d)...), `"=>"`...), of(common().adjectives, d)...), '"')
		},
		"ltree": func(dst []byte, i int64, d *dice) []byte {
			return appendPadded(append(append(dst, of(common().nouns, d)...), ".n"...), i, 1)
		},
		"pg_lsn": func(dst []byte, i int64, d *dice) []byte {
			return strconv.AppendInt(append(dst, "0/"...), (i+1)&0x7fffffff, 16)
		},
		"jsonpath": func(dst []byte, i int64, d *dice) []byte {
			return append(append(dst, "$."...), of(common().nouns, d)...)
		},
	}
	for name, form := range map[string]string{
		"point": "(#,#)", "lseg": "[(#,#),(#,#)]", "path": "[(#,#),(#,#),(#,#)]", "box": "(#,#),(#,#)",
		"polygon": "((#,#),(#,#),(#,#))", "line": "{1,#,#}", "circle": "<(#,#),5>",
	} {
		write[name] = func(dst []byte, i int64, d *dice) []byte {
			if unique { // side by side, without overlap
				x := strconv.AppendInt(nil, i*20, 10)
				return append(dst, strings.NewReplacer("#,#", string(x)+",0").Replace(form)...)
			}
			for _, b := range []byte(form) {
				if b == '#' {
					dst = coordinate(dst, d)
				} else {
					dst = append(dst, b)
				}
			}
			return dst
		}
	}
	make, ok := write[t.name]
	if !ok {
		return nil
	}
	return c.drawn(make)
}

func appendAddress(dst []byte, i int64, unique bool, d *dice) []byte {
	n := uint64(d.below(1 << 24))
	if unique {
		n = uint64(i) & (1<<28 - 1)
	}
	dst = strconv.AppendUint(dst, 10+n>>24, 10)
	for _, shift := range []uint{16, 8, 0} {
		dst = strconv.AppendUint(append(dst, '.'), n>>shift&255, 10)
	}
	return dst
}

func appendMAC(dst []byte, i int64, bytes int, unique bool, d *dice) []byte {
	n := d.next()
	if unique {
		n = uint64(i)
	}
	for k := bytes - 1; k >= 0; k-- {
		b := byte(n >> (8 * k))
		if k == bytes-1 {
			b = 2 // a locally administered address
		}
		dst = append(dst, lowerHex[b>>4], lowerHex[b&15])
		if k > 0 {
			dst = append(dst, ':')
		}
	}
	return dst
}

// capacity returns how many different values the column can be given deliberately: math.MaxInt64 for any number.
func (c *column) capacity() int64 {
	t, mod := c.underlying()
	g := &c.guide
	switch {
	case c.generated || c.omit || g.null:
		return 0
	case c.template != nil:
		return c.templateCapacity()
	case g.in != nil:
		return int64(len(c.allowed(g.in)))
	case t.kind == 'e':
		return int64(len(c.allowed(t.labels)))
	case t.isArray():
		if elem := c.inner(t.elem, mod, 1, c.name); elem.capacity() == math.MaxInt64 {
			return math.MaxInt64
		}
		return 0
	case t.kind == 'r':
		elem := c.inner(t.elem, -1, 1, c.name)
		return elem.capacity() / 2
	case t.kind == 'm', t.kind == 'c':
		return 0
	}
	return c.scalarCapacity(t, mod)
}

func (c *column) scalarCapacity(t *dataType, mod int32) int64 {
	switch t.name {
	case "bool":
		return int64(len(c.allowed(boolsFor(c.name))))
	case "int2", "int4", "int8", "oid", "numeric", "float4", "float8", "money":
		n, refused := c.numbersOf(), c.refused(c.numbersOf())
		if g := &c.guide; g.max == nil && g.slots == 0 { // a carrier counts up, beyond what the name suggests
			return room(t.name, mod) - max(c.start, 0) - int64(len(refused))
		}
		lo := n.lo
		if g := &c.guide; g.slots == 0 { // it continues from existing values
			lo = max(lo, c.start)
		}
		return max(n.hi-lo+1-refused.between(lo, n.hi), 0)
	case "text", "varchar", "bpchar", "name", "citext", "char":
		return c.textCapacity()
	case "date":
		return c.moments(day, 1_000_000)
	case "time", "timetz":
		return 86400
	case "bit", "varbit":
		if mod > 0 && mod < 62 {
			return 1 << mod
		} else if mod <= 0 && t.name == "bit" {
			return 2
		}
		return math.MaxInt64
	case "inet", "cidr":
		return 1 << 28
	case "timestamp", "timestamptz":
		return c.moments(second, math.MaxInt64)
	case "uuid", "bytea", "interval", "macaddr", "macaddr8", "jsonb", "tsvector", "ltree", "pg_lsn",
		"point", "box", "circle", "polygon", "lseg":
		return math.MaxInt64
	}
	return 0
}

// room returns the number of values from 0 to the largest that the type holds.
func room(name string, mod int32) int64 {
	switch name {
	case "int2", "int4", "oid":
		return numberTypes[name].hi
	case "numeric":
		return numericLimit(mod).hi
	case "float4":
		return 1 << 20
	}
	return math.MaxInt64
}

func (c *column) textCapacity() int64 {
	if p := c.guide.pattern; p != nil && !p.marked {
		return max(p.size()-int64(len(c.guide.not)), 0)
	}
	n := c.textLength()
	if n == 0 || n >= 12 {
		return math.MaxInt64
	}
	if t, _ := c.underlying(); t.name == "char" {
		n = 1
	}
	return int64(math.Pow(36, float64(n))) - int64(len(c.refusedPadded(n)))
}
