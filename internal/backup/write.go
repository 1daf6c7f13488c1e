package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// ErrTool is what Tools' errors wrap where a program ran and failed.
var ErrTool = errors.New("the program failed")

// ToolError returns the error of a program that ran and failed: what it printed, or how it ended if it printed nothing.
func ToolError(program, said string, status int) error {
	if said = strings.TrimSpace(said); said == "" {
		said = fmt.Sprintf("%s ended with status %d and said nothing", program, status)
	}
	return fmt.Errorf("%w: %s", ErrTool, said)
}

// Write makes a backup of the database, or of one schema in it. What undo keeps is left out. A file is written under a
// temporary name beside its place, checked by its table of contents, and only then put there; it replaces an existing
// one only with Force ("backup.exists"). Standard output ("-"), pipes, sockets and devices are written to directly.
func (s *Server) Write(ctx context.Context, tools Tools, path, schema string, opt Options) (*File, error) {
	t, err := aim(path, opt)
	if err != nil {
		return nil, err
	}
	opt.report(progress.Running, "Back up", path)
	args := []string{"--format=custom", "--exclude-schema=" + hidden.DumpPattern, "--exclude-table-data=" + hidden.Ledger + ".undo", "--no-password"}
	if schema != "" {
		args = append(args, "--schema="+sqltext.Ident(schema)) // quoted, so that nothing in it is a wildcard
	}
	d := dump{server: s, tools: tools, args: args}
	var file *File
	if t.stream {
		file, err = d.stream(ctx, t, opt)
	} else {
		file, err = d.file(ctx, t, opt, schema)
	}
	if err == nil && t.stream {
		err = holdsSchema(file, schema)
	}
	if err != nil {
		return nil, err
	}
	file.Path = path
	opt.report(progress.Done, "Back up", path)
	return file, nil
}

func holdsSchema(file *File, schema string) error {
	if schema == "" || slices.Contains(file.Schemas, blanks.Replace(schema)) {
		return nil
	}
	return remedy.New("backup.check", remedy.ExitFailed, "the backup does not hold the schema %q", schema)
}

// dump is one run of pg_dump.
type dump struct {
	server *Server
	tools  Tools
	args   []string
}

// sink remembers why pg_dump's output could not be passed on: a full disk is not pg_dump's fault.
type sink struct {
	w   io.Writer
	n   int64
	err error
}

func (k *sink) Write(p []byte) (int, error) {
	n, err := k.w.Write(p)
	k.n += int64(n)
	if err != nil && k.err == nil {
		k.err = err
	}
	return n, err
}

func (d dump) run(ctx context.Context, w io.Writer, left string) (bytes int64, err error) {
	out := &sink{w: w}
	err = d.tools.Run(ctx, "pg_dump", d.server.database, d.args, nil, out)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case out.err != nil:
		return 0, remedy.New("backup.write", remedy.ExitFailed, "the backup cannot be written; %s", left).Wrap(out.err).
			WithHelp(moreRoom)
	case err != nil:
		return 0, toolFailed("backup.failed", "the backup failed; "+left, err)
	}
	return out.n, nil
}

const noFileMade = "no file was made"

var moreRoom = remedy.Line("name a place with more room: ", remedy.Naap("dev backup", "FILE"))

func (d dump) file(ctx context.Context, t *target, opt Options, schema string) (*File, error) {
	clearParts(filepath.Dir(t.real), opt)
	f, release, err := newPart(filepath.Dir(t.real))
	if err != nil {
		return nil, err
	}
	defer release()
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := d.run(ctx, f, noFileMade); err != nil {
		return nil, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return nil, remedy.New("backup.write", remedy.ExitFailed, "the backup cannot be written; "+noFileMade).Wrap(err).
			WithHelp(moreRoom)
	}
	src, err := look(f.Name())
	if err != nil {
		return nil, err
	}
	file := newFile(t.path, src.format)
	file.Bytes = src.info.Size()
	if err := src.script(ctx, d.tools, contents{file}, "--schema-only"); err != nil {
		return nil, err
	}
	file.RowsExact = false
	file.finish()
	if err := holdsSchema(file, schema); err != nil {
		return nil, err
	}
	return file, t.place(f.Name(), opt)
}

// stream writes to what is there, and reads the table of contents as it goes by.
func (d dump) stream(ctx context.Context, t *target, opt Options) (*File, error) {
	out, err := t.open(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	defer context.AfterFunc(ctx, func() { out.Close() })() // a pipe that nothing reads would block it forever
	from, into := io.Pipe()
	file := newFile(t.path, formatCustom)
	checked := make(chan error, 1)
	go func() {
		checked <- archiveScript(ctx, d.tools, t.path, from, contents{file}, "--schema-only")
		_, _ = io.Copy(io.Discard, from)
	}()
	n, err := d.run(ctx, io.MultiWriter(out, into), "what was written is not a whole backup")
	into.CloseWithError(err)
	check := <-checked
	if err == nil {
		err = check
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return nil, err
	}
	file.Bytes, file.Streamed, file.RowsExact = n, true, false
	file.finish()
	return file, nil
}
