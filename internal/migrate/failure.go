package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// failed records that a script failed, and returns the error that says where, and what is in the database now. A
// script that is one transaction and that the user interrupted, that found a table locked or that the role may not run, is not at fault: it is
// recorded as rolled back, so that it can simply be run again.
func (p *Plan) failed(ctx context.Context, db *postgres.DB, c *session, s Step, id string, done int, err error) error {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	q, asked := p.afterwards(ending, db, c)
	if finished, known := p.hasFinished(ending, q, id); asked == nil && known == nil && finished {
		return fmt.Errorf("the migration %s has succeeded, and then: %w", s.Name, err)
	}
	denied := postgres.HasCode(err, postgres.Forbidden)
	again := s.Whole && (ctx.Err() != nil || denied || postgres.HasCode(err, lockNotAvailable))
	r := s.failure(done, err)
	logs := strings.Join(append([]string{r.Message}, r.Seen...), "\n")
	if noted := errors.Join(asked, p.table.fail(ending, q, id, logs, again)); noted != nil {
		r.WithSeen("the failure is not recorded: " + visible.String(noted.Error()))
	}
	switch {
	case again && ctx.Err() != nil:
		return err
	case again && denied:
		may := postgres.Denied(ending, q, err)
		r.Code, r.Exit, r.Fix = "migrate.denied", remedy.ExitRefused, may.Fix
		return r.WithHelp(remedy.Line("then: ", remedy.Again("migrate deploy")))
	case again:
		r.Code, r.Exit, r.Fix = "migrate.locked", remedy.ExitBusy, nil
		return r.WithHelp(remedy.Again("migrate deploy").Note("when the other session has ended"))
	}
	return r
}

// afterwards returns what can be asked after a failure: the session itself or, if that is lost, another one, once the
// server has ended the first, which may still be at work.
func (p *Plan) afterwards(ctx context.Context, db *postgres.DB, c *session) (postgres.Querier, error) {
	if !c.IsClosed() {
		if _, err := postgres.ExecScript(ctx, c.Conn, "ROLLBACK"); err == nil { // a warning where there is no transaction
			return c, nil
		}
	}
	_, err := db.Exec(ctx, `SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start = $2`,
		int(c.PgConn().PID()), c.began)
	return db, err
}

func (p *Plan) hasFinished(ctx context.Context, q postgres.Querier, id string) (finished bool, err error) {
	err = q.QueryRow(ctx, "SELECT finished_at IS NOT NULL FROM "+p.table.name()+" WHERE id = $1", id).Scan(&finished)
	return finished, err
}

// failure returns the error for a script: file, line and column, the statement, what the server said, and what stays.
// done is how many statements had succeeded; the server reads the whole script before it runs the first, and finds
// mistakes of syntax then.
func (s Step) failure(done int, err error) *remedy.Error {
	place, number := s.place(done, err)
	r := remedy.New("migrate.statement", remedy.ExitFailed, "%s: the migration failed (Prisma's P3018)", place)
	s.explain(r, number, err)
	r.WithSeen(nowLabel + s.stays(done))
	r.WithHelp(remedy.Words("fix the script or the database, then say which:"))
	return r.WithHelp(resolutions(s.Name)...)
}

// place returns where a script failed, and the number of the statement; -1 where that is not known.
func (s Step) place(done int, err error) (string, int) {
	path := visible.String(s.Path)
	server, said := postgres.AsServerError(err)
	if !said || done >= len(s.script.statements) {
		return path, -1
	}
	at, number := postgres.PositionAt(s.SQL, s.script.statements[done].Start), done
	if line, column, ok := postgres.Locate(s.SQL, server); ok {
		at.Line, at.Column = line, column
		number = s.script.at(postgres.OffsetOf(s.SQL, int(server.Position)))
	}
	return fmt.Sprintf("%s:%d:%d", path, at.Line, at.Column), number
}

// explain adds to an error what the server said of a script's statement.
func (s Step) explain(r *remedy.Error, number int, err error) {
	server, said := postgres.AsServerError(err)
	switch {
	case said:
		r.WithSeen("server: " + visible.String(postgres.Describe(server))).Behind(server)
		if server.Where != "" {
			r.WithSeen("where: " + visible.String(server.Where))
		}
	case errors.Is(err, errOpen):
		r.WithSeen(err.Error() + ", and it was rolled back")
	default:
		r.Wrap(err)
	}
	if number >= 0 {
		r.WithSeen("statement: " + visible.String(s.script.excerpt(s.script.statements[number])))
	}
}

const (
	nowLabel    = "now: " // before what of a failed script is in the database
	nothingOfIt = "nothing of this migration is in the database"
)

// stays says what of a failed script is in the database, of which that many statements had succeeded.
func (s Step) stays(done int) string {
	switch n := s.script.committed(done); {
	case s.Whole:
		return nothingOfIt
	case len(s.script.statements) == 1:
		return "the statement may have committed a part of what it did"
	case n == 0:
		return nothingOfIt + ": it had committed nothing yet"
	default:
		last := s.script.statements[n-1]
		return fmt.Sprintf("what the script committed up to its %s in line %d is in the database, and nothing that came after it",
			last.Verb, postgres.PositionAt(s.SQL, last.Start).Line)
	}
}
