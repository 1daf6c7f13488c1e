package dburl

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Formats are the forms in which Format writes a target.
var Formats = []string{"url", "env", "jdbc", "psql"}

// prismaParams are parameters of Prisma's clients that PostgreSQL would take for its own settings.
var prismaParams = []string{
	"schema", "connection_limit", "pool_timeout", "socket_timeout", "pgbouncer", "statement_cache_size", "sslaccept",
	"sslidentity", "single_use_connections", ownParam,
}

// Format returns the target as url; as env, the lines of a .env file that a shell can read too; as jdbc, for Java; or
// as psql, the command that connects. All contain the password. ok is false for an unknown format.
func (t Target) Format(format string) (text string, ok bool) {
	switch format {
	case "url":
		return t.URL(), true
	case "env":
		return t.Env([]string{"DATABASE_URL=" + t.URL()}), true
	case "jdbc":
		return t.jdbc(), true
	case "psql":
		return "psql " + remedy.ShellWord(t.ForLibpq().URL()), true
	}
	return "", false
}

// ForLibpq returns the target without what only Prisma understands: libpq refuses a URL with an unknown parameter.
func (t Target) ForLibpq() Target {
	params := url.Values{}
	for name, values := range t.Params {
		if !slices.Contains(prismaParams, name) {
			params[name] = values
		}
	}
	t.Params = params
	return t
}

// Env returns the lines of a .env file that a shell can read too: variables, NAME=VALUE, and then those of libpq.
func (t Target) Env(variables []string) string {
	var lines []string
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		lines = append(lines, name+`="`+value+`"`) // a URL, which needs no quotes, but is read better in them
	}
	for _, v := range t.Libpq() {
		name, value, _ := strings.Cut(v, "=")
		lines = append(lines, name+"="+remedy.ShellWord(value))
	}
	return strings.Join(lines, "\n")
}

// Libpq returns the variables with which libpq, and most other clients, find the target without a URL: NAME=VALUE.
func (t Target) Libpq() []string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	var names, ports []string
	for _, h := range t.Hosts {
		names, ports = append(names, h.Name), append(ports, strconv.Itoa(h.Port))
	}
	add("PGHOST", strings.Join(names, ","))
	add("PGPORT", strings.Join(ports, ","))
	add("PGDATABASE", t.Database)
	add("PGUSER", t.User)
	add("PGPASSWORD", t.Password)
	add("PGSSLMODE", t.Params.Get("sslmode"))
	add("PGTARGETSESSIONATTRS", t.Params.Get("target_session_attrs"))
	return out
}

func (t Target) jdbc() string {
	params := t.Params
	t.Params = map[string][]string{}
	for _, name := range []string{"sslmode", "connect_timeout", "application_name"} {
		if v := params.Get(name); v != "" {
			java := map[string]string{"connect_timeout": "connectTimeout", "application_name": "ApplicationName"}
			if j := java[name]; j != "" {
				name = j
			}
			t.Params.Set(name, v)
		}
	}
	if t.User != "" {
		t.Params.Set("user", t.User)
	}
	if t.Password != "" {
		t.Params.Set("password", t.Password)
	}
	switch params.Get("target_session_attrs") {
	case "read-write", "primary":
		t.Params.Set("targetServerType", "primary")
	case "read-only", "standby":
		t.Params.Set("targetServerType", "secondary")
	case "prefer-standby":
		t.Params.Set("targetServerType", "preferSecondary")
	}
	if pooled, _ := strconv.ParseBool(params.Get("pgbouncer")); pooled {
		t.Params.Set("prepareThreshold", "0") // no named statements
	}
	t.User, t.Password = "", ""
	return "jdbc:" + t.URL()
}
