package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// Reader is a role of naap's own with which locked sessions log in. It sees every row, even where row security hides
// some from others, and may not change any. READ ONLY alone does not keep a superuser from running programs, writing
// files or ending other sessions; and a superuser's session could undo a SET ROLE.
type Reader struct {
	Role     string // its name; begins with ReaderPrefix
	Password string // generated: nobody types it
	Owner    string // the role for which it reads: its sessions begin with that role's settings
}

// ReaderPrefix is the prefix of these roles' names; each home has a role of its own.
const ReaderPrefix = "naap_reader_"

// URL returns another role's connection URL with this one in its place. The password is given only to a server that
// proves to know it: another server may be listening on the port by now.
func (r Reader) URL(url string) (string, error) {
	t, err := dburl.ParseTarget(url)
	if err != nil {
		return "", err
	}
	t.User, t.Password = r.Role, r.Password
	t.Params.Set("require_auth", "scram-sha-256")
	return t.URL(), nil
}

// readerSQL asks for what Check compares and Make records: whether the role is as Make makes it, and a mark of its own
// settings and of those of the role for which it reads. If a role other than these two changes either, the mark that
// Make left in the role's comment differs from the computed one.
const readerSQL = `
WITH reader AS (SELECT * FROM pg_roles WHERE rolname = $1),
given AS (
	SELECT split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value, CASE WHEN s.setrole = 0 THEN 2 WHEN s.setdatabase = 0 THEN 1 ELSE 0 END AS rank
	FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c
	WHERE s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = $2))
		AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))),
own AS (
	SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $2) AS schema),
wanted AS (
	SELECT DISTINCT ON (name) name, CASE WHEN name = 'search_path' THEN replace(value, '"$user"', quote_ident($2)) ELSE value END AS value
	FROM (SELECT * FROM given UNION ALL SELECT 'search_path', '"$user", public', 3) g, own
	WHERE (rank < 2 OR name = 'search_path' AND own.schema)
		AND name NOT IN ('default_transaction_read_only', 'role', 'session_authorization')
		AND NOT EXISTS (SELECT FROM pg_settings s WHERE s.name = g.name AND s.context <> 'user')
	ORDER BY name, rank)
SELECT coalesce((SELECT rolcanlogin AND rolinherit AND rolbypassrls AND rolconnlimit = -1 AND coalesce(rolvaliduntil, 'infinity') = 'infinity'
		AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication)
		AND ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) = ARRAY['pg_monitor', 'pg_read_all_data']
		FROM reader r), false),
	md5(concat((SELECT string_agg(concat(name, '=', value), E'\n' ORDER BY name) FROM wanted), E'\n\n',
		(SELECT string_agg(concat(s.setdatabase, ' ', s.setconfig), E'\n' ORDER BY s.setdatabase) FROM pg_db_role_setting s, reader r WHERE s.setrole = r.oid))),
	coalesce((SELECT shobj_description(oid, 'pg_authid') FROM reader), ''),
	(SELECT json_agg(json_build_array(name, value) ORDER BY name) FROM wanted),
	EXISTS (SELECT FROM reader), has_database_privilege('public', current_database(), 'CONNECT'),
	current_setting('server_version_num')::int >= 150000`

// readerState is the result of readerSQL.
type readerState struct {
	sound    bool // its privileges are those that Make gives
	mark     string
	comment  string
	settings [][2]string // those of the role for which it reads that every role may set
	exists   bool
	connects bool // every role may connect to this database
	grants   bool // the server has privileges on settings
}

func (r Reader) ask(s *readerState) *ask {
	return newAsk(readerSQL, func(row textRow) {
		*s = readerState{sound: row.bool(0), mark: row.str(1), comment: row.str(2), settings: row.pairs(3), exists: row.bool(4), connects: row.bool(5), grants: row.bool(6)}
	}, r.Role, r.Owner)
}

func (s readerState) fits() bool { return s.exists && s.sound && s.comment == readerComment(s.mark) }

func readerComment(mark string) string {
	return "naap's own: its sessions that only read log in with this role. It is made again when it is gone. " + mark
}

// fixedPath keeps queries from using functions and operators of the database's own schemas, which may match an argument
// better than the server's own (CVE-2018-1058).
const fixedPath = "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)"

// Check reports whether a reader's connection can be trusted: its role is as Make makes it, and so are the settings
// that its sessions begin with. name is the server's; see Identity. One round trip.
func (r Reader) Check(ctx context.Context, conn *Conn) (name string, fits bool, err error) {
	var s readerState
	identity := newAsk("SELECT current_setting('cluster_name')", func(row textRow) { name = row.str(0) })
	if err := readOnlyExchange(ctx, conn.PgConn(), newAsk(fixedPath, nil), identity, r.ask(&s)); err != nil {
		return "", false, fmt.Errorf("look at the role %s: %w", r.Role, err)
	}
	return name, s.fits(), nil
}

// Fits reports whether the role is as Make makes it. Whether its password is right is not known before it logs in.
func (r Reader) Fits(ctx context.Context, db *DB) (bool, error) {
	var s readerState
	a := r.ask(&s)
	if err := db.readOnly(ctx, newAsk(fixedPath, nil), a); err != nil {
		return false, fmt.Errorf("look at the role %s: %w", r.Role, err)
	}
	return s.fits(), nil
}

// Make creates the role, or restores it to what it should be: its privileges, its password, its settings. db is a
// superuser's. If the role was as it should be, only its password is set again.
func (r Reader) Make(ctx context.Context, db *DB) error {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadWrite})
	if err != nil {
		return err
	}
	defer Rollback(ctx, tx)
	if err := r.make(ctx, tx); err != nil {
		return fmt.Errorf("make the role %s: %w", r.Role, err)
	}
	return tx.Commit(ctx) // it writes nothing of the user's, so the journal does not record it
}

func (r Reader) make(ctx context.Context, tx Tx) error {
	// Two at once would fail with "tuple concurrently updated".
	if err := ExecAll(ctx, tx, fixedPath, "SELECT pg_advisory_xact_lock(hashtext('naap reader'))"); err != nil {
		return err
	}
	was, err := r.look(ctx, tx)
	if err != nil {
		return err
	}
	verb := "CREATE"
	if was.exists {
		verb = "ALTER"
	}
	verifier, err := scramVerifier(r.Password, scramRounds)
	if err != nil {
		return err
	}
	role := Ident(r.Role)
	statements := []string{verb + " ROLE " + role + " LOGIN INHERIT BYPASSRLS NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD " + Literal(verifier)}
	if !was.sound {
		more, err := r.memberships(ctx, tx)
		if err != nil {
			return err
		}
		statements = append(statements, more...)
	}
	if was.grants { // otherwise only a superuser may keep a session's errors out of the log; see hush
		statements = append(statements, "GRANT SET ON PARAMETER log_min_messages TO "+role)
	}
	if !was.connects {
		statements = append(statements, "GRANT CONNECT ON DATABASE "+Ident(tx.Conn().Config().Database)+" TO "+role)
	}
	if err := ExecAll(ctx, tx, statements...); err != nil || was.fits() {
		return err
	}
	return r.settle(ctx, tx, was.settings)
}

func (r Reader) look(ctx context.Context, tx Tx) (s readerState, err error) {
	a := r.ask(&s)
	if err := exchange(ctx, tx.Conn().PgConn(), a); err != nil {
		return s, err
	}
	return s, a.err
}

// memberships returns the statements that make the role a member of exactly the roles that it needs.
func (r Reader) memberships(ctx context.Context, tx Tx) ([]string, error) {
	role := Ident(r.Role)
	others, err := CollectStrings(tx.Query(ctx, `SELECT format('REVOKE %I FROM %I CASCADE', g.rolname, m.rolname) FROM pg_auth_members a
		JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
		WHERE m.rolname = $1 AND g.rolname NOT IN ('pg_read_all_data', 'pg_monitor')`, r.Role))
	return append(others, "GRANT pg_read_all_data, pg_monitor TO "+role), err
}

// settle sets the settings with which the role's sessions begin, and records them.
func (r Reader) settle(ctx context.Context, tx Tx, settings [][2]string) error {
	role := Ident(r.Role)
	statements, err := CollectStrings(tx.Query(ctx, `SELECT format('ALTER ROLE %I IN DATABASE %I RESET ALL', $1::text, d.datname)
		FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)`, r.Role))
	if err != nil {
		return err
	}
	if err := ExecAll(ctx, tx, append(statements, "ALTER ROLE "+role+" RESET ALL")...); err != nil {
		return err
	}
	for _, kv := range settings {
		// FROM CURRENT avoids parsing lists, which are written differently from other values.
		if _, err := tx.Exec(ctx, "SELECT pg_catalog.set_config($1, $2, true)", kv[0], kv[1]); err != nil {
			return err
		}
		if err := ExecAll(ctx, tx, "ALTER ROLE "+role+" SET "+dotted(kv[0])+" FROM CURRENT", fixedPath); err != nil {
			return err
		}
	}
	if err := ExecAll(ctx, tx, "ALTER ROLE "+role+" SET default_transaction_read_only = on"); err != nil {
		return err
	}
	now, err := r.look(ctx, tx)
	if err != nil {
		return err
	}
	return ExecAll(ctx, tx, "COMMENT ON ROLE "+role+" IS "+Literal(readerComment(now.mark)))
}

// dotted returns the name of a setting as SQL: that of an extension or an application has two parts.
func dotted(name string) string { return Ident(strings.Split(name, ".")...) }

// ExecAll runs statements without parameters one after another, none of which is prepared.
func ExecAll(ctx context.Context, q Querier, statements ...string) error {
	for _, sql := range statements {
		if _, err := q.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

// scramRounds is how often the password is hashed at each login, on both sides. Many rounds slow down guessing of
// passwords that people chose; one of 128 random bits cannot be guessed, and a login is faster by a millisecond or two.
const scramRounds = 1

// readerKey is the key under which a connection remembers that it is a reader's.
const readerKey = "naap reader"

// powersSQL asks what a role may do that READ ONLY does not forbid.
const powersSQL = `
SELECT r.rolname || CASE WHEN r.rolsuper THEN ' is a superuser' ELSE (SELECT ' has ' || pg_catalog.string_agg(p.rolname, ', ' ORDER BY p.rolname)
	FROM pg_catalog.pg_roles p WHERE p.rolname IN ('pg_execute_server_program', 'pg_write_server_files', 'pg_signal_backend')
	AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')) END
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`

// powersOf returns what the role of a connection may do although its transactions are read-only: "postgres is a
// superuser", "ana has pg_execute_server_program"; "" if there is nothing of the kind.
func powersOf(ctx context.Context, conn *Conn) (string, error) {
	var powers string
	a := newAsk(powersSQL, func(r textRow) { powers = r.str(0) })
	if err := readOnlyExchange(ctx, conn.PgConn(), newAsk(fixedPath, nil), a); err != nil {
		return "", err
	}
	return powers, nil
}
