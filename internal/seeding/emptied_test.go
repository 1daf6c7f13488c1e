package seeding

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const emptyingFunction = `CREATE FUNCTION club.wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM club.member';
CREATE FUNCTION club.cut() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE ''TRUNC'' || ''ATE club.member CASCADE''; END';
CREATE TABLE club.note (id int PRIMARY KEY, member int REFERENCES club.member ON DELETE CASCADE, of text);
INSERT INTO club.member VALUES (1, 'mine'), (2, 'mine too')`

// TestASeedThatRemovesRowsOfSomebodyIsRefused has a file remove rows that it did not bring, in all possible ways: a
// file that was never applied, and one that has changed.
func TestASeedThatRemovesRowsOfSomebodyIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"DELETE":                  `DELETE FROM club.member;`,
		"DELETE of one":           `DELETE FROM member WHERE id = 2;`,
		"DELETE, and its own row": `DELETE FROM member WHERE id = 2; INSERT INTO member VALUES (2, 'of the seed');`,
		"DO":                      `DO $$ BEGIN DELETE FROM club.member; END $$;`,
		"function":                `SELECT wipe();`,
		"TRUNCATE":                `TRUNCATE member CASCADE;`,
		"TRUNCATE, and its own":   `TRUNCATE member CASCADE; INSERT INTO member VALUES (1, 'of the seed'), (2, 'of the seed'); UPDATE member SET note = 'x';`,
		"TRUNCATE out of sight":   `SELECT cut();`,
		"MERGE":                   `MERGE INTO member m USING (VALUES (1), (2)) v (id) ON m.id = v.id WHEN MATCHED THEN DELETE;`,
		"DROP":                    `DROP TABLE member CASCADE; CREATE TABLE member (id int PRIMARY KEY, name text);`,
	} {
		for _, before := range []string{"", "INSERT INTO club.member VALUES (7, 'of the seed');"} {
			t.Run(name+before, func(t *testing.T) {
				s := newSuite(t)
				s.exec(emptyingFunction)
				if before != "" {
					s.write("club.sql", before)
					s.must(Options{})
				}
				s.write("club.sql", text)
				_, err := s.apply(changed)
				if e, ok := remedy.Of(err); !ok || e.Code != "seed.removes" || e.Exit != remedy.ExitRefused {
					t.Fatalf("it ended with %v", err)
				}
				if seen := remedy.Text(err); !strings.Contains(seen, "id 2") || strings.Contains(seen, "id 7") {
					t.Errorf("the rows are not named, or others: %s", seen)
				}
				s.holds("SELECT name FROM club.member WHERE id < 7 ORDER BY id", "mine", "mine too")
			})
		}
	}
}

// TestRowsThatGoByCascadeAreNamedToo has a file replace its own rows with statements of its own.
func TestRowsThatGoByCascadeAreNamedToo(t *testing.T) {
	for name, text := range map[string]string{"DELETE": "DELETE FROM member WHERE id = 8;", "TRUNCATE": "TRUNCATE member CASCADE;"} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "club.a.sql", "INSERT INTO member VALUES (8, 'of a seed');")
			s.exec(strings.Split(emptyingFunction, "INSERT")[0])
			s.must(Options{})
			s.exec("INSERT INTO club.note VALUES (1, 8, 'my note')")
			s.write("club.b.sql", text)
			if _, err := s.apply(Options{}); remedy.Code(err) != "seed.removes" || !strings.Contains(remedy.Text(err), "club.note") {
				t.Fatalf("it ended with %v", err)
			}
			s.holds("SELECT of FROM club.note", "my note")
		})
	}
}

// TestASeedMayRemoveRowsOfSeeds has files remove their own rows, those of other files, and none; the user's rows under
// a seed's key stay.
func TestASeedMayRemoveRowsOfSeeds(t *testing.T) {
	for name, text := range map[string]string{
		"DELETE":   "DELETE FROM member WHERE id > 5; INSERT INTO member VALUES (9, 'Iva'), (10, 'Jo'); DELETE FROM member WHERE id = 10;",
		"TRUNCATE": "TRUNCATE member CASCADE; INSERT INTO member VALUES (9, 'Iva'); UPDATE member SET note = 'x' WHERE id = 3;",
		"ALTER":    "ALTER TABLE member ADD COLUMN made timestamptz DEFAULT clock_timestamp(); INSERT INTO member VALUES (9, 'Iva');",
		"none":     "DELETE FROM member WHERE name = 'nobody'; UPDATE member SET id = 11 WHERE id = 8; INSERT INTO member VALUES (9, 'Iva');",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "club.a.sql", "INSERT INTO member VALUES (8, 'of a seed');", "club.b.sql", "INSERT INTO member VALUES (7, 'Gil'), (6, 'Fay');")
			s.must(Options{})
			s.exec("UPDATE club.member SET name = 'mine' WHERE id = 6")
			s.write("club.b.sql", text)
			s.must(changed)
			s.holds("SELECT id || name FROM club.member WHERE id IN (6, 7, 9, 10) ORDER BY id", "6mine", "9Iva")
		})
	}
}
