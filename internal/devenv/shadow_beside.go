package devenv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/envfile"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// shadowBeside opens a shadow on another server than the database's, whose role may not create databases there: on that of
// the workspace's shadowDatabaseUrl, where it is on this machine, or on an embedded one that runs as long as the verb.
func (e *Env) shadowBeside(ctx context.Context, db *postgres.DB, allowExternal bool) (*migrate.Shadow, error) {
	of, err := dburl.ParseTarget(e.reachedURL())
	if err != nil {
		return nil, err
	}
	version, err := postgres.ServerVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	why := fmt.Sprintf("%s may not create databases on %s, so this ran on ", visible.String(of.User), of.Endpoint())
	tried := []string{}
	for _, named := range e.shadowURLs(ctx) {
		if named.byFile && !allowExternal {
			tried = append(tried, visible.String(named.name)+" is set by a file of the workspace: naap makes databases there only if your shell sets it")
			continue
		}
		s, err := e.shadowAt(ctx, named, of, version)
		if err == nil {
			s.Instead(why+visible.String(named.name)+"'s server", nil)
			return s, nil
		}
		tried = append(tried, visible.String(named.name)+": "+visible.String(err.Error()))
	}
	s, err := e.shadowEmbedded(ctx, db, of, version, why)
	if r, ok := remedy.Of(err); ok {
		r.WithSeen(fmt.Sprintf("%s may not create databases on %s, where the shadow database would be otherwise", visible.String(of.User), of.Endpoint())).WithSeen(tried...).
			WithFix("ALTER ROLE " + postgres.Ident(of.User) + " CREATEDB    (as a superuser of that server)")
	}
	return s, err
}

// shadowURL is where the workspace's own files have Prisma try migrations.
type shadowURL struct {
	name, url string
	byFile    bool // of the workspace, and not by the user's shell
}

// shadowURLs returns what the variables of shadowDatabaseUrl say, in the shell or in a .env file of the package.
func (e *Env) shadowURLs(ctx context.Context) (list []shadowURL) {
	for _, v := range e.ws.DatabaseVariables(ctx) {
		if !v.IsShadow() {
			continue
		}
		if url := getenv(v.Name); url != "" {
			list = append(list, shadowURL{v.Name, url, false})
			continue
		}
		if url := envfile.Value(ctx, e.ws.Homes(), v.Name); url != "" {
			list = append(list, shadowURL{v.Name, url, true})
		}
	}
	return list
}

// shadowAt opens a shadow on the server of a URL. Prisma empties the database that it names; naap makes others beside it.
func (e *Env) shadowAt(ctx context.Context, named shadowURL, of dburl.Target, version postgres.Version) (*migrate.Shadow, error) {
	at, err := dburl.ParseTarget(named.url)
	if err != nil {
		return nil, errors.New("it is not a URL of a database")
	}
	if !postgres.OnThisMachine(at) {
		return nil, errors.New("its server is not on this machine, and naap does not ask there")
	}
	at.Database = of.Database
	s, err := migrate.OpenShadow(ctx, at.URL(), e.urlSchema(), postgres.Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Fits(ctx, version); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// shadowServers is where the embedded servers of shadows have their data.
func (e *Env) shadowServers() string { return filepath.Join(e.StateDir(), "shadow") }

// shadowEmbedded opens a shadow on an embedded server of the same major version, which is stopped when it is closed. Its
// data stays, so that only new scripts have to be run the next time.
func (e *Env) shadowEmbedded(ctx context.Context, db *postgres.DB, of dburl.Target, version postgres.Version, why string) (*migrate.Shadow, error) {
	folder := filepath.Join(e.shadowServers(), fmt.Sprint(version.Major()))
	release, err := lock(ctx, folder, "migrate", true)
	if err != nil {
		return nil, err
	}
	secret, err := password.Reader(folder, of.User)
	if err != nil {
		release()
		return nil, fmt.Errorf("keep the shadow server's password: %w", err)
	}
	const user = "naap_shadow"
	eng, err := engine.Beside(e.engineConfig(), folder, version.Major(), server.Wanted{Instance: "shadow", User: user, Password: secret.Password, Port: 5532})
	if err != nil {
		release()
		return nil, err
	}
	url := func(at server.Endpoint) string {
		return dburl.Target{Hosts: []dburl.Host{{Name: at.Host, Port: at.Port}}, User: user, Password: secret.Password, Database: of.Database}.URL()
	}
	end := func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		_, _ = eng.Stop(ctx, progress.Discard)
		_ = eng.Close()
		release()
	}
	at, err := eng.Ensure(ctx, func(ctx context.Context, at server.Endpoint) error { return answersAs(ctx, url(at), at) }, progress.Discard)
	if err != nil {
		end()
		return nil, err
	}
	s, err := migrate.OpenShadow(ctx, url(at), e.urlSchema(), postgres.Options{})
	if err == nil {
		s.Instead(why+"an embedded server of naap's own (PostgreSQL "+at.Version+"), which has only its own extensions", end)
		err = s.Roles(ctx, db)
	}
	if err != nil {
		if s != nil {
			s.Close()
		} else {
			end()
		}
		return nil, err
	}
	return s, nil
}

// answersAs is the probe of a server whose database does not matter.
func answersAs(ctx context.Context, url string, at server.Endpoint) error {
	t, err := dburl.ParseTarget(url)
	if err != nil {
		return err
	}
	t.Database = "postgres"
	conn, err := postgres.Connect(ctx, t.URL(), postgres.Options{Application: "naap probe"})
	if err != nil {
		return err
	}
	defer postgres.Close(conn)
	name, err := postgres.Identity(ctx, conn)
	if err == nil && at.Identity != "" && name != at.Identity {
		err = fmt.Errorf("another server (%s) answers", visible.String(name))
	}
	return err
}

// dropShadowServers stops what is left of the embedded servers of shadows, and deletes their data, which can be made again.
func (e *Env) dropShadowServers(ctx context.Context, report progress.Report) error {
	list, err := files.List(ctx, e.shadowServers(), files.TreeEntries)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for shadow servers: %w", err)
	}
	for _, entry := range slices.DeleteFunc(list, func(d fs.DirEntry) bool { return !d.IsDir() }) {
		folder := filepath.Join(e.shadowServers(), entry.Name())
		release, err := lock(ctx, folder, "down", true)
		if err != nil {
			return err
		}
		defer release()
		eng, err := engine.Beside(e.engineConfig(), folder, 0, server.Wanted{Instance: "shadow"})
		if err != nil {
			return err
		}
		defer eng.Close()
		if _, err := eng.DeleteData(ctx, "", report); err != nil {
			return err
		}
		if err := errors.Join(password.ForgetReader(folder), os.Remove(filepath.Join(folder, "lock"))); err != nil {
			return err
		}
		_ = os.Remove(folder)
	}
	_ = os.Remove(e.shadowServers())
	return nil
}
