package schemaplan

import "testing"

func TestDefaultsCompareByTheirValue(t *testing.T) {
	text := func(s string) *columnDefault { return quoted(s, stringLiteral) }
	num := func(s string) *columnDefault { return &columnDefault{SQL: s, kind: numberLiteral, text: s} }
	sql := func(s string) *columnDefault { return &columnDefault{SQL: s} }
	for _, c := range []struct {
		have string
		want *columnDefault
		is   verdict
	}{
		{"'x'::text", text("x"), same},
		{"'it''s'::character varying", text("it's"), same},
		{`'A'::"s"."E"`, text("A"), same},
		{`'a'::"s"."E"`, text("A"), unknown},
		{"'x'::text || 'y'::text", text("x"), unknown},
		{"upper('x'::text)", text("x"), unknown},
		{"0", num("0"), same},
		{"1", num("1.00"), same},
		{"'-42'::integer", num("-42"), same},
		{"(5)::double precision", num("5"), same},
		{"'1.5'::numeric(10,2)", num("1.5"), same},
		{"2", num("3"), different},
		{"(1 + 2)", num("3"), unknown},
		{"true", &columnDefault{SQL: "true", kind: booleanLiteral, text: "true"}, same},
		{"false", &columnDefault{SQL: "true", kind: booleanLiteral, text: "true"}, different},
		{"now()", &columnDefault{SQL: "CURRENT_TIMESTAMP", kind: now}, same},
		{"CURRENT_TIMESTAMP", &columnDefault{SQL: "CURRENT_TIMESTAMP", kind: now}, same},
		{"CURRENT_DATE", &columnDefault{SQL: "CURRENT_TIMESTAMP", kind: now}, unknown},
		{`'{"a": 1, "b": 2}'::jsonb`, quoted(`{"b":2,"a":1}`, jsonLiteral), same},
		{`'{"a": 1}'::jsonb`, quoted(`{"a": 2}`, jsonLiteral), unknown},
		{"gen_random_uuid()", sql("gen_random_uuid()"), same},
		{"upper('a'::text)", sql("upper('A'::text)"), unknown},
		{"ARRAY[]::text[]", &columnDefault{SQL: "ARRAY[]::TEXT[]", kind: listLiteral}, same},
		{"'{}'::integer[]", &columnDefault{SQL: "ARRAY[]::INTEGER[]", kind: listLiteral}, same},
		{"ARRAY['a'::text]", &columnDefault{SQL: "ARRAY['a']::TEXT[]", kind: listLiteral, size: 1}, unknown},
	} {
		if got := compareDefaults(sql(c.have), c.want); got != c.is {
			t.Errorf("%s and %s: %d, want %d", c.have, c.want.SQL, got, c.is)
		}
	}
	if compareDefaults(nil, nil) != same || compareDefaults(nil, sql("1")) != different || compareDefaults(sql("1"), nil) != different {
		t.Error("no default is the same as none only")
	}
}
