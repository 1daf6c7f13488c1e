package trust

import "strings"

// Automaton is what runs naap instead of a person.
type Automaton struct {
	Name  string // "Claude Code", "GitHub Actions"
	Agent bool   // a coding agent rather than a CI
}

// signs are the variables by which agents and CI systems say that they run a command. One that is unset, empty, "0" or
// "false" does not count.
var signs = []struct {
	variable string
	Automaton
}{
	{"NAAP_AGENT", Automaton{"an agent (NAAP_AGENT)", true}},
	{"CLAUDECODE", Automaton{"Claude Code", true}},
	{"CLAUDE_CODE_ENTRYPOINT", Automaton{"Claude Code", true}},
	{"CURSOR_AGENT", Automaton{"Cursor", true}},
	{"CODEX_SANDBOX", Automaton{"Codex", true}},
	{"CODEX_THREAD_ID", Automaton{"Codex", true}},
	{"GEMINI_CLI", Automaton{"Gemini CLI", true}},
	{"OPENCODE", Automaton{"opencode", true}},
	{"CLINE_ACTIVE", Automaton{"Cline", true}},
	{"AUGMENT_AGENT", Automaton{"Augment", true}},
	{"GOOSE_TERMINAL", Automaton{"goose", true}},
	{"REPLIT_AGENT", Automaton{"Replit Agent", true}},
	{"COPILOT_CLI", Automaton{"Copilot", true}},
	{"AI_AGENT", Automaton{"an agent (AI_AGENT)", true}},
	{"AGENT", Automaton{"an agent (AGENT)", true}},
	{"GITHUB_ACTIONS", Automaton{"GitHub Actions", false}},
	{"GITLAB_CI", Automaton{"GitLab CI", false}},
	{"BUILDKITE", Automaton{"Buildkite", false}},
	{"CIRCLECI", Automaton{"CircleCI", false}},
	{"TF_BUILD", Automaton{"Azure Pipelines", false}},
	{"TEAMCITY_VERSION", Automaton{"TeamCity", false}},
	{"JENKINS_URL", Automaton{"Jenkins", false}},
	{"CODEBUILD_BUILD_ID", Automaton{"CodeBuild", false}},
	{"CI", Automaton{"a CI", false}},
}

// Automatic returns what runs the command, from the environment as os.Environ returns it, if that is not a person; ok
// is false where nothing says so. An agent in a CI counts as an agent.
func Automatic(environ []string) (who Automaton, ok bool) {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	for _, s := range signs {
		switch strings.ToLower(env[s.variable]) {
		case "", "0", "false", "no":
		default:
			return s.Automaton, true
		}
	}
	return Automaton{}, false
}
