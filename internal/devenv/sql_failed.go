package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// StatementFailed returns the error of the statement of a text that failed, with its line and the place marked, and with
// what helps. write says whether the text was allowed to write.
func (e *Env) StatementFailed(ctx context.Context, out postgres.Outcome, text string, write bool) error {
	last := out.Results[len(out.Results)-1]
	r := remedy.New("sql.failed", remedy.ExitFailed, "%v", last.Err).Behind(last.Err)
	if named, ok := remedy.Of(last.Err); ok {
		r = named
	}
	if said, ok := postgres.AsServerError(last.Err); ok {
		for _, more := range []string{said.Detail, said.Hint} {
			if more != "" {
				r.WithSeen(more)
			}
		}
	}
	if last.At != nil {
		line := strings.Split(text, "\n")[last.At.Line-1]
		r.Excerpt = fmt.Sprintf("  %d | %s\n  %s | %s^", last.At.Line, visible.String(line),
			strings.Repeat(" ", len(fmt.Sprint(last.At.Line))), strings.Repeat(" ", max(last.At.Column-1, 0)))
	}
	if !write && strings.Contains(last.Err.Error(), "25006") {
		r.WithHelp(remedy.Again("dev sql", "--write").Note("to allow writes"))
	}
	return r.WithHelp(e.statementWays(ctx, last.Err, write)...)
}

// statementWays returns what helps with a statement's error.
func (e *Env) statementWays(ctx context.Context, err error, write bool) []remedy.Advice {
	if !write && !e.IsExternal() && postgres.HasCode(err, postgres.Forbidden) {
		return []remedy.Advice{remedy.Again("dev sql", "--write").Note("runs it as " + e.Workspace().Settings.User)}
	}
	return e.Lacking(ctx, err)
}
