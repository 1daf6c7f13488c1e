package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func TestAManPageSaysWhatTheHelpDoes(t *testing.T) {
	root := &cobra.Command{Use: "naap"}
	c := &cobra.Command{
		Use: "reset SCHEMA…", Short: "Reset schemas", Example: "  naap reset a --yes=a    # a\\b",
		Long: "The old ones are moved, and `naap undo` brings\n.them back.\n\nThe rules:\n  1-one    No other\n  2-two    None",
		Run:  func(*cobra.Command, []string) {},
	}
	root.PersistentFlags().StringP("workspace", "C", "", "run as if started in `DIR`")
	c.Flags().String("format", "text", "`text|json`")
	c.Flags().Bool("dry-run", false, "print the plan")
	root.AddCommand(c)
	want := `.TH "NAAP" "1" "Nov 2026" "naap"
.SH NAME
naap\-reset \- Reset schemas
.SH SYNOPSIS
\fBnaap reset SCHEMA… [flags]\fR
.SH DESCRIPTION
The old ones are moved, and \fBnaap undo\fR brings
\&.them back.
.PP
The rules:
.EX
  1\-one    No other
  2\-two    None
.EE
.SH OPTIONS
.TP
\fB\-\-dry\-run\fR
print the plan
.TP
\fB\-\-format\fR \fItext|json\fR
text|json (default text)
.TP
\fB\-h\fR, \fB\-\-help\fR
help for reset
.SH OPTIONS INHERITED FROM PARENT COMMANDS
.TP
\fB\-C\fR, \fB\-\-workspace\fR \fIDIR\fR
run as if started in DIR
.SH EXAMPLE
.EX
  naap reset a \-\-yes=a    # a\eb
.EE
.SH SEE ALSO
\fBnaap\fR(1)
`
	got := manPage(c, time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
	if got != want {
		t.Errorf("the page is\n%s", got)
	}
}

func TestEveryCommandHasItsManPage(t *testing.T) {
	root := newApp(nil, nil, nil).root()
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		page := manPage(c, time.Time{})
		if !strings.Contains(page, "\n.SH NAME\n"+roffText(manName(c))+` \- `) {
			t.Errorf("%s:\n%s", c.CommandPath(), page)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
}
