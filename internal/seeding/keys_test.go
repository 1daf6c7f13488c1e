package seeding

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAKeyForAllTablesIsForThoseThatHaveIt(t *testing.T) {
	const text = "-- naap: key=code\nINSERT INTO shop.product (code, price) VALUES ('a', 1);\nINSERT INTO shop.log VALUES (1);\nINSERT INTO shop.coupon VALUES (1, 'x'), (2, 'x');"
	s := newSuite(t, "shop.sql", text)
	s.exec("CREATE TABLE shop.coupon (id int PRIMARY KEY, code text)")
	s.must(Options{})
	s.exec("INSERT INTO shop.coupon VALUES (3, 'x')")
	s.must(Options{Force: true})
	s.holds("SELECT code FROM shop.product", "a")
	s.holds("SELECT n::text FROM shop.log", "1")
	s.holds("SELECT id::text FROM shop.coupon ORDER BY id", "1", "2", "3")
}

func TestAKeyThatFindsNoRowsAgainIsAnErrorWithItsLine(t *testing.T) {
	for key, says := range map[string]string{
		"product(cod)":   "shop.product has no column cod",
		"product(price)": "shop.product has no unique index over price",
		"sale(member)":   "no unique index over member",
		"prodct(code)":   "there is no table shop.prodct",
	} {
		s := newSuite(t, "shop.sql", "-- what is sold\n-- naap: key="+key+"\nINSERT INTO shop.product (code) VALUES ('a');")
		_, err := s.apply(Options{})
		if remedy.Code(err) != "seed.header" || !strings.Contains(err.Error(), "seeds/shop.sql:2:1: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", key, err)
		}
		s.holds("SELECT count(*)::text FROM shop.product", "0")
	}
}

func TestRowsOfATableWithoutAKeyAreReplacedOneByOne(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO shop.loose VALUES (1, 'x'), (1, 'x'), (2, NULL); INSERT INTO shop.doc VALUES (1, 'null'), (2, NULL), (3, '{\"a\": 1}');")
	s.exec("CREATE TABLE shop.doc (n int, j jsonb)")
	s.must(Options{})
	s.exec("INSERT INTO shop.loose VALUES (1, 'x'), (2, NULL); INSERT INTO shop.doc VALUES (1, 'null')")
	s.write("shop.sql", "INSERT INTO shop.loose VALUES (1, 'x'); INSERT INTO shop.doc VALUES (1, 'null'), (2, NULL), (3, '{\"a\": 1}');")
	s.must(changed)
	s.holds("SELECT a || coalesce(b, '-') FROM shop.loose ORDER BY a, b", "1x", "1x", "2-")
	s.holds("SELECT n || coalesce(j::text, '-') FROM shop.doc ORDER BY n", "1null", "1null", "2-", `3{"a": 1}`)
}

func TestRowsAreFoundAgainInAnotherTimeZone(t *testing.T) {
	const text = "SET TimeZone = 'Asia/Tokyo';\nINSERT INTO shop.visit VALUES ('2026-01-01 12:00+00', '1 day 02:00');"
	s := newSuite(t, "shop.sql", text)
	s.exec("CREATE TABLE shop.visit (at timestamptz, long interval)")
	s.must(Options{})
	s.must(Options{Force: true})
	s.holds("SELECT count(*)::text FROM shop.visit", "1")
}
