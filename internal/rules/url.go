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
	user, password, database string
	hosts                    []string // host, or host:port
}

var postgresURL = lazy.Regexp{Text: `^(?:postgresql|postgres|prisma\+postgres|pgsql|postgresql\+\w+)://`}

// parseAddress reads a URL as libpq does. It reports whether it is one for PostgreSQL.
func parseAddress(s string) (address, bool) {
	scheme := postgresURL.Get().FindString(s)
	if scheme == "" {
		return address{}, false
	}
	rest, options := s[len(scheme):], ""
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest, options = rest[:i], rest[i+1:]
	}
	var a address
	authority, database, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(rest, '@'); i > len(authority) { // there is a slash in the password
		authority, database, _ = strings.Cut(rest[i+1:], "/")
		authority = rest[:i+1] + authority
	}
	a.database = database
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		a.user, a.password, _ = strings.Cut(authority[:i], ":")
		authority = authority[i+1:]
	}
	a.hosts = strings.Split(authority, ",")
	for option := range strings.SplitSeq(options, "&") { // as JDBC has them
		if value, ok := strings.CutPrefix(option, "password="); ok && a.password == "" {
			a.password = value
		}
		if value, ok := strings.CutPrefix(option, "user="); ok && a.user == "" {
			a.user = value
		}
	}
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
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") && net.ParseIP(host) != nil ||
		host == "::1" || host == "0.0.0.0"
}

// judge returns what is wrong with an address, a sentence each. production means that it is not for a developer's
// machine: then any host is allowed, but a password is not.
func (r *run) judge(a address, production bool) []string {
	var wrong []string
	if !strings.Contains(a.database, unknown) && a.database != r.options.Database {
		wrong = append(wrong, fmt.Sprintf("its database is %s, not %q", orNone(a.database), r.options.Database))
	}
	if production {
		if a.password != "" && !strings.Contains(a.password, unknown) && !(a.isLocal() && a.isPublic()) {
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

// isPublic reports whether an address has the login that the platform's page gives to everyone for a developer's
// machine.
func (a address) isPublic() bool { return a.user == "postgres" && a.password == "postgres" }

// corrected returns the URL with the right login, host, port and database; its options are unchanged. A URL with
// variables is not corrected, nor one whose right login is not in the repository.
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
	name, password := r.user, r.password
	if user != name+":"+password+"@" {
		if password == "" {
			return "", false
		}
		user = name + ":" + password + "@"
	}
	return fmt.Sprintf("%s%slocalhost:%d/%s%s", scheme, user, r.options.Port, r.options.Database, options), true
}

// findLogin returns the user and the password of the one database, as its compose file sets them. The password is "" where
// it comes from outside of the repository.
func (r *run) findLogin() (user, password string) {
	user, password = "postgres", "postgres"
	found := false
	r.each(composeFile, func(f *file) {
		for _, s := range r.services(f) {
			if found || isProduction(f.path) || s.at == nil || !isDatabaseImage(s.image) || !r.isTheOne(s) {
				continue
			}
			for _, v := range environment(child(s.node, "environment")) {
				value := expand(v.value)
				if strings.Contains(value, unknown) {
					value = ""
				}
				switch v.name {
				case "POSTGRES_USER":
					user, found = value, true
				case "POSTGRES_PASSWORD":
					password, found = value, true
				}
			}
		}
	})
	if user == "" {
		password = ""
	}
	return user, password
}

// isService reports whether a host is a service of one of the workspace's compose files, or its container.
func (r *run) isService(host string) bool { return r.hosts[host] }

// serviceHosts returns the names by which containers of the workspace's compose files reach each other.
func (r *run) serviceHosts() map[string]bool {
	hosts := map[string]bool{}
	r.each(composeFile, func(f *file) {
		for _, s := range r.services(f) {
			hosts[strings.ToLower(s.name)] = true
			hosts[strings.ToLower(expand(scalar(s.node, "container_name")))] = true
		}
	})
	return hosts
}
