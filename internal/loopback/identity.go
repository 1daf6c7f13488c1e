package loopback

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// clusterNameMax is the longest cluster_name PostgreSQL takes: NAMEDATALEN less the closing zero.
const clusterNameMax = 63

// NewIdentity returns a cluster_name by which a server that is reached over TCP is recognized as the instance's own. It
// is printable ASCII of at most 63 bytes, with no character that a shell or a settings file would read as a quote.
func NewIdentity(instance string) string {
	var id [8]byte
	rand.Read(id[:]) // never fails, as documented
	name := strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`'"\`, r) {
			return '_'
		}
		return r
	}, instance)
	if longest := clusterNameMax - len("naap:") - 1 - 2*len(id); len(name) > longest {
		name = name[:longest]
	}
	return "naap:" + name + ":" + hex.EncodeToString(id[:])
}
