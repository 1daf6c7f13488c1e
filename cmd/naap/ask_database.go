package main

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// connecting are the commands whose verbs connect to the database.
var connecting = []string{"dev", "migrate", "pull"}

// onlyLook are the verbs that say what they see without connecting, and ask for nothing. `up` asks for all that it
// needs at once.
var onlyLook = []string{"dev status", "dev doctor", "dev trust", "dev up"}

// askDatabase asks whether naap may connect to a remote server that a file of the repository names, before a verb that
// needs it. Where nobody can be asked, and for verbs that only look, the verb itself says so.
func (a *app) askDatabase(ctx context.Context, env *devenv.Env) error {
	verb := a.target.Verb
	first, _, _ := strings.Cut(verb, " ")
	if !slices.Contains(connecting, first) || slices.Contains(onlyLook, verb) || a.flagGiven("dry-run") {
		return nil
	}
	held, err := env.UnknownDatabase()
	if err != nil || len(held) == 0 {
		return nil // the verb says what is wrong
	}
	return a.settleTrust(ctx, env, held)
}

// flagGiven reports whether the command line has a flag.
func (a *app) flagGiven(name string) bool {
	return slices.ContainsFunc(a.target.Flags, func(f remedy.Flag) bool { return f.Name == name })
}

// tellUnknown reports whether the database is one that naap does not connect to yet, and says so on stderr.
func (a *app) tellUnknown(env *devenv.Env) bool {
	err := env.MayConnect()
	if err != nil {
		a.tell("naap: %s", a.unknownLine(err))
	}
	return err != nil
}

// unknownLine returns that in one line, with the command that allows it.
func (a *app) unknownLine(err error) string {
	line := visible.String(err.Error())
	if r, ok := remedy.Of(err); ok && len(r.Fix) > 0 {
		line += ": " + visible.String(a.target.Line(r.Fix[0]))
	}
	return line
}
