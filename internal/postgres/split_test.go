package postgres

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// The server must agree: each statement that was split off, and each text lexed as quoted, runs as one statement.
func TestSplittingAgreesWithTheServer(t *testing.T) {
	db := open(t, "")
	conn, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, text := range []string{
		"SELECT ';', \"a;b\" FROM (SELECT 1 AS \"a;b\") x", "SELECT E'\\';', E'a'\n'\\';'", "SELECT $a$;$b$;$$;$a$", "SELECT /* ; /* ; */ ; */ 1 -- ;",
		"SELECT U&'d\\0061t\\+000061;', B'101', X'1F', N'a;'", "SELECT 1 -- ;\r, 2", "SELECT e'\\\\', ';'", "SELECT 'a'\n-- ;\n'b;'",
	} {
		if n := len(Split(text)); n != 1 {
			t.Errorf("%q: split into %d", text, n)
		}
		a := newAsk(text, nil)
		if err := exchange(t.Context(), conn.Conn().PgConn(), a); err != nil || a.err != nil {
			t.Errorf("%q: %v %v", text, err, a.err)
		}
	}
}

func TestConditionsMustCloseWhatTheyOpen(t *testing.T) {
	for text, ok := range map[string]bool{
		"a = 1": true, "a IN (1, 2)": true, "a = ')'": true, "a = 1 -- (": true, "": true, "a = $$;)$$": true,
		"a = 1)": false, "(a": false, "a; b": false, "'": false, "/*": false, "a = $1": false, "a) OR (b": false,
	} {
		err := checkCondition(text)
		if (err == nil) != ok || err != nil && remedy.Code(err) != "filter.malformed" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
