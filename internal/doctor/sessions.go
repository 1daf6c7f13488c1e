package doctor

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

var connectionsCheck = check{sessions, func(_ context.Context, l *look) {
	h := l.health
	if h.Max > 0 && h.Used*10 >= h.Max*8 {
		l.add("connections", remedy.Warning, "The connection limit is near", []string{fmt.Sprintf("%d of %d in use", h.Used, h.Max)},
			remedy.Naap("dev sql", "SELECT application_name, count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 2 DESC"))
		return
	}
	l.fine("connections", fmt.Sprintf("%d of %d connections", h.Used, h.Max))
}}

// sessionsCheck finds transactions that have been open for long, and sessions that wait for a lock.
var sessionsCheck = check{sessions, func(_ context.Context, l *look) {
	for _, a := range l.health.LongRunning {
		if a.InTx < l.longTx {
			continue
		}
		l.add("long-transaction", remedy.Warning, "A transaction has been open for long",
			[]string{fmt.Sprintf("pid %d (%s), %s, for %s: %s", a.PID, a.Application, a.State, say.Age(a.InTx), a.Query)},
			sqlCommand(fmt.Sprintf("SELECT pg_terminate_backend(%d)", a.PID)))
	}
	for _, w := range l.health.Waiting {
		l.add("lock", remedy.Warning, "A session waits for a lock",
			[]string{fmt.Sprintf("pid %d waits %s for %s", w.Blocked.PID, say.Age(w.Waits), w.Target)},
			sqlCommand(fmt.Sprintf("SELECT pg_terminate_backend(p) FROM unnest(pg_blocking_pids(%d)) p WHERE p > 0", w.Blocked.PID)))
	}
}}
