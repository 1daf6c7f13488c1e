package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Tools run PostgreSQL's client programs where they fit the server: in its container, or from the PATH.
type Tools interface {
	// Run runs pg_dump or pg_restore. The connection to database is the tools' own affair. A non-zero exit status is an
	// error that holds what the program said.
	Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error
}

// ErrTool is what Tools' errors wrap where a program ran and failed.
var ErrTool = errors.New("the program failed")

// File is a backup file and what is in it.
type File struct {
	Path    string   `json:"path"`
	Bytes   int64    `json:"bytes"`
	Schemas []string `json:"schemas"` // that it has tables of
	Tables  int      `json:"tables"`

	makes bool // it makes its schema, which a file of public alone does not
}

// Write makes a backup file of the database, or of one schema of it: under a temporary name beside its place first,
// checked by reading its table of contents, then renamed. What undo keeps is left out.
func (s *Server) Write(ctx context.Context, tools Tools, path, schema string, opt Options) (*File, error) {
	opt.report(progress.Running, "Back up", path)
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be made").Wrap(err).WithFix("name a folder that is there and may be written")
	}
	defer os.Remove(f.Name()) // nothing once it is renamed
	defer f.Close()
	args := []string{"--format=custom", "--exclude-schema=naap_undo_*", "--exclude-table=naap_dev.undo", "--no-password"}
	if schema != "" {
		args = append(args, "--schema="+pattern(schema))
	}
	if err := tools.Run(ctx, "pg_dump", s.database, args, nil, f); err != nil {
		return nil, toolFailed("backup.failed", "the backup failed; no file was made", err)
	}
	if err := f.Sync(); err != nil {
		return nil, fmt.Errorf("write the backup: %w", err)
	}
	file, err := contents(ctx, tools, f.Name())
	if err != nil {
		return nil, err
	}
	if schema != "" && !strings.Contains(strings.Join(file.Schemas, "\n"), schema) && file.Tables > 0 {
		return nil, remedy.New("backup.check", remedy.ExitFailed, "the backup does not hold the schema %q", schema)
	}
	if err := os.Chmod(f.Name(), 0o600); err != nil {
		return nil, fmt.Errorf("protect the backup: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return nil, fmt.Errorf("name the backup: %w", err)
	}
	file.Path = path
	opt.report(progress.Done, "Back up", path)
	return file, nil
}

// pattern is a name as pg_dump's patterns take it: quoted, so that nothing in it is a wildcard.
func pattern(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// tocTable is a table's line in pg_restore's list: "215; 1259 16386 TABLE public User postgres". A schema's or table's
// name may hold blanks, so that only the beginning is sure.
var tocTable = regexp.MustCompile(`(?m)^\d+; \d+ \d+ (TABLE|SCHEMA) (.*) (\S+)$`)

// contents reads a file's table of contents with pg_restore, which fails for a file that was cut off in it.
func contents(ctx context.Context, tools Tools, path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be read").Wrap(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	var list bytes.Buffer
	if err := tools.Run(ctx, "pg_restore", "", []string{"--list"}, f, &list); err != nil {
		return nil, toolFailed("backup.check", "it is no backup that pg_restore can read", err)
	}
	file := &File{Path: path, Bytes: info.Size()}
	for _, m := range tocTable.FindAllStringSubmatch(list.String(), -1) {
		if strings.HasPrefix(m[2], "DATA ") {
			continue
		}
		if m[1] == "TABLE" {
			file.Tables++
			if first, _, ok := strings.Cut(m[2], " "); ok && first == "public" && !containsString(file.Schemas, "public") {
				file.Schemas = append(file.Schemas, "public")
			}
			continue
		}
		file.makes = true
		if name := strings.TrimPrefix(m[2], "- "); name != "naap_dev" && !containsString(file.Schemas, name) {
			file.Schemas = append(file.Schemas, name)
		}
	}
	return file, nil
}

func containsString(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func toolFailed(code, message string, err error) error {
	if _, ok := remedy.Of(err); ok {
		return err
	}
	return remedy.New(code, remedy.ExitFailed, "%s", message).Wrap(err)
}

// Read restores a backup file into a fresh database, which then takes the old one's place. A file of one schema is put
// into a copy of the present database; one that lacks several schemas is refused ("backup.partial"), since they would be
// gone.
func (s *Server) Read(ctx context.Context, tools Tools, path string, opt Options) (file *File, err error) {
	err = s.exclusive(ctx, func() (err error) {
		file, err = s.read(ctx, tools, path, opt)
		return err
	})
	return file, err
}

func (s *Server) read(ctx context.Context, tools Tools, path string, opt Options) (*File, error) {
	verb := remedy.Again("dev restore", path)
	opt.report(progress.Running, "Restore", path)
	file, err := contents(ctx, tools, path)
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx, opt, verb); err != nil {
		return nil, err
	}
	missing, err := s.missing(ctx, file)
	if err != nil {
		return nil, err
	}
	fresh, err := s.temporary(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(missing) == 0:
		if err = s.empty(ctx, fresh); err == nil {
			err = s.load(ctx, tools, path, fresh)
		}
	case len(file.Schemas) == 1:
		if err = s.alone(ctx, opt, verb, func() error { return s.clone(ctx, fresh, s.database) }); err == nil {
			err = s.exchangeSchema(ctx, tools, path, file.Schemas[0], !file.makes, fresh)
		}
	default:
		err = partial(file, missing)
	}
	if err == nil {
		err = s.replace(ctx, fresh, opt, verb)
	}
	if err != nil {
		_ = s.drop(context.WithoutCancel(ctx), fresh)
		return nil, err
	}
	opt.report(progress.Done, "Restore", path)
	return file, nil
}

func (s *Server) load(ctx context.Context, tools Tools, path, into string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer f.Close()
	// It is not told to stop at the first error, because of what is harmless; the database is a fresh one all the same.
	err = tools.Run(ctx, "pg_restore", into, []string{"--no-password", "--dbname=" + into}, f, io.Discard)
	if err != nil && !harmless(err.Error()) {
		return toolFailed("restore.failed", "the restore failed; the database is as before", err)
	}
	return nil
}

var (
	ignoredErrors  = regexp.MustCompile(`errors ignored on restore: (\d+)`)
	unknownTimeout = regexp.MustCompile(`could not execute query: .*"transaction_timeout"`) // the server may speak any language
)

// harmless tells whether a pg_restore that is newer than the server stumbled over nothing but a setting that the server
// does not know: version 17 sets transaction_timeout, whatever the server.
func harmless(said string) bool {
	m := ignoredErrors.FindStringSubmatch(said)
	return m != nil && m[1] == strconv.Itoa(len(unknownTimeout.FindAllString(said, -1)))
}

// empty makes an empty database with the encoding, the locale and the owner of the old one. What its locale is called
// depends on the server: version 17 renamed the column.
func (s *Server) empty(ctx context.Context, name string) error {
	var create string
	err := s.db.QueryRow(ctx, `
SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LOCALE_PROVIDER %s LC_COLLATE %L LC_CTYPE %L', $2::text, pg_get_userbyid(datdba),
	pg_encoding_to_char(encoding), CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, datcollate, datctype)
	|| CASE datlocprovider WHEN 'i' THEN format(' ICU_LOCALE %L', l) WHEN 'b' THEN format(' BUILTIN_LOCALE %L', l) ELSE '' END
FROM pg_database d, coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') l WHERE datname = $1`, s.database, name).Scan(&create)
	if err == nil {
		_, err = s.db.Exec(ctx, create)
	}
	if err != nil {
		return fmt.Errorf("make an empty database: %w", err)
	}
	return nil
}

// missing are the schemas with tables that the database has and the file has not.
func (s *Server) missing(ctx context.Context, file *File) ([]string, error) {
	conn, err := postgres.Connect(ctx, s.url, postgres.Options{Application: "naap backup"})
	if err != nil {
		return nil, postgres.Diagnose(err, s.url)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	here, err := postgres.CollectStrings(conn.Query(ctx, `SELECT DISTINCT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|naap_undo_)' AND n.nspname NOT IN ('information_schema', 'naap_dev') ORDER BY 1`))
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	return without(here, slices.Clone(file.Schemas)), nil
}

func partial(file *File, missing []string) error {
	return remedy.New("backup.partial", remedy.ExitRefused, "the file does not hold all schemas of the database; the others would be gone").
		WithSeen("in the file: "+strings.Join(file.Schemas, ", "), "only in the database: "+strings.Join(missing, ", ")).
		WithHelp(remedy.Line("write one file for each schema, and restore those: ", remedy.Naap("dev backup", "FILE", "--schema", "SCHEMA")), remedy.Line("or keep a snapshot, which holds all: ", remedy.Naap("dev snapshot save", "NAME")))
}
