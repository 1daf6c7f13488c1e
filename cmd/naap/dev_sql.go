package main

import (
	"bytes"
	"context"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func init() { devCommands = append(devCommands, (*app).sqlCommand) }

type sqlFlags struct {
	file  string
	write bool
	csv   bool
	lines bool
}

func (a *app) sqlCommand() *cobra.Command {
	var f sqlFlags
	c := &cobra.Command{
		Use:   "sql [QUERY]",
		Short: "Run SQL; read-only unless --write",
		Long: "Runs one or more statements, from the argument, a file, or standard input. The server itself refuses\n" +
			"writes unless --write is given: the session is read-only, and on a server that naap made it has a role that may only\n" +
			"read. With --write all statements are one transaction, committed if all went well.",
		Example: "  naap dev sql 'SELECT count(*) FROM \"User\"'\n  naap dev sql -f report.sql --csv > report.csv\n  naap dev sql --write 'DELETE FROM plugin_wallet.\"WalletWatchlist\"'",
		Args:    takes(0, 1),
		RunE: func(c *cobra.Command, words []string) error {
			text, err := a.sqlText(c.Context(), words, f.file)
			if err != nil {
				return err
			}
			if a.json && f.csv || a.json && f.lines || f.csv && f.lines {
				return usageError(c, "only one of --json, --jsonl and --csv")
			}
			return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.sql(ctx, env, text, f) })(c, words)
		},
	}
	c.Flags().StringVarP(&f.file, "file", "f", "", "read the statements from `FILE`; - for standard input")
	c.Flags().BoolVar(&f.write, "write", false, "allow writes")
	c.Flags().BoolVar(&f.csv, "csv", false, "print CSV: NULL is nothing, an empty string is \"\"; on a terminal control characters are shown")
	c.Flags().BoolVar(&f.lines, "jsonl", false, "print each row as a JSON object on a line of its own")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) sqlText(ctx context.Context, words []string, file string) (string, error) {
	var text []byte
	var err error
	switch {
	case len(words) == 1 && file != "":
		return "", remedy.New("usage", remedy.ExitUsage, "either a QUERY or -f, not both")
	case len(words) == 1:
		text = []byte(words[0])
	case file == "" && term.IsTerminal(int(a.in.Fd())):
		return "", remedy.New("usage", remedy.ExitUsage, "no QUERY").WithHelp(remedy.Naap("dev sql", "SELECT 1"), remedy.Naap("dev psql"))
	case file == "" || file == "-":
		text, err = files.ReadFrom(ctx, a.in, "standard input", files.SQL)
	default:
		text, err = files.ReadNamed(ctx, file, files.SQL)
	}
	if err != nil {
		return "", files.Explain(err, remedy.New("sql.file", remedy.ExitUsage, "the statements can't be read"))
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return "", remedy.New("usage", remedy.ExitUsage, "there is no statement to run").WithHelp(remedy.Naap("dev sql", "SELECT 1"))
	}
	return string(text), nil
}

func (a *app) sql(ctx context.Context, env *devenv.Env, text string, f sqlFlags) error {
	if !f.write {
		a.warnStranger(ctx, env)
	}
	// Whoever reads the answer may have had enough of it, as head has. A write then fails instead of ending the process,
	// which would undo what --write did.
	signal.Ignore(syscall.SIGPIPE)
	p := a.sqlPrinter(f)
	out, err := env.SQL(ctx, text, devenv.SQLOptions{Write: f.write, Run: postgres.RunOptions{Sink: p}, Warn: a.warn})
	if err == nil && out.Err() != nil {
		err = failedStatement{env.StatementFailed(ctx, out, text, f.write)}
	}
	return p.close(err)
}
