package fakedata

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// ParseCounts parses how many rows tables should have: a JSON object, {"public.User": 1200}, or lines of a table's name
// and number, separated by a blank, tab, comma, colon or equals sign. Lines that begin with # are skipped. The error
// has the code fake.counts and names the line; file is what it calls the text.
func ParseCounts(file, text string) (map[string]int64, error) {
	counts := map[string]int64{}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if err := json.Unmarshal([]byte(text), &counts); err != nil {
			return nil, countsMalformed(file, 1, err.Error())
		}
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			if counts[name] < 0 {
				return nil, countsMalformed(file, lineOf(text, name), fmt.Sprintf("%q: %d", name, counts[name]))
			}
		}
		return counts, nil
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, rows, err := ParseCount(line)
		if err != nil {
			return nil, countsMalformed(file, n, line)
		}
		counts[name] = rows
	}
	return counts, nil
}

// lineOf returns the line on which a name first appears.
func lineOf(text, name string) int {
	before, _, _ := strings.Cut(text, name)
	return strings.Count(before, "\n") + 1
}

// ParseCount parses one table's number of rows, such as "public.User=1200".
func ParseCount(text string) (table string, rows int64, err error) {
	at := strings.LastIndexAny(text, " \t,:=")
	if at > 0 {
		digits := strings.NewReplacer("_", "", "'", "").Replace(text[at+1:])
		table = strings.Trim(text[:at], " \t,:=\"")
		rows, err = strconv.ParseInt(digits, 10, 64)
	}
	if at <= 0 || err != nil || rows < 0 || table == "" {
		return "", 0, remedy.New("fake.counts", remedy.ExitUsage, "%q is not a table with a number of rows", text).WithFix("write Table=1000 or schema.Table=1000")
	}
	return table, rows, nil
}

func countsMalformed(file string, line int, what string) error {
	return remedy.New("fake.counts", remedy.ExitUsage, "%s:%d: no table with a number of rows", file, line).WithSeen(what).
		WithFix("write a line a table, such as: public.User 1200")
}
