package seeding

import "testing"

// TestRowsThatAreChangedOutOfSightAreNotASeedsOwn has the user's rows changed in ways that the script's own statements
// do not show. When the seed is taken back, they stay.
func TestRowsThatAreChangedOutOfSightAreNotASeedsOwn(t *testing.T) {
	for name, text := range map[string]string{
		"DO":        `DO $$ BEGIN INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea') ON CONFLICT (id) DO UPDATE SET name = excluded.name; END $$;`,
		"UPDATE":    `INSERT INTO club.member VALUES (2, 'Bea'); UPDATE club.member SET name = 'Ada' WHERE id = 1;`,
		"MERGE":     `MERGE INTO member m USING (VALUES (1, 'Ada'), (2, 'Bea')) v (id, name) ON m.id = v.id WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.name);`,
		"function":  `SELECT put(1, 'Ada'), put(2, 'Bea');`,
		"trigger":   `INSERT INTO shop.log VALUES (1);`,
		"exception": `DO $$ BEGIN INSERT INTO club.member VALUES (2, 'Bea'); BEGIN INSERT INTO club.member VALUES (1); EXCEPTION WHEN others THEN UPDATE club.member SET name = 'Ada' WHERE id = 1; END; END $$;`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "club.sql", text)
			s.exec(`INSERT INTO club.member VALUES (1, 'mine', 'a note');
CREATE FUNCTION club.put(int, text) RETURNS void LANGUAGE sql AS 'INSERT INTO club.member VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name';
CREATE FUNCTION club.follow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM club.put(1, ''Ada''), club.put(2, ''Bea''); RETURN NULL; END';
CREATE TRIGGER follow AFTER INSERT ON shop.log FOR EACH ROW EXECUTE FUNCTION club.follow()`)
			s.must(Options{})
			s.holds("SELECT id || ' ' || name || ' ' || coalesce(note, '') FROM club.member ORDER BY id", "1 Ada a note", "2 Bea ")
			s.holds("SELECT keys::text FROM naap_dev.seed_rows WHERE table_name = 'member'", `[{"id": 2}]`)
			s.holds("SELECT table_name FROM naap_dev.seed_changed", "member")
			s.write("club.sql", "SELECT 1;")
			s.must(changed)
			s.holds("SELECT id || ' ' || name || ' ' || coalesce(note, '') FROM club.member", "1 Ada a note")
		})
	}
}

func TestTablesThatASeedEmptiesOrMakesAreItsOwn(t *testing.T) {
	s := newSuite(t, "shop.sql", `TRUNCATE shop.log; INSERT INTO shop.log VALUES (1), (2); UPDATE shop.log SET n = 3 WHERE n = 2;
CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh VALUES (1), (2); UPDATE fresh SET id = 3 WHERE id = 2; CREATE TABLE gone (); INSERT INTO gone DEFAULT VALUES; DROP TABLE gone;`)
	if result := s.must(Options{}); result.Rows != 4 {
		t.Errorf("%d rows are its own", result.Rows)
	}
}

// TestASeedAfterAnotherHasItsOwnRowsOnly applies many small files fast: the server's counts of rows then still include
// those of the files before.
func TestASeedAfterAnotherHasItsOwnRowsOnly(t *testing.T) {
	s := newSuite(t)
	for _, c := range "abcdefgh" {
		s.write("club."+string(c)+".sql", "-- naap: key=code\nINSERT INTO club.member VALUES ("+string(c-'a'+'1')+", 'x');")
		s.write("shop."+string(c)+".sql", "-- naap: key=code\nINSERT INTO shop.product (code) VALUES ('"+string(c)+"');")
	}
	s.inOneTransaction(s.plan(Options{}))
	s.holds("SELECT seed || ' ' || count(*) || ' ' || sum(jsonb_array_length(keys)) FROM naap_dev.seed_rows GROUP BY seed HAVING count(*) <> 1")
	s.must(Options{Force: true})
	s.holds("SELECT count(*)::text FROM naap_dev.seed_rows WHERE jsonb_array_length(keys) = 1", "16")
	s.holds("SELECT string_agg(code, '' ORDER BY code) FROM shop.product", "abcdefgh")
}
