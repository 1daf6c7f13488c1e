package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/devenv"
)

func TestCommandsInMessagesMeanTheSameInstanceAndFolder(t *testing.T) {
	for _, c := range []struct{ name, dir, text, want string }{
		{"", "", "naap dev up", "naap dev up"},
		{"naap", "", "naap dev up", "naap dev up"},
		{"two", "", "naap dev up", "naap dev up --name two"},
		{"two", "", "start it with: naap dev up --engine embedded", "start it with: naap dev up --name two --engine embedded"},
		{"two", "", "naap dev up --name other", "naap dev up --name other"},
		{"two", "", "naap dev backup x && naap dev down    (stops it)", "naap dev backup --name two x && naap dev down --name two    (stops it)"},
		{"two", "", "DATABASE_URL=$(naap dev url) npm run seed", "DATABASE_URL=$(naap dev url --name two) npm run seed"},
		{"two", "", "naap dev --name other restore x", "naap dev --name other restore x"},
		{"two", "", "in the terminal app: naap dev, then i", "in the terminal app: naap dev, then i"},
		{"", "../my repo", "naap dev push", "naap -C '../my repo' dev push"},
		{"two", "../repo", "naap check", "naap -C ../repo check"},
		{"two", "../repo", "naap dev push", "naap -C ../repo dev push --name two"},
	} {
		a := &app{dir: c.dir, flags: map[string]string{"instance": c.name}}
		if got := a.runnable(c.text); got != c.want {
			t.Errorf("--name %q -C %q: %q became %q, want %q", c.name, c.dir, c.text, got, c.want)
		}
		if got := a.runnable(a.runnable(c.text)); c.dir == "" && got != c.want {
			t.Errorf("completed twice, %q became %q, want %q", c.text, got, c.want)
		}
	}
}

func TestWarningsOfAStatusNameTheInstanceToo(t *testing.T) {
	const warning, want = "stop it and start it again for that: naap dev down && naap dev up", "naap dev down --name two && naap dev up --name two"
	var out bytes.Buffer
	a := &app{out: &out, flags: map[string]string{"instance": "two"}}
	a.printStatus(&devenv.Status{Warnings: []string{warning}})
	if !strings.Contains(out.String(), want) {
		t.Errorf("the page:\n%s", out.String())
	}
	st := &devenv.Status{Warnings: []string{warning}}
	if a.completeStatus(st); !strings.Contains(st.Warnings[0], want) {
		t.Errorf("the document: %q", st.Warnings)
	}
}
