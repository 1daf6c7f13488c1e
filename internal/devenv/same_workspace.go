package devenv

import (
	"os"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// sameWorkspace refuses to mix the built-in workspace's tables and rows with a repository's in one database: an `up` in
// the wrong folder would add dozens of tables that the other Prisma file does not have. Two checkouts of a repository
// share an instance: the user says which of them is meant.
func (e *Env) sameWorkspace() error {
	rec := readRecord(e.StateDir())
	if rec.Engine == "" || rec.Attached || e.IsExternal() || (rec.Root == "") == (e.ws.Root == "") {
		return nil
	}
	made, here := "the built-in workspace", e.ws.Root
	if rec.Root != "" {
		if _, err := os.Stat(rec.Root); err != nil {
			return nil // it was moved or deleted: there is nothing to mix with
		}
		made, here = rec.Root, "the built-in workspace"
	}
	r := remedy.New("workspace.other", remedy.ExitRefused, "the database of instance %q is another workspace's", e.ws.Settings.Instance).
		WithSeen("it was made for "+made, "this is "+here)
	if rec.Root != "" {
		r.WithHelp(remedy.Naap("dev up", e.named()...).In(rec.Root))
	}
	return e.waysOut(r)
}
