package devenv

import (
	"os"
	"path/filepath"
	"testing"
)

func TestARecordIsReadBackAsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "on", "the", "way")
	want := record{Engine: "docker", Port: 5433, Asked: true, Identity: "naap:x:1", Root: "/somewhere"}
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
	if err := writeRecord(dir, record{Engine: "embedded"}); err != nil {
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
