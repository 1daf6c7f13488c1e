package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// agentsSection returns the section for coding agents, between its marks. It is the same on every machine.
func agentsSection(root *cobra.Command, ws *workspace.Workspace) string {
	schema := "the Prisma file"
	if !ws.IsBuiltin() && ws.SchemaName() != "" {
		schema = "`" + strings.ReplaceAll(ws.SchemaName(), `\`, "/") + "`"
	}
	run := func(verb string, args ...string) string { return "`" + remedy.Naap(verb, args...).String() + "`" }
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s", sectionBegins)
	line("## The database\n")
	line("One local PostgreSQL 16 holds everything, a schema for each plugin, shaped by %s. The program `naap` starts, shapes, fills", schema)
	line("and checks it; `%s --write` makes this section. Without a terminal it asks nothing; `--json` prints one document.\n", agentsPath(root))
	line("### Rules\n")
	line("%s names each breach with file, line and fix; run %s before a commit.\n", run("check"), run("check", "--changed"))
	for _, r := range rules.All() {
		if r.Number > 0 {
			line("%d. %s (`%s`).", r.Number, r.Title, r.Slug())
		}
	}
	line("\n### How to work\n")
	line("- Start the database: %s. How it is: %s.", run("dev up", "--detach"), run("dev status", "--json"))
	line("- Change tables only in %s: %s shows what would happen, %s does it. Never `CREATE TABLE` by hand,", schema, run("dev diff"), run("dev push"))
	line("  never Prisma's own `db push`. Where the repository has migrations, %s writes the next one.", run("migrate dev", "NAME"))
	line("- A new schema: %s. Then the models, then %s.", run("dev schema add", "NAME", "--dry-run"), run("check"))
	line("- Look at rows: %s, which cannot write. Names with capitals need double quotes.", run("dev sql", `SELECT count(*) FROM "User"`))
	line("- An error says what helps, under a code that stays the same between versions.\n")
	line("### What a person confirms\n")
	line("- %s runs at once what adds. What destroys rows or values is refused: say what would be lost, and ask your user", run("dev push"))
	line("  to run it in a terminal. Do not pass a flag that says yes in their place.")
	line("- %s can be taken back: %s brings back every row. It needs a person's yes all the same.", run("dev reset", "SCHEMA"), run("dev undo"))
	line("- Before an experiment: %s; %s brings the whole database back, once a person says yes.", run("dev snapshot save", "NAME"), run("dev snapshot restore", "NAME"))
	line("- What the repository's files run or reach is allowed by a person: %s.\n", run("dev trust"))
	line("### Verbs\n")
	for _, c := range verbs(root) {
		line("- `%s`: %s", c.CommandPath(), c.Short)
	}
	line("\n### Tools\n")
	line("The same as tools of the Model Context Protocol, for the configuration of your client:\n")
	line("```json")
	line(`{"mcpServers": {"naap": {"type": "stdio", "command": "naap", "args": ["mcp"]}}}`)
	line("```")
	line("%s", sectionEnds)
	return b.String()
}

func agentsPath(root *cobra.Command) string { return root.Name() + " agents" }

// verbs returns the commands that an agent may need, those below `dev` last.
func verbs(root *cobra.Command) []*cobra.Command {
	var out, below []*cobra.Command
	for _, c := range root.Commands() {
		switch {
		case !c.IsAvailableCommand() || notForAgents[c.Name()]:
		case c.HasAvailableSubCommands():
			for _, sub := range c.Commands() {
				if sub.IsAvailableCommand() && !notForAgents[sub.Name()] {
					below = append(below, sub)
				}
			}
		default:
			out = append(out, c)
		}
	}
	return append(out, below...)
}

// notForAgents are commands of a terminal, of packagers, of shells, and for what a person decides.
var notForAgents = map[string]bool{
	"completion": true, "help": true, "man": true, "agents": true, "psql": true, "version": true, "watch": true, "config": true, "mcp": true, "password": true,
}
