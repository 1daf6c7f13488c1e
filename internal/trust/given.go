package trust

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Variable is the environment variable with which the user allows things up front, as for a CI.
const Variable = "NAAP_TRUST"

// Given is what the user allowed up front, for this run: by a flag or in the environment. The zero Given allows
// nothing.
type Given struct{ entries []entry }

// entry allows everything, a kind, one hash, or all of the workspaces in a folder; unset fields do not restrict.
type entry struct {
	all    bool
	kind   Kind
	hash   string
	folder string
	by     string
}

// Give returns a Given of everything of some kinds; by says what allows them: "--run-seed-commands".
func Give(by string, kinds ...Kind) Given {
	var g Given
	for _, k := range kinds {
		g.entries = append(g.entries, entry{kind: k, by: by})
	}
	return g
}

// And returns what either allows.
func (g Given) And(other Given) Given { return Given{slices.Concat(g.entries, other.entries)} }

// Parse parses a list as in NAAP_TRUST, separated by commas: "all", a kind, the beginning of a hash, or the absolute
// path of a folder, for all workspaces in it. by is where the list is, for people. The error is one clause.
func Parse(list, by string) (Given, error) {
	var g Given
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		switch {
		case word == "":
		case word == "all":
			g.entries = append(g.entries, entry{all: true, by: by})
		case slices.Contains(Kinds(), Kind(word)):
			g.entries = append(g.entries, entry{kind: Kind(word), by: by})
		case filepath.IsAbs(word):
			g.entries = append(g.entries, entry{folder: canonical(word), by: by})
		case isHash(word):
			g.entries = append(g.entries, entry{hash: word, by: by})
		default:
			return Given{}, wrongWord(word)
		}
	}
	return g, nil
}

func wrongWord(word string) error {
	names := []string{"all"}
	names = append(names, say.Each(Kinds(), func(k Kind) string { return string(k) })...)
	if near := say.Nearest(word, names); near != "" {
		return fmt.Errorf("knows no %q; did you mean %s?", visible.String(word), near)
	}
	return fmt.Errorf("knows no %q; it takes all, an absolute folder, a hash, or one of %s", visible.String(word), strings.Join(names[1:], ", "))
}

// isHash reports whether a word is a hash, or as much of its beginning as is shown.
func isHash(word string) bool {
	return len(word) >= shortHash && len(word) <= 64 && strings.Trim(word, "0123456789abcdef") == ""
}

// allows returns what allows an item of a workspace, for people, or "".
func (g Given) allows(workspace string, item Item) string {
	for _, e := range g.entries {
		switch {
		case e.all, e.kind != "" && e.kind == item.Kind, e.hash != "" && strings.HasPrefix(item.Hash(), e.hash):
			return e.by
		case e.folder != "" && (workspace == e.folder || strings.HasPrefix(workspace, strings.TrimSuffix(e.folder, string(filepath.Separator))+string(filepath.Separator))):
			return e.by
		}
	}
	return ""
}
