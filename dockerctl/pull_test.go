package dockerctl

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAnImageThatCannotBeHadSaysWhatHelps(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Image = "127.0.0.1:1/naap/postgres:16" // nothing listens there
	var j journal
	_, err := e.Ensure(t.Context(), spec, never, j.report)
	if remedy.Code(err) != "image.unavailable" || remedy.Exit(err) != remedy.ExitNoServer {
		t.Fatalf("error %s", remedy.Text(err))
	}
	text := remedy.Text(err)
	for _, want := range []string{"docker pull " + spec.Image, "docker load -i", "naap dev up --image postgres:16", "--engine embedded"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if !strings.Contains(j.String(), "image failed") {
		t.Errorf("not reported:\n%s", j.String())
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("a container was left: %s", got)
	}
	if v, _, _ := e.volumeState(t.Context(), spec.Volume); v != nil {
		t.Error("a volume was left")
	}
}

func TestAPullReportsTheBytesOfItsLayers(t *testing.T) {
	report := strings.NewReader(`{"status":"Pulling from library/postgres","id":"16"}
{"status":"Already exists","id":"a"}
{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"b"}
{"status":"Downloading","progressDetail":{"current":30,"total":50},"id":"c"}
{"status":"Extracting","progressDetail":{"current":1,"total":50},"id":"c"}
{"status":"Download complete","id":"b"}
{"status":"Pull complete","id":"c"}
`)
	var seen [][2]int64
	must(t, followPull(report, func(done, total int64) { seen = append(seen, [2]int64{done, total}) }))
	want := [][2]int64{{10, 100}, {40, 150}, {130, 150}, {150, 150}}
	if len(seen) != len(want) {
		t.Fatalf("%v, want %v", seen, want)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("%v, want %v", seen, want)
		}
	}
	if err := followPull(strings.NewReader(`{"error":"manifest unknown"}`), nil); err == nil || err.Error() != "manifest unknown" {
		t.Errorf("error %v", err)
	}
}

func TestARegistrysCredentialsComeFromTheDockerConfig(t *testing.T) {
	o := place(t, nil)
	login := base64.StdEncoding.EncodeToString([]byte("bob:tops3cret"))
	must(t, os.MkdirAll(filepath.Join(o.Home, ".docker"), 0o755))
	must(t, os.WriteFile(filepath.Join(o.Home, ".docker/config.json"),
		[]byte(`{"auths":{"private.example":{"auth":"`+login+`"},"https://index.docker.io/v1/":{"auth":"`+login+`"}}}`), 0o600))
	var header atomic.Value
	header.Store("")
	serveUnix(t, filepath.Join(o.Home, "var/run/docker.sock"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		if strings.HasSuffix(r.URL.Path, "/images/create") {
			header.Store(r.Header.Get("X-Registry-Auth"))
			w.Write([]byte(`{"error":"pull access denied"}`))
		}
	}))
	e, err := Find(t.Context(), o)
	must(t, err)
	defer e.Close()
	for ref, known := range map[string]bool{"private.example/naap/postgres:16": true, "postgres:16": true, "other.example/postgres:16": false} {
		header.Store("")
		err := e.pull(t.Context(), ref, "", progress.Discard)
		if remedy.Code(err) != "image.not-found" || strings.Contains(remedy.Text(err), "tops3cret") {
			t.Errorf("%s: error %s", ref, remedy.Text(err))
		}
		got, _ := base64.URLEncoding.DecodeString(header.Load().(string))
		if sent := strings.Contains(string(got), `"username":"bob"`); sent != known {
			t.Errorf("%s: sent %v (%q)", ref, sent, got)
		}
	}
}

func TestAFailedPullIsToldApart(t *testing.T) {
	for said, want := range map[string]string{
		"toomanyrequests: You have reached your pull rate limit":                              "image.rate-limit",
		"unauthorized: authentication required":                                               "image.unauthorized",
		"manifest for postgres:99 not found: manifest unknown":                                "image.not-found",
		"write /var/lib/docker/tmp/x: no space left on device":                                "image.disk-full",
		"Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1: no such host": "image.unavailable",
	} {
		if err := imageError("postgres:16", errString(said), nil); remedy.Code(err) != want {
			t.Errorf("%q: %s, want %s", said, remedy.Code(err), want)
		}
	}
}

type errString string

func (e errString) Error() string { return string(e) }
