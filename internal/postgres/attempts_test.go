package postgres

// attempt is a statement, or a text of several, by which a locked session is to change something.
type attempt struct {
	group string
	what  string // for the documentation
	text  string // $PROGRAM, $FILE, $VICTIM and $OWNER stand for a file to be made, one to be written, somebody else's process, and the owner's connection
	// want is the SQLSTATE, or the remedy's code, with which it is refused; "" where it is let through. Then left says,
	// for the documentation, what is left of it.
	want string
	left string
	// does says what it does where nothing prevents it.
	does string
	// superuser says that READ ONLY alone does not refuse it: a superuser's locked session does it.
	superuser bool
}

// attempts are all that was tried. The tables of docs/read-only.md are made from them.
var attempts = []attempt{
	// What READ ONLY does not forbid: the role lacks the privilege.
	{group: "programs and files", what: "run a program: COPY … TO PROGRAM in a DO block", text: `DO $$ BEGIN COPY (SELECT 1) TO PROGRAM 'cat > $PROGRAM'; END $$`, want: "42501", superuser: true},
	{group: "programs and files", what: "run a program from a function", text: `SELECT runs()`, want: "42501", superuser: true},
	{group: "programs and files", what: "run a program from a view's function", text: `SELECT * FROM v_runs`, want: "42501", superuser: true},
	{group: "programs and files", what: "run a program while a query is only planned: an index on an expression that is constant", text: `EXPLAIN SELECT * FROM planned`, want: "42501", superuser: true},
	{group: "programs and files", what: "write a file: COPY … TO in a DO block", text: `DO $$ BEGIN COPY (SELECT 1) TO '$FILE'; END $$`, want: "42501", superuser: true},
	{group: "programs and files", what: "COPY by itself", text: `COPY (SELECT 1) TO PROGRAM 'cat > $PROGRAM'`, want: "sql.copy"},
	{group: "programs and files", what: "read a file: pg_read_file", text: `SELECT pg_read_file('/etc/passwd')`, want: "42501", superuser: true},
	{group: "programs and files", what: "read a file as rows: COPY … FROM", text: `DO $$ BEGIN COPY t FROM '/etc/passwd'; END $$`, want: "42501"},
	{group: "programs and files", what: "list a folder: pg_ls_dir", text: `SELECT pg_ls_dir('/')`, want: "42501", superuser: true},
	{group: "programs and files", what: "import a file as a large object: lo_import", text: `SELECT lo_import('/etc/passwd')`, want: "42501"},
	{group: "programs and files", what: "export a large object to a file: lo_export", text: `SELECT lo_export((SELECT oid FROM pg_largeobject_metadata LIMIT 1), '$FILE')`, want: "42501", superuser: true},
	{group: "programs and files", what: "load a library of the server: LOAD", text: `LOAD '/tmp/evil.so'`, want: "42501"},
	{group: "programs and files", what: "make a function of an untrusted language", text: `CREATE FUNCTION u() RETURNS int LANGUAGE c AS '/tmp/evil.so', 'u'`, want: "25006"},

	{group: "the server and other people's sessions", what: "end another user's session: pg_terminate_backend", text: `SELECT pg_terminate_backend($VICTIM)`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "cancel another user's query: pg_cancel_backend", text: `SELECT pg_cancel_backend($VICTIM)`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "lock a table against everybody: LOCK TABLE … ACCESS EXCLUSIVE", text: `LOCK TABLE t IN ACCESS EXCLUSIVE MODE`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "have the server read its configuration again", text: `SELECT pg_reload_conf()`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "begin a new log file", text: `SELECT pg_rotate_logfile()`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "begin a new WAL file", text: `SELECT pg_switch_wal()`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "write everything to disk: CHECKPOINT", text: `CHECKPOINT`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "name a point to restore to", text: `SELECT pg_create_restore_point('x')`, want: "42501"},
	{group: "the server and other people's sessions", what: "begin a base backup", text: `SELECT pg_backup_start('x')`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "promote a standby", text: `SELECT pg_promote()`, want: "42501"},
	{group: "the server and other people's sessions", what: "forget the statistics: pg_stat_reset", text: `SELECT pg_stat_reset()`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "forget one table's statistics", text: `SELECT pg_stat_reset_single_table_counters('t'::regclass)`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "forget the server's statistics", text: `SELECT pg_stat_reset_shared('bgwriter')`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "write another session's memory into the log", text: `SELECT pg_log_backend_memory_contexts($VICTIM)`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "make a replication slot, which keeps WAL for ever", text: `SELECT pg_create_physical_replication_slot('x', true)`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "make a logical replication slot", text: `SELECT pg_create_logical_replication_slot('x', 'test_decoding')`, want: "42501"},
	{group: "the server and other people's sessions", what: "make a replication origin", text: `SELECT pg_replication_origin_create('x')`, want: "42501", superuser: true},
	{group: "the server and other people's sessions", what: "change postgresql.auto.conf: ALTER SYSTEM", text: `ALTER SYSTEM SET work_mem = '1MB'`, want: "25001"},

	{group: "the catalogue", what: "commit rows into pg_collation: pg_import_system_collations", text: `SELECT pg_import_system_collations('pg_catalog')`, want: "42501", superuser: true},
	{group: "the catalogue", what: "its own password", text: `ALTER USER CURRENT_USER PASSWORD 'x'`, want: "25006"},
	{group: "the catalogue", what: "its own settings", text: `ALTER ROLE CURRENT_USER SET default_transaction_read_only = off`, want: "25006"},
	{group: "the catalogue", what: "its own rights", text: `ALTER ROLE CURRENT_USER SUPERUSER`, want: "25006"},
	{group: "the catalogue", what: "a right that it has not: GRANT", text: `GRANT pg_execute_server_program TO CURRENT_USER`, want: "25006"},
	{group: "the catalogue", what: "a role", text: `CREATE ROLE evil SUPERUSER`, want: "25006"},
	{group: "the catalogue", what: "a database", text: `CREATE DATABASE evil`, want: "25006"},
	{group: "the catalogue", what: "a table where everybody may make some", text: `CREATE TABLE open_to_all.x ()`, want: "25006"},
	{group: "the catalogue", what: "a function where everybody may make some", text: `CREATE FUNCTION open_to_all.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`, want: "25006"},
	{group: "the catalogue", what: "an extension", text: `CREATE EXTENSION hstore`, want: "25006"},
	{group: "the catalogue", what: "an event trigger", text: `CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION on_ddl()`, want: "25006"},
	{group: "the catalogue", what: "a foreign server", text: `CREATE SERVER f FOREIGN DATA WRAPPER none`, want: "25006"},
	{group: "the catalogue", what: "a comment", text: `COMMENT ON TABLE t IS 'x'`, want: "25006"},
	{group: "the catalogue", what: "a row of the catalogue itself", text: `UPDATE pg_class SET relname = 'x' WHERE relname = 't'`, want: "25006"},
	{group: "the catalogue", what: "refresh a materialized view", text: `REFRESH MATERIALIZED VIEW m`, want: "25006"},
	{group: "the catalogue", what: "rebuild an index: REINDEX", text: `REINDEX TABLE t`, want: "42501", superuser: true},
	{group: "the catalogue", what: "write a table in another order: CLUSTER", text: `CLUSTER t USING t_pkey`, want: "42501", superuser: true},
	{group: "the catalogue", what: "clean a GIN index's list up", text: `SELECT gin_clean_pending_list('t_gin')`, want: "42501", superuser: true},
	{group: "the catalogue", what: "summarize a BRIN index", text: `SELECT brin_summarize_new_values('t_brin')`, want: "42501", superuser: true},

	{group: "rows", what: "DELETE", text: `DELETE FROM t`, want: "25006"},
	{group: "rows", what: "a DELETE in a WITH", text: `WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x`, want: "25006"},
	{group: "rows", what: "a function that deletes", text: `SELECT wipe()`, want: "25006"},
	{group: "rows", what: "a function SECURITY DEFINER that deletes", text: `SELECT wipe_definer()`, want: "25006"},
	{group: "rows", what: "a function SECURITY DEFINER that first lets its transaction write", text: `SELECT unlock_definer()`, want: "25001"},
	{group: "rows", what: "a view's function SECURITY DEFINER that deletes", text: `SELECT * FROM v_wipe`, want: "25006"},
	{group: "rows", what: "a procedure that commits, then deletes", text: `CALL wipe_tx()`, want: "2D000"},
	{group: "rows", what: "a DO block that commits, then deletes", text: `DO $$ BEGIN COMMIT; DELETE FROM t; END $$`, want: "2D000"},
	{group: "rows", what: "EXPLAIN ANALYZE of a DELETE", text: `EXPLAIN ANALYZE DELETE FROM t`, want: "25006"},
	{group: "rows", what: "a prepared DELETE", text: `PREPARE p AS DELETE FROM t; EXECUTE p`, want: "25006"},
	{group: "rows", what: "lock rows: SELECT … FOR UPDATE", text: `SELECT * FROM t FOR UPDATE`, want: "25006"},
	{group: "rows", what: "SET transaction_read_only = off, then a DELETE", text: `SET transaction_read_only = off; DELETE FROM t`, want: "25001"},
	{group: "rows", what: "SET default_transaction_read_only = off, then a function SECURITY DEFINER that deletes", text: `SET default_transaction_read_only = off; SELECT wipe_definer()`, want: "25006"},
	{group: "rows", what: "RESET ALL, then a function SECURITY DEFINER that deletes", text: `RESET ALL; SELECT wipe_definer()`, want: "25006"},
	{group: "rows", what: "BEGIN READ WRITE", text: `BEGIN READ WRITE; DELETE FROM t`, want: "sql.transaction"},
	{group: "rows", what: "COMMIT, then a DELETE", text: `COMMIT; DELETE FROM t`, want: "sql.transaction"},
	{group: "rows", what: "prepare a transaction of two phases", text: `PREPARE TRANSACTION 'x'`, want: "sql.transaction"},
	{group: "rows", what: "become the owner: SET ROLE", text: `SET ROLE postgres; DELETE FROM t`, want: "42501"},
	{group: "rows", what: "become the owner: SET SESSION AUTHORIZATION", text: `SET SESSION AUTHORIZATION postgres`, want: "42501"},
	{group: "rows", what: "become the owner: RESET SESSION AUTHORIZATION", text: `RESET SESSION AUTHORIZATION; DELETE FROM t`, want: "25006"},
	{group: "rows", what: "call triggers off: session_replication_role", text: `SET session_replication_role = replica`, want: "42501", superuser: true},
	{group: "rows", what: "nextval of a sequence", text: `SELECT nextval('s')`, want: "42501"},
	{group: "rows", what: "nextval in a function SECURITY DEFINER", text: `SELECT next_definer()`, want: "25006"},
	{group: "rows", what: "setval of a sequence", text: `SELECT setval('s', 9)`, want: "42501"},
	{group: "rows", what: "a temporary table", text: `CREATE TEMP TABLE x (a int)`, want: "25006"},
	{group: "rows", what: "make a large object", text: `SELECT lo_create(0)`, want: "25006"},
	{group: "rows", what: "write into a large object", text: `SELECT lo_put((SELECT oid FROM pg_largeobject_metadata LIMIT 1), 0, 'x')`, want: "25006"},
	{group: "rows", what: "drop a large object", text: `SELECT lo_unlink((SELECT oid FROM pg_largeobject_metadata LIMIT 1))`, want: "25006"},

	// What is let through, and leaves nothing behind.
	{group: "let go with the text", what: "NOTIFY, and pg_notify", text: `NOTIFY heard, 'x'; SELECT pg_notify('heard', 'y')`, left: "the text is rolled back, and so nobody is told"},
	{group: "let go with the text", what: "advisory locks of the session", text: `SELECT pg_advisory_lock(42)`, left: "held while the text runs, and let go at its end"},
	{group: "let go with the text", what: "LISTEN", text: `LISTEN heard`, left: "undone"},
	{group: "let go with the text", what: "DECLARE … WITH HOLD over a function that deletes", text: `DECLARE c CURSOR WITH HOLD FOR SELECT wipe_definer()`, left: "gone before it is ever run"},
	{group: "let go with the text", what: "shared table locks: LOCK TABLE … ACCESS SHARE", text: `LOCK TABLE t IN ACCESS SHARE MODE`, left: "as a SELECT takes them"},
	{group: "let go with the text", what: "export a snapshot: pg_export_snapshot", text: `SELECT pg_export_snapshot()`, left: "gone with the transaction"},
	{group: "let go with the text", what: "ANALYZE, VACUUM of others' tables", text: `ANALYZE t`, left: "nothing: the server warns and skips them"},
	{group: "let go with the text", what: "take a transaction's number: pg_current_xact_id", text: `SELECT pg_current_xact_id()`, left: "a number is used up"},
	{group: "of the session alone", what: "SET of what everybody may set", text: `SET work_mem = '1MB'`, left: "until the session ends; the console keeps SET, as psql does"},
	{group: "of the session alone", what: "prepared statements", text: `PREPARE x AS SELECT 1`, left: "until the session ends"},
	{group: "of the session alone", what: "keep its own errors out of the server's log: log_min_messages", text: `SET log_min_messages = panic`, left: "of this session's statements only"},
	{group: "of the session alone", what: "SET ROLE to one of its own two: pg_read_all_data, pg_monitor", text: `SET ROLE pg_monitor`, left: "fewer rights than before"},
	{group: "outside of transactions", what: "a message in the WAL: pg_logical_emit_message", text: `SELECT pg_logical_emit_message(false, 'x', 'y')`, left: "a few bytes of WAL, which only a logical decoder reads"},
	{group: "outside of transactions", what: "end or cancel sessions of the same role", text: `SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()`, left: "naap's own look-ups of the same home are cancelled, and asked again"},

	// What somebody who may write has to prepare beforehand, and is not prevented.
	{group: "laid out by an owner", what: "a function SECURITY DEFINER of a superuser's that runs a program", text: `SELECT runs_definer()`, does: "the program runs, with its owner's rights"},
	{group: "laid out by an owner", what: "the same, called by a view", text: `SELECT * FROM v_runs_definer`, does: "the program runs"},
	{group: "laid out by an owner", what: "a function in an untrusted language: what was taken from everybody, under another name", text: `SELECT reloads()`, does: "the server reads its configuration again"},
	{group: "laid out by an owner", what: "`dblink`, once its extension is there, with a password that the statement knows", text: `SELECT dblink_exec('$OWNER', 'CREATE TABLE by_dblink ()')`, does: "the table is there: it is another session, of the other role"},
}
