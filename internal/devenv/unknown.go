package devenv

import (
	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// A file of the repository may name any server as its database, and whoever connects there sends what the user's own
// environment and home folder have for it: PGPASSWORD, the password file, a service, a client certificate, at least a
// name. No verb therefore connects to a server on another machine before the user has allowed it. A server that the
// user named, by a flag or a variable, is allowed by that.

// UnknownDatabase returns that server if nothing allows it, else none. Its error says why this is not known.
func (e *Env) UnknownDatabase() ([]trust.Standing, error) {
	if e.known.Load() {
		return nil, nil
	}
	item, ok, err := reach.Database(e.ws)
	if err != nil {
		return nil, err
	}
	var held []trust.Standing
	if ok {
		j, _ := e.trustJudge()
		held = trust.Held([]trust.Standing{j.Of(item)})
	}
	if len(held) == 0 {
		e.known.Store(true)
	}
	return held, nil
}

// MayConnect returns the error for a database that must not be connected to before the user has allowed it, or nil. It
// does not ask the server.
func (e *Env) MayConnect() error {
	held, err := e.UnknownDatabase()
	if err != nil || len(held) == 0 {
		return err
	}
	r := remedy.New("database.unknown", remedy.ExitRefused, "%s names a database elsewhere, which naap does not connect to before you allow it: %s",
		visible.String(held[0].Where), visible.String(e.Where()))
	if held[0].Was != "" {
		r.WithSeen(visible.String(seenItem(held[0])))
	}
	return r.WithHelp(waysToAllow(held)...)
}
