package dotenv

import (
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// IsTemplate reports whether a file is one to be copied, not one that a program reads.
func IsTemplate(file string) bool {
	base := strings.ToLower(path.Base(file))
	for _, word := range []string{"example", "sample", "template", ".dist"} {
		if strings.Contains(base, word) {
			return true
		}
	}
	return false
}

var productionName = lazy.Regexp{Text: `(^|[-_.])(prod|production|staging|stage|preview|vercel)([-_.]|$)`}

// IsProduction reports whether the name of a file says that it is not for a developer's machine.
func IsProduction(file string) bool {
	return productionName.Get().MatchString(strings.ToLower(path.Base(file)))
}
