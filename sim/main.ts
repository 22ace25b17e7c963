// `npm run sim -- --seed N`: one world, or `--count N` of them from a seed on. Prints what happened; a failure prints its seed.

import { parseArgs } from "node:util"
import { runWorld } from "./world.ts"

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1" },
    deeds: { type: "string", default: "300" },
    devices: { type: "string", default: "5" },
  },
})

const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.count); seed++) {
  try {
    const report = await runWorld({ seed, deviceCount: Number(values.devices), deedCount: Number(values.deeds) })
    process.stdout.write(`${JSON.stringify(report)}\n`)
  } catch (error) {
    process.stdout.write(`npm run sim -- --seed ${seed} --deeds ${values.deeds} --devices ${values.devices}\n`)
    throw error
  }
}
