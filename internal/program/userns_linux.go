package program

import (
	"os"
	"strconv"
	"strings"
	"sync"
)

// unmapped reports whether a uid stands for those that this user namespace does not know: the system's files have it
// there, and nobody in it can become that user (user_namespaces(7)).
func unmapped(uid int) bool { return uid == int(overflow()) }

// overflow returns that uid, or root's, which is trusted anyway, outside of such a namespace.
var overflow = sync.OnceValue(func() uint32 {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return 0
	}
	return overflowIn(string(text), func() string {
		text, _ := os.ReadFile("/proc/sys/kernel/overflowuid")
		return string(text)
	})
})

func overflowIn(uidMap string, number func() string) uint32 {
	if f := strings.Fields(uidMap); len(f) == 3 && f[0] == "0" && f[1] == "0" && f[2] == "4294967295" {
		return 0 // every uid is known
	}
	n, err := strconv.ParseUint(strings.TrimSpace(number()), 10, 32)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(uidMap) {
		var f [3]uint64
		for i, word := range strings.Fields(line) {
			if i < len(f) {
				f[i], _ = strconv.ParseUint(word, 10, 64)
			}
		}
		if n >= f[0] && n < f[0]+f[2] {
			return 0 // it is a user of this namespace: someone may be that user
		}
	}
	return uint32(n)
}
