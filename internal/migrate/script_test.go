package migrate

import "testing"

func TestWhatOfAScriptIsOneTransactionIsKnown(t *testing.T) {
	for text, want := range map[string]struct{ whole, misplaced bool }{
		"":                                      {true, false},
		"-- only a comment":                     {true, false},
		"SELECT 1":                              {true, false},
		"CREATE TABLE a (); CREATE TABLE b ();": {true, false},
		"BEGIN; CREATE TABLE a (); COMMIT;":     {false, false},
		"CREATE TABLE a (); COMMIT; CREATE TABLE b ();":                           {false, false},
		"START TRANSACTION; CREATE TABLE a (); END":                               {false, false},
		"SAVEPOINT a; CREATE TABLE a (); ROLLBACK TO SAVEPOINT a":                 {true, false},
		"CREATE TABLE a (); ROLLBACK":                                             {false, false},
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END": {true, false},
		"SELECT 'COMMIT'; SELECT $$; COMMIT; $$":                                  {true, false},
		"DO $$ BEGIN COMMIT; END $$":                                              {false, false}, // it may commit, since it is alone
		"DO $$ BEGIN END $$; SELECT 1":                                            {true, false},  // the server would refuse a COMMIT in it
		"CALL p()":                                                                {false, false},
		"CREATE INDEX CONCURRENTLY i ON t (a)":                                    {false, false},
		"-- why\nCREATE UNIQUE INDEX CONCURRENTLY i ON t (a);":                    {false, false},
		"CREATE INDEX CONCURRENTLY i ON t (a); SELECT 1":                          {true, true},
		"SET lock_timeout = 1; DROP INDEX CONCURRENTLY i":                         {true, true},
		"SELECT 1; VACUUM t":                                                      {true, true},
		"SELECT 1; CREATE DATABASE d":                                             {true, true},
		"SELECT 1; REINDEX (VERBOSE) TABLE CONCURRENTLY t":                        {true, true},
		"ALTER TYPE e ADD VALUE 'a'; ALTER TYPE e ADD VALUE 'b'":                  {true, false},
	} {
		s := readScript(text)
		_, misplaced := s.misplaced()
		if s.whole != want.whole || misplaced != want.misplaced {
			t.Errorf("%q: one transaction %v, misplaced %v", text, s.whole, misplaced)
		}
	}
}
