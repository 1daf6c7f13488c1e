package backup

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// noRole matches what the server, and pg_restore with it, says in English about an owner that does not exist.
var noRole = lazy.Regexp{Text: `role "((?:[^"]|"")+)" does not exist`}

// play runs a plain dump in a database. naap runs it itself: psql would also run shell commands that the file may
// contain.
func (s *Server) play(ctx context.Context, src *source, into string) error {
	conn, err := s.connect(ctx, into, nil)
	if err != nil {
		return err
	}
	defer postgres.Close(conn) // before the fresh database replaces the other
	return src.script(ctx, nil, &player{ctx: ctx, conn: conn, path: src.path})
}

// player is a reader that runs what it reads.
type player struct {
	ctx  context.Context
	conn *postgres.Conn
	path string
}

func (p *player) statements(of entry, line int, text string) error {
	list, _, err := seedfile.Script(p.path, text)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, of.clears)
	for len(list) > 0 {
		n := together(list)
		sql := say.Each(list[:n], func(s seedfile.Statement) string { return s.Text })
		if list[0].Copy != nil {
			_, err = postgres.CopyIn(p.ctx, p.conn, list[0].Text, strings.NewReader(list[0].Copy.Data))
		} else {
			_, err = postgres.ExecScript(p.ctx, p.conn, strings.Join(sql, ";\n"))
		}
		if err := p.failed(err, line+list[0].Line-1, list[0].Command, list[0].Excerpt(80)); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// together returns how many statements at the beginning are sent at once: INSERTs, which come by the thousand.
func together(list []seedfile.Statement) int {
	n := 0
	for n < len(list) && list[n].Command == "INSERT" {
		n++
	}
	return max(n, 1)
}

func (p *player) rows(of entry, line int, copy string, data io.Reader) error {
	_, err := postgres.CopyIn(p.ctx, p.conn, copy, data)
	return p.failed(err, line, "COPY", copy)
}

// failed returns the error of a statement. A setting that this server does not know is not an error: pg_dump sets all
// that its own version has.
func (p *player) failed(err error, line int, command, excerpt string) error {
	if err == nil || command == "SET" && postgres.HasCode(err, "42704") {
		return nil
	}
	server, ok := postgres.AsServerError(err)
	if !ok {
		return err
	}
	failed := loadFailed(err, server.Message)
	if e, ok := remedy.Of(failed); ok {
		e.WithSeen(fmt.Sprintf("%s, line %d: %s", p.path, line, excerpt), postgres.Describe(server)).Behind(err)
	}
	return failed
}

// loadFailed returns the error for a file that could not be loaded into the fresh database; said is the server's
// message.
func loadFailed(err error, said string) error {
	failed := toolFailed("restore.failed", "the restore failed; the database is as before", err)
	e, ok := remedy.Of(failed)
	if m := noRole.Get().FindStringSubmatch(said); ok && e.Code == "restore.failed" && m != nil {
		e.WithHelp(remedy.Naap("dev sql", "--write", "CREATE ROLE "+postgres.Ident(m[1])).Note("the file gives things to that role"))
	}
	return failed
}
