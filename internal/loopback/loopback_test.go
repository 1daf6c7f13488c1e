package loopback

import (
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestAnIdentityFitsClusterName(t *testing.T) {
	for _, instance := range []string{"naap", strings.Repeat("long", 40), "ümläut \x00'\\\" b"} {
		id := NewIdentity(instance)
		if len(id) > clusterNameMax || !strings.HasPrefix(id, "naap:") {
			t.Errorf("%q: %q", instance, id)
		}
		for _, r := range id {
			if r <= ' ' || r > '~' || r == '\'' || r == '\\' || r == '"' {
				t.Errorf("%q has %q", id, r)
			}
		}
		if NewIdentity(instance) == id {
			t.Errorf("%q comes twice", id)
		}
	}
}

func TestWhoHasAPortIsSeen(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("this machine cannot listen on %s: %v", address, err)
			continue
		}
		port := l.Addr().(*net.TCPAddr).Port
		if !Answers(port) {
			t.Errorf("%s does not answer", l.Addr())
		}
		if runtime.GOOS == "linux" {
			if Listen(port) == nil {
				t.Errorf("%s can be listened on twice", l.Addr())
			}
			if owners := Owners(port); !slices.ContainsFunc(owners, func(o Owner) bool { return o.PID == os.Getpid() && o.Process != "" }) {
				t.Errorf("of %s the owners are %v", l.Addr(), owners)
			}
		}
		l.Close()
		if Answers(port) || len(Owners(port)) > 0 {
			t.Errorf("%s is closed and has owners", address)
		}
	}
}

func TestAFreePortIsNear(t *testing.T) {
	if got := Free(5433, func(port int) bool { return port%10 == 0 }); got != 5440 {
		t.Errorf("it is %d", got)
	}
	if got := Free(65500, func(port int) bool { return port > 65535 }); got != 0 {
		t.Errorf("it is %d, where there is none", got)
	}
}
