package tui

import "github.com/rivo/uniseg"

// firstCluster splits off what a person sees as the first character.
func firstCluster(s string) (first, rest string) {
	if s == "" {
		return "", ""
	}
	c, rest, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return c, rest
}
