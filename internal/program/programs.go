package program

// Program is a program that naap starts: how it is found, and what it sees of naap's environment besides the few
// variables that every program sees.
type Program struct {
	Name string

	folders []string // where the system keeps it; the PATH is searched where there are none
	batch   bool     // a batch file on Windows
	told    []string // the variables that it sees: names, or prefixes followed by *
	bare    bool     // it sees nothing but these
	whole   bool     // it sees all of the environment except what spared names
	spared  []string // written like told
	allowed bool     // the user has allowed it: it also sees what names the repository's folders
}

// system are the folders of programs that come with the system: only root writes there, and no PATH leads away from
// them.
var system = []string{"/usr/sbin", "/usr/bin", "/sbin", "/bin", "/run/current-system/sw/bin"}

// The programs, and what they see. A variable is left out by default; each one included needs a reason.
var (
	// gitProgram sees none of its own variables: GIT_DIR, GIT_CONFIG_*, GIT_SSH_COMMAND and the like, set for another
	// repository or by a hook that runs naap, lead to other files and start programs. See Finder.Git.
	gitProgram = Program{Name: "git"}

	// Npm downloads one archive, whose digest naap knows. It needs the settings of the network and, where npm is a shim
	// of a version manager, that manager's; it sees neither NODE_OPTIONS, which loads code, nor tokens, except those
	// that the user's own .npmrc names: see RunNpm.
	Npm = Program{Name: "npm", batch: true, told: append([]string{
		"http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
		"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR",
	}, managers...)}

	// Node is asked for its version.
	Node = Program{Name: "node", told: managers}

	// Psql is the user's own terminal program, and sees what they set for it and for what they start from it. What
	// would lead it, or its password, to a server other than the one that naap names is left out: PGHOSTADDR takes
	// precedence over a host in a URL, and a service supplies whatever a URL leaves out. Its pager, its editor and its
	// libraries come from no folder of the PATH that naap would not start a program from.
	Psql = Program{Name: "psql", whole: true, spared: redirecting}

	// PgDump learns where the server is only from naap, and sees of the user's environment only what names their
	// certificates.
	PgDump = Program{Name: "pg_dump", told: certificates}

	// Postgres and Initdb see what their C library reads, and no more: the server outlives the shell that naap was
	// started from, runs as another user where naap runs as root, and starts programs for anyone who may make it do so.
	Postgres = Program{Name: "postgres", bare: true, told: server}
	Initdb   = Program{Name: "initdb", bare: true, told: server}

	// Shell runs what naap itself wrote.
	Shell = Program{Name: "sh", folders: system, bare: true, told: server}

	// Lsof and Ps are asked about processes, where there is no /proc.
	Lsof = Program{Name: "lsof", folders: system}
	Ps   = Program{Name: "ps", folders: system}

	// Tmux sees which server it belongs to.
	Tmux = Program{Name: "tmux", told: []string{"TMUX", "TMUX_PANE", "TMUX_TMPDIR"}}

	// SSH leads to a Docker engine on another machine, with the user's keys and settings, as with docker itself:
	// docker's own code starts what was found here, with the whole environment.
	SSH = Program{Name: "ssh", whole: true}
)

// managers are the variables of the programs that put one of several versions of node on the PATH.
var managers = []string{"ASDF_*", "FNM_*", "MISE_*", "N_PREFIX", "NODENV_*", "NVM_*", "PROTO_*", "VOLTA_*"}

// libraries say where a program's shared libraries and locales are. Nix and Homebrew need them.
var libraries = []string{"LOCPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"}

// server is libraries, and what a server also needs of the variables that other programs see.
var server = append([]string{"PATH", "TMPDIR"}, libraries...)

// certificates are libpq's variables that name the user's own files; none of them leads to another server.
var certificates = append([]string{"PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLCRLDIR", "KRB5*"}, libraries...)

// redirecting are libpq's variables (https://www.postgresql.org/docs/16/libpq-envars.html) that say where a server is,
// as whom, and under what conditions: naap gives all of that.
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

// Editor is the user's own, and sees all of their environment.
func Editor(name string) Program { return Program{Name: name, whole: true} }

// Clipboard puts its input on the desktop's clipboard.
func Clipboard(name string) Program {
	return Program{Name: name, told: []string{"DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "TERMUX_*", "PREFIX", "WSL*"}}
}

// Allowed is one of the repository's commands that the user has allowed, or one that they typed: it sees everything that
// its shell would let it see, except what leads to a server other than the one that naap names. Its caller knows where
// it is, and removes variables that only their contents tell apart.
var Allowed = Program{Name: "command", whole: true, spared: append([]string{"PGSSLMODE"}, redirecting...), allowed: true}
