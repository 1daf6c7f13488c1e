package backup

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Formats of backup files, determined by their content, not their names.
const (
	formatCustom = "custom" // pg_dump --format=custom, which Write makes
	formatTar    = "tar"    // pg_dump --format=tar
	formatPlain  = "plain"  // pg_dump's SQL, as psql reads it
)

// source is a backup file to read, more than once.
type source struct {
	path   string
	format string
	packed string // "gzip" or "bzip2", or ""
	dos    bool   // its lines end in two characters, as on Windows
	info   os.FileInfo
}

// Tools run PostgreSQL's client programs that fit the server: in its container, or from the PATH.
type Tools interface {
	// Run runs pg_dump or pg_restore. How it connects to the database is up to the tools. A non-zero exit status is an
	// error that contains what the program printed.
	Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error
}

// look determines what a file is. What cannot be restored is refused with the command that converts it into something
// that can.
func look(path string) (*source, error) {
	info, err := os.Stat(path)
	switch {
	case path == Stdout && err != nil:
		return nil, remedy.New("backup.file", remedy.ExitUsage, "a restore reads its file more than once, and not from standard input").
			WithHelp(remedy.Line("cat > FILE && ", remedy.Naap("dev restore", "FILE")))
	case err != nil:
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be read").Wrap(err)
	case info.IsDir():
		return nil, aFolder(path)
	case !info.Mode().IsRegular():
		return nil, remedy.New("backup.file", remedy.ExitFailed, "it is not a regular file, and is read more than once").WithSeen(path).
			WithFix("cat " + remedy.ShellWord(path) + " > FILE    (then restore FILE)")
	}
	s := &source{path: path, info: info}
	in, err := s.open()
	if err != nil {
		return nil, err
	}
	head, err := peek(in)
	in.Close()
	if s.packed = packing(head); err == nil && s.packed != "" {
		if in, err = s.open(); err != nil {
			return nil, err
		}
		head, err = peek(in)
		in.Close()
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	s.format, err = formatOf(path, head)
	s.dos = s.format == formatPlain && !bytes.Contains(head, []byte(dumpHeading+"\n"))
	return s, err
}

// open returns the file's content, unpacked. A file that was replaced or written to since look is refused.
func (s *source) open() (io.ReadCloser, error) {
	f, err := files.Open(context.Background(), s.path)
	if err != nil {
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be read").Wrap(err)
	}
	now, err := f.Stat()
	if err != nil || !os.SameFile(now, s.info) || now.Size() != s.info.Size() || !now.ModTime().Equal(s.info.ModTime()) {
		f.Close()
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file has changed since it was looked at; nothing was changed").Wrap(err).WithSeen(s.path).
			WithFix("restore it once it is no longer written to")
	}
	var in io.Reader = f
	switch s.packed {
	case "gzip":
		if in, err = gzip.NewReader(bufio.NewReaderSize(f, 256<<10)); err != nil {
			f.Close()
			return nil, unreadable(s.path, err)
		}
	case "bzip2":
		in = bzip2.NewReader(f)
	}
	return struct {
		io.Reader
		io.Closer
	}{in, f}, nil
}

// peek reads the beginning, as much as is needed to recognize formats.
func peek(in io.Reader) ([]byte, error) {
	head := make([]byte, 4096)
	n, err := io.ReadFull(in, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
		err = nil
	}
	return head[:n], err
}

func packing(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip"
	case bytes.HasPrefix(head, []byte("BZh")):
		return "bzip2"
	}
	return ""
}

// foreignFormats are formats that are recognized by their first bytes, with the command that unpacks them; %s is the
// file.
var foreignFormats = []struct{ magic, name, unpack string }{
	{"\x28\xb5\x2f\xfd", "zstd", "zstd -dc %s > %s"},
	{"\x04\x22\x4d\x18", "lz4", "lz4 -dc %s > %s"},
	{"\xfd7zXZ\x00", "xz", "xz -dc %s > %s"},
	{"PK\x03\x04", "zip", "unzip -p %s > %s"},
	{"\x1f\x8b", "gzip, twice", "gzip -dc %s > %s"},
	{"BZh", "bzip2, twice", "bzip2 -dc %s > %s"},
}

func formatOf(path string, head []byte) (string, error) {
	// First, since text may show through if its beginning is hardly compressed.
	for _, f := range foreignFormats {
		if strings.HasPrefix(string(head), f.magic) {
			out := strings.TrimSuffix(path, filepath.Ext(path))
			if out == path || out == "" || exists(out) {
				out = unpackedName(path)
			}
			return "", remedy.New("backup.packed", remedy.ExitFailed, "the file is packed (%s), and naap does not unpack that", f.name).
				WithSeen(path).WithHelp(remedy.Words(fmt.Sprintf(f.unpack, remedy.ShellWord(path), remedy.ShellWord(out))), restoreCommand(out))
		}
	}
	switch {
	case len(head) == 0:
		return "", remedy.New("backup.check", remedy.ExitFailed, "the file is empty").WithSeen(path).
			WithFix("copy it once more from where it came from, or take another backup")
	case strings.HasPrefix("PGDMP", string(head)):
		return "", cutOff(path, "it ends within the mark that pg_dump begins with")
	case bytes.HasPrefix(head, []byte("PGDMP")):
		return formatCustom, nil
	case len(head) > 262 && string(head[257:262]) == "ustar" && bytes.HasPrefix(head, []byte("toc.dat\x00")):
		return formatTar, nil
	case bytes.Contains(head, []byte(dumpHeading+"\n")), bytes.Contains(head, []byte(dumpHeading+"\r\n")):
		return formatPlain, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		out := unpackedName(path)
		return "", remedy.New("backup.packed", remedy.ExitFailed, "the file is text in UTF-16, as PowerShell's > writes it, and a dump is in UTF-8").
			WithSeen(path).WithHelp(remedy.Words("iconv -f UTF-16 -t UTF-8 "+remedy.ShellWord(path)+" > "+remedy.ShellWord(out)), restoreCommand(out))
	case bytes.Contains(head, []byte("-- PostgreSQL database cluster dump")):
		return "", remedy.New("backup.cluster", remedy.ExitFailed, "it is a dump of all databases of a server, by pg_dumpall; one database is restored").
			WithSeen(path).WithFix("pg_dump --format=custom --file=FILE DATABASE    (where it was made; then restore FILE)")
	}
	return "", notABackup(path, head)
}

const dumpHeading = "-- PostgreSQL database dump"

func unpackedName(path string) string { return path + ".unpacked" }

// unixLines undoes what text mode does on Windows, which puts a CR before each LF, including those in texts.
type unixLines struct{ in *bufio.Reader }

func (u unixLines) Read(p []byte) (n int, err error) {
	for n < len(p) && (n == 0 || u.in.Buffered() > 0) {
		c, err := u.in.ReadByte()
		if err != nil {
			return n, err
		}
		if next, err := u.in.Peek(1); c == '\r' && err == nil && next[0] == '\n' {
			continue
		}
		p[n] = c
		n++
	}
	return n, nil
}

func notABackup(path string, head []byte) error {
	e := remedy.New("backup.check", remedy.ExitFailed, "it is not a backup that pg_restore can read")
	kind := "it begins with no mark that pg_dump writes"
	if len(head) > 262 && string(head[257:262]) == "ustar" {
		e.WithFix("tar -xf " + remedy.ShellWord(path) + "    (then restore what was in it)")
		kind = "it is a tar archive, and not one that pg_dump wrote"
	} else if isText(head) {
		kind = "it is text, without the heading of a dump by pg_dump"
		e.WithHelp(remedy.Naap("dev sql", "--write", "--file", path).Note("runs it in the database as it is"))
	}
	return e.WithSeen(path + ": " + kind).WithFix("pg_dump --format=custom --file=FILE DATABASE    (makes one that can be restored)")
}

// isText reports whether a file begins with text; the last character of the beginning may be incomplete.
func isText(head []byte) bool {
	for n := 0; n < utf8.UTFMax && n <= len(head); n++ {
		if utf8.Valid(head[:len(head)-n]) {
			return !bytes.ContainsRune(head, 0)
		}
	}
	return false
}

// aFolder refuses a folder, whether pg_dump --format=directory made it or not.
func aFolder(path string) error {
	if !exists(filepath.Join(path, "toc.dat")) {
		return remedy.New("backup.folder", remedy.ExitUsage, "it is a folder, and not one that pg_dump wrote").WithSeen(path)
	}
	out := strings.TrimRight(filepath.Clean(path), "/") + ".sql"
	if exists(out) {
		out = strings.TrimSuffix(out, ".sql") + ".restored.sql"
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		abs = path
	}
	return remedy.New("backup.folder", remedy.ExitFailed, "it is a folder that pg_dump wrote (--format=directory), and naap restores files").
		WithSeen(path).WithFix(
		"pg_restore --file="+remedy.ShellWord(out)+" "+remedy.ShellWord(path)+"    (makes a file of it)",
		"docker run --rm -v "+remedy.ShellWord(abs+":/dump:ro")+" postgres:16 pg_restore --file=- /dump > "+remedy.ShellWord(out)+"    (the same, without a pg_restore here)").
		WithHelp(restoreCommand(out))
}

// script streams the file's SQL to a reader: as it is, or as pg_restore writes it, which reads every row on the way
// unless args say otherwise.
func (s *source) script(ctx context.Context, tools Tools, to reader, args ...string) error {
	in, err := s.open()
	if err != nil {
		return err
	}
	defer in.Close()
	switch {
	case s.dos:
		return walk(s.path, unixLines{bufio.NewReaderSize(in, 256<<10)}, to)
	case s.format == formatPlain:
		return walk(s.path, in, to)
	}
	return archiveScript(ctx, tools, s.path, in, to, args...)
}

// archiveScript walks through the script that pg_restore makes from an archive.
func archiveScript(ctx context.Context, tools Tools, name string, in io.Reader, to reader, args ...string) error {
	from, into := io.Pipe()
	ran := make(chan error, 1)
	go func() {
		err := tools.Run(ctx, "pg_restore", "", append([]string{"--file=-"}, args...), in, into)
		into.CloseWithError(err) // nil means the end
		ran <- err
	}()
	walked := walk(name, from, to)
	from.CloseWithError(errStopped)
	err := <-ran
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, errStopped) && (walked == nil || remedy.Code(walked) == "backup.damaged") {
		failed := toolFailed("backup.check", "it is not a backup that pg_restore can read", err)
		if e, ok := remedy.Of(failed); ok && e.Code == "backup.check" {
			e.WithSeen(name).WithFix("copy it once more from where it came from, or take another backup")
		}
		return failed
	}
	return walked
}

// errStopped ends pg_restore, where its output cannot be used.
var errStopped = errors.New("no more is read")

// restoreCommand returns the command that restores a file, with further flags.
func restoreCommand(path string, flags ...string) remedy.Advice {
	return remedy.Again("dev restore", append([]string{path, "--yes=" + filepath.Base(path)}, flags...)...)
}

// toolFailed returns a tool's failure as a remedy. One that printed nothing is described by how it ended.
func toolFailed(code, message string, err error) error {
	if _, ok := remedy.Of(err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return remedy.New(code, remedy.ExitFailed, "%s", message).Wrap(err)
}
