package hidden_test

import (
	"regexp"
	"testing"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestGoAndPostgreSQLHideTheSameSchemas(t *testing.T) {
	db, err := postgres.Open(t.Context(), pgtest.NewDatabase(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		name               string
		own, aside, schema bool
	}{
		{"public", false, false, false},
		{"pg_catalog", false, false, true},
		{"pg_temp_3", false, false, true},
		{"pg_odd\nname", false, false, true},
		{"pg", false, false, false},
		{"information_schema", false, false, true},
		{"information_schema2", false, false, false},
		{hidden.Ledger, true, false, true},
		{hidden.AsideName(1), true, true, true},
		{hidden.AsideName(999_999_999), true, true, true},
		{hidden.KeptName(12), true, true, true},
		{"naap_billing", false, false, false},
		{"naap_development", false, false, false},
		{"naap_undo", false, false, false},
		{"naap_undo_", false, false, false},
		{"naap_undo_log", false, false, false},
		{"naap_undo_1_copy", false, false, false},
		{"naap_undo_1\n", false, false, false},
		{"my_naap_undo_1", false, false, false},
		{"NAAP_DEV", false, false, false},
		{"naapxdev", false, false, false},
	} {
		if got := hidden.IsOwn(c.name); got != c.own {
			t.Errorf("%q is naap's own: %v", c.name, got)
		}
		if got := regexp.MustCompile(hidden.Schemas).MatchString(c.name); got != c.schema {
			t.Errorf("%q is hidden: %v", c.name, got)
		}
		var own, aside, schema bool
		err := db.QueryRow(t.Context(), `SELECT $1::name ~ '`+hidden.Own+`', $1::name ~ '`+hidden.Aside+`', $1::name ~ '`+hidden.Schemas+`'`, c.name).
			Scan(&own, &aside, &schema)
		if err != nil || own != c.own || aside != c.aside || schema != c.schema {
			t.Errorf("%q in SQL: naap's own %v, aside %v, hidden %v, %v", c.name, own, aside, schema, err)
		}
	}
}
