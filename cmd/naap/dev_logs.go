package main

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).logsCommand) }

type logsDocument struct {
	Version int      `json:"version"`
	Lines   []string `json:"lines"`
}

func (a *app) logsCommand() *cobra.Command {
	opt := server.LogOptions{}
	c := &cobra.Command{
		Use:   "logs",
		Short: "Print the server's log",
		Example: "  naap dev logs --tail 100\n" +
			"  naap dev logs -f          as it is written, until ctrl+c",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.json && opt.Follow {
				return usageError(c, "--json prints one document, and --follow never ends")
			}
			return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.logs(ctx, env, opt) })(c, nil)
		},
	}
	c.Flags().BoolVarP(&opt.Follow, "follow", "f", false, "go on with what is logged, until ctrl+c")
	c.Flags().IntVar(&opt.Tail, "tail", 200, "the last `N` lines; 0 for none but what follows, -1 for all")
	a.setting(c, "engine", "engine", "where the server runs: `"+engine.Choices()+"`")
	return c
}

func (a *app) logs(ctx context.Context, env *devenv.Env, opt server.LogOptions) error {
	if a.json {
		var all bytes.Buffer
		if err := env.Logs(ctx, &all, server.LogOptions{Tail: opt.Tail}); err != nil {
			return err
		}
		a.printJSON(logsDocument{1, linesOf(all.String())})
		return nil
	}
	w := &visibleLines{w: a.out}
	err := env.Logs(ctx, w, opt)
	w.flush()
	if opt.Follow {
		return endless(ctx, err)
	}
	return err
}

func linesOf(text string) []string {
	lines := []string{}
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	return lines
}

// longestLine is how many bytes of a line are held back until its end: whatever writes a log may never end one.
const longestLine = 1 << 20

// visibleLines passes lines on for people: with their control characters made visible, and without what a workflow's
// runner would obey.
type visibleLines struct {
	w    io.Writer
	rest []byte
}

func (v *visibleLines) Write(p []byte) (int, error) {
	v.rest = append(v.rest, p...)
	for {
		line, rest, ended := bytes.Cut(v.rest, []byte("\n"))
		if !ended && len(line) <= longestLine {
			return len(p), nil
		}
		v.rest = rest
		if err := v.put(line); err != nil {
			return 0, err
		}
	}
}

func (v *visibleLines) flush() {
	if len(v.rest) > 0 {
		_ = v.put(v.rest)
		v.rest = nil
	}
}

func (v *visibleLines) put(line []byte) error {
	text := visible.Text(string(bytes.TrimRight(line, "\r")))
	_, err := io.WriteString(v.w, withoutCommands(text)+"\n")
	return err
}
