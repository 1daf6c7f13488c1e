package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// watched runs a command to its end, and returns its peak memory in MB as well, where the system reports it. What it
// says of a process that has ended includes the memory of the one that started it, so that it is read while it runs. The
// command must succeed, or end with one of the statuses.
func watched(b *testing.B, c *exec.Cmd, allowed ...int) (took effort, peak int64) {
	b.Helper()
	var said bytes.Buffer
	if c.Stderr = &said; c.Stdout == nil {
		c.Stdout = &said
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			took = effort{time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
			if err != nil && !slices.Contains(allowed, c.ProcessState.ExitCode()) {
				b.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, &said)
			}
			return took, peak
		case <-tick.C:
			peak = max(peak, memoryOf(strconv.Itoa(c.Process.Pid), "VmHWM:"))
		}
	}
}

// memoryOf returns one of the measures of a process's memory, in MB.
func memoryOf(pid, measure string) int64 {
	text, _ := os.ReadFile("/proc/" + pid + "/status")
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == measure {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n / 1024
		}
	}
	return 0
}

// noteMemory adds a line to the table. Its columns are for times, so memory and aim are in the name.
func noteMemory(of string, memory, most int64) {
	first, known := lookUp(of)
	line := fmt.Sprintf("%s: resident memory at most %d MB (aim ≤ %d MB, met: %s)", of, memory, most, yesNo(memory <= most))
	if _, twice := lookUp(line); twice || !known || memory == 0 { // 0 where the system does not report it
		return
	}
	finished.Lock()
	defer finished.Unlock()
	finished.list = append(finished.list, measured{name: line, naap: first.naap, load: first.load})
}

func TestMemoryAndItsAimAreInTheTable(t *testing.T) {
	before := finished.list
	defer func() { finished.list = before }()
	finished.list = []measured{{name: "rows", naap: series{{wall: time.Second}}, load: [2]string{"1", "2"}}}
	noteMemory("rows", 57, 150)
	noteMemory("rows", 151, 150)
	var out strings.Builder
	printTable(&out, finished.list)
	for _, want := range []string{"57 MB (aim ≤ 150 MB, met: yes)", "151 MB (aim ≤ 150 MB, met: no)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nwant %q in it", &out, want)
		}
	}
}
