package devenv

import (
	"cmp"
	"fmt"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Identity is what is known of an instance without asking anybody. It does not change while the instance lives.
type Identity struct {
	Instance  string // "naap"
	Engine    string // "docker", "embedded", "external"
	Address   string // "127.0.0.1:5432/naap"
	Workspace string // what it is made from: a folder's name, or "built-in workspace"
	Lacks     engine.Lacks
}

// Identity returns what is known of the instance without asking its engine or its server.
func (e *Env) Identity() Identity {
	set, rec := &e.ws.Settings, readRecord(e.StateDir())
	id := Identity{Instance: set.Instance, Engine: rec.Engine, Workspace: "built-in workspace"}
	if !e.ws.IsBuiltin() {
		id.Workspace = e.ws.Root
	}
	id.Address = visible.String(fmt.Sprintf("127.0.0.1:%d/%s", cmp.Or(rec.Port, set.Port), set.Database))
	if kind := e.Kind(); kind != nil {
		id.Lacks = kind.Lacks
	}
	if set.IsExternal() {
		id.Engine = e.Kind().Name
		if t, err := dburl.ParseTarget(set.DatabaseURL); err == nil {
			id.Address = visible.String(t.Endpoint())
		}
	}
	return id
}
