#!/usr/bin/env node
import { launch } from "../../../scripts/launch.mjs"

await launch("nodoor-server", new URL("../src/main.ts", import.meta.url))
