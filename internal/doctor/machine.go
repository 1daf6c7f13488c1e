package doctor

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

var diskCheck = check{nothing, func(_ context.Context, l *look) {
	dir := l.StateDir()
	if free, ok := l.diskFree(dir); ok {
		l.disk(free, dir)
	}
}}

// leastDisk is enough space for a push, a snapshot or an image.
const leastDisk = 2 << 30

// disk judges the free space where a folder is, of this machine or of the container.
func (l *look) disk(free int64, where string) {
	seen := fmt.Sprintf("%s free where %s is", say.Bytes(free), where)
	if free < leastDisk {
		l.add("disk", remedy.Warning, "The disk is nearly full", []string{seen}, l.hints().Disk, remedy.Naap("dev snapshot list"), remedy.Naap("dev undo", "--list"))
		return
	}
	l.fine("disk", "Disk space", seen)
}

var memoryCheck = check{nothing, func(_ context.Context, l *look) {
	total, available, ok := l.memory()
	if !ok {
		return
	}
	seen := []string{fmt.Sprintf("%s available of %s", say.Bytes(available), say.Bytes(total))}
	if available < 256<<20 {
		l.add("memory", remedy.Warning, "Little memory is left", seen, remedy.Naap("dev down").Note("the data stay"), l.hints().Memory)
		return
	}
	l.fine("memory", "Memory", seen...)
}}
