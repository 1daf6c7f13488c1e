package prisma

// checkEnums reads the values and attributes of enums.
func (c *checker) checkEnums() {
	for _, f := range c.files {
		for _, b := range f.Blocks {
			if b.Kind == EnumBlock {
				c.checkEnum(b)
			}
		}
	}
}

func (c *checker) enumOf(b *Block) *enumInfo {
	if e := c.enums[b.Name.Value]; e != nil && e.block == b {
		return e
	}
	return nil
}

func (c *checker) checkEnum(b *Block) {
	info := c.enumOf(b)
	if info == nil {
		return // a second enum of this name, which was reported
	}
	seen := map[string]bool{}
	byDB := map[string]string{}
	for _, m := range b.Members {
		if m.Kind == AttributeMember {
			c.enumAttribute(info, m.Attributes[0], seen)
			continue
		}
		c.checkName(m.Name, "value")
		v := EnumMember{Span: m.Span, Name: m.Name.Value, DBName: m.Name.Value}
		for _, a := range m.Attributes {
			c.valueAttribute(&v, a)
		}
		switch other, taken := byDB[v.DBName]; {
		case seen["="+v.Name]:
			c.fail(codeDuplicate, m.Name.Span, "Remove one of them.", "The enum `%s` has a value `%s` already.", info.Name, v.Name)
			continue
		case taken:
			c.fail(codeClash, m.Span, "Give one of them another name with @map.", "The values `%s` and `%s` have the same name in the database, %q.", other, v.Name, v.DBName)
		}
		c.checkLength(v.DBName, m.Span, "enum value", v.Name)
		seen["="+v.Name], byDB[v.DBName] = true, v.Name
		info.Values = append(info.Values, v)
	}
	if len(info.values) == 0 && !b.Broken {
		c.fail(codeUnknown, b.Name.Span, "Write each value on a line of its own.", "The enum `%s` has no values.", info.Name)
	}
	c.checkSchemaGiven(info.Schema, b)
}

func (c *checker) valueAttribute(v *EnumMember, a *Attribute) {
	if a.Name != "map" {
		c.fail(codeAttribute, a.Span, `An enum's value has @map("name") only.`, "There is no attribute `@%s` of an enum's value.", a.Name)
		return
	}
	args := c.readArgs(a, "@", "name", "name")
	// Unlike any other name, that of an enum's value can be empty in PostgreSQL.
	if name, ok := args.text("name"); ok {
		v.DBName = name
	} else if !args.bad {
		c.mapName(&args, &v.DBName, new(Span))
	}
}

// twice reports the second of an attribute that a block has once.
func (c *checker) twice(b *Block, a *Attribute, seen map[string]bool) bool {
	if seen[a.Name] {
		c.fail(codeDuplicate, a.Span, "Remove one of them.", "The %s `%s` has `@@%s` twice.", b.Kind, b.Name.Value, a.Name)
		return true
	}
	seen[a.Name] = true
	return false
}

func (c *checker) enumAttribute(e *enumInfo, a *Attribute, seen map[string]bool) {
	if c.twice(e.block, a, seen) {
		return
	}
	switch a.Name {
	case "map":
		args := c.readArgs(a, "@@", "name", "name")
		c.mapName(&args, &e.DBName, &e.mapAt)
	case "schema":
		e.Schema = c.schemaAttribute(a)
	default:
		c.fail(codeAttribute, a.Span, c.did(a.Name, []string{"map", "schema"}, "An enum has @@map and @@schema."), "There is no attribute `@@%s` of an enum.", a.Name)
	}
}
