package workspace

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readTables reads the parts of naap.toml that are not single values.
func (f *settingsFile) readTables(tree map[string]any) error {
	check, _ := tree["check"].(map[string]any)
	seed, _ := tree["seed"].(map[string]any)
	tui, _ := tree["tui"].(map[string]any)
	if err := f.readAllow(check["allow"]); err != nil {
		return err
	}
	if err := f.readSeedCommands(seed["command"]); err != nil {
		return err
	}
	if err := f.readHooks(tree["push"]); err != nil {
		return err
	}
	var err error
	if f.free.Check.Prefixes, err = f.lists([]string{"check", "prefixes"}, check["prefixes"]); err != nil {
		return err
	}
	if f.free.TUI.Keys, err = f.lists([]string{"tui", "keys"}, tui["keys"]); err != nil {
		return err
	}
	if f.free.Fake, err = f.fakeRules(tree["fake"]); err != nil {
		return err
	}
	owners, err := f.lists([]string{"owners"}, tree["owners"])
	if err != nil {
		return err
	}
	for schema, names := range owners {
		if len(names) != 1 {
			return f.errorIn([]string{"owners", schema}, "a schema has one owner")
		}
		if f.free.Owners == nil {
			f.free.Owners = map[string]string{}
		}
		f.free.Owners[schema] = names[0]
	}
	return nil
}

// lists reads a table of strings or lists of strings.
func (f *settingsFile) lists(path []string, value any) (map[string][]string, error) {
	if value == nil {
		return nil, nil
	}
	table, ok := value.(map[string]any)
	if !ok {
		return nil, f.errorIn(path, "%s must be a table: [%s]", strings.Join(path, "."), strings.Join(path, "."))
	}
	out := map[string][]string{}
	for name, v := range table {
		switch v := v.(type) {
		case string:
			out[name] = []string{v}
		case []any:
			for _, item := range v {
				if s, ok := item.(string); ok {
					out[name] = append(out[name], s)
				}
			}
		}
		if len(out[name]) == 0 || slices.Contains(out[name], "") {
			return nil, f.errorIn(append(slices.Clone(path), name), "%s must be a string or a list of strings", name)
		}
	}
	return out, nil
}

// readAllow reads [[check.allow]]: each has a path, a rule and the reason, because an exception without one outlives
// whoever knew it.
func (f *settingsFile) readAllow(value any) error {
	if value == nil {
		return nil
	}
	list, ok := value.([]map[string]any)
	if !ok {
		return f.errorIn([]string{"check", "allow"}, "check.allow must be written as [[check.allow]], with path, rule and reason")
	}
	lines := f.headerLines("[[check.allow]]")
	for i, table := range list {
		e := Exception{Line: 1}
		if i < len(lines) {
			e.Line = lines[i]
		}
		for _, name := range slices.Sorted(maps.Keys(table)) {
			text, ok := scalarOf(table[name])
			switch {
			case name == "path" && ok:
				e.Path = text
			case name == "rule" && ok:
				e.Rule = text
			case name == "reason" && ok:
				e.Reason = strings.TrimSpace(text)
			default:
				return f.errorAt(e.Line, 1, "[[check.allow]] has path, rule and reason, each a string, and no %q", name).
					WithFix(`path = "plugins/demo/**"`, `rule = "3"`, `reason = "why it is right here"`)
			}
		}
		if e.Path == "" || e.Rule == "" || e.Reason == "" {
			return f.errorAt(e.Line, 1, "[[check.allow]] needs a path, a rule and a reason").
				WithFix(`path = "plugins/demo/**"`, `rule = "3"`, `reason = "why it is right here"`)
		}
		f.free.Check.Allow = append(f.free.Check.Allow, e)
	}
	return nil
}

// scalarOf returns a string or an integer as text.
func scalarOf(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	}
	return "", false
}

// headerLines returns the lines of the headers of a list of tables. A header inside a multi-line string would be counted
// too, which only shifts a line number.
func (f *settingsFile) headerLines(header string) []int {
	var lines []int
	for i, line := range strings.Split(f.text, "\n") {
		compact := strings.Map(func(r rune) rune {
			if r == ' ' || r == '\t' {
				return -1
			}
			return r
		}, line)
		if strings.HasPrefix(compact, header) {
			lines = append(lines, i+1)
		}
	}
	return lines
}
