package prisma

import (
	"strings"
	"testing"
)

func TestRenderColorsTheSeverityAndThePlace(t *testing.T) {
	source := Source{Name: "a.prisma", Text: "model A {\n  id Itn @id\n}\n"}
	_, err := Parse(source)
	got := err.(*Diagnostics).Render(true)
	want := "\x1b[1ma.prisma:2:6\x1b[0m: \x1b[1;31merror:\x1b[0m There is no type `Itn`.\n" +
		"  \x1b[36m2 |\x1b[0m   id Itn @id\n" +
		"  \x1b[36m  |\x1b[0m \x1b[1;31m     ^^^\x1b[0m\n" +
		"  \x1b[36m  =\x1b[0m help: Did you mean `Int`?\n"
	if got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestRenderShowsNothingUnsafeFromNames(t *testing.T) {
	_, err := Parse(Source{Name: "a\x1b[2J.prisma", Text: "model A {\n  id Int @id @map(\"\u202e\x1b]0;x\\u001b[2J\")\n  \u009b31m\n}\n"})
	got := err.(*Diagnostics).Render(false) + err.Error()
	if strings.ContainsAny(got, "\x1b\u202e\u009b") {
		t.Errorf("unsafe: %q", got)
	}
}

func TestWarningsDoNotFail(t *testing.T) {
	s := parse(t, "model A {\n  id Int @id @default(3000000000)\n}\n")
	if len(s.Warnings) != 1 || s.Warnings[0].Severity != Warning {
		t.Fatalf("got %v", s.Warnings)
	}
	if got := render(s.Warnings, s.Sources, false); !strings.HasPrefix(got, "schema.prisma:2:23: warning: 3000000000 is outside") {
		t.Errorf("got %q", got)
	}
}
