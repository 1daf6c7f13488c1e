package keymap

// The actions.
const (
	Up       Action = "up"
	Down     Action = "down"
	Top      Action = "top"
	Bottom   Action = "bottom"
	HalfUp   Action = "half-up"
	HalfDown Action = "half-down"
	PageUp   Action = "page-up"
	PageDown Action = "page-down"
	Left     Action = "left"
	Right    Action = "right"

	Open       Action = "open"
	Back       Action = "back"
	Help       Action = "help"
	Palette    Action = "palette"
	LastError  Action = "last-error"
	Refresh    Action = "refresh"
	Pause      Action = "pause"
	Mouse      Action = "mouse"
	Detach     Action = "detach"
	Stop       Action = "stop"
	Interrupt  Action = "interrupt"
	Suspend    Action = "suspend"
	NextPane   Action = "next-pane"
	PrevPane   Action = "previous-pane"
	ZoomIn     Action = "zoom"
	ZoomOut    Action = "unzoom"
	Filter     Action = "filter"
	NextMatch  Action = "next-match"
	PrevMatch  Action = "previous-match"
	NextTab    Action = "next-tab"
	PrevTab    Action = "previous-tab"
	Pane1      Action = "pane-1"
	Pane2      Action = "pane-2"
	Pane3      Action = "pane-3"
	Pane4      Action = "pane-4"
	Pane5      Action = "pane-5"
	Pane6      Action = "pane-6"
	Sort       Action = "sort"
	Count      Action = "count"
	CopyCell   Action = "copy"
	CopyRow    Action = "copy-row"
	Export     Action = "export"
	SQL        Action = "sql"
	Psql       Action = "psql"
	Push       Action = "push"
	Reset      Action = "reset"
	Undo       Action = "undo"
	Doctor     Action = "doctor"
	Relations  Action = "relations"
	Seeds      Action = "seeds"
	Logs       Action = "logs"
	ColsLeft   Action = "columns-left"
	ColsRight  Action = "columns-right"
	FirstCol   Action = "first-column"
	LastCol    Action = "last-column"
	FilterCell Action = "filter-cell"
	ClearWhere Action = "clear-filter"
	Record     Action = "record"
	Incoming   Action = "incoming"
	Run        Action = "run"
	Explain    Action = "explain"
	Analyze    Action = "explain-analyze"
	Edit       Action = "edit"
	Unlock     Action = "unlock"
	OlderQuery Action = "older-query"
	NewerQuery Action = "newer-query"
	NextResult Action = "next-result"
	PrevResult Action = "previous-result"
	Retry      Action = "retry"
	ShowLogs   Action = "show-logs"
	Follow     Action = "follow"
	Apply      Action = "apply"
	Delete     Action = "delete"
	Create     Action = "create"
	Fake       Action = "fake-data"
	Fix        Action = "fix"
)

var defaults = []Binding{
	{Down, Moving, []string{"j", "down"}, "down", "next line"},
	{Up, Moving, []string{"k", "up"}, "up", "line before"},
	{Top, Moving, []string{"g", "home"}, "top", "first line"},
	{Bottom, Moving, []string{"G", "end"}, "bottom", "last line"},
	{HalfDown, Moving, []string{"ctrl+d"}, "half down", "half a page on"},
	{HalfUp, Moving, []string{"ctrl+u"}, "half up", "half a page back"},
	{PageDown, Moving, []string{"pgdown", "ctrl+f"}, "page down", "a page on"},
	{PageUp, Moving, []string{"pgup", "ctrl+b"}, "page up", "a page back"},
	{Left, Moving, []string{"h", "left"}, "left", "cell or pane to the left"},
	{Right, Moving, []string{"l", "right"}, "right", "cell or pane to the right"},

	{Open, Anywhere, []string{"enter"}, "open", "open; in rows, follow the foreign key"},
	{Back, Anywhere, []string{"esc", "backspace"}, "back", "back; cancels a running query first"},
	{Help, Anywhere, []string{"?"}, "help", "these keys"},
	{Palette, Anywhere, []string{":"}, "cmd", "command, or jump: :wallet, :sql, :doctor …"},
	{Filter, Anywhere, []string{"/"}, "filter", "filter as you type; ! inverts"},
	{NextMatch, Anywhere, []string{"n"}, "next", "next match"},
	{PrevMatch, Anywhere, []string{"N"}, "previous", "match before"},
	{Refresh, Anywhere, []string{"R"}, "refresh", "ask the server again, now"},
	{Pause, Anywhere, []string{" "}, "pause", "stop asking the server, and go on"},
	{LastError, Anywhere, []string{"!"}, "error", "the last error in full"},
	{Mouse, Anywhere, []string{"M"}, "mouse", "mouse on and off; off, the terminal selects text"},
	{SQL, Verbs, []string{"i"}, "sql", "SQL console"},
	{Psql, Verbs, []string{"E"}, "psql", "psql in this terminal"},
	{Push, Verbs, []string{"P"}, "push", "drift: what a push of schema.prisma would do"},
	{Reset, Verbs, []string{"X"}, "reset", "reset this schema"},
	{Undo, Verbs, []string{"U"}, "undo", "undo a reset"},
	{Doctor, Verbs, []string{"D"}, "doctor", "doctor: what is wrong and what helps"},
	{Relations, Verbs, []string{"r"}, "relations", "which schema points at which; a table's neighbours"},
	{Seeds, Verbs, []string{"S"}, "seeds", "seeds and fake data"},
	{Logs, Verbs, []string{"o"}, "logs", "the server's log"},
	{Detach, Anywhere, []string{"q"}, "detach", "detach; the database stays up"},
	{Stop, Anywhere, []string{"Q"}, "stop", "stop the database (asks)"},
	{Interrupt, Anywhere, []string{"ctrl+c"}, "cancel", "cancel what runs; again: detach"},
	{Suspend, Anywhere, []string{"ctrl+z"}, "suspend", "suspend to the shell"},

	{NextPane, Browsing, []string{"tab"}, "pane", "next pane"},
	{PrevPane, Browsing, []string{"shift+tab"}, "pane", "pane before"},
	{Pane1, Browsing, []string{"1"}, "schemas", "pane 1"},
	{Pane2, Browsing, []string{"2"}, "tables", "pane 2"},
	{Pane3, Browsing, []string{"3"}, "health", "pane 3"},
	{Pane4, Browsing, []string{"4"}, "activity", "pane 4"},
	{Pane5, Browsing, []string{"5"}, "table", "pane 5"},
	{Pane6, Browsing, []string{"6"}, "stats", "tab 6 of a table's page; 1 to 5 are the others"},
	{PrevTab, Browsing, []string{"["}, "tab", "tab before"},
	{NextTab, Browsing, []string{"]"}, "tab", "next tab"},
	{ZoomIn, Browsing, []string{"+", "="}, "zoom", "give the pane the whole screen"},
	{ZoomOut, Browsing, []string{"_", "-"}, "unzoom", "show all panes again"},
	{Sort, Browsing, []string{"s"}, "sort", "sort by this column: up, down, off; in lists, the next order"},
	{Count, Browsing, []string{"#"}, "count", "count the rows exactly, now"},
	{CopyCell, Browsing, []string{"y"}, "copy", "copy the cell or name"},
	{CopyRow, Browsing, []string{"Y"}, "copy row", "copy the row as JSON; of a table its DDL"},
	{Export, Browsing, []string{"e"}, "export", "export to CSV or JSON"},

	{ColsLeft, Browsing, []string{"H", "shift+left"}, "scroll", "scroll the columns left"},
	{ColsRight, Browsing, []string{"L", "shift+right"}, "scroll", "scroll the columns right"},
	{FirstCol, Browsing, []string{"0", "^"}, "first", "first column"},
	{LastCol, Browsing, []string{"$"}, "last", "last column"},
	{FilterCell, Browsing, []string{"f"}, "this value", "only rows with this value; again: without it"},
	{ClearWhere, Browsing, []string{"F"}, "no filter", "drop the filter and the order"},
	{Record, Browsing, []string{"v"}, "record", "the row as a page, JSON unfolded"},
	{Incoming, Browsing, []string{"u"}, "used by", "rows of other tables that point at this one"},

	{Run, Console, []string{"ctrl+r", "alt+enter", "f5"}, "run", "run (enter does too, after a semicolon)"},
	{Explain, Console, []string{"ctrl+x"}, "explain", "the plan, without running"},
	{Analyze, Console, []string{"alt+x"}, "analyze", "the plan with times: runs it and undoes it"},
	{OlderQuery, Console, []string{"ctrl+p"}, "older", "older query; so does ↑ on the first line"},
	{NewerQuery, Console, []string{"ctrl+n"}, "newer", "newer query"},
	{Edit, Console, []string{"i", "tab"}, "edit", "from the result to the text"},
	{Unlock, Console, []string{"W"}, "unlock", "allow writes, or forbid them again, in this session"},
	{NextResult, Console, []string{"]"}, "result", "next statement's result"},
	{PrevResult, Console, []string{"["}, "result", "result before"},

	{Retry, Starting, []string{"r"}, "try again", "try again"},
	{ShowLogs, Starting, []string{"l"}, "logs", "the server's log"},
	{Follow, Tools, []string{"f"}, "follow", "stay at the end as lines arrive"},
	{Apply, Tools, []string{"a"}, "apply", "carry out what is shown"},
	{Create, Tools, []string{"c"}, "new", "make a new one"},
	{Delete, Tools, []string{"d"}, "delete", "delete the chosen one"},
	{Fake, Tools, []string{"m"}, "fake rows", "make up rows that fit the tables"},
	{Fix, Tools, []string{"x"}, "fix", "go where the remedy is, or copy its command"},
}
