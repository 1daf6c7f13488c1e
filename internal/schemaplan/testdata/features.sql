BEGIN;

-- CreateEnum
CREATE TYPE "public"."levels" AS ENUM ('LOW', 'mid-dle', 'HIGH');

-- CreateEnum
CREATE TYPE "public"."Colour" AS ENUM ('RED', 'GREEN', 'BLUE');

-- CreateTable
CREATE TABLE "public"."people" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "name" VARCHAR(80),
    "nick_name" TEXT NOT NULL DEFAULT 'nobody''s',
    "level" "public"."levels" NOT NULL DEFAULT 'mid-dle',
    "colours" "public"."Colour"[] DEFAULT ARRAY['RED', 'BLUE']::"public"."Colour"[],
    "score" DOUBLE PRECISION NOT NULL DEFAULT 1.50,
    "balance" DECIMAL(12,2) NOT NULL DEFAULT 0.00,
    "big" BIGINT NOT NULL DEFAULT -9223372036854775808,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "born" DATE,
    "wakes" TIME(0),
    "seen" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "changed" TIMESTAMP(3) NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{"a": [1, 2]}',
    "photo" BYTEA,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "numbers" INTEGER[],
    "token" UUID NOT NULL DEFAULT gen_random_uuid(),
    "address" INET,
    "place" point,
    "hidden" TEXT,
    "bossId" INTEGER,

    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "public"."Profile" (
    "personId" INTEGER NOT NULL,
    "bio" TEXT NOT NULL DEFAULT 'line one
line two',

    CONSTRAINT "profile pk" PRIMARY KEY ("personId")
);

-- CreateTable
CREATE TABLE "public"."Post" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "authorId" INTEGER NOT NULL,
    "created" TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05.120 +00:00',

    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "public"."Review" (
    "postId" UUID NOT NULL,
    "personId" INTEGER NOT NULL,
    "stars" SMALLINT NOT NULL DEFAULT 3,
    "text" TEXT,

    CONSTRAINT "Review_pkey" PRIMARY KEY ("postId","personId")
);

-- CreateTable
CREATE TABLE "public"."Group" (
    "name" TEXT NOT NULL,

    CONSTRAINT "Group_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "public"."Legacy" (
    "code" INTEGER NOT NULL,
    "value" TEXT
);

-- CreateTable
CREATE TABLE "public"."_GroupToPerson" (
    "A" TEXT NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_GroupToPerson_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateTable
CREATE TABLE "public"."_friends" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_friends_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "people_email_key" ON "public"."people"("email");

-- CreateIndex
CREATE INDEX "people_seen_id_idx" ON "public"."people"("seen" DESC, "id");

-- CreateIndex
CREATE INDEX "people_settings_idx" ON "public"."people" USING GIN ("settings" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "person level hash" ON "public"."people" USING HASH ("level");

-- CreateIndex
CREATE UNIQUE INDEX "people_name_level_key" ON "public"."people"("name", "level");

-- CreateIndex
CREATE UNIQUE INDEX "one_slug" ON "public"."Post"("slug");

-- CreateIndex
CREATE INDEX "Post_authorId_created_idx" ON "public"."Post"("authorId", "created");

-- CreateIndex
CREATE INDEX "review_search" ON "public"."Review"("stars", "text" text_pattern_ops);

-- CreateIndex
CREATE UNIQUE INDEX "Legacy_value_key" ON "public"."Legacy"("value");

-- CreateIndex
CREATE INDEX "_GroupToPerson_B_index" ON "public"."_GroupToPerson"("B");

-- CreateIndex
CREATE INDEX "_friends_B_index" ON "public"."_friends"("B");

-- AddForeignKey
ALTER TABLE "public"."people" ADD CONSTRAINT "people_bossId_fkey" FOREIGN KEY ("bossId") REFERENCES "public"."people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."Profile" ADD CONSTRAINT "profile of person" FOREIGN KEY ("personId") REFERENCES "public"."people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "public"."people"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "public"."Review" ADD CONSTRAINT "Review_postId_fkey" FOREIGN KEY ("postId") REFERENCES "public"."Post"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."Review" ADD CONSTRAINT "Review_personId_fkey" FOREIGN KEY ("personId") REFERENCES "public"."people"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "public"."_GroupToPerson" ADD CONSTRAINT "_GroupToPerson_A_fkey" FOREIGN KEY ("A") REFERENCES "public"."Group"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_GroupToPerson" ADD CONSTRAINT "_GroupToPerson_B_fkey" FOREIGN KEY ("B") REFERENCES "public"."people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_friends" ADD CONSTRAINT "_friends_A_fkey" FOREIGN KEY ("A") REFERENCES "public"."people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_friends" ADD CONSTRAINT "_friends_B_fkey" FOREIGN KEY ("B") REFERENCES "public"."people"("id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMIT;
