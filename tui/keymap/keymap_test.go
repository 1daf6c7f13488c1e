package keymap

import (
	"errors"
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestDefaultBindingsDoNotConflict(t *testing.T) {
	m, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Action]bool{}
	for _, b := range m.All() {
		if seen[b.Action] {
			t.Errorf("%q is listed twice", b.Action)
		}
		seen[b.Action] = true
		if len(b.Keys) == 0 || b.Short == "" || b.Help == "" || b.Group == "" {
			t.Errorf("%q lacks keys or help", b.Action)
		}
		for _, k := range b.Keys {
			if forbidden[k] != "" {
				t.Errorf("%q is bound to %s, which terminals send for %s", b.Action, k, forbidden[k])
			}
		}
	}
}

func TestKeysCanBeReplaced(t *testing.T) {
	m, err := New(map[string][]string{"detach": {"ctrl+q"}, "pause": {"space", "p"}})
	if err != nil {
		t.Fatal(err)
	}
	if m.Is("q", Detach) || !m.Is("ctrl+q", Detach) || !m.Is(" ", Pause) || m.Label(Detach) != "ctrl+q" {
		t.Errorf("got:\n%s", m)
	}
	fresh, _ := New(nil)
	if !fresh.Is("q", Detach) {
		t.Error("a replaced key changed the defaults")
	}
}

func TestBadBindingsAreRefusedWithAReason(t *testing.T) {
	for code, remap := range map[string]map[string][]string{
		"keys.unknown_action": {"explode": {"b"}},
		"keys.forbidden":      {"open": {"ctrl+m"}},
		"keys.conflict":       {"reset": {"j"}},
	} {
		_, err := New(remap)
		var e *remedy.Error
		if !errors.As(err, &e) || e.Code != code || len(e.Fix) == 0 || e.Exit != remedy.ExitUsage {
			t.Errorf("%v: got %v, want code %s with a fix", remap, err, code)
		}
	}
}

func TestFindTakesTheFirstWantedAction(t *testing.T) {
	m, _ := New(nil)
	if a, ok := m.Find("r", []Action{Retry, Relations}); !ok || a != Retry {
		t.Errorf("got %q", a)
	}
	if _, ok := m.Find("z", []Action{Up}); ok {
		t.Error("z is bound to nothing")
	}
	if !slices.Contains(m.names(), "explain-analyze") {
		t.Error("names are not complete")
	}
}
