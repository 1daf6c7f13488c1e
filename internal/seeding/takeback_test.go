package seeding

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const familyTables = `
CREATE TABLE shop.parent (id serial PRIMARY KEY, code text UNIQUE, note text);
CREATE TABLE shop.child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int NOT NULL REFERENCES shop.parent, n int, UNIQUE (parent, n));
CREATE TABLE shop.grandchild (child int REFERENCES shop.child, word text, len int GENERATED ALWAYS AS (length(word)) STORED, PRIMARY KEY (child, word))`

const family = `SELECT (SELECT string_agg(id || code || coalesce(note, ''), ' ' ORDER BY code) FROM shop.parent) || ', ' ||
(SELECT string_agg(c.id || p.code || n, ' ' ORDER BY p.code, n) FROM shop.child c JOIN shop.parent p ON p.id = c.parent) || ', ' ||
(SELECT string_agg(g.child || p.code || word || len, ' ' ORDER BY p.code) FROM shop.grandchild g JOIN shop.child c ON c.id = g.child JOIN shop.parent p ON p.id = c.parent)`

// TestRowsKeepTheKeysThatTheServerMade applies seeds again whose rows refer to each other by keys that the server
// generates again each time.
func TestRowsKeepTheKeysThatTheServerMade(t *testing.T) {
	const parents = "-- naap: key=parent(code) key=child(parent,n)\nINSERT INTO parent (code) VALUES ('a'), ('b');\nINSERT INTO child (parent, n) SELECT id, 1 FROM parent;"
	s := newSuite(t, "10-shop.sql", parents,
		"20-shop.sql", "-- naap: key=child(parent,n)\nINSERT INTO child (parent, n) SELECT id, 2 FROM parent;\nINSERT INTO grandchild (child, word) SELECT id, 'word' FROM child WHERE n = 2;")
	s.exec(familyTables)
	s.must(Options{})
	const first = "1a 2b, 1a1 3a2 2b1 4b2, 3aword4 4bword4"
	s.holds(family, first)
	s.must(Options{Force: true})
	s.holds(family, first)
	s.must(Options{Force: true, Names: []string{"10-shop.sql"}})
	s.holds(family, first)

	s.exec("INSERT INTO shop.parent VALUES (50, 'mine'); INSERT INTO shop.grandchild VALUES (1, 'mine')")
	s.write("10-shop.sql", "-- naap: key=parent(code) key=child(parent,n)\nINSERT INTO parent (code, note) VALUES ('z', ''), ('b', '!'), ('a', '?');\nINSERT INTO child (parent, n) SELECT id, 1 FROM parent WHERE code <> 'mine' ORDER BY code;")
	s.must(changed)
	s.holds("SELECT string_agg(id || code || coalesce(note, ''), ' ' ORDER BY code) FROM shop.parent WHERE code <> 'z'", "1a? 2b! 50mine")
	s.holds("SELECT p.code || g.word FROM shop.grandchild g JOIN shop.child c ON c.id = g.child JOIN shop.parent p ON p.id = c.parent ORDER BY 1", "amine", "aword", "bword")

	s.write("10-shop.sql", "-- naap: key=parent(code) key=child(parent,n)\nINSERT INTO parent (code) VALUES ('b');\nINSERT INTO child (parent, n) SELECT id, 1 FROM parent WHERE code = 'b';")
	if _, err := s.apply(changed); remedy.Code(err) != "seed.referenced" {
		t.Errorf("a row of mine refers to one that is gone: %v", err)
	}
}

func TestSeedsWithoutAHeaderAreReplacedTogether(t *testing.T) {
	s := newSuite(t, "10-shop.sql", "INSERT INTO parent (code) VALUES ('a'), ('b');",
		"15-club.sql", "INSERT INTO club.member VALUES (1, 'between');",
		"20-shop.sql", "INSERT INTO child (parent, n) SELECT id, 1 FROM parent;")
	s.exec(familyTables)
	s.must(Options{})
	plan := s.plan(Options{Force: true})
	if len(plan.together()) != 1 {
		t.Errorf("they are in %d transactions", len(plan.together()))
	}
	s.must(Options{Force: true})
	s.holds("SELECT p.code || c.n FROM shop.parent p JOIN shop.child c ON c.parent = p.id ORDER BY 1", "a1", "b1")
	s.holds("SELECT count(*)::text FROM shop.parent", "2")
	if got := s.plan(Options{Force: true, Names: []string{"15-club.sql", "20-shop.sql"}}).together(); len(got) != 2 {
		t.Errorf("two that have nothing to do with each other are in %d transactions", len(got))
	}
}

func TestARowMovesFromOneSeedToAnother(t *testing.T) {
	s := newSuite(t, "10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada');", "20-club.sql", "INSERT INTO club.member VALUES (2, 'Bea'), (3, 'Cleo');")
	s.must(Options{})
	s.exec("INSERT INTO shop.product (code) VALUES ('x'); INSERT INTO shop.sale (product, member) VALUES (1, 2)")
	s.write("10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');")
	s.write("20-club.sql", "INSERT INTO club.member VALUES (3, 'Cleo');")
	s.must(changed)
	s.write("05-club.sql", "INSERT INTO club.member VALUES (3, 'Cleo');") // new, and before the file that had the row
	s.write("20-club.sql", "INSERT INTO club.member VALUES (4, 'Dora');")
	s.must(changed)
	s.holds("SELECT id || name FROM club.member ORDER BY id", "1Ada", "2Bea", "3Cleo", "4Dora")
	s.write("05-club.sql", "INSERT INTO club.member VALUES (1, 'twice');")
	s.write("10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada');")
	if _, err := s.apply(changed); remedy.Code(err) != "seed.failed" {
		t.Errorf("two seeds bring the same row: %v", err)
	}
	s.holds("SELECT id || name FROM club.member ORDER BY id", "1Ada", "2Bea", "3Cleo", "4Dora")
}

func TestASeedThatChangesRowsOfAnotherFollowsIt(t *testing.T) {
	s := newSuite(t, "10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');",
		"20-shop.sql", "UPDATE club.member SET note = 'of the shop' WHERE id = 1; INSERT INTO shop.log VALUES (1);",
		"30-shop.sql", "INSERT INTO shop.loose VALUES (1, 'x');")
	s.must(Options{})
	s.write("10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada the first');")
	if got, want := s.plan(changed).String(), "replace the rows of 10-club.sql\nreplace the rows of 20-shop.sql, which changes rows of 10-club.sql\n"; got != want {
		t.Errorf("the plan is\n%swant\n%s", got, want)
	}
	s.must(changed)
	s.holds("SELECT name || ' ' || note FROM club.member", "Ada the first of the shop")
	s.holds("SELECT count(*)::text FROM shop.log", "1")
}

// TestAForeignKeyThatWasNeverValidatedStaysAsItWas has a row from before the foreign key that refers to nothing.
func TestAForeignKeyThatWasNeverValidatedStaysAsItWas(t *testing.T) {
	s := newSuite(t, "club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');")
	s.exec(`CREATE TABLE shop.old (member int); INSERT INTO shop.old VALUES (99);
ALTER TABLE shop.old ADD CONSTRAINT old_member FOREIGN KEY (member) REFERENCES club.member NOT VALID`)
	s.must(Options{})
	s.exec("INSERT INTO shop.old VALUES (2)")
	s.must(Options{Force: true})
	s.write("club.sql", "INSERT INTO club.member VALUES (1, 'Ada');")
	if _, err := s.apply(changed); remedy.Code(err) != "seed.referenced" {
		t.Errorf("a row that is referred to is gone: %v", err)
	}
}
