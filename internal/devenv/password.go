package devenv

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// PasswordKind says who knows a role's password.
type PasswordKind string

const (
	PasswordPublic PasswordKind = "public" // the default, or one from a repository
	PasswordOwn    PasswordKind = "own"    // the user gave it, by a flag or a variable
	PasswordKept   PasswordKind = "random" // made by naap and kept in the state folder
)

// PasswordOptions says what Password does; without Random and Default it only looks.
type PasswordOptions struct {
	Random  bool // give the role one that nobody knows
	Default bool // give it that of the settings again
	DryRun  bool
}

// Password is what `naap dev password` found, and did if Applied is set.
type Password struct {
	Role    string
	Is      PasswordKind // before a change
	Becomes PasswordKind // "" where nothing changes
	Source  string       // where the password in force comes from
	Plan    []string     // what a change does, a line for each step
	Applied bool
	Others  []string // with a random password: the roles that log in with passwords of their own
}

// Password looks at the password of the instance's role, or changes it in the server and in the state folder. Open
// sessions stay open. It fails with settings.password where a flag or variable gives the password, or the settings ask
// for the opposite, and with password.unasked for a server that does not ask for one.
func (e *Env) Password(ctx context.Context, opt PasswordOptions, report progress.Report) (*Password, error) {
	if e.IsExternal() {
		return nil, remedy.New("password.external", remedy.ExitRefused, "naap keeps passwords for its own servers only").
			WithSeen("database-url is set by " + e.ws.Settings.Origin("database-url").String())
	}
	plan, err := decidePassword(&e.ws.Settings, opt)
	if err != nil || plan.Becomes == "" || opt.DryRun {
		return plan, err
	}
	report = progress.Clock(report)
	db, release, err := e.begin(ctx, writing{verb: "password"}, report)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := e.finishPassword(); err != nil {
		return nil, err
	}
	if err := e.mustAsk(ctx, db, plan.Becomes == PasswordKept); err != nil {
		return nil, err
	}
	report(progress.Step{Name: "password", Title: "Password", Status: progress.Running, Detail: "of role " + plan.Role})
	if err := e.changePassword(ctx, db, plan.Becomes == PasswordKept); err != nil {
		return nil, failed(report, "password", "Password", err)
	}
	report(progress.Step{Name: "password", Title: "Password", Status: progress.Done, Detail: "of role " + plan.Role + ": " + string(plan.Becomes)})
	plan.Applied = true
	if plan.Becomes == PasswordKept {
		plan.Others, _ = postgres.OtherLogins(ctx, db, plan.Role) // the change has been made, whether or not these are known
	}
	return plan, nil
}

// decidePassword decides what a change would do.
func decidePassword(set *workspace.Settings, opt PasswordOptions) (*Password, error) {
	origin := set.Origin("password")
	p := &Password{Role: set.User, Is: passwordKind(set), Source: origin.String()}
	switch {
	case !opt.Random && !opt.Default:
		return p, nil
	case p.Is == PasswordOwn:
		return nil, remedy.New("settings.password", remedy.ExitRefused, "the password is given here, so another one would not be used").
			WithSeen("password is set by " + p.Source).WithFix("leave that out: unset NAAP_PASSWORD")
	case opt.Random:
		p.Becomes = PasswordKept
		p.Plan = []string{
			"note a new random password in the state folder, readable by you alone", "ALTER ROLE " + postgres.Ident(set.User) + " PASSWORD …", "keep it",
		}
	case set.PasswordIs.Random:
		return nil, remedy.New("settings.password", remedy.ExitRefused, `the settings ask for a random password`).
			WithSeen(`password = "random" in the settings`).WithFix(`take that out of naap.toml or NAAP_PASSWORD first`)
	case p.Is == PasswordKept || set.PasswordIs.Next != "":
		p.Becomes = PasswordPublic
		p.Plan = []string{"ALTER ROLE " + postgres.Ident(set.User) + " PASSWORD …, that of the settings", "forget the random one"}
	}
	return p, nil
}

func passwordKind(set *workspace.Settings) PasswordKind {
	switch {
	case set.PasswordIs.Kept:
		return PasswordKept
	case set.Origin("password").IsPerson() && !set.PasswordIs.Random:
		return PasswordOwn
	}
	return PasswordPublic
}

// newPassword returns 130 bits of randomness, in characters that have no meaning in a URL, a shell or a .env file.
func newPassword() string { return rand.Text() }

// changePassword gives the role a random password, or that of the settings. If it is killed between any two steps, the
// role's password is among those that the state folder and the settings know; see otherPassword.
func (e *Env) changePassword(ctx context.Context, db *postgres.DB, random bool) error {
	set := &e.ws.Settings
	next := set.PasswordIs.Plain
	if random {
		next = newPassword()
	}
	before := workspace.KeptPassword{User: set.User}
	if set.PasswordIs.Kept {
		before.Password = set.Password
	}
	noted := before
	noted.Next = next
	if err := e.ws.Folders.WritePassword(set.Instance, noted); err != nil {
		return fmt.Errorf("note the new password: %w", err)
	}
	err := db.InTx(ctx, func(tx postgres.Tx) error { return postgres.SetPassword(ctx, tx, set.User, next) })
	if _, refused := postgres.AsServerError(err); refused {
		_ = e.ws.Folders.WritePassword(set.Instance, before) // a note of a change that certainly was not made does no harm either
	}
	if err != nil {
		return remedy.New("password.change", remedy.ExitFailed, "the server does not change the password of %q", set.User).Wrap(err)
	}
	set.Password, set.PasswordIs.Next, set.PasswordIs.Kept = next, "", random
	return e.keepPassword()
}

// keepPassword records the password in force and forgets others.
func (e *Env) keepPassword() error {
	set := &e.ws.Settings
	k := workspace.KeptPassword{User: set.User}
	if set.PasswordIs.Kept {
		k.Password = set.Password
	}
	if err := e.ws.Folders.WritePassword(set.Instance, k); err != nil {
		return fmt.Errorf("keep the password: %w", err)
	}
	return nil
}

// finishPassword completes a change that was killed: the server has told which of the passwords holds. The instance's
// lock is held, so that no change is under way.
func (e *Env) finishPassword() error {
	set := &e.ws.Settings
	if set.PasswordIs.Next == "" {
		return nil
	}
	set.PasswordIs.Next, set.PasswordIs.Kept = "", set.Password != set.PasswordIs.Plain
	return e.keepPassword()
}

// forgetPassword forgets the password of data that is gone.
func (e *Env) forgetPassword() error {
	if e.IsExternal() {
		return nil
	}
	return e.ws.Folders.WritePassword(e.ws.Settings.Instance, workspace.KeptPassword{})
}

// otherPassword reports whether a refused password is to be tried again with another one, which is in force from then
// on: a change of it was killed, and either may hold.
func (e *Env) otherPassword(err error) bool {
	set := &e.ws.Settings
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != "28P01" || set.PasswordIs.Next == "" || e.IsExternal() {
		return false
	}
	set.Password, set.PasswordIs.Next = set.PasswordIs.Next, set.Password
	set.PasswordIs.Kept = set.Password != set.PasswordIs.Plain
	return true
}

// passwordNow returns the password for a new connection of a pool that may have been opened before another naap changed
// it; "" means the pool's own.
func (e *Env) passwordNow(ctx context.Context) string {
	set := &e.ws.Settings
	if e.IsExternal() || passwordKind(set) == PasswordOwn || set.PasswordIs.Next != "" {
		return ""
	}
	kept, err := e.ws.Folders.ReadPassword(ctx, set.Instance)
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

// keepBeforeMaking creates the random password that the settings ask for before the server exists, so that the server
// never has another. It returns an engine that knows it.
func (e *Env) keepBeforeMaking(ctx context.Context, eng engine.Engine) (engine.Engine, error) {
	set := &e.ws.Settings
	if e.IsExternal() || !set.PasswordIs.Random || set.PasswordIs.Kept || set.PasswordIs.Next != "" {
		return eng, nil
	}
	state, err := eng.Look(ctx)
	if err != nil || state.State != engine.Absent {
		return eng, nil // the existing server has a password; see settlePassword
	}
	eng.Close()
	set.Password, set.PasswordIs.Kept = newPassword(), true
	if err := e.keepPassword(); err != nil {
		return nil, err
	}
	again, _, err := e.Engine(ctx)
	return again, err
}

// randomPassword returns the role that is to get a random password, or "".
func (e *Env) randomPassword() string {
	if set := &e.ws.Settings; !e.IsExternal() && set.PasswordIs.Random && !set.PasswordIs.Kept {
		return set.User
	}
	return ""
}

// mustAsk refuses to change the password of a server that does not ask for one here, or to change it to a random one if
// the server lets some in without: that would promise protection that does not exist.
func (e *Env) mustAsk(ctx context.Context, db *postgres.DB, random bool) error {
	set := e.ws.Settings // a copy, with a password that is certainly wrong
	set.Password = newPassword()
	rec := readRecord(e.StateDir())
	if t, err := postgres.ParseTarget(e.reachedURL()); err == nil && len(t.Hosts) > 0 && rec.Port == 0 {
		rec.Port = t.Hosts[0].Port
	}
	conn, err := postgres.Connect(ctx, dburl.AsOwn(set.URL("127.0.0.1", rec.Port)+"?sslmode=allow"), postgres.Options{Application: "naap probe"})
	if err == nil {
		postgres.Close(conn)
		return unasked("the server does not ask for a password on this machine, so another one would change nothing").
			WithSeen("a wrong password was let in: POSTGRES_HOST_AUTH_METHOD=trust of the container, or trust in pg_hba.conf")
	}
	if !random {
		return nil // everybody knows the password that it gets
	}
	// It asks, here and now; or it is gone, which the change will find. pg_hba.conf may have a line for another database
	// or role. A container's own loopback, which its image trusts, is reached only from inside.
	lines, err := postgres.UnaskedLines(ctx, db, !e.runsInside())
	if err != nil || len(lines) == 0 {
		return nil
	}
	for i := range lines {
		lines[i] = visible.String("pg_hba.conf: " + lines[i])
	}
	return unasked("the server lets some in without a password, so another one would not keep them out").WithSeen(lines...)
}

func unasked(what string) *remedy.Error {
	return remedy.New("password.unasked", remedy.ExitRefused, "%s", what).
		WithFix("have pg_hba.conf say scram-sha-256 in trust's place, for host lines")
}
