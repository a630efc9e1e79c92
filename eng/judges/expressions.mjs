// Evaluates expressions with GitHub's own package: node expressions.mjs FOLDER <in.json >out.json
// in: {"contexts": {…}, "expressions": ["…"]}; out: [{"value": "kind text"} | {"problem": "…", "offset": n}]
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = pathToFileURL(`${process.argv[2]}/node_modules/@actions/expressions/dist/`);
const load = (file) => import(new URL(file, root));
const { Lexer, Parser, Evaluator } = await load("index.js");
const { reviver, Kind } = await load("data/index.js");
const { falsy } = await load("result.js");
const { wellKnownFunctions } = await load("funcs.js");

const input = JSON.parse(readFileSync(0, "utf8"));
const contexts = JSON.parse(JSON.stringify(input.contexts), reviver);
const names = Object.keys(input.contexts);

function answer(expression) {
  try {
    const tree = new Parser(new Lexer(expression).lex().tokens, names, []).parse();
    const value = new Evaluator(tree, contexts).evaluate();
    const text = value.primitive ? JSON.stringify(value.coerceString()) : JSON.stringify(wellKnownFunctions.tojson.call(value).coerceString());
    return { value: `${Kind[value.kind]} ${text}${falsy(value) ? "" : " true"}` };
  } catch (error) {
    const place = / Located at position (\d+) within/.exec(error.message);
    if (place) return { problem: error.message.slice(0, place.index).replace(/\.$/, ""), offset: Number(place[1]) - 1 };
    if (error.pos) return { problem: error.message, offset: error.pos.column };
    return { failed: error.message };
  }
}

process.stdout.write(JSON.stringify(input.expressions.map(answer)));
