package devenv

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// exposure is what a public password means on this machine, in a line; "" where nobody else has an account here, or nobody
// else knows the password. confined is of an embedded server; a container's programs are not this machine's.
func (e *Env) exposure(engine string, confined bool) string {
	if e.IsExternal() || passwordKind(&e.ws.Settings) != PasswordPublic {
		return ""
	}
	others := otherAccounts()
	if len(others) == 0 {
		return ""
	}
	who := "another person has an account on this machine (" + visible.String(others[0]) + ")"
	if len(others) > 1 {
		who = fmt.Sprintf("%d other people have accounts on this machine (%s)", len(others), visible.String(someOf(others, 3)))
	}
	may := "read and change this database"
	if engine == EngineEmbedded && !confined {
		may += " and, since its server is not confined here, run programs as you"
	}
	return who + " and can, with the public password, " + may
}

func someOf(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + ", …"
}

// endExposure is how a person ends that.
func endExposure() remedy.Advice { return remedy.Naap("dev password", "--random") }

// checkOthers says what the password means to other people of this machine, and what the server may reach.
func (d *doctor) checkOthers(engine string, confined bool) {
	if engine == EngineEmbedded {
		if confined {
			d.fine("server.confined", "The server is confined: it reaches its data and the system's files only")
		} else {
			d.add("server.confined", Notable, "The server is not confined: who logs in as a superuser runs programs as you",
				[]string{d.env.whyUnconfined()}, remedy.Naap("dev down").And(remedy.Again("dev up")).Note("where an older naap started it"), endExposure())
		}
	}
	set := &d.env.ws.Settings
	seen := "the password is set by " + set.Origin("password").String()
	switch line := d.env.exposure(engine, confined); {
	case line != "":
		d.add("password", Warning, "Others can log in: "+line, []string{seen}, endExposure())
	case !d.env.IsExternal() && passwordKind(set) == PasswordPublic:
		d.fine("password", "The password is public, and nobody else has an account on this machine", seen)
	default:
		d.fine("password", "The password is your own", seen)
	}
}

func (e *Env) whyUnconfined() string {
	switch {
	case !e.ws.Settings.Embedded.Confined:
		return "embedded.confined is false by " + e.ws.Settings.Origin("embedded.confined").String()
	case embedpg.CanConfine():
		return "it was started by an older naap, or with other settings"
	}
	return "that takes Linux 6.2 or later, with Landlock"
}
