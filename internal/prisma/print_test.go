package prisma

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// withoutPlaces copies a tree without its spans, so that two can be compared.
func withoutPlaces(f *File) *File {
	c := reflect.New(reflect.TypeFor[File]()).Elem()
	copyWithoutPlaces(c, reflect.ValueOf(*f))
	out := c.Interface().(File)
	return &out
}

func copyWithoutPlaces(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		if from.Type() == reflect.TypeFor[Span]() {
			return
		}
		for i := range from.NumField() {
			copyWithoutPlaces(to.Field(i), from.Field(i))
		}
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			copyWithoutPlaces(to.Elem(), from.Elem())
		}
	case reflect.Slice:
		if from.Len() > 0 {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				copyWithoutPlaces(to.Index(i), from.Index(i))
			}
		}
	default:
		to.Set(from)
	}
}

// checkPrints returns what is wrong with printing a text: parsing what was printed must give the same tree, and
// printing that the same text. A text with syntax errors is not checked.
func checkPrints(text string) string {
	first, found := ParseFile(Source{Name: "a.prisma", Text: text})
	if len(found) > 0 {
		return ""
	}
	text = printed(first)
	second, found := ParseFile(Source{Name: "a.prisma", Text: text})
	if len(found) > 0 {
		return "what was printed cannot be read: " + found[0].String() + "\n" + text
	}
	if !reflect.DeepEqual(withoutPlaces(first), withoutPlaces(second)) {
		return "what was printed is another tree:\n" + text
	}
	if again := printed(second); again != text {
		return "printed twice, it differs:\n" + text + "\nthen\n" + again
	}
	return ""
}

func TestPrintingAndReadingGivesTheSameTree(t *testing.T) {
	for _, file := range caseFiles(t) {
		for _, c := range readCases(t, file) {
			if problem := checkPrints(c.text); problem != "" {
				t.Errorf("%s: %s: %s", file, c.name, problem)
			}
		}
	}
}

func TestPrintingAndReadingTheCorpusGivesTheSameTree(t *testing.T) {
	for _, file := range corpus(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if problem := checkPrints(string(text)); problem != "" {
			t.Errorf("%s: %s", file, problem)
		}
		if _, found := ParseFile(Source{Text: string(text)}); len(found) > 0 {
			t.Errorf("%s: %s", file, found[0])
		}
	}
}

// corpus returns the schemas of public projects and of the rules' own fixtures.
func corpus(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "prisma", "corpus", "*.prisma"))
	if err != nil || len(files) < 30 {
		t.Fatalf("the corpus has %d schemas: %v", len(files), err)
	}
	return files
}

func TestPrintKeepsCommentsAndAlignsColumns(t *testing.T) {
	const in = `// head
generator client { // opening
provider="x"
previewFeatures = [ "a","b" ]
}
// before A

/// doc
model A { /* o */
  // first
  id Int @id // one
  longName String? @db.VarChar( 3 ) @default("a\"b\n\u0007é")


  a B[]
  u Unsupported("x")?   /// two
  @@index( [ id,a(sort : Desc) ] ,map:"x" )
  @@unique([id], where: {id:{not:null}})
  // last
} // trail
enum B {
 X
 LONG @map("y")
}
// tail
`
	const want = `// head
generator client { // opening
  provider        = "x"
  previewFeatures = ["a", "b"]
}

// before A

/// doc
model A { /* o */
  // first
  id       Int     @id // one
  longName String? @db.VarChar(3) @default("a\"b\n\u0007é")

  a B[]
  u Unsupported("x")? /// two
  @@index([id, a(sort: Desc)], map: "x")
  @@unique([id], where: { id: { not: null } })
  // last
} // trail

enum B {
  X
  LONG @map("y")
}

// tail
`
	f, found := ParseFile(Source{Name: "a.prisma", Text: in})
	if len(found) > 0 {
		t.Fatal(found[0])
	}
	if got := printed(f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
