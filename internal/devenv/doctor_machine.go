package devenv

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

func (d *doctor) checkWorkspace() {
	ws := d.env.ws
	d.fine("workspace", "Workspace", ws.Describe())
	for _, w := range ws.Warnings {
		d.add("workspace", Warning, "The workspace has a warning", []string{w}, remedy.Naap("config"))
	}
}

// checkShell compares the shell's DATABASE_URL with ours: one that points elsewhere is a classic.
func (d *doctor) checkShell() {
	shell := getenv("DATABASE_URL")
	if shell == "" {
		return
	}
	theirs, err := postgres.ParseTarget(shell)
	if err != nil {
		d.add("shell.url", Warning, "The shell's DATABASE_URL can't be read", []string{postgres.MaskURL(shell)}, remedy.Line("export DATABASE_URL=$(", remedy.Naap("dev url"), ")"))
		return
	}
	set := &d.env.ws.Settings
	port := set.Port
	if rec := readRecord(d.env.stateDir()); rec.Port != 0 {
		port = rec.Port
	}
	ours, err := postgres.ParseTarget(set.URL("localhost", port))
	if set.DatabaseURL != "" {
		ours, err = postgres.ParseTarget(set.DatabaseURL)
	}
	if err != nil || samePlace(theirs, ours) {
		d.fine("shell.url", "The shell's DATABASE_URL is this database")
		return
	}
	d.add("shell.url", Warning, "The shell's DATABASE_URL is another database",
		[]string{"DATABASE_URL: " + theirs.Masked(), "this instance: " + ours.Masked()}, remedy.Line("export DATABASE_URL=$(", remedy.Naap("dev url"), ")"))
}

func samePlace(a, b postgres.Target) bool {
	if len(a.Hosts) == 0 || len(b.Hosts) == 0 || a.Database != b.Database {
		return false
	}
	return a.Hosts[0].Port == b.Hosts[0].Port && loopback(a.Hosts[0].Name) == loopback(b.Hosts[0].Name)
}

// loopback makes one name of those that this machine has for itself.
func loopback(host string) string {
	switch host {
	case "localhost", "127.0.0.1", "::1", "":
		return "localhost"
	}
	return host
}

// checkTools tells which versions of Node's tools are there: the platform's own scripts need them, naap does not.
func (d *doctor) checkTools(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, tool := range []program.Program{program.Node, program.Npm} {
		cmd, err := d.env.Programs().Command(ctx, tool, "--version")
		if err != nil {
			seen := append([]string{"the platform's own scripts need it; naap needs npm once, without Docker"}, program.Passed(err)...)
			d.add("tools", Notable, tool.Name+" is not on the PATH", seen, remedy.Words("https://nodejs.org"))
			continue
		}
		cmd.Dir, _ = os.UserHomeDir() // in the workspace npm would read its .npmrc, and a version manager its settings
		out, err := cmd.Output()
		if err != nil {
			d.add("tools", Warning, tool.Name+" does not run", []string{cmd.Path, err.Error()}, remedy.Words(cmd.Path+" --version"), remedy.Words("https://nodejs.org"))
			continue
		}
		d.fine("tools", tool.Name+" "+visible.String(strings.TrimSpace(string(out))), cmd.Path)
	}
	d.checkPrisma()
}

// checkMachine looks at disk and memory.
func (d *doctor) checkMachine() {
	dir := d.env.stateDir()
	if free, ok := d.diskFree(dir); ok {
		d.disk(free, dir)
	}
	if total, available, ok := d.memory(); ok {
		seen := []string{fmt.Sprintf("%s available of %s", bytesText(available), bytesText(total))}
		if available < 256<<20 {
			d.add("memory", Warning, "Little memory is left", seen, remedy.Naap("dev down").Note("the data stay"), remedy.Words("docker stats --no-stream"))
		} else {
			d.fine("memory", "Memory", seen...)
		}
	}
}

// leastDisk is what a push, a snapshot or an image has room in.
const leastDisk = 2 << 30

// disk judges the space that is free where a folder is, of this machine or of the container.
func (d *doctor) disk(free int64, where string) {
	seen := fmt.Sprintf("%s free where %s is", bytesText(free), where)
	if free < leastDisk {
		d.add("disk", Warning, "The disk is nearly full", []string{seen}, remedy.Words("docker system df"), remedy.Naap("dev snapshot list"), remedy.Naap("dev undo", "--list"))
		return
	}
	d.fine("disk", "Disk space", seen)
}

func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	v, i := float64(n), 0
	for v >= 1000 && i < len(units)-1 {
		v, i = v/1000, i+1
	}
	return fmt.Sprintf("%.1f %s", v, units[i])
}
