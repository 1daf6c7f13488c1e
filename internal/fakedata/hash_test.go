package fakedata

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestTheHashesAreOfThePassword(t *testing.T) {
	if err := bcrypt.CompareHashAndPassword([]byte(bcryptHash), []byte(password)); err != nil {
		t.Errorf("bcrypt: %v", err)
	}
	parts := strings.Split(argon2Hash, "$")
	salt, _ := base64.RawStdEncoding.DecodeString(parts[4])
	want := base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 3, 64*1024, 4, 32))
	if parts[5] != want {
		t.Errorf("argon2: %s, want %s", parts[5], want)
	}
}

// TestAHashHasTheFormOfItsKind has a column of each kind, by name, length and comment.
func TestAHashHasTheFormOfItsKind(t *testing.T) {
	columns := []struct{ column, form string }{
		{`"passwordHash" text NOT NULL`, `^\$2b\$10\$[./A-Za-z0-9]{53}$`}, {`password varchar(60) NOT NULL`, `^\$2b\$10\$[./A-Za-z0-9]{53}$`},
		{`hashed_password varchar(255) NOT NULL UNIQUE`, `^\$2b\$10\$[./A-Za-z0-9]{53}$`}, {`password_argon2 text NOT NULL`, `^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`},
		{`pass char(40) NOT NULL`, `^5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8$`}, {`pwd text NOT NULL CHECK (length(pwd) = 64)`, `^5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8$`},
		{`"txHash" text NOT NULL`, `^0x[0-9a-f]{64}$`}, {`block_hash text NOT NULL`, `^0x[0-9a-f]{64}$`}, {`"commitSha" text NOT NULL`, `^[0-9a-f]{40}$`},
		{`git_commit_hash text NOT NULL`, `^[0-9a-f]{40}$`}, {`"bundleSha256" text NOT NULL`, `^[0-9a-f]{64}$`}, {`md5 text NOT NULL`, `^[0-9a-f]{32}$`},
		{`sha1 text NOT NULL UNIQUE`, `^[0-9a-f]{40}$`}, {`"apiKeyHash" text NOT NULL UNIQUE`, `^[0-9a-f]{64}$`}, {`content_hash text NOT NULL`, `^[0-9a-f]{64}$`},
		{`checksum varchar(40) NOT NULL`, `^[0-9a-f]{40}$`}, {`"resetPasswordToken" text NOT NULL`, `^[0-9A-Za-z]{40}$`}, {`"apiKey" text NOT NULL`, `^sk_[0-9A-Za-z]{32}$`},
		{`file_hash text NOT NULL`, `^[0-9a-f]{128}$`},
	}
	var list []string
	for _, c := range columns {
		list = append(list, c.column)
	}
	db := newDatabase(t, "CREATE TABLE h (id int PRIMARY KEY, "+strings.Join(list, ", ")+")")
	comments := map[Column]string{{postgres.TableRef{Schema: "public", Name: "h"}, "file_hash"}: "SHA-512 of the content"}
	mustFill(t, db, Options{Rows: 50, Seed: 1, Hints: Hints{Comments: comments}})
	for _, c := range columns {
		name, _, _ := strings.Cut(c.column, " ")
		if n := number(t, db, "SELECT count(*) FROM h WHERE "+name+" !~ $1", c.form); n > 0 {
			t.Errorf("%s: %d rows are not like %s", c.column, n, c.form)
		}
	}
	expect(t, db, 1, `SELECT count(DISTINCT "passwordHash") FROM h`)
}
