package dockerctl

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// masked stands where a password was.
const masked = "***"

// mask hides a password in a text from outside. Where it stands in a URL, an assignment or an SQL command it is hidden
// whatever it is; elsewhere unless it is so common a word (the default "postgres" is in every line) that hiding it would
// leave nothing to read and tell what it is.
func mask(text string, spec Spec) string {
	text = dburl.MaskText(text)
	secret := spec.Password
	if len(secret) < 4 || secret == spec.User || secret == spec.Database || strings.HasPrefix("postgresql", secret) {
		return text
	}
	return strings.ReplaceAll(text, secret, masked)
}
