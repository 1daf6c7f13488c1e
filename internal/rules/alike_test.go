package rules

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestStatementsAreSplitAsElsewhere(t *testing.T) {
	for text, statements := range sharedStatements(t) {
		script, want := "", 0
		for range statements { // a schema between any two of them, and one in every quote
			script += statements[want] + ";CREATE SCHEMA s" + strconv.Itoa(want) + ";"
			want++
		}
		script = strings.ReplaceAll(strings.ReplaceAll(script, "';'", "';CREATE SCHEMA no;'"), "$;$", "$;CREATE SCHEMA no;$")
		if strings.Contains(text, "\n") {
			script += text // with its comments
		}
		l := initList(&file{path: "x.sql", data: []byte(script)})
		if l == nil || len(l.names) != want || l.has("no") {
			t.Errorf("%q: %+v, want %d schemas", script, l, want)
		}
	}
}

// sharedStatements returns texts and their statements, which every reader of SQL must split alike.
func sharedStatements(t *testing.T) (list map[string][]string) {
	t.Helper()
	data, err := os.ReadFile("../sqltext/testdata/statements.json")
	if err := errors.Join(err, json.Unmarshal(data, &list)); err != nil {
		t.Fatal(err)
	}
	return list
}
