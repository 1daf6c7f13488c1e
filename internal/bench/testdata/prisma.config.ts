// The real Prisma command without native programs: its engine and its driver are JavaScript and WebAssembly. The
// driver of this version can't read the catalogue's types "name" and "char"; the reference engine's folder has the
// remedy. The database is named by its parts, since a URL would win over the shadow database's name, and the session
// that the drop of that database ends is not a fault.
import { defineConfig } from 'prisma/config'
import { PrismaPg } from '@prisma/adapter-pg'

const url = new URL(process.env.DATABASE_URL!)

process.on('uncaughtException', (fault: any) => {
  if (fault?.code === '57P01') return
  console.error(fault)
  process.exit(1)
})

export default defineConfig({
  schema: process.env.SCHEMA_FILE,
  migrations: { path: process.env.MIGRATIONS },
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => {
    const { fixFactory } = await import(process.env.PRISMA_ORACLE + '/fixpg.mjs')
    return fixFactory(new PrismaPg({
      host: url.hostname, port: Number(url.port), user: url.username, password: url.password, database: url.pathname.slice(1), allowExitOnIdle: true,
    }))
  },
})
