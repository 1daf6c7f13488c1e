package devenv

import (
	"os"
	"path/filepath"
	"testing"
)

func TestARecordIsReadBackAsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	want := record{Engine: EngineDocker, Port: 5433, Asked: true, Identity: "naap:x:1", Root: "/somewhere"}
	if err := writeRecord(dir, want); err != nil {
		t.Fatal(err)
	}
	if got := readRecord(dir); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are left, want the record alone", len(files))
	}
}

func TestARecordThatCannotBeReadIsNone(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "{", "[1]", `{"port":"five"}`} {
		if err := os.WriteFile(recordPath(dir), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readRecord(dir); got != (record{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestRemovingARecordThatIsNotThereIsNoError(t *testing.T) {
	dir := t.TempDir()
	if err := writeRecord(dir, record{Engine: EngineEmbedded}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := removeRecord(dir); err != nil {
			t.Error(err)
		}
	}
	if got := readRecord(dir); got != (record{}) {
		t.Errorf("after its removal the record is %+v", got)
	}
}

func TestAPortThatAPersonChoseIsKept(t *testing.T) {
	compose := "services:\n  database:\n    container_name: naap-db\n    image: postgres:16\n    ports: [\"5432:5432\"]\n"
	for _, c := range []struct {
		what string
		rec  record
		env  []string
		want bool
	}{
		{"nothing recorded", record{}, nil, false},
		{"the compose file's port, at the last start as well", record{Port: 5432}, nil, false},
		{"another port, which a person chose", record{Port: 5440, Asked: true}, nil, true},
		{"another port, which the compose file had then", record{Port: 5440}, nil, false},
		{"another instance: the compose file is not about it", record{Port: 5440}, []string{"NAAP_INSTANCE=two"}, true},
		{"another port is chosen now", record{Port: 5440, Asked: true}, []string{"NAAP_PORT=5441"}, false},
	} {
		env := testEnv(t, map[string]string{"docker-compose.yml": compose}, c.env...)
		if got := env.keepsPort(c.rec); got != c.want {
			t.Errorf("%s: kept %v, want %v", c.what, got, c.want)
		}
	}
	plain := testEnv(t, nil)
	if !plain.keepsPort(record{Port: 5440}) {
		t.Error("without a compose file the last start's port is not kept")
	}
}
