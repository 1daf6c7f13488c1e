package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/script"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// madeDatabase is a database that something creates.
type madeDatabase struct {
	name string // with $… for what is not known
	at   shell.Span
}

var createDatabase = lazy.Regexp{Text: `(?i)\bCREATE\s+DATABASE\s+(?:IF\s+NOT\s+EXISTS\s+)?("[^"]+"|[^\s;"'()\\]+)`}

// databasesMade returns the databases that a shell script creates: with createdb, or with psql, also in a container.
func databasesMade(s *shell.Script) []madeDatabase {
	variables := map[string]string{}
	var found []madeDatabase
	for i, c := range s.Commands {
		for _, a := range c.Assignments {
			if !a.IsList && !a.Append {
				variables[a.Name] = a.Value.Text
			}
		}
		words := unwrapped(c.Words)
		if w, ok := createdbName(words); ok {
			found = append(found, madeDatabase{resolved(w.Text, variables), w.At})
		}
		runsSQL := runs(words, "psql") || len(words) > 0 && (words[0].Text == "echo" || words[0].Text == "printf") &&
			i+1 < len(s.Commands) && runs(unwrapped(s.Commands[i+1].Words), "psql")
		if !runsSQL {
			continue
		}
		for _, w := range words {
			if m := createDatabase.Get().FindStringSubmatch(w.Text); m != nil {
				found = append(found, madeDatabase{resolved(strings.Trim(m[1], `"`), variables), w.At})
			}
		}
		for _, d := range c.Documents {
			for _, m := range createDatabase.Get().FindAllStringSubmatchIndex(d.Text, -1) {
				name := strings.Trim(d.Text[m[2]:m[3]], `"`)
				found = append(found, madeDatabase{resolved(name, variables), shell.Span{Start: d.At.Start + m[2], End: d.At.Start + m[3]}})
			}
		}
	}
	return found
}

// runs reports whether a command is a program, or runs it in a container.
func runs(words []shell.Word, program string) bool { return programAt(words, program) >= 0 }

// programAt returns the word that names a program which a command runs, here or in a container, or -1.
func programAt(words []shell.Word, program string) int {
	if len(words) == 0 {
		return -1
	}
	first := path.Base(words[0].Text)
	if first == program {
		return 0
	}
	if !engines[first] && first != "docker-compose" && first != "kubectl" || !slices.ContainsFunc(words, func(w shell.Word) bool { return w.Text == "exec" || w.Text == "run" }) {
		return -1
	}
	return slices.IndexFunc(words, func(w shell.Word) bool { return path.Base(w.Text) == program })
}

// createdbName returns the database that a createdb creates, if the command names one.
func createdbName(words []shell.Word) (shell.Word, bool) {
	i := programAt(words, "createdb")
	if i < 0 {
		return shell.Word{}, false
	}
	rest := words[i+1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0].Text, "-") {
		flag := rest[0].Text
		rest = rest[1:]
		if takesValue := len(flag) == 2 && strings.Contains("hpUOTEDlG", flag[1:]) || strings.HasPrefix(flag, "--") && !strings.Contains(flag, "=") && !createdbBare[flag]; takesValue && len(rest) > 0 {
			rest = rest[1:]
		}
	}
	if len(rest) == 0 {
		return shell.Word{}, false
	}
	return rest[0], true
}

// createdbBare are the long options of createdb that take no value.
var createdbBare = map[string]bool{"--echo": true, "--no-password": true, "--password": true, "--help": true, "--version": true}

// ownUse matches the names of databases that are meant to be others: tests empty them, tools throw them away.
var ownUse = lazy.Regexp{Text: `(?i)(test|shadow|tmp|temp|bench|scratch|restore|backup|snap|^postgres$|^template\d$)`}

// checkMade reports a database that something creates beside the one. For a plugin that is an error; another may be a
// tool's.
func (r *run) checkMade(f *file, name string, start, end int) {
	plain := strings.Trim(expand(name), unknown+"-_'\"")
	if plain == "" || plain == r.options.Database || ownUse.Get().MatchString(name) || strings.Contains(name, ":") { // a variable of psql's
		return
	}
	severity := Warning
	if isOfPlugin(f.path) || r.isPluginsName(name, plain) {
		severity = Error
	}
	r.report(ruleOneContainer, severity, f, start, end,
		"this makes a database of its own ("+visible.String(name)+"): use a schema of the one database, "+r.options.Database, nil)
}

// isPluginsName reports whether a database is named after a plugin.
func (r *run) isPluginsName(name, plain string) bool {
	if strings.Contains(strings.ToLower(name), "plugin") {
		return true
	}
	for _, s := range r.schema.schemas {
		own := strings.TrimPrefix(s.Value, "plugin_")
		plain := strings.ReplaceAll(plain, "-", "_")
		if s.Value != coreSchema && (plain == own || strings.HasPrefix(plain, own+"_") || strings.HasSuffix(plain, "_"+own)) {
			return true
		}
	}
	return false
}

// checkMadeInCode finds CREATE DATABASE in what a script sends to a server, and in the commands that it runs.
func (r *run) checkMadeInCode(f *file) {
	if isTest(f.path) {
		return
	}
	s := f.script
	for i := range s.Tokens {
		if !sendsSQL(s, i) {
			continue
		}
		text, last, ok := wholeText(s, i)
		if !ok {
			continue
		}
		if m := createDatabase.Get().FindStringSubmatch(text); m != nil {
			r.checkMade(f, strings.ReplaceAll(strings.Trim(m[1], `"`), unknown, "$X"), s.Tokens[i].Start, s.Tokens[last].End)
		}
	}
}

// sendsSQL reports whether the string at token i is the first argument of a function that sends SQL, or tagged as such.
func sendsSQL(s *script.Source, i int) bool {
	callee := s.Word(i - 1)
	if s.Is(i-1, "(") {
		callee = s.Word(i - 2)
	}
	switch callee {
	case "query", "execute", "unsafe", "raw", "sql", "none", "any", "$executeRaw", "$executeRawUnsafe", "$queryRaw", "$queryRawUnsafe":
		return true
	}
	return false
}

// checkMadeInSQL finds CREATE DATABASE in a file of SQL.
func (r *run) checkMadeInSQL(f *file) {
	text := string(f.data)
	sqltext.EachStatement(text, func(tokens []sqltext.Token) {
		is := func(i int, word string) bool {
			return i < len(tokens) && tokens[i].Kind == sqltext.Word && strings.EqualFold(text[tokens[i].Start:tokens[i].End], word)
		}
		if is(0, "CREATE") && is(1, "DATABASE") && len(tokens) > 2 {
			t := tokens[2]
			r.checkMade(f, sqltext.Identifier(text[t.Start:t.End]), t.Start, t.End)
		}
	})
}

// databaseService matches the names of services and containers that are a database's.
var databaseService = lazy.Regexp{Text: `(?i)(^|[-_}])(db|postgres|postgresql|pg|database|mysql|mariadb|mongo|mongodb)$`}

// startedDatabases returns the services and containers that a script starts by name and that seem to be databases:
// docker compose up -d wallet-db, docker start wallet-db.
func startedDatabases(s *shell.Script) []shell.Word {
	var found []shell.Word
	for _, c := range s.Commands {
		for _, w := range startedNames(unwrapped(c.Words)) {
			if databaseService.Get().MatchString(w.Text) {
				found = append(found, w)
			}
		}
	}
	return found
}

// composeValues are the options of docker compose, and of its up and start, that take a value.
const composeValues = "-f --file -p --project-name --profile --env-file --project-directory --scale -t --timeout --wait-timeout --pull --ansi --parallel --progress"

func startedNames(words []shell.Word) []shell.Word {
	if len(words) < 2 {
		return nil
	}
	switch first := path.Base(words[0].Text); {
	case first == "docker-compose":
		words = withoutFlags(words[1:], composeValues)
	case engines[first]:
		words = withoutFlags(words[1:], engineValues)
		if len(words) > 0 && words[0].Text == "compose" {
			words = withoutFlags(words[1:], composeValues)
		} else if len(words) > 0 && words[0].Text == "up" {
			return nil
		}
	default:
		return nil
	}
	if len(words) == 0 || words[0].Text != "up" && words[0].Text != "start" {
		return nil
	}
	var names []shell.Word
	for rest := words[1:]; len(rest) > 0; {
		if rest = withoutFlags(rest, composeValues); len(rest) > 0 {
			names = append(names, rest[0])
			rest = rest[1:]
		}
	}
	return names
}

// checkStarted reports a database that is started by its name and that no compose file of the workspace describes:
// where one does, it has its finding there.
func (r *run) checkStarted(f *file, w shell.Word, start, end int) {
	name := strings.ToLower(w.Text)
	if name == r.options.Service || name == r.options.Container || r.isService(name) {
		return
	}
	r.report(ruleOneContainer, Warning, f, start, end,
		"this starts "+visible.String(w.Text)+", which seems to be a database of its own: use a schema of the one database, which an up starts", nil)
}
