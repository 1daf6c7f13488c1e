package postgres

import (
	"io"
	"strings"
	"testing"
)

func TestALostPoolIsNamedWithoutItsPassword(t *testing.T) {
	for url, want := range map[string]string{
		"postgresql://u:s3cret@127.0.0.1:5499/naap":                     "127.0.0.1:5499",
		"host='127.0.0.1' port=5499 user=u password=s3cret dbname=naap": "127.0.0.1:5499",
		"postgresql://u:s3cret@/naap?host=/var/run/nowhere&port=5499":   "/var/run/nowhere",
	} {
		db, err := Open(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := db.Diagnose(io.ErrUnexpectedEOF).Error()
		db.Close()
		if !strings.Contains(got, want) || strings.Contains(got, "s3cret") {
			t.Errorf("%s: %s", url, got)
		}
	}
}
