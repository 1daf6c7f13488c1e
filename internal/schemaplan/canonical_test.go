package schemaplan

import (
	"strings"
	"testing"
)

func TestAnExpressionCannotEndTheQuestionAboutIt(t *testing.T) {
	_, db := database(t)
	text := "model T {\n  id Int @id\n  a String? @default(dbgenerated(\"$naap_probe$x$naap_probe$ || '1'\"))\n  b Int? @default(dbgenerated(\"1 + 1\"))\n}\n"
	push(t, db, text)
	if p := plan(t, db, text); !p.Empty() {
		t.Errorf("the second plan is not empty:\n%s", p.SQL())
	}
}

func TestAConditionIsComparedUnderTheNameThatATableHas(t *testing.T) {
	const partial = "generator g {\n  provider = \"prisma-client-js\"\n  previewFeatures = [\"partialIndexes\"]\n}\n" + head
	const before = partial + "model T {\n  id Int @id\n  a Int?\n  @@index([a], where: raw(\"a>1\"), map: \"i\")\n}\n"
	_, db := database(t)
	push(t, db, before)
	p := plan(t, db, strings.Replace(before, "model T", "model U", 1), ComputeOptions{Renames: []string{"public.T>public.U"}})
	if has(p, createIndex) || has(p, dropIndex) || !has(p, renameTable) {
		t.Errorf("the index is made again:\n%s", p.SQL())
	}
}
