//go:build linux && (amd64 || arm64)

package embedpg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/say"
)

// A superuser's SQL runs programs, reads and writes files and loads code, and the server is the developer's process: who
// logs in as a superuser is the developer. In a container that ends at the container. Here it ends at a confinement that
// an ordinary user may put on a process of their own, and that no process can take off again: Landlock for files and
// signals (https://docs.kernel.org/userspace-api/landlock.html), seccomp for what Landlock does not see. It is meant to
// hold against native code in the server, as LOAD brings it there; programs can be started, and are confined as the
// server is.

// minLandlock is the version of Landlock's interface that truncation of files belongs to: Linux 6.2.
const minLandlock = 3

// readable is what the server may read and execute beside its own installation: what belongs to the system. None of it is
// the user's. /proc is not among it.
var readable = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/opt", "/snap", "/nix/store", "/gnu/store",
	"/home/linuxbrew/.linuxbrew",
}

var devices = []string{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"}

const (
	mayRead      = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayUseDevice = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	// everything is all rights to files of interface 3. The right to execute what the server itself wrote is not given.
	everything = unix.LANDLOCK_ACCESS_FS_TRUNCATE<<1 - 1
	mayWrite   = everything &^ unix.LANDLOCK_ACCESS_FS_EXECUTE
)

// CanConfine reports whether this system can keep a server from what is the user's: Linux with Landlock, 6.2 or later.
func CanConfine() bool { return landlockVersion() >= minLandlock }

func landlockVersion() int {
	v, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(v)
}

// startConfined starts a server that can write to its data only, and read that, its programs and the system's files. The
// confinement is put on the thread that starts it, which ends with that.
func startConfined(cmd *exec.Cmd, b Binaries, data string) error {
	return onAThread(func() error {
		if err := confineThread(installation(b, cmd.Env), data); err != nil {
			return fmt.Errorf("confine the server: %w", err)
		}
		return cmd.Start()
	})
}

// onAThread calls f on a thread that ends then. The process's first thread never ends, and would stay in the confinement:
// who is in that may trace it, and with it the rest of naap. It is held meanwhile, so that f gets another.
func onAThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			err := onAThread(f)
			runtime.UnlockOSThread()
			done <- err
			return
		}
		done <- f() // never unlocked: the runtime ends the thread with the goroutine
	}()
	return <-done
}

func confineThread(programs []string, data string) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return errors.Join(restrictFiles(programs, data), restrictCalls())
}

// restrictFiles puts Landlock on the thread, and where the kernel knows that (6.12), keeps its signals inside.
func restrictFiles(programs []string, data string) error {
	attr := unix.LandlockRulesetAttr{Handled_access_fs: everything}
	if landlockVersion() >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if e != 0 {
		return os.NewSyscallError("landlock_create_ruleset", e)
	}
	ruleset := int(fd)
	defer unix.Close(ruleset)
	for _, dir := range slices.Concat(programs, readable) {
		if err := allow(ruleset, dir, mayRead); err != nil {
			return err
		}
	}
	for _, device := range devices {
		if err := allow(ruleset, device, mayUseDevice); err != nil {
			return err
		}
	}
	if err := allow(ruleset, data, mayWrite); err != nil {
		return err
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(ruleset), 0, 0); e != 0 {
		return os.NewSyscallError("landlock_restrict_self", e)
	}
	return nil
}

// installation returns where the server's programs, libraries and shared files lie: beside each other, wherever they
// were moved to. Libraries and locales that the server's environment names are among them: of naap's own those that a
// program may come from.
func installation(b Binaries, environ []string) []string {
	dirs := []string{b.Dir}
	dirs = append(dirs, say.Each([]string{"lib", "lib64", "share"}, func(name string) string { return filepath.Join(filepath.Dir(b.Dir), name) })...)
	for _, name := range []string{"LD_LIBRARY_PATH", "LOCPATH"} {
		for _, dir := range filepath.SplitList(program.Finder{Environ: environ}.Getenv(name)) {
			if filepath.IsAbs(dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// allow permits what lies at and below a path; one that is not there permits nothing.
func allow(ruleset int, path string, access uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if e != 0 {
		return &os.PathError{Op: "landlock_add_rule", Path: path, Err: e}
	}
	return nil
}

// Sockets are refused but for the network's. A socket of the file system would lead to the developer's own agents: the
// session bus, which starts programs, ssh's and gpg's keys, Docker.
var families = []uint32{unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK}

// refusedCalls are the system calls that Landlock lets pass though they reach another's files or secrets: modes, owners and
// access lists of any file of the same user; io_uring, which makes sockets past this filter; the user's keys.
var refusedCalls = append([]uint32{
	unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT,
	unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
}, refusedHere...)

// Offsets in struct seccomp_data, of linux/seccomp.h; the low half of the first argument on a little-endian machine.
const (
	dataNumber = 0
	dataArch   = 4
	dataFirst  = 16
)

// restrictCalls puts the filter of system calls on the thread. A call of another architecture, which counts them otherwise,
// is refused whatever it is.
func restrictCalls() error {
	program := callFilter()
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, e := unix.Syscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(program)
	if e != 0 {
		return os.NewSyscallError("prctl(PR_SET_SECCOMP)", e)
	}
	return nil
}

func callFilter() []unix.SockFilter {
	const (
		load    = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		greater = unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K
		ret     = unix.BPF_RET | unix.BPF_K
	)
	no := func(e unix.Errno) unix.SockFilter {
		return unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ERRNO | uint32(e)}
	}
	yes := unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ALLOW}
	p := []unix.SockFilter{
		{Code: load, K: dataArch}, {Code: equal, K: auditArch, Jt: 1}, no(unix.EPERM),
		{Code: load, K: dataNumber}, {Code: greater, K: lastCall, Jf: 1}, no(unix.ENOSYS),
	}
	for _, call := range refusedCalls {
		p = append(p, unix.SockFilter{Code: equal, K: call, Jf: 1}, no(unix.EPERM))
	}
	p = append(p, unix.SockFilter{Code: equal, K: unix.SYS_SOCKET, Jt: 2}, unix.SockFilter{Code: equal, K: unix.SYS_SOCKETPAIR, Jt: 1}, yes,
		unix.SockFilter{Code: load, K: dataFirst})
	for _, family := range families {
		p = append(p, unix.SockFilter{Code: equal, K: family, Jf: 1}, yes)
	}
	return append(p, no(unix.EAFNOSUPPORT))
}

// isConfined reports whether a server that runs is confined: one that an older naap started is not.
func isConfined(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && strings.Contains(string(status), "\nNoNewPrivs:\t1\n") && strings.Contains(string(status), "\nSeccomp:\t2\n")
}
