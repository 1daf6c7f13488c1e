package embedpg

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portOwner finds the process with the listening socket by way of /proc: the port's inode, then who has it open. It
// sees the processes of other users only as root.
func portOwner(port int) PortOwner {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err == nil {
			listeningInodes(string(data), port, inodes)
		}
	}
	if len(inodes) == 0 {
		return PortOwner{}
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && inodes[target] {
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
			return PortOwner{PID: pid, Process: strings.TrimSpace(string(name))}
		}
	}
	return PortOwner{}
}

// listeningInodes collects from a table of sockets those that listen on the port, in the form in which /proc/*/fd names
// them. The columns are those of proc(5): 1 the local address, 3 the state, 9 the inode.
func listeningInodes(table string, port int, into map[string]bool) {
	const listening = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) > 9 && f[3] == listening && strings.HasSuffix(f[1], suffix) {
			into["socket:["+f[9]+"]"] = true
		}
	}
}
