package loopback

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Owners returns the processes that listen on a port of this machine, from /proc. Only root can see other users'
// processes; one that cannot be seen is an entry without a name.
func Owners(port int) []Owner {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		listeningInodes(table, port, inodes)
	}
	if len(inodes) == 0 {
		return nil
	}
	var owners []Owner
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range processes {
		if holdsSocket(dir, inodes) {
			pid, _ := strconv.Atoi(filepath.Base(dir))
			name, _ := os.ReadFile(filepath.Join(dir, "comm"))
			owners = append(owners, Owner{Process: strings.TrimSpace(string(name)), PID: pid})
		}
	}
	return owners
}

// listeningInodes adds the inodes of the sockets that listen on a port. A line is: number, local address, remote
// address, state, …, the inode as the tenth field; state 0A is LISTEN (Documentation/networking/proc_net_tcp.rst).
func listeningInodes(table string, port int, inodes map[string]bool) {
	file, err := os.Open(table)
	if err != nil {
		return
	}
	defer file.Close()
	suffix := fmt.Sprintf(":%04X", port)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == "0A" && strings.HasSuffix(fields[1], suffix) {
			inodes["socket:["+fields[9]+"]"] = true
		}
	}
}

func holdsSocket(dir string, inodes map[string]bool) bool {
	files, err := os.ReadDir(filepath.Join(dir, "fd"))
	if err != nil {
		return false
	}
	for _, f := range files {
		if link, err := os.Readlink(filepath.Join(dir, "fd", f.Name())); err == nil && inodes[link] {
			return true
		}
	}
	return false
}
