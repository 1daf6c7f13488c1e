package engine

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"
)

// noProcesses is why the embedded server's process cannot be watched; "" where it can.
const noProcesses Reason = ""

// clockTick is the unit in which the kernel tells processor time; every architecture has it at 100 a second.
const clockTick = 10 * time.Millisecond

// processStat is the fields of /proc/PID/stat from the state on: the name before it may hold blanks.
func processStat(pid int) []string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// processPaused reports whether a process is stopped by a signal; ok is false where there is none that lives.
func processPaused(pid int) (paused, ok bool) {
	f := processStat(pid)
	if len(f) == 0 || f[0] == "Z" || f[0] == "X" {
		return false, false
	}
	return f[0] == "T", true
}

// children are a process's children; none where the kernel does not say.
func children(pid int) (pids []int) {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + strconv.Itoa(pid) + "/children")
	for _, field := range strings.Fields(string(text)) {
		if n, err := strconv.Atoi(field); err == nil {
			pids = append(pids, n)
		}
	}
	return pids
}

// processTime is the processor time of a process, of its children, and of those that have ended.
func processTime(pid int) (total time.Duration, ok bool) {
	all := children(pid) // first: one that ends meanwhile counts among those that have ended
	f := processStat(pid)
	if len(f) < 15 {
		return 0, false
	}
	total = ticks(f[11:15])
	for _, child := range all {
		if f := processStat(child); len(f) >= 13 {
			total += ticks(f[11:13])
		}
	}
	return total, true
}

func ticks(fields []string) (sum time.Duration) {
	for _, f := range fields {
		n, _ := strconv.ParseInt(f, 10, 64)
		sum += time.Duration(n) * clockTick
	}
	return sum
}

// processMemory is what a process and its children hold of memory for themselves alone, in bytes; 0 where unknown.
func processMemory(pid int) int64 {
	total := ownMemory(pid)
	for _, child := range children(pid) {
		total += ownMemory(child)
	}
	return total
}

// ownMemory is a process's anonymous memory: pages of shared memory would be counted once for each that uses them.
func ownMemory(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "RssAnon:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			return kib << 10
		}
	}
	return 0
}
