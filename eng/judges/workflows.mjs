// Reads workflow files with GitHub's own package: node workflows.mjs FOLDER <in.json >out.json
// in: [{"name": "ci.yaml", "content": "…"}]; out: [[{"line": n, "message": "…"}]] (empty: the file is good)
import { readFileSync } from "node:fs";
import { register } from "node:module";
import { pathToFileURL } from "node:url";

// The package imports JSON without saying so, which node refuses.
const hook = `import { readFileSync } from "node:fs";
export function load(url, context, next) {
  return url.endsWith(".json")
    ? { format: "module", shortCircuit: true, source: "export default " + readFileSync(new URL(url), "utf8") }
    : next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const root = pathToFileURL(`${process.argv[2]}/node_modules/@actions/workflow-parser/dist/`);
const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import(new URL("index.js", root));
const trace = NoOperationTraceWriter ? new NoOperationTraceWriter() : { error() {}, info() {}, verbose() {} };

const answers = [];
for (const file of JSON.parse(readFileSync(0, "utf8"))) {
  const result = parseWorkflow(file, trace);
  if (result.value) await convertWorkflowTemplate(result.context, result.value);
  answers.push(result.context.errors.getErrors().map((e) => ({ line: e.range?.start?.line ?? 0, message: e.rawMessage })));
}

process.stdout.write(JSON.stringify(answers));
