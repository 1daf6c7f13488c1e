// Package password keeps the password of an instance's role, and that of the role which only reads: who knows it, and how
// it changes without being lost where naap is killed in between.
package password

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Kind says who knows a role's password.
type Kind string

const (
	Public Kind = "public" // the default, or one from a repository
	Own    Kind = "own"    // the user gave it, by a flag or a variable
	Random Kind = "random" // made by naap and kept in the state folder
)

// Options says what is done with a password; without Random and Default it is only looked at.
type Options struct {
	Random  bool // give the role one that nobody knows
	Default bool // give it that of the settings again
	DryRun  bool
}

// Plan is what is known of a password, and what is done with it; it has been done if Applied is set.
type Plan struct {
	Role    string
	Is      Kind     // before a change
	Becomes Kind     // "" where nothing changes
	Source  string   // where the password in force comes from
	Steps   []string // what a change does, a line for each step
	Applied bool
	Others  []string // with a random password: the roles that log in with passwords of their own
}

// Decide decides what a change would do. It fails with settings.password where a flag or variable gives the password, or
// the settings ask for the opposite.
func Decide(set *workspace.Settings, opt Options) (*Plan, error) {
	origin := set.Origin("password")
	p := &Plan{Role: set.User, Is: KindOf(set), Source: origin.String()}
	switch {
	case !opt.Random && !opt.Default:
		return p, nil
	case p.Is == Own:
		return nil, remedy.New("settings.password", remedy.ExitRefused, "the password is given here, so another one would not be used").
			WithSeen("password is set by " + p.Source).WithFix("leave that out: unset NAAP_PASSWORD")
	case opt.Random:
		p.Becomes = Random
		p.Steps = []string{
			"note a new random password in the state folder, readable by you alone", "ALTER ROLE " + postgres.Ident(set.User) + " PASSWORD …", "keep it",
		}
	case set.PasswordIs.Random:
		return nil, remedy.New("settings.password", remedy.ExitRefused, `the settings ask for a random password`).
			WithSeen(`password = "random" in the settings`).WithFix(`take that out of naap.toml or NAAP_PASSWORD first`)
	case p.Is == Random || set.PasswordIs.Next != "":
		p.Becomes = Public
		p.Steps = []string{"ALTER ROLE " + postgres.Ident(set.User) + " PASSWORD …, that of the settings", "forget the random one"}
	}
	return p, nil
}

// KindOf returns who knows the password in force.
func KindOf(set *workspace.Settings) Kind {
	switch {
	case set.PasswordIs.Kept:
		return Random
	case set.Origin("password").IsPerson() && !set.PasswordIs.Random:
		return Own
	}
	return Public
}

// newOne returns 130 bits of randomness, in characters that have no meaning in a URL, a shell or a .env file.
func newOne() string { return rand.Text() }

// Change gives the role a random password, or that of the settings. If it is killed between any two steps, the
// role's password is among those that the state folder and the settings know; see Other.
func Change(ctx context.Context, ws *workspace.Workspace, db *postgres.DB, random bool) error {
	set := &ws.Settings
	next := set.PasswordIs.Plain
	if random {
		next = newOne()
	}
	before := workspace.KeptPassword{User: set.User}
	if set.PasswordIs.Kept {
		before.Password = set.Password
	}
	noted := before
	noted.Next = next
	if err := ws.Folders.WritePassword(set.Instance, noted); err != nil {
		return fmt.Errorf("note the new password: %w", err)
	}
	err := db.InTx(ctx, func(tx postgres.Tx) error { return postgres.SetPassword(ctx, tx, set.User, next) })
	if _, refused := postgres.AsServerError(err); refused {
		_ = ws.Folders.WritePassword(set.Instance, before) // a note of a change that certainly was not made does no harm either
	}
	if err != nil {
		return remedy.New("password.change", remedy.ExitFailed, "the server does not change the password of %q", set.User).Wrap(err)
	}
	set.Password, set.PasswordIs.Next, set.PasswordIs.Kept = next, "", random
	return keep(ws)
}

// keep records the password in force and forgets others.
func keep(ws *workspace.Workspace) error {
	set := &ws.Settings
	k := workspace.KeptPassword{User: set.User}
	if set.PasswordIs.Kept {
		k.Password = set.Password
	}
	if err := ws.Folders.WritePassword(set.Instance, k); err != nil {
		return fmt.Errorf("keep the password: %w", err)
	}
	return nil
}

// Make creates the random password that the settings ask for, and reports whether they do and there is none yet. It is
// for a server that does not exist yet, and so never has another one.
func Make(ws *workspace.Workspace) (made bool, err error) {
	set := &ws.Settings
	if Asked(ws) == "" || set.PasswordIs.Next != "" {
		return false, nil
	}
	set.Password, set.PasswordIs.Kept = newOne(), true
	return true, keep(ws)
}

// Finish completes a change that was killed: the server has told which of the passwords holds. The instance's
// lock is held, so that no change is under way.
func Finish(ws *workspace.Workspace) error {
	set := &ws.Settings
	if set.PasswordIs.Next == "" {
		return nil
	}
	set.PasswordIs.Next, set.PasswordIs.Kept = "", set.Password != set.PasswordIs.Plain
	return keep(ws)
}

// Forget forgets the password of data that is gone.
func Forget(ws *workspace.Workspace) error {
	if ws.Settings.IsExternal() {
		return nil
	}
	return ws.Folders.WritePassword(ws.Settings.Instance, workspace.KeptPassword{})
}

// Other reports whether a refused password is to be tried again with another one, which is in force from then
// on: a change of it was killed, and either may hold.
func Other(ws *workspace.Workspace, err error) bool {
	set := &ws.Settings
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != "28P01" || set.PasswordIs.Next == "" || set.IsExternal() {
		return false
	}
	set.Password, set.PasswordIs.Next = set.PasswordIs.Next, set.Password
	set.PasswordIs.Kept = set.Password != set.PasswordIs.Plain
	return true
}

// Now returns the password for a new connection of a pool that may have been opened before another naap changed
// it; "" means the pool's own.
func Now(ctx context.Context, ws *workspace.Workspace) string {
	set := &ws.Settings
	if set.IsExternal() || KindOf(set) == Own || set.PasswordIs.Next != "" {
		return ""
	}
	kept, err := ws.Folders.ReadPassword(ctx, set.Instance)
	switch {
	case err != nil || kept.Next != "":
		return ""
	case kept.User == set.User && kept.Password != "":
		return kept.Password
	case set.PasswordIs.Kept: // it was given up
		return set.PasswordIs.Plain
	}
	return ""
}

// Asked returns the role that is to get a random password, because the settings ask for one, or "".
func Asked(ws *workspace.Workspace) string {
	if set := &ws.Settings; !set.IsExternal() && set.PasswordIs.Random && !set.PasswordIs.Kept {
		return set.User
	}
	return ""
}

// Refused explains a refused password: the role's password was set when the data was made, and a setting that is
// changed later does not change it.
func Refused(ws *workspace.Workspace, err error) error {
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != "28P01" || ws.Settings.IsExternal() || remedy.Code(err) == "container.login" {
		return err
	}
	set := &ws.Settings
	return remedy.New("database.auth", remedy.ExitNoServer, "the server does not accept the password of user %q", set.User).
		WithSeen(said.Message, "the password in effect is set by "+set.Origin("password").String()).
		WithHelp(remedy.Words("use the password that the data was made with: NAAP_PASSWORD, or password in naap.toml; another home may have made it random, and prints it there:"), remedy.Naap("dev url"), remedy.Naap("config")).Behind(err)
}
