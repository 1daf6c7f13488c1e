package prisma

// The codes of diagnostics. They are stable: tools and tests branch on them.
const (
	codeSyntax      = "syntax"
	codeName        = "bad-name"          // reserved, or with a character that names cannot have
	codeTooLong     = "name-too-long"     // more than 63 bytes
	codeDuplicate   = "duplicate"         // two things with one name
	codeUnknown     = "unknown-name"      // a field, value or schema that does not exist
	codeUnknownType = "unknown-type"      //
	codeAttribute   = "bad-attribute"     // an attribute that does not exist or does not belong there
	codeArgument    = "bad-argument"      // of an attribute or a function
	codeDefault     = "bad-default"       //
	codeNativeType  = "bad-native-type"   //
	codeIndex       = "bad-index"         // of @id, @unique, @@id, @@unique and @@index
	codeNoUnique    = "no-unique"         // a model whose rows cannot be identified
	codeRelation    = "bad-relation"      //
	codeOpposite    = "missing-opposite"  // a relation with only one side
	codeAmbiguous   = "ambiguous"         // relations that need names
	codeSchema      = "bad-schema"        // @@schema and schemas
	codeConfig      = "bad-setting"       // of a datasource or generator
	codeIgnore      = "bad-ignore"        //
	codeUnsupported = "unsupported-block" // what PostgreSQL does not have
	codeClash       = "name-clash"        // two things with one name in the database
	codeRisk        = "risk"              // a warning: allowed, and likely to fail later
)
