package dockerctl

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAPortThatAProcessHasIsRefusedWithItsName(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, listen := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		t.Run(listen, func(t *testing.T) {
			l, err := net.Listen("tcp", listen)
			if err != nil {
				t.Skipf("this machine cannot listen on %s: %v", listen, err)
			}
			defer l.Close()
			spec := newSpec(t, e)
			spec.Port = l.Addr().(*net.TCPAddr).Port
			_, err = e.Ensure(t.Context(), spec, probe(spec), progress.Discard)
			if remedy.Code(err) != "port.taken" || remedy.Exit(err) != remedy.ExitNoServer {
				t.Fatalf("error %s", remedy.Text(err))
			}
			text := remedy.Text(err)
			for _, want := range []string{
				fmt.Sprintf("pid %d", os.Getpid()),
				fmt.Sprintf("postgresql://postgres@localhost:%d/naap", spec.Port),
			} {
				if runtime.GOOS == "linux" && !strings.Contains(text, want) {
					t.Errorf("no %q in:\n%s", want, text)
				}
			}
			offered := regexp.MustCompile(`naap dev up --port (\d+)`).FindStringSubmatch(text)
			if offered == nil || !strings.Contains(text, "localhost:"+offered[1]+"/naap") {
				t.Errorf("no other port with its URL in:\n%s", text)
			}
			if strings.Contains(text, secret) {
				t.Errorf("the password is in:\n%s", text)
			}
			if got := status(t, e, spec.Container); got != "absent" {
				t.Errorf("a container was left: %s", got)
			}
		})
	}
}

func TestAPortThatAContainerHasIsRefusedWithItsName(t *testing.T) {
	t.Parallel()
	e := engine(t)
	first := newSpec(t, e)
	filled(t, e, first)
	ensure(t, e, first)
	second := newSpec(t, e)
	filled(t, e, second)
	second.Port = first.Port
	_, err := e.Ensure(t.Context(), second, probe(second), progress.Discard)
	if remedy.Code(err) != "port.taken" || !strings.Contains(remedy.Text(err), "docker stop "+first.Container) {
		t.Fatalf("error %s", remedy.Text(err))
	}
	// What the remedy says helps, also when the container was made before.
	second.Port, second.PortPinned = porttest.Free(), true
	if at := ensure(t, e, second); at.Port != second.Port {
		t.Errorf("%+v", at)
	}
}

// onlyLoopback fails if anything but 127.0.0.1 listens on a port.
func onlyLoopback(t *testing.T, port int) {
	t.Helper()
	ss, err := exec.LookPath("ss")
	if err != nil {
		t.Skip("needs ss")
	}
	out, err := exec.CommandContext(t.Context(), ss, "-Hltn", fmt.Sprintf("sport = :%d", port)).Output()
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 1 || !strings.Contains(lines[0], fmt.Sprintf("127.0.0.1:%d", port)) {
		t.Errorf("listeners on the port:\n%s", out)
	}
}
