package seeding

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/visible"
)

// run applies a file, inside the caller's transaction, and has the server check what it defers to the end of the
// transaction, where an error would name no file.
func run(ctx context.Context, tx postgres.Tx, f *seedfile.File) error {
	var err error
	last := seedfile.Statement{Line: f.FirstLine(), Column: 1}
	switch f.Format {
	case seedfile.CSV:
		err = runCSV(ctx, tx, f)
	case seedfile.JSONL:
		err = runObjects(ctx, tx, f)
	default:
		last, err = runScript(ctx, tx, f)
	}
	if err != nil {
		return err
	}
	if _, err := postgres.ExecScript(ctx, postgres.TxConn(tx), "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return failure(f, fmt.Sprintf("%d:%d", last.Line, last.Column), err).WithSeen("where: at the file's end, where constraints that wait are checked")
	}
	return nil
}

// runScript runs a script's statements and returns the last.
func runScript(ctx context.Context, tx postgres.Tx, f *seedfile.File) (last seedfile.Statement, err error) {
	statements, err := f.Statements()
	if err != nil {
		return last, err
	}
	last = seedfile.Statement{Line: 1, Column: 1}
	conn := postgres.TxConn(tx)
	for _, s := range statements {
		last = s
		if s.Copy != nil {
			_, err = postgres.CopyIn(ctx, conn, s.Text, strings.NewReader(s.Copy.Data))
		} else {
			_, err = postgres.ExecScript(ctx, conn, s.Text)
		}
		if err != nil {
			return last, statementFailed(f, s, err)
		}
		if !postgres.InTransaction(conn) { // otherwise what follows would be committed statement by statement
			return last, remedy.New("seed.transaction", remedy.ExitFailed, "%s:%d:%d: the statement ended the file's transaction",
				visible.String(f.Path), s.Line, s.Column).WithSeen("statement: " + visible.String(s.Excerpt(200))).
				WithFix("take COMMIT and ROLLBACK out of it")
		}
	}
	return last, nil
}

func runCSV(ctx context.Context, tx postgres.Tx, f *seedfile.File) error {
	columns, err := f.Columns()
	if err != nil {
		return err
	}
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT csv, HEADER true)",
		postgres.Ident(f.Schema, f.Table), identList(columns))
	if _, err := postgres.CopyIn(ctx, postgres.TxConn(tx), sql, strings.NewReader(f.CopyData())); err != nil {
		return rowsFailed(f, f.FirstLine()+max(copyLine(err)-1, 0), err)
	}
	return nil
}

// objectsAtOnce is how many JSON lines go to the server in one statement.
const objectsAtOnce = 1000

// runObjects inserts JSON lines. Consecutive lines that set the same columns are inserted together, so that a column
// that a line leaves out gets its default.
func runObjects(ctx context.Context, tx postgres.Tx, f *seedfile.File) error {
	objects, err := f.Objects()
	if err != nil {
		return err
	}
	for len(objects) > 0 {
		n := 1
		for n < len(objects) && n < objectsAtOnce && slices.Equal(objects[n].Keys, objects[0].Keys) {
			n++
		}
		if line, err := insertTogether(ctx, tx, f, objects[:n]); err != nil {
			return rowsFailed(f, line, err)
		}
		objects = objects[n:]
	}
	return nil
}

// insertTogether inserts objects in one statement. If that fails, they are tried one by one, to name the line.
func insertTogether(ctx context.Context, tx postgres.Tx, f *seedfile.File, objects []seedfile.Object) (line int, err error) {
	inner, err := tx.Begin(ctx)
	if err != nil {
		return objects[0].Line, err
	}
	whole := insertObjects(ctx, inner, f, objects)
	if whole == nil {
		return 0, inner.Commit(ctx)
	}
	if err := inner.Rollback(ctx); err != nil {
		return objects[0].Line, whole
	}
	for i := range objects {
		if err := insertObjects(ctx, tx, f, objects[i:i+1]); err != nil {
			return objects[i].Line, err
		}
	}
	return objects[0].Line, whole
}

func insertObjects(ctx context.Context, tx postgres.Tx, f *seedfile.File, objects []seedfile.Object) error {
	table := postgres.Ident(f.Schema, f.Table)
	if len(objects[0].Keys) == 0 {
		for range objects {
			if _, err := tx.Exec(ctx, "INSERT INTO "+table+" DEFAULT VALUES"); err != nil {
				return err
			}
		}
		return nil
	}
	texts := say.Each(objects, func(o seedfile.Object) string { return o.Text })
	columns := identList(objects[0].Keys)
	_, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_recordset(NULL::%s, $1::text::jsonb)",
		table, columns, columns, table), "["+strings.Join(texts, ",")+"]")
	return err
}

func identList(names []string) string {
	return say.Join(names, ", ", func(n string) string { return postgres.Ident(n) })
}

// statementFailed names file, line and statement, and gives the server's own message.
func statementFailed(f *seedfile.File, s seedfile.Statement, err error) error {
	line, col := s.Line, s.Column
	server, ok := postgres.AsServerError(err)
	switch n := copyLine(err); {
	case s.Copy != nil && n > 0:
		line, col = s.Copy.Line+n-1, 1
	case ok && server.Position > 0:
		line, col = s.At(int(server.Position))
	}
	return failure(f, fmt.Sprintf("%d:%d", line, col), err).WithSeen("statement: " + visible.String(s.Excerpt(200)))
}

var whereLine = lazy.Regexp{Text: `(?m)^COPY .*, line (\d+)`}

// copyLine returns the line of COPY's data that the server names, from 1, or 0 where it names none.
func copyLine(err error) int {
	server, ok := postgres.AsServerError(err)
	if !ok {
		return 0
	}
	m := whereLine.Get().FindStringSubmatch(server.Where)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

func rowsFailed(f *seedfile.File, line int, err error) error {
	return failure(f, fmt.Sprint(line), err)
}

const seedFailed = "the seed failed, and nothing of it stays"

func failure(f *seedfile.File, place string, err error) *remedy.Error {
	e := remedy.New("seed.failed", remedy.ExitFailed, "%s:%s: %s", visible.String(f.Path), place, seedFailed)
	server, ok := postgres.AsServerError(err)
	if !ok {
		return e.Wrap(err)
	}
	e.Behind(server)
	e.WithSeen("server: " + visible.String(postgres.Describe(server)))
	if server.Where != "" {
		e.WithSeen("where: " + visible.String(server.Where))
	}
	return e.WithHelp(remedy.Line("fix the file, then: ", remedy.Naap("dev seed", visible.String(f.Schema))))
}
