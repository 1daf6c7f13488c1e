package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
)

// checkShellURLs checks the URLs that a shell script sets, falls back to, passes to a container or to psql, and writes
// into .env files and the environment of later steps.
func (r *run) checkShellURLs(f *file, s *shell.Script) {
	if s == nil {
		return
	}
	judge := func(name, value string, at shell.Span) {
		start, end := r.within(f, value, at)
		r.checkURL(f, name, value, start, end, isProduction(f.path))
	}
	for _, c := range s.Commands {
		for _, a := range c.Assignments {
			if !a.IsList && strings.Contains(a.Value.Text, "://") && !strings.Contains(a.Value.Text, ":-") {
				judge(a.Name, a.Value.Text, a.Value.At)
			}
		}
		for _, v := range handedOn(c) {
			judge(v.name, v.value, v.at)
		}
		if url, ok := psqlsURL(c); ok {
			start, end := r.within(f, url.Text, url.At)
			r.guessURL(f, "psql", url.Text, start, end)
		}
	}
	for _, d := range s.Defaults {
		if isParameter.Get().MatchString(d.Name) && postgresURL.Get().MatchString(d.Value) {
			start, end := r.within(f, d.Value, d.At)
			r.guessURL(f, "the default of $"+d.Name, d.Value, start, end)
			continue
		}
		judge(d.Name, d.Value, d.At)
	}
}

var isParameter = lazy.Regexp{Text: `^[0-9]+$`}

// within returns where a value is in the file: for a script inside a YAML file, the first place that contains it.
func (r *run) within(f *file, value string, at shell.Span) (start, end int) {
	if f.yaml != nil {
		return findIn(f.data, 0, value)
	}
	return at.Start, at.End
}

// shellVariable is a variable that a command sets for something else.
type shellVariable struct {
	name, value string
	at          shell.Span
}

// handedOn returns the variables that a command passes to a container, or writes where others are read from.
func handedOn(c shell.Command) []shellVariable {
	var list []shellVariable
	add := func(text string, at shell.Span) {
		if name, value, ok := strings.Cut(text, "="); ok {
			list = append(list, shellVariable{name, value, at})
		}
	}
	words := unwrapped(c.Words)
	if len(words) > 0 && engines[path.Base(words[0].Text)] {
		for i, w := range words {
			switch value, joined := strings.CutPrefix(w.Text, "--env="); {
			case joined:
				add(value, w.At)
			case i > 0 && (words[i-1].Text == "-e" || words[i-1].Text == "--env"):
				add(w.Text, w.At)
			}
		}
	}
	if !writesEnvironment(c) {
		return list
	}
	for _, w := range words {
		if m := envLine.Get().FindStringSubmatch(w.Text); m != nil {
			list = append(list, shellVariable{m[1], m[2], w.At})
		}
	}
	for _, d := range c.Documents {
		for _, e := range dotenv.Read([]byte(d.Text)) {
			list = append(list, shellVariable{e.Name, e.Value, shell.Span{Start: d.At.Start + e.ValueAt.Start, End: d.At.Start + e.ValueAt.End}})
		}
	}
	return list
}

// writesEnvironment reports whether a command's output goes into a .env file or into the environment of a workflow's
// later steps.
func writesEnvironment(c shell.Command) bool {
	targets := c.Targets
	if len(c.Words) > 0 && c.Words[0].Text == "tee" {
		targets = append(targets[:len(targets):len(targets)], c.Words[1:]...)
	}
	return slices.ContainsFunc(targets, func(w shell.Word) bool {
		return strings.Contains(w.Text, "GITHUB_ENV") || kindOf(strings.TrimPrefix(w.Text, "./")) == envFile
	})
}

// psqlsURL returns the URL that psql, or a similar program, connects to. The database postgres is used to create or
// drop others.
func psqlsURL(c shell.Command) (shell.Word, bool) {
	words := unwrapped(c.Words)
	if len(words) == 0 || !databaseClients[path.Base(words[0].Text)] {
		return shell.Word{}, false
	}
	for _, w := range words[1:] {
		if a, ok := parseAddress(expand(w.Text)); ok {
			return w, a.database != "postgres"
		}
	}
	return shell.Word{}, false
}

var databaseClients = map[string]bool{"psql": true, "pg_dump": true, "pg_restore": true, "pgbench": true, "vacuumdb": true}

var makeVariable = lazy.Regexp{Text: `(?m)^[ ]*(?:export[ ]+)?([A-Za-z_]\w*)[ ]*(?:\?|::?|!|)=[ ]*([^\s#]+)`}

// checkMakeVariables checks the variables of a makefile, which the shell reader does not see.
func (r *run) checkMakeVariables(f *file) {
	for _, m := range makeVariable.Get().FindAllSubmatchIndex(f.data, -1) {
		r.checkURL(f, string(f.data[m[2]:m[3]]), string(f.data[m[4]:m[5]]), m[4], m[5], isProduction(f.path))
	}
}
