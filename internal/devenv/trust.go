package devenv

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// TrustStore returns the store of what the user allowed; TrustRoot returns the folder that it is kept for.
func (e *Env) TrustStore() trust.Store { return trust.In(e.ws.Folders.State) }

// TrustRoot returns the folder that permissions are kept for: the workspace's, or where the search for one began.
func (e *Env) TrustRoot() string {
	if e.ws.Root == "" {
		return e.ws.Dir
	}
	return e.ws.Root
}

// trustJudge returns a judge of what is allowed now. The error says why what was kept could not be read; the judge does
// without it then.
func (e *Env) trustJudge() (trust.Judge, error) {
	return trust.NewJudge(e.TrustStore(), e.TrustRoot(), e.ws.Given.And(e.opt.Given))
}

// items returns those of the workspace, with its SQL except for that of the seeds.
func (e *Env) items() []trust.Item {
	items := slices.Concat(e.ws.Items(), reach.SQL(e.ws))
	if item, ok, _ := reach.Database(e.ws); ok { // a URL that cannot be read is an error where naap connects
		items = append(items, item)
	}
	return items
}

// Allow records that items are allowed for this workspace.
func (e *Env) Allow(ctx context.Context, items []trust.Item) error {
	return e.TrustStore().Allow(ctx, e.TrustRoot(), items...)
}

// held returns the items of some kinds, without those of the seeds, that are not allowed.
func (e *Env) held(kinds ...trust.Kind) []trust.Standing {
	j, _ := e.trustJudge()
	return slices.DeleteFunc(trust.Held(j.All(e.items())), func(s trust.Standing) bool { return !slices.Contains(kinds, s.Kind) })
}

// mayUse returns the error for items of some kinds that a verb needs and the user has not allowed, or nil.
func (e *Env) mayUse(kinds ...trust.Kind) error { return e.refusal(e.held(kinds...)) }

func (e *Env) refusal(held []trust.Standing) error {
	if len(held) == 0 {
		return nil
	}
	err := remedy.New(trust.CodeNeeded, remedy.ExitRefused, "the workspace's files name what you have not allowed")
	for _, s := range held {
		err.WithSeen(visible.String(seenItem(s)))
	}
	return err.WithHelp(waysToAllow(held)...)
}

// seenItem describes a standing in one line.
func seenItem(s trust.Standing) string {
	text := s.Where + ": " + s.Kind.Title() + ": " + strings.Join(strings.Fields(s.Text), " ")
	if s.Was != "" {
		text += " (allowed before: " + strings.Join(strings.Fields(s.Was), " ") + ")"
	}
	return text
}

// waysToAllow returns how the user allows what is held: at a terminal, or up front.
func waysToAllow(held []trust.Standing) []remedy.Advice {
	var kinds []string
	for _, s := range held {
		if !slices.Contains(kinds, string(s.Kind)) {
			kinds = append(kinds, string(s.Kind))
		}
	}
	return []remedy.Advice{remedy.Naap("dev trust").Note("shows it whole and asks"), upFront(kinds...)}
}

// upFront returns the way to allow kinds where there is nobody to ask.
func upFront(kinds ...string) remedy.Advice {
	return remedy.Line("or, without a terminal: ", remedy.Words(trust.Variable+"="+strings.Join(kinds, ",")+" ").Yes(), remedy.Again(""))
}

// notAllowed says how the user allows what was left out; flag is the flag for it, or "".
func (e *Env) notAllowed(flag string) string {
	way := e.opt.Target.Line(remedy.Naap("dev trust"))
	switch {
	case e.opt.Target.Unattended != "":
		return "not allowed by a person, who does that in a terminal: " + way
	case flag != "":
		return "not allowed by you; allow it with " + flag + ", or for good: " + way
	}
	return "not allowed by you; allow it: " + way
}

// StandingLine describes a standing in one line, for a plan.
func StandingLine(s trust.Standing) string {
	verb := "ask first, it is " + s.State() + ": "
	if s.Allowed {
		verb = s.By + ": "
	}
	return verb + s.Line()
}

func standingLines(all []trust.Standing) string {
	var b strings.Builder
	for _, s := range all {
		b.WriteString(StandingLine(s) + "\n")
	}
	return b.String()
}

// mayStart returns the error for what the chosen engine's server needs to start and the user has not allowed, or nil.
func (e *Env) mayStart(kind *engine.Kind) error {
	j, _ := e.trustJudge()
	return e.refusal(slices.DeleteFunc(trust.Held(j.All(e.items())), func(s trust.Standing) bool { return !kind.Needs(e.ws, s.Item) }))
}

// programsFolder returns the folder set for the server's programs, or "" if the user has not allowed it.
func (e *Env) programsFolder() string {
	if len(e.held(trust.ServerPrograms)) > 0 {
		return ""
	}
	return e.ws.Settings.PostgresBin
}

// isHeldSQL reports whether a file reaches out of the database and the user has not allowed that.
func (e *Env) isHeldSQL(name string) bool {
	return slices.ContainsFunc(e.held(trust.SQL), func(s trust.Standing) bool { return s.Subject == name })
}

// heldSeeds returns the names of seed files that reach out of the database where the user has not allowed that.
func (e *Env) heldSeeds(files []*seedfile.File) []string {
	var names []string
	j, _ := e.trustJudge()
	for _, f := range files {
		if item, ok := reach.Seed(e.ws, f); ok && !j.Of(item).Allowed {
			names = append(names, f.Name)
		}
	}
	return names
}
