package postgres

import (
	"strings"
	"testing"
)

func TestAFailureIsBlamedOnItsOwnStatement(t *testing.T) {
	statements := []string{"CREATE TABLE a ()", "CREATE TABLE b ()", "CREATE TABLE c ()"}
	at := int32(strings.Index(strings.Join(statements, endStatement), "c ()") + 1)
	for _, c := range []struct {
		name     string
		said     ServerError
		done     int
		failed   int
		position int32
	}{
		{"parsed before any ran", ServerError{Position: at}, 0, 2, 14},
		{"its own place", ServerError{Position: at}, 2, 2, 14},
		{"a place of another text, after one ran", ServerError{Position: 3}, 1, 1, 0},
		{"a place beyond the text, after one ran", ServerError{Position: 999}, 1, 1, 0},
		{"a place of another text, in the first", ServerError{Position: at, Where: "SQL statement"}, 0, 0, 0},
		{"no place", ServerError{}, 1, 1, 0},
	} {
		failed, err := blame(&c.said, statements, c.done)
		e, ok := AsServerError(err)
		if !ok || failed != c.failed || e.Position != c.position {
			t.Errorf("%s: statement %d, %v", c.name, failed, e)
		}
	}
}

func TestStatementsAnswerUnderTheSettingsOfThoseBefore(t *testing.T) {
	db := open(t, `CREATE SCHEMA s; CREATE TABLE s.t (x int); INSERT INTO s.t VALUES (7), (NULL)`)
	var got []string
	err := db.WithConn(t.Context(), func(c *Conn) error {
		_, err := AskStatements(t.Context(), c, []string{"SELECT set_config('search_path', 's', true)", "SELECT x FROM t ORDER BY x"},
			func(i int, row [][]byte) {
				if i == 1 && row[0] == nil {
					got = append(got, "NULL")
				} else if i == 1 {
					got = append(got, string(row[0]))
				}
			})
		return err
	})
	if text := strings.Join(got, " "); err != nil || text != "7 NULL" {
		t.Errorf("got %q, %v", text, err)
	}
}
