package rules

import (
	"path"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
)

// databasesRun returns the images that a script starts as database servers, as the script writes them. A container with
// the name of the one database's is that one.
func databasesRun(s *shell.Script, container string) []shell.Word {
	variables := map[string]string{}
	var found []shell.Word
	for _, c := range s.Commands {
		for _, a := range c.Assignments {
			if !a.IsList && !a.Append {
				variables[a.Name] = a.Value.Text
			}
		}
		if image, ok := imageOfRun(c.Words, container, variables); ok {
			found = append(found, image)
		}
	}
	return found
}

// engines are the commands that run containers.
var engines = map[string]bool{"docker": true, "podman": true, "nerdctl": true, "docker.exe": true}

// wrappers are the commands that run another one, with those of their options that take a value.
var wrappers = map[string]string{
	"sudo": "-u -g -h -p -C -T", "doas": "-u -C", "env": "-u -C -S", "nice": "-n", "ionice": "-c -n", "timeout": "-k -s",
	"nohup": "", "exec": "-a", "time": "", "command": "", "stdbuf": "", "setsid": "",
}

// engineValues are the options of the docker command itself that take a value.
var engineValues = "-c --context -H --host --config -l --log-level --tlscacert --tlscert --tlskey"

// bareFlags are the options of docker run that take no value; every other one takes one.
var bareFlags = map[string]bool{
	"-d": true, "--detach": true, "-i": true, "--interactive": true, "-t": true, "--tty": true, "--rm": true,
	"--privileged": true, "-P": true, "--publish-all": true, "--init": true, "--read-only": true, "-q": true,
	"--quiet": true, "--no-healthcheck": true, "--oom-kill-disable": true, "--sig-proxy": true,
	"--disable-content-trust": true, "--help": true, "--replace": true,
}

// imageOfRun returns the database image that a command starts as a server. A client, or a shell, that is run from a
// server's image is not a server.
func imageOfRun(words []shell.Word, container string, variables map[string]string) (shell.Word, bool) {
	words = unwrapped(words)
	if len(words) < 2 || !engines[path.Base(words[0].Text)] {
		return shell.Word{}, false
	}
	words = withoutFlags(words[1:], engineValues)
	if len(words) > 0 && words[0].Text == "container" {
		words = words[1:]
	}
	if len(words) == 0 || words[0].Text != "run" && words[0].Text != "create" {
		return shell.Word{}, false
	}
	words = words[1:]
	for len(words) > 0 && strings.HasPrefix(words[0].Text, "-") {
		flag, value, joined := strings.Cut(words[0].Text, "=")
		words = words[1:]
		if !joined && !takesNone(flag) && len(words) > 0 {
			value = words[0].Text
			words = words[1:]
		}
		if flag == "--name" && resolved(value, variables) == container || flag == "--entrypoint" && clients[path.Base(value)] {
			return shell.Word{}, false
		}
	}
	if len(words) == 0 || len(words) > 1 && clients[path.Base(words[1].Text)] {
		return shell.Word{}, false
	}
	image := words[0]
	image.Text = resolved(image.Text, variables)
	return image, isDatabaseImage(image.Text)
}

// unwrapped returns a command without those that only run it.
func unwrapped(words []shell.Word) []shell.Word {
	for len(words) > 0 {
		name := path.Base(words[0].Text)
		values, is := wrappers[name]
		if !is {
			break
		}
		words = withoutFlags(words[1:], values)
		if name == "timeout" && len(words) > 0 { // the duration
			words = words[1:]
		}
		for len(words) > 0 && strings.Contains(words[0].Text, "=") { // sudo NAME=value command
			words = words[1:]
		}
	}
	return words
}

// withoutFlags drops the options at the beginning; values are those that take a value.
func withoutFlags(words []shell.Word, values string) []shell.Word {
	for len(words) > 0 && strings.HasPrefix(words[0].Text, "-") {
		flag := words[0].Text
		words = words[1:]
		if len(words) > 0 && strings.Contains(" "+values+" ", " "+flag+" ") {
			words = words[1:]
		}
	}
	return words
}

var wholeVariable = lazy.Regexp{Text: `^\$(?:\{(\w+)\}|(\w+))$`}

// resolved returns the value of a word that consists of a variable which the script has set.
func resolved(word string, variables map[string]string) string {
	if m := wholeVariable.Get().FindStringSubmatch(word); m != nil {
		if value, ok := variables[m[1]+m[2]]; ok {
			return value
		}
	}
	return word
}

// takesNone reports whether an option takes no value: it is a bare flag, or several short ones together (-dit).
func takesNone(flag string) bool {
	return bareFlags[flag] || !strings.HasPrefix(flag, "--") && strings.Trim(flag, "-ditPq") == ""
}
