package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).passwordCommand) }

type passwordDocument struct {
	Version  int      `json:"version"`
	Role     string   `json:"role"`
	Password string   `json:"password"` // who knows it, never the password
	Source   string   `json:"source,omitempty"`
	Plan     []string `json:"plan"`
	Applied  bool     `json:"applied"`
	Others   []string `json:"other_logins,omitempty"`
}

func (a *app) passwordCommand() *cobra.Command {
	var opt password.Options
	c := &cobra.Command{
		Use:   "password",
		Short: "Say who knows the database's password, or make it one that nobody else knows",
		Long: "The default URL's password is public: every account of this machine can log in with it. --random gives the role one\n" +
			"that is kept in naap's state folder, readable by you alone; `naap dev url`, the app, seeds and psql then use it, and a\n" +
			".env file needs the new URL. --default gives back that of the settings. Open sessions stay open.",
		Example: "  naap dev password --random\n  naap dev url --format env",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			p, err := env.Password(ctx, opt, a.steps(false, false).report)
			if err != nil {
				return err
			}
			kind := p.Is
			if p.Applied {
				kind = p.Becomes
			}
			return a.answer(passwordDocument{1, p.Role, string(kind), p.Source, orNone(p.Steps), p.Applied, p.Others}, func() { a.sayPassword(p, kind, opt) })
		}),
	}
	c.Flags().BoolVar(&opt.Random, "random", false, "give the role a random password")
	c.Flags().BoolVar(&opt.Default, "default", false, "give the role the password of the settings again")
	c.Flags().BoolVar(&opt.DryRun, "dry-run", false, "print the plan, and do nothing")
	c.MarkFlagsMutuallyExclusive("random", "default")
	a.setting(c, "engine", "engine", "where the server runs: `"+engine.Choices()+"`")
	return c
}

func (a *app) sayPassword(p *password.Plan, kind password.Kind, opt password.Options) {
	role := visible.String(p.Role)
	switch {
	case p.Applied && kind == password.Random:
		a.say("Role %s has a random password. Have it in a .env file: %s", role, a.target.Line(remedy.Naap("dev url", "--format", "env")))
		if len(p.Others) > 0 {
			a.say("These roles log in with passwords of their own, which it does not change: %s", visible.String(strings.Join(p.Others, ", ")))
		}
	case p.Applied:
		a.say("Role %s has the password of the settings again.", role)
	case opt.DryRun && p.Becomes != "":
		a.sayEach("", p.Steps)
	case kind == password.Random:
		a.say("The password of role %s is random, and kept in %s", role, visible.String(p.Source))
	case kind == password.Own:
		a.say("The password of role %s is given by %s", role, visible.String(p.Source))
	default:
		a.say("The password of role %s is public (%s): every account of this machine can log in with it. To end that: %s",
			role, visible.String(p.Source), a.target.Line(remedy.Naap("dev password", "--random")))
	}
}
