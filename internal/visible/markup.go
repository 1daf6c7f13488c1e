package visible

import (
	"fmt"
	"strings"
)

// CodeSpan returns a text as Markdown shows it in a line, letter by letter: in a code span nothing is a link, a mention,
// markup or HTML. Source: "Code spans" of CommonMark.
func CodeSpan(text string) string {
	text = String(text)
	fence := strings.Repeat("`", longestRun(text)+1)
	if strings.Trim(text, "` ") != text || text == "" { // a blank on either side is removed again
		text = " " + text + " "
	}
	return fence + text + fence
}

// CodeBlock returns lines as a block of code in Markdown, which ends where the block does, whatever is in it.
func CodeBlock(language, text string) string {
	text = strings.TrimSuffix(Text(text), "\n")
	fence := strings.Repeat("`", max(3, longestRun(text)+1))
	return fence + language + "\n" + text + "\n" + fence + "\n"
}

// longestRun returns the length of the longest run of backticks.
func longestRun(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// Annotation is a remark that a workflow of GitHub Actions shows beside a line of a file.
type Annotation struct {
	Level             string // error, warning or notice
	File              string // relative to the repository's root, with forward slashes; "" for none
	Line              int    // from 1; 0 for the whole file
	Column, EndColumn int    // from 1; 0 for the whole line
	Title, Message    string
}

// String returns the workflow command. Names and messages are made visible and escaped, so that they cannot end a command
// or begin another. Source: "Workflow commands for GitHub Actions", setting an error, warning or notice message.
func (a Annotation) String() string {
	var properties []string
	add := func(name, value string) {
		properties = append(properties, name+"="+propertyEscapes().Replace(String(value)))
	}
	if a.File != "" {
		add("file", a.File)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"line", a.Line}, {"col", a.Column}, {"endColumn", a.EndColumn}} {
		if n.value > 0 {
			add(n.name, fmt.Sprint(n.value))
		}
	}
	if a.Title != "" {
		add("title", a.Title)
	}
	command := "::" + a.Level
	if len(properties) > 0 {
		command += " " + strings.Join(properties, ",")
	}
	return command + "::" + messageEscapes().Replace(Text(a.Message))
}

func messageEscapes() *strings.Replacer {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
}

func propertyEscapes() *strings.Replacer {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
}
