package tui

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

// twoErrors is a log of two sessions that write at the same time.
const twoErrors = `2025-03-14 13:58:40.000 UTC [71] ERROR:  duplicate key value violates unique constraint "User_pkey"
2025-03-14 13:58:40.000 UTC [72] LOG:  duration: 3.1 ms  statement: SELECT 'ERROR:  none'
2025-03-14 13:58:40.000 UTC [71] DETAIL:  Key (id)=(7) already exists.
2025-03-14 13:58:40.000 UTC [71] STATEMENT:  INSERT INTO "User"
	VALUES (7)
	-- WARNING:  a comment
2025-03-14 13:58:41.000 UTC [73] WARNING:  there is already a transaction
2025-03-14 13:58:42.000 UTC [74] ERROR:  relation "nowhere" does not exist at character 15
2025-03-14 13:58:42.000 UTC [74] STATEMENT:  SELECT * FROM nowhere`

func TestAnEntryOfTheLogStaysTogether(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 160, 45)
	d.press(":", "type:logs", "enter")
	d.app.live.Log, d.app.live.LogMarks, d.app.live.LogTotal, d.app.live.LogReads = nil, nil, 0, screen.LogReader{}
	var lines []string
	for line := range strings.SplitSeq(twoErrors, "\n") {
		lines = append(lines, line)
	}
	d.app.logged(lines)
	var roles []draw.Role
	for _, m := range d.app.live.LogMarks {
		roles = append(roles, m.Role)
	}
	want := []draw.Role{draw.Bad, draw.Plain, draw.Bad, draw.Bad, draw.Bad, draw.Bad, draw.Warn, draw.Bad, draw.Bad}
	for i, r := range want {
		if roles[i] != r {
			t.Errorf("line %d has the role %v, and not %v: %s", i, roles[i], r, lines[i])
		}
	}
	d.press("/", "type:duplicate", "enter").shows("duplicate key value", "Key (id)=(7)", `INSERT INTO "User"`, "VALUES (7)").hides("duration", "nowhere")
	d.press("/", "ctrl+u", "type:values (7)", "enter").shows("duplicate key value", "Key (id)=(7)", "VALUES (7)").hides("duration", "nowhere")
	d.press("/", "ctrl+u", "type:!duplicate", "enter").hides("duplicate key", "Key (id)=(7)", "VALUES (7)").shows("duration", "nowhere", "STATEMENT")
	d.press("g", "enter").shows("log entry").press("esc", "/", "ctrl+u", "type:key", "enter", "g", "enter").shows("log entry", "DETAIL", "VALUES (7)")
}
