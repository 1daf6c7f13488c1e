//go:build !unix

package rules

import "os"

// readInto reads a whole file behind buf.
func readInto(buf []byte, name string) ([]byte, error) {
	data, err := os.ReadFile(name)
	return append(buf, data...), err
}
