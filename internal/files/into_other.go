//go:build !unix

package files

import "io"

// ReadInto appends the content of a regular file to buf, which grows where necessary, up to one byte more than limit.
// What is not a file is refused with the code file.kind.
func ReadInto(buf []byte, path string, limit Limit) ([]byte, error) {
	f, _, err := open(path)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	return append(buf, data...), err
}
