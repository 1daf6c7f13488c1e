package gitignore

import (
	"strings"
	"testing"
)

// These come to the same place by more ways than a test's deadline would stand.
func TestHostilePatternsAreMatchedInTime(t *testing.T) {
	long, deep := strings.Repeat("a", 120), strings.Repeat("a/", 60)+"c"
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{strings.Repeat("a*", 30) + "b", long, false},
		{strings.Repeat("**/", 200) + "x", deep, false},
		{strings.Repeat("**/", 200) + "c", deep, true},
		{strings.Repeat("**/a*/", 30) + "b", deep, false},
		{strings.Repeat("**/*a*/", 20) + "*/c", deep, true},
		{strings.Repeat("*", 1000) + "b", long, false},
		{strings.Repeat("[a-", 1000), long, false},
	} {
		if got := wildmatch(c.pattern, c.text); got != c.want {
			t.Errorf("%.40s… matches: %v", c.pattern, got)
		}
	}
}
