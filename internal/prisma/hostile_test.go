package prisma

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A text may have any length and repeat anything: none of these takes time that grows with its square, which would
// exceed any test's deadline.
func TestHostileTextsAreReadInTime(t *testing.T) {
	rep := strings.Repeat
	for name, text := range map[string]string{
		"dots of a type":      "model A {\n id Int @id @db" + rep(".a", 500_000) + "\n}\n",
		"dots of an argument": "model A {\n id Int @id @default(a" + rep(".a", 500_000) + ")\n}\n",
		"calls":               "model A {\n id Int @id @default(" + rep("f(", 300_000) + "\n}\n",
		"attributes":          "model A {\n id Int @id " + rep("@a ", 30_000) + "\n}\n",
		"blocks":              rep("model A {", 100_000),
		"a comment":           "/*" + rep("*", 1_000_000),
		"a line":              rep("x ", 300_000),
		"quotes":              rep("\"", 1_000_000),
		"one model":           rep("model A {\n id Int @id\n}\n", 20_000),
	} {
		_, err := Parse(Source{Name: "a.prisma", Text: text})
		var found *Diagnostics
		if !errors.As(err, &found) || len(found.RenderFirst(20, false)) > 40_000 || len(err.Error()) > 1000 {
			t.Errorf("%s: %.300v", name, err)
		}
	}
}

func TestOfManyMistakesTheFirstAreShownAndTheOthersCounted(t *testing.T) {
	var b strings.Builder
	for i := range 14_000 {
		fmt.Fprintf(&b, "  f%d Strng%d\n", i, i)
	}
	_, err := Parse(Source{Name: "a.prisma", Text: "model A {\n  id Int @id\n" + b.String() + "}\n"})
	var found *Diagnostics
	if !errors.As(err, &found) || found.Errors() != 14_000 {
		t.Fatalf("got %.200v", err)
	}
	text := found.RenderFirst(20, false)
	if strings.Count(text, "error:") != 20 || !strings.HasSuffix(text, "\nand 13980 more\n") {
		t.Errorf("it shows\n%s", text)
	}
	if text := found.RenderFirst(14_000, false); strings.Count(text, "error:") != 14_000 || strings.Contains(text, "more\n") {
		t.Error("of as many as are shown some are missing")
	}
}
