package doctor

import (
	"cmp"
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// shellCheck compares the shell's DATABASE_URL, and the other variables that the workspace names its database by, with
// ours: one that points elsewhere is a common trap.
var shellCheck = check{nothing, func(ctx context.Context, l *look) {
	set := &l.Workspace().Settings
	ours, err := dburl.ParseTarget(cmp.Or(set.DatabaseURL, set.URL("localhost", cmp.Or(l.Last().Port, set.Port))))
	if err != nil {
		return
	}
	var right, elsewhere, unread []string
	var seen, unreadSeen []string
	for _, v := range l.Workspace().DatabaseVariables(ctx) {
		value := l.Getenv(v.Name)
		if value == "" {
			continue
		}
		theirs, err := dburl.ParseTarget(value)
		switch {
		case err != nil:
			unread, unreadSeen = append(unread, v.Name), append(unreadSeen, v.Name+": "+dburl.MaskURL(value))
		case v.IsShadow():
			l.shadow(v, samePlace(theirs, ours))
		case samePlace(theirs, ours):
			right = append(right, v.Name)
		default:
			elsewhere, seen = append(elsewhere, v.Name), append(seen, v.Name+": "+theirs.Masked())
		}
	}
	if len(unread) > 0 {
		l.add("shell.url", remedy.Warning, "The shell's "+say.And(unread)+" can't be read", unreadSeen, exports(unread)...)
	}
	if n := len(elsewhere); n > 0 {
		l.add("shell.url", remedy.Warning, "The shell's "+say.And(elsewhere)+" "+say.Form(n, "is another database", "are other databases"),
			append(seen, "this instance: "+ours.Masked()), exports(elsewhere)...)
	} else if len(right) > 0 {
		l.fine("shell.url", "The shell's "+say.And(right)+" "+say.Form(len(right), "is", "are")+" this database")
	}
}}

// shadow notes a shadow database that is this very one, which Prisma would empty.
func (l *look) shadow(v workspace.DatabaseVariable, same bool) {
	if same {
		l.add("shell.shadow", remedy.Warning, "The shell's "+v.Name+" is this database, which Prisma would empty",
			[]string{v.Where + ": " + v.Use}, remedy.Words("unset "+v.Name))
	}
}

// exports returns the lines that set variables to this instance.
func exports(names []string) []remedy.Advice {
	return say.Each(names, func(name string) remedy.Advice {
		return remedy.Line("export "+name+"=$(", remedy.Naap("dev url"), ")")
	})
}

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
