package schemaplan

import "testing"

func TestAPlanIsCalledByWhatItDoes(t *testing.T) {
	team := qName{"public", "Team"}
	for _, c := range []struct {
		steps []*Step
		want  string
	}{
		{nil, ""},
		{[]*Step{{Kind: CreateTable, Object: "public.Team"}}, "add Team"},
		{[]*Step{{Kind: CreateSchema, Object: "shop"}, {Kind: CreateTable, Object: "shop.Team"}, {Kind: CreateTable, Object: "shop.Badge"}, {Kind: createIndex, Object: "shop.i"}}, "add Team Badge"},
		{[]*Step{{Kind: "add_column", Object: "public.Team.note", table: team}, {Kind: createIndex, Object: "public.i", table: team}}, "add note to Team"},
		{[]*Step{{Kind: "drop_column", Object: "public.Team.note", table: team}, {Kind: CreateTable, Object: "public.B"}}, "drop note from Team and more"},
		{[]*Step{{Kind: "alter_column", Object: "public.Team.note", table: team}}, "change note of Team"},
		{[]*Step{{Kind: createIndex, Object: "public.Team_note_idx", table: team}}, "add Team_note_idx to Team"},
		{[]*Step{{Kind: DropTable, Object: "public.Team", table: team}}, "drop Team"},
	} {
		if got := (&Plan{Steps: c.steps}).Called(); got != c.want {
			t.Errorf("it is called %q, want %q", got, c.want)
		}
	}
}
