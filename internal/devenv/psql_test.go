package devenv

import "testing"

func TestThePsqlCommandIsShownAsAShellTakesIt(t *testing.T) {
	p := &Psql{Container: "naap-db", Args: []string{"psql", "-U", "postgres", "-c", "SELECT '$HOME', \"a\""}}
	if got, want := p.Shown(), `docker exec -it naap-db psql -U postgres -c 'SELECT '\''$HOME'\'', "a"'`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
