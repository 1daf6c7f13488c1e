package devenv

import (
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// ownAuth explains a refused password: the role's password was set when the data was made, and a setting that is
// changed later does not change it.
func (e *Env) ownAuth(err error) error {
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != "28P01" || e.IsExternal() || remedy.Code(err) == "container.login" {
		return err
	}
	set := &e.ws.Settings
	return remedy.New("database.auth", remedy.ExitNoServer, "the server does not accept the password of user %q", set.User).
		WithSeen(said.Message, "the password in effect is set by "+set.Origin("password").String()).
		WithHelp(remedy.Words("use the password that the data was made with: NAAP_PASSWORD, or password in naap.toml; another home may have made it random, and prints it there:"), remedy.Naap("dev url"), remedy.Naap("config")).Behind(err)
}
