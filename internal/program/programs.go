package program

// Program is a program that naap starts: how it is found, and what it is told of naap's environment beside the few
// variables that every program is told.
type Program struct {
	Name string

	folders []string // where the system keeps it; along the PATH where there are none
	batch   bool     // on Windows it is a batch file
	told    []string // variables: a name, or a beginning with * after it
	bare    bool     // it is told nothing but these
	whole   bool     // it is told all of the environment but what spared names
	spared  []string // as told is written
	allowed bool     // the user has allowed it: also what names the repository's folders
}

// system are the folders of programs that come with the system: nobody but root writes there, and no PATH leads away
// from them.
var system = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/current-system/sw/bin"}

// The programs, and what they are told. That a variable is missing here is the rule; that it is there needs its reason.
var (
	// Git is told nothing of git's own: GIT_DIR, GIT_CONFIG_*, GIT_SSH_COMMAND and their like, set for another
	// repository or by a hook that runs naap, lead to other files and start programs. See Finder.Git.
	Git = Program{Name: "git"}

	// Npm fetches one archive, whose digest naap knows. It needs the way out of the network and, where npm is a shim of
	// a version manager, that one's settings; it is not told NODE_OPTIONS, which loads code, nor tokens, but for those
	// that the user's own .npmrc names: see Npmrc.
	Npm = Program{Name: "npm", batch: true, told: append([]string{
		"http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
		"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR",
	}, managers...)}

	// Node is asked for its version.
	Node = Program{Name: "node", told: managers}

	// Psql is the user's own terminal program and is told what they set for it and for what they start from it. What
	// would lead it, or its password, to another server than the one that naap names is left out: PGHOSTADDR wins over
	// a host in a URL, and a service gives whatever a URL leaves out. Its pager and editor, and its libraries, come from
	// no folder of the PATH that naap would not start a program from.
	Psql = Program{Name: "psql", whole: true, spared: redirecting}

	// PgDump is told where the server is by naap alone, and of the user's surroundings only what names their certificates.
	PgDump = Program{Name: "pg_dump", told: certificates}

	// Postgres and Initdb are told what their C library reads, and no more: the server outlives the shell that naap was
	// started from, runs as another user where that is root's, and starts programs for whoever may have it do so.
	Postgres = Program{Name: "postgres", bare: true, told: server}
	Initdb   = Program{Name: "initdb", bare: true, told: server}

	// Shell runs what naap itself wrote.
	Shell = Program{Name: "sh", folders: system, bare: true, told: server}

	// Lsof and Ps are asked about processes, where there is no /proc.
	Lsof = Program{Name: "lsof", folders: system}
	Ps   = Program{Name: "ps", folders: system}

	// Tmux is told which server it belongs to.
	Tmux = Program{Name: "tmux", told: []string{"TMUX", "TMUX_PANE", "TMUX_TMPDIR"}}

	// SSH is the way to a Docker engine on another machine, with the user's keys and settings, as docker itself has it:
	// docker's own code starts what was found here, with the whole environment.
	SSH = Program{Name: "ssh", whole: true}
)

// managers are the variables of the programs that put one of several versions of node on the PATH.
var managers = []string{"ASDF_*", "FNM_*", "MISE_*", "N_PREFIX", "NODENV_*", "NVM_*", "PROTO_*", "VOLTA_*"}

// libraries say where a program's shared libraries and locales are. Nix and Homebrew need them.
var libraries = []string{"LOCPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"}

// server is libraries with what every program is told that a server needs too.
var server = append([]string{"PATH", "TMPDIR"}, libraries...)

// certificates are libpq's variables that name files of the user's own; none of them leads to another server.
var certificates = append([]string{"PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLCRLDIR", "KRB5*"}, libraries...)

// redirecting are libpq's variables (https://www.postgresql.org/docs/16/libpq-envars.html) that say where a server is,
// as whom, and under what conditions: naap says all of that.
var redirecting = []string{
	"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR",
	"PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS", "PGOPTIONS", "PGREALM", "PGREQUIREPEER", "PGREQUIREAUTH", "PGCHANNELBINDING",
	"PGREQUIRESSL", "PGGSSENCMODE", "PGGSSDELEGATION", "PGKRBSRVNAME", "PGGSSLIB",
}

// CredentialHelper keeps the user's registry passwords: docker-credential-NAME, named by their own Docker config. It
// talks to their keychain.
func CredentialHelper(name string) Program {
	return Program{Name: "docker-credential-" + name, told: []string{
		"DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_*", "DOCKER_CONFIG",
		"AWS_*", "GOOGLE_*", "CLOUDSDK_*", "AZURE_*", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	}}
}

// Clipboard puts what it reads on the desktop's clipboard.
func Clipboard(name string) Program {
	return Program{Name: name, told: []string{"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "TERMUX_*", "PREFIX", "WSL*"}}
}

// SeedCommand is a command of the repository's, which the user has allowed: it is told all that `npm run` would tell
// it, since that is how it is run without naap. Where it is, its caller knows.
var SeedCommand = Program{Name: "seed command", whole: true, allowed: true}
