package dockerctl

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// The words are those of runc 1.1 and crun 1.14 by way of Docker 28 and Podman 4.9.
func TestWhatAContainersRuntimeSaysIsNoPermissionOfFiles(t *testing.T) {
	for said, want := range map[string]string{
		`failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "docker-entrypoint.sh": executable file not found in $PATH: unknown`: "container.command",
		"crun: executable file `docker-entrypoint.sh` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found":                                                                                                  "container.command",
		`OCI runtime create failed: runc create failed: unable to start container process: exec /usr/local/bin/docker-entrypoint.sh: exec format error`:                                                                                                             "container.command",
		"crun: open executable: Permission denied: OCI permission denied":                                                                                       "container.runtime",
		`OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/x": permission denied: unknown`: "container.runtime",
		"OCI runtime error: crun: mount `proc` to `proc`: Operation not permitted":                                                                              "container.runtime",
		"crun: opening file `memory.max` for writing: Permission denied: OCI permission denied: cgroup":                                                         "container.cgroup",
		"OCI runtime create failed: runc create failed: unable to apply cgroup configuration: open /sys/fs/cgroup/memory.max: permission denied":                "container.cgroup",
		"error while creating mount source path '/data': mkdir /data: Permission denied":                                                                        "container.permission",
	} {
		err := startFailed(containerPlan{Container: "naap-db", Volume: "naap-db-data", Image: "postgres:16", spec: wanted()}, errors.New(said))
		e, ok := remedy.Of(err)
		if !ok || e.Code != want || len(e.Fix) == 0 || e.Exit != remedy.ExitNoServer {
			t.Errorf("%s\n is %s", said, remedy.Text(err))
		}
		if text := remedy.Text(err); want != "container.permission" && strings.Contains(text, "ls") && strings.Contains(text, "-lan /data") {
			t.Errorf("%s\nsends people to the files:\n%s", said, text)
		}
	}
	// And none of it is the engine's socket.
	for host, text := range map[string]string{
		"unix:///var/run/docker.sock": "OCI runtime exec failed: permission denied",
		"ssh://ann@elsewhere":         "ssh: ann@elsewhere: Permission denied (publickey)",
	} {
		if got, _ := classifyPing(host, "1.44", errors.New(text), nil); got == failPermission {
			t.Errorf("%s: %q is taken for the socket's permission", host, text)
		}
	}
}

func TestAContainerMadeForAnotherUserOffersThat(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	theirs := spec
	theirs.User, theirs.Database = "ann", "shop of hers"
	id := foreign(t, e, theirs, spec.Volume+"-theirs", nil)
	must(t, e.cli.ContainerStart(t.Context(), id, container.StartOptions{}))
	asked := probe(spec)
	_, err := e.Ensure(t.Context(), spec, func(ctx context.Context, at server.Endpoint) error {
		err := asked(ctx, at)
		if server, ok := postgres.AsServerError(err); ok && (server.Code == "28P01" || server.Code == "3D000") {
			return postgres.Diagnose(err, spec.URL(at.Port))
		}
		return err
	}, progress.Discard)
	text := remedy.Text(err)
	if remedy.Code(err) != "container.login" || !strings.Contains(text, "NAAP_USER=ann NAAP_DATABASE='shop of hers' naap dev up") ||
		!strings.Contains(text, `user = "ann"`) || !strings.Contains(text, `database = "shop of hers"`) {
		t.Errorf("%s", text)
	}
}
