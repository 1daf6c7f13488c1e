-- drops 6 of all 8 tables
BEGIN;

-- DropForeignKey
ALTER TABLE "public"."people" DROP CONSTRAINT "people_bossId_fkey";

-- DropForeignKey
ALTER TABLE "public"."Post" DROP CONSTRAINT "Post_authorId_fkey";

-- DropForeignKey
ALTER TABLE "public"."Profile" DROP CONSTRAINT "profile of person";

-- DropForeignKey
ALTER TABLE "public"."Review" DROP CONSTRAINT "Review_personId_fkey";

-- DropForeignKey
ALTER TABLE "public"."Review" DROP CONSTRAINT "Review_postId_fkey";

-- DropForeignKey
ALTER TABLE "public"."_GroupToPerson" DROP CONSTRAINT "_GroupToPerson_A_fkey";

-- DropForeignKey
ALTER TABLE "public"."_GroupToPerson" DROP CONSTRAINT "_GroupToPerson_B_fkey";

-- DropForeignKey
ALTER TABLE "public"."_friends" DROP CONSTRAINT "_friends_A_fkey";

-- DropForeignKey
ALTER TABLE "public"."_friends" DROP CONSTRAINT "_friends_B_fkey";

-- DropIndex
-- loses unique index people_name_level_key on (name, level)
DROP INDEX "public"."people_name_level_key";

-- DropIndex
-- loses index people_seen_id_idx on (seen, id)
DROP INDEX "public"."people_seen_id_idx";

-- DropIndex
DROP INDEX "public"."people_settings_idx";

-- DropIndex
-- loses index person level hash on (level)
DROP INDEX "public"."person level hash";

-- DropIndex
-- loses index Post_authorId_created_idx on (authorId, created)
DROP INDEX "public"."Post_authorId_created_idx";

-- DropIndex
DROP INDEX "public"."one_slug";

-- AlterEnum
ALTER TYPE "public"."levels" RENAME TO "levels_old";
CREATE TYPE "public"."levels" AS ENUM ('LOW', 'mid-dle', 'TOP');
ALTER TABLE "public"."people" ALTER COLUMN "level" DROP DEFAULT;
ALTER TABLE "public"."people" ALTER COLUMN "level" TYPE "public"."levels" USING ("level"::text::"public"."levels");
ALTER TABLE "public"."people" ALTER COLUMN "level" SET DEFAULT 'TOP';
DROP TYPE "public"."levels_old";

-- AlterTable
-- loses 3 values of public.people.nick_name
ALTER TABLE "public"."people" DROP COLUMN "nick_name";

-- AlterTable
-- loses 2 values of public.people.colours
ALTER TABLE "public"."people" DROP COLUMN "colours";

-- AlterTable
-- loses 3 values of public.people.balance
ALTER TABLE "public"."people" DROP COLUMN "balance";

-- AlterTable
-- loses 3 values of public.people.big
ALTER TABLE "public"."people" DROP COLUMN "big";

-- AlterTable
-- loses 3 values of public.people.active
ALTER TABLE "public"."people" DROP COLUMN "active";

-- AlterTable
-- loses 2 values of public.people.wakes
ALTER TABLE "public"."people" DROP COLUMN "wakes";

-- AlterTable
-- loses 3 values of public.people.seen
ALTER TABLE "public"."people" DROP COLUMN "seen";

-- AlterTable
-- loses 3 values of public.people.changed
ALTER TABLE "public"."people" DROP COLUMN "changed";

-- AlterTable
-- loses 3 values of public.people.settings
ALTER TABLE "public"."people" DROP COLUMN "settings";

-- AlterTable
-- loses 2 values of public.people.photo
ALTER TABLE "public"."people" DROP COLUMN "photo";

-- AlterTable
-- loses 2 values of public.people.numbers
ALTER TABLE "public"."people" DROP COLUMN "numbers";

-- AlterTable
-- loses 3 values of public.people.token
ALTER TABLE "public"."people" DROP COLUMN "token";

-- AlterTable
-- loses 2 values of public.people.address
ALTER TABLE "public"."people" DROP COLUMN "address";

-- AlterTable
-- loses 2 values of public.people.place
ALTER TABLE "public"."people" DROP COLUMN "place";

-- AlterTable
-- loses 2 values of public.people.hidden
ALTER TABLE "public"."people" DROP COLUMN "hidden";

-- AlterTable
-- loses 2 values of public.people.bossId
ALTER TABLE "public"."people" DROP COLUMN "bossId";

-- AlterTable
ALTER TABLE "public"."people" ADD COLUMN "added" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "public"."people" ALTER COLUMN "name" SET DATA TYPE VARCHAR(20),
ALTER COLUMN "name" SET NOT NULL;

-- AlterTable
ALTER TABLE "public"."people" ALTER COLUMN "score" SET DATA TYPE INTEGER,
ALTER COLUMN "score" SET DEFAULT 2;

-- AlterTable
ALTER TABLE "public"."people" ALTER COLUMN "born" SET DATA TYPE TIMESTAMP(3);

-- AlterTable
ALTER TABLE "public"."people" ALTER COLUMN "tags" SET DATA TYPE TEXT,
ALTER COLUMN "tags" SET NOT NULL,
ALTER COLUMN "tags" SET DEFAULT 'none';

-- AlterTable
-- loses 3 values of public.Post.slug
ALTER TABLE "public"."Post" DROP COLUMN "slug";

-- AlterTable
-- loses 3 values of public.Post.number
ALTER TABLE "public"."Post" DROP COLUMN "number";

-- AlterTable
-- loses 3 values of public.Post.created
ALTER TABLE "public"."Post" DROP COLUMN "created";

-- AlterTable
ALTER TABLE "public"."Post" ALTER COLUMN "authorId" DROP NOT NULL;

-- DropTable
-- loses 3 rows of public.Group
DROP TABLE "public"."Group";

-- DropTable
-- loses 3 rows of public.Legacy
DROP TABLE "public"."Legacy";

-- DropTable
DROP TABLE "public"."Profile";

-- DropTable
-- loses 3 rows of public.Review
DROP TABLE "public"."Review";

-- DropTable
-- loses 3 rows of public._GroupToPerson
DROP TABLE "public"."_GroupToPerson";

-- DropTable
-- loses 3 rows of public._friends
DROP TABLE "public"."_friends";

-- DropEnum
DROP TYPE "public"."Colour";

-- CreateIndex
CREATE INDEX "people_name_idx" ON "public"."people"("name");

-- AddForeignKey
ALTER TABLE "public"."Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "public"."people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "public"."people_email_key" RENAME TO "one_email";

COMMIT;
