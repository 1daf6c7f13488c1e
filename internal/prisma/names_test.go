package prisma

import (
	"strings"
	"testing"
)

func TestNamesAreCutInBytesBeforeTheirSuffix(t *testing.T) {
	long := strings.Repeat("abcdefghij", 6) + "xyz" // 63 bytes
	wide := strings.Repeat("ü", 31)                 // 62 bytes
	names := func(relation, a, b string) JoinTableNames {
		return (&ManyToMany{Name: relation, A: &Field{Model: &Model{Name: a}}, B: &Field{Model: &Model{Name: b}}}).Names()
	}
	for got, want := range map[string]string{
		defaultName("_pkey", "T"):             "T_pkey",
		defaultName("_pkey", long):            long[:58] + "_pkey",
		defaultName("_pkey", wide):            strings.Repeat("ü", 29) + "_pkey",
		defaultName("_pkey", "a"+wide[:60]):   "a" + strings.Repeat("ü", 28) + "_pkey",
		defaultName("_key", "T", "a", "b"):    "T_a_b_key",
		defaultName("_key", long, "a"):        long[:59] + "_key",
		defaultName("_idx", long[:58], "abc"): long[:58] + "__idx",
		defaultName("_idx", "T", "a"):         "T_a_idx",
		defaultName("_fkey", "T", "x", "y"):   "T_x_y_fkey",
		defaultName("_fkey", long, "x"):       long[:58] + "_fkey",
		names("", "A", "B").Table:             "_AToB",
		names("R", "A", "B").Table:            "_R",
		names("R", "A", "B").PrimaryKey:       "_R_AB_pkey",
		names("R", "A", "B").Index:            "_R_B_index",
		names("R", "A", "B").Keys[0]:          "_R_A_fkey",
		names("", long, "B").Table:            "_" + long[:62],
		names("", long, "B").PrimaryKey:       "_" + long[:54] + "_AB_pkey",
		names("", long, "B").Index:            "_" + long[:54] + "_B_index",
		names("", long, "B").Keys[1]:          "_" + long[:55] + "_B_fkey",
	} {
		if got != want || len(got) > MaxName {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
