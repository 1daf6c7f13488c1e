package console

import (
	"iter"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/widget"
)

// popup is the list of words that fit what is being typed.
type popup struct {
	open  bool
	typed bool // it opened by itself, as something was typed
	from  int  // where the word begins in the text
	items []completion
	list  widget.List
}

// completion is a word to offer: what is inserted, and what it is.
type completion struct{ Insert, kind string }

const popupHeight = 8

// complete offers the words that fit; a single one is taken at once.
func (c *page) complete() {
	from, word := c.text.Word()
	items := completions(c.of.words, c.text.String(), from, word)
	c.popup.from, c.popup.items = from, items
	c.popup.list = widget.List{}
	c.popup.list.Size(len(items))
	was := c.popup.open && !c.popup.typed
	c.popup.open, c.popup.typed = len(items) > 0, false
	if len(items) == 1 && !was {
		c.accept()
	}
	if len(items) == 0 && !was && word == "" {
		c.text.Insert("  ")
	}
}

// suggestedFrom is how many letters a word has before it is completed by itself, and suggestedIn how long a text is at most
// in which that happens.
const (
	suggestedFrom = 2
	suggestedIn   = 256 << 10
)

// suggest follows what is typed with the words that fit: a list that is open gets shorter, and one opens by itself.
func (c *page) suggest(k tea.KeyMsg) {
	typed := k.Type == tea.KeyRunes && !k.Paste && !k.Alt
	erased := k.Type == tea.KeyBackspace || k.Type == tea.KeyDelete
	if !c.popup.open && !typed || !typed && !erased {
		c.popup.open = false
		return
	}
	from, word := c.text.Word()
	text := c.text.String()
	letters := len(word[strings.LastIndexByte(word, '.')+1:])
	if c.of.words == nil || word == "" || letters < suggestedFrom && !strings.Contains(word, ".") || len(text) > suggestedIn || !isWord(text, from, word) {
		c.popup.open = false
		return
	}
	items := completions(c.of.words, text, from, word)
	if len(items) == 1 && items[0].Insert == word {
		items = nil
	}
	c.popup.from, c.popup.items, c.popup.list = from, items, widget.List{}
	c.popup.list.Size(len(items))
	c.popup.open, c.popup.typed = len(items) > 0, true
}

// isWord reports whether what is typed at an offset is a name or a key word: no number or parameter, and within no string
// and no comment.
func isWord(text string, from int, word string) bool {
	if word[0] >= '0' && word[0] <= '9' || word[0] == '$' || from > 0 && text[from-1] == ':' && (from == 1 || text[from-2] != ':') {
		return false
	}
	for t := range allTokens(text[:from+len(word)]) {
		if t.End > from {
			return t.Kind == sqltext.Word || t.Kind == sqltext.Name || t.Kind == sqltext.Symbol || t.Kind == sqltext.Broken && text[t.Start] == '"'
		}
	}
	return false
}

// allTokens are the tokens of a text, comments and blanks among them.
func allTokens(text string) iter.Seq[sqltext.Token] {
	return func(yield func(sqltext.Token) bool) {
		l := sqltext.Lexer{Text: text}
		for t, ok := l.Next(); ok && yield(t); t, ok = l.Next() {
		}
	}
}

// popupKey takes a key while the list is open, and reports whether it was one for the list.
func (c *page) popupKey(name string) bool {
	switch name {
	case "esc":
		c.popup.open = false
	case "up", "shift+tab", "ctrl+p":
		c.popup.list.At = (c.popup.list.At + len(c.popup.items) - 1) % len(c.popup.items)
	case "down", "ctrl+n":
		c.popup.list.At = (c.popup.list.At + 1) % len(c.popup.items)
	case "enter":
		if c.popup.typed && c.popup.items[c.popup.list.At].Insert == c.text.String()[c.popup.from:c.text.At()] {
			c.popup.open = false // the word is there already: enter is a new line
			return false
		}
		c.accept()
	case "tab":
		c.accept()
	default:
		return false
	}
	return true
}

func (c *page) accept() {
	item := c.popup.items[c.popup.list.At]
	c.text.Replace(c.popup.from, c.text.At(), item.Insert)
	c.popup.open = false
}

func (c *page) drawPopup(a draw.Area, below int) {
	line, offset := c.text.Cursor()
	x := draw.Width(c.text.Lines()[line][:offset]) + 1
	h := min(popupHeight, len(c.popup.items)) + 2
	y := min(line-c.scroll+2, below)
	if y+h > a.H {
		y = max(0, a.H-h)
	}
	w := 24
	for _, item := range c.popup.items {
		w = max(w, draw.Width(item.Insert+item.kind)+6)
	}
	w = min(w, 64, a.W)
	box := a.Sub(min(x, a.W-w), y, w, h)
	box.Fill(" ", draw.Plain)
	in := box.Box(draw.Frame{Focused: true})
	c.popup.list.Draw(in, true, draw.Chosen, func(i, y int) {
		item := c.popup.items[i]
		in.Text(1, y, item.Insert, draw.Plain)
		in.Right(in.W, y, max(0, in.W-draw.Width(item.Insert)-2), item.kind, draw.Dim)
	})
}

// completions lists what may follow in a text at a word that begins at an offset: tables after FROM and the like,
// columns of the tables in the same statement elsewhere, what is inside a schema, table or alias after a dot.
func completions(words *postgres.Completion, text string, from int, word string) []completion {
	if words == nil {
		return nil
	}
	statement := statementAt(text, from)
	if i := strings.LastIndexByte(word, '.'); i >= 0 {
		return afterDot(words, statement, word[:i], sqltext.Unquote(word[i+1:]))
	}
	w := strings.ToLower(sqltext.Unquote(word))
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
			offer(col.Name, words.QuoteIfNeeded(col.Name), t.table.Name+" "+col.Type)
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

func offerTables(words *postgres.Completion, offer func(name, insert, kind string)) {
	for _, t := range words.Tables {
		insert := words.QuoteIfNeeded(t.Name)
		if !t.Visible {
			insert = words.QuoteIfNeeded(t.Schema) + "." + insert
		}
		offer(t.Name, insert, string(t.Kind))
	}
	for _, s := range words.Schemas {
		offer(s, words.QuoteIfNeeded(s)+".", "schema")
	}
}

// afterDot offers what is inside a schema, a table or an alias.
func afterDot(words *postgres.Completion, statement, head, rest string) []completion {
	var out []completion
	name := sqltext.Unquote(head[strings.LastIndexByte(head, '.')+1:])
	rest = strings.ToLower(rest)
	for _, t := range words.Tables {
		if t.Schema == name && strings.HasPrefix(strings.ToLower(t.Name), rest) {
			out = append(out, completion{head + "." + words.QuoteIfNeeded(t.Name), string(t.Kind)})
		}
	}
	for _, t := range tablesIn(words, statement) {
		if t.alias != name && t.table.Name != name {
			continue
		}
		for _, col := range t.table.Columns {
			if strings.HasPrefix(strings.ToLower(col.Name), rest) {
				out = append(out, completion{head + "." + words.QuoteIfNeeded(col.Name), col.Type})
			}
		}
	}
	return dedupe(out)
}

func dedupe(items []completion) []completion {
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(c completion) bool {
		if seen[c.Insert] {
			return true
		}
		seen[c.Insert] = true
		return false
	})
}

// mention is a table that a statement names, and the alias that it has there.
type mention struct {
	table postgres.CompletionTable
	alias string
}

// tablesIn finds the tables that a statement names after FROM, JOIN, INTO and UPDATE.
func tablesIn(words *postgres.Completion, statement string) []mention {
	var out []mention
	tokens := slices.Collect(sqltext.Tokens(statement))
	text := func(i int) string {
		if i >= len(tokens) {
			return ""
		}
		return statement[tokens[i].Start:tokens[i].End]
	}
	isName := func(i int) bool {
		return i < len(tokens) && (tokens[i].Kind == sqltext.Name || tokens[i].Kind == sqltext.Word && !widget.SqlKeywords.Has(strings.ToUpper(text(i))))
	}
	for i := range tokens {
		if !slices.Contains([]string{"FROM", "JOIN", "INTO", "UPDATE", ","}, strings.ToUpper(text(i))) {
			continue
		}
		schema, name, next := "", sqltext.Unquote(text(i+1)), i+2
		if text(next) == "." {
			schema, name, next = name, sqltext.Unquote(text(next+1)), next+2
		}
		alias := ""
		if strings.EqualFold(text(next), "AS") {
			next++
		}
		if isName(next) {
			alias = sqltext.Unquote(text(next))
		}
		for _, t := range words.Tables {
			if t.Name == name && (schema == t.Schema || (schema == "" && t.Visible)) {
				out = append(out, mention{t, alias})
			}
		}
	}
	return out
}

// statementAt is the statement around an offset, by its semicolons.
func statementAt(text string, at int) string {
	start := 0
	for t := range sqltext.Tokens(text) {
		switch {
		case !t.Is(text, ';'):
		case t.End <= at:
			start = t.End
		default:
			return text[start:t.Start]
		}
	}
	return text[start:]
}

func lastWord(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return ""
	}
	return strings.ToUpper(fields[len(fields)-1])
}
