package dockerctl

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// place is a person's surroundings with nothing in them.
func place(t *testing.T, env map[string]string) FindOptions {
	t.Helper()
	home, err := os.MkdirTemp("", "naap") // short: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	return FindOptions{
		Env: func(name string) string { return env[name] }, Home: home, GOOS: "linux", Root: home,
		Timeout:  20 * time.Second, // on a busy machine too, an engine of the tests answers in time
		Programs: program.Finder{Path: "/nowhere"},
	}
}

// fakeEngine answers pings as an engine with that API version does.
func fakeEngine(api string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if api != "" {
			w.Header().Set("Api-Version", api)
		}
		fmt.Fprint(w, "OK")
	})
}

func listenUnix(t *testing.T, path string) net.Listener {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func serveUnix(t *testing.T, path string, h http.Handler) {
	t.Helper()
	server := &http.Server{Handler: h}
	l := listenUnix(t, path)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
}

// raw answers every connection with a text, or not at all if it is empty.
func raw(t *testing.T, path, answer string) {
	t.Helper()
	l := listenUnix(t, path)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			if answer != "" {
				_, _ = conn.Read(make([]byte, 4096))
				fmt.Fprint(conn, answer)
				conn.Close()
			}
		}
	}()
}

func TestACandidateIsToldApartByWhatIsWrongWithIt(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(t *testing.T, path string)
		want failure
	}{
		"an engine": {func(t *testing.T, path string) { serveUnix(t, path, fakeEngine("1.45")) }, failNone},
		"absent":    {func(*testing.T, string) {}, failNotInstalled},
		"nobody listens any more": {func(t *testing.T, path string) {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err != nil {
				t.Fatal(err)
			}
			l.SetUnlinkOnClose(false)
			l.Close()
		}, failNotRunning},
		"a plain file": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}, failNotDocker},
		"HTTP of something else": {func(t *testing.T, path string) { serveUnix(t, path, fakeEngine("")) }, failNotDocker},
		"HTTP that knows no ping": {func(t *testing.T, path string) {
			serveUnix(t, path, http.NotFoundHandler())
		}, failNotDocker},
		"no HTTP at all":      {func(t *testing.T, path string) { raw(t, path, "SSH-2.0-nothing\r\n") }, failNotDocker},
		"silence":             {func(t *testing.T, path string) { raw(t, path, "") }, failSilent},
		"a very old engine":   {func(t *testing.T, path string) { serveUnix(t, path, fakeEngine("1.40")) }, failTooOld},
		"the oldest that may": {func(t *testing.T, path string) { serveUnix(t, path, fakeEngine("1.41")) }, failNone},
	} {
		t.Run(name, func(t *testing.T) {
			o := place(t, nil)
			if test.want == failSilent {
				o.Timeout = 500 * time.Millisecond
			}
			path := filepath.Join(o.Home, "s.sock")
			test.set(t, path)
			o.Env = func(name string) string { return map[string]string{"DOCKER_HOST": "unix://" + path}[name] }
			list, explicit := candidates(o)
			if !explicit || len(list) != 1 {
				t.Fatalf("DOCKER_HOST is not the one candidate: %+v", list)
			}
			got := try(t.Context(), o, list[0])
			if got.Failure != test.want {
				t.Errorf("failure %q (%v), want %q", got.Failure, got.Err, test.want)
			}
			e, err := Find(t.Context(), o)
			if test.want == failNone {
				if err != nil {
					t.Fatal(err)
				}
				e.Close()
				return
			}
			if remedy.Code(err) != "docker.unreachable" || remedy.Exit(err) != remedy.ExitNoServer {
				t.Errorf("error %v with code %s, exit %d", err, remedy.Code(err), remedy.Exit(err))
			}
			if text := remedy.Text(err); !strings.Contains(text, path) || !strings.Contains(text, test.want.String()) {
				t.Errorf("neither path nor reason in:\n%s", text)
			}
		})
	}
}

func TestASocketThatIsClosedToTheUserNamesTheGroup(t *testing.T) {
	if os.Getuid() == 0 {
		// Root may open everything, so what is classified is the error itself.
		o := place(t, nil)
		err := &net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", errPermission)}
		got := tried{candidate: candidate{Source: "known socket", Host: "unix:///var/run/docker.sock", Runtime: runtimeDocker}, Err: err}
		got.Failure = classifyDial(o, runtimeDocker, err)
		if got.Failure != failPermission {
			t.Fatalf("failure %q", got.Failure)
		}
		if text := remedy.Text(unreachable(o, []tried{got}, nil)); !strings.Contains(text, "usermod -aG docker") {
			t.Errorf("no remedy for the group in:\n%s", text)
		}
		return
	}
	o := place(t, nil)
	path := filepath.Join(o.Home, "var/run/docker.sock")
	serveUnix(t, path, fakeEngine("1.45"))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, err := Find(t.Context(), o)
	if text := remedy.Text(err); !strings.Contains(text, "permission denied") || !strings.Contains(text, "usermod -aG docker") {
		t.Errorf("no remedy for the group in:\n%s", text)
	}
}

func TestTheFirstKnownSocketThatAnswersIsTaken(t *testing.T) {
	o := place(t, nil)
	raw(t, filepath.Join(o.Home, "var/run/docker.sock"), "garbage\n")
	serveUnix(t, filepath.Join(o.Home, ".colima/default/docker.sock"), fakeEngine("1.43"))
	serveUnix(t, filepath.Join(o.Home, ".rd/docker.sock"), fakeEngine("1.44"))
	e, err := Find(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if info := e.Info(); info.Runtime != runtimeColima || info.API != "1.43" || info.Remote {
		t.Errorf("found %+v", info)
	}
}

func TestWhatThePersonChoseIsNeverPassedOverForAnother(t *testing.T) {
	o := place(t, map[string]string{"DOCKER_HOST": "unix:///nowhere/docker.sock"})
	serveUnix(t, filepath.Join(o.Home, "var/run/docker.sock"), fakeEngine("1.45"))
	_, err := Find(t.Context(), o)
	if remedy.Code(err) != "docker.unreachable" {
		t.Fatalf("error %v", err)
	}
	text := remedy.Text(err)
	for _, want := range []string{"DOCKER_HOST", "/nowhere/docker.sock", o.Home + "/var/run/docker.sock: Docker answers, but is not the one that is chosen"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestEveryCandidateIsListedWithItsReason(t *testing.T) {
	o := place(t, map[string]string{"XDG_RUNTIME_DIR": "/run/user/1"})
	raw(t, filepath.Join(o.Home, "run/podman/podman.sock"), "garbage\n")
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "colima"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	o.Programs.Path = bin
	_, err := Find(t.Context(), o)
	text := remedy.Text(err)
	for _, want := range []string{
		"Docker at unix://" + o.Home + "/var/run/docker.sock (known socket): not installed",
		"Colima at unix://" + o.Home + "/.colima/default/docker.sock (known socket): not running",
		"Podman at unix://" + o.Home + "/run/podman/podman.sock (known socket): not a Docker engine",
		"Docker Desktop", "Rancher Desktop", "Lima", "Docker (rootless) at unix:///run/user/1/docker.sock",
		"try: colima start",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestEverySystemHasItsKnownSockets(t *testing.T) {
	for goos, want := range map[string][]string{
		"linux":   {"unix:///var/run/docker.sock", "unix:///run/podman/podman.sock", "unix:///h/.docker/desktop/docker.sock"},
		"darwin":  {"unix:///h/.docker/run/docker.sock", "unix:///h/.orbstack/run/docker.sock", "unix:///h/.colima/default/docker.sock", "unix:///h/.lima/docker/sock/docker.sock"},
		"windows": {"npipe:////./pipe/docker_engine"},
	} {
		var hosts []string
		for _, k := range knownSockets(FindOptions{GOOS: goos, Home: "/h", Env: func(string) string { return "" }}) {
			hosts = append(hosts, k.host)
			if startCommand(k.runtime, goos) == "" || len(programs(k.runtime, goos)) == 0 {
				t.Errorf("%s on %s has no remedy", k.runtime, goos)
			}
		}
		for _, host := range want {
			if !strings.Contains(strings.Join(hosts, "\n"), host) {
				t.Errorf("%s: no %s in %q", goos, host, hosts)
			}
		}
	}
}

// writeContext makes a docker context as the docker command stores it.
func writeContext(t *testing.T, o FindOptions, name string, endpoint map[string]any, files map[string][]byte) {
	t.Helper()
	id := sha(name)
	meta, err := json.Marshal(map[string]any{"Name": name, "Metadata": map[string]any{}, "Endpoints": map[string]any{"docker": endpoint}})
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, text []byte) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	contexts := filepath.Join(o.Home, ".docker/contexts")
	write(filepath.Join(contexts, "meta", id, "meta.json"), meta)
	for file, text := range files {
		write(filepath.Join(contexts, "tls", id, "docker", file), text)
	}
}

func TestTheCurrentContextOfTheDockerConfigIsUsed(t *testing.T) {
	o := place(t, nil)
	path := filepath.Join(o.Home, "ctx.sock")
	serveUnix(t, path, fakeEngine("1.47"))
	serveUnix(t, filepath.Join(o.Home, "var/run/docker.sock"), fakeEngine("1.41"))
	writeContext(t, o, "mine", map[string]any{"Host": "unix://" + path}, nil)
	if err := os.WriteFile(filepath.Join(o.Home, ".docker/config.json"), []byte(`{"currentContext":"mine"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := Find(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if info := e.Info(); info.Host != "unix://"+path || info.API != "1.47" {
		t.Errorf("found %+v", info)
	}
	for name, env := range map[string]map[string]string{
		"DOCKER_CONTEXT=default takes it back": {"DOCKER_CONTEXT": "default"},
		"DOCKER_HOST comes first":              {"DOCKER_CONTEXT": "mine", "DOCKER_HOST": "unix://" + o.Home + "/var/run/docker.sock"},
	} {
		o.Env = func(name string) string { return env[name] }
		e, err := Find(t.Context(), o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.Close()
		if e.Info().API != "1.41" {
			t.Errorf("%s: found %+v", name, e.Info())
		}
	}
}

func TestAContextThatIsNotThereIsSaid(t *testing.T) {
	o := place(t, map[string]string{"DOCKER_CONTEXT": "gone"})
	_, err := Find(t.Context(), o)
	if text := remedy.Text(err); !strings.Contains(text, "gone") || !strings.Contains(text, "docker context ls") {
		t.Errorf("error:\n%s", text)
	}
}

func TestAContextWithTLSIsSpokenToWithItsCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(fakeEngine("1.46"))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	host := "tcp://" + server.Listener.Addr().String()
	for _, test := range []struct {
		name  string
		files map[string][]byte
		skip  bool
		want  failure
	}{
		{"with its authority", map[string][]byte{"ca.pem": ca}, false, failNone},
		{"unverified", nil, true, failNone},
		{"with nothing", nil, false, failTLS},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := place(t, map[string]string{"DOCKER_CONTEXT": "tls"})
			writeContext(t, o, "tls", map[string]any{"Host": host, "SkipTLSVerify": test.skip}, test.files)
			list, _ := candidates(o)
			if got := try(t.Context(), o, list[0]); got.Failure != test.want {
				t.Errorf("failure %q (%v), want %q", got.Failure, got.Err, test.want)
			}
		})
	}
	t.Run("by DOCKER_TLS_VERIFY", func(t *testing.T) {
		o := place(t, nil)
		if err := os.WriteFile(filepath.Join(o.Home, "ca.pem"), ca, 0o600); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"DOCKER_HOST": host, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": o.Home}
		o.Env = func(name string) string { return env[name] }
		e, err := Find(t.Context(), o)
		if err != nil {
			t.Fatal(remedy.Text(err))
		}
		e.Close()
	})
}

func TestAnEngineOverSSHIsReachedThroughTheSSHCommand(t *testing.T) {
	o := place(t, map[string]string{"DOCKER_HOST": "ssh://dev@box.example"})
	path := filepath.Join(o.Home, "far.sock")
	serveUnix(t, path, fakeEngine("1.44"))
	// A program named ssh that connects its streams to the fake engine, as "docker system dial-stdio" does over there.
	tool, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3 to stand in for ssh")
	}
	script := fmt.Sprintf("#!%s\n%s", tool, fmt.Sprintf(fakeSSH, path, filepath.Join(o.Home, "args")))
	bin := filepath.Join(o.Home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	o.Programs.Path = bin
	e, err := Find(t.Context(), o)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	defer e.Close()
	if info := e.Info(); !info.Remote || info.API != "1.44" {
		t.Errorf("found %+v", info)
	}
	args, err := os.ReadFile(filepath.Join(o.Home, "args"))
	if err != nil || !strings.Contains(string(args), "box.example") {
		t.Errorf("ssh was called with %q, %v", args, err)
	}
}

const fakeSSH = `import socket, sys, os, threading
open(%[2]q, "w").write(" ".join(sys.argv))
s = socket.socket(socket.AF_UNIX); s.connect(%[1]q)
def pump():
    while True:
        b = os.read(0, 65536)
        if not b: return
        s.sendall(b)
threading.Thread(target=pump, daemon=True).start()
while True:
    b = s.recv(65536)
    if not b: break
    os.write(1, b)
`

func TestAnAddressIsRemoteUnlessItIsThisMachines(t *testing.T) {
	for host, want := range map[string]bool{
		"unix:///var/run/docker.sock": false, "npipe:////./pipe/docker_engine": false,
		"tcp://127.0.0.1:2375": false, "tcp://localhost:2375": false, "tcp://[::1]:2375": false,
		"tcp://10.0.0.7:2376": true, "tcp://build.example:2376": true, "ssh://me@box": true, "ssh://me@localhost": false,
	} {
		if got := isRemote(host); got != want {
			t.Errorf("isRemote(%q) = %v", host, got)
		}
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	o := place(t, nil)
	o.Timeout = time.Minute
	path := filepath.Join(o.Home, "var/run/docker.sock")
	raw(t, path, "")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Find(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
