package rules

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/script"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleOneContainer: there is one database container. Compose files of every kind, Dockerfiles, containers of CI jobs and
// scripts that run a database image count, and so does a database that is created beside the one. Source: the NaaP database architecture, rule 3.
var ruleOneContainer = &Rule{
	ID: "naap/3-one-container", Number: 3,
	Title: "No database container but the one",
	Why: "A second database takes another port, needs another URL, and holds tables that nothing can join. A schema of " +
		"its own in the one database separates a plugin's tables just as well.",
}

func checkOneContainer(r *run) {
	r.each(composeFile, r.checkServices)
	r.each(workflowFile, r.checkWorkflow)
	r.each(dockerFile, r.checkStages)
	for _, k := range []kind{shellFile, makeFile, unnamed} {
		r.each(k, func(f *file) { r.checkCommands(f, f.shell, 0) })
	}
	r.each(manifestFile, func(f *file) {
		for _, m := range f.pkg.Scripts() {
			s := shell.Read([]byte(m.Value))
			for _, image := range databasesRun(s, r.options.Container) {
				r.report(ruleOneContainer, Error, f, m.At.Start, m.At.End, containerMessage("this script runs", image.Text), nil)
			}
			for _, d := range databasesMade(s) {
				r.checkMade(f, d.name, m.At.Start, m.At.End)
			}
			for _, w := range startedDatabases(s) {
				r.checkStarted(f, w, m.At.Start, m.At.End)
			}
		}
	})
	r.each(sqlFile, r.checkMadeInSQL)
	r.addScripts(ruleOneContainer)
}

func containerMessage(what, image string) string {
	return fmt.Sprintf("%s a database of its own (%s): use a schema of the one database, which an up starts", what, visible.String(image))
}

func (r *run) checkServices(f *file) {
	if f.broken != nil && isCompose.Get().MatchString(innerName(f.path)) {
		r.report(ruleOneContainer, Warning, f, 0, 0, "this compose file cannot be read, and what it starts is not checked: "+visible.String(f.broken.Error()), nil)
	}
	found := 0
	for _, s := range r.services(f) {
		r.checkMoreDatabases(f, s)
		if s.at == nil || !isDatabaseImage(s.image) {
			continue
		}
		if r.isTheOne(s) {
			if found++; found == 1 {
				continue
			}
		}
		at := f.yaml.offset(f.data, s.at)
		end := at + len(s.at.Value)
		if s.at.Kind != yaml.ScalarNode {
			at = f.yaml.offset(f.data, s.key)
			end = at + len(s.key.Value)
		}
		r.report(ruleOneContainer, Error, f, at, end, containerMessage("the service "+visible.String(s.name)+" is", s.image), nil)
		r.since(f, f.yaml.offset(f.data, s.key))
	}
}

// checkMoreDatabases finds the variable by which a common init script is told to create several databases.
func (r *run) checkMoreDatabases(f *file, s service) {
	for _, v := range environment(child(s.node, "environment")) {
		if v.name != "POSTGRES_MULTIPLE_DATABASES" && v.name != "POSTGRES_DATABASES" && v.name != "POSTGRES_MULTIPLE_DB" {
			continue
		}
		start := f.yaml.offset(f.data, v.node)
		for name := range strings.FieldsFuncSeq(v.value, func(c rune) bool { return c == ',' || c == ' ' }) {
			r.checkMade(f, name, start, start+len(v.node.Value))
		}
	}
}

// checkWorkflow checks the containers of CI jobs, of GitHub, GitLab and CircleCI, and the commands that they run. A
// job's container is always a database of its own: it starts before the checkout, without the init script.
func (r *run) checkWorkflow(f *file) {
	if f.yaml == nil {
		return
	}
	visitYAML(f.yaml.docs, func(key string, n *yaml.Node) {
		switch key {
		case "services":
			for _, p := range pairs(n) {
				r.checkImage(f, p.value)
			}
			if n.Kind == yaml.SequenceNode {
				for _, c := range items(n) {
					r.checkImage(f, c)
				}
			}
		case "uses", "image": // the image that a job's steps run in is not a server: it gets another command
			if image, ok := strings.CutPrefix(n.Value, "docker://"); ok && isDatabaseImage(image) {
				at := f.yaml.offset(f.data, n)
				r.report(ruleOneContainer, Error, f, at, at+len(n.Value), containerMessage("this step runs", image), nil)
			}
		case "docker": // CircleCI: the steps run in the first one
			for i, c := range items(n) {
				if i > 0 {
					r.checkImage(f, c)
				}
			}
		case "run", "script", "command", "before_script", "initializeCommand", "onCreateCommand", "postCreateCommand", "postStartCommand":
			for _, c := range items(n) {
				r.checkCommands(&file{path: f.path, data: f.data, yaml: f.yaml}, shell.Read([]byte(c.Value)), f.yaml.offset(f.data, c))
			}
		}
	})
}

// visitYAML calls do for each key of each mapping of the documents, once for each anchor.
func visitYAML(nodes []*yaml.Node, do func(key string, n *yaml.Node)) {
	for _, n := range nodes {
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if v := resolve(n.Content[i+1]); v != nil {
					do(n.Content[i].Value, v)
				}
			}
		}
		if n.Kind != yaml.AliasNode {
			visitYAML(n.Content, do)
		}
	}
}

func (r *run) checkImage(f *file, n *yaml.Node) {
	at := n
	if n.Kind == yaml.MappingNode {
		if at = child(n, "image"); at == nil {
			at = child(n, "name")
		}
	}
	if at == nil || at.Kind != yaml.ScalarNode || !isDatabaseImage(at.Value) {
		return
	}
	start := f.yaml.offset(f.data, at)
	r.report(ruleOneContainer, Error, f, start, start+len(at.Value), containerMessage("this job starts", at.Value), nil)
}

// checkStages finds a Dockerfile whose image is a database server: its last stage begins with one. A stage from which
// files are only copied is not a container.
func (r *run) checkStages(f *file) {
	if f.docker == nil || len(f.docker.Stages) == 0 {
		return
	}
	last := f.docker.Stages[len(f.docker.Stages)-1]
	if !isDatabaseImage(last.Image) || r.buildsTheOne(f) {
		return
	}
	r.report(ruleOneContainer, Error, f, last.At.Start, last.At.End, containerMessage("this image is", last.Image), nil)
}

// buildsTheOne reports whether the one database is built from the Dockerfile.
func (r *run) buildsTheOne(f *file) bool {
	is := false
	r.each(composeFile, func(c *file) {
		for _, s := range r.services(c) {
			b := child(s.node, "build")
			if b == nil || !r.isTheOne(s) {
				continue
			}
			is = is || dockerfileOf(c, b) == f.path
		}
	})
	return is
}

// checkCommands finds the commands of a script that run a database image, start a container by its name, or create a
// database. For a script inside another file, base is
// where it begins there; its finding is on the line that contains its words.
func (r *run) checkCommands(f *file, s *shell.Script, base int) {
	if s == nil {
		return
	}
	within := func(text string, at shell.Span) (start, end int) {
		if f.yaml != nil {
			return findIn(f.data, base, text)
		}
		return at.Start, at.End
	}
	for _, image := range databasesRun(s, r.options.Container) {
		start, end := within(image.Text, image.At)
		r.report(ruleOneContainer, Error, f, start, end, containerMessage("this runs", image.Text), nil)
	}
	for _, d := range databasesMade(s) {
		start, end := within(d.name, d.at)
		r.checkMade(f, d.name, start, end)
	}
	for _, w := range startedDatabases(s) {
		start, end := within(w.Text, w.At)
		r.checkStarted(f, w, start, end)
	}
}

// findIn returns the first place of text after base. The lines of a YAML block are indented, so that offsets in it do
// not add up.
func findIn(data []byte, base int, text string) (int, int) {
	base = min(base, len(data))
	if i := strings.Index(string(data[base:]), text); i >= 0 {
		return base + i, base + i + len(text)
	}
	return base, base
}

// testContainers are the classes that start a database: those of the testcontainers package, and of embedded-postgres.
var testContainers = map[string]bool{
	"PostgreSqlContainer": true, "PostgreSQLContainer": true, "PostgresContainer": true, "MySqlContainer": true,
	"MongoDBContainer": true, "MariaDbContainer": true, "CockroachDbContainer": true,
	"EmbeddedPostgres": true,
}

// shells are the functions that run a command line.
var shells = map[string]bool{
	"exec": true, "execSync": true, "execa": true, "execaCommand": true, "execAsync": true, "spawnSync": true, "spawn": true, "execCommand": true,
	"execFile": true, "execFileSync": true, "execaSync": true, "$": true, "$$": true, "exec$": true,
}

func (r *run) checkContainersInCode(f *file) {
	s := f.script
	for _, u := range s.Uses() {
		if u.Extends {
			continue
		}
		image, _ := s.Literal(u.Arguments)
		if testContainers[u.Last()] || u.Last() == "GenericContainer" && u.Arguments > 0 && isDatabaseImage(image) {
			r.report(ruleOneContainer, Error, f, u.At.Start, u.At.End, containerMessage("this starts", strings.TrimSpace(u.Last()+" "+image)), nil)
		}
	}
	for _, c := range commandLines(s) {
		for _, image := range databasesRun(shell.Read([]byte(c.line)), r.options.Container) {
			t := s.Tokens[c.first]
			r.report(ruleOneContainer, Error, f, t.Start, t.End, containerMessage("this runs", image.Text), nil)
		}
		for _, d := range databasesMade(shell.Read([]byte(c.line))) {
			t := s.Tokens[c.first]
			r.checkMade(f, d.name, t.Start, t.End)
		}
	}
	r.checkMadeInCode(f)
}

// commandLine is a command line that code runs; what is composed at run time is $X in it.
type commandLine struct {
	line  string
	first int // its first token
}

// commandLines returns the command lines that a script runs.
func commandLines(s *script.Source) []commandLine {
	var lines []commandLine
	for i := range s.Tokens {
		if s.Kind(i) != script.Word || !shells[s.Word(i)] {
			continue
		}
		first := i + 2
		if s.Kind(i+1) == script.Template || s.Kind(i+1) == script.Head { // $`…`
			first = i + 1
		} else if !s.Is(i+1, "(") {
			continue
		}
		line, last, ok := wholeText(s, first)
		if !ok {
			continue
		}
		line = strings.ReplaceAll(line, unknown, "$X")
		if s.Is(last+1, ",") && s.Is(last+2, "[") {
			line += arguments(s, last+2)
		}
		lines = append(lines, commandLine{line, first})
	}
	return lines
}

// arguments returns the strings of the array that opens at the token, as words of a command line. An element that is
// not a string is an unknown word.
func arguments(s *script.Source, open int) string {
	var b strings.Builder
	depth := 0
	for i := open; i < len(s.Tokens); i++ {
		switch {
		case s.Is(i, "["), s.Is(i, "("), s.Is(i, "{"):
			depth++
		case s.Is(i, "]"), s.Is(i, ")"), s.Is(i, "}"):
			if depth--; depth == 0 {
				return b.String()
			}
		case depth == 1 && !s.Is(i, ","):
			word := "$X"
			if text, last, ok := wholeText(s, i); ok {
				word, i = remedy.ShellWord(strings.ReplaceAll(text, unknown, "X")), last
			} else if !s.Is(i-1, ",") && !s.Is(i-1, "[") {
				continue // another part of the same element
			}
			b.WriteString(" " + word)
		}
	}
	return b.String()
}
