package devenv

import "github.com/livepeer/naap-dev/internal/migrate"

// shadowInit returns the script that prisma.config has run before the migrations.
func (e *Env) shadowInit() []migrate.Migration {
	init := e.ws.ShadowInit()
	if init.SQL == "" {
		return nil
	}
	return []migrate.Migration{{Name: "initShadowDb", Path: "initShadowDb of " + init.Where, Script: init.SQL}}
}

// notInit says what a shadow database may lack: what TypeScript would make there, which naap does not execute, and
// external tables, which no migration makes.
func (e *Env) notInit() string {
	init := e.ws.ShadowInit()
	switch {
	case init.Unread:
		return init.Where + ": initShadowDb is not written out as a text, and the file is not executed: what it makes is missing from the shadow database"
	case init.Where == "" && len(e.ws.External.Tables)+len(e.ws.External.Enums) > 0:
		return "external tables and enums are not made by migrations: initShadowDb of prisma.config, with the SQL as a text, makes them on a shadow database"
	}
	return ""
}
