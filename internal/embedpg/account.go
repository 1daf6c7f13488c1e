package embedpg

// Account is a user of this machine under which the server runs because naap itself runs as root, which PostgreSQL
// refuses. The zero Account means naap's own user.
type Account struct {
	Name     string
	UID, GID uint32
}

// IsZero reports whether the server runs under naap's own user.
func (a Account) IsZero() bool { return a == Account{} }
