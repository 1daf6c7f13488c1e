package postgres

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
)

func TestStatementsAreSplitAsElsewhere(t *testing.T) {
	for text, want := range sharedStatements(t) {
		var got []string
		for _, s := range Split(text) {
			got = append(got, s.Text)
			if text[s.Offset:s.Offset+len(s.Text)] != s.Text {
				t.Errorf("%q: %q is not at %d", text, s.Text, s.Offset)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
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
