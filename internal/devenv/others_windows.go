package devenv

// otherAccounts are not looked for here.
func otherAccounts() []string { return nil }
