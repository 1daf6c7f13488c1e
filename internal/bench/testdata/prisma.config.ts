// The real Prisma command without native programs: its engine and its driver are JavaScript and WebAssembly. The
// driver of this version can't read the catalogue's types "name" and "char"; the reference engine's folder has the
// remedy.
import { defineConfig } from 'prisma/config'
import { PrismaPg } from '@prisma/adapter-pg'

export default defineConfig({
  schema: process.env.SCHEMA_FILE,
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => {
    const { fixFactory } = await import(process.env.PRISMA_ORACLE + '/fixpg.mjs')
    return fixFactory(new PrismaPg({ connectionString: process.env.DATABASE_URL!, allowExitOnIdle: true }))
  },
})
