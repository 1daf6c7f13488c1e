package fakedata

import (
	"context"
	"testing"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestColumnsThatNameRowsReferToThem has what developers leave without a foreign key: across schemas, in either
// spelling, by what a person did, in circles, to the row's own table, by columns other than the key.
func TestColumnsThatNameRowsReferToThem(t *testing.T) {
	db := newDatabase(t, `
CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA z;
CREATE TABLE "User" (id text PRIMARY KEY, email text UNIQUE NOT NULL, "favouritePostId" text);
CREATE TABLE z.users (id text PRIMARY KEY);
CREATE TABLE a.teams (id uuid PRIMARY KEY, owner_id text NOT NULL, user_email text NOT NULL);
CREATE TABLE a.post (id text PRIMARY KEY, "authorUserId" text NOT NULL, team_id uuid, "createdBy" text NOT NULL, "lastUpdatedById" text, "parentPostId" text, "parentId" text NOT NULL);
CREATE TABLE b."BillingProvider" (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE b."GatewayPlan" (id bigint PRIMARY KEY); CREATE TABLE b."OtherPlan" (id bigint PRIMARY KEY);
CREATE TABLE b."GatewayKey" (id int PRIMARY KEY, "planId" bigint NOT NULL, "billingProviderSlug" text NOT NULL, "reviewerId" varchar(40), "sortBy" text NOT NULL,
	"providerUserId" text NOT NULL, "ownerType" text, "ownerId" text NOT NULL, "postId" uuid NOT NULL, "deletedBy" varchar(10) NOT NULL);
CREATE TABLE b."UserSetting" ("userId" text PRIMARY KEY, n int);
CREATE TABLE z.session (id int PRIMARY KEY, user_id text NOT NULL, userid text NOT NULL);`)
	plan := mustFill(t, db, Options{Rows: 200, Seed: 3})
	for _, q := range []string{
		`"User" x JOIN a.post y ON x."favouritePostId" = y.id`, `a.teams x JOIN "User" y ON owner_id = y.id`, `a.teams x JOIN "User" y ON user_email = y.email`,
		`a.post x JOIN "User" y ON x."authorUserId" = y.id`, `a.post x JOIN a.teams y ON x.team_id = y.id`, `a.post x JOIN "User" y ON x."createdBy" = y.id`,
		`a.post x JOIN "User" y ON x."lastUpdatedById" = y.id`, `a.post x JOIN a.post y ON x."parentPostId" = y.id`, `a.post x JOIN a.post y ON x."parentId" = y.id`,
		`b."GatewayKey" x JOIN b."GatewayPlan" y ON x."planId" = y.id`, `b."GatewayKey" x JOIN b."BillingProvider" y ON x."billingProviderSlug" = y.slug`,
		`b."GatewayKey" x JOIN "User" y ON x."reviewerId" = y.id`, `b."UserSetting" x JOIN "User" y ON x."userId" = y.id`,
		`z.session x JOIN z.users y ON user_id = y.id`, `z.session x JOIN z.users y ON userid = y.id`,
	} {
		if n := number(t, db, "SELECT count(*) FROM "+q); n < 130 {
			t.Errorf("%s: only %d of 200 rows refer to one", q, n)
		}
	}
	for _, q := range []string{
		`b."GatewayKey" x JOIN "User" y ON x."sortBy" = y.id`, `b."GatewayKey" x JOIN "User" y ON x."providerUserId" = y.id`, `b."GatewayKey" x JOIN "User" y ON x."ownerId" = y.id`,
	} {
		expect(t, db, 0, "SELECT count(*) FROM "+q)
	}
	for _, line := range plan.Tables {
		if line.Rows != 200 || line.Note != "" {
			t.Errorf("%s gets %d rows: %s %s", line.Table, line.Rows, line.Limited, line.Note)
		}
	}
}

// TestWhatANameSuggestsKeepsNoRowAway has references by name that are not possible for every row, or at all.
func TestWhatANameSuggestsKeepsNoRowAway(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE users (id int PRIMARY KEY, name text);
CREATE TABLE profile (id int PRIMARY KEY, user_id int NOT NULL UNIQUE);
CREATE TABLE avatar (id int PRIMARY KEY, user_id int UNIQUE);
CREATE TABLE member (id int PRIMARY KEY, user_id int NOT NULL, team_id int NOT NULL, UNIQUE (user_id, team_id));
CREATE TABLE team (id int PRIMARY KEY);
CREATE TABLE key (id int PRIMARY KEY, owner_id int CHECK (owner_id IN (7, 8)), created_by int NOT NULL CHECK (created_by > 5000 AND created_by < 9000));
CREATE TABLE app (id int PRIMARY KEY, team_id int, owner_user_id int, CHECK (num_nonnulls(team_id, owner_user_id) = 1));
CREATE TABLE nothing (kind text PRIMARY KEY CHECK (false)); CREATE TABLE things (id int PRIMARY KEY, nothing_id text NOT NULL);`)
	plan := mustDecide(t, db, Options{Rows: 100, RowsOf: map[string]int64{"users": 30, "nothing": 0}, Seed: 1})
	if _, err := Apply(context.Background(), db, plan, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	for _, table := range []string{"profile", "avatar", "member", "team", "key", "app", "things"} {
		expect(t, db, 100, "SELECT count(*) FROM "+table)
	}
	expect(t, db, 30, "SELECT count(user_id) FROM avatar JOIN users ON users.id = user_id")
	expect(t, db, 100, "SELECT count(*) FROM member JOIN users ON users.id = user_id JOIN team ON team.id = team_id")
	expect(t, db, 100, "SELECT count(*) FROM app LEFT JOIN users u ON u.id = owner_user_id LEFT JOIN team t ON t.id = team_id WHERE u.id IS NOT NULL OR t.id IS NOT NULL")
}

// TestReferencesByNameFindWhatIsThere fills one table, with existing rows in some tables and none in others: a table
// that it must refer to is filled as well, as with a foreign key.
func TestReferencesByNameFindWhatIsThere(t *testing.T) {
	db := newDatabase(t, `
CREATE SCHEMA s; CREATE TABLE users (id text PRIMARY KEY); CREATE TABLE teams (id text PRIMARY KEY); CREATE TABLE orgs (id text PRIMARY KEY);
CREATE TABLE s.note (id int PRIMARY KEY, "userId" text NOT NULL, "teamId" text NOT NULL, "organizationId" text);
INSERT INTO users SELECT 'u' || n FROM generate_series(1, 5) n`)
	mustFill(t, db, Options{Schemas: []string{"s"}, Rows: 60, Seed: 1})
	expect(t, db, 60, `SELECT count(*) FROM s.note JOIN users u ON u.id = "userId" JOIN teams t ON t.id = "teamId" WHERE "organizationId" IS NULL`)
	expect(t, db, 5, "SELECT count(*) FROM users")
	expect(t, db, 60, "SELECT count(*) FROM teams")
	expect(t, db, 0, "SELECT count(*) FROM orgs")
	mustFill(t, db, Options{Rows: 40, Seed: 2, Append: true})
	expect(t, db, 100, `SELECT count(*) FROM s.note JOIN users u ON u.id = "userId" JOIN teams t ON t.id = "teamId"`)
}
