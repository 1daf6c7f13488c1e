package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func init() { devCommands = append(devCommands, (*app).trustCommand) }

type trustFlags struct {
	list, forget, all, yes bool
	kinds                  []trust.Kind
}

func (a *app) trustCommand() *cobra.Command {
	var f trustFlags
	c := &cobra.Command{
		Use:   "trust [KIND…]",
		Short: "Show what the repository's files would run or reach, and allow it or take that back",
		Long: "Shows whole what the workspace's files would make naap run, or reach outside the workspace, and asks whether to\n" +
			"allow it: a server elsewhere, a docker context, the container's image and what it is given, server programs, SQL that\n" +
			"reaches out of the database, the seed commands, and those that run after a push. In a workspace that another user\n" +
			"owns, it asks about that. The answer is kept in your state folder, for this workspace and these texts: where a text\n" +
			"changes, naap asks again. Without a terminal nothing is asked. A KIND restricts it to things of that kind, by the\n" +
			"names that --list --json has.",
		Example: "  naap dev trust                  show what is not allowed yet, and ask\n  naap dev trust --list           all of it, and how it stands\n" +
			"  naap dev trust --forget         take back what was allowed here",
		RunE: func(c *cobra.Command, words []string) error {
			kinds, err := kindsOf(words)
			if err != nil {
				return err
			}
			f.kinds = kinds
			return a.trust(c.Context(), f)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			names := say.Each(trust.Kinds(), func(k trust.Kind) string { return string(k) + "\t" + k.Title() })
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	c.Flags().BoolVar(&f.list, "list", false, "print it and how it stands, and ask nothing")
	c.Flags().BoolVar(&f.forget, "forget", false, "take back what was allowed for this workspace")
	c.Flags().BoolVar(&f.all, "all", false, "with --list or --forget: what was allowed for every workspace")
	c.Flags().BoolVar(&f.yes, "yes", false, "allow it without being asked; refused to a coding agent")
	c.MarkFlagsMutuallyExclusive("list", "forget", "yes")
	return c
}

func kindsOf(words []string) ([]trust.Kind, error) {
	var kinds []trust.Kind
	names := say.Each(trust.Kinds(), func(k trust.Kind) string { return string(k) })
	for _, word := range words {
		if !slices.Contains(names, word) {
			return nil, remedy.New("trust.kind", remedy.ExitUsage, "there is no kind %q", visible.String(word)).WithSeen("kinds: " + strings.Join(names, ", ")).
				WithHelp(remedy.Meant("dev trust", word, say.Nearest(word, names))...)
		}
		kinds = append(kinds, trust.Kind(word))
	}
	return kinds, nil
}

// chooses reports whether the command line selects a kind.
func (f trustFlags) chooses(k trust.Kind) bool {
	return len(f.kinds) == 0 || slices.Contains(f.kinds, k)
}

type trustDocument struct {
	Version   int        `json:"version"`
	Workspace string     `json:"workspace"`
	Items     []trustRow `json:"items"`
}

func (a *app) trust(ctx context.Context, f trustFlags) error {
	if f.all && !f.list && !f.forget {
		return remedy.New("usage", remedy.ExitUsage, "--all goes with --list or --forget").WithHelp(remedy.Naap("dev trust", "--help"))
	}
	env, err := a.env(ctx)
	var foreign *workspace.Foreign
	if errors.As(err, &foreign) && f.chooses(trust.Folder) {
		return a.trustFolder(ctx, foreign, f)
	}
	if err != nil {
		return err
	}
	defer env.Close()
	switch {
	case f.all:
		return a.trustEverywhere(ctx, env, f)
	case f.forget:
		gone, err := env.TrustStore().Forget(ctx, env.TrustRoot(), func(g trust.Grant) bool { return f.chooses(g.Kind) })
		if err != nil {
			return err
		}
		return a.printGrants(env.TrustRoot(), gone, "Nothing was allowed here.", "Taken back; it is asked for again.")
	}
	all, err := env.KnownStandings(ctx)
	if err != nil && !f.list {
		return err // the answer could not be kept
	}
	all = slices.DeleteFunc(all, func(s trust.Standing) bool { return !f.chooses(s.Kind) })
	if f.list {
		if err != nil {
			a.warn(visible.String(err.Error()))
		}
		return a.listStandings(env, all)
	}
	return a.allow(ctx, env, all, f)
}

func (a *app) listStandings(env *devenv.Env, all []trust.Standing) error {
	return a.answer(trustDocument{1, env.TrustRoot(), trustRows(all)}, func() { a.sayListed(all) })
}

func (a *app) sayListed(all []trust.Standing) {
	if len(all) == 0 {
		a.say("The files of this workspace make naap run nothing of theirs, and reach nothing outside it.")
	}
	for _, s := range all {
		by := ""
		if s.By != "" {
			by = ", " + s.By
		}
		a.say("%-7s %s  %s, %s%s", s.State(), s.ShortHash(), s.Kind.Title(), visible.String(s.Where), visible.String(strings.TrimPrefix(by, ", allowed")))
		a.sayEach("    ", changedLines(s.Was, s.Text))
	}
}

// allow asks for what is held back and keeps the answer.
func (a *app) allow(ctx context.Context, env *devenv.Env, all []trust.Standing, f trustFlags) error {
	held := trust.Held(all)
	if len(held) == 0 {
		return a.listStandings(env, all)
	}
	if err := a.mayAllow(held, f); err != nil {
		return err
	}
	if err := env.Allow(ctx, trust.Items(held)); err != nil {
		return err
	}
	if a.json {
		now, err := env.KnownStandings(ctx)
		a.printJSON(trustDocument{1, env.TrustRoot(), trustRows(now)})
		return err
	}
	a.sayAllowed(env.TrustRoot())
	return nil
}

func (a *app) sayAllowed(root string) {
	a.say("Allowed for %s. To take it back: %s", visible.String(root), a.target.Line(remedy.Naap("dev trust", "--forget")))
}

// mayAllow shows what is held back and asks; it returns an error where the answer is no.
func (a *app) mayAllow(held []trust.Standing, f trustFlags) error {
	who, automatic := trust.Automatic(os.Environ())
	switch {
	case f.yes && automatic && who.Agent:
		return remedy.New("trust.unconfirmed", remedy.ExitRefused, "%s cannot allow this in a person's place", who.Name).
			WithHelp(remedy.Line("ask the person whose machine this is to run it in a terminal: ", remedy.Naap("dev trust")))
	case !f.yes && !a.canAsk():
		err := remedy.New("trust.unconfirmed", remedy.ExitRefused, "a person must allow this, and nobody can be asked here")
		for _, s := range held {
			err.WithSeen(visible.String(s.Where + ": " + s.Line()))
		}
		return err.WithHelp(remedy.Naap("dev trust").Note("in a terminal"), remedy.Again("dev trust", "--yes"))
	}
	if !a.json {
		a.showStandings(held)
	}
	if !f.yes && !a.confirm(a.question(held)) {
		return remedy.New("trust.unconfirmed", remedy.ExitRefused, "nothing was allowed")
	}
	return nil
}

// trustFolder handles a workspace that is not read because another user owns it.
func (a *app) trustFolder(ctx context.Context, foreign *workspace.Foreign, f trustFlags) error {
	held := []trust.Standing{{Item: foreign.Item}}
	if f.list {
		return a.answer(trustDocument{1, foreign.Root, trustRows(held)}, func() {
			a.say("new     %s  %s, %s", foreign.Item.ShortHash(), trust.Folder.Title(), visible.String(foreign.Item.Where))
			a.say("    %s", visible.String(foreign.Item.Text))
		})
	}
	if f.forget {
		return remedy.New("trust.none", remedy.ExitFailed, "nothing was allowed for %s", visible.String(foreign.Root))
	}
	if err := a.mayAllow(held, f); err != nil {
		return err
	}
	folders, err := workspace.PersonalFolders(os.Environ())
	if err == nil {
		err = trust.In(folders.State).Allow(ctx, foreign.Root, foreign.Item)
	}
	if err != nil {
		return err
	}
	return a.answer(trustDocument{1, foreign.Root, trustRows([]trust.Standing{{Item: foreign.Item, Allowed: true}})}, func() { a.sayAllowed(foreign.Root) })
}

// trustEverywhere lists or takes back what was allowed for all workspaces.
func (a *app) trustEverywhere(ctx context.Context, env *devenv.Env, f trustFlags) error {
	store := env.TrustStore()
	folders, err := store.Workspaces()
	if err != nil {
		return err
	}
	if len(folders) == 0 && !a.json {
		a.say("Nothing is allowed for any workspace.")
	}
	docs := []trustDocument{}
	for _, folder := range folders {
		var grants []trust.Grant
		if f.forget {
			grants, err = store.Forget(ctx, folder, func(g trust.Grant) bool { return f.chooses(g.Kind) })
		} else if grants, err = store.Read(folder); err == nil {
			grants = slices.DeleteFunc(grants, func(g trust.Grant) bool { return !f.chooses(g.Kind) })
		}
		if err != nil {
			return err
		}
		docs = append(docs, grantsDocument(folder, grants))
		if !a.json {
			a.say("%s", visible.String(folder))
			a.sayGrants(grants)
		}
	}
	if a.json {
		a.printJSON(struct {
			Version    int             `json:"version"`
			Workspaces []trustDocument `json:"workspaces"`
		}{1, docs})
	}
	return nil
}

func grantsDocument(folder string, grants []trust.Grant) trustDocument {
	doc := trustDocument{1, folder, []trustRow{}}
	for _, g := range grants {
		doc.Items = append(doc.Items, trustRow{Kind: string(g.Kind), Subject: g.Subject, Where: g.Where, Text: g.Text, State: "allowed", Hash: g.Item().Hash()})
	}
	return doc
}

func (a *app) printGrants(folder string, grants []trust.Grant, none, done string) error {
	return a.answer(grantsDocument(folder, grants), func() {
		a.sayGrants(grants)
		if len(grants) == 0 {
			done = none
		}
		a.say("%s", done)
	})
}

func (a *app) sayGrants(grants []trust.Grant) {
	for _, g := range grants {
		a.say("  %s  %s of %s, allowed %s", g.Item().ShortHash(), g.Kind.Title(), visible.String(g.Subject), say.Moment(g.At))
	}
}
