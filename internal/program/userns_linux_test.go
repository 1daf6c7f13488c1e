package program

import "testing"

func TestUnmappedUsersAreTheSystemsInANamespaceOnly(t *testing.T) {
	number := func() string { return "65534\n" }
	for uidMap, want := range map[string]uint32{
		"         0          0 4294967295\n": 0,
		"1000 1000 1\n":                      65534,
		"0 1000 1\n":                         65534,
		"0 100000 65536\n":                   0, // a container: nobody is one of its users
		"0 1000 1\n1 100000 65536\n":         0,
		"":                                   65534,
	} {
		if got := overflowIn(uidMap, number); got != want {
			t.Errorf("with the map %q: %d, want %d", uidMap, got, want)
		}
	}
}
