package embedpg

import (
	"os"
	"os/exec"
)

// ServerAccount returns the zero Account: on Windows the server drops an administrator's rights by itself.
func ServerAccount() (Account, error) { return Account{}, nil }

// Apply changes nothing here.
func (a Account) Apply(*exec.Cmd) {}

// Own changes nothing here.
func (a Account) Own(string) error { return nil }

func (a Account) create(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }

func rewrite(path string, data []byte) error { return os.WriteFile(path, data, 0o600) }

// reaches finds no fault here.
func (a Account) reaches(string) error { return nil }
