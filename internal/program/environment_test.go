package program

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// shell is the environment of someone's shell: what the user needs, secrets, and what leads astray.
var shell = []string{
	"HOME=/home/me", "LANG=de_DE.UTF-8", "LC_TIME=C", "TERM=xterm",
	"AWS_SECRET_ACCESS_KEY=secret", "NPM_TOKEN=secret", "DATABASE_URL=secret", "GITHUB_TOKEN=secret",
	"NODE_OPTIONS=--require=/evil.js", "BASH_ENV=/evil", "ENV=/evil", "LD_PRELOAD=/evil.so", "LD_AUDIT=/evil.so", "PERL5OPT=-Mevil", "PYTHONSTARTUP=/evil",
	"DYLD_INSERT_LIBRARIES=/evil.dylib", "GIT_DIR=/evil", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsmonitor", "GIT_CONFIG_VALUE_0=/evil",
	"GIT_SSH_COMMAND=/evil", "GIT_EXTERNAL_DIFF=/evil", "GIT_EXEC_PATH=/evil", "GIT_ALLOW_PROTOCOL=ext", "GIT_TRACE=/evil",
	"PGHOST=evil", "PGHOSTADDR=203.0.113.1", "PGSERVICE=evil", "PGSERVICEFILE=/evil", "PGPASSWORD=secret", "PGOPTIONS=-c x=y", "PGSYSCONFDIR=/evil",
	"PGSSLROOTCERT=/ca.pem", "PSQLRC=/mine", "PAGER=less", "EDITOR=vi", "HTTPS_PROXY=http://proxy",
}

func TestProgramsAreToldWhatIsChosenForThem(t *testing.T) {
	f := Finder{Environ: shell}
	everybody := []string{"HOME=/home/me", "LANG=de_DE.UTF-8", "LC_TIME=C", "TERM=xterm"}
	for _, c := range []struct {
		program Program
		beside  []string
	}{
		{gitProgram, nil}, {Node, nil}, {Tmux, nil}, {Lsof, nil}, {Ps, nil}, {Npm, []string{"HTTPS_PROXY=http://proxy"}},
		{PgDump, []string{"PGSSLROOTCERT=/ca.pem"}}, {Clipboard("xclip"), nil},
	} {
		if got, want := f.Env(c.program), append(slices.Clone(everybody), c.beside...); !slices.Equal(got, want) {
			t.Errorf("%s is told %q, want %q", c.program.Name, got, want)
		}
	}
	for _, p := range []Program{Postgres, Initdb, Shell} {
		if got := f.Env(p); len(got) != 0 {
			t.Errorf("%s is told %q", p.Name, got)
		}
	}
}

// psql is the user's own program, but naap says which server it connects to, not the user's variables.
func TestPsqlIsToldAllButWhereTheServerIs(t *testing.T) {
	f := Finder{Environ: shell}
	got := f.Env(Psql)
	for _, want := range []string{"PSQLRC=/mine", "PAGER=less", "EDITOR=vi", "PGSSLROOTCERT=/ca.pem", "DATABASE_URL=secret"} {
		if !slices.Contains(got, want) {
			t.Errorf("it is not told %s", want)
		}
	}
	for _, kv := range got {
		if strings.HasPrefix(kv, "PG") && !strings.HasPrefix(kv, "PGSSL") {
			t.Errorf("it is told %s", kv)
		}
	}
}

func TestListsOfFoldersAreToldWithoutTheRepositorys(t *testing.T) {
	p := newPlace(t)
	if err := os.Mkdir(p.tools+"/open", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.tools+"/open", 0o777); err != nil {
		t.Fatal(err)
	}
	f := Here()
	list := strings.Join([]string{".", "", p.repository + "/bin", p.repository, "lib", p.tools, p.tools + "/open", p.tools + "/missing"}, ":")
	f.Environ = []string{"PATH=" + list, "LD_LIBRARY_PATH=" + list}
	if got := f.Env(Postgres); !slices.Equal(got, []string{"PATH=" + p.tools, "LD_LIBRARY_PATH=" + p.tools}) {
		t.Errorf("the server is told %q", got)
	}
	f.Environ = []string{"PATH=.", "LD_LIBRARY_PATH=."}
	if got := f.Env(Postgres); !slices.Equal(got, []string{"PATH="}) {
		t.Errorf("of nothing but the working directory it is told %q", got)
	}
	f.Environ = []string{"PATH=" + list, "LD_LIBRARY_PATH=" + list}
	if got := f.Env(Psql); !slices.Equal(got, []string{"PATH=" + p.tools, "LD_LIBRARY_PATH=" + p.tools}) {
		t.Errorf("psql, which starts a pager and an editor, is told %q", got)
	}
	if got := f.Env(Allowed); !slices.Equal(got, f.Environ) {
		t.Errorf("an allowed command is told %q", got)
	}
}
