package migrate

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestLinesAreThoseOfTheServersPositions(t *testing.T) {
	const text = "a\r\nä b\n\n  c;"
	list := linesOf(text)
	for offset := range len(text) + 1 {
		line, start := list.at(offset)
		if want := postgres.PositionAt(text, offset); line != want.Line || start > offset {
			t.Errorf("offset %d is in line %d from %d, and not %d", offset, line, start, want.Line)
		}
	}
}
