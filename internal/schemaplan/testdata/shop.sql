BEGIN;

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "sales";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "stock-room";

-- CreateEnum
CREATE TYPE "sales"."Status" AS ENUM ('OPEN', 'PAID', 'SENT', 'LOST');

-- CreateEnum
CREATE TYPE "stock-room"."unit" AS ENUM ('PIECE', 'KILO');

-- CreateTable
CREATE TABLE "public"."Customer" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "phone" TEXT,
    "since" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Customer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sales"."orders" (
    "id" SERIAL NOT NULL,
    "customerId" INTEGER NOT NULL,
    "status" "sales"."Status" NOT NULL DEFAULT 'OPEN',
    "history" "sales"."Status"[] DEFAULT ARRAY['OPEN']::"sales"."Status"[],
    "total" DECIMAL(10,2) NOT NULL DEFAULT 0,
    "note" VARCHAR(200),
    "placed" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sales"."Line" (
    "orderId" INTEGER NOT NULL,
    "itemId" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "price" DOUBLE PRECISION,

    CONSTRAINT "Line_pkey" PRIMARY KEY ("orderId","itemId")
);

-- CreateTable
CREATE TABLE "stock-room"."items" (
    "id" BIGSERIAL NOT NULL,
    "sku" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "unit" "stock-room"."unit" NOT NULL DEFAULT 'PIECE',
    "weight" INTEGER,
    "extra" JSONB,
    "active" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stock-room"."Part" (
    "itemId" BIGINT NOT NULL,
    "code" TEXT NOT NULL,
    "made" TIMESTAMP(3),

    CONSTRAINT "Part_pkey" PRIMARY KEY ("itemId","code")
);

-- CreateTable
CREATE TABLE "public"."_CustomerToItem" (
    "A" INTEGER NOT NULL,
    "B" BIGINT NOT NULL,

    CONSTRAINT "_CustomerToItem_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE UNIQUE INDEX "Customer_email_key" ON "public"."Customer"("email");

-- CreateIndex
CREATE INDEX "orders_customerId_status_idx" ON "sales"."orders"("customerId", "status");

-- CreateIndex
CREATE INDEX "orders_placed_idx" ON "sales"."orders"("placed" DESC);

-- CreateIndex
CREATE INDEX "Line_itemId_idx" ON "sales"."Line"("itemId");

-- CreateIndex
CREATE UNIQUE INDEX "items_sku_key" ON "stock-room"."items"("sku");

-- CreateIndex
CREATE UNIQUE INDEX "items_title_unit_key" ON "stock-room"."items"("title", "unit");

-- CreateIndex
CREATE INDEX "_CustomerToItem_B_index" ON "public"."_CustomerToItem"("B");

-- AddForeignKey
ALTER TABLE "sales"."orders" ADD CONSTRAINT "orders_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "public"."Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sales"."Line" ADD CONSTRAINT "Line_orderId_fkey" FOREIGN KEY ("orderId") REFERENCES "sales"."orders"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sales"."Line" ADD CONSTRAINT "Line_itemId_fkey" FOREIGN KEY ("itemId") REFERENCES "stock-room"."items"("sku") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock-room"."Part" ADD CONSTRAINT "Part_itemId_fkey" FOREIGN KEY ("itemId") REFERENCES "stock-room"."items"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_CustomerToItem" ADD CONSTRAINT "_CustomerToItem_A_fkey" FOREIGN KEY ("A") REFERENCES "public"."Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_CustomerToItem" ADD CONSTRAINT "_CustomerToItem_B_fkey" FOREIGN KEY ("B") REFERENCES "stock-room"."items"("id") ON DELETE CASCADE ON UPDATE CASCADE;

COMMIT;
