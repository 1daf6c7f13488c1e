// Package clip puts text on the user's clipboard, from wherever the program runs: the desktop's own, tmux's, or through
// the terminal with OSC 52.
package clip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-osc52/v2"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Clipboard knows the ways that lead out of this process.
type Clipboard struct {
	Env  func(string) string // the environment: SSH_TTY, TMUX, STY, TERM
	Out  io.Writer           // the terminal
	Tmux func(ctx context.Context, text string) error
	Own  func(ctx context.Context, text string) error // the desktop's; nil where there is none
}

// New is the clipboard of this process. Its programs are found by the finder.
func New(env func(string) string, out io.Writer, programs program.Finder) *Clipboard {
	c := &Clipboard{Env: env, Out: out, Own: desktop(env, programs)}
	c.Tmux = func(ctx context.Context, text string) error {
		// The tmux server passes the text on to the terminals that are attached.
		return feed(ctx, programs, program.Tmux, text, "load-buffer", "-w", "-")
	}
	return c
}

// longest is how much OSC 52 carries: terminals drop longer sequences without a word.
const longest = 74_000

// errTooLong says that a text does not fit through the terminal, and that there was no other way.
var errTooLong = errors.New("too long for the terminal's clipboard; export it instead")

// Copy puts text on the clipboard, made safe to paste, and says by which way and whether it was changed. Over SSH the
// desktop's clipboard is that of the wrong machine, and is not used.
func (c *Clipboard) Copy(ctx context.Context, text string) (way string, err error) {
	text, changed := visible.Paste(text)
	if way, err = c.put(ctx, text); changed && err == nil {
		way += "; its control characters are shown, an export has them as they are"
	}
	return way, err
}

func (c *Clipboard) put(ctx context.Context, text string) (way string, err error) {
	remote := c.Env("SSH_TTY") != "" || c.Env("SSH_CONNECTION") != ""
	if !remote && c.Own != nil && c.Own(ctx, text) == nil {
		return "clipboard", nil
	}
	if c.Env("TMUX") != "" && c.Tmux != nil && c.Tmux(ctx, text) == nil {
		return "tmux", nil
	}
	if len(text) > longest {
		return "", fmt.Errorf("%d bytes are %w", len(text), errTooLong)
	}
	_, err = io.WriteString(c.Out, c.sequence(text))
	return "terminal", err
}

func (c *Clipboard) sequence(text string) string {
	seq := osc52.New(text)
	switch {
	case c.Env("TMUX") != "":
		seq = seq.Tmux()
	case strings.HasPrefix(c.Env("TERM"), "screen"):
		seq = seq.Screen()
	}
	return seq.String()
}

// feed runs a program with the text as its input.
func feed(ctx context.Context, programs program.Finder, p program.Program, text string, args ...string) error {
	cmd, err := programs.Command(ctx, p, args...)
	if err != nil {
		return err
	}
	cmd.Stdin = strings.NewReader(text)
	return cmd.Run()
}
