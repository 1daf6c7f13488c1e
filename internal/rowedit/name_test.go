package rowedit

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestWhatARowIsCalledIsNoKeyAndNoSecret(t *testing.T) {
	for columns, want := range map[string]string{
		"creatorId requesterName summary": "requesterName",
		"note title":                      "title",
		"tokenHash userId note":           "note",
		"token user_id passwordHash":      "",
		"paid":                            "paid",
		"contactEmail about":              "contactEmail",
	} {
		var list []postgres.Column
		for _, name := range strings.Fields(columns) {
			list = append(list, postgres.Column{Name: name, Kind: postgres.TextKind})
		}
		if is := NameColumn(list); is != want {
			t.Errorf("of %s: %q, want %q", columns, is, want)
		}
	}
}
