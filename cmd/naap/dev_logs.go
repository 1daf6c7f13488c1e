package main

import (
	"bytes"
	"io"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).logsCommand) }

type logsDocument struct {
	Version int      `json:"version"`
	Lines   []string `json:"lines"`
}

func (a *app) logsCommand() *cobra.Command {
	opt := devenv.LogOptions{}
	c := &cobra.Command{
		Use:   "logs",
		Short: "Print the server's log",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if a.json && opt.Follow {
				return usageError(c, "--json prints one document, and --follow never ends")
			}
			env, err := a.env(c.Context())
			if err != nil {
				return err
			}
			defer env.Close()
			if a.json {
				var all bytes.Buffer
				if err := env.Logs(c.Context(), &all, devenv.LogOptions{Tail: opt.Tail}); err != nil {
					return err
				}
				a.printJSON(logsDocument{1, linesOf(all.String())})
				return nil
			}
			w := &visibleLines{w: a.out}
			err = env.Logs(c.Context(), w, opt)
			w.flush()
			if opt.Follow {
				return endless(c.Context(), err)
			}
			return err
		},
	}
	c.Flags().BoolVarP(&opt.Follow, "follow", "f", false, "go on with what is logged, until ctrl+c")
	c.Flags().IntVar(&opt.Tail, "tail", 200, "the last `N` lines; 0 for none but what follows, -1 for all")
	a.setting(c, "engine", "engine", "where the server runs: `auto|docker|embedded`")
	return c
}

func linesOf(text string) []string {
	lines := []string{}
	for line := range bytes.Lines([]byte(text)) {
		lines = append(lines, visible.String(string(bytes.TrimRight(line, "\r\n"))))
	}
	return lines
}

// visibleLines passes lines on with their control characters made visible.
type visibleLines struct {
	w    io.Writer
	rest []byte
}

func (v *visibleLines) Write(p []byte) (int, error) {
	v.rest = append(v.rest, p...)
	for {
		i := bytes.IndexByte(v.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		line := bytes.TrimRight(v.rest[:i], "\r")
		if _, err := io.WriteString(v.w, visible.Text(string(line))+"\n"); err != nil {
			return 0, err
		}
		v.rest = v.rest[i+1:]
	}
}

func (v *visibleLines) flush() {
	if len(v.rest) > 0 {
		_, _ = io.WriteString(v.w, visible.Text(string(v.rest))+"\n")
		v.rest = nil
	}
}
