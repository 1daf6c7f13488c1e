package workspace

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/say"
)

// prismaConfig is the part of a prisma.config file that matters here. The file is read and never executed: only
// literals, names of constants, and paths joined from these are known.
type prismaConfig struct {
	path   string // absolute
	schema string // absolute path of the file or folder; "" where the file does not give it

	migrations string // absolute path of the folder of migrations; "" where the file does not give it

	tables []string
	enums  []string
	err    error    // why the file cannot be read; then nothing else is known
	unread []string // settings that are present but not literals: "schema", "migrations.path", "tables.external", "enums.external"

	variables []DatabaseVariable // those that datasource names: Name and Use
	seed      string             // the command of migrations.seed; "" where the file does not give it
	init      ShadowInit         // of a shadow database
}

// configNames returns where Prisma looks for its config file in its working directory, in order.
func configNames() []string {
	var names []string
	for _, base := range []string{"prisma.config", ".config/prisma", ".config/prisma.config"} {
		names = append(names, say.Each([]string{".js", ".ts", ".mjs", ".cjs", ".mts", ".cts"}, func(extension string) string { return base + extension })...)
	}
	return names
}

// HasPrismaConfig reports whether a folder is one in which Prisma finds a config file of its own.
func HasPrismaConfig(dir string) bool {
	return slices.ContainsFunc(configNames(), func(name string) bool {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil && info.Mode().IsRegular()
	})
}

// readPrismaConfig reads a folder's prisma.config; it returns false where there is none. One that cannot be read does
// exist.
func readPrismaConfig(ctx context.Context, dir string) (prismaConfig, bool) {
	for _, name := range configNames() {
		path := filepath.Join(dir, filepath.FromSlash(name))
		text, err := files.Read(ctx, path, files.Settings)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		c := prismaConfig{path: path, err: err}
		if err != nil {
			return c, true
		}
		r := &configReader{tokens: scriptTokens(string(text)), here: filepath.Dir(path), cwd: dir}
		spoken := slices.ContainsFunc(r.tokens, func(t scriptToken) bool { return t.text == "external" })
		c.take(r.exported(), spoken)
		return c, true
	}
	return prismaConfig{}, false
}

// take takes the settings from the exported object. spoken reports that something in the file is called external.
func (c *prismaConfig) take(config literal, spoken bool) {
	switch schema, there := config.at("schema"); {
	case !there:
	case schema.kind == textLiteral && schema.text != "":
		c.schema = absolute(filepath.Dir(c.path), schema.text)
	default:
		c.unread = append(c.unread, "schema")
	}
	source, _ := config.at("datasource")
	for _, use := range databaseUses {
		named, _ := source.at(use)
		for _, v := range named.variables {
			c.variables = append(c.variables, DatabaseVariable{Name: v, Use: use})
		}
	}
	migrations, _ := config.at("migrations")
	if seed, _ := migrations.at("seed"); seed.kind == textLiteral {
		c.seed = seed.text
	}
	if sql, there := migrations.at("initShadowDb"); there {
		c.init = ShadowInit{SQL: sql.text, Unread: sql.kind != textLiteral}
	}
	switch path, there := migrations.at("path"); {
	case !there:
	case path.kind == textLiteral && path.text != "":
		c.migrations = absolute(filepath.Dir(c.path), path.text)
	default:
		c.unread = append(c.unread, "migrations.path")
	}
	c.tables = c.external(config, "tables", spoken)
	c.enums = c.external(config, "enums", spoken)
}

// external returns the names in a list of external tables or enums. A list that cannot be seen, because another file
// exports it, counts as empty unless the file mentions external tables somewhere.
func (c *prismaConfig) external(config literal, what string, spoken bool) []string {
	of, there := config.at(what)
	list, listed := of.at("external")
	known := list.kind == listLiteral && list.whole
	if !listed {
		known = there && of.kind == objectLiteral && of.whole || !there && config.kind == objectLiteral && config.whole
	}
	if !known && spoken {
		c.unread = append(c.unread, what+".external")
	}
	return say.Each(list.items, func(item literal) string { return item.text })
}

// literalKind is the kind of a literal.
type literalKind int

const (
	unknownLiteral literalKind = iota
	textLiteral
	listLiteral
	objectLiteral
	variableLiteral // the contents of a variable of the environment
)

// literal is a value in a JavaScript text, as far as it can be known without running it.
type literal struct {
	kind   literalKind
	text   string
	items  []literal
	fields map[string]literal
	whole  bool // of a list or an object: everything in it is known

	variables []string // those whose contents it may be, the first that is set
}

// at returns a field of an object.
func (l literal) at(name string) (literal, bool) {
	v, there := l.fields[name]
	return v, there
}

// configReader evaluates the expressions of a script's tokens.
type configReader struct {
	tokens    []scriptToken
	here, cwd string // the script's folder, and Prisma's working directory
	depth     int    // of constants that refer to each other
	nested    int    // of brackets
	at        int
	steps     int // taken so far
}

// mostSteps is how many tokens are looked at, some of them repeatedly: each constant that uses the previous one twice
// doubles the work. Nothing is known about a script that takes more.
const mostSteps = 1_000_000

// mostNested is how deep brackets and calls are followed: deeper than anyone writes.
const mostNested = 64

// step counts that a token is looked at. After too many, the script is treated as ended.
func (r *configReader) step() {
	if r.steps++; r.steps > mostSteps {
		r.tokens, r.at = nil, 0
	}
}

// exported returns the object that the script exports.
func (r *configReader) exported() literal {
	for i := range r.tokens {
		switch {
		case r.are(i, "export", "default"):
			return r.value(i + 2)
		case r.are(i, "module", ".", "exports", "="):
			return r.value(i + 4)
		case r.are(i, "exports", ".", "default", "="):
			return r.value(i + 4)
		}
	}
	return literal{}
}

func (r *configReader) is(i int, text string) bool {
	return i < len(r.tokens) && !r.tokens[i].quoted && r.tokens[i].text == text
}

func (r *configReader) are(i int, texts ...string) bool {
	for n, text := range texts {
		if !r.is(i+n, text) {
			return false
		}
	}
	return true
}

// value evaluates the expression at i, and nothing after it.
func (r *configReader) value(i int) literal {
	if r.depth > 20 { // constants that refer to each other
		return literal{}
	}
	r.step()
	before := r.at
	r.at, r.depth = i, r.depth+1
	v := r.expression()
	r.at, r.depth = before, r.depth-1
	return v
}

// expression evaluates one expression up to its end: a comma, a closing bracket, a semicolon, or a line that begins
// with a word.
func (r *configReader) expression() literal {
	v := r.operand()
	for r.is(r.at, "+") {
		r.at++
		w := r.operand()
		if v.kind != textLiteral || w.kind != textLiteral {
			v = literal{}
			continue
		}
		v.text += w.text
	}
	v = r.otherwise(v)
	if !r.ended() && !r.is(r.at, "as") && !r.is(r.at, "satisfies") {
		v = literal{}
	}
	r.skip()
	return v
}

// otherwise adds to a variable those that stand in for it: process.env.A ?? process.env.B. The exclamation mark with which
// TypeScript is assured that it is set says nothing here.
func (r *configReader) otherwise(v literal) literal {
	for v.kind == variableLiteral {
		switch {
		case r.is(r.at, "!"):
			r.at++
		case r.is(r.at, "??") || r.is(r.at, "||"):
			r.at++
			v.variables = append(v.variables, r.operand().variables...)
		default:
			return v
		}
	}
	return v
}

func variableNamed(name string) literal {
	return literal{kind: variableLiteral, variables: []string{name}}
}

func (r *configReader) ended() bool {
	if r.at >= len(r.tokens) {
		return true
	}
	t := r.tokens[r.at]
	return r.closes() || t.newLine && (t.quoted || t.word)
}

// closes reports whether the next token is a mark with which no expression begins or continues.
func (r *configReader) closes() bool {
	t := r.tokens[r.at]
	return !t.quoted && strings.Contains(",;)]}", t.text)
}

// skip skips to the end of the expression, over whole brackets.
func (r *configReader) skip() {
	open := 0
	for r.at < len(r.tokens) {
		if r.step(); r.at >= len(r.tokens) {
			return
		}
		t := r.tokens[r.at]
		if open == 0 && r.ended() {
			return
		}
		if !t.quoted && strings.Contains("([{", t.text) {
			open++
		} else if !t.quoted && strings.Contains(")]}", t.text) {
			open--
		}
		r.at++
	}
}

func (r *configReader) operand() literal {
	if r.step(); r.at >= len(r.tokens) || r.closes() {
		return literal{}
	}
	t := r.tokens[r.at]
	r.at++
	switch {
	case t.quoted:
		if t.holes {
			return literal{}
		}
		return literal{kind: textLiteral, text: t.text}
	case strings.Contains("[{(", t.text):
		return r.inside(func() literal { return r.bracketed(t) })
	case t.word:
		return r.named(t.text)
	}
	return literal{}
}

// inside evaluates what is in brackets. After too many nested ones, the script is treated as ended.
func (r *configReader) inside(evaluate func() literal) literal {
	if r.nested > mostNested {
		r.tokens, r.at = nil, 0
		return literal{}
	}
	r.nested++
	defer func() { r.nested-- }()
	return evaluate()
}

// each calls read at each of the elements up to a closing bracket, and reports whether that is where they end.
func (r *configReader) each(closing string, read func()) (closed bool) {
	for r.at < len(r.tokens) && !r.is(r.at, closing) {
		read()
		if !r.is(r.at, ",") {
			break
		}
		r.at++
	}
	closed = r.is(r.at, closing)
	r.at++
	return closed
}

// bracketed evaluates what begins with an opening bracket.
func (r *configReader) bracketed(open scriptToken) literal {
	switch open.text {
	case "[":
		return r.list()
	case "{":
		return r.object()
	}
	v := r.expression()
	r.at++
	return v
}

func (r *configReader) list() literal {
	l := literal{kind: listLiteral, whole: true}
	closed := r.each("]", func() {
		spread := r.is(r.at, "...")
		if spread {
			r.at++
		}
		v := r.expression()
		switch {
		case spread && v.kind == listLiteral:
			l.items, l.whole = append(l.items, v.items...), l.whole && v.whole
		case !spread && v.kind == textLiteral:
			l.items = append(l.items, v)
		default:
			l.whole = false
		}
	})
	l.whole = l.whole && closed
	return l
}

func (r *configReader) object() literal {
	o := literal{kind: objectLiteral, fields: map[string]literal{}, whole: true}
	closed := r.each("}", func() { r.field(&o) })
	o.whole = o.whole && closed
	return o
}

func (r *configReader) field(o *literal) {
	if r.is(r.at, "...") {
		r.at++
		v := r.expression()
		o.whole = o.whole && v.kind == objectLiteral && v.whole
		maps.Copy(o.fields, v.fields)
		return
	}
	name := r.tokens[r.at]
	r.at++
	switch {
	case !name.word && !name.quoted: // [computed]
		o.whole = false
		r.skip()
	case r.is(r.at, ":"):
		r.at++
		o.fields[name.text] = r.expression()
	case r.is(r.at, ",") || r.is(r.at, "}"): // { schema }
		o.fields[name.text] = r.constant(name.text)
	default: // a method
		o.fields[name.text] = literal{}
		r.skip()
	}
}

// named evaluates a name, a path of names or a call.
func (r *configReader) named(name string) literal {
	for r.is(r.at, ".") && r.at+1 < len(r.tokens) && r.tokens[r.at+1].word {
		name += "." + r.tokens[r.at+1].text
		r.at += 2
	}
	if !r.is(r.at, "(") {
		if variable, ok := strings.CutPrefix(name, "process.env."); ok && !strings.Contains(variable, ".") {
			return variableNamed(variable)
		}
		if name == "process.env" && r.is(r.at, "[") && r.is(r.at+2, "]") && r.tokens[r.at+1].quoted && !r.tokens[r.at+1].holes {
			r.at += 3
			return variableNamed(r.tokens[r.at-2].text)
		}
		if name == "__dirname" || name == "import.meta.dirname" {
			return literal{kind: textLiteral, text: r.here}
		}
		return r.constant(name)
	}
	return r.inside(func() literal {
		r.at++
		var args []literal
		r.each(")", func() { args = append(args, r.expression()) })
		return r.call(name, args)
	})
}

// call evaluates the few calls that a config file may need.
func (r *configReader) call(name string, args []literal) literal {
	switch name {
	case "process.cwd":
		return literal{kind: textLiteral, text: r.cwd}
	case "path.join", "path.resolve", "join", "resolve", "path.posix.join":
		joined := ""
		for _, a := range args {
			if a.kind != textLiteral {
				return literal{}
			}
			if joined != "" && (!filepath.IsAbs(a.text) || strings.HasSuffix(name, "join")) {
				joined = filepath.Join(joined, a.text)
			} else {
				joined = a.text
			}
		}
		if joined != "" && strings.HasSuffix(name, "resolve") {
			joined = absolute(r.cwd, joined)
		}
		return literal{kind: textLiteral, text: joined}
	case "env":
		if len(args) == 1 && args[0].kind == textLiteral {
			return variableNamed(args[0].text)
		}
		return literal{}
	}
	if len(args) == 1 && (name == "defineConfig" || strings.HasSuffix(name, ".defineConfig")) {
		return args[0]
	}
	return literal{}
}

// constant returns the value that a name was declared with.
func (r *configReader) constant(name string) literal {
	for i := 0; i < len(r.tokens); i++ {
		r.step()
		if !r.is(i, "const") || !r.is(i+1, name) {
			continue
		}
		for j := i + 2; j < len(r.tokens) && !r.is(j, ";"); j++ { // over a type
			if r.is(j, "=") {
				return r.value(j + 1)
			}
		}
	}
	return literal{}
}
