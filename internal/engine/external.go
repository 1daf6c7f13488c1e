package engine

import (
	"context"
	"io"
	"net"
	"slices"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var externalKind = Kind{
	Name:  nameExternal,
	Title: "a server that naap did not start",
	open:  openExternal,
	needs: func(_ *workspace.Workspace, item trust.Item) bool { return item.Kind == trust.DatabaseURL },
	Lacks: Lacks{Stop: notOurs + " and leaves it alone", Logs: notOurs + " and cannot read its log", Events: notOurs + " and hears nothing of it",
		Stats: notOurs + " and cannot measure it"},
}

const notOurs = "naap did not start this server"

// external is a server that naap did not start. It is attached to, and neither started nor stopped.
type external struct{ url string }

func openExternal(_ context.Context, c Config) (Engine, error) {
	if err := c.MayConnect(); err != nil {
		return nil, err
	}
	return external{c.Workspace.Settings.DatabaseURL}, nil
}

func (x external) Kind() *Kind { return &externalKind }

// cannot is the refusal of what such a server is not asked for.
func (x external) cannot(code, why string) *remedy.Error {
	return remedy.New(code, remedy.ExitRefused, "%s", why).WithSeen(dburl.MaskURL(x.url))
}

func (x external) Plan(context.Context) (string, error) {
	return "attach to " + dburl.MaskURL(x.url), nil
}

func (x external) Ensure(ctx context.Context, _ server.Probe, report progress.Report) (server.Endpoint, error) {
	report(progress.Step{Name: "container", Title: "Attach", Status: progress.Running, Detail: dburl.MaskURL(x.url)})
	state, err := x.Look(ctx)
	if err == nil && state.State != Running {
		err = remedy.New("server.unreachable", remedy.ExitNoServer, "the server at %s does not answer", dburl.MaskURL(x.url)).
			WithSeen(state.Detail)
	}
	if err != nil {
		report(progress.Step{Name: "container", Title: "Attach", Status: progress.Failed, Detail: visible.String(err.Error())})
		return server.Endpoint{}, err
	}
	report(progress.Step{Name: "container", Title: "Attach", Status: progress.Done, Detail: dburl.MaskURL(x.url)})
	return server.Endpoint{Host: state.Host, Port: state.Port}, nil
}

func (x external) Look(ctx context.Context) (Server, error) {
	conn, err := postgres.Connect(ctx, x.url, postgres.Options{})
	if err != nil {
		return Server{}, Foreign(postgres.Diagnose(err, x.url))
	}
	defer postgres.Close(conn)
	host, port := reached(conn)
	return Server{State: Running, Host: host, Port: port}, nil
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

// Foreign takes from a remedy the commands that would start or examine a server of naap's own: this one is another's.
func Foreign(err error) error {
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

func (x external) Stop(_ context.Context, report progress.Report) (bool, error) {
	report(progress.Step{Name: "stop", Title: "Stop", Status: progress.Skipped, Detail: string(externalKind.Lacks.Stop)})
	return false, nil
}

func (x external) Deletable(context.Context) (string, error) {
	return "", x.cannot("external.data", "naap did not start this server and does not delete its data")
}

func (x external) DeleteData(ctx context.Context, _ string, _ progress.Report) (bool, error) {
	_, err := x.Deletable(ctx)
	return false, err
}

func (x external) Logs(context.Context, io.Writer, server.LogOptions) error {
	return remedy.New("external.logs", remedy.ExitNoServer, "%s", string(externalKind.Lacks.Logs)).WithSeen(dburl.MaskURL(x.url))
}

func (x external) Events(context.Context, func(server.Event) bool) error {
	return externalKind.Lacks.Events.Err()
}

func (x external) Stats(context.Context) (*server.Stats, error) {
	return nil, externalKind.Lacks.Stats.Err()
}

func (x external) Memory(context.Context, Server) int64 { return 0 }

func (x external) Where() string { return "" }

func (x external) Inside() []string { return nil }

func (x external) Exec(context.Context, server.Command) (int, error) {
	return 0, x.cannot("external.exec", "naap did not start this server, and runs nothing beside it")
}

func (x external) Examine(context.Context) Examination { return Examination{} }

func (x external) Close() error { return nil }
