package embedpg

import (
	"cmp"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// Spec describes the server to run.
type Spec struct {
	server.Wanted

	Unconfined bool // the server may reach all that naap's user may, where it could be kept from that

	// ReadyTimeout is how long a server that is up may fail the probe; a minute where zero. Recovering after a crash
	// does not count.
	ReadyTimeout time.Duration
}

func (s Spec) withDefaults() Spec {
	s.Wanted = s.WithDefaults()
	s.ReadyTimeout = cmp.Or(s.ReadyTimeout, time.Minute)
	return s
}

// check refuses what cannot be handed to initdb: it reads the password as one line of a file.
func (s Spec) check() error {
	for _, v := range []struct{ name, value string }{{"user", s.User}, {"password", s.Password}, {"database", s.Database}} {
		if strings.ContainsAny(v.value, "\r\n\x00") {
			return remedy.New("settings."+v.name, remedy.ExitUsage, "the %s holds a line break, which the embedded engine can't take", v.name).
				WithFix("choose another " + v.name)
		}
	}
	if s.Port < 1 || s.Port > 65535 {
		return remedy.New("settings.port", remedy.ExitUsage, "%d is not a port", s.Port).WithHelp(remedy.Again("dev up", "--port", "5432"))
	}
	return nil
}
