package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// aimed returns the target of a command line, which it parses without running it.
func aimed(t *testing.T, words ...string) remedy.Target {
	t.Helper()
	a := newApp(nil, nil, nil)
	root := a.root()
	c, rest, err := root.Find(words)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	a.aim(c, c.Flags().Args())
	return a.target
}

func TestCommandsInMessagesMeanTheSameDatabaseAndChoices(t *testing.T) {
	const secret = "postgresql://ann:s3cret@db.example:5432/shop"
	const open = "postgresql://postgres:postgres@localhost:5432/b"
	t.Setenv("DATABASE_URL", "")
	for _, c := range []struct {
		line  string
		given remedy.Advice
		want  string
	}{
		{"dev push", remedy.Again("dev push", "--accept-data-loss"), "naap dev push --accept-data-loss"},
		{"dev push --name naap", remedy.Naap("dev up"), "naap dev up --name naap"},
		{"dev up --name two", remedy.Naap("dev up"), "naap dev up --name two"},
		{"dev --name two up", remedy.Line("start it with: ", remedy.Again("dev up", "--engine", "embedded")), "start it with: naap dev up --name two --engine embedded"},
		{"dev up --name two --engine docker --port 5433 --image x", remedy.Again("dev up", "--engine", "embedded"), "naap dev up --name two --image x --port 5433 --engine embedded"},
		{"dev up --name two", remedy.Naap("dev up", "--name", "other"), "naap dev up --name other"},
		{"dev up --name two", remedy.Naap("dev backup", "x").And(remedy.Naap("dev down")).Note("stops it"), "naap dev backup --name two x && naap dev down --name two    (stops it)"},
		{"dev seed --name two", remedy.Line("DATABASE_URL=$(", remedy.Naap("dev url"), ") npm run seed"), "DATABASE_URL=$(naap dev url --name two) npm run seed"},
		{"-C ../my\u00a0repo dev push", remedy.Again("dev push"), "naap -C '../my\u00a0repo' dev push"},
		{"-C ../repo dev push --name two", remedy.Naap("check"), "naap -C ../repo check"},
		{"-C ../repo dev push --name two", remedy.Again("dev push"), "naap -C ../repo dev push --name two"},
		{"-C ../repo dev up --name two", remedy.Naap("dev up", "--name", "three").In("/it's"), `naap -C '/it'\''s' dev up --name three`},

		// The other database, and every choice of the command that failed.
		{"dev push --database-url " + open, remedy.Again("dev push", "--accept-data-loss"), "naap dev push --database-url " + open + " --accept-data-loss"},
		{"dev push --database-url " + open + " --allow-external --schema a --schema b,c --rename x->y",
			remedy.Again("dev push", "--rename", "p->q"), "naap dev push --database-url " + open + " --allow-external --rename 'x->y' --schema a --schema b --schema c --rename 'p->q'"},
		{"dev push --rename x->y", remedy.Again("dev push", "--rename", "x->y"), "naap dev push --rename 'x->y'"},
		{"dev reset a b --database-url " + open + " --allow-external --no-seed", remedy.Again("dev reset", "a", "b", "--cascade"),
			"naap dev reset --database-url " + open + " a b --allow-external --no-seed --cascade"},
		{"dev reset a --yes=a", remedy.Again("dev reset", "a", "--yes=a", "--cascade"), "naap dev reset a --yes=a --cascade"},
		{"dev undo --cascade=false", remedy.Again("dev undo", "5"), "naap dev undo 5 --cascade=false"},
		{"dev push --schema a --database-url " + open, remedy.Naap("dev diff"), "naap dev diff --database-url " + open + " --schema a"},
		{"dev push --wait", remedy.Again("dev push", "--accept-data-loss"), "naap dev push --wait --accept-data-loss"},
		{"dev push --json --no-color", remedy.Again("dev push", "--accept-data-loss"), "naap dev push --accept-data-loss"},
		// A verb without the flag gets it from the environment.
		{"dev push --database-url " + open, remedy.Naap("dev schema list"), "NAAP_DATABASE_URL=" + open + " naap dev schema list"},
		{"dev up --engine embedded", remedy.Naap("dev status"), "naap dev status --engine embedded"},
		{"dev up --name two", remedy.Naap("dev logs", "-f"), "naap dev logs --name two -f"},
		{"dev seed --name two", remedy.Naap("dev psql", "--", "-c", "SELECT 1"), "naap dev psql --name two -- -c 'SELECT 1'"},
		// A wrong word is replaced wherever it stands.
		{"dev reset othr --yes othr --cascade", remedy.Meant("dev reset", "othr", "other", "other")[0], "did you mean: naap dev reset other --cascade --yes other"},
		{"dev up", remedy.Meant("dev push", "othr", "other", "--schema", "other")[0], "did you mean: naap dev push --schema other"},
		{"dev diff --schema othr", remedy.Meant("", "othr", "other", "--schema", "other")[0], "did you mean: naap dev diff --schema other"},
		{"dev push --schema othr --database-url " + secret, remedy.Meant("", "othr", "other", "--schema", "other")[0], "did you mean: the same command with other"},
		// What follows -- is not a flag.
		{"dev sql -- --x", remedy.Again("dev sql", "--write"), "naap dev sql --write -- --x"},
		// A password is not shown.
		{"dev push --schema a --database-url " + secret, remedy.Again("dev push", "--accept-data-loss"), "the same command with --accept-data-loss"},
		{"dev push --database-url " + secret, remedy.Again("dev push"), "the same command again"},
		{"dev push --database-url " + secret, remedy.Naap("dev diff"), "naap dev diff --database-url <the same URL>"},
		// Where the push of an up failed, the remedy's push takes the flags that both know.
		{"dev up --no-seed --database-url " + open + " --allow-external", remedy.Again("dev push", "--accept-data-loss"),
			"naap dev push --database-url " + open + " --allow-external --accept-data-loss"},
	} {
		target := aimed(t, strings.Split(c.line, " ")...)
		if got := target.Line(c.given); got != c.want {
			t.Errorf("naap %s\n got %s\nwant %s", c.line, got, c.want)
		}
	}
	t.Setenv("DATABASE_URL", secret)
	target := aimed(t, "dev", "push", "--database-url", secret)
	if got, want := target.Line(remedy.Again("dev push", "--accept-data-loss")), `naap dev push --database-url "$DATABASE_URL" --accept-data-loss`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got, want := target.Line(remedy.Naap("dev schema list")), `NAAP_DATABASE_URL="$DATABASE_URL" naap dev schema list`; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	err := remedy.New("x", 1, "x").WithHelp(remedy.Again("dev push", "--accept-data-loss"))
	if !remedy.Offers(err, "--accept-data-loss") || remedy.Offers(err, "--accept") || remedy.Offers(errors.New("--accept-data-loss"), "--accept-data-loss") {
		t.Error("what is offered is not known")
	}
}
