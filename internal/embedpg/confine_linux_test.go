//go:build linux && (amd64 || arm64)

package embedpg

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/usertest"
)

func needConfinement(t *testing.T) {
	t.Helper()
	if !CanConfine() {
		t.Skipf("this kernel has Landlock's interface %d, and %d is needed", landlockVersion(), minLandlock)
	}
}

// escapes are ways of native code out of a process to what belongs to the user whom it runs as. Each is tried by a process
// that may do it, and by one that is confined.
var escapes = []struct {
	name string
	try  func(at place) error
}{
	{"read a file", func(at place) error { _, err := os.ReadFile(at.secret()); return err }},
	{"list a folder", func(at place) error { _, err := os.ReadDir(at.home); return err }},
	{"write a file", func(at place) error { return os.WriteFile(at.path("new"), nil, 0o600) }},
	{"append to a file", func(at place) error { return appendTo(at.secret()) }},
	{"truncate a file", func(at place) error { return os.Truncate(at.secret(), 1) }},
	{"remove a file", func(at place) error { return os.Remove(at.path("victim")) }},
	{"rename a file", func(at place) error { return os.Rename(at.path("victim2"), at.path("victim3")) }},
	{"bring a file in", func(at place) error { return os.Link(at.secret(), filepath.Join(at.data, "linked")) }},
	{"read through a link", func(at place) error {
		link := filepath.Join(at.data, "link")
		os.Remove(link)
		if err := os.Symlink(at.secret(), link); err != nil {
			return nil // as good as through
		}
		_, err := os.ReadFile(link)
		return err
	}},
	{"make a folder", func(at place) error { return os.Mkdir(at.path("folder"), 0o700) }},
	{"open it to others", func(at place) error { return os.Chmod(at.secret(), 0o644) }},
	{"open it to others, by its newer call", func(at place) error {
		p, _ := unix.BytePtrFromString(at.secret())
		return call(unix.SYS_FCHMODAT2, atCwd, ptr(p), 0o644, 0)
	}},
	{"give it away", func(at place) error { return os.Chown(at.secret(), os.Getuid(), os.Getgid()) }},
	{"give it an attribute, which access lists are", func(at place) error { return unix.Setxattr(at.secret(), "user.x", []byte("y"), 0) }},
	{"another's environment", func(at place) error {
		_, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", at.other))
		return err
	}},
	{"another's memory", func(at place) error { return unix.PtraceSeize(at.other) }},
	{"an agent's socket", func(at place) error { return dial(at.path("agent")) }},
	{"an agent's abstract socket", func(at place) error { return dial("@" + at.abstract) }},
	{"a pair of sockets, which can be sent from", func(place) error {
		_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
		return err
	}},
	{"io_uring", func(place) error {
		var params [120]byte
		fd, _, e := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, ptr(&params[0]), 0)
		if e == 0 {
			unix.Close(int(fd))
			return nil
		}
		return e
	}},
	{"the user's keys", func(place) error { _, err := unix.KeyctlGetKeyringID(unix.KEY_SPEC_USER_KEYRING, true); return err }},
	{"run what it wrote", func(at place) error {
		script := filepath.Join(at.data, "script")
		if err := os.WriteFile(script, []byte("#!/bin/sh\ntrue\n"), 0o755); err != nil {
			return nil
		}
		return exec.Command(script).Run()
	}},
	{"read through a program", func(at place) error { return exec.Command("/bin/sh", "-c", "cat "+at.secret()).Run() }},
	{"rights of another user's program", func(place) error {
		status, _ := os.ReadFile("/usr/bin/../bin/../../proc/self/status")
		if strings.Contains(string(status), "NoNewPrivs:\t0") {
			return nil
		}
		return errors.New("no new rights")
	}},
}

// place is what belongs to the user: a folder, a process, sockets.
type place struct {
	home, data, abstract string
	other                int
}

func (p place) path(name string) string { return filepath.Join(p.home, name) }
func (p place) secret() string          { return p.path("secret") }

func appendTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		f.Close()
	}
	return err
}

func dial(address string) error {
	conn, err := net.Dial("unix", address)
	if err == nil {
		conn.Close()
	}
	return err
}

func TestNativeCodeInAConfinedServerReachesNothingOfThePersons(t *testing.T) {
	if os.Getenv("EMBEDPG_ESCAPE") != "" {
		tryEscapes()
		return
	}
	needConfinement(t)
	person := usertest.Other(t) // root's own rights would hide what a person may not do anyway
	if out := escapesOf(t, person, false); strings.Count(out, "THROUGH ") != len(escapes) {
		t.Errorf("without confinement some ways are closed, so that they prove nothing:\n%s", out)
	}
	out := escapesOf(t, person, true)
	if strings.Count(out, "CLOSED ") != len(escapes) || strings.Contains(out, "THROUGH ") {
		t.Errorf("confined:\n%s", out)
	}
	if landlockVersion() >= 6 && !strings.Contains(out, "SIGNAL operation not permitted") {
		t.Errorf("another process of the user gets its signals:\n%s", out)
	}
}

// escapesOf has the person's program start a confined one that tries all ways.
func escapesOf(t *testing.T, person *usertest.Account, confined bool) string {
	t.Helper()
	cmd := person.Again(t.Name(), "EMBEDPG_ESCAPE=person", "EMBEDPG_CONFINED="+strconv.FormatBool(confined))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// tryEscapes is both programs: the person's, which lays out what is to be protected, and the one that it starts.
func tryEscapes() {
	at := place{home: filepath.Join(os.Getenv("HOME"), "own"), data: filepath.Join(os.Getenv("HOME"), "data"), other: os.Getppid()}
	at.abstract = "naap-test-" + filepath.Base(os.Getenv("HOME"))
	if os.Getenv("EMBEDPG_ESCAPE") == "inside" {
		for _, e := range escapes {
			if err := e.try(at); err != nil {
				fmt.Printf("CLOSED %s: %v\n", e.name, err)
			} else {
				fmt.Printf("THROUGH %s\n", e.name)
			}
		}
		fmt.Println("SIGNAL", unix.Kill(at.other, 0))
		return
	}
	os.RemoveAll(at.home)
	os.RemoveAll(at.data)
	must(errors.Join(os.Mkdir(at.home, 0o700), os.Mkdir(at.data, 0o700)))
	for _, name := range []string{"secret", "victim", "victim2"} {
		must(os.WriteFile(at.path(name), []byte("text"), 0o600))
	}
	for _, address := range []string{at.path("agent"), "@" + at.abstract} {
		l, err := net.Listen("unix", address)
		must(err)
		defer l.Close()
	}
	_ = unix.Prctl(unix.PR_SET_PTRACER, ^uintptr(0), 0, 0, 0) // where Yama would close that way too; without it this fails
	self, err := os.Executable()
	must(err)
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), "EMBEDPG_ESCAPE=inside")
	log, err := os.Create(filepath.Join(os.Getenv("HOME"), "out"))
	must(err)
	cmd.Stdout, cmd.Stderr = log, log
	if os.Getenv("EMBEDPG_CONFINED") == "true" {
		must(startConfined(cmd, Binaries{Dir: filepath.Dir(self)}, at.data))
	} else {
		must(cmd.Start())
	}
	err = cmd.Wait()
	text, _ := os.ReadFile(log.Name())
	fmt.Print(string(text))
	must(err)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TestAStrangerWithThePublicPasswordIsNotThePerson is the attack on a shared machine: another user logs in as the
// superuser, whose password everybody knows, and has the server write into the person's home and open it.
func TestAStrangerWithThePublicPasswordIsNotThePerson(t *testing.T) {
	switch os.Getenv("EMBEDPG_ACT") {
	case "person":
		actAsPerson(t)
		return
	case "stranger":
		actAsStranger(t)
		return
	}
	needConfinement(t)
	two := usertest.Others(t, 2)
	person, stranger := two[0], two[1]
	bin, err := found()
	if err != nil {
		t.Fatal(err)
	}
	for _, unconfined := range []bool{true, false} {
		home := person.Dir("person")
		if err := os.WriteFile(filepath.Join(home, "secret"), []byte("the person's secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		person.Own(home)
		env := []string{
			"EMBEDPG_PORT=" + strconv.Itoa(porttest.Free()), "EMBEDPG_BIN=" + bin, "EMBEDPG_HOME=" + home,
			"EMBEDPG_UNCONFINED=" + strconv.FormatBool(unconfined),
		}
		act := func(who *usertest.Account, as ...string) string {
			out, err := who.Again(t.Name(), append(env, as...)...).CombinedOutput()
			if err != nil {
				t.Fatalf("%s: %v\n%s", as, err, out)
			}
			return string(out)
		}
		act(person, "EMBEDPG_ACT=person", "EMBEDPG_DO=start")
		out := act(stranger, "EMBEDPG_ACT=stranger")
		act(person, "EMBEDPG_ACT=person", "EMBEDPG_DO=stop")
		left, err := os.ReadDir(home)
		if err != nil {
			t.Fatal(err)
		}
		wrote, read := len(left) > 1, strings.Contains(out, "the person's secret")
		if !strings.Contains(out, "LOGGED IN") || wrote != unconfined || read != unconfined {
			t.Errorf("unconfined %t: the stranger wrote %t, read %t; in the home: %v\n%s", unconfined, wrote, read, left, out)
		}
	}
}

func actAsPerson(t *testing.T) {
	port, _ := strconv.Atoi(os.Getenv("EMBEDPG_PORT"))
	e, err := New(Options{Dir: filepath.Join(os.Getenv("HOME"), "pg"+os.Getenv("EMBEDPG_UNCONFINED")), Search: Search{Bin: os.Getenv("EMBEDPG_BIN")}})
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("EMBEDPG_DO") == "stop" {
		if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
		return
	}
	unconfined := os.Getenv("EMBEDPG_UNCONFINED") == "true"
	at := ensure(t, e, Spec{Wanted: server.Wanted{Instance: "test", Port: port, PortPinned: true, Password: testPassword}, Unconfined: unconfined})
	if s, err := e.Describe(); err != nil || at.RunsAsYou != unconfined || s.Server.Confined == unconfined {
		t.Fatalf("%+v, %+v, %v", at, s.Server, err)
	}
}

func actAsStranger(t *testing.T) {
	ctx, home := context.Background(), os.Getenv("EMBEDPG_HOME")
	port, _ := strconv.Atoi(os.Getenv("EMBEDPG_PORT"))
	conn, err := postgres.Connect(ctx, testURL(port, "naap", testPassword), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{
		"COPY (SELECT 1) TO PROGRAM 'id > " + home + "/by-program'",
		"COPY (SELECT 1) TO PROGRAM 'chmod 755 " + home + "; chmod 644 " + home + "/secret'",
		"COPY (SELECT 1) TO '" + home + "/by-copy'",
		"SELECT lo_from_bytea(7, 'x')", "SELECT lo_export(7, '" + home + "/by-copy')",
		"ALTER SYSTEM SET archive_mode = on", "ALTER SYSTEM SET archive_command = 'id > " + home + "/by-program'",
		"SET log_statement = 'all'", "ALTER SYSTEM SET log_directory = '" + home + "'",
		"CREATE TABLESPACE t LOCATION '" + home + "'",
	} {
		_, err := conn.Exec(ctx, sql)
		fmt.Println(sql, "→", err)
	}
	var text string
	err = conn.QueryRow(ctx, "SELECT pg_read_file('"+home+"/secret')").Scan(&text)
	fmt.Println("LOGGED IN", text, err)
	err = conn.QueryRow(ctx, "SELECT string_agg(f, ' ') FROM pg_ls_dir('"+home+"') f").Scan(&text)
	fmt.Println(text, err)
}

// TestAConfinedServerStillRunsProgramsAndWritesItsData is what the confinement leaves: as in a container.
func TestAConfinedServerStillRunsProgramsAndWritesItsData(t *testing.T) {
	needConfinement(t)
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	for _, sql := range []string{
		"CREATE TABLE t AS SELECT generate_series(1, 100000) AS x",
		"COPY t TO PROGRAM 'gzip -c > ''" + filepath.Join(e.at.data(), "t.gz") + "'''",
		"COPY (SELECT 1) TO '" + filepath.Join(e.at.data(), "one.csv") + "'",
		"CREATE EXTENSION pg_trgm", "CREATE EXTENSION pg_stat_statements", "CREATE EXTENSION dblink",
		"SET max_parallel_workers_per_gather = 4", "SET parallel_setup_cost = 0", "SET parallel_tuple_cost = 0", "SET min_parallel_table_scan_size = 0",
		"VACUUM FULL t", "CREATE INDEX ON t (x)", "CHECKPOINT", "SELECT pg_switch_wal()", "ALTER SYSTEM SET work_mem = '8MB'", "SELECT pg_reload_conf()",
		"CREATE DATABASE other TEMPLATE template0 STRATEGY FILE_COPY", "DROP DATABASE other",
	} {
		query(t, spec.Port, sql)
	}
	got := query(t, spec.Port, "SELECT count(*) FROM dblink('host=127.0.0.1 port="+strconv.Itoa(spec.Port)+" user=postgres dbname=naap password="+
		"''"+testPassword+"''"+"', 'SELECT x FROM t') AS d(x int)")
	if got != "100000" {
		t.Errorf("over dblink there are %s rows", got)
	}
}

// atCwd is AT_FDCWD as a system call takes it.
const atCwd = ^uintptr(99)

func call(number, a, b, c, d uintptr) error {
	if _, _, e := unix.Syscall6(number, a, b, c, d, 0, 0); e != 0 {
		return e
	}
	return nil
}

func ptr(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

// A folder of the repository's in naap's own LD_LIBRARY_PATH is not the server's, nor is the whole disk.
func TestTheServerReadsTheLibrariesThatItIsTold(t *testing.T) {
	t.Setenv("LD_LIBRARY_PATH", "/:/repository/lib")
	got := installation(Binaries{Dir: "/pg/bin"}, []string{"PATH=/usr/bin", "LD_LIBRARY_PATH=/told:relative:", "LOCPATH=/locales"})
	if want := []string{"/pg/bin", "/pg/lib", "/pg/lib64", "/pg/share", "/told", "/locales"}; !slices.Equal(got, want) {
		t.Errorf("it reads %q, want %q", got, want)
	}
}
