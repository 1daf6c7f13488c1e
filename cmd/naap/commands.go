package main

import (
	"regexp"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// ownCommand is a command of naap's inside a text for people, up to the end of its verb.
var ownCommand = regexp.MustCompile(`\bnaap (dev|config|check)\b( [a-z]+)?`)

// runnable completes the commands that a text tells people to run: rooms below know neither the flags that chose this
// instance nor the folder that -C named, and without them a command would act on another database.
func (a *app) runnable(text string) string {
	name, dir := a.flags["instance"], a.dir
	if (name == "" || name == "naap") && dir == "" {
		return text
	}
	var b strings.Builder
	rest := text
	for {
		at := ownCommand.FindStringSubmatchIndex(rest)
		if at == nil {
			return b.String() + rest
		}
		command := rest[at[0]:at[1]]
		b.WriteString(rest[:at[0]])
		rest = rest[at[1]:]
		if dir != "" {
			command = "naap -C " + remedy.ShellWord(dir) + strings.TrimPrefix(command, "naap")
		}
		b.WriteString(command)
		if name != "" && name != "naap" && at[4] >= 0 && strings.Contains(command, " dev ") && !strings.Contains(oneCommand(rest), " --name ") {
			b.WriteString(" --name " + name)
		}
	}
}

// oneCommand is what is left of a command before another begins, or a remark on it.
func oneCommand(rest string) string {
	for _, end := range []string{"&&", ";", ")", "    (", "\n"} {
		rest, _, _ = strings.Cut(rest, end)
	}
	return rest + " "
}

// complete makes the commands of an error's remedy runnable as they stand, and returns the error.
func (a *app) complete(err error) error {
	if e, ok := remedy.Of(err); ok {
		for i := range e.Fix {
			e.Fix[i] = a.runnable(e.Fix[i])
		}
	}
	return err
}

// asciiOnly spells what naap's own messages draw with other characters.
var asciiOnly = strings.NewReplacer("…", "...", "·", "-", "✓", "ok", "✗", "XX", "—", "-", "→", "->")

// plain is a text of naap's own as the terminal is to get it: with --ascii in ASCII.
func (a *app) plain(text string) string {
	if a.ascii {
		return asciiOnly.Replace(text)
	}
	return text
}
