package server

import (
	"cmp"
	"fmt"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// MaxLocks is the max_locks_per_transaction of the servers that naap makes. PostgreSQL's own, 64, is enough for some 1,300
// tables that are made in one transaction: each with its index, its TOAST table and that one's index, which makes six locks
// for a table of the usual kind. With this, 10,000 tables take half of the room. A server of 100 connections has 44 MB more
// of shared memory by it, of which it touches the half that it uses.
const MaxLocks = 1024

// LocksSetting is the name of that setting.
const LocksSetting = "max_locks_per_transaction"

// Wanted is what is asked of an instance's server, whatever it runs in. The zero value of a field means the default.
type Wanted struct {
	Instance   string // "naap"
	Port       int    // 5432; on loopback.Host only
	PortPinned bool   // the user asked for this port: no other one will do

	User, Password, Database string // "postgres", "postgres", "naap"; they are made with the data
}

// WithDefaults returns w with the defaults in the place of zero values.
func (w Wanted) WithDefaults() Wanted {
	w.Instance = cmp.Or(w.Instance, "naap")
	w.User, w.Password, w.Database = cmp.Or(w.User, "postgres"), cmp.Or(w.Password, "postgres"), cmp.Or(w.Database, "naap")
	if w.Port == 0 {
		w.Port, w.PortPinned = 5432, false
	}
	return w
}

// URL returns the connection URL at a port without the password, safe to show.
func (w Wanted) URL(port int) string {
	return visible.String(fmt.Sprintf("postgresql://%s@localhost:%d/%s", w.User, port, w.Database))
}

// PortTaken refuses a port that others have. free is another one, to be offered; 0 for none.
func (w Wanted) PortTaken(port, free int, owners ...string) *remedy.Error {
	return w.Offer(remedy.New("port.taken", remedy.ExitNoServer, "port %d on %s is taken by %s", port, loopback.Host, say.And(owners)).
		WithSeen(w.on(port)), free)
}

// Offer adds a free port to a refusal; 0 adds nothing.
func (w Wanted) Offer(e *remedy.Error, free int) *remedy.Error {
	if free > 0 {
		e.WithSeen(w.on(free)).WithHelp(remedy.Words("use another port:"), remedy.Again("dev up", "--port", fmt.Sprint(free)))
	}
	return e
}

func (w Wanted) on(port int) string {
	return fmt.Sprintf("on port %d it would be %s", port, w.URL(port))
}

// StopOwner adds to a refusal how to be rid of the process that has a port, or how to find it.
func StopOwner(e *remedy.Error, port int, owner loopback.Owner) *remedy.Error {
	if owner.PID > 0 {
		return e.WithFix("or stop the process that has it:", fmt.Sprintf("kill %d", owner.PID))
	}
	return e.WithFix("or find out who has it:", fmt.Sprintf("sudo ss -ltnp 'sport = :%d'", port))
}
