package backup

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Scratch copies the database, calls f with a URL of the copy, and drops the copy whatever f returns. If naap is killed
// meanwhile, the next copy for the same purpose drops it. verb is the command that is doing it.
func (s *Server) Scratch(ctx context.Context, purpose string, opt Options, verb remedy.Advice, f func(url string) error) error {
	return s.db.WithConn(ctx, func(conn *postgres.Conn) error {
		var got bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtext('naap scratch ' || $1::text), hashtext($2))`, purpose, s.database).Scan(&got); err != nil {
			return fmt.Errorf("lock out other copies: %w", err)
		}
		if !got {
			return remedy.New("scratch.busy", remedy.ExitBusy, "another naap has a copy of the database %q for the same purpose", s.database).
				WithFix("let it finish, then run the same again")
		}
		defer func() {
			ctx, cancel := postgres.Ending(ctx)
			defer cancel()
			_, _ = conn.Exec(ctx, `SELECT pg_advisory_unlock(hashtext('naap scratch ' || $1::text), hashtext($2))`, purpose, s.database)
		}()
		name := databaseName("temp", s.database, purpose)
		if err := s.discard(ctx, name); err != nil {
			return err
		}
		opt.report(progress.Running, "Copy the database", s.database)
		defer s.throwAway(ctx, name)
		err := s.exclusive(ctx, func() error {
			return s.alone(ctx, opt, verb, func() error { return s.clone(ctx, name, s.database) })
		})
		if err != nil {
			return mayNotCopy(err, s.database)
		}
		opt.report(progress.Done, "Copy the database", s.database)
		t := s.target
		t.Database = name
		return f(t.URL())
	})
}

// mayNotCopy explains a role's lack of rights.
func mayNotCopy(err error, database string) error {
	const insufficientPrivilege = "42501"
	if !postgres.HasCode(err, insufficientPrivilege) {
		return err
	}
	return remedy.New("scratch.denied", remedy.ExitRefused, "the role may not copy the database %q: that takes CREATEDB, and the database's owner or a superuser", database).Wrap(err).
		WithHelp(remedy.Words("copy it to an instance of naap's own, and do it there:"), remedy.Naap("dev backup", "copy.dump"))
}

// throwAway drops a copy, even after ctx has ended. What cannot be dropped now, the next copy drops.
func (s *Server) throwAway(ctx context.Context, name string) {
	ctx, cancel := postgres.Ending(ctx)
	defer cancel()
	_ = s.discard(ctx, name)
}

// discard drops a copy, and first what DROP DATABASE does not end: its prepared transactions.
func (s *Server) discard(ctx context.Context, name string) error {
	list, err := postgres.CollectStrings(s.db.Query(ctx, "SELECT gid FROM pg_prepared_xacts WHERE database = $1", name))
	if err != nil {
		return fmt.Errorf("look for what a copy has left: %w", err)
	}
	if len(list) > 0 {
		conn, err := s.connect(ctx, name, nil)
		if err != nil {
			return err
		}
		defer postgres.Close(conn)
		for _, gid := range list {
			if _, err := conn.Exec(ctx, "ROLLBACK PREPARED "+postgres.Literal(gid)); err != nil {
				return fmt.Errorf("end a prepared transaction of a copy: %w", err)
			}
		}
	}
	return s.drop(ctx, name)
}
