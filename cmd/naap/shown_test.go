package main

import "testing"

func TestAnEmptyURLIsPrintedAsSuch(t *testing.T) {
	for _, shell := range []string{"", "postgresql://me:secret@there/db"} {
		t.Setenv("DATABASE_URL", shell)
		if got := shownSetting("database-url", ""); got != "''" {
			t.Errorf("it is printed as %s", got)
		}
	}
}
