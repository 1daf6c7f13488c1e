package devenv

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/visible"
)

// failed reports a step as failed and returns the error.
func failed(report progress.Report, name, title string, err error) error {
	report(progress.Step{Name: name, Title: title, Status: progress.Failed, Detail: visible.String(err.Error())})
	return err
}

// lines splits a text into lines.
func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }
