package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func TestTheSectionSaysTheRulesAndTheVerbs(t *testing.T) {
	root := newApp(nil, nil, nil).root()
	section := agentsSection(root, &workspace.Workspace{Kind: workspace.Builtin})
	if n := strings.Count(section, "\n"); n > 80 {
		t.Errorf("it has %d lines; an agent reads all of them each time", n)
	}
	for _, r := range rules.All() {
		if r.Number > 0 && !strings.Contains(section, r.Title+" (`"+r.Slug()+"`)") {
			t.Errorf("rule %s is missing", r.Slug())
		}
	}
	for _, c := range root.Commands() {
		for _, sub := range append(c.Commands(), c) {
			if sub.IsAvailableCommand() && !sub.HasAvailableSubCommands() && !notForAgents[sub.Name()] && c.Name() != "completion" &&
				!strings.Contains(section, "- `"+sub.CommandPath()+"`: "+sub.Short+"\n") {
				t.Errorf("%s is missing", sub.CommandPath())
			}
		}
	}
	// What the verbs are for may name a flag; what to do never says yes for the user.
	if found := regexp.MustCompile(`--(accept|adopt|allow|cascade|delete|drop|run-seed|terminate|yes)[a-z-]*`).FindString(section); found != "" {
		t.Errorf("it hands over %s", found)
	}
}

func TestOnlyTheSectionOfAFileChanges(t *testing.T) {
	const mark, end = sectionBegins, sectionEnds
	section := mark + "\nnew\n" + end + "\n"
	for _, c := range []struct{ text, want string }{
		{"", section},
		{"a", "a\n\n" + section},
		{"a\n\n\n", "a\n\n" + section},
		{"a\r\nb\r\n", "a\r\nb\r\n\r\n" + strings.ReplaceAll(section, "\n", "\r\n")},
		{"a\n" + mark + "\nold\n" + end + "\nb", "a\n" + section + "b"},
		{mark + "\r\nold\r\n" + end + "\r\n", strings.ReplaceAll(section, "\n", "\r\n")},
		{"\ufeff" + mark + "\nold\n" + end + "\n", "\ufeff" + section},
		{"a\n  " + mark + "\n" + end, "a\n  " + section},
		{"`" + mark + "`\n", "`" + mark + "`\n\n" + section},
	} {
		got, err := withSection(c.text, section)
		if err != nil || got != c.want {
			t.Errorf("%q becomes %q, %v", c.text, got, err)
		}
		if again, err := withSection(got, section); err != nil || again != got {
			t.Errorf("%q becomes %q the second time, %v", c.text, again, err)
		}
	}
	for _, text := range []string{mark + "\n", end + "\n", end + "\n" + mark + "\n", section + section, section + mark + "\n"} {
		if got, err := withSection(text, section); remedy.Code(err) != "agents.marks" {
			t.Errorf("%q becomes %q, %v", text, got, err)
		}
	}
}
