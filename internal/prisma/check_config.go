package prisma

import (
	"fmt"
	"slices"
	"strings"
)

// settingsOf collects a block's settings and reports keys that occur twice.
func (c *checker) settingsOf(b *Block) map[string]*Member {
	settings := make(map[string]*Member, len(b.Members))
	for _, m := range b.Members {
		if first := settings[m.Name.Value]; first != nil {
			c.fail(codeDuplicate, m.Name.Span, "Remove one of them.", "`%s` is set already, at line %d.", m.Name.Value, first.Span.Start.Line)
			continue
		}
		settings[m.Name.Value] = m
	}
	return settings
}

var datasourceSettings = []string{"provider", "url", "directUrl", "shadowDatabaseUrl", "relationMode", "referentialIntegrity", "schemas", "extensions"}

func (c *checker) declareDatasource(b *Block) {
	c.checkBlockName(b)
	if c.datasource != nil {
		c.fail(codeDuplicate, b.Name.Span, fmt.Sprintf("The first is at %s.", c.datasource.Name.Span.Start), "A schema has one datasource, and this is another.")
		return
	}
	c.datasource = b
	d := &Datasource{Span: b.Span, Name: b.Name.Value, Provider: "postgresql", RelationMode: "foreignKeys"}
	c.schema.Datasource = d
	settings := c.settingsOf(b)
	for _, m := range b.Members {
		switch m.Name.Value {
		case "url":
			d.URL, d.URLEnv = c.url(m)
		case "directUrl", "shadowDatabaseUrl":
			c.url(m)
		case "provider":
			c.checkProvider(m)
		case "relationMode", "referentialIntegrity":
			c.relationMode(d, m, settings)
		case "schemas":
			c.declareSchemas(d, m)
		case "extensions":
			c.declareExtensions(d, m)
		default:
			c.fail(codeConfig, m.Name.Span, c.did(m.Name.Value, datasourceSettings, "Its settings are provider, url, relationMode, schemas and extensions."),
				"A datasource has no setting `%s`.", m.Name.Value)
		}
	}
	if settings["provider"] == nil && !b.Broken {
		c.fail(codeConfig, b.Name.Span, `Write provider = "postgresql".`, "The datasource `%s` does not say its provider.", d.Name)
	}
}

func (c *checker) checkProvider(m *Member) {
	if m.Value == nil {
		return
	}
	switch e := m.Value; {
	case e.Kind == StringExpr && (e.Text == "postgresql" || e.Text == "postgres"):
	case e.Kind == StringExpr: // see foreignProvider
	default:
		c.fail(codeConfig, e.Span, `Write provider = "postgresql".`, "The provider is a string, not %s.", e.describe())
	}
}

// url reads a string or env("NAME").
func (c *checker) url(m *Member) (text, variable string) {
	e := m.Value
	switch {
	case e == nil:
	case e.Kind == StringExpr:
		return e.Text, ""
	case e.Kind == CallExpr && e.Text == "env":
		if name, ok := e.onlyString(); ok {
			return "", name
		}
		if !m.Broken {
			c.fail(codeConfig, e.Span, `Write env("DATABASE_URL").`, "`env` takes the name of one variable, in quotes.")
		}
	default:
		help := `Write env("DATABASE_URL") or the URL in quotes.`
		if m.Name.Value == "provider" {
			help = `Write provider = "prisma-client-js", for example.`
		}
		c.fail(codeConfig, e.Span, help, "`%s` is a string or env(…), not %s.", m.Name.Value, e.describe())
	}
	return "", ""
}

func (c *checker) relationMode(d *Datasource, m *Member, settings map[string]*Member) {
	if m.Name.Value == "referentialIntegrity" {
		if settings["relationMode"] != nil {
			c.fail(codeConfig, m.Name.Span, "Keep relationMode.", "`referentialIntegrity` is the old name of `relationMode`, and both are set.")
			return
		}
		c.warn(codeConfig, m.Name.Span, "Write relationMode.", "`referentialIntegrity` is the old name of `relationMode`.")
	}
	const help = `It is "foreignKeys", which is the default, or "prisma", which makes no foreign keys.`
	switch e := m.Value; {
	case e == nil:
	case e.Kind != StringExpr:
		c.fail(codeConfig, e.Span, help, "`%s` is a string, not %s.", m.Name.Value, e.describe())
	case e.Text != "prisma" && e.Text != "foreignKeys":
		c.fail(codeConfig, e.Span, c.did(e.Text, []string{"foreignKeys", "prisma"}, help), "`%s` cannot be %q.", m.Name.Value, e.Text)
	default:
		d.RelationMode = e.Text
	}
}

func (c *checker) declareSchemas(d *Datasource, m *Member) {
	if m.Value == nil {
		return
	}
	seen := map[string]bool{}
	for _, e := range m.Value.elements() {
		switch {
		case e.Kind != StringExpr:
			help := ""
			if e.Kind == WordExpr {
				help = fmt.Sprintf("Write %q.", e.Text)
			}
			c.fail(codeConfig, e.Span, help, "A schema's name is a string, not %s.", e.describe())
		case e.Text == "":
			c.fail(codeConfig, e.Span, "", "A schema's name is not empty.")
		case seen[e.Text]:
			c.fail(codeDuplicate, e.Span, "Remove one of them.", "The schema %q is listed twice.", e.Text)
		default:
			seen[e.Text] = true
			c.checkLength(e.Text, e.Span, "schema", "")
			d.Schemas = append(d.Schemas, Name{e.Text, e.Span})
		}
	}
	if m.Value.Kind == ArrayExpr && len(m.Value.Items) == 0 && !m.Broken {
		c.fail(codeConfig, m.Value.Span, `Write schemas = ["public"], or remove the line.`, "`schemas` lists no schema.")
	}
}

func (c *checker) declareExtensions(d *Datasource, m *Member) {
	if m.Value == nil {
		return
	}
	for _, e := range m.Value.elements() {
		x := Extension{Span: e.Span, Name: e.Text, DBName: e.Text}
		switch e.Kind {
		case WordExpr:
		case CallExpr:
			c.extensionArgs(&x, e)
		default:
			help := ""
			if e.Kind == StringExpr {
				help = "Write it without quotes; one whose name is not a word is written uuidOssp(map: \"uuid-ossp\")."
			}
			c.fail(codeConfig, e.Span, help, "An extension is a bare name, not %s.", e.describe())
			continue
		}
		d.Extensions = append(d.Extensions, x)
	}
}

func (c *checker) extensionArgs(x *Extension, e *Expr) {
	a := c.readArgs(&Attribute{Name: e.Text, Span: e.Span, Args: e.Args}, "", "", "map", "schema", "version")
	if s, ok := a.nonempty("map"); ok {
		x.DBName = s
	}
	x.Schema, _ = a.nonempty("schema")
	x.Version, _ = a.nonempty("version")
}

// declareGenerator records a generator's name. Its settings are not checked: none affects the database.
func (c *checker) declareGenerator(b *Block) {
	c.checkBlockName(b)
	g := &Generator{Span: b.Span, Name: b.Name.Value}
	for _, other := range c.schema.Generators {
		if other.Name == g.Name {
			c.fail(codeDuplicate, b.Name.Span, fmt.Sprintf("The first is at %s.", other.Span.Start), "There is a generator `%s` already.", g.Name)
		}
	}
	c.schema.Generators = append(c.schema.Generators, g)
	settings := c.settingsOf(b)
	if m := settings["provider"]; m == nil {
		if !b.Broken {
			c.fail(codeConfig, b.Name.Span, `Write provider = "prisma-client-js", for example.`, "The generator `%s` does not say its provider.", g.Name)
		}
	} else {
		text, variable := c.url(m)
		g.Provider = text
		if variable != "" {
			g.Provider = "env(" + variable + ")"
		}
	}
	g.Output = settings["output"].place()
	m := settings["previewFeatures"]
	if m == nil || m.Value == nil {
		return
	}
	for _, e := range m.Value.elements() {
		if e.Kind != StringExpr {
			c.fail(codeConfig, e.Span, "", "A preview feature's name is a string, not %s.", e.describe())
			continue
		}
		g.PreviewFeatures = append(g.PreviewFeatures, Name{e.Text, e.Span})
	}
}

// place returns the text of a setting that names a place: a string, or env(NAME) as written; otherwise "".
func (m *Member) place() string {
	if m == nil || m.Value == nil {
		return ""
	}
	if name, ok := m.Value.onlyString(); ok && m.Value.Kind == CallExpr && m.Value.Text == "env" {
		return "env(" + name + ")"
	}
	if m.Value.Kind == StringExpr {
		return m.Value.Text
	}
	return ""
}

// checkBlockName checks the name of a datasource or generator.
func (c *checker) checkBlockName(b *Block) {
	switch name := b.Name.Value; {
	case slices.Contains(scalarTypes, name):
		c.fail(codeName, b.Name.Span, "Choose another name.", "`%s` is the name of a type that the language has.", name)
	case strings.HasPrefix(name, "_"):
		c.fail(codeName, b.Name.Span, "Choose another name.", "The name of this %s does not begin with a letter.", b.Kind)
	}
}
