package draw

import (
	"unicode"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// own are the sequences that a Canvas writes: styles and columns.
var own = lazy.Regexp{Text: "\x1b\\[[0-9;]*m|\x1b\\[[0-9]+G"}

// Foreign finds in a line of a frame what would command a terminal and was not written by a Canvas: "" if there is
// nothing. Tests of everything that is drawn use it.
func Foreign(line string) string {
	for _, r := range own.Get().ReplaceAllString(line, "") {
		if string(r) == leftToRight || r == 0x200c || r == 0x200d {
			continue
		}
		if unicode.In(r, unicode.Cc, unicode.Cf) || r == 0x2028 || r == 0x2029 {
			return string(r)
		}
	}
	return ""
}
