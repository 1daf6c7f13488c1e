// Package keymap says which key does what. The footer, the help and the settings in naap.toml are all made from its
// one table of bindings.
package keymap

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Action is what a key asks for; its text is the name that naap.toml uses.
type Action string

// Group is where an action is of use.
type Group string

const (
	anywhere Group = "anywhere"
	moving   Group = "moving"
	Verbs    Group = "verbs" // that open another screen
	browsing Group = "browsing"
	rows     Group = "rows of a table" // its keys come before those of Verbs
	console  Group = "SQL console"
	tools    Group = "lists and dialogs"
	starting Group = "starting"
)

// together are the groups whose keys are in force at the same time, so that one key must mean one thing in them.
var together = [][]Group{
	{anywhere, moving, Verbs, browsing},
	{anywhere, moving, browsing, rows},
	{anywhere, moving, console},
	{anywhere, moving, tools},
	{anywhere, starting},
}

// Binding is an action with its keys and what it says of itself.
type Binding struct {
	Action Action
	Group  Group
	Keys   []string // as bubbletea names them: "ctrl+u", "pgdown", " "
	Short  string   // one or two words for the footer
	Help   string   // a sentence part for the help
}

// Map is the bindings in force.
type Map struct {
	list []Binding
	by   map[Action]int
}

// forbidden keys are what terminals send for backspace, tab, newline and enter.
var forbidden = map[string]string{
	"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+j": "newline", "ctrl+m": "enter",
}

// New makes the default bindings with some actions' keys replaced. Its error is a remedy: an unknown action, a key
// that terminals can't tell from another, or a key that would do two things in one place.
func New(remap map[string][]string) (*Map, error) {
	m := &Map{list: slices.Clone(defaults), by: map[Action]int{}}
	for i, b := range m.list {
		m.by[b.Action] = i
	}
	names := make([]string, 0, len(remap))
	for name := range remap {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := m.set(name, remap[name]); err != nil {
			return nil, err
		}
	}
	return m, m.check()
}

func (m *Map) set(name string, keys []string) error {
	i, ok := m.by[Action(name)]
	if !ok {
		return remedy.New("keys.unknown_action", remedy.ExitUsage, "there is no action %q to bind keys to", name).
			WithFix("use one of: " + strings.Join(m.names(), ", "))
	}
	for n, key := range keys {
		if key == "space" {
			keys = slices.Clone(keys)
			keys[n] = " "
		}
		if same, bad := forbidden[key]; bad {
			return remedy.New("keys.forbidden", remedy.ExitUsage, "%s can't be bound to %q: terminals send it for %s", key, name, same).
				WithFix("choose another key for " + name)
		}
	}
	m.list[i].Keys = keys
	return nil
}

func (m *Map) names() []string {
	out := say.Each(m.list, func(b Binding) string { return string(b.Action) })
	sort.Strings(out)
	return out
}

// check finds a key that two actions want in the same place.
func (m *Map) check() error {
	for _, groups := range together {
		taken := map[string]Action{}
		for _, b := range m.list {
			if !slices.Contains(groups, b.Group) {
				continue
			}
			for _, key := range b.Keys {
				if other, ok := taken[key]; ok && other != b.Action {
					return remedy.New("keys.conflict", remedy.ExitUsage, "the key %s is bound to both %q and %q", keyName(key), other, b.Action).
						WithFix("give one of them another key under [keys] in naap.toml")
				}
				taken[key] = b.Action
			}
		}
	}
	return nil
}

// Find is the action of a key among those wanted.
func (m *Map) Find(key string, wanted []Action) (Action, bool) {
	for _, a := range wanted {
		if m.Is(key, a) {
			return a, true
		}
	}
	return "", false
}

// Is reports whether a key is bound to an action.
func (m *Map) Is(key string, a Action) bool {
	i, ok := m.by[a]
	return ok && slices.Contains(m.list[i].Keys, key)
}

// Get is the binding of an action.
func (m *Map) Get(a Action) Binding {
	if i, ok := m.by[a]; ok {
		return m.list[i]
	}
	return Binding{Action: a}
}

// All is every binding, in the order of the help.
func (m *Map) All() []Binding { return m.list }

// Label is an action's first key as people read it: "↵", "^u"; "" where it has none.
func (m *Map) Label(a Action) string {
	b := m.Get(a)
	if len(b.Keys) == 0 {
		return ""
	}
	return keyName(b.Keys[0])
}

// Labels is all of an action's keys as people read them.
func (m *Map) Labels(a Action) string {
	return say.Join(m.Get(a).Keys, " ", keyName)
}

var keyNames = map[string]string{
	"enter": "↵", " ": "space", "up": "↑", "down": "↓", "left": "←", "right": "→", "pgdown": "pgdn",
}

// keyName is a key as people read it.
func keyName(key string) string {
	if n, ok := keyNames[key]; ok {
		return n
	}
	return key
}

// String lists the bindings, for a test's message.
func (m *Map) String() string {
	var b strings.Builder
	for _, bind := range m.list {
		fmt.Fprintf(&b, "%s: %s\n", bind.Action, strings.Join(bind.Keys, " "))
	}
	return b.String()
}
