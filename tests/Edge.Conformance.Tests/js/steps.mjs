// Runs named steps one after the other and prints a line of JSON for each: what the test reads.
import assert from 'node:assert/strict'

export { assert }

const tell = error => [String(error?.stack ?? error), ...(error?.errors ?? []).map(tell), ...(error?.cause ? [tell(error.cause)] : [])].join('\n')

export async function run(steps) {
  let failed = 0
  for (const [operation, step] of Object.entries(steps)) {
    let timer
    try {
      const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('not done within 30 s')), 30_000) })
      await Promise.race([step(), late])
      console.log(JSON.stringify({ operation, ok: true }))
    } catch (error) {
      failed++
      console.log(JSON.stringify({ operation, ok: false, detail: tell(error).slice(0, 3000) }))
    } finally {
      clearTimeout(timer)
    }
  }
  process.exit(failed === 0 ? 0 : 1)
}
