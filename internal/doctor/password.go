package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// passwordCheck says what the password means to other users of this machine.
var passwordCheck = check{running, func(_ context.Context, l *look) {
	seen := "the password is set by " + l.Workspace().Settings.Origin("password").String()
	if l.IsExternal() || !l.IsPasswordPublic() {
		l.fine("password", "The password is your own", seen)
		return
	}
	x := ExposureHere(l.server.RunsAsYou)
	if x.Line == "" {
		l.fine("password", "The password is public, nobody else has an account on this machine, and your home folder is closed to others", seen)
		return
	}
	l.add("password", remedy.Warning, "Others can log in: "+x.Line, []string{seen}, x.Ends...)
}}

// loginsCheck names the roles that make a password of the user's own useless.
var loginsCheck = check{database, func(ctx context.Context, l *look) {
	if l.IsExternal() || l.IsPasswordPublic() {
		return
	}
	if others, err := postgres.OtherLogins(ctx, l.db, l.Workspace().Settings.User); err == nil && len(others) > 0 {
		l.add("logins", remedy.Notable, "Other roles log in with passwords of their own", others, remedy.Line("drop those that you do not know (DROP ROLE): ", remedy.Naap("dev psql")))
	}
}}

// Exposure says, in a line, what a public password means on this machine, and how the user ends that; Line is "" if
// there is no sign of other users.
type Exposure struct {
	Line string
	Ends []remedy.Advice
}

// InALine returns the line with what ends it, quoted for a shell.
func (x Exposure) InALine(target remedy.Target) string {
	return x.Line + "; to end that: " + strings.Join(target.Lines(x.Ends), " && ")
}

// ExposureHere looks for other users. runsAsYou is the server's: see server.Endpoint.
//
// A home that is open to others shows that the machine's other accounts, those of its services too, are not kept from
// what is this user's, whether or not other people have an account.
func ExposureHere(runsAsYou bool) Exposure {
	x := Exposure{Ends: []remedy.Advice{remedy.Naap("dev password", "--random")}}
	may := ", with the public password, read and change this database"
	if runsAsYou {
		may += " and, since its server is not confined here, run programs as you"
	}
	others := otherAccounts()
	switch len(others) {
	case 0:
	case 1:
		x.Line = "another person has an account on this machine (" + visible.String(others[0]) + ") and can" + may
	default:
		x.Line = fmt.Sprintf("%d other people have accounts on this machine (%s) and can%s", len(others), visible.String(say.Some(others, 3)), may)
	}
	home := openHome()
	if home.dir == "" {
		return x
	}
	is := visible.String(home.dir) + " is " + home.how
	if x.Line == "" {
		x.Line = "your home folder " + is + ": programs of other accounts of this machine, as its services are, reach into it, and can" + may
	} else {
		x.Line += "; your home folder " + is
	}
	x.Ends = append(x.Ends, remedy.Words("chmod "+home.close+" "+remedy.ShellWord(visible.String(home.dir))))
	return x
}

// openness is a home folder that others may enter or list, and the mode that ends that; dir is "" where they may not.
type openness struct{ dir, how, close string }
