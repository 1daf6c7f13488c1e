package dockerfile

import (
	"fmt"
	"strings"
	"testing"
)

func TestStagesAndVariablesAreRead(t *testing.T) {
	for src, want := range map[string]string{
		"FROM postgres:16":                                   "postgres:16",
		"from --platform=linux/amd64 postgres as db":         "postgres(db)",
		"FROM node AS base\nFROM base AS run\nRUN x":         "node(base) node(run)",
		"ARG V=16\nFROM postgres:${V}":                       "postgres:16 V=16",
		"ARG B=postgres:16\nFROM $B":                         "postgres:16 B=postgres:16",
		"FROM ${B:-postgres:16}":                             "postgres:16",
		"# FROM postgres\nFROM node":                         "node",
		"FROM node\nRUN echo \\\n  FROM postgres":            "node",
		"FROM node\nRUN a \\\n# why\n  b\nENV A=1 B=\"2 3\"": "node A=1 B=2 3",
		"FROM node\nENV A some-value":                        "node A=some-value",
		"FROM \\\n  postgres":                                "postgres",
		"FROM node\r\nENV A=1\r\n":                           "node A=1",
	} {
		f := Read([]byte(src))
		var got []string
		for _, s := range f.Stages {
			text := s.Image
			if s.Name != "" {
				text += "(" + s.Name + ")"
			}
			got = append(got, text)
		}
		for _, v := range f.Variables {
			got = append(got, fmt.Sprintf("%s=%s", v.Name, v.Value))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", src, strings.Join(got, " "), want)
		}
	}
}

func FuzzReading(f *testing.F) {
	f.Add([]byte("FROM a AS b\nENV x=\"y\\\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, s := range Read(src).Stages {
			if s.At.Start > s.At.End || s.At.End > len(src) {
				t.Fatalf("stage %+v of %d bytes", s, len(src))
			}
		}
	})
}
