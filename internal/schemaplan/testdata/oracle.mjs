// Asks real Prisma's schema engine, one question a line, in one long-lived process: a JSON object on stdin is answered by
// a JSON object on stdout. The engine is found in $PRISMA_ORACLE (default ~/.cache/prisma-oracle).
//   {"do":"push","schema":TEXT,"url":URL,"force":BOOL} -> {"steps":N,"warnings":[…],"unexecutable":[…]} or {"error":TEXT}
//   {"do":"sql","schema":TEXT,"url":URL}               -> {"sql":TEXT}: what db push would run on that database now
//   {"do":"ddl","schema":TEXT}                         -> {"sql":TEXT}: from an empty database
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const home = process.env.PRISMA_ORACLE || path.join(os.homedir(), '.cache', 'prisma-oracle')
const engine = path.join(home, 'sew', '6190', 'package')
const { fixFactory } = await import(pathToFileURL(path.join(home, 'fixpg.mjs')))
const require = createRequire(path.join(home, 'v6', 'x.js'))
const { PrismaPg } = require('@prisma/adapter-pg')
const { bindMigrationAwareSqlAdapterFactory } = require('@prisma/driver-adapter-utils')

let panic = ''
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: m => { panic = m } }

// A panic leaves the engine's memory unusable: it is loaded again after one.
const wasm = new WebAssembly.Module(fs.readFileSync(path.join(engine, 'schema_engine_bg.wasm')))
let generation = 0
async function load() {
  const glue = await import(pathToFileURL(path.join(engine, 'schema_engine_bg.js')) + '?g=' + generation++)
  const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue.SchemaEngine
}
let SchemaEngine = await load()

const stub = () => {
  const adapter = {
    provider: 'postgres', adapterName: 'stub',
    queryRaw: async () => ({ columnNames: ['exists', 'version', 'numeric_version'], columnTypes: [5, 7, 0], rows: [[true, 'PostgreSQL 16.14', 160014]] }),
    executeRaw: async () => 0, executeScript: async () => {},
    startTransaction: async () => { throw new Error('no database') },
    getConnectionInfo: () => ({ schemaName: undefined, supportsRelationJoins: true }), dispose: async () => {},
  }
  return { provider: 'postgres', adapterName: 'stub', connect: async () => adapter, connectToShadowDb: async () => adapter }
}
let open = [] // what must be closed again: the engine itself leaves its connections to the process's end
const adapterFor = url => {
  if (!url) return bindMigrationAwareSqlAdapterFactory(stub())
  const u = new URL(url)
  const schema = u.searchParams.get('schema') ?? undefined
  u.searchParams.delete('schema')
  const factory = fixFactory(new PrismaPg({ connectionString: u.toString(), max: 2 }, { schema }))
  const connect = factory.connect.bind(factory)
  factory.connect = async () => { const a = await connect(); open.push(a); return a }
  return bindMigrationAwareSqlAdapterFactory(factory)
}
const filters = { externalTables: [], externalEnums: [] }

async function answer(q) {
  const name = '/schema.prisma'
  const container = { files: [{ path: name, content: q.schema }] }
  const e = await SchemaEngine.new({ datamodels: [[name, q.schema]] }, () => {}, adapterFor(q.url))
  try {
    if (q.do === 'push') {
      const r = await e.schemaPush({ force: !!q.force, schema: container, filters })
      return { steps: r.executedSteps, warnings: r.warnings, unexecutable: r.unexecutable }
    }
    const from = q.do === 'ddl' ? { tag: 'empty' } : { tag: 'schemaDatasource', ...container, configDir: home }
    const r = await e.diff({ from, to: { tag: 'schemaDatamodel', ...container }, script: true, exitCode: null, shadowDatabaseUrl: null, filters })
    return { sql: r.stdout ?? '' }
  } finally {
    for (const a of open.splice(0)) try { await a.dispose() } catch {}
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  if (!line.trim()) continue
  panic = ''
  let out
  try { out = await answer(JSON.parse(line)) } catch (x) {
    out = { error: (panic || (x?.message ?? String(x))).replace(/\x1b\[[0-9;]*m/g, '') }
    if (panic || x instanceof WebAssembly.RuntimeError) SchemaEngine = await load()
  }
  process.stdout.write(JSON.stringify(out) + '\n')
}
process.exit(0)
