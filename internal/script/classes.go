package script

// Use is a class that the code makes an instance of, or extends.
type Use struct {
	Path    []string // the dotted name: ["Prisma", "PrismaClient"]
	Extends bool     // class … extends, instead of new …
	At      Span     // from the keyword to the end of the name
	// Arguments is the first token after the opening parenthesis, or 0 if there is none.
	Arguments int
}

// Last returns the class's own name.
func (u Use) Last() string { return u.Path[len(u.Path)-1] }

// Uses returns the classes that the code makes instances of or extends.
func (s *Source) Uses() []Use {
	var found []Use
	for i, t := range s.Tokens {
		if t.Kind != Word || s.member(i) {
			continue
		}
		isNew, isExtends := s.Is(i, "new"), s.Is(i, "extends")
		if !isNew && !isExtends || isExtends && !s.classHead(i) {
			continue
		}
		if u, ok := s.use(i); ok {
			u.Extends = isExtends
			found = append(found, u)
		}
	}
	return found
}

// classHead reports whether the extends at i belongs to a class: that of an interface or of a type parameter makes
// nothing.
func (s *Source) classHead(i int) bool {
	for k := i - 1; k >= 0 && k > i-12; k-- {
		switch {
		case s.Is(k, "class"):
			return true
		case s.Is(k, "interface"), s.Is(k, ";"), s.Is(k, "}"), s.Is(k, "{"), s.Is(k, "("), s.Is(k, "infer"):
			return false
		}
	}
	return false
}

func (s *Source) use(i int) (Use, bool) {
	j := i + 1
	brackets := 0
	for s.Is(j, "(") { // new (a.B)()
		j++
		brackets++
	}
	if s.Kind(j) != Word {
		return Use{}, false
	}
	u := Use{Path: []string{string(s.text(j))}}
	for (s.Is(j+1, ".") || s.Is(j+1, "?.")) && s.Kind(j+2) == Word {
		j += 2
		u.Path = append(u.Path, string(s.text(j)))
	}
	u.At = Span{s.Tokens[i].Start, s.Tokens[j].End}
	for ; brackets > 0 && s.Is(j+1, ")"); brackets-- {
		j++
	}
	if s.Is(j+1, "<") { // new A<B>()
		for k := j + 2; k < len(s.Tokens) && k < j+40; k++ {
			if s.Is(k, ">") && s.Is(k+1, "(") {
				j = k
				break
			}
		}
	}
	if s.Is(j+1, "(") {
		u.Arguments = j + 2
	}
	return u, true
}

// Declares reports whether the code itself makes a class, a function or a stand-in with that name. A variable that
// takes its value from another module does not count.
func (s *Source) Declares(name string) bool {
	for i := range s.Tokens {
		switch {
		case !s.Is(i, name):
		case s.Is(i-1, "class"), s.Is(i-1, "function"):
			return true
		case (s.Is(i-1, "const") || s.Is(i-1, "let") || s.Is(i-1, "var")) && s.Is(i+1, "=") && ownValue[s.Word(i+2)]:
			return true
		}
	}
	return false
}

// ownValue are the words that begin a value which the code makes itself: a class, a function, or a mock.
var ownValue = map[string]bool{
	"class": true, "function": true, "async": true, "vi": true, "jest": true, "sinon": true, "mock": true, "mockDeep": true,
}
