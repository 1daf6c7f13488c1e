package prisma

// Variable returns the variable that a block's setting names, as url = env("DATABASE_URL") does, and the line, or "".
func (b *Block) Variable(setting string) (name string, line int) {
	for _, m := range b.Members {
		if e := m.Value; m.Name.Value == setting && e != nil && e.Kind == CallExpr && e.Text == "env" {
			name, _ := e.onlyString()
			return name, int(m.Span.Start.Line)
		}
	}
	return "", 0
}
