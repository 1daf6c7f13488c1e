// Package reset makes a schema what it is in a fresh database, and undoes that: it plans what a reset affects, carries
// the Plan out in one transaction, and can undo it exactly, to the row.
//
// # The walk of a reset
//
// One transaction, from the first lock to the commit:
//
//  1. Look. What ties the schemas to the rest of the database is read from the catalogue as links: foreign keys of other
//     schemas that point in, foreign keys that point out, columns elsewhere that have one of the enums, views, functions,
//     triggers, policies, defaults and constraints elsewhere that depend on something within, publications, extensions.
//  2. Lock. Every table within, and every table elsewhere that has such a link, under lock_timeout.
//  3. Detach. Foreign keys, views, functions, triggers and the like that tie old and outside together are dropped, on
//     either side; their text is in links. A column within of an enum elsewhere becomes text until an undo: it is the one
//     thing here that rewrites a table. Inheritance across the border is refused: rows would be on both sides.
//  4. Move aside. The schema is renamed to naap_undo_N: metadata only. It is inert there: nothing outside points at it,
//     and it points at nothing outside that it could hold up, so that what is elsewhere can change and go.
//  5. Recreate. A schema of the old name, owner, privileges, default privileges and comment. Extensions and Prisma's
//     migration history move over. The plan of schemaplan makes the tables; owners and grants of tables follow. Rows of
//     migrations come next, and what else migrations made, from the texts of a database with their end state.
//  6. Keep. What the Prisma file does not know (a view, a function, a trigger, a policy, a CHECK) is made again from its
//     own text where the new tables allow it. What cannot be made again goes only with Cascade.
//     Settings of tables that it can't express (storage parameters, statistics targets, INCLUDE columns) come back, or are
//     listed. A sequence that something elsewhere draws from goes on where it was.
//  7. Seed, by the caller's function, in the same transaction.
//  8. Attach. Columns elsewhere get the new enum, dependents are made again from their text, and so are foreign keys.
//     Rows elsewhere whose reference resolves to nothing refuse the reset, or, with Cascade, meet what the key's own
//     ON DELETE says, transitively; each row that is deleted or changed is copied first.
//  9. Check that nothing outside depends on what was moved aside, note the entry in naap_dev.undo, commit.
//
// Making the Plan runs the same walk where the answer depends on it, as a rehearsal that is rolled back. Carrying out a
// Plan compares what happens with what the Plan says, and refuses where the two differ.
//
// # The walk of an undo
//
// The same exchange in the other direction: look, lock, detach, move the present schema aside (as an entry of its own,
// so that an undo can be undone), rename the old one back, recreate what was cut off from it, put back the rows that
// Cascade removed elsewhere, attach, check.
package reset
