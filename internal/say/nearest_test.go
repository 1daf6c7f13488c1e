package say

import (
	"strings"
	"testing"
)

func TestTheNearestNameIsOffered(t *testing.T) {
	types := []string{"String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"}
	for _, c := range []struct{ name, want string }{
		{"strng", "String"}, {"STRING", "String"}, {"Sting", "String"}, {"Strnig", "String"}, {"Boolaen", "Boolean"},
		{"Bolean", "Boolean"}, {"Json5", "Json"}, {"x", ""}, {"Completely", ""}, {"", ""}, {strings.Repeat("String", 50), ""},
	} {
		if got := Nearest(c.name, types); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}
