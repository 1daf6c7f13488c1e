package remedy

import "testing"

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
