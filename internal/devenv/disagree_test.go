package devenv

import (
	"slices"
	"testing"
)

func TestEachDisagreementNamesAllPlaces(t *testing.T) {
	got := disagree(map[string][]string{
		"init.sql":      {"plugin_a", "plugin_b"},
		"schema.prisma": {"public", "plugin_a", "plugin_c"},
		"the database":  {"public", "plugin_a", "plugin_b", "plugin_c"},
	})
	want := []string{
		"plugin_b is in init.sql, the database and not in schema.prisma",
		"plugin_c is in schema.prisma, the database and not in init.sql",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSchemasOfAnInitScript(t *testing.T) {
	got := createdSchemas("-- CREATE SCHEMA no;\nCREATE SCHEMA IF NOT EXISTS plugin_a;\n create schema \"Odd \"\"name\";\nCREATE SCHEMA Upper AUTHORIZATION x;\n" +
		"CREATE SCHEMA AUTHORIZATION joe; create schema second; CREATE SCHEMA AUTHORIZATION CURRENT_USER; SELECT '; CREATE SCHEMA no'; CREATE SCHEMA último;")
	if want := []string{"plugin_a", `Odd "name`, "upper", "joe", "second", "último"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
