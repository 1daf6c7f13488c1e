package rules

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// unknown replaces, in a URL, a variable without a default: nothing is known about that part.
const unknown = "\x00"

// expand fills in the defaults of ${NAME:-default} and replaces every other variable with unknown: the shell's and
// compose's $NAME, a workflow's ${{ … }} and a template's {{ … }} or <…>.
func expand(s string) string {
	for range 20 {
		next := innermost.Get().ReplaceAllStringFunc(s, func(m string) string {
			if parts := withDefault.Get().FindStringSubmatch(m); parts != nil {
				return parts[1]
			}
			return unknown
		})
		if next == s {
			break
		}
		s = next
	}
	return plainVariable.Get().ReplaceAllString(s, unknown)
}

var (
	innermost     = lazy.Regexp{Text: `\$\{\{[^}]*\}\}|\{\{[^}]*\}\}|\$\{[^{}]*\}`}
	withDefault   = lazy.Regexp{Text: `(?s)^\$\{\w+:?[-=](.*)\}$`}
	plainVariable = lazy.Regexp{Text: `\$\w+|\$\([^)]*\)|<[^<>\s]*>|%\w+%`}
)

// address is a PostgreSQL URL in its parts. Those that are not known contain the unknown mark.
type address struct {
	password, database string
	hosts              []string // host, or host:port
}

var postgresURL = lazy.Regexp{Text: `^(?:postgresql|postgres|prisma\+postgres|pgsql|postgresql\+\w+)://`}

// parseAddress reads a URL as libpq does. It reports whether it is one for PostgreSQL.
func parseAddress(s string) (address, bool) {
	scheme := postgresURL.Get().FindString(s)
	if scheme == "" {
		return address{}, false
	}
	rest := s[len(scheme):]
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	var a address
	authority, database, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i > len(authority) { // there is a slash in the password
		authority, database, _ = strings.Cut(rest[i+1:], "/")
		authority = rest[:i+1] + authority
	}
	a.database = database
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		_, a.password, _ = strings.Cut(authority[:i], ":")
		authority = authority[i+1:]
	}
	a.hosts = strings.Split(authority, ",")
	return a, true
}

// isLocal reports whether an address leads to this machine and nowhere else.
func (a address) isLocal() bool {
	for _, h := range a.hosts {
		if name, _, err := net.SplitHostPort(h); err == nil {
			h = name
		}
		if !isLoopback(strings.Trim(h, "[]")) {
			return false
		}
	}
	return len(a.hosts) > 0
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// judge returns what is wrong with an address, a sentence each. production means that it is not for a developer's
// machine: then any host is allowed, but a password is not.
func (r *run) judge(a address, production bool) []string {
	var wrong []string
	if !strings.Contains(a.database, unknown) && a.database != r.options.Database {
		wrong = append(wrong, fmt.Sprintf("its database is %s, not %q", orNone(a.database), r.options.Database))
	}
	if production {
		if a.password != "" && !strings.Contains(a.password, unknown) {
			wrong = append(wrong, "its password is written in, and belongs in a variable such as DB_PASSWORD")
		}
		return wrong
	}
	for _, h := range a.hosts {
		if problem := r.judgeHost(h); problem != "" {
			wrong = append(wrong, problem)
		}
	}
	return wrong
}

func orNone(s string) string {
	if s == "" {
		return "not named"
	}
	return strconv.Quote(s)
}

// judgeHost compares a host and port of a URL with those of the one database: on this machine, or in the containers'
// network under the name of its service or its container.
func (r *run) judgeHost(hostport string) string {
	host, port := hostport, ""
	if h, p, err := net.SplitHostPort(hostport); err == nil {
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	if strings.Contains(host, unknown) || host == "" {
		return ""
	}
	ports := []string{strconv.Itoa(r.options.Port)}
	switch {
	case isLoopback(host) || host == "host.docker.internal":
	case host == r.options.Container || host == r.options.Service:
		ports = []string{"5432"}
	default:
		return fmt.Sprintf("its host is %q, and the one database is at localhost:%d", host, r.options.Port)
	}
	port = cmp.Or(port, "5432")
	if strings.Contains(port, unknown) || slices.Contains(ports, port) {
		return ""
	}
	return fmt.Sprintf("its port is %s, and the one database listens on %s", port, ports[0])
}

// corrected returns the URL with the right host, port and database; its user, password and options are unchanged. A URL
// with variables is not corrected.
func (r *run) corrected(url string) (string, bool) {
	scheme := postgresURL.Get().FindString(url)
	if scheme == "" || strings.Contains(expand(url), unknown) || strings.Contains(url, "$") {
		return "", false
	}
	rest, options := url[len(scheme):], ""
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest, options = rest[:i], rest[i:]
	}
	user := ""
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		user = rest[:i+1]
	}
	return fmt.Sprintf("%s%slocalhost:%d/%s%s", scheme, user, r.options.Port, r.options.Database, options), true
}
