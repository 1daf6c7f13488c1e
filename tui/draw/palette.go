package draw

// The sixteen colours that a terminal's own theme defines, plus one.
const (
	black = iota + 1
	red
	green
	yellow
	blue
	magenta
	cyan
	white
	brightBlack
	brightRed
	brightGreen
	brightYellow
	brightBlue
	brightMagenta
	brightCyan
	brightWhite
)

// x is a colour of the 256-colour palette.
func x(n int) int { return n + 1 }

// palette gives each role its style, and those of a selection with and without the keys, and of what has just come.
func palette(name string, colours Colours) (styles [numRoles]pen, chosen, aside, fresh pen) {
	switch {
	case colours == Mono:
		return mono(), pen{rev: true}, pen{under: true}, pen{bold: true, under: true}
	case colours < Many && name == "light":
		return sixteen(blue, magenta), pen{fg: brightWhite, bg: blue}, pen{bg: white}, pen{bg: green, fg: black}
	case colours < Many:
		return sixteen(cyan, yellow), pen{fg: brightWhite, bg: blue}, pen{bg: brightBlack, fg: brightWhite}, pen{bg: green, fg: black}
	case name == "light":
		return light(), pen{bg: x(153), fg: x(16)}, pen{bg: x(254)}, pen{bg: x(194)}
	}
	return dark(), pen{bg: x(24), fg: x(231)}, pen{bg: x(237)}, pen{bg: x(22), fg: x(231)}
}

func mono() [numRoles]pen {
	return [numRoles]pen{
		Strong: {bold: true}, focusRole: {bold: true}, titleRole: {bold: true}, Head: {bold: true}, Bad: {bold: true},
		Warn: {bold: true}, Accent: {bold: true, under: true}, Key: {bold: true}, Match: {under: true},
		barRole: {rev: true}, Error: {rev: true}, Cursor: {rev: true},
	}
}

func sixteen(accent, warn int) [numRoles]pen {
	return [numRoles]pen{
		Dim: {fg: brightBlack}, Strong: {bold: true}, Border: {fg: brightBlack}, focusRole: {fg: accent, bold: true},
		titleRole: {bold: true}, Head: {fg: accent}, Good: {fg: green}, Warn: {fg: warn}, Bad: {fg: red, bold: true},
		Info: {fg: accent}, Accent: {fg: accent, bold: true}, Key: {fg: accent, bold: true}, Null: {fg: brightBlack},
		Number: {fg: accent}, Quote: {fg: green}, Word: {fg: magenta}, Match: {fg: warn, under: true},
		barRole: {rev: true}, Error: {fg: brightWhite, bg: red}, Cursor: {rev: true},
	}
}

func dark() [numRoles]pen {
	return [numRoles]pen{
		Dim: {fg: x(244)}, Strong: {fg: x(231), bold: true}, Border: {fg: x(239)}, focusRole: {fg: x(80)},
		titleRole: {fg: x(252), bold: true}, Head: {fg: x(109)}, Good: {fg: x(114)}, Warn: {fg: x(221)},
		Bad: {fg: x(203), bold: true}, Info: {fg: x(110)}, Accent: {fg: x(80), bold: true}, Key: {fg: x(80)},
		Null: {fg: x(242)}, Number: {fg: x(180)}, Quote: {fg: x(150)}, Word: {fg: x(147)},
		Match: {fg: x(222), under: true}, barRole: {fg: x(252), bg: x(236)}, Error: {fg: x(231), bg: x(124)},
		Input: {fg: x(231)}, Cursor: {rev: true},
	}
}

func light() [numRoles]pen {
	return [numRoles]pen{
		Dim: {fg: x(243)}, Strong: {fg: x(16), bold: true}, Border: {fg: x(250)}, focusRole: {fg: x(30)},
		titleRole: {fg: x(235), bold: true}, Head: {fg: x(24)}, Good: {fg: x(28)}, Warn: {fg: x(130)},
		Bad: {fg: x(160), bold: true}, Info: {fg: x(25)}, Accent: {fg: x(30), bold: true}, Key: {fg: x(30)},
		Null: {fg: x(245)}, Number: {fg: x(94)}, Quote: {fg: x(28)}, Word: {fg: x(90)},
		Match: {fg: x(130), under: true}, barRole: {fg: x(235), bg: x(254)}, Error: {fg: x(231), bg: x(160)},
		Input: {fg: x(16)}, Cursor: {rev: true},
	}
}
