package visible

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestControlCharactersBecomeGlyphs(t *testing.T) {
	for in, want := range map[string]string{
		"plain":               "plain",
		"漢字 é 👩‍👩‍👧":          "漢字 é 👩‍👩‍👧",
		"a\x1b]0;pwn\x07b":    "a␛]0;pwn␇b",
		"x\ny\r\tz":           "x⏎y␍␉z",
		"\u009b31m":           "‹U+009B›31m",
		"a\u202eb":            "a‹U+202E›b",
		"\xff":                "‹0xFF›",
		"\x7f":                "␡",
		"\u2028":              "‹U+2028›",
		"tag \U000E0041 here": "tag ‹U+E0041› here",
	} {
		if got := String(in); got != want {
			t.Errorf("String(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Text("a\n\tb\x1b"); got != "a\n    b␛" {
		t.Errorf("Text keeps lines: got %q", got)
	}
}

func FuzzNothingUnsafeIsLeft(f *testing.F) {
	f.Add("a\x1b[2J\xff\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		out := String(s)
		if !utf8.ValidString(out) {
			t.Fatalf("not UTF-8: %q", out)
		}
		for _, r := range out {
			if unicode.Is(unicode.Cc, r) || (unicode.Is(unicode.Cf, r) && r != 0x200c && r != 0x200d) {
				t.Fatalf("%q left in %q", r, out)
			}
		}
	})
}
