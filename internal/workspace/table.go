package workspace

import (
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Row is one setting as `naap config` shows it. Every text is safe to show, and passwords are masked.
type Row struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
	Env    string `json:"env,omitempty"`
	Doc    string `json:"doc"`
}

// Manual lists the existing settings, without values: what naap.toml may have, and the variables.
func Manual() []Row {
	return append(say.Each(keys, func(k key) Row { return Row{Name: k.Name, Env: k.env(), Doc: k.Doc} }),
		say.Each(tables, func(t string) Row { return Row{Name: t, Doc: tableDocs[t]} })...)
}

// Table lists every setting in effect and where it came from.
func (s *Settings) Table() []Row {
	var rows []Row
	for _, k := range keys {
		value := k.get(s)
		if k.Secret {
			value = masked(k.Name, value)
		} else {
			value = dburl.MaskText(value) // a command may contain a URL
		}
		rows = append(rows, Row{k.Name, visible.String(value), visible.String(s.Origin(k.Name).String()), k.env(), k.Doc})
		if k.Name == "instance" {
			rows = append(rows, Row{"container", visible.String(s.Container),
				visible.String(s.Origin("container").String()), "", "name of the container"})
		}
	}
	for _, e := range s.Seed.Commands {
		value := string(e.When)
		if e.Table != "" {
			value += ":" + e.Table
		}
		rows = append(rows, Row{"seed.command", visible.String(dburl.MaskText(e.Name + " (" + value + "): " + e.Run)), e.where(), "", "command that fills the database"})
	}
	for _, text := range s.Push.After {
		rows = append(rows, Row{"push.after", visible.String(dburl.MaskText(text)), SettingsFileName, "", "command to run after a push that changed something"})
	}
	rows = append(rows, listRows("tui.keys", "keys of the action", s.TUI.Keys)...)
	rows = append(rows, listRows("check.prefixes", "what the models' names may begin with", s.Check.Prefixes)...)
	for _, schema := range slices.Sorted(maps.Keys(s.Owners)) {
		rows = append(rows, Row{"owners." + visible.String(schema), visible.String(s.Owners[schema]), SettingsFileName,
			"", "plugin that the schema belongs to"})
	}
	for _, e := range s.Check.Allow {
		rows = append(rows, Row{"check.allow", visible.String("rule " + e.Rule + " in " + e.Path + ": " + e.Reason),
			SettingsFileName, "", "accepted exception"})
	}
	return rows
}

func listRows(name, doc string, lists map[string][]string) []Row {
	var rows []Row
	for _, item := range slices.Sorted(maps.Keys(lists)) {
		rows = append(rows, Row{visible.String(name + "." + item), visible.String(strings.Join(lists[item], " ")),
			SettingsFileName, "", doc})
	}
	return rows
}

// masked hides a secret setting's value: the password in a URL, all of a password.
func masked(name, value string) string {
	switch {
	case value == "":
		return ""
	case name == "database-url":
		return dburl.MaskURL(value)
	}
	return "********"
}
