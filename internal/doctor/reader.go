package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// readerCheck warns where what only reads has no role of its own.
var readerCheck = check{database, func(ctx context.Context, l *look) {
	if l.IsExternal() {
		return
	}
	why, fix, err := l.Reader(ctx)
	switch {
	case err != nil:
		l.failed("reader", "What only reads cannot log in", err)
		return
	case why == "":
		l.fine("reader", "What only reads has a role of its own")
		return
	case len(fix) == 0:
		fix = []remedy.Advice{
			remedy.Words("where pg_hba.conf names who may log in, a line that lets everybody ask: host all all 127.0.0.1/32 scram-sha-256"),
			remedy.Words("where the state folder cannot be written: " + remedy.ShellWord(visible.String(l.StateDir()))), remedy.Again("dev up"),
		}
	}
	l.add("reader", remedy.Warning, "What only reads has no role of its own", []string{why}, fix...)
}}
