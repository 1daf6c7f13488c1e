package tui

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
)

// popup is the list of words that fit what is being typed.
type popup struct {
	open  bool
	from  int // where the word begins in the text
	items []completion
	list  list
}

// completion is a word to offer: what is inserted, and what it is.
type completion struct{ insert, kind string }

const popupHeight = 8

// complete offers the words that fit; a single one is taken at once.
func (c *consoleScreen) complete() {
	from, word := c.text.Word()
	items := completions(c.words, c.text.String(), from, word)
	c.popup.from, c.popup.items = from, items
	c.popup.list = list{}
	c.popup.list.size(len(items))
	was := c.popup.open
	c.popup.open = len(items) > 0
	if len(items) == 1 && !was {
		c.accept()
	}
	if len(items) == 0 && !was && word == "" {
		c.text.Insert("  ")
	}
}

// popupKey takes a key while the list is open, and tells whether it was one for the list.
func (c *consoleScreen) popupKey(name string) bool {
	switch name {
	case "esc":
		c.popup.open = false
	case "up", "shift+tab", "ctrl+p":
		c.popup.list.at = (c.popup.list.at + len(c.popup.items) - 1) % len(c.popup.items)
	case "down", "ctrl+n":
		c.popup.list.at = (c.popup.list.at + 1) % len(c.popup.items)
	case "tab", "enter":
		c.accept()
	default:
		return false
	}
	return true
}

func (c *consoleScreen) accept() {
	item := c.popup.items[c.popup.list.at]
	c.text.Replace(c.popup.from, c.text.At(), item.insert)
	c.popup.open = false
}

func (c *consoleScreen) drawPopup(a draw.Area, below int) {
	line, offset := c.text.Cursor()
	x := draw.Width(c.text.Lines()[line][:offset]) + 1
	h := min(popupHeight, len(c.popup.items)) + 2
	y := min(line-c.scroll+2, below)
	if y+h > a.H {
		y = max(0, a.H-h)
	}
	w := 24
	for _, item := range c.popup.items {
		w = max(w, draw.Width(item.insert+item.kind)+6)
	}
	w = min(w, 64, a.W)
	box := a.Sub(min(x, a.W-w), y, w, h)
	box.Fill(" ", draw.Plain)
	in := box.Box(draw.Frame{Focused: true})
	from, to := c.popup.list.window(in.H)
	for i, item := range c.popup.items[from:to] {
		in.Text(1, i, item.insert, draw.Plain)
		in.Right(in.W, i, max(0, in.W-draw.Width(item.insert)-2), item.kind, draw.Dim)
		if from+i == c.popup.list.at {
			in.Mark(0, i, in.W, draw.Chosen)
			in.Text(0, i, in.Look().Glyphs.Pick, draw.Accent)
		}
	}
}

// completions lists what may follow in a text at a word that begins at an offset: tables after FROM and the like,
// columns of the tables in the same statement elsewhere, what is inside a schema, table or alias after a dot.
func completions(words *devenv.Completion, text string, from int, word string) []completion {
	if words == nil {
		return nil
	}
	statement := statementAt(text, from)
	if i := strings.LastIndexByte(word, '.'); i >= 0 {
		return afterDot(words, statement, word[:i], unquote(word[i+1:]))
	}
	w := strings.ToLower(unquote(word))
	var out []completion
	offer := func(name, insert, kind string) {
		if strings.HasPrefix(strings.ToLower(name), w) {
			out = append(out, completion{insert, kind})
		}
	}
	before := lastWord(text[:from])
	if slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE", "TABLE", "ONLY", "REFERENCES"}, before) {
		offerTables(words, offer)
		return out
	}
	if before == "SET" || before == "SHOW" {
		for _, s := range words.Settings {
			offer(s, s, "setting")
		}
	}
	for _, t := range tablesIn(words, statement) {
		for _, col := range t.table.Columns {
			offer(col.Name, ident(col.Name), t.table.Name+" "+col.Type)
		}
	}
	if w == "" {
		return dedupe(out)
	}
	for _, k := range words.Keywords {
		offer(k, k, "")
	}
	offerTables(words, offer)
	for _, f := range words.Functions {
		offer(f, f+"(", "function")
	}
	for _, t := range words.Types {
		offer(t, t, "type")
	}
	return dedupe(out)
}

func offerTables(words *devenv.Completion, offer func(name, insert, kind string)) {
	for _, t := range words.Tables {
		insert := ident(t.Name)
		if !t.Visible {
			insert = ident(t.Schema) + "." + insert
		}
		offer(t.Name, insert, string(t.Kind))
	}
	for _, s := range words.Schemas {
		offer(s, ident(s)+".", "schema")
	}
}

// afterDot offers what is inside a schema, a table or an alias.
func afterDot(words *devenv.Completion, statement, head, rest string) []completion {
	var out []completion
	name := unquote(head[strings.LastIndexByte(head, '.')+1:])
	rest = strings.ToLower(rest)
	for _, t := range words.Tables {
		if t.Schema == name && strings.HasPrefix(strings.ToLower(t.Name), rest) {
			out = append(out, completion{head + "." + ident(t.Name), string(t.Kind)})
		}
	}
	for _, t := range tablesIn(words, statement) {
		if t.alias != name && t.table.Name != name {
			continue
		}
		for _, col := range t.table.Columns {
			if strings.HasPrefix(strings.ToLower(col.Name), rest) {
				out = append(out, completion{head + "." + ident(col.Name), col.Type})
			}
		}
	}
	return dedupe(out)
}

func dedupe(items []completion) []completion {
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(c completion) bool {
		if seen[c.insert] {
			return true
		}
		seen[c.insert] = true
		return false
	})
}

// mention is a table that a statement names, and the alias that it has there.
type mention struct {
	table devenv.CompletionTable
	alias string
}

// tablesIn finds the tables that a statement names after FROM, JOIN, INTO and UPDATE.
func tablesIn(words *devenv.Completion, statement string) []mention {
	var out []mention
	tokens := sqlTokens(statement)
	for i := 0; i+1 < len(tokens); i++ {
		if !slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE", ","}, strings.ToUpper(tokens[i])) {
			continue
		}
		schema, name, next := "", unquote(tokens[i+1]), i+2
		if next+1 < len(tokens) && tokens[next] == "." {
			schema, name, next = name, unquote(tokens[next+1]), next+2
		}
		alias := ""
		if next < len(tokens) && strings.EqualFold(tokens[next], "AS") {
			next++
		}
		if next < len(tokens) && !sqlKeywords[strings.ToUpper(tokens[next])] && len(tokens[next]) > 0 && wordStart(tokens[next]) {
			alias = unquote(tokens[next])
		}
		for _, t := range words.Tables {
			if t.Name == name && (schema == t.Schema || (schema == "" && t.Visible)) {
				out = append(out, mention{t, alias})
			}
		}
	}
	return out
}

func wordStart(s string) bool {
	return s[0] == '"' || s[0] == '_' || s[0] >= 0x80 || (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z')
}

// sqlTokens are the words, quoted names and signs of a statement, strings left out.
func sqlTokens(s string) []string {
	var out []string
	for _, line := range sqlLines(s) {
		for _, p := range line {
			if p.Role == draw.Quote || p.Role == draw.Dim {
				continue
			}
			text := strings.TrimSpace(p.Text)
			for text != "" {
				n := len(text)
				if !wordStart(text) {
					n = 1
				}
				out = append(out, text[:n])
				text = strings.TrimSpace(text[n:])
			}
		}
	}
	return out
}

// statementAt is the statement around an offset, by its semicolons.
func statementAt(text string, at int) string {
	start := strings.LastIndexByte(text[:at], ';') + 1
	end := len(text)
	if i := strings.IndexByte(text[at:], ';'); i >= 0 {
		end = at + i
	}
	return text[start:end]
}

func lastWord(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return ""
	}
	return strings.ToUpper(fields[len(fields)-1])
}

// ident writes a name as SQL needs it: quoted unless it is lower case and no keyword.
func ident(s string) string {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return quoteName(s)
		}
	}
	if s == "" || sqlKeywords[strings.ToUpper(s)] || s == "user" {
		return quoteName(s)
	}
	return s
}

func unquote(s string) string {
	if strings.HasPrefix(s, `"`) {
		s = strings.TrimSuffix(s[1:], `"`)
	}
	return strings.ReplaceAll(s, `""`, `"`)
}
