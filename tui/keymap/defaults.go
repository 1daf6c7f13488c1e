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
	Start      Action = "start"
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
	Migrations Action = "migrations"
	Logs       Action = "logs"
	ColsLeft   Action = "columns-left"
	ColsRight  Action = "columns-right"
	FirstCol   Action = "first-column"
	LastCol    Action = "last-column"
	FilterCell Action = "filter-cell"
	ClearWhere Action = "clear-filter"
	Record     Action = "record"
	Incoming   Action = "incoming"
	Mark       Action = "mark"
	MarkRange  Action = "mark-range"
	MarkAll    Action = "mark-all"
	Unmark     Action = "unmark"
	SortAlso   Action = "sort-also"
	FilterAlso Action = "filter-also"
	Conditions Action = "conditions"
	Hide       Action = "hide-column"
	Pin        Action = "pin-column"
	ShowAll    Action = "show-columns"
	Run        Action = "run"
	Explain    Action = "explain"
	Analyze    Action = "explain-analyze"
	Edit       Action = "edit"
	Unlock     Action = "unlock"
	OlderQuery Action = "older-query"
	NewerQuery Action = "newer-query"
	NextResult Action = "next-result"
	PrevResult Action = "previous-result"
	NewPage    Action = "new-page"
	NextPage   Action = "next-page"
	PrevPage   Action = "previous-page"
	ClosePage  Action = "close-page"
	SaveQuery  Action = "save-query"
	Queries    Action = "queries"
	History    Action = "history"
	Editor     Action = "editor"
	Retry      Action = "retry"
	ShowLogs   Action = "show-logs"
	Follow     Action = "follow"
	Apply      Action = "apply"
	Delete     Action = "delete"
	Create     Action = "create"
	Fake       Action = "fake-data"
	Fix        Action = "fix"

	Change    Action = "change"
	NewRow    Action = "new-row"
	DeleteRow Action = "delete-row"
	Pending   Action = "pending"
	Discard   Action = "throw-away"
	External  Action = "external-editor"

	CancelQuery Action = "cancel-query"
	EndSession  Action = "end-session"
	Wide        Action = "find-wide"
	Rehearse    Action = "rehearse"
	Compare     Action = "compare"
)

// Panes go to one of the dashboard's panes, or to one of the tabs of a table's page.
var Panes = [...]Action{"pane-1", "pane-2", "pane-3", "pane-4", "pane-5", "pane-6"}

var defaults = []Binding{
	{Down, moving, []string{"j", "down"}, "down", "next line"},
	{Up, moving, []string{"k", "up"}, "up", "line before"},
	{Top, moving, []string{"g", "home"}, "top", "first line"},
	{Bottom, moving, []string{"G", "end"}, "bottom", "last line"},
	{HalfDown, moving, []string{"ctrl+d"}, "half down", "half a page on"},
	{HalfUp, moving, []string{"ctrl+u"}, "half up", "half a page back"},
	{PageDown, moving, []string{"pgdown", "ctrl+f"}, "page down", "a page on"},
	{PageUp, moving, []string{"pgup", "ctrl+b"}, "page up", "a page back"},
	{Left, moving, []string{"h", "left"}, "left", "cell or pane to the left"},
	{Right, moving, []string{"l", "right"}, "right", "cell or pane to the right"},

	{Open, anywhere, []string{"enter"}, "open", "open; in rows, follow the foreign key"},
	{Back, anywhere, []string{"esc", "backspace"}, "back", "back; cancels a running query first"},
	{Help, anywhere, []string{"?"}, "help", "these keys"},
	{Palette, anywhere, []string{":"}, "cmd", "command, or jump: :wallet, :sql, :doctor …"},
	{Filter, anywhere, []string{"/"}, "filter", "filter as you type; ! inverts"},
	{NextMatch, anywhere, []string{"n"}, "next", "next match"},
	{PrevMatch, anywhere, []string{"N"}, "previous", "match before"},
	{Refresh, anywhere, []string{"R"}, "refresh", "ask the server again, now"},
	{Pause, anywhere, []string{" "}, "pause", "stop asking the server, and go on"},
	{LastError, anywhere, []string{"!"}, "error", "the last error in full"},
	{Mouse, anywhere, []string{"M"}, "mouse", "mouse on and off; off, the terminal selects text"},
	{SQL, Verbs, []string{"i"}, "sql", "SQL console"},
	{Psql, Verbs, []string{"E"}, "psql", "psql in this terminal"},
	{Push, Verbs, []string{"P"}, "push", "drift: what a push of schema.prisma would do"},
	{Reset, Verbs, []string{"X"}, "reset", "reset this schema"},
	{Undo, Verbs, []string{"U"}, "undo", "undo a reset"},
	{Doctor, Verbs, []string{"D"}, "doctor", "doctor: what is wrong and what helps"},
	{Relations, Verbs, []string{"r"}, "relations", "which schema points at which; a table's neighbours"},
	{Seeds, Verbs, []string{"S"}, "seeds", "seeds and fake data"},
	{Migrations, Verbs, []string{"m"}, "migrations", "migrations: which are applied, pending, failed"},
	{Logs, Verbs, []string{"o"}, "logs", "the server's log"},
	{Start, Verbs, []string{"B"}, "start", "start the server again, while it does not answer"},
	{Detach, anywhere, []string{"q"}, "detach", "detach; the database stays up"},
	{Stop, anywhere, []string{"Q"}, "stop", "stop the database (asks)"},
	{Interrupt, anywhere, []string{"ctrl+c"}, "cancel", "cancel what runs; again: detach"},
	{Suspend, anywhere, []string{"ctrl+z"}, "suspend", "suspend to the shell"},

	{NextPane, browsing, []string{"tab"}, "pane", "next pane"},
	{PrevPane, browsing, []string{"shift+tab"}, "pane", "pane before"},
	{Panes[0], browsing, []string{"1"}, "schemas", "pane 1"},
	{Panes[1], browsing, []string{"2"}, "tables", "pane 2"},
	{Panes[2], browsing, []string{"3"}, "health", "pane 3"},
	{Panes[3], browsing, []string{"4"}, "activity", "pane 4"},
	{Panes[4], browsing, []string{"5"}, "table", "pane 5"},
	{Panes[5], browsing, []string{"6"}, "stats", "tab 6 of a table's page; 1 to 5 are the others"},
	{PrevTab, browsing, []string{"["}, "tab", "tab before"},
	{NextTab, browsing, []string{"]"}, "tab", "next tab"},
	{ZoomIn, browsing, []string{"+", "="}, "zoom", "give the pane the whole screen"},
	{ZoomOut, browsing, []string{"_", "-"}, "unzoom", "show all panes again"},
	{Sort, browsing, []string{"s"}, "sort", "sort by this column: up, down, off; in lists, the next order"},
	{Count, browsing, []string{"#"}, "count", "count the rows exactly, now"},
	{CopyCell, browsing, []string{"y"}, "copy", "copy the cell or name"},
	{CopyRow, browsing, []string{"Y"}, "copy row", "copy rows as JSON, INSERT, UPDATE, CSV, TSV or Markdown; of a table its DDL"},
	{Export, browsing, []string{"e"}, "export", "export to CSV or JSON"},

	{ColsLeft, browsing, []string{"H", "shift+left"}, "scroll", "scroll the columns left"},
	{ColsRight, browsing, []string{"L", "shift+right"}, "scroll", "scroll the columns right"},
	{FirstCol, browsing, []string{"0", "^"}, "first", "first column"},
	{LastCol, browsing, []string{"$"}, "last", "last column"},
	{FilterCell, browsing, []string{"f"}, "this value", "only rows with this value, too; again: without it"},
	{ClearWhere, browsing, []string{"F"}, "no filter", "drop the filter and the order"},
	{Record, browsing, []string{"v"}, "record", "the row as a page, JSON unfolded, with what points at it"},
	{Incoming, browsing, []string{"u"}, "used by", "rows of other tables that point at this one, counted"},

	{Mark, rows, []string{"m"}, "mark", "mark the row, or no longer, and go on"},
	{Change, rows, []string{"c"}, "change", "change the cell; pending until it is committed"},
	{NewRow, rows, []string{"o"}, "new row", "add a row"},
	{DeleteRow, rows, []string{"d"}, "delete", "delete the marked rows, or this one; again: keep them"},
	{Pending, rows, []string{"ctrl+s"}, "pending", "what is pending, as SQL; commit it or throw it away"},
	{Unlock, rows, []string{"W"}, "unlock", "allow writes, or forbid them again, in this session"},
	{MarkRange, rows, []string{"V"}, "mark to here", "mark from the row marked last to this one"},
	{MarkAll, rows, []string{"*"}, "mark all", "mark all rows that are here, or no longer"},
	{SortAlso, rows, []string{"S"}, "sort also", "sort by this column within the order: up, down, off"},
	{FilterAlso, rows, []string{"&"}, "and", "another condition on this column"},
	{Conditions, rows, []string{"w"}, "conditions", "the conditions, to change or drop one of them"},
	{Hide, rows, []string{"z"}, "hide", "hide this column"},
	{Pin, rows, []string{"."}, "pin", "keep this column in sight while others scroll, or no longer"},
	{ShowAll, rows, []string{"Z"}, "show all", "show all columns again, none pinned"},
	{Unmark, rows, []string{"alt+m"}, "unmark", "drop all marks; esc does, before it goes back"},

	{Run, console, []string{"ctrl+r", "alt+enter", "f5"}, "run", "run (enter does too, after a semicolon)"},
	{Explain, console, []string{"ctrl+x"}, "explain", "the plan, without running"},
	{Analyze, console, []string{"alt+x"}, "analyze", "the plan with times: runs it and undoes it"},
	{OlderQuery, console, []string{"ctrl+p"}, "older", "older query; so does ↑ on the first line"},
	{NewerQuery, console, []string{"ctrl+n"}, "newer", "newer query"},
	{Edit, console, []string{"i", "tab"}, "edit", "from the result to the text"},
	{NextResult, console, []string{"]"}, "result", "next statement's result"},
	{PrevResult, console, []string{"["}, "result", "result before"},
	{SaveQuery, console, []string{"ctrl+s"}, "save", "save the text as a named query"},
	{Queries, console, []string{"ctrl+o"}, "queries", "the workspace's named queries"},
	{History, console, []string{"alt+r"}, "history", "look for a text that was run before"},
	{Editor, console, []string{"alt+e"}, "editor", "the text in $VISUAL or $EDITOR"},
	{NewPage, console, []string{"ctrl+t"}, "new page", "another page, with a connection of its own"},
	{NextPage, console, []string{"alt+n"}, "next page", "next page"},
	{PrevPage, console, []string{"alt+p"}, "page before", "page before"},
	{ClosePage, console, []string{"alt+w"}, "close page", "close this page"},

	{Retry, starting, []string{"r"}, "try again", "try again"},
	{ShowLogs, starting, []string{"l"}, "logs", "the server's log"},
	{Follow, tools, []string{"f"}, "follow", "stay at the end as lines arrive"},
	{Apply, tools, []string{"a"}, "apply", "carry out what is shown"},
	{Create, tools, []string{"c"}, "new", "make a new one"},
	{Delete, tools, []string{"d"}, "delete", "delete the chosen one"},
	{Discard, tools, []string{"D"}, "throw away", "throw away all that is pending (asks)"},
	{External, tools, []string{"ctrl+g"}, "editor", "the text in $VISUAL or $EDITOR"},
	{Fake, tools, []string{"m"}, "fake rows", "make up rows that fit the tables"},
	{Fix, tools, []string{"x"}, "fix", "go where the remedy is, or copy its command"},
	{CancelQuery, tools, []string{"C"}, "cancel query", "cancel what a session runs; the session stays (asks)"},
	{Wide, tools, []string{"w"}, "wider", "find: look inside of texts and JSON, too, or no longer"},
	{EndSession, tools, []string{"K"}, "end session", "end a session; its transaction is rolled back (asks)"},
	{Rehearse, tools, []string{"t"}, "rehearse", "try what is pending on a copy of the database"},
	{Compare, tools, []string{"v"}, "compare", "whether the migrations make what schema.prisma says"},
}
