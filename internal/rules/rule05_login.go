package rules

import (
	"bytes"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/script"
	"github.com/livepeer/naap-dev/internal/visible"
)

// checkWrittenLogins finds the passwords for databases on other machines, wherever they are: in a variable, in code, in
// a document or a comment.
func (r *run) checkWrittenLogins() {
	for _, name := range r.order {
		if f := r.files[name]; f.kind != scriptFile {
			r.checkLogins(f)
			r.checkShellLogins(f)
		}
	}
}

// checkLogins finds the logins in a file's text, whatever its kind.
func (r *run) checkLogins(f *file) {
	if isTest(f.path) {
		return
	}
	for _, l := range logins(f.data) {
		if host := r.foreign(l.address); host != "" {
			r.reportLogin(f, host, l.start, l.end)
		}
	}
}

// mostLogins is how many logins of a file are looked at: a file with more is a list of them.
const mostLogins = 200

func (r *run) reportLogin(f *file, host string, start, end int) {
	where := " to " + visible.String(host)
	if strings.Contains(host, unknown) {
		where = " to another machine"
	}
	r.report(ruleOneURL, Error, f, start, end,
		"a login"+where+" is written in here, password included: read it from the environment, and change that password, which the history keeps", nil)
}

// login is a URL or a connection string with a password in it.
type login struct {
	address
	start, end int
}

var (
	loginURL = lazy.Regexp{Text: `(?:postgres|postgresql|prisma\+postgres|pgsql|postgresql\+\w+)://(?:\$\{\{[^}\n]*\}\}|\{\{[^}\n]*\}\}|\$\{[^}\n]*\}|<[^<>\s]*>|[^\s"'<>` + "`" + `\\|])+`}
	// loginWords matches the part of libpq's keyword form that tells where, and its password on the same line.
	loginWords = lazy.Regexp{Text: `\bhost(?:addr)?=([^\s"'` + "`" + `;,&]+)[^\n"` + "`" + `]*?\bpassword=([^\s"'` + "`" + `;,&]+)`}
)

// logins returns the URLs with passwords in a text, and the connection strings of libpq's.
func logins(data []byte) []login {
	var found []login
	if bytes.Contains(data, []byte("://")) && bytes.Contains(data, []byte("ostgre")) || bytes.Contains(data, []byte("pgsql://")) {
		for _, loc := range loginURL.Get().FindAllIndex(data, mostLogins) {
			text := strings.TrimRight(string(data[loc[0]:loc[1]]), ".,;:!?)]}*_")
			if a, ok := parseAddress(expand(text)); ok && a.password != "" {
				found = append(found, login{a, loc[0], loc[0] + len(text)})
			}
		}
	}
	if bytes.Contains(data, []byte("password=")) && bytes.Contains(data, []byte("dbname=")) {
		for _, m := range loginWords.Get().FindAllSubmatchIndex(data, mostLogins) {
			a := address{password: expand(string(data[m[4]:m[5]])), hosts: []string{expand(string(data[m[2]:m[3]]))}}
			found = append(found, login{a, m[0], m[1]})
		}
	}
	return found
}

// holdsLogin reports whether a text holds a login to another machine, as far as that can be told without the
// workspace's compose files.
func (o Options) holdsLogin(data []byte) bool {
	r := &run{options: o}
	return slices.ContainsFunc(logins(data), func(l login) bool { return r.foreign(l.address) != "" })
}

// isWrittenLogin reports whether a value has its finding as a login that is written in.
func (r *run) isWrittenLogin(f *file, value string) bool {
	a, ok := parseAddress(expand(strings.TrimSpace(value)))
	return ok && !isTest(f.path) && r.foreign(a) != ""
}

// foreign returns the host on another machine that an address has a password for, or "". A password that only stands
// for one is none, and neither is one that everybody knows, unless the host is certainly a machine of somebody's.
func (r *run) foreign(a address) string {
	kind := passwordKind(a.user, a.password)
	if kind == noPassword {
		return ""
	}
	for _, h := range a.hosts {
		host := h
		if name, _, err := net.SplitHostPort(h); err == nil {
			host = name
		}
		host = strings.ToLower(strings.Trim(host, "[]"))
		switch where := r.hostKind(host); {
		case where == thisMachine:
		case kind == ownPassword, where == anyMachine:
			return host
		}
	}
	return ""
}

// passwords, by what they give away.
const (
	noPassword     = iota // none, a variable, or a word that stands for one
	commonPassword        // one that everybody tries first
	ownPassword
)

var (
	standsFor = lazy.Regexp{Text: `(?i)^(x+|.{0,2}|pwd|pass|passw(or)?d\d*|secret|token|change.?(me|it|this)|example|placeholder|redacted|dummy|fake|mock|test\d*|testing|foo|bar|baz|none|unused|` +
		`(your|my|the|some|strong|secure|super|db|database|user|postgres|pg|naap)([-_ ]?(db|database|user|new|super|strong|secure|own))*[-_ ]?(pass(word)?|pwd|secret|pw)([-_ ]?here)?|.*password[-_ ]?here)$`}
	format       = lazy.Regexp{Text: `%[sv(]`} // what is filled in when it runs
	constantName = lazy.Regexp{Text: `^[A-Z][A-Z0-9_]*$`}
	notLiteral   = "<>[]{}*$…" + unknown
)

func passwordKind(user, password string) int {
	if plain, err := url.PathUnescape(password); err == nil {
		password = plain
	}
	switch {
	case strings.ContainsAny(password, notLiteral), strings.Contains(password, "..."), format.Get().MatchString(password), standsFor.Get().MatchString(password):
		return noPassword
	case constantName.Get().MatchString(password) && strings.Contains(password, "PASS"):
		return noPassword
	case password == user, slices.Contains([]string{"postgres", "postgresql", "admin", "root", "naap", "docker", "1234", "12345", "123456"}, strings.ToLower(password)):
		return commonPassword
	}
	return ownPassword
}

// hosts, by whose machine they may be.
const (
	thisMachine = iota // it, a container on it, or a word that stands for a host
	someMachine        // a name without a domain, or a documentation's domain
	anyMachine         // a domain or an address
)

var (
	standsForHost = lazy.Regexp{Text: `^((db|database|pg|postgres|my|your|some|the|remote|prod|production)?[-_.]?(host(name)?|server|endpoint)|ip([-_]?address)?|address|fqdn|domain|elsewhere|remote|(your|my|some)[-_.].*|x+|\.*)$`}
	serviceName   = lazy.Regexp{Text: `^(db|database|postgres(ql)?|pg|psql|sql|pgbouncer|pooler|timescaledb|supabase)$`}
	exampleDomain = lazy.Regexp{Text: `(^|\.)(example(\.(com|org|net|edu))?|invalid|test)$`}
)

func (r *run) hostKind(host string) int {
	ip := net.ParseIP(host)
	switch {
	case host == "", strings.ContainsAny(host, notLiteral), standsForHost.Get().MatchString(host), serviceName.Get().MatchString(host),
		isLoopback(host), host == "host.docker.internal", host == r.options.Container, host == r.options.Service, r.isService(host):
		return thisMachine
	case ip != nil, strings.Contains(host, ".") && !exampleDomain.Get().MatchString(host):
		return anyMachine
	}
	return someMachine
}

// checkShellLogins finds PGPASSWORD=… psql -h HOST in a shell script.
func (r *run) checkShellLogins(f *file) {
	if f.shell == nil || isTest(f.path) {
		return
	}
	for _, c := range f.shell.Commands {
		i := slices.IndexFunc(c.Assignments, func(a shell.Assignment) bool { return a.Name == "PGPASSWORD" })
		host := hostOption(c)
		if i < 0 || host == "" {
			continue
		}
		value := c.Assignments[i].Value
		if to := r.foreign(address{password: expand(value.Text), hosts: []string{expand(host)}}); to != "" {
			r.reportLogin(f, to, value.At.Start, value.At.End)
		}
	}
}

// hostOption returns the host that a command is given with -h or --host.
func hostOption(c shell.Command) string {
	for i, w := range c.Words {
		switch value, joined := strings.CutPrefix(w.Text, "--host="); {
		case joined:
			return value
		case (w.Text == "-h" || w.Text == "--host") && i+1 < len(c.Words):
			return c.Words[i+1].Text
		}
	}
	return ""
}

// checkCodeLogins finds the logins in a script: in its text, and in the objects that connections are made from.
func (r *run) checkCodeLogins(f *file) {
	r.checkLogins(f)
	s := f.script
	if isTest(f.path) || !bytes.Contains(f.data, []byte("password")) {
		return
	}
	looked := 0
	for i := range s.Tokens {
		if s.Word(i) != "password" || !s.Is(i+1, ":") || looked == mostLogins {
			continue
		}
		password, ok := s.Literal(i + 2)
		if looked++; !ok {
			continue
		}
		a := address{password: password}
		if host, ok := siblingText(s, i, "host", "hostname", "server"); ok && isConnection(s, i) {
			a.hosts = []string{host}
			a.user, _ = siblingText(s, i, "user", "username")
		}
		if to := r.foreign(a); to != "" {
			t := s.Tokens[i+2]
			r.reportLogin(f, to, t.Start, t.End)
		}
	}
}

// siblingText returns the text of another key of the object that the key at token i is in.
func siblingText(s *script.Source, i int, keys ...string) (string, bool) {
	depth := 0
	for j := opening(s, i) + 1; j < len(s.Tokens) && j < i+widest && depth >= 0; j++ {
		switch {
		case s.Is(j, "{"), s.Is(j, "("), s.Is(j, "["):
			depth++
		case s.Is(j, "}"), s.Is(j, ")"), s.Is(j, "]"):
			depth--
		case depth == 0 && slices.Contains(keys, s.Word(j)) && s.Is(j+1, ":"):
			return s.Literal(j + 2)
		}
	}
	return "", false
}

// widest is how many tokens of an object are looked at around one of them.
const widest = 2000

// opening returns the token of the bracket that token i is in, or -1 if it is far away.
func opening(s *script.Source, i int) int {
	depth := 0
	for j := i - 1; j >= 0 && j > i-widest; j-- {
		switch {
		case s.Is(j, "}"), s.Is(j, ")"), s.Is(j, "]"):
			depth++
		case s.Is(j, "{"), s.Is(j, "("), s.Is(j, "["):
			if depth--; depth < 0 {
				return j
			}
		}
	}
	return -1
}

// isConnection reports whether the object around token i is what a connection to PostgreSQL is made from.
func isConnection(s *script.Source, i int) bool {
	for range 3 {
		if i = opening(s, i); i < 0 {
			return false
		}
		if name := s.Word(i - 1); s.Is(i, "(") && (connecting[name] || name == "DataSource" || name == "defineConfig") {
			return true
		}
		if s.Is(i-1, ":") && slices.Contains([]string{"connection", "dbCredentials", "postgres", "pg"}, s.Word(i-2)) {
			return true
		}
	}
	return false
}
