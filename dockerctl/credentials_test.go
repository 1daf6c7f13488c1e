package dockerctl

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/cli/cli/config/configfile"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// A credential helper that says whom it was asked about; one that is a trap leaves a file.
func TestACredentialHelperComesFromThePersonsFoldersAlone(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repository, ran := dir+"/repository", dir+"/ran"
	scripttest.Write(t, repository+"/.git/x", "")
	scripttest.Write(t, repository+"/bin/docker-credential-keys", "touch "+ran)
	scripttest.Write(t, dir+"/mine/docker-credential-keys", `read where; printf '{"ServerURL":"%s","Username":"me","Secret":"secret of %s"}' "$where" "$where"`)
	scripttest.Write(t, dir+"/mine/docker-credential-token", `printf '{"Username":"<token>","Secret":"token"}'`)
	t.Chdir(repository)
	e := &Engine{find: FindOptions{Programs: program.Here()}}
	e.find.Programs.Path = repository + "/bin:" + dir + "/mine"
	auth, err := e.credentials(&configfile.ConfigFile{CredentialsStore: "keys"}, "registry.example")
	if err != nil || auth.Username != "me" || auth.Password != "secret of registry.example" {
		t.Errorf("%+v, %v", auth, err)
	}
	auth, err = e.credentials(&configfile.ConfigFile{CredentialsStore: "keys", CredentialHelpers: map[string]string{"registry.example": "token"}}, "registry.example")
	if err != nil || auth.Username != "" || auth.IdentityToken != "token" {
		t.Errorf("%+v, %v", auth, err)
	}
	for _, helper := range []string{"keys", "../../repository/bin/docker-credential-keys", "missing"} {
		e.find.Programs.Path = repository + "/bin"
		if auth, err := e.credentials(&configfile.ConfigFile{CredentialsStore: helper}, "registry.example"); err == nil || auth.Password != "" {
			t.Errorf("%s: %+v, %v", helper, auth, err)
		}
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("the repository's helper was started")
	}
}
