package remedy

import (
	"os/exec"
	"testing"
)

func TestAShellTakesAWordAsItIs(t *testing.T) {
	for _, word := range []string{"", "plain", "naap-db-data", "/a b/c", "it's", "$HOME", "`id`", `a\b`, `"`, "~", "#", "a\nb", "é", "*"} {
		out, err := exec.Command("sh", "-c", "printf %s "+ShellWord(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q becomes %s, which is %q, %v", word, ShellWord(word), out, err)
		}
	}
	if got := ShellWord("naap-db-data_1.x:/@=,+%"); got != "naap-db-data_1.x:/@=,+%" {
		t.Errorf("quoted without need: %s", got)
	}
}
