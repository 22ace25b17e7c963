// `npm run sim -- --seed N`: one world, or `--count N` of them from a seed on. Prints what happened; a failure prints its seed.

import { parseArgs } from "node:util"
import { runWorld } from "./world.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    deeds: { type: "string", default: "300" },
    accounts: { type: "string", default: "5" },
    devices: { type: "string", default: "1" },
  },
})

const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.count); seed++) {
  try {
    const report = await runWorld({
      seed,
      accounts: Number(values.accounts),
      devices: Number(values.devices),
      deedCount: Number(values.deeds),
    })
    process.stdout.write(`${JSON.stringify(report)}\n`)
  } catch (error) {
    process.stdout.write(
      `npm run sim -- --seed ${seed} --deeds ${values.deeds} --accounts ${values.accounts} --devices ${values.devices}\n`,
    )
    throw error
  }
}
