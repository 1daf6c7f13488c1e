package prisma

import (
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPrismaJudgesMutatedSchemasAsWeDo damages valid schemas in one place each, and compares the verdicts.
func TestPrismaJudgesMutatedSchemasAsWeDo(t *testing.T) {
	const seed, count = 7, 1000
	random := rand.New(rand.NewSource(seed))
	bases := []string{shopText, shopText, shopText}
	for _, file := range caseFiles(t) {
		for _, c := range readCases(t, file) {
			if _, valid := judge(c); valid && c.differs == "" && !c.seven {
				bases = append(bases, c.text)
			}
		}
	}
	words := wordsOf(bases)
	schemas := map[string]string{}
	for i := range count {
		schemas[fmt.Sprint(i)] = mutate(random, bases[random.Intn(len(bases))], words)
	}
	valid := 0
	for name, refused := range prismaJudges(t, "6190", schemas) {
		rendered, ok := judge(testCase{text: schemas[name]})
		if ok {
			valid++
		}
		if ok != (refused == "") && !deliberate(schemas[name], refused) {
			t.Errorf("we accept it: %v, Prisma: %q\n%s\n%s", ok, refused, schemas[name], rendered)
		}
	}
	if valid < count/10 {
		t.Errorf("only %d of %d are valid: the damage is too large to compare much", valid, count)
	}
}

// behindBrace matches anything after the brace on a block's first line, which Prisma skips and we refuse.
var behindBrace = regexp.MustCompile(`(?m)^[^"\n]*\{[ \t]*[^ \t\n]`)

// deliberate reports whether a difference is one of those that Parse lists.
func deliberate(schema, refused string) bool {
	return strings.Contains(refused, "preview feature") || refused == "" && behindBrace.MatchString(schema)
}

func wordsOf(texts []string) []string {
	seen := map[string]bool{}
	words := []string{"?", "[]", "@id", "@unique", "@db.Uuid", "@db.VarChar(5)", "@default(now())", "@default(1)", `@relation("x")`,
		`@map("id")`, "@ignore", "@updatedAt", "// c", "/* c */", "@@ignore", `Unsupported("x")`, "fields:", "map:", "name:"}
	for _, text := range texts {
		for _, w := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\r\t()[],:", r) }) {
			if !seen[w] {
				seen[w] = true
				words = append(words, w)
			}
		}
	}
	return words
}

// mutate drops, duplicates or swaps a line, or changes one word of it.
func mutate(random *rand.Rand, text string, words []string) string {
	lines := strings.Split(text, "\n")
	i := random.Intn(len(lines))
	switch random.Intn(8) {
	case 0:
		lines = slices.Delete(lines, i, i+1)
	case 1:
		lines = slices.Insert(lines, i, lines[i])
	case 2:
		j := random.Intn(len(lines))
		lines[i], lines[j] = lines[j], lines[i]
	default:
		lines[i] = mutateLine(random, lines[i], words)
	}
	text = strings.Join(lines, "\n")
	if !strings.Contains(text, "datasource ") {
		text += plainDatasource
	}
	return text
}

func mutateLine(random *rand.Rand, line string, words []string) string {
	fields := strings.Split(line, " ")
	i := random.Intn(len(fields))
	switch random.Intn(4) {
	case 0:
		fields = slices.Delete(fields, i, i+1)
	case 1:
		fields[i] = words[random.Intn(len(words))]
	case 2:
		fields = append(fields, words[random.Intn(len(words))])
	default:
		const characters = "?[]()@,:\"{}.a1_ -"
		if w := fields[i]; w != "" {
			at, c := random.Intn(len(w)), string(characters[random.Intn(len(characters))])
			fields[i] = [...]string{w[:at] + w[at+1:], w[:at] + c + w[at:], w[:at] + c + w[at+1:]}[random.Intn(3)]
		}
	}
	return strings.Join(fields, " ")
}

// TestPrismaJudgesTypesAndOperatorClassesAsWeDo compares the tables of native types and operator classes, entry by entry.
func TestPrismaJudgesTypesAndOperatorClassesAsWeDo(t *testing.T) {
	schemas := map[string]string{}
	add := func(field, index string) {
		schemas[field+" "+index] = fmt.Sprintf("model A {\n  id Int @id\n  a  %s\n  %s\n}\n%s", field, index, plainDatasource)
	}
	var types []string
	for _, native := range nativeNames("") {
		for _, scalar := range scalarTypes {
			add(scalar+" @db."+native, "")
		}
		types = append(types, nativeTypes[native].scalar+" @db."+native)
	}
	types = append(types, scalarTypes...)
	types = append(types, `Unsupported("x")`, "Int[]", "String[]", "Json[]")
	for _, field := range types {
		for _, index := range indexTypes {
			add(field, fmt.Sprintf("@@index([a], type: %s)", index))
		}
	}
	for _, name := range operatorNames("") {
		for _, index := range indexTypes[2:] {
			add("Int", fmt.Sprintf("@@index([a(ops: %s)], type: %s)", name, index))
		}
		o := operatorClasses.Get()[name]
		for _, field := range types {
			if strings.HasSuffix(field, "[]") || slices.ContainsFunc(o.natives, func(n string) bool { return strings.HasSuffix(field, n) }) || len(field)%5 == 0 {
				add(field, fmt.Sprintf("@@index([a(ops: %s)], type: %s)", name, o.indexes[0]))
			}
		}
	}
	t.Logf("%d schemas", len(schemas))
	for name, refused := range prismaJudges(t, "6190", schemas) {
		if rendered, ok := judge(testCase{text: schemas[name]}); ok != (refused == "") {
			t.Errorf("%s: we accept it: %v, Prisma: %q\n%s", name, ok, refused, rendered)
		}
	}
}
