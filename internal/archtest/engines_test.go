package archtest

import (
	"slices"
	"strconv"
	"testing"
)

// aboveEngines are the rooms that know of an engine only its interface, and no names. The backend for tests of the
// screens is in tui/fake.
var aboveEngines = []string{"cmd/naap", "internal/backend", "internal/backup", "internal/devenv", "internal/doctor", "internal/fakehints", "internal/password",
	"internal/pgtools", "internal/postgres", "internal/reach", "internal/reset", "internal/schemaplan", "internal/command", "internal/watch", "tui"}

// Code that branches on an engine's name has to be found again for each new engine.
func TestTheEnginesNamesStandInTheEnginesRoomOnly(t *testing.T) {
	names := []string{"docker", "embedded", "external"}
	seen := map[string]bool{}
	for _, s := range house(t) {
		above := slices.Contains(aboveEngines, s.room)
		if s.test || s.path == "tui/fake/look.go" || !above && s.room != "internal/engine" {
			continue
		}
		for _, lit := range texts(s.tree) {
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !slices.Contains(names, text) {
				continue
			}
			if seen[text] = true; above {
				t.Errorf("%s:%d: %s: ask the engine, or its Kind", s.path, s.files.Position(lit.Pos()).Line, lit.Value)
			}
		}
	}
	for _, name := range names {
		if !seen[name] {
			t.Errorf("no engine is named %q", name)
		}
	}
}
