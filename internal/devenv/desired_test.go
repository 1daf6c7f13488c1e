package devenv

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

func TestThePrismaFileIsReadAgainOnlyWhenItsTextChanges(t *testing.T) {
	var c desiredCache
	reads := 0
	read := func(sources []prisma.Source, _ schemaplan.External) wanted {
		reads++
		return wanted{skip: sources[0].Text}
	}
	for _, text := range []string{"a", "a", "b", "b", "a"} {
		if got := c.of([]prisma.Source{{Name: "schema.prisma", Text: text}}, schemaplan.External{}, read); got.skip != text {
			t.Errorf("of %q it says %q", text, got.skip)
		}
	}
	if reads != 3 {
		t.Errorf("it was read %d times, want 3", reads)
	}
}
