// Checks that all texts that the page displays are in src/texts.ts, so that translating this module translates the page.
//
//     npm run texts

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parseSync } from "vite";

const FOLDER = fileURLToPath(new URL("src/", import.meta.url));
const EXCLUDED = ["texts.ts", "messages.js", "messages.d.ts", "api-types.ts"];
const TEXT_ATTRIBUTES = ["alt", "aria-description", "aria-label", "aria-roledescription", "label", "placeholder", "title"];
const NOT_TRANSLATED = ["imagemood", "POST"];
const SENTENCE = /^\p{Lu}\p{L}*,? \p{L}/u; // in any other string: a capital letter, and a second word

const isText = (value) => /\p{L}/u.test(value) && !NOT_TRANSLATED.includes(value.trim());

/** Yield the nodes with a text that an expression displays. */
function* displayedTexts(node) {
  switch (node?.type) {
    case "Literal":
      if (typeof node.value === "string" && isText(node.value)) yield node;
      break;
    case "TemplateLiteral":
      if (node.quasis.some(({ value }) => isText(value.cooked))) yield node;
      for (const expression of node.expressions) yield* displayedTexts(expression);
      break;
    case "ConditionalExpression":
      yield* displayedTexts(node.consequent);
      yield* displayedTexts(node.alternate);
      break;
    case "LogicalExpression":
      yield* displayedTexts(node.left);
      yield* displayedTexts(node.right);
      break;
    case "BinaryExpression":
      if (node.operator !== "+") break;
      yield* displayedTexts(node.left);
      yield* displayedTexts(node.right);
      break;
    case "JSXExpressionContainer":
      yield* displayedTexts(node.expression);
  }
}

/** Yield the nodes with a text for users in a syntax tree. */
function* texts(node) {
  if (Array.isArray(node)) for (const child of node) yield* texts(child);
  if (typeof node?.type !== "string") return;
  if (node.type === "JSXElement" || node.type === "JSXFragment") {
    for (const child of node.children) {
      if (child.type === "JSXText" && isText(child.value)) yield child;
      yield* displayedTexts(child);
    }
  } else if (node.type === "JSXAttribute" && TEXT_ATTRIBUTES.includes(node.name.name)) yield* displayedTexts(node.value);
  else if (node.type === "Literal" && SENTENCE.test(String(node.value))) yield node;
  else if (node.type === "TemplateLiteral" && node.quasis.some(({ value }) => SENTENCE.test(value.cooked))) yield node;
  else if (node.type === "ImportDeclaration") return;
  for (const [key, child] of Object.entries(node)) if (key !== "parent" && typeof child === "object") yield* texts(child);
}

const problems = [];
for (const file of readdirSync(FOLDER).sort()) {
  if (!/\.tsx?$/.test(file) || EXCLUDED.includes(file)) continue;
  const source = readFileSync(FOLDER + file, "utf8");
  const { program, errors } = parseSync(file, source);
  if (errors.length) throw new Error(`${file}: ${errors[0].message}`);
  const starts = [...new Set(Array.from(texts(program), ({ start }) => start))].sort((a, b) => a - b);
  for (const start of starts) {
    const at = start + /^\s*/.exec(source.slice(start))[0].length;
    const line = source.slice(0, at).split("\n").length;
    problems.push(`src/${file}:${line}: ${source.slice(at).split("\n")[0].slice(0, 80)}`);
  }
}
if (problems.length) {
  console.error(`Move these texts to src/texts.ts:\n${problems.join("\n")}`);
  process.exitCode = 1;
}
