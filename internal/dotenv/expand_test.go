package dotenv

import (
	"strings"
	"testing"
)

func TestSubstitutionsAreMadeAsDotenvExpandDoes(t *testing.T) {
	const others = "PORT=5433\nHOST=localhost\nAT=${HOST}:${PORT}\nEMPTY=\nA=$B\nB=$A\nLIT='$PORT'\nPORT=5434\n"
	for value, want := range map[string]string{
		"x":                      "x",
		"${PORT}":                "5434", // the last one counts
		"$HOST:$PORT/x":          "localhost:5434/x",
		`"h=${AT}"`:              "h=localhost:5434",
		"'${PORT}'":              "5434", // docker compose would leave it
		"`${PORT}`":              "5434",
		`\$PORT`:                 "$PORT",
		"${NONE:-7}":             "7",
		"${NONE-7}":              "7",
		"${EMPTY:-${PORT}}":      "5434",
		"${EMPTY:-8}":            "8",
		"${PORT:-8}":             "5434",
		"${NONE:-a${NONE:-b}c}d": "abcd",
		"${PORT":                 "${PORT",
		"${PORT?no}":             "${PORT?no}",
		"${NONE}/$OTHER/${NONE}": "${NONE}/$OTHER/${NONE} ? NONE OTHER",
		"$A":                     "$A ? A",
		"$LIT":                   "5434",
		"100$ $1 ${}":            "100$ $1 ${}",
	} {
		entries := Read([]byte(others + "V=" + value))
		e, _ := Last(entries, "V")
		got, unknown := e.Expand(func(name string) (Entry, bool) { return Last(entries, name) })
		if len(unknown) > 0 {
			got += " ? " + strings.Join(unknown, " ")
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
}

func TestSubstitutionsThatDoubleEachOtherEnd(t *testing.T) {
	src := "A0=xxxxxxxxxx\n"
	for i := range 9 {
		n := string(rune('0' + i))
		src += "A" + string(rune('1'+i)) + "=" + strings.Repeat("$A"+n, 20) + "\n"
	}
	entries := Read([]byte(src + "V=$A9"))
	e, _ := Last(entries, "V")
	value, unknown := e.Expand(func(name string) (Entry, bool) { return Last(entries, name) })
	if len(unknown) == 0 || len(value) > 8<<20 {
		t.Errorf("%d bytes, unknown %v", len(value), unknown)
	}
}

func FuzzExpanding(f *testing.F) {
	for _, seed := range []string{"A=$A", "A=${B:-${C}}\nB=${A}", "A=\\$", "A=${", "A=$"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4096 {
			return
		}
		entries := Read(src)
		for _, e := range entries {
			e.Expand(func(name string) (Entry, bool) { return Last(entries, name) })
		}
	})
}
