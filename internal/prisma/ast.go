package prisma

// File is the syntax tree of one schema file: what was written, comments included, and nothing resolved.
type File struct {
	Name   string
	Blocks []*Block
	Tail   []Comment // after the last block
}

// Comment is one comment with its marks: "// x", "/// x" or "/* x */".
type Comment struct {
	Span  Span
	Text  string
	Blank bool // an empty line comes before it; always so after a block, never at a beginning
}

// BlockKind is the kind of a block, by its keyword.
type BlockKind int

const (
	DatasourceBlock BlockKind = iota
	GeneratorBlock
	ModelBlock
	ViewBlock
	EnumBlock
	TypeBlock // a composite type, which Prisma does not have for PostgreSQL
)

// blockKeywords are the keywords in BlockKind's order.
var blockKeywords = [...]string{"datasource", "generator", "model", "view", "enum", "type"}

// String returns the block's keyword.
func (k BlockKind) String() string { return blockKeywords[k] }

// article returns the keyword with "a" or "an" before it.
func (k BlockKind) article() string {
	if k == EnumBlock {
		return "an enum"
	}
	return "a " + k.String()
}

// Block is a keyword, a name and lines in braces.
type Block struct {
	Span    Span
	Lead    []Comment // before it
	Blank   bool      // an empty line lies between those and it
	Kind    BlockKind
	Name    Name
	Opening []Comment // on the line of the opening brace
	Members []*Member
	Inner   []Comment // before the closing brace
	Trail   []Comment // on the closing brace's line
	// Broken reports that a line of the block could not be read: what seems missing may be on it.
	Broken bool
}

// MemberKind is the kind of a Member.
type MemberKind int

const (
	FieldMember     MemberKind = iota // name Type @attributes
	ValueMember                       // an enum's NAME @attributes
	AttributeMember                   // @@attribute
	SettingMember                     // key = value
)

// Member is one line of a block.
type Member struct {
	Span  Span
	Lead  []Comment
	Trail []Comment // on its line, after it
	Blank bool      // an empty line comes before it, below its comments
	Kind  MemberKind
	Name  Name // of a field, value or setting
	Type  TypeExpr
	// Attributes of a field or value; for an AttributeMember the one attribute.
	Attributes []*Attribute
	Value      *Expr // of a setting; nil where nothing follows the =
	Broken     bool  // the line could not be read to its end
}

// TypeExpr is a field's type as written.
type TypeExpr struct {
	Span Span
	Name string
	// Unsupported is set for Unsupported("…"); Name is then the text in the quotes, escapes resolved.
	Unsupported bool
	Arity       Arity
}

// Attribute is @name(arguments) or @@name(arguments).
type Attribute struct {
	Span   Span
	NameAt Span
	Name   string // without @; a native type's is "db.VarChar"
	Parens bool   // written with ( )
	Args   []Arg
}

// Arg is one argument, named or not.
type Arg struct {
	Span   Span
	Name   string // "" where positional
	NameAt Span
	Value  *Expr
}

// ExprKind is the kind of an Expr.
type ExprKind int

const (
	StringExpr ExprKind = iota
	NumberExpr          // Text as written
	WordExpr            // true, false, null, a field's or enum value's name; with dots where it is a path
	CallExpr            // Text(Args)
	ArrayExpr           // [Items]
	ObjectExpr          // { Args }, all named
)

// Expr is the value of an argument or a setting.
type Expr struct {
	Span  Span
	Kind  ExprKind
	Text  string // with a string's escapes resolved
	Args  []Arg
	Items []*Expr
}
