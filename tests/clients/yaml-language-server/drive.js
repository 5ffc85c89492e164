// Asks yaml-language-server over its own protocol; the questions come on stdin, the answers on stdout.
"use strict";

const { spawn } = require("node:child_process");
const path = require("node:path");

const { root, settings, documents, questions } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const server = spawn(
  process.execPath,
  [path.join(__dirname, "node_modules/yaml-language-server/bin/yaml-language-server"), "--stdio"],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const waiting = new Map();
const told = new Map();
let last = 0;

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  server.stdin.write(body);
}

function ask(method, params) {
  const id = ++last;
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

function diagnostics(uri) {
  return new Promise((resolve) => told.set(uri, resolve));
}

function received(message) {
  if (message.method === "workspace/configuration") {
    send({ id: message.id, result: message.params.items.map(({ section }) => settings[section] ?? {}) });
  } else if (message.method === "textDocument/publishDiagnostics") {
    told.get(message.params.uri)?.(message.params.diagnostics);
  } else if (message.method && message.id !== undefined) {
    send({ id: message.id, result: null });
  } else if (message.id !== undefined) {
    waiting.get(message.id)?.(message.result ?? message.error ?? null);
  }
}

let buffer = Buffer.alloc(0);
server.stdout.on("data", (part) => {
  buffer = Buffer.concat([buffer, part]);
  for (;;) {
    const end = buffer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end))[1]);
    if (buffer.length < end + 4 + length) return;
    received(JSON.parse(buffer.subarray(end + 4, end + 4 + length)));
    buffer = buffer.subarray(end + 4 + length);
  }
});

async function main() {
  await ask("initialize", {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: "project" }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: { completion: { completionItem: { snippetSupport: true } } },
    },
  });
  send({ method: "initialized", params: {} });
  send({ method: "workspace/didChangeConfiguration", params: { settings } });
  const opened = Object.entries(documents).map(async ([uri, text]) => {
    const found = diagnostics(uri);
    send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri, languageId: "yaml", version: 1, text } },
    });
    return [uri, await found];
  });
  const findings = Object.fromEntries(await Promise.all(opened));
  const answers = [];
  for (const { method, uri, position } of questions) {
    answers.push(await ask(`textDocument/${method}`, { textDocument: { uri }, position }));
  }
  process.stdout.write(JSON.stringify({ findings, answers }));
  server.kill();
}

main();
