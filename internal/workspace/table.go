package workspace

import (
	"maps"
	"net/url"
	"slices"
	"strings"

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

// Table lists every setting in effect and where it came from.
func (s *Settings) Table() []Row {
	var rows []Row
	for _, k := range keys {
		value := k.get(s)
		if k.Secret {
			value = masked(value)
		}
		rows = append(rows, Row{k.Name, visible.String(value), visible.String(s.Origin(k.Name).String()), k.Env, k.Doc})
		if k.Name == "instance" {
			rows = append(rows, Row{"container", visible.String(s.Container),
				visible.String(s.Origin("container").String()), "", "name of the container"})
		}
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

// masked hides a password: all of a plain one, and that part of a URL. What is neither empty nor clearly a URL is
// hidden whole, keyword strings (password=…) included.
func masked(value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "********"
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, "xxxxx")
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}
