package draw

// Frame is a pane's border with what is written into it.
type Frame struct {
	Number  string // the key that goes to the pane, or ""
	Title   string
	Right   string // at the right end of the top line
	Bottom  string // at the right end of the bottom line
	Focused bool
	Role    Role // the border's role where it isn't Border or focusRole
}

// Box draws a frame around the area and returns what is inside. An area under 3×3 has no room for it and is all inside.
func (a Area) Box(f Frame) Area {
	if a.W < 3 || a.H < 3 {
		return a
	}
	g, role, title := a.Look().Glyphs, Border, titleRole
	if f.Focused {
		role, title = focusRole, Accent
	}
	if f.Role != Plain {
		role = f.Role
	}
	a.Run(1, 0, a.W-2, g.H, role)
	a.Run(1, a.H-1, a.W-2, g.H, role)
	for y := 1; y < a.H-1; y++ {
		a.Text(0, y, g.V, role)
		a.Text(a.W-1, y, g.V, role)
	}
	a.Text(0, 0, g.TL, role)
	a.Text(a.W-1, 0, g.TR, role)
	a.Text(0, a.H-1, g.BL, role)
	a.Text(a.W-1, a.H-1, g.BR, role)
	right := a.W - 2
	if f.Right != "" && Width(f.Right) < a.W-8 {
		right = a.Right(a.W-2, 0, a.W-8, f.Right, Dim) - 1
	}
	x := 1
	if f.Number != "" {
		x = a.Cut(x, 0, right-x, f.Number+" ", Key)
	}
	a.Cut(x, 0, right-x, f.Title, title)
	if f.Bottom != "" {
		a.Right(a.W-2, a.H-1, a.W-4, f.Bottom, Dim)
	}
	return a.Sub(1, 1, a.W-2, a.H-2)
}
