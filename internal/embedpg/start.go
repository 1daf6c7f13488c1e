package embedpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// process is a server that this naap started.
type process struct {
	pid      int
	identity string
	exited   chan struct{} // closed when it has ended
	state    *os.ProcessState
}

// startServer starts the server and returns at once.
func (r *run) startServer(ctx context.Context) error {
	if err := r.locate(ctx); err != nil {
		return err
	}
	identity, err := r.ensureIdentity()
	if err != nil {
		return err
	}
	if err := r.at.writeRecord(record{Port: r.plan.Port, Binaries: r.binaries}); err != nil {
		return fmt.Errorf("note the start: %w", err)
	}
	if err := r.openLog(); err != nil {
		return err
	}
	if err := r.at.clearSockets(); err != nil {
		return fmt.Errorf("remove the sockets of a server that is gone: %w", err)
	}
	r.say(progress.Running, fmt.Sprintf("start PostgreSQL %s on %s:%d", r.binaries.Version, loopback.Host, r.plan.Port))
	return r.launch(identity)
}

// launch runs the server in a session of its own, so that neither naap's end nor its terminal's touches it.
func (r *run) launch(identity string) error {
	log, err := os.OpenFile(r.at.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd, err := r.command(context.Background(), program.Postgres, r.binaries.Postgres(), r.serverArgs(identity)...)
	if err != nil {
		return err
	}
	cmd.Dir = r.at.data()
	cmd.Stdout, cmd.Stderr = log, log
	r.account.Apply(cmd)
	if err := r.startAsServer(cmd); err != nil {
		return fmt.Errorf("start %s: %w", r.binaries.Postgres(), err)
	}
	p := &process{pid: cmd.Process.Pid, identity: identity, exited: make(chan struct{})}
	r.server = p
	go func() {
		cmd.Wait() // the state tells all that its error does
		p.state = cmd.ProcessState
		close(p.exited)
	}()
	return nil
}

// startAsServer starts the server, or what works on its data, with the rights that the server has.
func (r *run) startAsServer(cmd *exec.Cmd) error {
	if r.confines() {
		return startConfined(cmd, r.binaries, r.at.data())
	}
	return cmd.Start()
}

// confines reports whether the server is started confined: see startConfined.
func (r *run) confines() bool { return !r.spec.Unconfined && CanConfine() }

// serverArgs returns the settings that make the server this instance's; they win over the cluster's own files. Neither
// the password nor anything else that is secret is among them.
func (r *run) serverArgs(identity string) []string {
	args := []string{"-D", r.at.data(), "-p", strconv.Itoa(r.plan.Port)}
	var sockets string
	if dir := r.at.socketDir(r.plan.Port); dir != "" {
		sockets = sqltext.Ident(dir) // the setting is a list of identifiers
	}
	if r.confines() {
		sockets = "" // a confined server makes none, and has no memory in /dev/shm, which is everybody's
		args = append(args, "-c", "dynamic_shared_memory_type=sysv")
	}
	for _, setting := range []string{
		"listen_addresses=" + loopback.Host,
		"unix_socket_directories=" + sockets,
		"unix_socket_permissions=0700",
		"cluster_name=" + identity,
		"logging_collector=off", "log_destination=stderr", "log_line_prefix=%m [%p] ",
	} {
		args = append(args, "-c", setting)
	}
	if !r.at.sets(server.LocksSetting) {
		args = append(args, "-c", fmt.Sprintf("%s=%d", server.LocksSetting, server.MaxLocks))
	}
	return args
}
