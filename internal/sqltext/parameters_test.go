package sqltext

import (
	"strings"
	"testing"
)

func TestAParameterIsAColonWithANameBehindIt(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT :a":               "a",
		"WHERE x=:from AND y<:to": "from to",
		"(:a,:b)":                 "a b",
		":a::int, :b ::text":      "a b",
		"x::text":                 "",
		"x :: text":               "",
		"f(a := 1, b=>:c)":        "c",
		"':a' \"b:c\" $$:d$$ $t$:e$t$ E'\\':f' -- :g": "",
		"/* :a /* :b */ :c */ :d":                     "d",
		"arr[1:n], arr[:n], arr[m:n], arr[f(1):n]":    "",
		"arr[(:a):(:b)]":                              "a b",
		"'x':a":                                       "",
		": a":                                         "",
		":'a' || :'b'":                                "a b",
		`:"table"`:                                    `"table`,
		":''":                                         "",
		":'a b'":                                      "",
		":1":                                          "",
		"SELECT :größe, :_x1":                         "größe _x1",
		"{\"a\":b}":                                   "",
		":a:b":                                        "a",
		":":                                           "",
		"":                                            "",
	} {
		var got []string
		for _, p := range NamedParameters(text) {
			name := p.Name
			if p.Identifier {
				name = `"` + name
			}
			got = append(got, name)
			if raw := text[p.Start:p.End]; strings.Trim(raw, `:'"`) != p.Name || raw[0] != ':' {
				t.Errorf("%q: %+v is %q", text, p, raw)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}
