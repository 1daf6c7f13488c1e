package rules

import (
	"fmt"
	"path"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleOneURL: every DATABASE_URL, in .env files, compose files, Dockerfiles, CI and the defaults of scripts, leads to
// the one database, no file holds a login to a database on another machine, and a stack for production takes its password
// from outside. Source: the NaaP database architecture, rule 5.
var ruleOneURL = &Rule{
	ID: "naap/5-one-url", Number: 5,
	Title: "One DATABASE_URL, to the one database",
	Why: "A service with another URL works on another database without anybody noticing, until its rows are missing; a " +
		"password in a file is in every clone of the repository.",
}

// urlName matches the variables that hold a database's URL. A shadow database is Prisma's own scratch space, which has
// to be another one.
var urlName = lazy.Regexp{Text: `(?i)(DATABASE|POSTGRES|DIRECT|(^|_)DB|(^|_)PG).*(URL|URI|DSN|UNPOOLED|CONNECTION)`}

func isURLName(name string) bool {
	return urlName.Get().MatchString(name) && !strings.Contains(strings.ToUpper(name), "SHADOW")
}

func checkOneURL(r *run) {
	r.each(envFile, func(f *file) {
		for _, e := range f.env {
			r.checkURL(f, e.Name, e.Value, e.ValueAt.Start, e.ValueAt.End, isProduction(f.path))
		}
	})
	for _, k := range []kind{composeFile, workflowFile} {
		r.each(k, r.checkYAMLURLs)
	}
	r.each(dockerFile, func(f *file) {
		for _, v := range f.docker.Variables {
			r.checkURL(f, v.Name, v.Value, v.At.Start, v.At.End, isProduction(f.path))
		}
	})
	for _, k := range []kind{shellFile, makeFile, unnamed} {
		r.each(k, func(f *file) { r.checkShellURLs(f, f.shell) })
	}
	r.each(makeFile, r.checkMakeVariables)
	r.each(manifestFile, r.checkManifestURLs)
	r.checkWrittenLogins()
	r.addScripts(ruleOneURL)
	r.checkDatasourceURL()
}

// checkURL checks the value of one variable, at the bytes from start to end of f.
func (r *run) checkURL(f *file, name, value string, start, end int, production bool) {
	if !isURLName(name) {
		return
	}
	message, fix := r.urlMessage(f, name, value, start, end, production)
	if message == "" {
		return
	}
	severity := Error
	switch {
	case r.isPlaceholder(f, value, start):
		severity, fix = Note, nil
		message = fmt.Sprintf("%s has a value here that only stands for one, for a build without a server: nothing can log in with it", visible.String(name))
	case !isTheURL(name) && !production:
		severity = Warning
	}
	r.report(ruleOneURL, severity, f, start, end, message, fix)
}

// guessURL checks a URL that is where a connection's would be, but not the value of a variable. what says where.
func (r *run) guessURL(f *file, what, value string, start, end int) {
	if message, _ := r.urlMessage(f, what, value, start, end, isProduction(f.path)); message != "" {
		r.report(ruleOneURL, Warning, f, start, end, message, nil)
	}
}

// isTheURL reports whether a variable is one of those that mean the one database. Any other may be that of a tool that
// has its own tables elsewhere, such as METABASE_DATABASE_URL.
func isTheURL(name string) bool {
	return name == "DATABASE_URL" || name == "DATABASE_URL_UNPOOLED" || name == "DIRECT_URL"
}

// isTestDatabase reports whether a database is made for tests, which empty it: using the one database instead would be
// worse.
func isTestDatabase(name string) bool {
	return strings.HasSuffix(name, "_test") || strings.HasSuffix(name, "-test")
}

func (r *run) urlMessage(f *file, name, value string, start, end int, production bool) (string, *Fix) {
	expanded := strings.TrimSpace(expand(value))
	if expanded == "" || strings.HasPrefix(expanded, unknown) {
		return "", nil
	}
	a, ok := parseAddress(expanded)
	if !ok {
		if name != "DATABASE_URL" || !strings.Contains(expanded, ":") || strings.HasPrefix(expanded, "prisma://") {
			return "", nil
		}
		scheme, _, _ := strings.Cut(expanded, ":")
		return fmt.Sprintf("%s is not a PostgreSQL URL but %s:…", visible.String(name), visible.String(scheme)), nil
	}
	if !production && isTestDatabase(a.database) || r.isWrittenLogin(f, value) {
		return "", nil
	}
	wrong := r.judge(a, production)
	if len(wrong) == 0 {
		return "", nil
	}
	message := fmt.Sprintf("%s points elsewhere: %s", visible.String(name), strings.Join(wrong, "; "))
	if production && strings.Contains(message, "password") && len(wrong) == 1 {
		message = fmt.Sprintf("%s: %s", visible.String(name), wrong[0])
	}
	url, ok := r.corrected(value)
	if !ok || production || end <= start || end > len(f.data) {
		return message, nil
	}
	quoted := string(f.data[start:end])
	if !strings.Contains(quoted, value) {
		return message, nil
	}
	return message, &Fix{
		Title: "point it to the one database",
		Edits: []Edit{shortest(f.data, Edit{f.path, start, end, strings.Replace(quoted, value, url, 1)})},
		Safe:  f.kind == envFile && isExample(f.path) && isTheURL(name) && a.isLocal(),
	}
}

// placeholderLogin matches the users and passwords of URLs that nothing connects to: code that is built wants the
// variable to be there, and no more.
var placeholderLogin = lazy.Regexp{Text: `^(test|testing|dummy|placeholder|build|builder|ci|fake|mock|none|unused|example|foo|bar|x+|user(name)?|pass(word)?|not[-_]?used)$`}

// building matches the names of scripts, and the commands, that build, generate or check code.
var building = lazy.Regexp{Text: `(?i)(^|[^a-z])(build|generate|typecheck|tsc|lint|validate|compile|bundle|export|ci|vercel)([^a-z]|$)`}

// isPlaceholder reports whether a URL stands where code is built without a server, and has a login that works nowhere.
func (r *run) isPlaceholder(f *file, value string, start int) bool {
	a, ok := parseAddress(expand(value))
	if !ok || !a.isLocal() || !placeholderLogin.Get().MatchString(a.user) || !placeholderLogin.Get().MatchString(a.password) {
		return false
	}
	switch f.kind {
	case dockerFile:
		return true
	case workflowFile:
		return !runsDatabase(f)
	case shellFile, makeFile, unnamed, manifestFile:
		return building.Get().MatchString(path.Base(f.path)) || building.Get().Match(f.data[lineStart(f.data, start):lineEndAt(f.data, start)])
	case envFile:
		return building.Get().MatchString(strings.TrimPrefix(innerName(f.path), ".env"))
	}
	return false
}

// runsDatabase reports whether jobs of a workflow have a database beside them.
func runsDatabase(f *file) bool {
	found := false
	if f.yaml == nil {
		return false
	}
	visitYAML(f.yaml.docs, func(key string, n *yaml.Node) {
		if key != "services" {
			return
		}
		for _, p := range pairs(n) {
			found = found || isDatabaseImage(scalar(p.value, "image")) || isDatabaseImage(p.value.Value)
		}
		for _, c := range items(n) {
			found = found || isDatabaseImage(c.Value) || isDatabaseImage(scalar(c, "name"))
		}
	})
	return found
}

// checkYAMLURLs checks the variables of compose services and of CI, wherever there is an environment.
func (r *run) checkYAMLURLs(f *file) {
	if f.yaml == nil {
		return
	}
	fileIsProduction := isProduction(f.path)
	visitYAML(f.yaml.docs, func(key string, n *yaml.Node) {
		switch key {
		case "environment", "env", "variables", "args":
			vars := environment(n)
			production := fileIsProduction
			for _, v := range vars {
				production = production || v.name == "NODE_ENV" && v.value == "production" && f.kind == composeFile
			}
			for _, v := range vars {
				start := f.yaml.offset(f.data, v.node)
				end := start + len(v.node.Value)
				if v.node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
					end += 2
				}
				r.checkURL(f, v.name, v.value, start, end, production)
				if fileIsProduction {
					r.checkWrittenPassword(f, v, start, end)
				}
			}
		case "run", "script", "before_script":
			for _, c := range items(n) {
				r.checkShellURLs(&file{path: f.path, data: f.data, kind: f.kind, yaml: f.yaml}, shell.Read([]byte(c.Value)))
			}
		}
	})
	for _, s := range r.services(f) {
		if s.at == nil || !isDatabaseImage(s.image) || expand(scalar(s.node, "container_name")) != r.options.Container {
			continue
		}
		if db := r.databaseOf(s); db != "" && !strings.Contains(db, unknown) && db != r.options.Database {
			at := f.yaml.offset(f.data, s.key)
			r.report(ruleOneURL, Error, f, at, at+len(s.key.Value),
				fmt.Sprintf("the container %s creates the database %q, not %q", r.options.Container, db, r.options.Database), nil)
		}
	}
}

// checkWrittenPassword finds a server's password that is written into a production stack instead of taken from outside.
func (r *run) checkWrittenPassword(f *file, v variable, start, end int) {
	if v.name != "POSTGRES_PASSWORD" && v.name != "POSTGRESQL_PASSWORD" && v.name != "PGPASSWORD" {
		return
	}
	if value := expand(v.value); value != "" && !strings.Contains(value, unknown) {
		r.report(ruleOneURL, Error, f, start, end,
			v.name+": its password is written in, and belongs in a variable without a default, such as ${DB_PASSWORD}", nil)
	}
}

func (r *run) checkManifestURLs(f *file) {
	for _, m := range f.pkg.Scripts() {
		s := shell.Read([]byte(m.Value))
		for _, c := range s.Commands {
			for _, a := range c.Assignments {
				r.checkURL(f, a.Name, a.Value.Text, m.ValueAt.Start, m.ValueAt.End, isProduction(f.path))
			}
		}
		for _, d := range s.Defaults {
			r.checkURL(f, d.Name, d.Value, m.ValueAt.Start, m.ValueAt.End, isProduction(f.path))
		}
	}
}

// checkDatasourceURL finds a URL that is written into the schema file.
func (r *run) checkDatasourceURL() {
	for _, f := range r.schema.files {
		for _, b := range f.prisma.Blocks {
			if b.Kind != prisma.DatasourceBlock {
				continue
			}
			for _, m := range b.Members {
				if m.Value != nil && m.Value.Kind == prisma.StringExpr && !r.isWrittenLogin(f, m.Value.Text) && (m.Name.Value == "url" || m.Name.Value == "directUrl") {
					r.report(ruleOneURL, Error, f, m.Value.Span.Start.Offset(), m.Value.Span.End.Offset(),
						m.Name.Value+` is written into the schema: write  env("DATABASE_URL")`, nil)
				}
			}
		}
	}
}
