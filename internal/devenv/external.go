package devenv

import (
	"context"
	"io"
	"net"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// external is a server that naap did not start. It is attached to, and neither started nor stopped.
type external struct{ url string }

func newExternal(url string) Engine { return external{url} }

func (x external) Name() string { return EngineExternal }

func (x external) Plan(context.Context) (string, error) {
	return "attach to " + postgres.MaskURL(x.url), nil
}

func (x external) Ensure(ctx context.Context, _ Probe, report progress.Report) (Endpoint, error) {
	report(progress.Step{Name: "container", Title: "Attach", Status: progress.Running, Detail: postgres.MaskURL(x.url)})
	state, err := x.Look(ctx)
	if err == nil && state.State != Running {
		err = remedy.New("server.unreachable", remedy.ExitNoServer, "the server at %s does not answer", postgres.MaskURL(x.url)).
			WithSeen(state.Detail)
	}
	if err != nil {
		return Endpoint{}, failed(report, "container", "Attach", err)
	}
	report(progress.Step{Name: "container", Title: "Attach", Status: progress.Done, Detail: postgres.MaskURL(x.url)})
	return Endpoint{Host: state.Host, Port: state.Port}, nil
}

func (x external) Look(ctx context.Context) (EngineState, error) {
	conn, err := postgres.Connect(ctx, x.url, postgres.Options{})
	if err != nil {
		return EngineState{}, foreign(postgres.Diagnose(err, x.url))
	}
	defer postgres.Close(conn)
	host, port := reached(conn)
	return EngineState{State: Running, Host: host, Port: port}, nil
}

// reached is where a connection really leads. Of several hosts in a URL the driver's configuration names the first only;
// a single one keeps the name that the person knows it by.
func reached(conn *postgres.Conn) (host string, port int) {
	cfg := conn.Config()
	at, ok := conn.PgConn().Conn().RemoteAddr().(*net.TCPAddr)
	if !ok || len(cfg.Fallbacks) == 0 {
		return cfg.Host, int(cfg.Port)
	}
	for _, f := range cfg.Fallbacks {
		if f.Host != cfg.Host || f.Port != cfg.Port {
			return at.IP.String(), at.Port
		}
	}
	return cfg.Host, int(cfg.Port)
}

// foreign takes from a remedy the commands that would start or examine a server of naap's own: this one is another's.
func foreign(err error) error {
	r, ok := remedy.Of(err)
	if !ok {
		return err
	}
	r.Fix = slices.DeleteFunc(r.Fix, func(line remedy.Advice) bool { return len(line.Commands()) > 0 })
	if len(r.Fix) == 0 {
		r.WithFix("check the URL's host and port, and that the server there runs")
	}
	return r
}

// IsExternal tells whether the settings name a server that naap did not start.
func (e *Env) IsExternal() bool { return e.ws.Settings.DatabaseURL != "" }

// Where is that server, without its password; "" for an instance of naap's own.
func (e *Env) Where() string {
	if !e.IsExternal() {
		return ""
	}
	return postgres.MaskURL(e.ws.Settings.DatabaseURL)
}

// unconfirmed refuses to change a server that naap did not start.
func (e *Env) unconfirmed() error {
	return remedy.New("external.unconfirmed", remedy.ExitRefused, "naap did not start this server, and changes it only if told to").
		WithSeen(e.Where()).WithHelp(remedy.Again("", "--allow-external"))
}

func (x external) Stop(_ context.Context, report progress.Report) (bool, error) {
	report(progress.Step{Name: "stop", Title: "Stop", Status: progress.Skipped, Detail: "naap did not start this server and leaves it alone"})
	return false, nil
}

func (x external) DataName() string { return "" }

func (x external) Deletable(context.Context) (string, error) {
	return "", remedy.New("external.data", remedy.ExitRefused, "naap did not start this server and does not delete its data").
		WithSeen(postgres.MaskURL(x.url))
}

func (x external) DeleteData(ctx context.Context, _ string, _ progress.Report) (bool, error) {
	_, err := x.Deletable(ctx)
	return false, err
}

func (x external) Logs(context.Context, io.Writer, LogOptions) error {
	return remedy.New("external.logs", remedy.ExitNoServer, "the log of a server that naap did not start cannot be read from here").
		WithSeen(postgres.MaskURL(x.url))
}

func (x external) Close() error { return nil }
