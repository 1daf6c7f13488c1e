package devenv

import (
	"net/url"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestOfSeveralHostsTheOneThatAnswersIsShown(t *testing.T) {
	u, err := url.Parse(pgtest.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	real := u.Port()
	if u.Hostname() != "127.0.0.1" {
		t.Skip("the tests' server is reached at ", u.Host)
	}
	u.Host = "127.0.0.1:1,127.0.0.1:" + real
	q := u.Query()
	q.Set("target_session_attrs", "read-write")
	u.RawQuery = q.Encode()
	e := testEnv(t, nil, "NAAP_DATABASE_URL="+u.String())
	st, err := e.Status(t.Context(), StatusOptions{})
	if err != nil || st.Endpoint == nil {
		t.Fatalf("%+v, %v", st, err)
	}
	at := server.Endpoint{Host: st.Endpoint.Host, Port: st.Endpoint.Port}
	if at.Address() != "127.0.0.1:"+real {
		t.Errorf("the endpoint is %s, want port %s", at.Address(), real)
	}
	up, err := e.Up(t.Context(), UpOptions{Confirm: yes, NoPush: true, NoSeed: true}, progress.Discard)
	if err != nil || !strings.HasSuffix(up.Endpoint.Address(), ":"+real) {
		t.Errorf("up: %+v, %v", up, err)
	}
}
