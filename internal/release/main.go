// Command release writes the text that a release has to bring along for the modules that naap is linked with: their
// licences and notices. `.ci/release-files` gives it the list of packages, a line each: the module, its version, the
// module's folder and the package's.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	text, err := thirdParty(os.Stdin)
	if err == nil {
		_, err = io.WriteString(os.Stdout, text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// linked is a module of the list, with the folders of its packages that are linked.
type linked struct {
	path, version, root string
	folders             []string
}

// thirdParty returns the licences of the modules of a list. It fails where a module has none, or one of a kind that a
// release has not met before.
func thirdParty(list io.Reader) (string, error) {
	modules, err := readList(list)
	if err != nil {
		return "", err
	}
	var all []document
	for _, m := range modules {
		found, err := m.documents()
		if err != nil {
			return "", err
		}
		all = append(all, found...)
	}
	return write(modules, all), nil
}

// readList reads a list of packages, in which each may stand several times, and returns their modules in order.
func readList(list io.Reader) ([]*linked, error) {
	known := map[string]*linked{}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 4 || slices.Contains(fields, "") {
			return nil, fmt.Errorf("not a module, its version, its folder and a package's: %q", lines.Text())
		}
		m := known[fields[0]]
		if m == nil {
			m = &linked{path: fields[0], version: fields[1], root: fields[2]}
			known[m.path] = m
		}
		if !slices.Contains(m.folders, fields[3]) {
			m.folders = append(m.folders, fields[3])
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	var modules []*linked
	for _, m := range known {
		slices.Sort(m.folders)
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b *linked) int { return strings.Compare(a.path, b.path) })
	return modules, nil
}
