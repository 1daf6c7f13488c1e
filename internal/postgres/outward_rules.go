package postgres

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// reachRules say why a statement reaches out of the database, or "". They come from the manual's pages on COPY, CREATE
// LANGUAGE, "File Access Functions" and "Predefined Roles", which name what only a superuser may do for this reason.
var reachRules = []func([]reachToken) string{
	copyReach, languageReach, extensionReach, statementReach, nameReach, settingReach, psqlReach, escapedReach,
}

// copyReach is the rule for COPY to and from programs and files of the server.
func copyReach(part []reachToken) string {
	copies := false
	for i, t := range part {
		switch {
		case t.kind == sqltext.Word && t.text == "copy":
			copies = true
		case !copies || t.kind != sqltext.Word || t.text != "from" && t.text != "to" || i+1 == len(part):
		case part[i+1].kind == sqltext.Word && part[i+1].text == "program":
			return "runs a program"
		case part[i+1].kind == sqltext.String && t.text == "from":
			return "reads a file of the server"
		case part[i+1].kind == sqltext.String:
			return "writes a file of the server"
		}
	}
	return ""
}

// trusted are the languages whose functions can do no more than their caller, and whose text is searched. All others,
// including C and internal, count as reaching out.
var trusted = []string{"sql", "plpgsql"}

func languageReach(part []reachToken) string {
	creates := begins(part, "create language", "create or replace language", "create trusted language", "create procedural language",
		"create trusted procedural language", "create or replace trusted language", "create or replace procedural language",
		"create or replace trusted procedural language")
	if !creates && !isRoutine(part) && part[0].text != "do" {
		return ""
	}
	parens := 0
	for i, t := range part {
		switch {
		case isSymbol(t, "("):
			parens++
		case isSymbol(t, ")"):
			parens--
		case parens == 0 && t.kind == sqltext.Word && t.text == "language" && i+1 < len(part):
			if name := part[i+1]; !slices.Contains(trusted, strings.ToLower(name.text)) {
				return "runs code in the language " + name.text
			}
		}
	}
	return ""
}

// outwardExtensions matches extensions that reach programs, files or other servers.
var outwardExtensions = lazy.Regexp{Text: `(?i)_fdw$|pl(python|perlu|tclu)|^pl(sh|r|java|javau|luau|lua|container|proxy)$` +
	`|^(dblink|adminpack|http|pg_net|pg_cron|pg_background|aws_s3|aws_lambda|azure_storage|multicorn|wrappers|orafce|pg_tle|pg_curl|plrust)$`}

func extensionReach(part []reachToken) string {
	if !begins(part, "create extension") {
		return ""
	}
	for _, t := range part[2:] {
		if t.kind == sqltext.Word && slices.Contains([]string{"if", "not", "exists"}, t.text) {
			continue
		}
		if outwardExtensions.Get().MatchString(t.text) {
			return "adds the extension " + t.text + ", which reaches out"
		}
		return ""
	}
	return ""
}

// statementReach is the rule for what the first words of a statement say.
func statementReach(part []reachToken) string {
	switch {
	case begins(part, "load"):
		return "loads a library"
	case begins(part, "alter system"):
		return "changes the server's settings"
	case begins(part, "create server", "create foreign", "import foreign", "alter server", "alter foreign data", "create user mapping"):
		return "reaches another server, or a file"
	case begins(part, "create subscription", "alter subscription"):
		return "reaches another server"
	case begins(part, "create tablespace"):
		return "writes in a folder of the server"
	}
	return ""
}

var (
	// reaching are functions that reach files, programs, libraries or servers, and roles that may do so.
	reaching = lazy.Regexp{Text: `^(pg_read_file|pg_read_binary_file|pg_ls_\w+|pg_stat_file|pg_file_\w+|pg_logdir_ls|lo_import|lo_export` +
		`|dblink\w*|pg_reload_conf|pg_(create|copy)_logical_replication_slot|pg_read_server_files|pg_write_server_files|pg_execute_server_program` +
		`|be_lo_import|be_lo_export|be_lo_import_with_oid|http_get|http_post|plpython3?u?_call_handler|plperlu_call_handler)$`}
	// catalogues are the system catalogues that say what is run. Writing to them is another way to all of the above.
	catalogues = []string{"pg_proc", "pg_language", "pg_foreign_server", "pg_foreign_data_wrapper", "pg_extension", "pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_rewrite", "pg_trigger",
		"pg_settings", "pg_operator", "pg_cast", "pg_aggregate", "pg_type", "pg_range", "pg_amproc", "pg_conversion", "pg_transform", "pg_event_trigger",
		"pg_attrdef", "pg_ts_parser", "pg_ts_template", "pg_tablespace", "pg_subscription"}
)

// nameReach is the rule for names, wherever they are: an operator or a cast may stand for a function that it names.
func nameReach(part []reachToken) string {
	for i, t := range part {
		if !isName(t) {
			continue
		}
		if reaching.Get().MatchString(t.text) {
			return "uses " + t.text
		}
		if slices.Contains(catalogues, t.text) && isWritten(part[:i]) {
			return "writes to the server's catalogue " + t.text
		}
	}
	return ""
}

// isWritten reports whether the words before a name say that the statement writes to it.
func isWritten(before []reachToken) bool {
	n := len(before)
	if n >= 2 && isSymbol(before[n-1], ".") {
		n -= 2
	}
	if n > 0 && before[n-1].text == "only" {
		n--
	}
	return n > 0 && before[n-1].kind == sqltext.Word && slices.Contains([]string{"into", "update", "copy"}, before[n-1].text) ||
		n > 1 && before[n-1].text == "from" && before[n-2].text == "delete"
}

// harmful matches settings whose value is a command, a library or a file.
var harmful = lazy.Regexp{Text: `^(\w+_command|\w*preload_libraries|dynamic_library_path|archive_library|jit_provider|external_pid_file)$`}

// settingReach is the rule for settings, as set by SET, ALTER ROLE … SET and set_config, and for the setting that
// changes how strings are read: after it, this reading of the text would be wrong.
func settingReach(part []reachToken) string {
	sets := slices.ContainsFunc(part, func(t reachToken) bool { return isName(t) && (t.text == "set" || t.text == "set_config") })
	if !sets {
		return ""
	}
	for i, t := range part {
		name := strings.ToLower(t.text)
		switch {
		case t.kind == sqltext.Symbol:
		case harmful.Get().MatchString(name):
			return "sets " + name
		case name == "standard_conforming_strings" && i+2 < len(part) && !slices.Contains([]string{"on", "true", "1", "yes"}, strings.ToLower(part[i+2].text)):
			return "changes how strings are read"
		case (name == "client_encoding" || name == "names" && begins(part[:i+1], "set names", "set session names", "set local names")) && !keepsQuotes(part[i+1:]):
			return "changes how strings are read"
		}
	}
	return ""
}

// plainEncodings matches the encodings, by their names without punctuation, in which a quote or a backslash is never
// the second byte of a character.
var plainEncodings = lazy.Regexp{Text: `^(utf8|unicode|sqlascii|latin\d+|iso8859\d+|win(dows)?125\d|win866|win874|koi8\w*|euc\w+|default|auto|off)$`}

// keepsQuotes reports whether the first value that follows is such an encoding, or there is none.
func keepsQuotes(values []reachToken) bool {
	for _, t := range values {
		if t.kind != sqltext.Symbol && t.text != "to" {
			return plainEncodings.Get().MatchString(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(t.text)))
		}
	}
	return true
}

// plainCommands are those of psql's commands that only print and connect, or set plainVariables. The value of any other
// variable may be inserted anywhere in a statement.
var (
	plainCommands  = []string{"c", "connect", "echo", "qecho", "warn", "encoding", "restrict", "unrestrict", "timing", "x", "pset", "q", "set", "unset", "if", "elif", "else", "endif", "conninfo"}
	plainVariables = []string{"autocommit", "echo", "fetch_count", "on_error_rollback", "on_error_stop", "quiet", "show_context", "verbosity"}
)

// psqlReach is the rule for psql's own commands, since the image runs scripts with psql. Another backslash outside of
// quotes begins another command on the same line.
func psqlReach(part []reachToken) string {
	for _, t := range part {
		if t.kind != sqltext.Command {
			continue
		}
		words := reachTokens(t.text[1:], false)
		if len(words) == 0 || words[0].apart || words[0].kind != sqltext.Word || !slices.Contains(plainCommands, words[0].text) ||
			slices.ContainsFunc(words, func(w reachToken) bool { return isSymbol(w, `\`) }) {
			return "is a command of psql, which can run programs"
		}
		if slices.ContainsFunc(words, func(w reachToken) bool { return isSymbol(w, "`") }) {
			return "is a command of psql that runs a program"
		}
		if why := psqlCommandReach(words[0].text, byBlanks(words[1:])); why != "" {
			return why
		}
	}
	return ""
}

func psqlCommandReach(command string, words [][]reachToken) string {
	switch command {
	case "set":
		if len(words) > 0 && !slices.Contains(plainVariables, words[0][0].text) {
			return "is a command of psql that puts SQL together"
		}
	case "encoding":
		if len(words) > 0 && !keepsQuotes([]reachToken{{text: textOf(words[0])}}) {
			return "changes how strings are read"
		}
	case "c", "connect":
		reaches := func(word []reachToken) bool { return strings.ContainsAny(textOf(word), "=/:") }
		if len(words) > 2 || slices.ContainsFunc(words, reaches) {
			return "reaches another server"
		}
	}
	return ""
}

// byBlanks returns the words of a command's line, which blanks separate.
func byBlanks(line []reachToken) [][]reachToken {
	var words [][]reachToken
	for i, t := range line {
		if i == 0 || t.apart {
			words = append(words, nil)
		}
		words[len(words)-1] = append(words[len(words)-1], t)
	}
	return words
}

func textOf(word []reachToken) string {
	var b strings.Builder
	for _, t := range word {
		b.WriteString(t.text)
	}
	return b.String()
}

// escapedReach is the rule for names and strings whose escapes begin with a character that the text chooses: these
// cannot be read reliably.
func escapedReach(part []reachToken) string {
	if slices.ContainsFunc(part, func(t reachToken) bool { return t.kind == sqltext.Word && t.text == "uescape" }) {
		return "hides its names behind escapes"
	}
	return ""
}
