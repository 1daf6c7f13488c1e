package engine

import (
	"os"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// What is missing in another Docker engine is not gone: nothing is looked for, stopped or deleted there.
func TestAnotherDockerEngineIsNotTakenForTheInstances(t *testing.T) {
	c := config(t, nil, "NAAP_ENGINE=docker", "NAAP_INSTANCE=elsewhere-test")
	here, _, err := Choose(t.Context(), c)
	if err != nil {
		if os.Getenv("NAAP_TEST_DOCKER") != "required" {
			t.Skip("no Docker engine answers; NAAP_TEST_DOCKER=required makes this a failure")
		}
		t.Fatal(remedy.Text(err))
	}
	here.Close()
	c.Last = Last{Engine: nameDocker, Where: here.Where(), Identity: "naap:x:1"}
	if eng, _, err := Choose(t.Context(), c); err != nil {
		t.Errorf("the engine of the last start is refused: %v", err)
	} else {
		eng.Close()
	}
	c.Last.Where = "unix:///home/other/docker.sock"
	_, _, err = Choose(t.Context(), c)
	text := remedy.Text(err)
	for _, part := range []string{"DOCKER_HOST=unix:///home/other/docker.sock naap", here.Where(), "there is no container naap-elsewhere-test-db", "--name elsewhere-test-docker --engine docker"} {
		if remedy.Code(err) != "engine.elsewhere" || !strings.Contains(text, part) {
			t.Fatalf("it says %s, and not %q", text, part)
		}
	}
}

func TestASocketIsTheSameByALinkToIt(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a.sock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(dir+"/a.sock", dir+"/b.sock"); err != nil {
		t.Skip(err)
	}
	if !sameEndpoint("unix://"+dir+"/a.sock", "unix://"+dir+"/b.sock") || sameEndpoint("unix://"+dir+"/a.sock", "tcp://"+dir+"/b.sock") {
		t.Error("a link to a socket is another engine, or a socket is the same as an address")
	}
}
