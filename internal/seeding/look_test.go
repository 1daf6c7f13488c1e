package seeding

import (
	"context"
	"fmt"
	"testing"
)

func (s *suite) looked(opt Options) Plan {
	s.t.Helper()
	plan := s.plan(opt)
	if err := plan.Look(context.Background(), s.db); err != nil {
		s.t.Fatal(err)
	}
	return plan
}

// TestThePlanNamesTheRowsThatGoAndThoseThatStay checks this for a script and for files of rows, and that what is done
// is what was announced.
func TestThePlanNamesTheRowsThatGoAndThoseThatStay(t *testing.T) {
	const own = "UPDATE club.member SET name = 'mine' WHERE id IN (2, 3); DELETE FROM club.member WHERE id = 4; DELETE FROM club.member WHERE id = 5; INSERT INTO club.member VALUES (5, 'mine')"
	for name, c := range map[string]struct{ first, second, plan string }{
		"club.sql": {"INSERT INTO club.member SELECT n, 'm' FROM generate_series(1, 12) n;", "INSERT INTO club.member SELECT n, 'n' FROM generate_series(2, 8) n;",
			"    club.member: 8 rows are removed, and come again where the file has them; 3 rows were changed since and stay (id 2; id 3; id 5); 1 row was deleted since\n"},
		"club/member.csv": {"id,name\n1,m\n2,m\n3,m\n4,m\n5,m\n6,m\n7,m\n", "id,name\n2,n\n6,n\n",
			"    club.member: 1 row is replaced; 2 rows are removed; 3 rows were changed since and stay (id 2; id 3; id 5); 1 row was deleted since\n"},
		"club/member.jsonl": {"{\"id\":1,\"name\":\"m\"}\n{\"id\":2,\"name\":\"m\"}\n{\"id\":3,\"name\":\"m\"}\n{\"id\":4,\"name\":\"m\"}\n{\"id\":5,\"name\":\"m\"}\n", "{\"id\":1,\"name\":\"n\"}\n",
			"    club.member: 1 row is replaced; 3 rows were changed since and stay (id 2; id 3; id 5); 1 row was deleted since\n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, name, c.first)
			s.must(Options{})
			s.exec(own)
			s.write(name, c.second)
			plan := s.looked(changed)
			if got, want := plan.String(), "replace the rows of "+name+"\n"+c.plan; got != want {
				t.Errorf("the plan is\n%swant\n%s", got, want)
			}
			done := s.must(changed).Applied[0].Back
			said := plan.Steps[0].Rows[0]
			if !said.Exact { // for a script it is only known afterwards
				said.Exact, said.Removed = true, 5
			}
			if len(done) != 1 || fmt.Sprint(done[0]) != fmt.Sprint(said) {
				t.Errorf("what was done is\n%v\nwant\n%v", done, said)
			}
		})
	}
}
