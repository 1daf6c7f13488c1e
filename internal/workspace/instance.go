package workspace

import (
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// DefaultInstance is the instance that is used where none is named.
const DefaultInstance = "naap"

// Docker allows [a-zA-Z0-9][a-zA-Z0-9_.-]+ for containers and volumes; only lower case is allowed here, so that an
// instance's folder is the same one on file systems that ignore case.
var instanceName = lazy.Regexp{Text: `^[a-z0-9][a-z0-9_.-]{0,39}$`}

// checkInstance refuses a name that cannot be part of a container's, volume's and folder's name.
func checkInstance(name string, from Origin) error {
	if instanceName.Get().MatchString(name) {
		return nil
	}
	return remedy.New("settings.instance", remedy.ExitUsage, "%q cannot be the name of an instance", visible.String(name)).
		WithSeen("set by "+from.String(),
			"a name is 1 to 40 of a-z, 0-9, dot, dash and underscore, and begins with a letter or digit")
}

// containerName returns the name of an instance's container: naap-db, or naap-NAME-db.
func containerName(instance string) string {
	if instance == DefaultInstance {
		return "naap-db"
	}
	return "naap-" + instance + "-db"
}

// volumeName returns the name of an instance's volume where no compose file gives one.
func volumeName(instance string) string { return containerName(instance) + "-data" }
