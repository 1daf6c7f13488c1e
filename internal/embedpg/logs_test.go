package embedpg

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/server"
)

// logged is an engine with a log of its own making.
func logged(t *testing.T, text string) *Engine {
	t.Helper()
	e := &Engine{at: layout{t.TempDir()}}
	if err := os.MkdirAll(filepath.Dir(e.at.logFile()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.at.logFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLogsGivesTheLastLines(t *testing.T) {
	var long strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&long, "line %d\n", i)
	}
	for _, c := range []struct {
		text, want string
		tail       int
	}{
		{"a\nb\nc\n", "b\nc\n", 2},
		{"a\nb\nc", "b\nc", 2},
		{"a\nb\nc\n", "a\nb\nc\n", 3},
		{"a\nb\nc\n", "a\nb\nc\n", 100},
		{"a\nb\nc\n", "a\nb\nc\n", -1},
		{"a\nb\nc\n", "", 0},
		{"", "", 5},
		{"\n\n\n", "\n\n", 2},
		{long.String(), "line 19999\n", 1},
		{long.String(), long.String()[strings.Index(long.String(), "line 5000\n"):], 15000},
	} {
		var got strings.Builder
		err := logged(t, c.text).Logs(context.Background(), &got, server.LogOptions{Tail: c.tail})
		if err != nil || got.String() != c.want {
			t.Errorf("the last %d of %.20q: %.40q (%d bytes), %v", c.tail, c.text, got.String(), got.Len(), err)
		}
	}
}

func TestAServerThatNeverStartedHasAnEmptyLog(t *testing.T) {
	var got strings.Builder
	err := (&Engine{at: layout{t.TempDir()}}).Logs(context.Background(), &got, server.LogOptions{Tail: -1})
	if err != nil || got.Len() != 0 {
		t.Errorf("%q, %v", got.String(), err)
	}
}

func TestLogsFollowsThroughATrim(t *testing.T) {
	e := logged(t, strings.Repeat("old\n", maxLog/4+1))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, w := io.Pipe()
	go func() { w.CloseWithError(e.Logs(ctx, w, server.LogOptions{Tail: 1, Follow: true})) }()
	defer r.Close()
	next := func(want string) {
		t.Helper()
		buf := make([]byte, len(want))
		if _, err := io.ReadFull(r, buf); err != nil || string(buf) != want {
			t.Fatalf("got %q, %v; want %q", buf, err, want)
		}
	}
	write := func(text string) {
		t.Helper()
		f, err := os.OpenFile(e.at.logFile(), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	next("old\n")
	write("one\n")
	next("one\n")
	if err := e.trimLog(); err != nil {
		t.Fatal(err)
	}
	write("two\n")
	next("two\n")
	if info, err := os.Stat(e.at.logFile()); err != nil || info.Size() != 4 {
		t.Errorf("the trimmed log has %d bytes, %v", info.Size(), err)
	}
	if info, err := os.Stat(e.at.oldLogFile()); err != nil || info.Size() > keepLog || info.Size() < keepLog/2 {
		t.Errorf("the old log has %d bytes, %v", info.Size(), err)
	}
}
