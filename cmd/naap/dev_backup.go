package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).backupCommand, (*app).restoreCommand) }

type backupDocument struct {
	Version int          `json:"version"`
	Verb    string       `json:"verb"` // "backup" or "restore"
	File    *backup.File `json:"file"`
}

func (a *app) backupCommand() *cobra.Command {
	var schema string
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the database to a file, with pg_dump",
		Long: "Writes the database, or one schema of it, to a file in pg_dump's compressed custom format: under a temporary name\n" +
			"first, checked, then renamed. pg_dump is the container's, or one on the PATH that is no older than the server.",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, words []string) error {
			return a.withEnv(c.Context(), func(env *devenv.Env) error {
				file, err := env.Backup(c.Context(), words[0], schema, a.steps(false, false).report)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(backupDocument{1, "backup", file})
					return nil
				}
				a.say("Wrote %s: %d tables, %s.", visible.String(file.Path), file.Tables, byteSize(file.Bytes))
				return nil
			})
		},
	}
	c.Flags().StringVar(&schema, "schema", "", "only this `SCHEMA`")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) restoreCommand() *cobra.Command {
	var opt devenv.CopyOptions
	var yes string
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the database be what a backup file holds",
		Long: "Restores a file that `naap dev backup` wrote into a fresh database, which then takes the place of the old one. A file\n" +
			"of one schema is put into a copy of the present database, in the place of that schema.\n" +
			"A failure leaves the old one as it is; what is replaced is kept until the next restore, among the snapshots.",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, words []string) error {
			return a.withEnv(c.Context(), func(env *devenv.Env) error {
				name := filepath.Base(words[0])
				if yes != name && !(a.interactive() && a.ask("This replaces what the database holds. Type "+name+" to go on: ") == name) {
					return remedy.New("restore.unconfirmed", remedy.ExitRefused, "it replaces what the database holds, and needs the file's name").
						WithHelp(remedy.Again("dev restore", words[0], "--yes="+name))
				}
				var file *backup.File
				err := a.endingSessions(opt, func(opt devenv.CopyOptions) (err error) {
					file, err = env.RestoreFile(c.Context(), words[0], opt, a.steps(false, false).report)
					return err
				})
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(backupDocument{1, "restore", file})
					return nil
				}
				a.say("The database is what %s holds. %s", visible.String(file.Path), a.whatItWas())
				return nil
			})
		},
	}
	c.Flags().StringVar(&yes, "yes", "", "`NAME` of the file, instead of being asked")
	a.copyFlags(c, &opt)
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}
