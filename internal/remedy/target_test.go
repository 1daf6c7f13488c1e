package remedy

import (
	"strings"
	"testing"
)

func TestACommandThatNamesAnEngineIsNotForAnotherServer(t *testing.T) {
	target := Target{Settings: []Setting{{"name", "NAAP_INSTANCE", "b"}, {"database-url", "NAAP_DATABASE_URL", "postgresql://x/y"}}, Verb: "dev push"}
	target.Takes = func(_, flag string) Arity { return Once }
	for want, advice := range map[string]Advice{
		"naap dev up --name b --engine docker":                                   Naap("dev up", "--engine", "docker"),
		"naap dev up --name b --database-url postgresql://x/y --port 5433":       Naap("dev up", "--port", "5433"),
		"naap dev up --name b --engine embedded --database-url postgresql://z/y": Naap("dev up", "--engine", "embedded", "--database-url", "postgresql://z/y"),
	} {
		if got := target.Line(advice); got != want {
			t.Errorf("it prints %s", got)
		}
	}
}

func TestACommandForAnotherInstanceSaysAllThatIsItsOwn(t *testing.T) {
	takes := func(_, flag string) Arity { return Once }
	there := Target{Dir: "/w x", Settings: []Setting{{"name", "NAAP_INSTANCE", "b"}}, Without: []string{"NAAP_PORT", "NAAP_ENGINE"}, Takes: takes}
	builtin := Target{Cd: "/", Settings: []Setting{{"name", "NAAP_INSTANCE", "c"}}, Takes: takes}
	for want, got := range map[string]string{
		"env -u NAAP_PORT -u NAAP_ENGINE naap -C '/w x' dev up --name b": there.Line(Naap("dev up")),
		"(cd / && naap dev up --name c)    (begins again)":               builtin.Line(Naap("dev up").Note("begins again")),
		"naap -C /other dev up":                                          there.Line(Naap("dev up").In("/other")),
		"naap -C /there dev up":                                          builtin.Line(Naap("dev up").In("/there")),
	} {
		if got != want {
			t.Errorf("it prints %s, want %s", got, want)
		}
	}
}

// Whoever runs naap in the user's place is told who must confirm, and the command without the consent.
func TestAnAutomatonIsToldWhoConfirmsAndNotHow(t *testing.T) {
	target := Target{Unattended: "a CI", Dir: "/w", Verb: "dev push", Flags: []Flag{{Name: "allow", Values: []string{"true"}, Kept: true}, {Name: "schema", Values: []string{"a"}, Kept: true}}}
	target.Confirms = func(verb, flag string) bool {
		return flag == "yes" || flag == "allow" || flag == "write" && verb == "dev sql"
	}
	target.Takes = func(_, flag string) Arity {
		return map[string]Arity{"allow": Switch, "schema": Many, "yes": Once, "dry-run": Switch}[flag]
	}
	const who = "a person must confirm this, and a CI is not one: ask yours to run it in a terminal"
	for _, c := range []struct {
		advice Advice
		want   string
	}{
		{Again("dev push", "--yes"), who + " (naap -C /w dev push --schema a)"},
		{Again("", "--yes=x").Note("y"), who + " (naap -C /w dev push --schema a)"},
		{Line("if not: ", Naap("dev reset", "a b", "--yes=a b")), who + " (naap -C /w dev reset 'a b' --schema a)"},
		{Naap("dev sql", "--write", "DELETE"), who + " (naap -C /w dev sql DELETE --schema a)"},
		{Naap("dev env", "--write"), "naap -C /w dev env --schema a --allow --write"},
		{Naap("dev down", "--yes=x").And(Naap("dev up")), who},
		{Line("or: ", Words("TRUST=all ").Yes(), Again("")), who},
		{Meant("dev push", "--ys", "--yes")[0], who},
		{Meant("dev push", "--scema", "--schema")[0], "did you mean: naap -C /w dev push --allow --schema a"},
		{Naap("dev diff"), "naap -C /w dev diff --allow --schema a"},
	} {
		got := target.Line(c.advice)
		if strings.HasPrefix(c.want, who) && got != c.want {
			t.Errorf("it prints %s\nand not  %s", got, c.want)
		}
		if !strings.HasPrefix(c.want, who) && strings.Contains(got, who) {
			t.Errorf("it asks for a person: %s", got)
		}
	}
	if got := target.Lines([]Advice{Again("", "--yes"), Again("", "--yes", "--yes=b")}); len(got) != 1 {
		t.Errorf("it says so %d times", len(got))
	}
	target.Unattended = ""
	if got := target.Line(Again("dev push", "--yes")); got != "naap -C /w dev push --allow --schema a --yes" {
		t.Errorf("a person is told %s", got)
	}
}
