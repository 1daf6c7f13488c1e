package devenv

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

func TestDoctorFindsLittleDiskAndMemory(t *testing.T) {
	d := testEnv(t, nil, "NAAP_INSTANCE=two").newDoctor()
	d.diskFree = func(string) (int64, bool) { return leastDisk - 1, true }
	d.memory = func() (int64, int64, bool) { return 8 << 30, 200 << 20, true }
	d.checkMachine()
	says(t, finding(t, d.findings, "disk", Warning), "2.1 GB free", "naap dev snapshot list")
	says(t, finding(t, d.findings, "memory", Warning), "209.7 MB available of 8.6 GB", "naap dev down")
	d.findings = nil
	d.diskFree = func(string) (int64, bool) { return leastDisk, true }
	d.memory = func() (int64, int64, bool) { return 8 << 30, 4 << 30, true }
	d.checkMachine()
	none(t, d.findings, "disk")
	none(t, d.findings, "memory")
}

func TestDoctorTellsTheToolsVersions(t *testing.T) {
	bin := t.TempDir()
	scripttest.Write(t, filepath.Join(bin, "node"), "echo v20.1.2")
	scripttest.Write(t, filepath.Join(bin, "npm"), "exit 3")
	d := testEnv(t, nil, "NAAP_INSTANCE=two").newDoctor()
	t.Setenv("PATH", bin)
	d.checkTools(t.Context())
	if f := finding(t, d.findings, "tools", Fine); f.Title != "node v20.1.2" {
		t.Errorf("got %+v", f)
	}
	says(t, finding(t, d.findings, "tools", Warning), "exit status 3", "npm --version")
	if err := os.Remove(filepath.Join(bin, "npm")); err != nil {
		t.Fatal(err)
	}
	d.findings = nil
	d.checkTools(t.Context())
	if f := finding(t, d.findings, "tools", Notable); f.Title != "npm is not on the PATH" {
		t.Errorf("got %+v", f)
	}
}

func TestDoctorComparesPrismasVersions(t *testing.T) {
	e := testEnv(t, map[string]string{"naap.toml": "schema = \"schema.prisma\"\n", "schema.prisma": doctorSchema})
	install := func(name, version string) {
		file := filepath.Join(e.ws.Root, "node_modules", filepath.FromSlash(name), "package.json")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(`{"version": "`+version+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install("prisma", "5.20.0")
	install("@prisma/client", "5.22.0")
	d := e.newDoctor()
	d.checkPrisma()
	says(t, finding(t, d.findings, "prisma", Warning), "prisma 5.20.0", "@prisma/client 5.22.0", "npm install prisma@5.22.0")
	install("prisma", "5.22.0")
	d.findings = nil
	d.checkPrisma()
	none(t, d.findings, "prisma")
}

func TestDoctorFindsWhoHasThePort(t *testing.T) {
	pgtest.URL(t) // the embedded engine's programs are on this machine
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	e := testEnv(t, nil, "NAAP_INSTANCE=two", "NAAP_ENGINE=embedded", fmt.Sprintf("NAAP_PORT=%d", l.Addr().(*net.TCPAddr).Port))
	says(t, finding(t, e.Doctor(t.Context()), "port", Broken), fmt.Sprintf("pid %d", os.Getpid()), "naap dev ")
}

func TestDoctorFindsAnotherServerThanNaapStarted(t *testing.T) {
	e := testEnv(t, nil, "NAAP_INSTANCE=two")
	if err := writeRecord(e.stateDir(), record{Engine: "embedded", Port: 5432, Identity: "naap:two:abc"}); err != nil {
		t.Fatal(err)
	}
	d := e.newDoctor()
	d.checkIdentity(postgres.ServerInfo{ClusterName: "main"})
	says(t, finding(t, d.findings, "identity", Broken), `"main"`, "naap:two:abc", "naap dev ")
	d.findings = nil
	d.checkIdentity(postgres.ServerInfo{ClusterName: "naap:two:abc"})
	none(t, d.findings, "identity")
}
