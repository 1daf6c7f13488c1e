package postgres

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/jackc/pgpassfile"
	"github.com/jackc/pgservicefile"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// PasswordFor returns the password that a connection to a URL uses, from any source, or "". It is for programs that
// connect in naap's place: libpq by itself might find another.
func PasswordFor(url string) string {
	cfg, err := driverConfig(url)
	if err != nil {
		return ""
	}
	return cfg.Password
}

// passwordFor returns the password file's password for a connection, or why an existing file was not read: libpq
// ignores one that others may read (passwordFromFile in fe-connect.c), and so does naap, which ignores another user's
// too. text is the connection's keyword string.
//
// The driver has one password for all hosts of a connection: unless the file has the same for each, there is none.
func passwordFor(cfg *pgx.ConnConfig, text string) (password string, ignored *ignoredPassfile) {
	path := passfilePath(text)
	if path == "" {
		return "", nil
	}
	f, err := files.Open(context.Background(), path)
	if _, refused := files.Refused(err); refused {
		return "", &ignoredPassfile{path: path, why: "it is not a plain file"}
	}
	if err != nil {
		return "", nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil
	}
	if why, ours := passfileFlaw(info); why != "" {
		return "", &ignoredPassfile{path, why, ours}
	}
	entries, err := pgpassfile.ParsePassfile(f)
	if err != nil {
		return "", nil
	}
	password = passwordOf(entries, cfg.Host, cfg.Port, cfg)
	for _, other := range cfg.Fallbacks {
		if passwordOf(entries, other.Host, other.Port, cfg) != password {
			return "", nil
		}
	}
	return password, nil
}

func passwordOf(entries *pgpassfile.Passfile, host string, port uint16, cfg *pgx.ConnConfig) string {
	if network, _ := pgconn.NetworkAddress(host, port); network == "unix" {
		host = "localhost"
	}
	return entries.FindPassword(host, strconv.Itoa(int(port)), cfg.Database, cfg.User)
}

// ignoredPassfile is an existing password file that is not read.
type ignoredPassfile struct {
	path, why string
	ours      bool // it is the user's own, and only its mode is wrong
}

// told adds to the error for a refused password that the file that may contain it was not read.
func (p *ignoredPassfile) told(r *remedy.Error) *remedy.Error {
	if p == nil {
		return r
	}
	r.WithSeen(visible.String(p.path) + " was not read: " + p.why)
	if !p.ours {
		return r.WithFix("put a file of your own in its place, which nobody else can read")
	}
	return r.WithFix("chmod 600 " + remedy.ShellWord(visible.String(p.path)))
}

// ignoredFor returns the password file from which a connection would have got its password.
func ignoredFor(raw string) *ignoredPassfile {
	text, err := dburl.KeywordString(raw)
	if err != nil || dburl.IsOwn(raw) {
		return nil
	}
	cfg, err := readByDriver(pgx.ParseConfig, text+withoutPassfile, false)
	if err != nil || cfg.Password != "" {
		return nil
	}
	_, ignored := passwordFor(cfg, text)
	return ignored
}

// passfilePath returns the path of a connection's password file, in libpq's order: the connection string, the service
// that it or PGSERVICE names, PGPASSFILE, the home folder; "" for none.
func passfilePath(text string) string {
	pairs, _ := dburl.Keywords(text)
	if path := parameter(pairs, "passfile", ""); path != "" {
		return path
	}
	if service := parameter(pairs, "service", "PGSERVICE"); service != "" {
		if path := passfileOfService(parameter(pairs, "servicefile", "PGSERVICEFILE"), service); path != "" {
			return path
		}
	}
	if path := os.Getenv("PGPASSFILE"); path != "" {
		return path
	}
	if runtime.GOOS == "windows" {
		return inFolder(os.UserConfigDir, "postgresql", "pgpass.conf")
	}
	return inFolder(os.UserHomeDir, ".pgpass")
}

func passfileOfService(file, service string) string {
	if file == "" {
		file = inFolder(os.UserHomeDir, ".pg_service.conf")
	}
	services, err := pgservicefile.ReadServicefile(file)
	if err != nil {
		return ""
	}
	s, err := services.GetService(service)
	if err != nil {
		return ""
	}
	return s.Settings["passfile"]
}

func inFolder(folder func() (string, error), path ...string) string {
	dir, err := folder()
	if err != nil {
		return ""
	}
	return filepath.Join(append([]string{dir}, path...)...)
}

// passfileFlaw returns why a password file is not read, and whether changing its mode is enough; "" if it may be read.
func passfileFlaw(info fs.FileInfo) (why string, ours bool) {
	switch {
	case runtime.GOOS == "windows":
		return "", true
	case !ownedByUsOrRoot(info):
		return "it belongs to another user", false
	case info.Mode().Perm()&0o077 != 0:
		return "others can read or change it (its mode is " + strings.TrimPrefix(strconv.FormatUint(uint64(info.Mode().Perm()), 8), "0") + ")", true
	}
	return "", true
}
