package trust

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsGivenUpFrontAllows(t *testing.T) {
	ws := canonical(t.TempDir())
	programs := Item{Kind: ServerPrograms, Subject: "h", Text: "x"}
	for list, want := range map[string]struct{ seed, programs bool }{
		"":                                    {false, false},
		"all":                                 {true, true},
		"seed-command":                        {true, false},
		" server-programs , seed-command,":    {true, true},
		seed.ShortHash():                      {true, false},
		programs.Hash():                       {false, true},
		ws:                                    {true, true},
		filepath.Dir(ws):                      {true, true},
		filepath.Dir(ws) + "/":                {true, true},
		"/":                                   {true, true},
		ws[:len(ws)-1]:                        {false, false}, // the beginning of a name is not a folder above
		filepath.Join(ws, "inside"):           {false, false},
		"sql,image,mount,volume,port":         {false, false},
		strings.Repeat("0123456789abcdef", 2): {false, false},
	} {
		given, err := Parse(list, "NAAP_TRUST")
		if err != nil {
			t.Errorf("%q: %v", list, err)
			continue
		}
		j, _ := NewJudge(In(t.TempDir()), ws, given)
		if a, b := j.Of(seed), j.Of(programs); a.Allowed != want.seed || b.Allowed != want.programs {
			t.Errorf("%q allows %v and %v, want %v and %v", list, a.Allowed, b.Allowed, want.seed, want.programs)
		} else if a.Allowed && a.By != "NAAP_TRUST" {
			t.Errorf("%q: allowed by %q", list, a.By)
		}
	}
	j, _ := NewJudge(In(t.TempDir()), ws, Give("--run-seed-commands", SeedCommand).And(Give("x", ServerPrograms)))
	if !j.Of(seed).Allowed || !j.Of(programs).Allowed {
		t.Error("two that are given do not add up")
	}
	if (Judge{}).Of(seed).Allowed {
		t.Error("the zero judge allows")
	}
}

func TestAMisspeltWordAllowsNothing(t *testing.T) {
	for list, want := range map[string]string{
		"seed-comand":                 "did you mean seed-command?",
		"yes":                         "it takes all, an absolute folder",
		"all,.":                       "it takes all",
		strings.Repeat("ABCDEF01", 8): "it takes all",
		seed.Hash()[:12]:              "it takes all", // another text with the same beginning can be found
		"abc":                         "it takes all",
		"\x1b[31mred":                 "␛[31mred",
	} {
		given, err := Parse(list, "NAAP_TRUST")
		if err == nil || !strings.Contains(err.Error(), want) || len(given.entries) > 0 {
			t.Errorf("%q: %v, and allows %v", list, err, given)
		}
	}
}

func TestWhoIsAtTheOtherEnd(t *testing.T) {
	for env, want := range map[string]Automaton{
		"":                                 {},
		"CI=":                              {},
		"CI=false":                         {},
		"CI=0":                             {},
		"NAAP_AGENT=0":                     {},
		"CI=true":                          {"a CI", false},
		"CI=1,GITHUB_ACTIONS=true":         {"GitHub Actions", false},
		"CI=true,CLAUDECODE=1":             {"Claude Code", true},
		"NAAP_AGENT=1":                     {"an agent (NAAP_AGENT)", true},
		"GITLAB_CI=true":                   {"GitLab CI", false},
		"HOME=/root,TERM=xterm,USER=agent": {},
	} {
		who, ok := Automatic(strings.Split(env, ","))
		if who != want || ok != (want != Automaton{}) {
			t.Errorf("%q is %+v, %v", env, who, ok)
		}
	}
}

func TestStandingsComeInOneOrder(t *testing.T) {
	var j Judge
	all := j.All([]Item{{Kind: SeedCommand, Subject: "b"}, {Kind: SQL, Subject: "a"}, {Kind: SeedCommand, Subject: "a"}, {Kind: Folder, Subject: "z"}})
	var got []string
	for _, s := range all {
		got = append(got, string(s.Kind)+" "+s.Subject)
	}
	if strings.Join(got, ", ") != "folder z, sql a, seed-command b, seed-command a" {
		t.Errorf("they come as %v", got)
	}
	all[1].Allowed = true
	if held := Held(all); len(held) != 3 || len(all) != 4 {
		t.Errorf("held are %v", held)
	}
}
