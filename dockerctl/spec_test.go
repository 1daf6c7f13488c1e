package dockerctl

import (
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// A container is told by this hash whether it was made as it would be now. Where the hash of the same settings changes, every
// container that an earlier naap made is taken for another.
func TestTheHashOfSettingsIsThatOfEarlierNaaps(t *testing.T) {
	all := Spec{
		Args: []string{"-c", "max_connections=200"}, Env: map[string]string{"PGDATA": "/d/pg", "A": "1"}, Memory: 512 << 20, ShmSize: 1 << 20, Restart: "always",
		Health:     &workspace.Healthcheck{Test: []string{"CMD-SHELL", "pg_isready"}, Interval: time.Second, Timeout: 2 * time.Second, StartPeriod: 3 * time.Second, Retries: 4},
		DataTarget: "/d", Entrypoint: []string{"/enter"}, Labels: map[string]string{"team": "data"},
		Mounts: []workspace.Mount{
			{Source: "/tools", Target: "/tools", ReadOnly: true},
			{Source: "dumps", Target: "/dumps", IsVolume: true, Made: workspace.Volume{Key: "k", External: true, Foreign: true, Driver: "local", Options: map[string]string{"o": "bind"}}},
		},
		Compose: &workspace.Compose{
			Project: "shop", Service: "db", ConfigHash: "c0ffee", WorkingDir: "/shop", Files: []string{"/shop/compose.yml"}, EnvFiles: []string{"/shop/.env"},
			DependsOn: []string{"mail:service_started:false"}, NotTold: []string{"user"},
			Networks: []workspace.Network{{Key: "back", Name: "shop_back", Aliases: []string{"pg"}, Create: true}, {Key: "out", Name: "out", External: true}},
		},
	}
	for want, spec := range map[string]Spec{"8d9212f89c28341d": all, "b9efe46ab8667431": {}} {
		if got := spec.settings(); got != want {
			t.Errorf("%s: the hash is %s, and was %s", spec, got, want)
		}
	}
}
