package fakedata

import "testing"

// FuzzExpressionsAreReadOrRefused parses any text: whatever it is, parsing ends, and a guide made from it has no
// pattern that its own values do not match.
func FuzzExpressionsAreReadOrRefused(f *testing.F) {
	for _, text := range []string{
		`((a > 0) AND (a <= (10)::numeric))`, `((b)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))`,
		`(b ~ '^[A-Z]{2}-[0-9]{3}$'::text)`, `(NOT ((a IS NULL) OR (b = lower(b))))`, `(length(TRIM(BOTH FROM b)) > 3)`, `E'\\'' "q`, `(a % 7) = 3`,
		`CASE WHEN a THEN b END`, `(b ~~ '%_x'::text) COLLATE "C"`, `a = ANY (`, `now() > a::timestamp(3) with time zone`, `num_nonnulls(a, b) = 1`, `a[1] = 2`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table := &table{}
		for _, c := range []struct{ name, typ string }{{"a", "int4"}, {"b", "text"}} {
			category := byte('N')
			if c.typ == "text" {
				category = 'S'
			}
			table.columns = append(table.columns, &column{table: table, name: c.name, typmod: -1, typ: &dataType{name: c.typ, kind: 'b', category: category}})
		}
		table.checks = []*check{{name: "c", text: text}}
		table.settle()
		for _, c := range table.columns {
			make := c.maker(1)
			value, ok := make(nil, 5)
			if p := c.guide.pattern; ok && p != nil && c.guide.in == nil && !c.guide.lower && !c.guide.upper && !p.matches(value) {
				t.Errorf("%s: %q does not match %s", text, value, p.all)
			}
		}
	})
}

func TestShufflesAreWholeAndSharesGrow(t *testing.T) {
	for _, n := range []int64{1, 2, 3, 7, 64, 1000, 4097} {
		seen := make([]bool, n)
		order := newShuffle(n, 99)
		for i := range n {
			at := order.at(i)
			if at < 0 || at >= n || seen[at] {
				t.Fatalf("of %d, %d comes out at %d, again or beyond", n, i, at)
			}
			seen[at] = true
		}
		for k := range n {
			first := firstOfShare(k, 500, n)
			if first < 500 && share(first, 500, n) < k || first > 0 && share(first-1, 500, n) >= k {
				t.Errorf("the share of %d in %d begins at %d", k, n, first)
			}
		}
	}
}
