package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// printMachine prints where the table was made: its figures mean nothing elsewhere.
func printMachine(w io.Writer) {
	fmt.Fprintf(w, "\n%s, medians of %d\n", time.Now().Format("2006-01-02 15:04 MST"), rounds())
	for _, line := range []struct{ name, text string }{
		{"processor", fmt.Sprintf("%d × %s", runtime.NumCPU(), processor())},
		{"system", runtime.GOOS + " " + output("uname", "-r")},
		{"temporary files", disk(os.TempDir())},
		{"go", runtime.Version()},
		{"docker", output("docker", "version", "--format", "{{.Server.Version}} ({{.Server.Os}}/{{.Server.Arch}})") + ", storage " + output("docker", "info", "--format", "{{.Driver}} in {{.DockerRootDir}}")},
		{"compose", output("docker", "compose", "version", "--short")},
		{"image", output("docker", "image", "inspect", "--format", "{{index .RepoTags 0}} {{slice .Id 7 19}}", image)},
		{"psql", output("psql", "--version")},
		{"node", output("node", "--version")},
	} {
		fmt.Fprintf(w, "  %-16s %s\n", line.name, line.text)
	}
}

// load returns the machine's load average over the last minute, where the system reports it.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	return strings.Fields(string(text))[0]
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// disk returns the file system that a folder is on: "ext4 on /dev/sda1".
func disk(dir string) string {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "unknown"
	}
	if text := output("findmnt", "-no", "FSTYPE,SOURCE", "--target", dir); text != missing {
		return strings.Join(strings.Fields(text), " on ")
	}
	return "unknown"
}

const missing = "none"

// output returns what a program says about itself on one line, or "none".
func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return missing
	}
	return strings.TrimSpace(string(out))
}
