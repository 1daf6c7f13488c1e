package sqltext

import (
	"testing"
)

func TestQuotesAreResolvedAsTheServerDoes(t *testing.T) {
	for raw, want := range map[string]string{
		`'it''s'`: "it's", `"a""b"`: `a"b`, `E'\x41\102\u0043\\\n\''`: "ABC\\\n'", `E'\xc3\xa4'`: "ä", `U&'d\0061t\+000061\\'`: `data\`,
		`U&"\0061"`: "a", "$x$a$$b$x$": "a$$b", "$$": "$$", "N'a'": "a", "'a' -- b\n 'c'": "ac", `"open`: "open", `"`: "", "Word": "Word", "": "",
	} {
		if got := Unquote(raw); got != want {
			t.Errorf("%s is %q, want %q", raw, got, want)
		}
	}
	if Identifier("Word") != "word" || Identifier(`"Word"`) != "Word" {
		t.Error("only a name without quotes is folded")
	}
}

func TestTheSchemasThatAScriptCreatesAreFound(t *testing.T) {
	for script, want := range map[string]string{
		"CREATE SCHEMA a; create /* x */ schema if not exists \"B\"\"c\"":                       `a B"c`,
		"CREATE SCHEMA AUTHORIZATION joe; CREATE SCHEMA AUTHORIZATION current_user":             "joe",
		"SELECT E'\\'; CREATE SCHEMA a;'; DO $$ BEGIN CREATE SCHEMA b; END $$; CREATE SCHEMA c": "c",
		"COPY t FROM stdin;\nCREATE SCHEMA a;\n\\.\nCREATE SCHEMA b;":                           "b",
		"\\echo don't\nCREATE SCHEMA a;":                                                        "a",
	} {
		list, closed := CreatedSchemas(script)
		got := ""
		for _, c := range list {
			got += " " + c.Name
		}
		if got != " "+want || !closed {
			t.Errorf("%q: %s, closed: %v", script, got, closed)
		}
	}
	if _, closed := CreatedSchemas("CREATE SCHEMA a; SELECT '"); closed {
		t.Error("an open quote is closed")
	}
}

func TestWhatIsQuotedIsReadBack(t *testing.T) {
	for _, s := range []string{"", "a", `a"b`, "it's", `C:\'`, "größe", "a.b", "$$"} {
		if got := Unquote(Ident(s)); got != s {
			t.Errorf("the name %q is read back as %q", s, got)
		}
		l := Lexer{Text: Literal(s)}
		if tok, _ := l.Next(); tok.Kind != String || l.At != len(l.Text) || Unquote(l.Text) != s {
			t.Errorf("the text %q is written %s", s, l.Text)
		}
	}
	if got := Ident("a", `b"`, "c\x00d"); got != `"a"."b"""."cd"` {
		t.Errorf("a qualified name is %s", got)
	}
}
