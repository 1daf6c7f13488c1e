package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/mcpserver"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func init() { extraCommands = append(extraCommands, (*app).mcpCommand) }

func (a *app) mcpCommand() *cobra.Command {
	var destructive bool
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Serve the database to a coding agent, over the Model Context Protocol",
		Long: "Speaks the Model Context Protocol on standard input and output, until the input ends: a coding agent starts it by its\n" +
			"own configuration, which docs/agents.md shows. The agent can look at everything, run SQL that only reads, check files\n" +
			"and push what adds. With --allow-destructive it can also push what destroys, and reset and undo schemas: that is for\n" +
			"the person who configures it to decide, in their own configuration and not in the repository's.",
		Example: "  claude mcp add --transport stdio naap -- naap mcp\n  naap mcp --allow-destructive    also serves what destroys\n  naap agents                  the rules and verbs, for an AGENTS.md",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.mcp(c.Context(), c, destructive) },
	}
	c.Flags().BoolVar(&destructive, "allow-destructive", false, "also serve the tools that destroy")
	a.setting(c, "name", "instance", "the `INSTANCE`'s name (default naap)")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) mcp(ctx context.Context, c *cobra.Command, destructive bool) error {
	switch {
	case a.json:
		return usageError(c, "the protocol has standard output to itself: --json does not go with it")
	case term.IsTerminal(int(a.in.Fd())):
		return remedy.New("mcp.terminal", remedy.ExitUsage, "a coding agent starts this by its own configuration, and speaks to it; here is a terminal").
			WithHelp(remedy.Naap("agents").Note("says how to configure it"), remedy.Naap("mcp", "--help"))
	}
	target := a.agentsTarget()
	err := mcpserver.Serve(ctx, mcpserver.Options{
		Open:   func(ctx context.Context) (*devenv.Env, error) { return a.agentsEnv(ctx, target) },
		Target: target, AllowDestructive: destructive, Version: buildVersion().Naap, Log: a.err,
	}, a.in, a.outFile)
	return endless(ctx, err)
}

// agentsTarget returns what is added to the commands that an agent is told: where they act, and that a person confirms.
func (a *app) agentsTarget() remedy.Target {
	t := a.target
	t.Verb, t.Args, t.Flags = "", nil, nil
	t.Unattended = cmp.Or(t.Unattended, "an agent")
	return t
}

// agentsEnv is like env for one call of an agent's: the workspace is found again, and nobody is asked or told anything.
func (a *app) agentsEnv(ctx context.Context, target remedy.Target) (*devenv.Env, error) {
	ws, err := files.Await(ctx, func() (*workspace.Workspace, error) {
		return workspace.Find(ctx, cmp.Or(a.dir, "."), workspace.Options{Env: os.Environ(), Flags: a.flags})
	})
	if err != nil {
		return nil, err
	}
	return devenv.New(ws, devenv.Options{Wait: a.wait, Version: buildVersion().Naap, Target: target}), nil
}
