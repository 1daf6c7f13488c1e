package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// exposed is what a public password means on this machine, in a line, and how a person ends that; the line is "" where
// nothing speaks for others here, or they do not know the password.
type exposed struct {
	line string
	ends []remedy.Advice
}

// inALine is the line with what ends it, as a shell takes it.
func (x exposed) inALine(target remedy.Target) string {
	var ways []string
	for _, a := range x.ends {
		ways = append(ways, target.Line(a))
	}
	return x.line + "; to end that: " + strings.Join(ways, " && ")
}

// exposure looks for others. runsAsYou is the server's: see engine.Endpoint.
//
// A home that is open to others says that the machine's other accounts, those of its services too, are not kept from what is
// this person's, whether or not other people have one.
func (e *Env) exposure(runsAsYou bool) exposed {
	if e.IsExternal() || passwordKind(&e.ws.Settings) != PasswordPublic {
		return exposed{}
	}
	x := exposed{ends: []remedy.Advice{endExposure()}}
	may := ", with the public password, read and change this database"
	if runsAsYou {
		may += " and, since its server is not confined here, run programs as you"
	}
	others := otherAccounts()
	switch len(others) {
	case 0:
	case 1:
		x.line = "another person has an account on this machine (" + visible.String(others[0]) + ") and can" + may
	default:
		x.line = fmt.Sprintf("%d other people have accounts on this machine (%s) and can%s", len(others), visible.String(someOf(others, 3)), may)
	}
	home := openHome()
	if home.dir == "" {
		return x
	}
	is := visible.String(home.dir) + " is " + home.how
	if x.line == "" {
		x.line = "your home folder " + is + ": programs of other accounts of this machine, as its services are, reach into it, and can" + may
	} else {
		x.line += "; your home folder " + is
	}
	x.ends = append(x.ends, remedy.Words("chmod "+home.close+" "+remedy.ShellWord(visible.String(home.dir))))
	return x
}

// openness is a home folder that others may enter or list, and the mode that ends that; dir is "" where they may not.
type openness struct{ dir, how, close string }

func someOf(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + ", …"
}

// endExposure is how a person ends that.
func endExposure() remedy.Advice { return remedy.Naap("dev password", "--random") }

// checkOthers says what the password means to other people of this machine.
func (d *doctor) checkOthers(runsAsYou bool) {
	set := &d.env.ws.Settings
	seen := "the password is set by " + set.Origin("password").String()
	switch x := d.env.exposure(runsAsYou); {
	case x.line != "":
		d.add("password", Warning, "Others can log in: "+x.line, []string{seen}, x.ends...)
	case !d.env.IsExternal() && passwordKind(set) == PasswordPublic:
		d.fine("password", "The password is public, nobody else has an account on this machine, and your home folder is closed to others", seen)
	default:
		d.fine("password", "The password is your own", seen)
		d.otherLogins = !d.env.IsExternal()
	}
}

// checkLogins names the roles that a password of the person's own keeps from nothing.
func (d *doctor) checkLogins(ctx context.Context, db *postgres.DB) {
	if !d.otherLogins {
		return
	}
	if others, err := postgres.OtherLogins(ctx, db, d.env.ws.Settings.User); err == nil && len(others) > 0 {
		d.add("logins", Notable, "Other roles log in with passwords of their own", others, remedy.Line("drop those that you do not know (DROP ROLE): ", remedy.Naap("dev psql")))
	}
}
