package seedfile

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
)

func TestStatementsAreSplitAsElsewhere(t *testing.T) {
	for text, want := range sharedStatements(t) {
		statements, err := parse(t, text).Statements()
		var got []string
		for _, s := range statements {
			got = append(got, s.Text)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", text, got, err, want)
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
