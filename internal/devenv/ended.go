package devenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Interrupted is the cause of a context that the user ended, by a signal.
type Interrupted struct {
	Signal string // its name: "SIGINT"
	Number int    // the signal's number: the exit status is 128 more
}

func (i *Interrupted) Error() string { return "interrupted by " + i.Signal }

// Nowhere returns the environment of a command that ended before its workspace was found.
func Nowhere() *Env {
	return New(&workspace.Workspace{Settings: workspace.Settings{Instance: workspace.DefaultInstance}}, Options{})
}

// Explained replaces the error of a verb that was ended from outside by what really happened: the user interrupted it,
// the connection was lost (and then why: the engine is asked), or somebody cancelled or terminated what it did. Other
// errors are returned unchanged. ctx is the one that the verb ran under; its journal says what was committed.
//
// Codes: interrupted; connection.terminated, connection.lost; server.restarted, .crashed, .stopped, .paused, .removed,
// .unhealthy; database.starting, .dropped, .timeout, .space, .failed; query.cancelled, .timeout, .deadlock;
// lock.timeout; transaction.timeout; database.locks.
func (e *Env) Explained(ctx context.Context, verb string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil && broughtBy(ctx, err) {
		return e.stopped(ctx, verb, err)
	}
	if postgres.HasCode(err, postgres.Forbidden) {
		return e.lacksRight(ctx, err)
	}
	end := postgres.EndOf(err)
	if end == postgres.NoConnection && e.IsExternal() || keepsItsOwn(end, err) {
		return orUnnamed(err)
	}
	// The context may have ended by now; a few questions remain to be asked.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	r := e.endedBy(asking, end, remedy.Again(verb))
	if end == postgres.OutOfLocks {
		r = e.crowded(asking, err, remedy.Again(verb))
	}
	if r == nil {
		return orUnnamed(err)
	}
	return r.WithSeen(saidBy(err)...).WithSeen(e.leaves(asking, ctx, verb, r)...).Behind(err)
}

// askFor bounds the questions about an end, all together: a server that recovers from a crash usually answers again
// within it.
const askFor = 15 * time.Second

// broughtBy reports whether a failure under a context that has ended was caused by that. A refusal that came at the
// same moment was not.
func broughtBy(ctx context.Context, err error) bool {
	r, named := remedy.Of(err)
	return !named || errors.Is(err, ctx.Err()) || postgres.EndOf(err) != postgres.NotEnded || errors.Is(err, backup.ErrTool) ||
		r.Code == "docker.unreachable" || strings.HasSuffix(r.Code, ".failed")
}

// stopped returns the error of a verb whose context ended: the user ended it, or the server was silent.
func (e *Env) stopped(ctx context.Context, verb string, err error) error {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	var r *remedy.Error
	var by *Interrupted
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &by):
		r = remedy.New("interrupted", 128+by.Number, "interrupted by %s", by.Signal)
	case errors.As(cause, &r):
		copied := *r
		r = &copied
	case errors.Is(cause, context.DeadlineExceeded):
		r = remedy.New("database.timeout", remedy.ExitNoServer, "there was no answer in time").WithHelp(remedy.Naap("dev status"), remedy.Again(verb))
	default:
		r = remedy.New("interrupted", remedy.ExitFailed, "cancelled")
	}
	return r.WithSeen(e.leaves(asking, ctx, verb, r)...).Behind(errors.Join(err, ctx.Err()))
}

// keepsItsOwn reports whether an error says more than its end would: who holds the lock, which statement of which file
// was in a deadlock.
func keepsItsOwn(end postgres.End, err error) bool {
	r, named := remedy.Of(err)
	if !named {
		return false
	}
	switch end {
	case postgres.NotEnded:
		return !errors.Is(err, backup.ErrTool) || len(r.Fix) > 0
	case postgres.LockTime, postgres.Deadlock:
		return len(r.Fix) > 0
	case postgres.NoConnection, postgres.NoAnswer:
		return r.Exit == remedy.ExitNoServer && !strings.HasPrefix(r.Code, "database.") || slices.Contains(settledHere, r.Code)
	}
	return false
}

// settledHere are failures to connect about which the engine does not know more.
var settledHere = []string{"database.auth", "database.missing", "database.full", "database.tls", "database.method", "database.host", "database.permission", "database.readonly"}

// endedBy returns the error that the user gets for an end, or nil where there is none.
func (e *Env) endedBy(ctx context.Context, end postgres.End, again remedy.Advice) *remedy.Error {
	switch end {
	case postgres.Cancelled:
		return remedy.New("query.cancelled", remedy.ExitFailed, "a statement was cancelled on the server, and not by this naap").
			WithHelp(again, remedy.Line("if nobody did, see what the server's statement_timeout is: ", remedy.Naap("dev sql", "SHOW statement_timeout")))
	case postgres.StatementTime:
		return remedy.New("query.timeout", remedy.ExitFailed, "a statement took longer than the server's statement_timeout allows").
			WithHelp(remedy.Line("see who set it: ", remedy.Naap("dev sql", "SELECT name, setting, source FROM pg_settings WHERE name = 'statement_timeout'"))).
			WithFix("then raise it: ALTER ROLE … SET statement_timeout = '10min'")
	case postgres.LockTime:
		return remedy.New("lock.timeout", remedy.ExitBusy, "another session held a lock for too long").
			WithHelp(remedy.Line("see who: ", remedy.Naap("dev doctor")), again)
	case postgres.Deadlock:
		return remedy.New("query.deadlock", remedy.ExitFailed, "naap and another session waited for each other, and the server ended naap's transaction").WithHelp(again)
	case postgres.IdleTime:
		return remedy.New("transaction.timeout", remedy.ExitFailed, "the server ended the session, which it had allowed no more time").
			WithHelp(remedy.Line("see who set that: ", remedy.Naap("dev sql", "SELECT name, setting, source FROM pg_settings WHERE name ~ '(idle|transaction).*_timeout'")), again)
	case postgres.Dropped:
		return remedy.New("database.dropped", remedy.ExitNoServer, "the database was dropped while naap worked in it").WithHelp(remedy.Naap("dev up"))
	case postgres.OutOfSpace:
		return remedy.New("database.space", remedy.ExitFailed, "the server's disk or memory is used up").
			WithHelp(remedy.Line("see what takes it: ", remedy.Naap("dev doctor")), remedy.Naap("dev snapshot list"), remedy.Naap("dev undo", "--list"))
	case postgres.LostConnection, postgres.NoConnection, postgres.NoAnswer, postgres.Terminated, postgres.Crashed, postgres.NotReady:
		return e.lost(ctx, end, again)
	}
	return nil
}

// lacksRight returns the error of a role that lacks a right, with what gives it. Errors that say so themselves are kept.
func (e *Env) lacksRight(ctx context.Context, err error) error {
	r, named := remedy.Of(err)
	if named && (strings.HasSuffix(r.Code, ".denied") || strings.HasSuffix(r.Code, ".rights") || strings.HasPrefix(r.Code, "sql.") || strings.HasPrefix(r.Code, "workspace.")) {
		return err
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askFor)
	defer cancel()
	var q postgres.Querier
	if db, err := e.Connect(asking); err == nil {
		q = db
	}
	may := postgres.Denied(asking, q, err)
	if !named {
		return may
	}
	copied := *r
	copied.Fix = may.Fix
	return &copied
}

// orUnnamed gives a remedy to an error without one: what the server said, or the machine.
func orUnnamed(err error) error {
	if r, named := remedy.Of(err); named {
		if len(r.Fix) == 0 && errors.Is(err, backup.ErrTool) {
			r.WithHelp(remedy.Line("see what the server says: ", remedy.Naap("dev logs")))
		}
		return err
	}
	if said, ok := postgres.AsServerError(err); ok {
		return remedy.New("database.failed", remedy.ExitFailed, "the server refused a statement of naap's").
			WithSeen(visible.String(err.Error())).WithSeen(serverSaid(said)...).
			WithHelp(remedy.Naap("dev logs").Note("has the whole statement"), remedy.Naap("dev doctor")).Behind(err)
	}
	for cause, code := range map[error]string{syscall.ENOSPC: "disk.full", os.ErrPermission: "file.permission", syscall.EROFS: "file.permission"} {
		if errors.Is(err, cause) {
			return remedy.New(code, remedy.ExitFailed, "%s", visible.String(err.Error())).WithFix("make room, or give this user the right to write there").Behind(err)
		}
	}
	return err
}

func serverSaid(e *postgres.ServerError) []string {
	var lines []string
	for _, line := range []string{e.Detail, e.Hint, e.Where} {
		if line != "" {
			lines = append(lines, visible.String(line))
		}
	}
	return lines
}

// saidBy returns the evidence of a failure: its own words, and what it had seen.
func saidBy(err error) []string {
	lines := []string{visible.String(firstLine(err.Error()))}
	if r, ok := remedy.Of(err); ok {
		lines = append(lines, r.Seen...)
	}
	return lines
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// settleFor is how long a server whose connections broke is asked again, until it is down or answers.
const settleFor = 5 * time.Second

// pause waits before a server is asked again.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

// lost finds out what became of the server behind a lost connection. Of one that naap did not start, only the server
// itself can be asked.
func (e *Env) lost(ctx context.Context, end postgres.End, again remedy.Advice) *remedy.Error {
	url := e.ws.Settings.DatabaseURL
	for began := time.Now(); ; pause(ctx) {
		if !e.IsExternal() {
			state, eng, err := e.look(ctx)
			if err != nil {
				return unknownState(err)
			}
			if state.State != engine.Running && state.State != engine.Starting || state.Paused {
				return engine.Gone(eng, state, end, again)
			}
			url = e.dialURL(state.Host, state.Port)
		}
		up, err := postgres.UpFor(ctx, url)
		switch waitsFor := !e.IsExternal() && postgres.EndOf(err) == postgres.NotReady; {
		case err == nil:
			return e.backAgain(up, end, again)
		case ctx.Err() != nil || time.Since(began) > settleFor && !waitsFor:
			return e.silent(err, url, end, again)
		}
	}
}

// look asks the engine for the server's state.
func (e *Env) look(ctx context.Context) (engine.Server, engine.Engine, error) {
	eng, _, err := e.Engine(ctx)
	if err != nil {
		return engine.Server{}, nil, err
	}
	defer eng.Close()
	state, err := eng.Look(ctx)
	return state, eng, err
}

// unknownState returns the error for an engine that cannot be asked either.
func unknownState(err error) *remedy.Error {
	if r, ok := remedy.Of(err); ok {
		copied := *r
		copied.Message = "the connection to the database was lost, and the engine cannot be asked why: " + r.Message
		return &copied
	}
	return remedy.New("connection.lost", remedy.ExitNoServer, "the connection to the database was lost, and the engine cannot be asked why").
		WithSeen(visible.String(err.Error())).WithHelp(remedy.Naap("dev status"))
}

// backAgain returns the error where the server answers: only the session was ended.
func (e *Env) backAgain(up time.Duration, end postgres.End, again remedy.Advice) *remedy.Error {
	help := []remedy.Advice{again, remedy.Line("why: ", remedy.Naap("dev logs"))}
	if e.IsExternal() { // its log cannot be read
		help = help[:1]
	}
	e.mu.Lock()
	began := e.began
	e.mu.Unlock()
	switch {
	case !began.IsZero() && up < time.Since(began):
		return remedy.New("server.restarted", remedy.ExitFailed, "the database was restarted while naap worked; it answers again").
			WithSeen("it has been up for " + say.Took(up)).WithHelp(again)
	case end == postgres.Crashed, end == postgres.NotReady:
		return remedy.New("server.crashed", remedy.ExitFailed, "a process of the database died, and all its sessions with it; it has recovered and answers again").WithHelp(help...)
	case end == postgres.Terminated:
		return remedy.New("connection.terminated", remedy.ExitFailed, "someone ended naap's session on the server (pg_terminate_backend)").WithHelp(again)
	case end == postgres.NoConnection, end == postgres.NoAnswer:
		return remedy.New("database.timeout", remedy.ExitNoServer, "the database did not answer for a while; it does again").WithHelp(again)
	}
	return remedy.New("connection.lost", remedy.ExitFailed, "the connection to the database was lost in the middle; the database answers again").WithHelp(help...)
}

// silent returns the error where the server runs, as its engine says, but does not accept sessions.
func (e *Env) silent(err error, url string, end postgres.End, again remedy.Advice) *remedy.Error {
	if e.IsExternal() {
		return silentForeign(err, url)
	}
	if postgres.EndOf(err) == postgres.NotReady {
		r := remedy.New("database.starting", remedy.ExitNoServer, "the database starts, recovers or shuts down, and takes no sessions")
		if end == postgres.Crashed {
			r = remedy.New("server.crashed", remedy.ExitNoServer, "a process of the database died, and all its sessions with it; it recovers")
		}
		return r.WithSeen(visible.String(firstLine(err.Error()))).WithHelp(remedy.Naap("dev status"), again)
	}
	r := remedy.New("server.unhealthy", remedy.ExitNoServer, "the database runs and does not answer")
	if d, ok := remedy.Of(postgres.Diagnose(err, url)); ok {
		r.WithSeen(d.Message)
	}
	return r.WithHelp(remedy.Naap("dev doctor"), remedy.Naap("dev logs"))
}

// silentForeign is like silent, for a server that naap did not start.
func silentForeign(err error, url string) *remedy.Error {
	r, ok := remedy.Of(engine.Foreign(postgres.Diagnose(err, url)))
	if !ok {
		r = remedy.New("connection.lost", remedy.ExitNoServer, "the connection to the database was lost").WithFix("check that the server there runs")
	}
	r.Message = "the connection to the database was lost: " + r.Message
	return r
}

// leaves says what state an unfinished verb has left behind, from the transactions that it committed. Where a COMMIT
// was sent and its answer never came, the server is asked.
func (e *Env) leaves(asking, ctx context.Context, verb string, r *remedy.Error) []string {
	j := postgres.JournalOf(ctx)
	var lines []string
	for _, xid := range j.Doubtful() {
		fate := e.fateOf(asking, xid)
		if fate == postgres.FateUnknown {
			r.WithHelp(remedy.Line("once the database answers, whether it was committed: ", remedy.Naap("dev sql", "SELECT pg_xact_status('"+xid+"')")))
			lines = append(lines, "the last COMMIT was sent and not answered: it is not known whether transaction "+xid+" was committed")
			continue
		}
		j.Settle(xid, fate == postgres.FateCommitted)
		lines = append(lines, fmt.Sprintf("the last COMMIT was not answered; the server says of it: %s", fate))
	}
	if len(j.Doubtful()) > 0 {
		return lines
	}
	if line := leftBy(verb, j.Committed() > 0, e.ran.Load()); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fateOf asks what became of a transaction, while there is time.
func (e *Env) fateOf(ctx context.Context, xid string) postgres.Fate {
	url := e.reachedURL()
	if url == "" {
		return postgres.FateUnknown
	}
	for began := time.Now(); ; pause(ctx) {
		fate, err := postgres.FateOf(ctx, url, xid)
		if err == nil || ctx.Err() != nil || time.Since(began) > settleFor {
			return fate
		}
	}
}

// leftBy says what an unfinished verb leaves behind. What the workspace's commands have written is not known.
func leftBy(verb string, committed, ran bool) string {
	done := func(yes, no string) string {
		if committed {
			return yes
		}
		return no
	}
	switch strings.TrimPrefix(verb, "dev ") {
	case "up":
		return "what was made until then stays; the next up goes on from there"
	case "snapshot save":
		return done("the snapshot was made", "no snapshot was made")
	case "snapshot restore", "restore":
		return done("the database was replaced", "the database is as it was before")
	case "snapshot delete":
		return "a list of the snapshots says whether it is still there"
	case "backup":
		return "no backup was finished"
	case "seed":
		if ran {
			return "what was committed before that stays, and what a seed command wrote itself"
		}
		return done("what was committed before that stays: each seed file, and each made-up table, is there whole or not at all",
			"nothing was committed: the database is as it was before")
	case "reset", "undo", "push", "sql", "watch", "schema add":
		return done("what was committed before that stays", "nothing was committed: the database is as it was before")
	}
	return ""
}
