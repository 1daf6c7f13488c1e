package workspace

// ShadowInit is what initShadowDb of a prisma.config makes in a shadow database before the migrations run there: external
// tables that these refer to, extensions.
type ShadowInit struct {
	SQL    string
	Where  string // the file, by its name in the workspace; "" where none has it
	Unread bool   // it is not written out as a text: TypeScript is not executed
}

// ShadowInit returns what the workspace's prisma.config says of shadow databases.
func (w *Workspace) ShadowInit() ShadowInit { return w.shadowInit }
