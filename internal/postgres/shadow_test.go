package postgres

import "testing"

// A function in public whose arguments match better than those of the server's own would be called in its place, with
// the rights of whoever looks (CVE-2018-1058).
func TestALookCallsNoFunctionThatStandsInForTheServersOwn(t *testing.T) {
	db := open(t, `CREATE TABLE a (x int PRIMARY KEY, y int, UNIQUE (x, y)); CREATE TABLE b (x int REFERENCES a, y int, FOREIGN KEY (x, y) REFERENCES a (x, y));
		CREATE TYPE e AS ENUM ('one'); CREATE INDEX broken ON a (y); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass;
		CREATE FUNCTION caught() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a function of the database was called'; END $$;
		CREATE FUNCTION json_build_array(name) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE FUNCTION json_build_array(name, name) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE FUNCTION json_build_array(name, text) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE FUNCTION array_to_json(int[]) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE FUNCTION array_to_json(name[]) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE FUNCTION caught(json, json) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE AGGREGATE json_agg(json) (sfunc = caught, stype = json, initcond = '[]');
		CREATE FUNCTION caught(json, name) RETURNS json LANGUAGE sql AS 'SELECT caught(); SELECT NULL::json';
		CREATE AGGREGATE json_agg(name) (sfunc = caught, stype = json, initcond = '[]');
		CREATE FUNCTION age(xid, int) RETURNS int LANGUAGE sql AS 'SELECT caught(); SELECT 1'`)
	waits := func(f func()) { // meanwhile one session waits for another, so that everything is asked
		holder, waiter := conn(t, db), conn(t, db)
		for _, sql := range []string{"BEGIN", "LOCK TABLE b"} {
			if _, err := holder.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		done := make(chan error, 1)
		go func() { _, err := waiter.Exec(t.Context(), "SELECT FROM b"); done <- err }()
		for n := 0; n == 0; {
			if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n); err != nil {
				t.Fatal(err)
			}
		}
		f()
		Close(holder)
		<-done
	}
	waits(func() {
		h, err := db.Health(t.Context())
		if err != nil {
			t.Errorf("health: %v", err)
		} else if len(h.Waiting) != 1 || len(h.Waiting[0].Blockers) != 1 {
			t.Errorf("who waits for whom: %+v", h.Waiting)
		}
		if _, err := db.Snapshot(t.Context(), SnapshotOptions{}); err != nil {
			t.Errorf("snapshot: %v", err)
		}
	})
	snap, err := db.Snapshot(t.Context(), SnapshotOptions{Hidden: true})
	if err != nil {
		t.Errorf("snapshot: %v", err)
	} else if len(snap.ForeignKeys) != 2 || len(snap.Health.InvalidIndexes) != 1 {
		t.Errorf("the snapshot has %d foreign keys and the invalid indexes %v", len(snap.ForeignKeys), snap.Health.InvalidIndexes)
	}
	if _, err := db.Detail(t.Context(), TableRef{"public", "b"}); err != nil {
		t.Errorf("detail: %v", err)
	}
	if _, err := db.Completion(t.Context()); err != nil {
		t.Errorf("completion: %v", err)
	}
	if _, err := db.ServerInfo(t.Context()); err != nil {
		t.Errorf("server: %v", err)
	}
}

func conn(t *testing.T, db *DB) *Conn {
	t.Helper()
	c, err := Connect(t.Context(), db.config.ConnString(), Options{Application: "somebody else"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(c) })
	return c
}
