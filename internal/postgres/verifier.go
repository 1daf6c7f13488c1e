package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// scramIterations is PostgreSQL's own number (scram_iterations).
const scramIterations = 4096

// verifier returns what a server stores for a password, which ALTER ROLE accepts in the password's place, so that
// neither a log nor a view of running statements ever has the password. ok is false for a password that contains
// anything but visible ASCII characters and spaces, because the server would accept other spellings of it too (RFC
// 4013).
func verifier(password string) (verifier string, ok bool) {
	if password == "" || strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", false
	}
	verifier, err := scramVerifier(password, scramIterations)
	return verifier, err == nil
}

// scramVerifier returns what a server stores for a password that is hashed iterations times at each login, on both
// sides. See RFC 5803 for its form.
func scramVerifier(password string, iterations int) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails, by its documentation
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	of := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(of(salted, "Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]), b64(of(salted, "Server Key"))), nil
}

// SetPassword gives a role its password. One that verifier does not accept is sent as it is, and kept out of the log if
// the session's user may do so.
func SetPassword(ctx context.Context, tx Tx, role, password string) error {
	value, ok := verifier(password)
	if !ok {
		value = password
		quiet := `SELECT set_config('log_statement', 'none', true), set_config('log_min_duration_statement', '-1', true),
	set_config('log_min_error_statement', 'panic', true) WHERE current_setting('is_superuser') = 'on'`
		if _, err := tx.Exec(ctx, quiet); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "ALTER ROLE "+Ident(role)+" PASSWORD "+Literal(value))
	return err
}
