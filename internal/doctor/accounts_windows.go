package doctor

// otherAccounts returns nil: other accounts are not looked for on Windows.
func otherAccounts() []string { return nil }

// openHome returns nothing: on Windows an access list says who may enter a folder.
func openHome() openness { return openness{} }
