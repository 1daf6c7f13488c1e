package prisma

import "sync"

// fileNumber stands for the name of a schema file; the zero value for "". Numbers are given for the life of the process,
// in which few files are read, though often.
type fileNumber int32

var fileNames = struct {
	sync.RWMutex
	list    []string
	numbers map[string]fileNumber
}{list: []string{""}, numbers: map[string]fileNumber{"": 0}}

// numberOf returns the number of a file's name.
func numberOf(name string) fileNumber {
	fileNames.Lock()
	defer fileNames.Unlock()
	n, ok := fileNames.numbers[name]
	if !ok {
		n = fileNumber(len(fileNames.list)) // #nosec G115 -- a program reads fewer files than that
		fileNames.list = append(fileNames.list, name)
		fileNames.numbers[name] = n
	}
	return n
}

func (n fileNumber) name() string {
	fileNames.RLock()
	defer fileNames.RUnlock()
	return fileNames.list[n]
}
