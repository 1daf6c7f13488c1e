package workspace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// None of these takes time that grows with its square or worse, which would exceed any test's deadline; and what is not
// known about external tables is reported.
func TestHostileConfigsAreReadInTime(t *testing.T) {
	twice := ""
	for i := range 30 {
		twice += fmt.Sprintf("const a%d = path.join(a%d, a%d)\n", i, i+1, i+1)
	}
	for name, text := range map[string]string{
		"arrays":               "export default " + strings.Repeat("[", 400_000),
		"objects":              "export default " + strings.Repeat("{a:", 200_000),
		"calls":                "export default " + strings.Repeat("f(", 200_000),
		"brackets and strings": "export default " + strings.Repeat("([{'", 100_000),
		"constants":            twice + "export default { schema: a0 }",
		"many constants":       strings.Repeat("const b = [b, b, b, b]\n", 10_000) + "export default { schema: b }",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "prisma.config.ts"), []byte("// tables: external\nconst external = 1\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
		c, found := readPrismaConfig(t.Context(), dir)
		if !found || c.schema != "" || !slices.Contains(c.unread, "tables.external") {
			t.Errorf("%s: schema %q, not known: %v", name, c.schema, c.unread)
		}
	}
}
