package shell

import (
	"fmt"
	"strings"
	"testing"
)

// describe returns a script's content on one line.
func describe(s *Script) string {
	var out []string
	words := func(list []Word) string {
		var texts []string
		for _, w := range list {
			text := w.Text
			if !w.Static {
				text = "~" + text
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, ",")
	}
	for _, c := range s.Commands {
		line := words(c.Words)
		for _, a := range c.Assignments {
			if a.IsList {
				line += fmt.Sprintf(" %s=(%s)", a.Name, words(a.List))
			} else {
				line += fmt.Sprintf(" %s=%s", a.Name, words([]Word{a.Value}))
			}
		}
		out = append(out, strings.TrimSpace(line))
	}
	for _, l := range s.Loops {
		out = append(out, fmt.Sprintf("for %s: %s", l.Name, words(l.List)))
	}
	for _, d := range s.Defaults {
		out = append(out, fmt.Sprintf("default %s: %s", d.Name, d.Value))
	}
	return strings.Join(out, " | ")
}

func TestScriptsAreReadIntoCommands(t *testing.T) {
	for src, want := range map[string]string{
		"docker run -d postgres:16":               "docker,run,-d,postgres:16",
		"docker run \\\n  -d \\\n  'postgres:16'": "docker,run,-d,postgres:16",
		"a && b || c; d & e | f":                  "a | b | c | d | e | f",
		"# docker run postgres\nx # y":            "x",
		"a#b":                                     "a#b",
		"#!/bin/bash\nx":                          "x",
		"if a; then b; else c; fi":                "a | b | c",
		"if ! a b; then c; fi":                    "a,b | c",
		"(a; b)":                                  "a | b",
		"f() { a; }":                              "f | a",
		"x=$(a b)":                                "a,b | x=~$(a b)",
		"x=\"$(a \"b c\")\"":                      "a,b c | x=~$(a \"b c\")",
		"x=`a b`":                                 "a,b | x=~`a b`",
		"A=1 B='2 3' cmd x":                       "cmd,x A=1 B=2 3",
		"export A=1 B=2":                          "export A=1 B=2",
		"echo A=1":                                "echo,A=1",
		"L=(a \"b\" 'c' # no\n d\n)":              "L=(a,b,c,d)",
		"declare -a L=(a b)":                      "declare,-a L=(a,b)",
		"L+=(x)":                                  "L=(x)",
		"for s in a \"b\" c; do x $s; done":       "x,~$s | for s: a,b,c",
		"for s in \"${L[@]}\"; do x; done":        "x | for s: ~${L[@]}",
		"U=${D:-pg://x}":                          "U=~${D:-pg://x} | default D: pg://x",
		"U=\"${D:=pg://x:${P:-1}/y}\"":            "U=~${D:=pg://x:${P:-1}/y} | default P: 1 | default D: pg://x:${P:-1}/y",
		": ${D?no}":                               ":,~${D?no}",
		"cat <<EOF\ndocker run postgres\nEOF\nx":  "cat | x",
		"cat <<-'E' > f\n\tdocker run postgres\n\tE\nx": "cat | x",
		"cat <<< word; x":              "cat | x",
		"a > out 2>&1 < in; b":         "a | b",
		"echo \"docker run postgres\"": "echo,docker run postgres",
		"x=$((1 + (2)))":               "x=~$((1 + (2)))",
		"diff <(a b) c":                "diff | a,b | c",
		"a\r\nb\r\n":                   "a | b",
		"case x in\n  a) b;;\nesac":    "case,x,in | a | b",
		"x 'unclosed":                  "x,unclosed",
		"U=${{ secrets.U }}; b":        "U=~${{ secrets.U }} | b",
		"env A=1 npx b":                "env,npx,b A=1",
	} {
		if got := describe(Read([]byte(src))); got != want {
			t.Errorf("%q\n got %s\nwant %s", src, got, want)
		}
	}
}

func FuzzReading(f *testing.F) {
	for _, seed := range []string{"a $(b `c` ${d:-e}) 'f' \"g\" <<h\ni\nh\n", "x=(", "${", "$((", "<<", "`", "\\"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s := Read(src)
		for _, c := range s.Commands {
			for _, w := range c.Words {
				if w.At.Start > w.At.End || w.At.End > len(src) {
					t.Fatalf("word %+v of %d bytes", w, len(src))
				}
			}
			for _, d := range c.Documents {
				if d.At.Start > d.At.End || d.At.End > len(src) || d.Text != string(src[d.At.Start:d.At.End]) {
					t.Fatalf("document %+v of %d bytes", d, len(src))
				}
			}
		}
	})
}

func TestAScriptOfBracketsIsReadToItsEnd(t *testing.T) {
	for _, open := range []string{"(", "$(", "${x:-", `"$(`, "if ", "{ "} {
		s := Read([]byte(strings.Repeat(open, 300_000) + "\n"))
		if s == nil {
			t.Errorf("%s: nothing was read", open)
		}
	}
}
