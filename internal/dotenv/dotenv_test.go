package dotenv

import (
	"fmt"
	"strings"
	"testing"
)

func TestEveryFormOfEntryIsRead(t *testing.T) {
	for src, want := range map[string]string{
		"A=1":                          "A=1",
		"A=1\r\nB=2\r\n":               "A=1 B=2",
		"export A=1":                   "A=1",
		"  A = 1  ":                    "A=1",
		"A: 1":                         "A=1",
		"A=":                           "A=",
		"# A=1\nB=2":                   "B=2",
		"A=x # comment":                "A=x",
		"A=x#y":                        "A=x#y",
		"A=# comment":                  "A=",
		`A="x # y" # z`:                "A=x # y",
		`A='x "y"'`:                    `A='x "y"`,
		`A="a\"b\nc"`:                  "A=a\"b\nc",
		"A=\"one\ntwo\"\nB=2":          "A=one\ntwo B=2",
		"A='one\ntwo'\nB=2":            "A='one\ntwo B=2",
		"A=`x`":                        "A=x",
		`A="unclosed`:                  `A="unclosed`,
		"exportA=1":                    "exportA=1",
		"not an entry\nA=1":            "A=1",
		"https://x.y\nA=1":             "A=1",
		"\xEF\xBB\xBFA=1":              "A=1",
		"A=${B:-c}":                    "A=${B:-c}",
		"A=postgresql://u:p@h:1/d?x=y": "A=postgresql://u:p@h:1/d?x=y",
	} {
		var got []string
		for _, e := range Read([]byte(src)) {
			quote := ""
			if e.Literal {
				quote = "'"
			}
			got = append(got, fmt.Sprintf("%s=%s%s", e.Name, quote, e.Value))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", src, strings.Join(got, " "), want)
		}
	}
}

func FuzzReading(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='b\nc' # d", "A=\"\\", "A", "A:"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		at := 0
		for _, e := range Read(src) {
			if e.NameAt.Start < at || e.ValueAt.Start < e.NameAt.End || e.ValueAt.End > len(src) || e.ValueAt.End < e.ValueAt.Start {
				t.Fatalf("entry %+v behind %d of %d bytes", e, at, len(src))
			}
			at = e.ValueAt.End
		}
	})
}
