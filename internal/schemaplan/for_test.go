package schemaplan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// A document has the ways out as they are printed: for its target, and without a person's consent for an agent.
func TestTheWaysOutInADocumentAreThoseOfItsTarget(t *testing.T) {
	ways := []remedy.Advice{remedy.Again("dev push", "--accept-data-loss"), remedy.Words("make it optional")}
	plan := &Plan{Steps: []*Step{{Blocked: &block{Why: "b", Ways: ways}}}, HeldBack: []*Step{{Held: &heldReason{Why: "h", Ways: ways}}, {}}}
	target := remedy.Target{Dir: "/w", Unattended: "a CI", Confirms: func(_, flag string) bool { return flag == "accept-data-loss" }}
	text, err := json.Marshal(plan.For(target))
	if err != nil || strings.Contains(string(text), "--accept") || strings.Count(string(text), "(naap -C /w dev push)") != 2 {
		t.Errorf("%v %s", err, text)
	}
	target.Unattended = ""
	if text, _ = json.Marshal(plan.For(target)); strings.Count(string(text), `"naap -C /w dev push --accept-data-loss","make it optional"`) != 2 {
		t.Errorf("%s", text)
	}
	if text, _ = json.Marshal((&Plan{}).For(target)); !strings.Contains(string(text), `"steps":[]`) {
		t.Errorf("a list without steps is %s", text)
	}
}
