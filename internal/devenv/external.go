package devenv

import (
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Where returns the URL of that server, without its password; "" for an instance of naap's own.
func (e *Env) Where() string {
	if !e.IsExternal() {
		return ""
	}
	return dburl.MaskURL(e.ws.Settings.DatabaseURL)
}

// mayTouch refuses to change a server that naap did not start, unless that was allowed. The verb is that of the command
// that allows it; "" for whichever was given.
func (e *Env) mayTouch(verb string, allowed bool) error {
	if !e.IsExternal() || allowed {
		return nil
	}
	return e.unconfirmed(verb)
}

func (e *Env) unconfirmed(verb string) error {
	return remedy.New("external.unconfirmed", remedy.ExitRefused, "naap did not start this server, and changes it only if told to").
		WithSeen(e.Where()).WithHelp(remedy.Again(verb, "--allow-external"))
}
