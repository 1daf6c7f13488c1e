package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// confirm asks a yes-or-no question on the terminal; without one the answer is no.
func (a *app) confirm(question string) bool {
	answer := a.ask(question + " [y/N] ")
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
}

// ask prints a prompt and reads a line; "" at the end of input, after an interrupt, or where nobody is there to answer.
func (a *app) ask(prompt string) string {
	if !a.interactive() {
		return ""
	}
	fmt.Fprint(a.err, visible.String(prompt))
	line, err := interruptible(a.ctx, func() (string, error) { return bufio.NewReader(a.in).ReadString('\n') })
	if err != nil {
		a.left = a.ctx.Err() != nil
		fmt.Fprintln(a.err)
		return ""
	}
	return strings.TrimSpace(line)
}

// readAll is io.ReadAll that an interrupt ends.
func readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	return interruptible(ctx, func() ([]byte, error) { return io.ReadAll(r) })
}

// interruptible waits for a read that nothing but its file can end; after an interrupt the process is about to exit,
// and the read is left behind.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := read()
		done <- answer{v, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
