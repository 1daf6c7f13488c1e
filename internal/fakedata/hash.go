package fakedata

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"
)

// password is the password of every made-up hash, so that one can log in as anyone.
const password = "password"

// The hashes of password. By design, hashing takes a twentieth of a second, so they are computed in advance.
const (
	bcryptHash = "$2b$10$8J1BOwC3N0T2Lbmp5T/I.eymVpDLwgzdTpvXqYHuL24.GCZpVUrui"
	argon2Hash = "$argon2id$v=19$m=65536,t=3,p=4$bmFhcCBtYWRlLXVwIHJvdw$8YMjkJVE7Tv5Za4LTO1QhDNW1c2KfbWUNyC9Cova6HY"
)

// hexHash returns the hash of password with that many digits, or "".
func hexHash(digits int) string {
	for _, h := range []hash.Hash{md5.New(), sha1.New(), sha256.New(), sha512.New()} {
		if digits == 2*h.Size() {
			h.Write([]byte(password))
			return hex.EncodeToString(h.Sum(nil))
		}
	}
	return ""
}

// hashed returns the kind of text for a column that holds a hash, judging by its name, its comment and its length.
// Otherwise ok is false.
func (c *column) hashed(words []string) (kind textKind, ok bool) {
	has := func(list ...string) bool { return anyOf(words, list...) }
	switch {
	case has("password", "passwd", "pass", "pwd", "passphrase", "passcode", "bcrypt", "argon2") &&
		!has("token", "reset", "url", "hint", "salt", "policy", "type", "method", "version", "algorithm", "code", "iv"):
		return c.passwordKind(words), true
	case has("tx", "txn", "transaction", "block") && has("hash", "tx"), has("merkle") && has("root", "hash"), has("hash") && len(words) == 1 && c.table.onChain():
		return textKind{write: hexText("0x", 64), wide: 66}, true
	case has("cid", "ipfs"):
		return textKind{write: from("Qm", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 44), wide: 46}, true
	case has("hash", "hashed", "digest", "checksum", "fingerprint", "sha", "md5", "sha1", "sha256", "sha384", "sha512", "etag"), words[len(words)-1] == "commit":
		digits := c.hexDigits(words)
		return textKind{write: hexText("", digits), wide: digits}, true
	}
	return kind, false
}

// passwordKind returns one hash for all rows. Where each must differ, the texts only look like hashes.
func (c *column) passwordKind(words []string) textKind {
	said := strings.ReplaceAll(strings.ToLower(c.comment), "-", "") + " " + strings.Join(words, " ") + " " + strings.Join(c.seen, " ")
	hash := bcryptHash
	switch fixed := c.fixedLength(); {
	case hexHash(fixed) != "":
		hash = hexHash(fixed)
	case strings.Contains(said, "argon"):
		hash = argon2Hash
	case !strings.Contains(said, "bcrypt") && !strings.Contains(said, "$2"):
		for _, known := range []struct {
			word   string
			digits int
		}{{"md5", 32}, {"sha1", 40}, {"sha256", 64}, {"sha512", 128}} {
			if strings.Contains(said, known.word) {
				hash = hexHash(known.digits)
			}
		}
	}
	if c.carrier {
		return textKind{write: from("$2b$10$", "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 53), wide: 60}
	}
	return textKind{write: func(dst []byte, _ *dice) []byte { return append(dst, hash...) }, wide: len(hash)}
}

// fixedLength returns the only length that the column's texts can have, or 0 where there is more than one.
func (c *column) fixedLength() int {
	longest := c.textLength()
	if u, _ := c.underlying(); u.name == "bpchar" || c.guide.minLen == longest {
		return longest
	}
	return 0
}

// hexDigits returns the number of digits of a hexadecimal hash.
func (c *column) hexDigits(words []string) int {
	said := " " + strings.Join(words, " ") + " " + strings.ReplaceAll(strings.ToLower(c.comment), "-", "") + " "
	digits := 64
	for _, known := range []struct {
		word   string
		digits int
	}{{"md5", 32}, {" etag ", 32}, {"sha1 ", 40}, {" commit ", 40}, {" git", 40}, {" sha ", 40}, {"sha256", 64}, {"sha384", 96}, {"sha512", 128}} {
		if strings.Contains(said, known.word) {
			digits = known.digits
		}
	}
	if n := c.fixedLength(); n > 0 && n <= 256 {
		return n
	}
	for _, n := range []int{64, 40, 32} {
		if longest := c.textLength(); longest > 0 && digits > longest && n <= longest {
			return n
		}
	}
	return digits
}
