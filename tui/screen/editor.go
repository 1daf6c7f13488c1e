package screen

// Edited is the answer of Root.EditText: the text as the user's editor left it.
type Edited struct{ Text string }
