package backup

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Copied is how a copy was made, and how long that took.
type Copied struct {
	By     CopyWay `json:"by"`
	TookMS float64 `json:"took_ms"`
}

// CopyWay is a way to copy a database.
type CopyWay string

// The ways. The server copies files while no session uses the database; pg_dump and pg_restore copy what is in it.
const (
	ByServer CopyWay = "server"
	ByDump   CopyWay = "dump"
)

// Scratch copies the database, calls f with a URL of the copy, and drops the copy whatever f returns. Where other sessions
// use the database, and the options name pg_dump, it is copied by that. If naap is killed meanwhile, the next copy for the
// same purpose drops it. verb is the command that is doing it.
func (s *Server) Scratch(ctx context.Context, purpose string, opt Options, verb remedy.Advice, f func(url string, how Copied) error) error {
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
		began := time.Now()
		how := Copied{By: ByServer}
		err := s.exclusive(ctx, func() error {
			err := s.alone(ctx, opt, verb, func() error { return s.clone(ctx, name, s.database) })
			if r, ok := remedy.Of(err); ok && r.Code == sessionsCode && opt.Tools != nil {
				how.By = ByDump
				return s.copyByDump(ctx, opt.Tools, name, r)
			}
			return err
		})
		if err != nil {
			return mayNotCopy(err, s.database)
		}
		how.TookMS = float64(time.Since(began).Microseconds()) / 1000
		opt.report(progress.Done, "Copy the database", s.database)
		t := s.target
		t.Database = name
		return f(t.URL(), how)
	})
}

// copyByDump copies the database as it is at one moment, while others use it, without naap's own schemas.
func (s *Server) copyByDump(ctx context.Context, tools Tools, name string, used *remedy.Error) error {
	if err := s.empty(ctx, name); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from, to := io.Pipe()
	dumped := make(chan error, 1)
	go func() {
		args := []string{"--format=custom", "--compress=0", "--exclude-schema=" + hidden.DumpPattern, "--no-password"}
		err := tools.Run(ctx, "pg_dump", s.database, args, nil, to)
		to.CloseWithError(err)
		dumped <- err
	}()
	restored := tools.Run(ctx, "pg_restore", name, []string{"--no-password", "--dbname=" + name}, from, io.Discard)
	from.CloseWithError(restored)
	if restored != nil && harmless(restored.Error()) {
		restored = nil
	}
	if err := cmp.Or(<-dumped, restored); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return used.WithSeen("nor can it be copied while they do: " + visible.String(firstLine(err.Error())))
	}
	conn, err := s.connect(ctx, name, nil)
	if err != nil {
		return err
	}
	defer postgres.Close(conn)
	if _, err := conn.Exec(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("gather the copy's statistics: %w", err)
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// mayNotCopy explains a role's lack of rights.
func mayNotCopy(err error, database string) error {
	if !postgres.HasCode(err, postgres.Forbidden) {
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
