package doctor

import (
	"cmp"
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// shellCheck compares the shell's DATABASE_URL with ours: one that points elsewhere is a common trap.
var shellCheck = check{nothing, func(_ context.Context, l *look) {
	shell := l.Getenv("DATABASE_URL")
	if shell == "" {
		return
	}
	export := remedy.Line("export DATABASE_URL=$(", remedy.Naap("dev url"), ")")
	theirs, err := dburl.ParseTarget(shell)
	if err != nil {
		l.add("shell.url", remedy.Warning, "The shell's DATABASE_URL can't be read", []string{dburl.MaskURL(shell)}, export)
		return
	}
	set := &l.Workspace().Settings
	url := set.URL("localhost", cmp.Or(l.Last().Port, set.Port))
	ours, err := dburl.ParseTarget(cmp.Or(set.DatabaseURL, url))
	if err != nil || samePlace(theirs, ours) {
		l.fine("shell.url", "The shell's DATABASE_URL is this database")
		return
	}
	l.add("shell.url", remedy.Warning, "The shell's DATABASE_URL is another database",
		[]string{"DATABASE_URL: " + theirs.Masked(), "this instance: " + ours.Masked()}, export)
}}

func samePlace(a, b dburl.Target) bool {
	if len(a.Hosts) == 0 || len(b.Hosts) == 0 || a.Database != b.Database {
		return false
	}
	return a.Hosts[0].Port == b.Hosts[0].Port && loopback(a.Hosts[0].Name) == loopback(b.Hosts[0].Name)
}

// loopback returns one name for all those that this machine has for itself.
func loopback(host string) string {
	switch host {
	case "localhost", "127.0.0.1", "::1", "":
		return "localhost"
	}
	return host
}
