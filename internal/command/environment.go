package command

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// databaseURL matches what a client takes for a database: a URL, with the scheme of a driver or without, anywhere in a
// value, since some variables hold whole settings.
var databaseURL = lazy.Regexp{Text: `(?i)\b(postgres|postgresql|pgsql|prisma|mysql2?|mariadb|mongodb|sqlserver|mssql|cockroach|cockroachdb|redshift)([+:.][a-z0-9+.-]+)*://`}

// Environ returns an environment in which every variable that names a database names this one: the workspace's own, and
// libpq's. What else holds a database's URL is left out, whatever it is called, unless it is this very database's.
func (db Database) Environ(environ []string) []string {
	var out []string
	for _, kv := range environ {
		_, value, _ := strings.Cut(kv, "=")
		if value == db.URL || !namesDatabase(value) {
			out = append(out, kv)
		}
	}
	// The usual names are set even where nothing names them: a .env file that a command reads leads it nowhere else then.
	out = append(out, "DATABASE_URL="+db.URL, "DIRECT_URL="+db.URL)
	for _, v := range db.Variables {
		out = append(out, v.Name+"="+v.Value(db.URL))
	}
	if target, err := dburl.ParseTarget(db.URL); err == nil {
		out = append(out, target.ForLibpq().Libpq()...)
	}
	return out
}

// namesDatabase reports whether a variable's value is, or has in it, a database's URL or libpq's keywords for one.
func namesDatabase(value string) bool {
	if databaseURL.Get().MatchString(value) {
		return true
	}
	words, err := dburl.Keywords(value)
	if err != nil {
		return false
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(words, func(k dburl.Keyword) bool { return slices.Contains(names, k.Name) })
	}
	return has("host", "hostaddr", "service") && has("dbname", "user", "password", "port")
}
