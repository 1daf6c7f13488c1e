package devenv

import (
	"context"
	"errors"
	"strings"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/visible"
)

// failed reports a step as failed and returns the error.
func failed(report progress.Report, name, title string, err error) error {
	detail := visible.String(err.Error())
	if errors.Is(err, context.Canceled) {
		detail = "interrupted"
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Failed, Detail: detail})
	return err
}

// run runs a command of the workspace, which may write to the database.
func (e *Env) run(ctx context.Context, c command.Command, db command.Database, tell func(line string)) error {
	e.ran.Store(true)
	return command.Run(ctx, e.Programs(), c, db, tell)
}

// lines splits a text into lines.
func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }
