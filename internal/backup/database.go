// Package backup keeps copies of a whole database: snapshots, which are databases of the same server created with it as
// a template, and files, which pg_dump writes and pg_restore reads. Either is restored into a fresh database first,
// which then takes the old one's name: a failure leaves the old one in place. The replaced one is kept under a name of
// its own, and dropped only by a restore whose plan said so.
package backup

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Options say how a copy is made or restored.
type Options struct {
	// TerminateSessions ends other sessions on the database. Without it they are named and it is refused; naap's own idle
	// ones always make way.
	TerminateSessions bool
	// AcceptDataLoss lets a restore remove what the file does not contain.
	AcceptDataLoss bool
	// DropReplaced lets a restore drop databases that earlier ones replaced, where the plan says so.
	DropReplaced bool
	// Force lets a backup replace an existing file, or overwrite a disk.
	Force bool
	// Stdout is where a backup to "-" goes; nil where standard output cannot take one.
	Stdout io.Writer
	// Tools are a pg_dump and pg_restore by which a copy for a moment is made where other sessions use the database; without
	// them it is refused.
	Tools  Tools
	Note   string // of a snapshot: what the user wants to remember about it
	Report progress.Report
}

func (o Options) report(status progress.Status, title, detail string) {
	if o.Report != nil {
		o.Report(progress.Step{Name: "backup", Title: title, Status: status, Detail: detail})
	}
}

// Server is a database's server, accessed through another of its databases: one that is copied or renamed must have no
// session.
type Server struct {
	target   dburl.Target // the database
	database string       // its name
	db       *postgres.DB // on the maintenance database
}

// Open connects to the maintenance database of the server that the URL names: postgres, or else template1.
func Open(ctx context.Context, url string) (*Server, error) {
	t, err := dburl.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	db, err := postgres.OpenMaintenance(ctx, t, postgres.Options{Application: "naap backup", MaxConns: 3})
	if err != nil {
		return nil, err
	}
	return &Server{target: t, database: t.Database, db: db}, nil
}

// connect opens a connection to a database of the server.
func (s *Server) connect(ctx context.Context, database string, parameters map[string]string) (*postgres.Conn, error) {
	t := s.target
	t.Database = database
	conn, err := postgres.Connect(ctx, t.URL(), postgres.Options{Application: "naap backup", Parameters: parameters})
	if err != nil {
		return nil, postgres.Diagnose(err, t.URL())
	}
	return conn, nil
}

// Close closes the connections.
func (s *Server) Close() { s.db.Close() }

// label is what the comment on a database that naap made says about it.
type label struct {
	Naap string    `json:"naap"` // "snapshot", or "replaced" for what a restore replaced
	Of   string    `json:"of"`   // the database that it is a copy of
	Name string    `json:"name,omitempty"`
	At   time.Time `json:"at"`
	Rows int64     `json:"rows"`
	Hash string    `json:"schema_hash,omitempty"`
	Note string    `json:"note,omitempty"`
	// Number distinguishes the replaced ones. Those of earlier versions of naap have none, and no row counts.
	Number int `json:"number,omitempty"`
}

func (l label) comment(database string) string {
	text, err := json.Marshal(l) // plain values: cannot fail
	if err != nil {
		panic(err)
	}
	return "COMMENT ON DATABASE " + postgres.Ident(database) + " IS " + postgres.Literal(string(text))
}

// databaseName returns the name of a copy's database, which fits any snapshot's name: those are limited to 63 bytes.
func databaseName(kind, of, name string) string {
	sum := sha256.Sum256([]byte(of + "\x00" + name))
	return "naap_" + kind + "_" + hex.EncodeToString(sum[:8])
}

// labelled returns naap's databases that belong to this one, with their sizes.
func (s *Server) labelled(ctx context.Context) (map[string]label, map[string]int64, error) {
	labels, sizes := map[string]label{}, map[string]int64{}
	err := postgres.Each(ctx, s.db, func(row postgres.Rows) error {
		var name, text string
		var size int64
		err := row.Scan(&name, &text, &size)
		var l label
		if json.Unmarshal([]byte(text), &l) == nil && l.Naap != "" && l.Of == s.database {
			labels[name], sizes[name] = l, size
		}
		return err
	}, `
SELECT d.datname::text, coalesce(shobj_description(d.oid, 'pg_database'), ''), pg_database_size(d.oid) FROM pg_database d
WHERE d.datname ~ '^naap_(snap|prev|temp)_[0-9a-f]{16}$' ORDER BY d.datname`)
	if err != nil {
		return nil, nil, fmt.Errorf("list the snapshots: %w", err)
	}
	return labels, sizes, nil
}

// exclusive runs f while no other naap copies or exchanges this database: two would use the same temporary names. The
// lock ends with the connection that holds it.
func (s *Server) exclusive(ctx context.Context, f func() error) error {
	return s.db.WithConn(ctx, func(conn *postgres.Conn) error {
		var got bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtext('naap backup'), hashtext($1))`, s.database).Scan(&got); err != nil {
			return fmt.Errorf("lock out other copies: %w", err)
		}
		if !got {
			return remedy.New("snapshot.busy", remedy.ExitBusy, "another naap copies or replaces the database %q", s.database).
				WithFix("let it finish, then run the same again")
		}
		defer func() {
			ctx, cancel := postgres.Ending(ctx)
			defer cancel()
			_, _ = conn.Exec(ctx, `SELECT pg_advisory_unlock(hashtext('naap backup'), hashtext($1))`, s.database)
		}()
		return f()
	})
}

// session is a session that uses the database.
type session struct {
	pid         int // 0 for a prepared transaction
	application string
	state       string
	query       string
	age         time.Duration
}

func (s *Server) sessions(ctx context.Context, database string) ([]session, error) {
	var list []session
	err := postgres.Each(ctx, s.db, func(row postgres.Rows) error {
		var x session
		var seconds float64
		err := row.Scan(&x.pid, &x.application, &x.state, &x.query, &seconds)
		x.age = time.Duration(seconds * float64(time.Second))
		list = append(list, x)
		return err
	}, `
SELECT pid, coalesce(application_name, ''), coalesce(state, backend_type), left(coalesce(query, ''), 120),
	extract(epoch FROM clock_timestamp() - coalesce(state_change, backend_start))::float8
FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type IN ('client backend', 'walsender')
UNION ALL SELECT 0, gid, 'prepared transaction', '', extract(epoch FROM clock_timestamp() - prepared)::float8 FROM pg_prepared_xacts WHERE database = $1
ORDER BY 1`, database)
	if err != nil {
		return nil, fmt.Errorf("list the sessions of %q: %w", database, err)
	}
	return list, nil
}

// objectInUse is the SQLSTATE for a database that others are connected to.
const objectInUse = "55006"

// alone runs f, which needs the database without sessions. naap's own idle sessions are ended; others are named and it is
// refused, or are ended where that was asked for. A pool may connect again in between, so that it is tried more than once.
func (s *Server) alone(ctx context.Context, opt Options, verb remedy.Advice, f func() error) error {
	const attempts = 5
	for attempt := 1; ; attempt++ {
		list, err := s.vacate(ctx, opt, verb)
		if err != nil {
			return err
		}
		for _, x := range list {
			if _, err := s.db.TerminateBackend(ctx, x.pid); err != nil {
				return err
			}
		}
		err = f()
		if err == nil || !postgres.HasCode(err, objectInUse) || attempt == attempts {
			return err
		}
	}
}

const (
	leaving = 200 * time.Millisecond // how long a session that was closed may still be listed
	reading = 20 * time.Second       // how long a session of naap's own, such as a refresh of the terminal app, may take to end
)

// vacate lists the sessions to end, or refuses because of others.
func (s *Server) vacate(ctx context.Context, opt Options, verb remedy.Advice) ([]session, error) {
	for began := time.Now(); ; time.Sleep(leaving / 8) {
		list, err := s.sessions(ctx, s.database)
		if err != nil {
			return nil, err
		}
		var ends, strangers []session
		patience := reading
		for _, x := range list {
			ours := strings.HasPrefix(x.application, "naap")
			switch {
			case x.pid != 0 && (opt.TerminateSessions || ours && x.state == "idle"): // a prepared transaction has no session to end
				ends = append(ends, x)
			default:
				strangers = append(strangers, x)
				if !ours {
					patience = leaving
				}
			}
		}
		switch {
		case len(strangers) == 0:
			return ends, nil
		case time.Since(began) > patience:
			return nil, inUse(s.database, verb, strangers)
		}
	}
}

// sessionsCode is the code of the error for a database that other sessions use.
const sessionsCode = "snapshot.sessions"

func inUse(database string, verb remedy.Advice, list []session) error {
	e := remedy.New(sessionsCode, remedy.ExitRefused, "%s other sessions use the database %q", fmt.Sprint(len(list)), database)
	if len(list) == 1 {
		e.Message = fmt.Sprintf("another session uses the database %q", database)
	}
	prepared := false
	for _, x := range list {
		if x.pid == 0 {
			prepared = true
			e.WithSeen(fmt.Sprintf("prepared transaction %s, for %s", x.application, say.Age(x.age)))
			continue
		}
		name := cmp.Or(x.application, "no application name")
		e.WithSeen(fmt.Sprintf("pid %d (%s, %s, for %s): %s", x.pid, name, x.state, say.Age(x.age), x.query))
	}
	if prepared {
		e.WithFix("COMMIT PREPARED or ROLLBACK PREPARED each prepared transaction")
	}
	return e.WithHelp(remedy.Words("stop what uses it, or end the sessions:"), verb.With("--terminate-sessions"))
}

// temporary returns a name for a database that is being made, after dropping an earlier one of that name: what an
// interrupted command left behind is of no use.
func (s *Server) temporary(ctx context.Context) (string, error) {
	name := databaseName("temp", s.database, "")
	return name, s.drop(ctx, name)
}

// giveUp drops what a failed restore was making, even after ctx has ended. What cannot be dropped now, the next restore
// drops.
func (s *Server) giveUp(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = s.drop(ctx, name)
}

func (s *Server) drop(ctx context.Context, name string) error {
	if _, err := s.db.Exec(ctx, "DROP DATABASE IF EXISTS "+postgres.Ident(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the database %q: %w", name, err)
	}
	return nil
}

// copySettings returns statements for what CREATE DATABASE does not copy: the owner, the comment, the privileges on the
// database, and settings of its sessions.
const copySettings = `
WITH o AS (SELECT * FROM pg_database WHERE datname = $1::text)
SELECT sql FROM (
	SELECT 0 AS ord, format('ALTER DATABASE %I OWNER TO %I', $2::text, pg_get_userbyid(o.datdba)) AS sql FROM o
	UNION ALL SELECT 1, format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', $2, pg_get_userbyid(o.datdba)) FROM o WHERE o.datacl IS NOT NULL
	UNION ALL SELECT 2, format('GRANT %s ON DATABASE %I TO %s%s', a.privilege_type, $2, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
		CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM o, aclexplode(o.datacl) a
	UNION ALL SELECT 3, CASE WHEN r.setrole = 0 THEN format('ALTER DATABASE %I', $2) ELSE format('ALTER ROLE %I IN DATABASE %I', pg_get_userbyid(r.setrole), $2) END
		|| format(' SET %I TO ', split_part(c, '=', 1))
		|| CASE WHEN split_part(c, '=', 1) IN ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')
			THEN substr(c, strpos(c, '=') + 1) ELSE quote_literal(substr(c, strpos(c, '=') + 1)) END
		FROM o JOIN pg_db_role_setting r ON r.setdatabase = o.oid, unnest(r.setconfig) c
	UNION ALL SELECT 4, format('ALTER DATABASE %I CONNECTION LIMIT %s', $2, o.datconnlimit) FROM o WHERE o.datconnlimit <> -1
	UNION ALL SELECT 5, format('COMMENT ON DATABASE %I IS %L', $2, shobj_description(o.oid, 'pg_database')) FROM o
) x ORDER BY ord, sql`
