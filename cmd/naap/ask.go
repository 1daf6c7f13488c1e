package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// confirm asks a yes-or-no question on the terminal; without one the answer is no.
func (a *app) confirm(question string) bool {
	answer := a.ask(question + " [y/N] ")
	return strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")
}

// otherwiseMeant refuses a command line that says yes to something else than what it is about: whoever wrote it is mistaken in
// one of the two, and nobody can know in which. meant are the names that --yes may give.
func otherwiseMeant(yes []string, meant ...string) error {
	for _, name := range yes {
		if name != "" && !slices.Contains(meant, name) {
			return remedy.New("yes.other", remedy.ExitUsage, "%q is confirmed, and this is about %s", visible.String(name), visible.String(strings.Join(meant, ", "))).
				WithSeen("nothing was done")
		}
	}
	return nil
}

// ask prints a prompt and reads a line. It returns "" at the end of input, after an interrupt, or where no person can
// answer.
func (a *app) ask(prompt string) string {
	if !a.canAsk() {
		return ""
	}
	fmt.Fprint(a.err, visible.String(prompt))
	line, err := files.Await(a.ctx, func() (string, error) { return bufio.NewReader(a.in).ReadString('\n') })
	if err != nil {
		a.left = a.ctx.Err() != nil
		fmt.Fprintln(a.err)
		return ""
	}
	return strings.TrimSpace(line)
}
