// Package migrate reads and writes what Prisma Migrate does: a folder of migrations, and the table _prisma_migrations
// that records in a database which of them were applied. Both tools can work on the same folder and database.
package migrate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

const (
	scriptName = "migration.sql"
	lockName   = "migration_lock.toml"

	mostMigrations = 20_000
)

// Folder is a folder of migrations.
type Folder struct {
	Dir        string
	Name       string      // Dir as people know it: relative to the workspace
	There      bool        // it exists
	Provider   string      // what migration_lock.toml says; "" where there is none
	Migrations []Migration // in the order in which they run

	locked bool           // there is a migration_lock.toml
	byName map[string]int // where each is among them
}

// Migration is a sub-folder with its script.
type Migration struct {
	Name   string
	Path   string // of its script, as people know it
	Script string
	Err    error // why the script cannot be read: fs.ErrNotExist where there is none

	checksum   string      // of the script, where it was read from a folder
	replaces   []Replaced  // those that it stands for
	kept       []Migration // their folders in its own
	unfinished bool        // a squash was broken off before it wrote the script
}

// Checksum returns what Prisma records of a script: the SHA-256 of its bytes (prisma-engines, checksum.rs).
func (m Migration) Checksum() string {
	if m.checksum != "" {
		return m.checksum
	}
	return digest(m.Script)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Statements returns how many statements the script has.
func (m Migration) Statements() int { return len(sqltext.Statements(m.Script)) }

// Has reports whether the script is the one that a checksum was recorded of. Git may have changed all its line endings
// since. Old engines wrote each byte of the checksum without a leading zero.
func (m Migration) Has(checksum string) bool {
	return checksum == m.Checksum() || m.hasUnlikely(checksum)
}

func (m Migration) hasUnlikely(checksum string) bool {
	lf := strings.ReplaceAll(m.Script, "\r\n", "\n")
	for _, text := range []string{m.Script, lf, strings.ReplaceAll(lf, "\n", "\r\n")} {
		if checksum == digest(text) || checksum == unpadded(text) {
			return true
		}
	}
	return false
}

func unpadded(text string) string {
	var b strings.Builder
	for _, c := range sha256.Sum256([]byte(text)) {
		fmt.Fprintf(&b, "%x", c)
	}
	return b.String()
}

// mostScript is the most that is read of one script: one with data may be long, and each is sent as one message. All of them
// together are not read beyond files.SQL.
const mostScript files.Limit = 64 << 20

// ReadFolder reads a folder of migrations. As for Prisma, each folder in it is one, whatever its name, and other files
// are not looked at; one without a script counts, and fails where its script is needed. A folder that does not exist
// has no migrations. Links that lead out of the folder are not followed. name is dir as messages call it.
func ReadFolder(ctx context.Context, dir, name string) (*Folder, error) {
	f := &Folder{Dir: dir, Name: name}
	list, err := files.List(ctx, dir, mostMigrations)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	f.There = true
	in, err := files.OpenInside(dir)
	if err != nil {
		return nil, fmt.Errorf("open the migrations: %w", err)
	}
	defer in.Close()
	if err := f.readLock(ctx, in); err != nil {
		return nil, err
	}
	left := files.SQL
	for _, entry := range list {
		if !entry.IsDir() {
			continue
		}
		m := Migration{Name: entry.Name(), Path: path.Join(name, entry.Name(), scriptName)}
		text, err := in.Read(ctx, filepath.Join(entry.Name(), scriptName), min(mostScript, left))
		left -= files.Limit(len(text))
		switch {
		case err != nil:
			m.Err = err
		case !utf8.Valid(text):
			m.Err = errors.New("it is not UTF-8")
		}
		sum := sha256.Sum256(text)
		m.Script, m.checksum = string(text), hex.EncodeToString(sum[:])
		left -= m.readReplaced(ctx, in, dir, left)
		f.Migrations = append(f.Migrations, m)
	}
	slices.SortStableFunc(f.Migrations, func(a, b Migration) int { return collate(a.Name, b.Name) })
	f.byName = make(map[string]int, len(f.Migrations))
	for i, m := range f.Migrations {
		f.byName[m.Name] = i
	}
	return f, nil
}

// readLock reads the provider from migration_lock.toml as Prisma does: from the first line that begins with the word,
// which has to be written as Prisma writes it (prisma-engines, migrations_directory.rs).
func (f *Folder) readLock(ctx context.Context, in *files.Inside) error {
	text, err := in.Read(ctx, lockName, files.Settings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", lockName, err)
	}
	f.locked = true
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "provider") {
			f.Provider = strings.Trim(strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "provider = "), `"`)
			break
		}
	}
	return nil
}

// ID identifies what is in the folder.
func (f *Folder) ID() string {
	h := sha256.New()
	for _, m := range f.Migrations {
		fmt.Fprintf(h, "%d:%s%d:%s", len(m.Name), m.Name, len(m.Script), m.Script)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Named returns the migration of that name.
func (f *Folder) Named(name string) (Migration, bool) {
	i, ok := f.byName[name]
	if f.byName == nil { // it was not read
		i = slices.IndexFunc(f.Migrations, func(m Migration) bool { return m.Name == name })
		ok = i >= 0
	}
	if !ok {
		return Migration{}, false
	}
	return f.Migrations[i], true
}

func (f *Folder) names() []string {
	names := make([]string, len(f.Migrations))
	for i, m := range f.Migrations {
		names[i] = m.Name
	}
	return names
}

// Ready returns the error for a folder that does not exist, or whose migrations are for another database.
func (f *Folder) Ready() error {
	switch err := f.check(); {
	case err != nil:
		return err
	case !f.There:
		return noFolder(f.Name)
	}
	return f.twice()
}

// twice refuses a folder in which a migration is back that another one stands for, as after a merge.
func (f *Folder) twice() error {
	for _, m := range f.Migrations {
		for _, r := range m.replaces {
			if _, back := f.Named(r.Name); back {
				return remedy.New("migrate.squash", remedy.ExitRefused, "%s is there again, and %s stands for it: a new database would run both", visible.String(r.Name), visible.String(m.Name)).
					WithFix("remove "+visible.String(path.Join(f.Name, r.Name))+", which is kept in "+visible.String(path.Join(f.Name, m.Name, replacedFolder)),
						"or remove "+visible.String(path.Join(f.Name, m.Name))+", and move what it keeps back")
			}
		}
	}
	return nil
}

// otherProviders are those of Prisma's that are not PostgreSQL.
var otherProviders = []string{"mysql", "sqlite", "sqlserver", "cockroachdb", "mongodb"}

// check refuses migrations of another database and, like Prisma, a migration_lock.toml that says PostgreSQL in another
// form than Prisma's, or nothing.
func (f *Folder) check() error {
	if !f.locked || f.Provider == "postgresql" {
		return nil
	}
	file := visible.String(path.Join(f.Name, lockName))
	if slices.Contains(otherProviders, f.Provider) {
		return remedy.New("migrate.provider", remedy.ExitFailed, "the migrations are for %s and not for PostgreSQL (Prisma's P3019)", f.Provider).
			WithSeen(file + " says so").
			WithFix("start a new history: move the folder away, and make the first migration again")
	}
	r := remedy.New("migrate.provider", remedy.ExitFailed, "%s does not say that the migrations are for PostgreSQL, as Prisma reads it (P3019)", file)
	if f.Provider != "" {
		r.WithSeen("it says " + visible.String(f.Provider))
	}
	return r.WithFix(`if they are, write this line into it, with nothing before or after: provider = "postgresql"`)
}

// collate compares names as JavaScript's localeCompare does, by which Prisma's command line sorts them: punctuation
// before digits before letters, and upper and lower case of a letter apart only in names that are otherwise the same.
// (The order of ASCII in the root collation of CLDR; names outside ASCII are sorted by code points after it.)
func collate(a, b string) int {
	if c := slices.Compare(primary(a), primary(b)); c != 0 {
		return c
	}
	return strings.Compare(swapCase(a), swapCase(b))
}

const collation = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789"

func primary(s string) []int {
	var list []int
	for _, r := range strings.ToLower(s) {
		weight := strings.IndexRune(collation, r)
		if weight < 0 {
			weight = len(collation) + int(r)
		}
		list = append(list, weight)
	}
	return list
}

// swapCase makes lower case sort before upper case.
func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
