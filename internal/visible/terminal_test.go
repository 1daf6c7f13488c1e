package visible

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// terminal returns a file in place of a terminal, and a function that returns what was written to it.
func terminal(t *testing.T) (*Terminal, func() string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "tty"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return NewTerminal(f), func() string {
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestATerminalKeepsNaapsOwnSequencesAndNoOther(t *testing.T) {
	term, written := terminal(t)
	for _, piece := range []string{"\x1b[31merror\x1b[0m a\tb\n", "\r\x1b[2K…", "\x1b]0;x\x07\x1b[8mhid\x1b[2J\r", "gr\xc3", "\xb6\xc3\x9fe \xe2\x80", "\xae!"} {
		if n, err := term.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatalf("%d of %q: %v", n, piece, err)
		}
	}
	if got, want := written(), "\x1b[31merror\x1b[0m a\tb\n\r\x1b[2K…␛]0;x␇␛[8mhid␛[2J␍größe ‹U+202E›!"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADocumentForATerminalIsTheSameValue(t *testing.T) {
	const value = "a\u009b31m\u202e\u2066\x7f\u200d\U000E0041\u00ad\u2028 漢字 \x1b]0;\n"
	doc, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out := JSON(doc)
	for _, r := range string(out) {
		if r != 0x200d && unicode.In(r, unicode.Cc, unicode.Cf) {
			t.Errorf("%U is left in %s", r, out)
		}
	}
	var got string
	if err := json.Unmarshal(out, &got); err != nil || got != value {
		t.Errorf("%s is %q: %v", out, got, err)
	}
	if plain := []byte(`{"a":"漢字"}`); &JSON(plain)[0] != &plain[0] {
		t.Error("a plain document is copied")
	}
}

func TestWhatIsCopiedIsSafeToPaste(t *testing.T) {
	for in, want := range map[string]string{
		"plain\nlines\tand שלום\u200f": "plain\nlines\tand שלום\u200f",
		"rm -rf ~\n":                   "rm -rf ~",
		"a\r\nb\r\n":                   "a\nb",
		"a\x1b[201~\rid\n":             "a␛[201~␍id",
		"\u009b201~":                   "‹U+009B›201~",
		"\xff\x00":                     "‹0xFF›␀",
	} {
		got, changed := Paste(in)
		if got != want || changed != strings.ContainsAny(got, "␛‹") {
			t.Errorf("Paste(%q) = %q, %v", in, got, changed)
		}
	}
}

func FuzzATerminalIsNotMoved(f *testing.F) {
	f.Add("a\x1b[31m\x1b[2J\r\x1b[2K\r\xc3", 3)
	f.Fuzz(func(t *testing.T, s string, cut int) {
		term, written := terminal(t)
		cut = max(0, min(cut, len(s)))
		for _, piece := range []string{s[:cut], s[cut:]} {
			if _, err := term.Write([]byte(piece)); err != nil {
				t.Fatal(err)
			}
		}
		out := written()
		for _, seq := range own {
			out = strings.ReplaceAll(out, string(seq), "")
		}
		for _, r := range out {
			if r != '\n' && r != '\t' && unicode.Is(unicode.Cc, r) {
				t.Fatalf("%q is left of %q", r, s)
			}
		}
	})
}
