package devenv

import (
	"fmt"
	"os"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// sameWorkspace refuses to mix the built-in workspace's tables and rows with a repository's in one database: an `up` in
// the wrong folder would add dozens of tables that the other Prisma file does not know. Two checkouts of a repository
// share an instance: which of them is meant is for the person to say.
func (e *Env) sameWorkspace() error {
	rec := readRecord(e.stateDir())
	if rec.Engine == "" || e.IsExternal() || (rec.Root == "") == (e.ws.Root == "") {
		return nil
	}
	made, here := "the built-in workspace", e.ws.Root
	own := "naap dev up --name NAME    (a database of its own for this workspace)"
	if rec.Root != "" {
		if _, err := os.Stat(rec.Root); err != nil {
			return nil // it was moved or deleted: there is nobody to mix with
		}
		made, here = rec.Root, "the built-in workspace"
	}
	r := remedy.New("workspace.other", remedy.ExitRefused, "the database of instance %q is another workspace's", e.ws.Settings.Instance).
		WithSeen("it was made for "+made, "this is "+here)
	if rec.Root != "" {
		r.WithFix(fmt.Sprintf("naap -C %s dev up%s", shellWord(rec.Root), e.instanceFlag()))
	}
	return r.WithFix(own, "naap dev down --delete-data"+e.instanceFlag()+"    (deletes it; then up makes it for this workspace)")
}
